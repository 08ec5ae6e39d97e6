"""The bytes that a journal row's hash covers; docs/journal.md is the same text for auditors.

Canonical form: RFC 8785 (JSON Canonicalization Scheme) restricted to null, booleans, integers below 2^53, strings,
lists and objects with ASCII keys. Within this subset sorted keys and minimal separators already are RFC 8785,
so any implementation of it can recompute a row. Numbers with a fraction are written as text.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any
from uuid import UUID

import orjson

from plantwright.core.clock import iso_utc
from plantwright.core.text import storable

GENESIS = bytes(32)
_LARGEST_INTEGER = 2**53 - 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Link:
    """The hashed fields of one row."""

    tenant_id: UUID
    sequence: int
    prev_hash: bytes
    actor_id: UUID | None
    action: str
    resource_type: str
    resource_id: str
    payload: Mapping[str, Any]
    created_at: datetime

    def canonical(self) -> bytes:
        return orjson.dumps(
            {
                "tenant_id": str(self.tenant_id),
                "sequence": self.sequence,
                "prev_hash": self.prev_hash.hex(),
                "actor_id": None if self.actor_id is None else str(self.actor_id),
                "action": self.action,
                "resource_type": self.resource_type,
                "resource_id": self.resource_id,
                "payload": self.payload,
                "created_at": iso_utc(self.created_at),
            },
            option=orjson.OPT_SORT_KEYS,
        )

    def row_hash(self, key: bytes) -> bytes:
        """HMAC-SHA256 over the canonical bytes."""
        return hmac.digest(key, self.canonical(), "sha256")


def tenant_key(master: bytes, tenant_id: UUID) -> bytes:
    """A key per tenant, so that one tenant's key can be shown to an auditor without opening the others."""
    return hmac.digest(master, b"journal:" + tenant_id.bytes, "sha256")


def seal(key: bytes, tenant_id: UUID, sequence: int, row_hash: bytes) -> bytes:
    """Ties the head of a chain to its length."""
    return hmac.digest(key, b"head:" + tenant_id.bytes + sequence.to_bytes(8, "big") + row_hash, hashlib.sha256)


def to_payload(value: Any) -> Any:  # noqa: C901, PLR0911 - one branch per kind of JSON value
    """What may stand in a payload: floats become their shortest round-trip text, times RFC 3339, ids text.

    Raises:
        TypeError: a value that has no canonical form.
        ValueError: an integer that JSON readers would round, a time without zone, or a key outside printable ASCII.
    """
    match value:
        case None | bool():
            return value
        case Enum():
            return str(value.value)
        case str():
            return storable(value)
        case int():
            if abs(value) > _LARGEST_INTEGER:
                raise ValueError(f"{value} does not fit into JSON exactly")
            return value
        case float():
            # Of the base class, because numpy's own floats print their type too.
            return float.__repr__(value)
        case datetime():
            if value.tzinfo is None:
                raise ValueError(f"{value} has no time zone")
            return iso_utc(value)
        case UUID():
            return str(value)
        case Mapping():
            return {_ascii(key): to_payload(item) for key, item in value.items()}
        case Sequence() if not isinstance(value, bytes):
            return [to_payload(item) for item in value]
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _ascii(key: Any) -> str:
    if not isinstance(key, str) or not key.isascii() or not key.isprintable():
        raise ValueError(f"payload key {key!r} is not printable ASCII text")
    return str(key)
