"""Scalars: columns are one value each, because completing a list item by item costs a hundred times as much."""

from typing import Any, NewType

import numpy as np
import strawberry
from graphql import GraphQLError, IntValueNode, ValueNode
from numpy.typing import NDArray
from strawberry.types.scalar import ScalarDefinition

BigInt = NewType("BigInt", int)
FloatColumn = NewType("FloatColumn", object)
IntColumn = NewType("IntColumn", object)
TextColumn = NewType("TextColumn", object)
TimeColumn = NewType("TimeColumn", object)

_LARGEST = 2**53 - 1


def _parse_big_int(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > _LARGEST:
        raise GraphQLError("BigInt must be an integer between -(2^53 - 1) and 2^53 - 1.")
    return value


def _parse_big_int_literal(node: ValueNode, _variables: object = None) -> int:
    if not isinstance(node, IntValueNode):
        raise GraphQLError("BigInt must be an integer.", nodes=[node])
    return _parse_big_int(int(node.value))


def _refuse(_value: Any) -> Any:
    raise GraphQLError("Columns are for output only.")


def float_column(values: NDArray[np.float64] | None) -> FloatColumn | None:
    """Float64 values; NaN becomes null in the answer."""
    return None if values is None else FloatColumn(np.ascontiguousarray(values))


def time_column(milliseconds: NDArray[np.int64]) -> TimeColumn:
    return TimeColumn(np.ascontiguousarray(milliseconds))


SCALARS: dict[object, ScalarDefinition] = {
    BigInt: strawberry.scalar(
        name="BigInt",
        description="Sequence numbers and counters: a JSON integer of up to 2^53 - 1.",
        serialize=int,
        parse_value=_parse_big_int,
        parse_literal=_parse_big_int_literal,
    ),
    FloatColumn: strawberry.scalar(
        name="FloatColumn",
        description="A column of values: a JSON array of numbers, null where there is none.",
        serialize=lambda column: column,
        parse_value=_refuse,
    ),
    IntColumn: strawberry.scalar(
        name="IntColumn",
        description="A column of small whole numbers: a JSON array of integers.",
        serialize=lambda column: column,
        parse_value=_refuse,
    ),
    TextColumn: strawberry.scalar(
        name="TextColumn",
        description="A column of texts: a JSON array of strings.",
        serialize=lambda column: column,
        parse_value=_refuse,
    ),
    TimeColumn: strawberry.scalar(
        name="TimeColumn",
        description="A column of times: a JSON array of integers, milliseconds since 1970-01-01T00:00:00Z.",
        serialize=lambda column: column,
        parse_value=_refuse,
    ),
}
