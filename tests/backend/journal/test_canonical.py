"""The canonical form, against the text that auditors read and against libraries that are not ours."""

import hashlib
import hmac
import json
import re
from datetime import UTC, datetime, timedelta, timezone
from enum import IntEnum, StrEnum
from pathlib import Path
from typing import Any
from uuid import UUID

import asyncpg
import numpy as np
import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from plantwright.core.settings import Settings
from plantwright.journal.canonical import GENESIS, Link, seal, tenant_key, to_payload

DOCUMENT = Path(__file__).parents[3] / "docs" / "journal.md"


def blocks(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)


@pytest.fixture(scope="module")
def example() -> dict[str, Any]:
    """The names that the worked example of the document defines, after its own assertions held."""
    (program,) = blocks("python")
    names: dict[str, Any] = {}
    exec(compile(program, str(DOCUMENT), "exec"), names)  # noqa: S102 - a text of this repository
    return names


def link(row: dict[str, Any]) -> Link:
    return Link(
        tenant_id=UUID(row["tenant_id"]),
        sequence=row["sequence"],
        prev_hash=bytes.fromhex(row["prev_hash"]),
        actor_id=UUID(row["actor_id"]) if row["actor_id"] else None,
        action=row["action"],
        resource_type=row["resource_type"],
        resource_id=row["resource_id"],
        payload=row["payload"],
        created_at=datetime.fromisoformat(row["created_at"]),
    )


def independent(row: dict[str, Any]) -> bytes:
    return json.dumps(row, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def test_the_worked_example_is_what_the_product_computes(example: dict[str, Any]) -> None:
    key = tenant_key(example["master_key"], example["tenant_id"])
    assert key == example["key"]
    for row in (example["first"], example["second"]):
        assert link(row).canonical() == independent(row)
        assert link(row).row_hash(key).hex() == example["row_hash"](row)
    assert link(example["first"]).prev_hash == GENESIS
    newest = bytes.fromhex(example["row_hash"](example["second"]))
    assert seal(key, example["tenant_id"], 2, newest).hex() == example["seal"]


def test_the_canonical_text_in_the_document_is_that_of_the_first_row(example: dict[str, Any]) -> None:
    assert blocks("json")[0].strip().encode() == link(example["first"]).canonical()


def test_the_checkpoint_in_the_document_has_a_right_seal(example: dict[str, Any]) -> None:
    line = json.loads(blocks("json")[1])
    covered = b"checkpoint:" + example["tenant_id"].bytes + (2).to_bytes(8, "big")
    covered += bytes.fromhex(line["row_hash"]) + line["at"].encode()
    assert hmac.new(example["key"], covered, hashlib.sha256).hexdigest() == line["seal"]


KEYS = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=8)
FLOATS = st.floats() | st.sampled_from([1e-7, -0.0, 0.1, 1e16, 1e22, 5e-324, 1.7976931348623157e308])
LEAVES = (
    st.none()
    | st.booleans()
    | st.integers(-(2**53) + 1, 2**53 - 1)
    | st.sampled_from([2**53 - 1, -(2**53) + 1])
    | FLOATS
    | st.text()
    | st.text(st.characters(codec=None), max_size=6)
    | st.sampled_from(["\x00", "\ud800", "\u2028", "\x7f", "\U0001f527", "e\u0301", '"\\/\b\f\n\r\t\x1f'])
    | st.uuids()
    | st.datetimes(timezones=st.just(UTC))
)
PAYLOADS = st.dictionaries(
    KEYS, st.recursive(LEAVES, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(KEYS, inner, max_size=4))
)


def a_link(payload: Any) -> Link:
    return Link(
        tenant_id=UUID(int=7),
        sequence=1,
        prev_hash=GENESIS,
        actor_id=None,
        action="test.noted",
        resource_type="test",
        resource_id="1",
        payload=payload,
        created_at=datetime(2026, 3, 1, tzinfo=UTC),
    )


@pytest.fixture
async def postgres(settings: Settings) -> Any:
    connection = await asyncpg.connect(settings.owner_url())
    yield connection
    await connection.close()


@given(payload=PAYLOADS)
@hypothesis_settings(
    max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
)
async def test_every_payload_survives_the_database_with_the_same_bytes(payload: Any, postgres: Any) -> None:
    accepted = to_payload(payload)
    stored = json.loads(await postgres.fetchval("SELECT $1::jsonb::text", json.dumps(accepted)))
    assert a_link(stored).canonical() == a_link(accepted).canonical()
    assert independent(json.loads(a_link(accepted).canonical())) == a_link(accepted).canonical()


@pytest.mark.parametrize("value", [0.1, 1e-7, -0.0, 5e-324, 1 / 3, 123456789.125, float("inf")])
def test_a_number_with_a_fraction_reads_back_exactly(value: float) -> None:
    text = to_payload(value)
    assert isinstance(text, str)
    assert (float(text), text.startswith("-")) == (value, str(value).startswith("-"))


def test_numbers_of_numpy_are_written_like_any_other() -> None:
    assert to_payload(np.float64(0.1)) == "0.1"


def test_times_ids_and_names_become_text() -> None:
    class Colour(StrEnum):
        RED = "red"

    class Level(IntEnum):
        HIGH = 3

    noon = datetime(2026, 3, 1, 12, tzinfo=timezone(timedelta(hours=2)))
    payload = {"at": noon, "id": UUID(int=1), "colour": Colour.RED, "level": Level.HIGH, Colour.RED: (1, True)}
    assert to_payload(payload) == {
        "at": "2026-03-01T10:00:00.000000Z",
        "id": "00000000-0000-0000-0000-000000000001",
        "colour": "red",
        "level": "3",
        "red": [1, True],
    }


@pytest.mark.parametrize(
    "value",
    [
        2**53,
        -(2**53),
        b"bytes",
        {1, 2},
        object(),
        {"naïve": 1},
        {"\x00": 1},
        {1: 1},
        datetime(2026, 3, 1),  # noqa: DTZ001 - the refusal of a time without zone is tested
        np.int64(3),
    ],
)
def test_what_has_no_canonical_form_is_refused(value: Any) -> None:
    with pytest.raises((TypeError, ValueError)):
        to_payload({"nested": [value]})
