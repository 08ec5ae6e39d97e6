"""Raw sample to reading: scale, offset, unit, quality and the check that the value is a finite number."""

import math
from datetime import UTC

from plantwright_agent.samples import Collected, DeadLetter, Gap, RawSample, Reading

NOT_A_NUMBER = "not a number"
NOT_FINITE = "not a finite number"


def normalise(collected: Collected) -> tuple[list[Reading], list[DeadLetter], list[Gap]]:
    """Readings, plus a dead letter (file input) or a gap (live input) for each sample that has no usable value."""
    readings: list[Reading] = []
    dead_letters = list(collected.dead_letters)
    gaps = list(collected.gaps)
    for sample in collected.samples:
        outcome = to_reading(sample)
        if isinstance(outcome, Reading):
            readings.append(outcome)
        elif sample.origin is not None:
            reason = f"{sample.tag.raw_tag}: {outcome}"
            origin = sample.origin
            dead_letters.append(DeadLetter(origin.file, origin.line, origin.text, reason))
        else:
            gaps.append(Gap(sample.timestamp, sample.timestamp, outcome, sample.tag.raw_tag))
    return readings, dead_letters, gaps


def to_reading(sample: RawSample) -> Reading | str:
    """The reading, or why there is none. Booleans count as 0 and 1."""
    if not isinstance(sample.value, int | float):
        return NOT_A_NUMBER
    tag = sample.tag
    try:
        value = float(sample.value) * tag.scale + tag.offset
    except OverflowError:
        return NOT_FINITE
    if not math.isfinite(value):
        return NOT_FINITE
    timestamp = sample.timestamp.astimezone(UTC)
    return Reading(tag.machine_identifier, timestamp, tag.metric_name, value, tag.unit, tag.raw_tag, sample.quality)
