"""Who is on call: layers of people who take turns, and overrides on top of them. Pure functions of their arguments.

Of two layers that both have somebody, the later one counts; an override counts before every layer, and of two
overrides the one that was made later.
"""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import islice, takewhile
from operator import attrgetter
from typing import Final, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec

from plantwright.escalation.wall_time import Span, WeeklyWindow, merged, moment_of, spans_of, wall_of

_INSTANT: Final = timedelta(microseconds=1)


class TurnUnit(StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"


_LENGTHS: Final = {
    TurnUnit.HOUR: timedelta(hours=1),
    TurnUnit.DAY: timedelta(days=1),
    TurnUnit.WEEK: timedelta(weeks=1),
}


class Layer(msgspec.Struct, frozen=True):
    """People who take turns of `turn_count` units, by the clock of the rotation's zone.

    `start` is the first hand-over, without a zone; its time of day is that of all hand-overs. With `windows`, the
    layer has somebody only within them; the turns pass regardless.
    """

    name: str
    participants: tuple[UUID, ...]
    start: datetime
    turn_unit: TurnUnit
    turn_count: int
    windows: tuple[WeeklyWindow, ...] = ()

    @property
    def turn(self) -> timedelta:
        return self.turn_count * _LENGTHS[self.turn_unit]


class Override(NamedTuple):
    id: UUID
    user_id: UUID
    span: Span


class Shift(NamedTuple):
    """A time with the same person for the same reason; nobody when `user_id` is None.

    `layer` is an index into the layers; None when an override says who it is, or when it is nobody.
    """

    start: datetime
    end: datetime
    user_id: UUID | None
    layer: int | None
    override_id: UUID | None


def calendar(
    layers: Sequence[Layer], overrides: Sequence[Override], zone: ZoneInfo, start: datetime, end: datetime
) -> list[Shift]:
    """Who is on call from `start` to `end`, without gaps: times with nobody are shifts too.

    Args:
        layers: lowest first.
        overrides: oldest first.
        zone: by whose clock the layers hand over.
        start: in UTC.
        end: in UTC, after `start`.
    """
    shifts = [Shift(start, end, None, None, None)]
    for index, layer in enumerate(layers):
        shifts = _overlay(shifts, list(_turns(layer, index, zone, start, end)))
    for override in overrides:
        begin, finish = max(override.span.start, start), min(override.span.end, end)
        if begin < finish:
            shifts = _overlay(shifts, [Shift(begin, finish, override.user_id, None, override.id)])
    return _joined(shifts)


def on_call_at(layers: Sequence[Layer], overrides: Sequence[Override], zone: ZoneInfo, at: datetime) -> UUID | None:
    """The person at this moment, in UTC; None when it is nobody."""
    return calendar(layers, overrides, zone, at, at + _INSTANT)[0].user_id


def _turns(layer: Layer, index: int, zone: ZoneInfo, start: datetime, end: datetime) -> Iterator[Shift]:
    """The layer's own shifts between `start` and `end`."""
    spans = spans_of(layer.windows, zone, start, end) if layer.windows else merged([Span(start, end)])
    for span in spans:
        yield from _turns_within(layer, index, zone, Span(max(span.start, start), min(span.end, end)))


def _turns_within(layer: Layer, index: int, zone: ZoneInfo, span: Span) -> Iterator[Shift]:
    number = max(0, (wall_of(span.start, zone) - layer.start) // layer.turn)
    begin = _hand_over(layer, zone, number)
    while begin < span.end:
        finish = _hand_over(layer, zone, number + 1)
        if finish > span.start and finish > begin:
            user_id = layer.participants[number % len(layer.participants)]
            yield Shift(max(begin, span.start), min(finish, span.end), user_id, index, None)
        number, begin = number + 1, finish


def _hand_over(layer: Layer, zone: ZoneInfo, number: int) -> datetime:
    return moment_of(layer.start + number * layer.turn, zone)


def _overlay(below: Sequence[Shift], above: Sequence[Shift]) -> list[Shift]:
    """What of the lower shifts the upper ones leave, and the upper ones; each list is in order without overlaps."""
    visible = list(above)
    first = 0
    for shift in below:
        while first < len(above) and above[first].end <= shift.start:
            first += 1
        begin = shift.start
        for cover in takewhile(partial(_starts_before, shift.end), islice(above, first, None)):
            if cover.start > begin:
                visible.append(shift._replace(start=begin, end=cover.start))
            begin = max(begin, cover.end)
        if begin < shift.end:
            visible.append(shift._replace(start=begin))
    return sorted(visible, key=attrgetter("start"))


def _starts_before(end: datetime, shift: Shift) -> bool:
    return shift.start < end


def _joined(shifts: Sequence[Shift]) -> list[Shift]:
    """Neighbours with the same person for the same reason as one."""
    joined: list[Shift] = []
    for shift in shifts:
        if joined and joined[-1].end == shift.start and joined[-1][2:] == shift[2:]:
            joined[-1] = joined[-1]._replace(end=shift.end)
        else:
            joined.append(shift)
    return joined
