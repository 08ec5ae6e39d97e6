"""What an operation would cost at most, known before it runs.

The cost is the number of objects that the answer may have: a page has as many as `first` allows, a plain list counts as
`LIST_SIZE`, and pages within pages multiply. Fields that have the server compute a lot for one object weigh more.
"""

from collections.abc import Mapping
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLNamedType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_composite_type,
    is_list_type,
)

# Lists that are not paged are short by nature: metrics of a machine, steps of a policy.
LIST_SIZE = 5
PAGE_ARGUMENT = "first"
PAGE_FIELDS = frozenset({"nodes", "edges"})
WEIGHTS = {
    "Query.alertPerformance": 100,
    "Query.alertRuleTrial": 1_000,
    "Query.detectionTrial": 1_000,
    "Query.machineChartTrial": 1_000,
    "Query.readings": 20,
}


def most_objects(
    schema: GraphQLSchema, document: DocumentNode, operation_name: str | None, variables: Mapping[str, Any]
) -> int:
    """The cost of an operation of a document that is valid; 0 when there is no such operation."""
    operations = [node for node in document.definitions if isinstance(node, OperationDefinitionNode)]
    for operation in operations:
        is_meant = operation_name is None or (operation.name is not None and operation.name.value == operation_name)
        root = schema.get_root_type(operation.operation)
        if is_meant and root is not None:
            return _Counting(schema, document, operation, variables).below(root, operation.selection_set, page=1)
    return 0


def count_objects(answer: object) -> int:
    """How many objects an answer has; a column of numbers is none."""
    total = 0
    waiting = [answer]
    while waiting:
        value = waiting.pop()
        if isinstance(value, dict):
            total += 1
            waiting += [part for part in value.values() if isinstance(part, dict | list)]
        elif isinstance(value, list) and isinstance(
            next((part for part in value if part is not None), None), dict | list
        ):
            waiting += value
    return total


class _Counting:
    def __init__(
        self,
        schema: GraphQLSchema,
        document: DocumentNode,
        operation: OperationDefinitionNode,
        variables: Mapping[str, Any],
    ) -> None:
        self._schema = schema
        self._fragments = {
            node.name.value: node for node in document.definitions if isinstance(node, FragmentDefinitionNode)
        }
        defaults = {
            definition.variable.name.value: int(definition.default_value.value)
            for definition in operation.variable_definitions or ()
            if isinstance(definition.default_value, IntValueNode)
        }
        self._variables = {**defaults, **variables}

    def below(self, parent: GraphQLNamedType, selections: SelectionSetNode, page: int) -> int:
        """The objects that one of this type brings with it; `page` is how many its page of objects has at most."""
        total = 0
        for selection in selections.selections:
            if isinstance(selection, FieldNode):
                total += self._of_field(parent, selection, page)
            elif isinstance(selection, InlineFragmentNode):
                total += self._of_fragment(parent, selection, page)
            elif isinstance(selection, FragmentSpreadNode):
                total += self._of_fragment(parent, self._fragments[selection.name.value], page)
        return total

    def _of_fragment(
        self, parent: GraphQLNamedType, fragment: FragmentDefinitionNode | InlineFragmentNode, page: int
    ) -> int:
        condition = fragment.type_condition
        kind = parent if condition is None else self._schema.get_type(condition.name.value)
        return 0 if kind is None else self.below(kind, fragment.selection_set, page)

    def _of_field(self, parent: GraphQLNamedType, node: FieldNode, page: int) -> int:
        field = self._schema.get_field(parent, node.name.value)  # type: ignore[arg-type]
        kind = None if field is None else get_named_type(field.type)
        if field is None or kind is None or not is_composite_type(kind) or node.selection_set is None:
            return 0
        size = self._size(field, node)
        count = 1
        if is_list_type(get_nullable_type(field.type)):
            is_page = node.name.value in PAGE_FIELDS and parent.name.endswith("Connection")
            count = page if is_page else size or LIST_SIZE
        own = WEIGHTS.get(f"{parent.name}.{node.name.value}", 1)
        return count * (own + self.below(kind, node.selection_set, size or 1))

    def _size(self, field: GraphQLField, node: FieldNode) -> int | None:
        """How many objects are asked for, None where that is no question; wrong numbers are refused by the resolver."""
        if PAGE_ARGUMENT not in field.args:
            return None
        size: Any = field.args[PAGE_ARGUMENT].default_value
        for argument in node.arguments or ():
            if argument.name.value == PAGE_ARGUMENT:
                value = argument.value
                size = self._variables.get(value.name.value, size) if isinstance(value, VariableNode) else size
                size = int(value.value) if isinstance(value, IntValueNode) else size
        return max(1, size) if isinstance(size, int) else LIST_SIZE
