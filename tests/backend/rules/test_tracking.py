"""What comes late: whatever the slices and their order, the record ends where one pass over everything does."""

from dataclasses import dataclass, field
from random import Random
from unittest.mock import patch

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from plantwright.rules import tracking
from plantwright.rules.definition import Definition, Severity
from plantwright.rules.engine import Batch, SlotReadings
from plantwright.rules.findings import FindingKind
from plantwright.rules.program import Program
from plantwright.rules.state import RuleState, decode_state, encode_state
from plantwright.rules.tracking import Ending, Mark, Recorded, Tracked, base_for, derive_again, go_on, take

from tests.backend.rules.test_engine import END, START, Series, all_series, program_of, rules

# Slot, time, value.
Arrival = tuple[int, int, float]


@dataclass
class Record:
    """A journal of one rule on one machine: what holds by it, and at which severity it leaves an episode open."""

    standing: dict[object, Recorded] = field(default_factory=dict)
    severity: Severity | None = None

    def tell(self, derived: tracking.Derived) -> None:
        for was, now in derived.superseded:
            self.standing.pop(was.identity, None)
            if now is not None:
                self.standing[was.identity] = Recorded.of(now)
        for finding, marks in derived.told:
            self.severity = None if finding.kind is FindingKind.ENDED else finding.severity
            if not {Mark.WITHDRAWN, Mark.RESUMED} & set(marks):
                self.standing[Recorded.of(finding).identity] = Recorded.of(finding)


def batch_from(program: Program, arrived: list[Arrival], after: int, until: int) -> Batch:
    slots = []
    for place in range(len(program.slots)):
        mine = dict(sorted((time, value) for slot, time, value in arrived if slot == place and after < time <= until))
        slots.append(SlotReadings(np.array(list(mine), np.int64), np.array(list(mine.values()), np.float64)))
    return Batch(slots, until)


def live(program: Program, slices: list[list[Arrival]], ending: Ending | None) -> tuple[Record, Tracked]:
    record, tracked, arrived = Record(), Tracked(RuleState.new(program, START)), list[Arrival]()
    first = encode_state(tracked.state)
    for one in (*slices, []):
        arrived += one
        through = tracked.state.through_ms
        newest = max([through, *(time for _, time, _ in one)]) if one else END
        earliest = min((time for _, time, _ in one), default=END + 1)
        if tracked.state.is_over or earliest <= through:
            base = base_for(tracked, earliest) or decode_state(first)
            batch = batch_from(program, arrived, base.through_ms, max(through, newest))
            record.tell(derive_again(tracked, base, batch, program, ending))
        else:
            batch = batch_from(program, one, through, newest)
            record.tell(tracking.Derived(take(tracked, batch, program, ending), [], []))
    return record, tracked


@settings(max_examples=400, deadline=None)
@given(rules(), all_series(), st.randoms(), st.none() | st.integers(START + 1, END))
def test_any_slices_in_any_order_lead_to_the_findings_of_one_pass(
    definition: Definition, series: Series, chance: Random, end: int | None
) -> None:
    program = program_of(definition)
    ending = None if end is None else Ending(end, "Ended because the rule was changed")
    arrivals = [
        (place, time, value)
        for place, slot in enumerate(program.slots)
        for time, value in series[slot.metric or slot.aspect or ""]
        if end is None or time < end
    ]
    whole = RuleState.new(program, START)
    expected = [
        Recorded.of(one) for one in go_on(whole, batch_from(program, arrivals, START - 1, END), program, ending)
    ]
    chance.shuffle(arrivals)
    slices = []
    while arrivals:
        size = chance.randint(1, 6)
        slices.append(arrivals[:size])
        arrivals = arrivals[size:]
    with patch.object(tracking, "_NEAR_MS", 5):
        record, tracked = live(program, slices, ending)
    assert sorted(record.standing.values(), key=_order) == sorted(expected, key=_order)
    assert encode_state(tracked.state) == encode_state(whole)
    assert record.severity == (whole.episode and whole.episode.severity)


def _order(one: Recorded) -> tuple[int, str, str]:
    return one.time_ms, one.kind.value, one.severity.value
