"""From an OPC UA data value to a sample: status code to quality, whose clock counts, and what is no number."""

from datetime import UTC, datetime
from typing import Literal

from asyncua import ua

from plantwright_agent.samples import Quality

SEVERITY: dict[int, Quality] = {0: "good", 1: "uncertain"}
OVERFLOW_BITS = 0x0480
EARLIEST_YEAR = 1970
NUMBERS = frozenset(
    {"Boolean", "SByte", "Byte", "Int16", "UInt16", "Int32", "UInt32", "Int64", "UInt64", "Float", "Double"}
)
TEXTS = frozenset({"String", "LocalizedText", "QualifiedName", "XmlElement"})
OTHERS = {
    "DateTime": "a date and time",
    "Guid": "an identifier",
    "ByteString": "bytes",
    "NodeId": "a node id",
    "ExpandedNodeId": "a node id",
    "StatusCode": "a status code",
}

STATUS_ADVICE = {
    "BadNodeIdUnknown": "the server has no such node",
    "BadNodeIdInvalid": "the server has no such node",
    "BadNoMatch": "the path leads nowhere",
    "BadAttributeIdInvalid": "it is no variable",
    "BadNotReadable": "it cannot be read",
    "BadUserAccessDenied": "this user may not read it",
    "BadSecurityModeInsufficient": "it is only told over a connection with more security",
    "BadIndexRangeInvalid": "element does not suit it",
    "BadIndexRangeNoData": "it has no such element, or is no array",
    "BadMonitoredItemFilterUnsupported": "the server knows no deadband for it; leave deadband out",
    "BadMonitoredItemFilterInvalid": "the server knows no such deadband; leave it out",
    "BadFilterNotAllowed": "the server allows no deadband for it; leave deadband out",
    "BadDeadbandFilterInvalid": "the server knows no range for deadband_percent; use deadband",
    "BadTooManyMonitoredItems": 'the server watches no more nodes; take fewer, or use mode = "poll"',
}

Clock = Literal["source", "server", "arrival"]


def refused_type(variant: ua.Variant, element: int | None) -> str:
    """Why this value cannot become a reading, and what to do; empty when it can."""
    kind = str(getattr(variant.VariantType, "name", variant.VariantType))
    if variant.is_array or isinstance(variant.Value, list):
        return _refused_array(variant, kind, element)
    if element is not None:
        return f"holds one {kind} and no array; leave element out"
    if kind in NUMBERS:
        return ""
    if kind == "ExtensionObject":
        name = type(variant.Value).__name__
        return f"holds a structure ({name}); read the nodes below it, if the server shows its fields as nodes"
    what = f"text ({kind})" if kind in TEXTS else OTHERS.get(kind, kind)
    return f"holds {what}; only numbers and booleans become readings"


def _refused_array(variant: ua.Variant, kind: str, element: int | None) -> str:
    size = len(variant.Value)
    if kind not in NUMBERS:
        return f"holds an array of {kind}; only numbers and booleans become readings"
    if element is None:
        return f"holds an array of {size} {kind}; name one of them, for example element = 0"
    if variant.Dimensions is not None and len(variant.Dimensions) > 1:
        return "holds an array of several dimensions; only one dimension can be read"
    return "" if element < size or size == 1 else f"has no element {element}; it has {size}"


def number_of(variant: ua.Variant, element: int | None) -> object:
    """The number of a value that is not refused. A server that does not know index ranges gives the whole array."""
    if element is None:
        return variant.Value
    return variant.Value[0 if len(variant.Value) == 1 else element]


def refused_status(status: ua.StatusCode | None) -> str:
    """Why the node as such cannot be read, and what to do; empty when it is only without a value for now."""
    name = status_name(status)
    return f"{name}: {STATUS_ADVICE[name]}" if name in STATUS_ADVICE else ""


def quality(status: ua.StatusCode | None) -> Quality:
    """The two highest bits are the severity (OPC UA Part 4, 7.39); no status means good."""
    return "good" if status is None else SEVERITY.get(status.value >> 30, "bad")


def overflowed(status: ua.StatusCode | None) -> bool:
    """True when the server's queue of this item was full and it threw values away."""
    return status is not None and status.value & OVERFLOW_BITS == OVERFLOW_BITS


def status_name(status: ua.StatusCode | None) -> str:
    return "no status" if status is None else str(status.name)


def timestamp(data: ua.DataValue, now: datetime, clock: Clock) -> datetime:
    """Source time, else server time, else the time of arrival; clocks that were never set are passed over."""
    if clock == "arrival":
        return now
    for moment in (data.SourceTimestamp if clock == "source" else None, data.ServerTimestamp):
        if moment is not None and moment.year > EARLIEST_YEAR:
            return moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return now
