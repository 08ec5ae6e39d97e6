"""What a rule on a machine judges over a span of time, as the log and the journal have it."""

from collections.abc import Sequence

import numpy as np

from plantwright.core.database import UnitOfWork
from plantwright.readings.columns import LogSlice, settle_duplicates
from plantwright.readings.models import Quality
from plantwright.rules import repository
from plantwright.rules.engine import Batch, SlotReadings
from plantwright.rules.machine_repository import AspectChange, aspect_changes
from plantwright.rules.watching import Watch


async def read_batch(
    work: UnitOfWork, watch: Watch, after_ms: int, until_ms: int, position: int, *, with_beginning: bool = False
) -> Batch:
    """Everything with `after_ms < time <= until_ms`.

    `with_beginning`: how the machines stood before stands at the first moment, for a rule that knows nothing yet.
    """
    series = sorted({one for one in watch.series if one is not None})
    readings = await repository.read_between(work, series, after_ms, until_ms, position)
    wanted = {(slot.machine_id, slot.aspect) for slot in watch.program.slots if slot.aspect is not None}
    changes = await aspect_changes(work, wanted, after_ms, until_ms, with_beginning=with_beginning)
    return to_batch(watch, good_ones(readings), changes, after_ms, until_ms)


def good_ones(readings: LogSlice) -> LogSlice:
    """One reading per series and time, the last one that came, where that is good."""
    settled = settle_duplicates(readings)
    return settled.where(settled.quality == Quality.GOOD)


def to_batch(watch: Watch, readings: LogSlice, changes: Sequence[AspectChange], after_ms: int, until_ms: int) -> Batch:
    """`readings` in order of series and time."""
    slots = []
    for slot, series in zip(watch.program.slots, watch.series, strict=True):
        if series is not None:
            low, high = np.searchsorted(readings.series, (series, series + 1))
            slots.append(SlotReadings(readings.time_ms[low:high], readings.value[low:high]))
            continue
        # Of several changes in one millisecond the last one counts.
        values = {
            max(change.time_ms, after_ms + 1): change.value
            for change in changes
            if (change.machine_id, change.aspect) == (slot.machine_id, slot.aspect)
        }
        times = np.array(sorted(values), np.int64)
        slots.append(SlotReadings(times, np.array([values[time] for time in times.tolist()], np.float64)))
    return Batch(slots, until_ms)
