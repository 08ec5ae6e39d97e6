"""From an OPC UA data value to a sample: status code to quality, the source's own time stamp."""

from datetime import UTC, datetime

from asyncua import ua

from plantwright_agent.samples import Gap, Quality, RawSample, Tag

SEVERITY: dict[int, Quality] = {0: "good", 1: "uncertain"}
OVERFLOW_BITS = 0x0480
EARLIEST_YEAR = 1970


def to_sample(tag: Tag, data: ua.DataValue, now: datetime) -> RawSample | Gap:
    """A sample, or a gap when the server reports a state without a value (a dead sensor, for example)."""
    value = data.Value.Value if data.Value is not None else None
    if value is None:
        return Gap(now, now, f"no value: {status_name(data.StatusCode)}", tag.raw_tag)
    return RawSample(tag, value, timestamp(data, now), quality(data.StatusCode))


def quality(status: ua.StatusCode | None) -> Quality:
    """The two highest bits are the severity (OPC UA Part 4, 7.39); no status means good."""
    return "good" if status is None else SEVERITY.get(status.value >> 30, "bad")


def overflowed(status: ua.StatusCode | None) -> bool:
    """True when the server's queue of this item was full and it threw values away."""
    return status is not None and status.value & OVERFLOW_BITS == OVERFLOW_BITS


def status_name(status: ua.StatusCode | None) -> str:
    return "no status" if status is None else str(status.name)


def timestamp(data: ua.DataValue, now: datetime) -> datetime:
    """Source time, else server time, else the time of arrival; clocks that were never set are passed over."""
    for moment in (data.SourceTimestamp, data.ServerTimestamp):
        if moment is not None and moment.year > EARLIEST_YEAR:
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return now
