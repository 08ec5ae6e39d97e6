"""What every channel takes and gives."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar, Protocol
from uuid import UUID

from plantwright.core.outbound import Outbound


@dataclass(frozen=True, slots=True, kw_only=True)
class Message:
    """One delivery, in the channel's language.

    `delivery_id` stays the same over retries. `sequence` counts the deliveries of a channel. `dedup_key` is the same
    for everything about one alert. `payload` is the body of the documented webhook. `sent_at` is the time of this
    attempt.
    """

    delivery_id: UUID
    event: str
    subject: str
    text: str
    html: str | None
    severity: str | None
    link: str | None
    payload: Mapping[str, Any]
    dedup_key: str
    sequence: int
    language: str
    sent_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an attempt ended.

    `status` is a short word or number of the protocol (`204`, `timeout`, `250`), `detail` one sentence for people,
    `response` the beginning of what the other side said. `is_permanent`: trying again is of no use. `is_gone`: the
    other side asked never to be called again, and the channel is switched off.
    """

    is_delivered: bool
    status: str
    detail: str
    retry_after: float | None = None
    is_permanent: bool = False
    is_gone: bool = False
    latency_ms: int = 0
    response: str = ""


class Channel(Protocol):
    """One way to reach people; an instance serves every tenant and keeps nothing of a delivery.

    `Config` is a msgspec.Struct, what people enter: unknown fields are refused, and its types are checked. Fields in
    `secret_fields` are encrypted at rest and never shown again. Fields in `generated_fields` the server makes itself.
    """

    type: ClassVar[str]
    Config: ClassVar[Any]
    secret_fields: ClassVar[frozenset[str]]
    generated_fields: ClassVar[frozenset[str]]

    async def check(self, config: Any, outbound: Outbound) -> None:
        """What the types do not say, when a channel is saved.

        Raises:
            ValidationFailed: with the name of the field as path.
        """
        ...

    async def send(self, config: Any, message: Message, outbound: Outbound) -> Outcome:
        """One attempt. ValidationFailed, OSError, TimeoutError and httpx.HTTPError may be raised: the caller makes an
        outcome of them. Waits for nothing longer than 10 s.
        """
        ...
