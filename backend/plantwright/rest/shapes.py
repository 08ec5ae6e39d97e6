"""What goes in and out, declared once: parsed, checked and documented from the same classes."""

import re
from typing import Annotated, Any, Generic, TypeVar

from pydantic import AliasGenerator, AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel
from pydantic_core import PydanticCustomError

MAX_PAGE_SIZE = 100
LARGEST_INT = 2**31 - 1

T = TypeVar("T")

# GraphQL's own: a larger one would get no further than this door.
Integer = Annotated[int, Field(ge=-LARGEST_INT - 1, le=LARGEST_INT)]


class Payload(BaseModel):
    """A JSON body; its aliases are the names of the GraphQL input."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(serialization_alias=to_camel),
        allow_inf_nan=False,
        extra="forbid",
        frozen=True,
        strict=True,
    )


class Parameters(BaseModel):
    """A query string; its aliases are the names of the GraphQL arguments. Unknown names are refused: a filter that is
    spelt wrong must not look like one that matches everything.
    """

    model_config = ConfigDict(alias_generator=AliasGenerator(serialization_alias=to_camel), extra="forbid", frozen=True)


class PageParameters(Parameters):
    page: int = Field(default=1, ge=1, le=LARGEST_INT, description="Counts from 1.")
    page_size: int = Field(default=20, ge=1, le=MAX_PAGE_SIZE)


class Body(BaseModel):
    """An answer; its aliases are the fields of the GraphQL type."""

    model_config = ConfigDict(
        alias_generator=AliasGenerator(validation_alias=to_camel),
        frozen=True,
        json_schema_serialization_defaults_required=True,
    )


class Page(BaseModel, Generic[T]):
    model_config = ConfigDict(frozen=True)

    items: list[T]
    total: int = Field(description="Items on all pages.")
    page: int
    page_size: int
    total_pages: int


class Problem(BaseModel):
    """What was wrong, for people."""

    detail: str


class Fault(BaseModel):
    loc: list[str | int] = Field(description="Where: body, query or path, then the field.")
    msg: str
    type: str


class Faults(BaseModel):
    """Input of the wrong shape, fault by fault."""

    detail: list[Fault]


def _require_iso(value: Any) -> Any:
    """Without this a bare number would be taken for seconds since 1970."""
    if not isinstance(value, str) or not re.match(r"\d{4}-\d{2}-\d{2}T", value):
        raise PydanticCustomError("datetime_from_text", "Input should be a time such as 2026-01-31T08:00:00Z")
    return value


def _lower(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _is_there(value: Any) -> bool:
    return value is not None


# A time with its zone, ISO 8601.
Moment = Annotated[AwareDatetime, Field(strict=False), BeforeValidator(_require_iso)]
# An enum member from its GraphQL name, which is its value in capitals.
FROM_NAME = BeforeValidator(_lower)
# Whether a nullable field of the GraphQL type has a value.
IsThere = Annotated[bool, BeforeValidator(_is_there)]
# A numpy array on its way from the database to the answer.
Numbers = Annotated[Any, WithJsonSchema({"type": "array", "items": {"type": ["number", "null"]}})]
Milliseconds = Annotated[
    Any,
    WithJsonSchema(
        {"type": "array", "items": {"type": "integer"}, "description": "Milliseconds since 1970-01-01T00:00:00Z."}
    ),
]
WholeNumber = Annotated[int, Field(ge=0, le=LARGEST_INT)]
