"""The schema as committed text."""

from pathlib import Path

from strawberry.printer import print_schema

from plantwright.core.errors import ConfigurationError
from plantwright.graphql.schema import build_schema


def print_sorted() -> str:
    return print_schema(build_schema(is_sorted=True)) + "\n"


def check_schema(path: str) -> None:
    """
    Raises:
        ConfigurationError: the file differs from the code.
    """
    if Path(path).read_text(encoding="utf-8") != print_sorted():
        raise ConfigurationError(f"{path} differs from the code. Print it again with `./justw schema`.")
