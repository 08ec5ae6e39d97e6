"""Where values of one source arrive: they become samples, gaps, or a reason why a node cannot be read."""

import asyncio
import math
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from asyncua import ua

from plantwright_agent.inputs.opcua.config import OpcUaConfig, OpcUaNode
from plantwright_agent.inputs.opcua.values import (
    number_of,
    overflowed,
    quality,
    refused_status,
    refused_type,
    status_name,
    timestamp,
)
from plantwright_agent.moment import Moment
from plantwright_agent.samples import Gap, RawSample, Tag

QUEUE = 50_000
LARGEST_CHUNK = 1_000
MOST_NAMED = 5
FUTURE = timedelta(minutes=5)
GONE = frozenset({"BadNodeIdUnknown", "BadNodeIdInvalid"})
REMEMBERED_SECONDS = 60.0
AGENT_OVERFLOW = "values came faster than they could be stored"
SERVER_OVERFLOW = "the server's queue was full and it threw values away"
WRONG_CLOCK = (
    "{} {} this machine's clock; times are kept as they are, and what lies in the future is refused on arrival:"
    ' set the clock right, or use timestamp = "arrival"'
)


@dataclass(slots=True)
class Spot:
    """One configured node. `deadband` is what the agent itself applies; `is_gone` when the server lost the node."""

    tag: Tag
    address: str
    element: int | None
    deadband: float | None
    refused: str = ""
    is_gone: bool = False
    moment: datetime | None = None
    value: object = None


class Intake:
    """Bounded; nothing here waits or fails. `take` is called for each value, by the position of its node."""

    def __init__(self, config: OpcUaConfig, machine_identifier: str | None) -> None:
        polls = config.mode == "poll"
        self.spots = [_spot(node, machine_identifier, polls=polls) for node in config.nodes]
        self._clock = config.timestamp
        self._waiting: list[RawSample | Gap] = []
        self._came = asyncio.Event()
        self._overflow_since: Moment | None = None
        self._furthest = timedelta()
        self._furthest_at = -math.inf

    def take(self, index: int, data: ua.DataValue, now: datetime) -> None:
        spot = self.spots[index]
        spot.is_gone = False
        variant = data.Value
        if variant is None or variant.Value is None:
            self._take_nothing(spot, data, now)
            return
        spot.refused = refused_type(variant, spot.element)
        if spot.refused:
            return
        value = number_of(variant, spot.element)
        moment = timestamp(data, now, self._clock)
        if not self._is_news(spot, value, data.SourceTimestamp or data.ServerTimestamp or now):
            return
        if moment - now > FUTURE:
            self._furthest, self._furthest_at = moment - now, time.monotonic()
        if overflowed(data.StatusCode):
            self._put(Gap(now, now, SERVER_OVERFLOW, spot.tag.raw_tag))
        self._put(RawSample(spot.tag, value, moment, quality(data.StatusCode)))

    async def wait(self, seconds: float) -> None:
        """Until something has come, but no longer than this."""
        if not self._waiting:
            try:
                await asyncio.wait_for(self._came.wait(), seconds)
            except TimeoutError:
                return

    def drain(self) -> tuple[tuple[RawSample, ...], list[Gap]]:
        """The oldest of what has come, at most LARGEST_CHUNK."""
        taken, self._waiting = self._waiting[:LARGEST_CHUNK], self._waiting[LARGEST_CHUNK:]
        if not self._waiting:
            self._came.clear()
        gaps = [item for item in taken if isinstance(item, Gap)]
        if self._overflow_since is not None:
            gaps.append(self._overflow_since.gap_until_now(AGENT_OVERFLOW))
            self._overflow_since = None
        return tuple(item for item in taken if isinstance(item, RawSample)), gaps

    @property
    def is_empty(self) -> bool:
        return not self._waiting

    def gone(self) -> set[int]:
        """Nodes the server had and has no longer: a program was loaded into the controller, for example."""
        return {index for index, spot in enumerate(self.spots) if spot.is_gone}

    def refusals(self) -> str:
        """The nodes that cannot be read and why; the first few by name."""
        named = [f"node {spot.address}: {spot.refused}" for spot in self.spots if spot.refused]
        more = len(named) - MOST_NAMED
        return "; ".join([*named[:MOST_NAMED], *([f"and {more} more nodes"] if more > 0 else [])])

    def clock_trouble(self, ahead_seconds: float) -> str:
        """What is wrong with the times; `ahead_seconds` is how far the server's clock is ahead of this machine's."""
        if self._clock == "arrival":
            return ""
        if abs(ahead_seconds) > FUTURE.total_seconds():
            side = "is ahead of" if ahead_seconds > 0 else "is behind"
            return WRONG_CLOCK.format(f"the server's clock, by {_minutes(abs(ahead_seconds))},", side)
        if time.monotonic() - self._furthest_at < REMEMBERED_SECONDS:
            return WRONG_CLOCK.format(f"times, by {_minutes(self._furthest.total_seconds())},", "are ahead of")
        return ""

    def _take_nothing(self, spot: Spot, data: ua.DataValue, now: datetime) -> None:
        spot.refused = refused_status(data.StatusCode)
        spot.is_gone = status_name(data.StatusCode) in GONE
        if not spot.refused:
            self._put(Gap(now, now, f"no value: {status_name(data.StatusCode)}", spot.tag.raw_tag))

    def _is_news(self, spot: Spot, value: object, moment: datetime) -> bool:
        """Not the same value of the same moment again, and outside the deadband."""
        if spot.moment == moment and spot.value == value:
            return False
        if spot.deadband is not None and _distance(value, spot.value) <= spot.deadband:
            return False
        spot.moment, spot.value = moment, value
        return True

    def _put(self, item: RawSample | Gap) -> None:
        if len(self._waiting) >= QUEUE:
            self._overflow_since = self._overflow_since or Moment.now()
            return
        self._waiting.append(item)
        self._came.set()


def _spot(node: OpcUaNode, machine_identifier: str | None, *, polls: bool) -> Spot:
    tag = Tag(
        machine_identifier=node.machine_identifier or machine_identifier or "",
        metric_name=node.metric_name,
        unit=node.unit,
        raw_tag=node.address.replace("=", "").replace(";", "_"),
        scale=node.scale,
        offset=node.offset,
    )
    return Spot(tag, node.address, node.element, node.deadband if polls else None)


def _distance(value: object, before: object) -> float:
    if isinstance(value, int | float) and isinstance(before, int | float):
        return abs(value - before)
    return math.inf


def _minutes(seconds: float) -> str:
    hours, minutes = divmod(round(seconds / 60), 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min"
