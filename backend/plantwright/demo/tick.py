"""What the plant hands to each of its servers once a second."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Tick:
    """Readings of all machines at one instant.

    Attributes:
        time_ms: milliseconds since the Unix epoch.
        readings: metric values by machine identifier and metric name.
        dropped: machines whose link is down.
    """

    time_ms: int
    readings: Mapping[str, Mapping[str, float]]
    dropped: frozenset[str]

    @property
    def time(self) -> datetime:
        return datetime.fromtimestamp(self.time_ms / 1000, tz=UTC)

    @property
    def time_text(self) -> str:
        return self.time.strftime("%Y-%m-%dT%H:%M:%SZ")


class Outlet(Protocol):
    """A way the plant shows its values to the outside."""

    async def start(self) -> None: ...

    async def publish(self, tick: Tick) -> None: ...

    async def stop(self) -> None: ...
