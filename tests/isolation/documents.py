"""A document for every root field of the schema, made from the schema itself, so that none is forgotten."""

from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
    is_leaf_type,
)

DEPTH = 5


def document_of(schema: GraphQLSchema, operation: str, name: str, field: GraphQLField) -> str:
    """The field with all its arguments as variables and everything below it down to five levels."""
    declared = ", ".join(f"${argument}: {spec.type}" for argument, spec in field.args.items())
    passed = ", ".join(f"{argument}: ${argument}" for argument in field.args)
    head = f"{operation}({declared})" if declared else operation
    call = f"{name}({passed})" if passed else name
    return f"{head} {{ {call} {_selection(schema, get_named_type(field.type), DEPTH)} }}"


def _selection(schema: GraphQLSchema, kind: Any, depth: int) -> str:
    if is_leaf_type(kind):
        return ""
    if isinstance(kind, GraphQLUnionType):
        parts = [f"... on {member.name} {_selection(schema, member, depth)}" for member in kind.types]
        return "{ __typename " + " ".join(parts) + " }"
    assert isinstance(kind, GraphQLObjectType | GraphQLInterfaceType)
    return "{ __typename " + " ".join(_fields(schema, kind, depth)) + " }"


def _fields(schema: GraphQLSchema, kind: GraphQLObjectType | GraphQLInterfaceType, depth: int) -> list[str]:
    parts = []
    for name, field in kind.fields.items():
        below = get_named_type(field.type)
        if is_leaf_type(below):
            parts.append(name)
        elif depth > 1 and not field.args:
            parts.append(f"{name} {_selection(schema, below, depth - 1)}")
    return parts
