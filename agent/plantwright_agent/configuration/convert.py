"""Plain values to typed settings; everything that does not fit is found, not only the first."""

import difflib
from collections.abc import Iterable, Iterator
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import msgspec

from plantwright_agent.configuration.syntax import Place
from plantwright_agent.secret import Secret

WORDS = {"`object": "`table", "`array": "`list", "`str": "`text", "`int": "`whole number", "`float": "`number"}
Fault = tuple[Place, str]


def convert(values: object, kind: Any, *, strict: bool = True) -> Any:
    """The typed value. Raises msgspec.ValidationError at the first thing that does not fit."""
    return msgspec.convert(values, kind, dec_hook=_decode, strict=strict)


def faults(values: object, kind: Any, place: Place = ()) -> list[Fault]:
    """Everything in the values that does not fit the type, each at its own place."""
    try:
        convert(values, kind)
    except msgspec.ValidationError as error:
        return list(_inner_faults(values, kind, place)) or [(place, _reason(str(error), values, kind))]
    return []


def nearest(word: str, words: Iterable[str]) -> str:
    """` - did you mean "…"?` or nothing."""
    found = difflib.get_close_matches(word.lower(), list(words), n=1, cutoff=0.6)
    return f' - did you mean "{found[0]}"?' if found else ""


def alternatives(kind: Any) -> list[Any]:
    """The members of a union, or the type alone; what annotations say about it is left out."""
    if get_origin(kind) is Annotated:
        return alternatives(get_args(kind)[0])
    if get_origin(kind) in {Union, UnionType}:
        return [member for part in get_args(kind) for member in alternatives(part)]
    return [kind]


def struct_of(kind: Any) -> type[msgspec.Struct] | None:
    """The table type among the alternatives, when there is exactly one."""
    found = [item for item in alternatives(kind) if isinstance(item, type) and issubclass(item, msgspec.Struct)]
    return found[0] if len(found) == 1 else None


def element_of(kind: Any, container: type) -> Any:
    """The type of the elements of a list, or of the values of a dict; None when it is neither."""
    found = [get_args(item)[-1] for item in alternatives(kind) if get_origin(item) is container]
    return found[0] if len(found) == 1 else None


def fields_of(struct: type[msgspec.Struct]) -> dict[str, msgspec.structs.FieldInfo]:
    return {field.encode_name: field for field in msgspec.structs.fields(struct)}


def _inner_faults(values: object, kind: Any, place: Place) -> Iterator[Fault]:
    if isinstance(values, dict):
        struct, element = struct_of(kind), element_of(kind, dict)
        if struct is not None:
            yield from _table_faults(values, struct, place)
        elif element is not None:
            for key, value in values.items():
                yield from faults(value, element, (*place, key))
    elif isinstance(values, list) and (element := element_of(kind, list)) is not None:
        for index, value in enumerate(values):
            yield from faults(value, element, (*place, index))


def _table_faults(values: dict[str, Any], struct: type[msgspec.Struct], place: Place) -> Iterator[Fault]:
    fields = fields_of(struct)
    for key, value in values.items():
        if key in fields:
            yield from faults(value, fields[key].type, (*place, key))
        else:
            yield (*place, key), f"there is no such key{nearest(key, fields.keys() - values.keys())}"
    yield from (((*place, key), "is missing") for key, field in fields.items() if field.required and key not in values)


def _reason(message: str, values: object, kind: Any) -> str:
    words = [word for item in alternatives(kind) if get_origin(item) is Literal for word in get_args(item)]
    if words and isinstance(values, str):
        listed = ", ".join(f'"{word}"' for word in words)
        return f'must be one of {listed}, not "{values}"{nearest(values, words)}'
    reason, _, inner = message.partition(" - at `$")
    for word, plain in WORDS.items():
        reason = reason.replace(word, plain)
    return f"{reason} (at {inner.strip('`.')})" if inner else reason


def _decode(kind: type, value: object) -> object:
    if isinstance(value, kind):
        return value
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    if "\0" in value:
        raise ValueError("must not contain a null character")
    return kind(value.strip() if kind is Secret else value)
