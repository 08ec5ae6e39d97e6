"""Structs of arrays: one array per field, one row per series."""

from collections.abc import Callable
from dataclasses import dataclass, field, fields
from typing import Any, Self

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]


def some(mask: Bools) -> bool:
    """`any`, at a third of its price."""
    return bool(np.count_nonzero(mask))


def every(mask: Bools) -> bool:
    """`all`, at a third of its price."""
    return bool(np.count_nonzero(mask) == mask.size)


def column(dtype: str, width: int = 0, fill: float = 0) -> Any:
    """A field that holds an array of shape (rows,), or (rows, width) when a width is given.

    Args:
        dtype: numpy type with explicit byte order, as written to disk.
        width: length of the second axis.
        fill: what a new row starts with.
    """
    return field(metadata={"dtype": dtype, "width": width, "fill": fill})


@dataclass(frozen=True, slots=True)
class Columns:
    """Base of the structs below; all fields of a subclass are made by `column`."""

    @classmethod
    def empty(cls, rows: int) -> Self:
        """Rows of series that have never been read."""
        arrays = {}
        for spec in fields(cls):
            width = spec.metadata["width"]
            shape = (rows, width) if width else (rows,)
            arrays[spec.name] = np.full(shape, spec.metadata["fill"], dtype=spec.metadata["dtype"])
        return cls(**arrays)

    def copy(self) -> Self:
        return self._each(lambda array: array.copy())

    def take(self, rows: Ints) -> Self:
        """A copy of some rows."""
        return self._each(lambda array: array[rows])

    def head(self, rows: int) -> Self:
        """A view of the first rows: writing to it writes to this struct."""
        return self._each(lambda array: array[:rows])

    def span(self, first: int, last: int) -> Self:
        """A view of neighbouring rows: writing to it writes to this struct."""
        return self._each(lambda array: array[first:last])

    def grown(self, rows: int) -> Self:
        """A copy with new rows at the end."""
        new = type(self).empty(rows)
        return type(self)(
            **{name: np.concatenate((array, getattr(new, name))) for name, array in self.arrays().items()}
        )

    def put(self, rows: Ints, part: Self) -> None:
        """Write the rows of `part` over these rows, in place."""
        for name, array in self.arrays().items():
            array[rows] = getattr(part, name)

    def to_bytes(self) -> bytes:
        """Each column little-endian, in the order of the class."""
        return b"".join(array.tobytes() for array in self.arrays().values())

    @classmethod
    def from_bytes(cls, data: bytes, rows: int, offset: int = 0) -> Self:
        """A copy of what `to_bytes` wrote of so many rows, which begins at `offset`."""
        arrays = {}
        for spec in fields(cls):
            width = spec.metadata["width"]
            array = np.frombuffer(data, spec.metadata["dtype"], rows * (width or 1), offset).copy()
            arrays[spec.name] = array.reshape(rows, width) if width else array
            offset += array.nbytes
        return cls(**arrays)

    @classmethod
    def row_bytes(cls) -> int:
        return sum(np.dtype(spec.metadata["dtype"]).itemsize * (spec.metadata["width"] or 1) for spec in fields(cls))

    @property
    def nbytes(self) -> int:
        return sum(array.nbytes for array in self.arrays().values())

    def arrays(self) -> dict[str, npt.NDArray[Any]]:
        return {name: getattr(self, name) for name in self._names()}

    @classmethod
    def _names(cls) -> tuple[str, ...]:
        names: tuple[str, ...] = cls.__slots__
        return names

    def _each(self, change: Callable[[npt.NDArray[Any]], npt.NDArray[Any]]) -> Self:
        return type(self)(*[change(getattr(self, name)) for name in self._names()])


def bucket_starts(count: int, most: int) -> Ints:
    """Where each of at most so many buckets of equally many begins."""
    starts: Ints = np.unique(np.linspace(0, count, min(count, most), endpoint=False).astype(np.int64))
    return starts


def greatest_of_buckets(column: Floats, first: Ints) -> Floats:
    """Of each bucket; NaN where it holds nothing else."""
    if not len(column):
        return np.zeros(0)
    greatest = np.maximum.reduceat(np.where(np.isnan(column), -np.inf, column), first)
    return np.where(np.isinf(greatest), np.nan, greatest)
