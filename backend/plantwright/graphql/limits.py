"""Limits that hold before anything runs."""

from collections.abc import Generator, Sequence
from typing import Any

from graphql import (
    ExecutionResult,
    FieldNode,
    GraphQLError,
    NoSchemaIntrospectionCustomRule,
    OperationDefinitionNode,
    ValidationRule,
)
from graphql.validation import ASTValidationRule, ValidationContext
from strawberry.extensions import (
    AddValidationRules,
    MaxAliasesLimiter,
    MaxTokensLimiter,
    ParserCache,
    QueryDepthLimiter,
    SchemaExtension,
    ValidationCache,
)

from plantwright.graphql.cost import count_objects, most_objects
from plantwright.graphql.errors import MaskUnexpected

MAX_DEPTH = 10
MAX_ALIASES = 15
MAX_TOKENS = 2_000
MAX_ROOT_FIELDS = 10
MAX_DIRECTIVES = 20
CACHED_DOCUMENTS = 500
MAX_COST = 10_000
COST_EXCEEDED = "COST_LIMIT_EXCEEDED"


class RootFieldsRule(ValidationRule):
    """At most ten root fields in a query, one in a mutation that logs in."""

    def enter_operation_definition(self, node: OperationDefinitionNode, *_: Any) -> None:
        fields = [item for item in node.selection_set.selections if isinstance(item, FieldNode)]
        if len(node.selection_set.selections) > MAX_ROOT_FIELDS:
            self.report_error(GraphQLError(f"An operation has at most {MAX_ROOT_FIELDS} root fields.", [node]))
        if sum(field.name.value == "login" for field in fields) > 1:
            self.report_error(GraphQLError("An operation has at most one login.", [node]))


class DirectivesRule(ValidationRule):
    def __init__(self, context: ValidationContext) -> None:
        super().__init__(context)
        self._count = 0

    def enter_directive(self, node: Any, *_: Any) -> None:
        self._count += 1
        if self._count == MAX_DIRECTIVES + 1:
            self.report_error(GraphQLError(f"A document has at most {MAX_DIRECTIVES} directives.", [node]))


class CostLimit(SchemaExtension):
    """Refuses what could become too large, and tells every caller what it asked for and what it got."""

    _requested: int | None = None

    def on_execute(self) -> Generator[None]:
        context = self.execution_context
        if context.graphql_document is not None:
            self._requested = most_objects(
                context.schema._schema,  # noqa: SLF001 - strawberry has no other name for it
                context.graphql_document,
                context.operation_name,
                context.variables or {},
            )
            if self._requested > MAX_COST:
                context.result = ExecutionResult(data=None, errors=[_too_costly(self._requested)])
        yield

    def get_results(self) -> dict[str, Any]:
        if self._requested is None:
            return {}
        result = self.execution_context.result
        actual = count_objects(getattr(result, "data", None))
        return {"cost": {"requested": self._requested, "actual": actual, "limit": MAX_COST}}


def _too_costly(cost: int) -> GraphQLError:
    return GraphQLError(
        f"This asks for up to {cost:,} objects at once; an operation may ask for {MAX_COST:,}. "
        "Ask for shorter pages, or for fewer lists within lists.",
        extensions={"code": COST_EXCEEDED},
    )


def _validation_rules() -> list[type[ASTValidationRule]]:
    """Made once: the cache of validated documents tells documents apart by their rules too."""
    return [
        RootFieldsRule,
        DirectivesRule,
        NoSchemaIntrospectionCustomRule,
        *QueryDepthLimiter(max_depth=MAX_DEPTH).validation_rules,
        *MaxAliasesLimiter(max_alias_count=MAX_ALIASES).validation_rules,
    ]


def extensions() -> Sequence[Any]:
    """Extension factories in the order in which strawberry enters them."""
    rules = _validation_rules()
    return [
        lambda: AddValidationRules(rules),
        lambda: MaxTokensLimiter(max_token_count=MAX_TOKENS),
        lambda: ParserCache(maxsize=CACHED_DOCUMENTS),
        lambda: ValidationCache(maxsize=CACHED_DOCUMENTS),
        CostLimit,
        MaskUnexpected,
    ]
