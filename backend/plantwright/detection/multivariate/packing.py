"""Parts of a machine's state as bytes."""

from dataclasses import fields
from typing import Any

import msgspec
import numpy as np

from plantwright.detection.charts.state import StateUnreadable
from plantwright.detection.columns import Bools, Floats, Ints
from plantwright.detection.episodes import Episode
from plantwright.detection.multivariate.columns import Metrics, Pending
from plantwright.detection.multivariate.limits import Limits
from plantwright.detection.multivariate.moments import Moments, Sums
from plantwright.detection.multivariate.reference import Reference

_VERSION = 2
_PARTS = {
    "metrics": Metrics,
    "pending": Pending,
    "open_hour": Sums,
    "open_smoothed": Sums,
    "closed": Moments,
    "closed_smoothed": Moments,
    "reference": Reference,
    "episode": Episode,
}


def encoded(parts: dict[str, Any]) -> bytes:
    return msgspec.msgpack.encode([_VERSION, {name: _packed(value) for name, value in parts.items()}])


def decoded(data: bytes) -> dict[str, Any]:
    """
    Raises:
        StateUnreadable: other format or version.
    """
    try:
        version, packed = msgspec.msgpack.decode(data)
        if version != _VERSION:
            raise StateUnreadable(f"The state of a machine has version {version}; this release reads {_VERSION}.")
        return _unpacked(packed)
    except (msgspec.DecodeError, TypeError, ValueError, KeyError) as error:
        raise StateUnreadable("The stored state of a machine cannot be read. It is learnt again.") from error


def _packed(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        return [value.dtype.str, list(value.shape), np.ascontiguousarray(value).tobytes()]
    if hasattr(value, "__dataclass_fields__"):
        return {spec.name: _packed(getattr(value, spec.name)) for spec in fields(value)}
    return list(value) if isinstance(value, tuple) else value


def _unpacked(packed: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in packed.items():
        if name == "series":
            found[name] = tuple(value)
        elif name in _PARTS and value is not None:
            found[name] = _PARTS[name](**{key: _array(key, entry) for key, entry in value.items()})
        else:
            found[name] = value
    return found


def _array(name: str, entry: Any) -> Floats | Ints | Bools | Limits | float | int | bool:
    if name in {"t2_limits", "q_limits"}:
        return Limits(**entry)
    if not isinstance(entry, list):
        plain: float | int | bool = entry
        return plain
    dtype, shape, data = entry
    return np.frombuffer(data, dtype=np.dtype(dtype)).reshape(shape)
