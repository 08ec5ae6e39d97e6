"""GraphQL text: the patterns that all mutations and all connections of the schema share."""

USER_ERROR = "... on UserError { code message path }"
TOO_MANY_ATTEMPTS = "... on TooManyAttempts { retryAfterSeconds }"


def mutation(field: str, success: str, *fragments: str, errors: str = USER_ERROR) -> str:
    """One mutation with its `$input`, asking for `success` of the success member and for the errors."""
    kind = field[0].upper() + field[1:]
    selection = f"__typename ... on {kind}Success {{ {success} }} {errors}"
    return _joined(f"mutation {kind}($input: {kind}Input!) {{ {field}(input: $input) {{ {selection} }} }}", fragments)


def connection(field: str, nodes: str, *fragments: str, variables: str = "", arguments: str = "") -> tuple[str, str]:
    """Two queries over a connection with `$first` and `$after`: one for items, one that only walks over them."""
    name = field[0].upper() + field[1:]
    declared = f"($first: Int!, $after: String {variables})"
    call = f"{field}(first: $first, after: $after {arguments})"
    page = f"query {name}{declared} {{ {call} {{ totalCount nodes {{ {nodes} }} }} }}"
    skip = f"query Skip{name}{declared} {{ {call} {{ edges {{ cursor }} }} }}"
    return _joined(page, fragments), skip


def query(text: str, *fragments: str) -> str:
    return _joined(text, fragments)


def _joined(operation: str, fragments: tuple[str, ...]) -> str:
    return "\n".join((operation, *fragments))
