"""Limits that hold before anything runs; a cost map comes with the public API keys."""

from collections.abc import Sequence
from typing import Any

from graphql import FieldNode, GraphQLError, NoSchemaIntrospectionCustomRule, OperationDefinitionNode, ValidationRule
from graphql.validation import ASTValidationRule, ValidationContext
from strawberry.extensions import (
    AddValidationRules,
    MaxAliasesLimiter,
    MaxTokensLimiter,
    ParserCache,
    QueryDepthLimiter,
    ValidationCache,
)

from plantwright.graphql.errors import MaskUnexpected

MAX_DEPTH = 10
MAX_ALIASES = 15
MAX_TOKENS = 2_000
MAX_ROOT_FIELDS = 10
MAX_DIRECTIVES = 20
CACHED_DOCUMENTS = 500


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
        MaskUnexpected,
    ]
