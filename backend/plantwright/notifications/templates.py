"""Templates that tenants write: Jinja, as far as it takes no more time than its length.

Variables, a few filters, conditions and comparisons are allowed; loops, calls, macros and arithmetic are not, so a
template can neither run for long nor reach anything of the server.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from jinja2 import TemplateError, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from plantwright.core.errors import ValidationFailed
from plantwright.core.text import bounded_text, storable

LONGEST_SUBJECT: Final = 200
LONGEST_TEXT: Final = 4_000
LONGEST_RENDERED: Final = 8_000
VARIABLES: Final = (
    "alerts",
    "cause",
    "channel",
    "count",
    "event",
    "late_minutes",
    "link",
    "machine",
    "message",
    "metric",
    "open_count",
    "policy",
    "raised_at",
    "reason",
    "severity",
    "severity_code",
    "site",
    "step",
    "threshold",
    "value",
    "where",
)
FILTERS: Final = ("capitalize", "default", "int", "length", "lower", "round", "title", "trim", "truncate", "upper")
_ALLOWED: Final = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Name,
    nodes.Const,
    nodes.Filter,
    nodes.Keyword,
    nodes.If,
    nodes.CondExpr,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.Concat,
)

_environment = ImmutableSandboxedEnvironment(autoescape=False, trim_blocks=True, lstrip_blocks=True)


@dataclass(frozen=True, slots=True)
class Words:
    """Subject and text, as templates or rendered."""

    subject: str
    text: str


def checked_words(subject: str, text: str) -> Words:
    """
    Raises:
        ValidationFailed: too long, empty, or no template that may be used; says where and why.
    """
    words = Words(
        bounded_text(subject, "subject", shortest=1, longest=LONGEST_SUBJECT),
        bounded_text(text, "text", shortest=1, longest=LONGEST_TEXT),
    )
    _check(words.subject, "subject")
    _check(words.text, "text")
    return words


def render(words: Words, values: Mapping[str, object]) -> Words:
    """The subject in one line of at most 200 characters, the text at most 8,000.

    Raises:
        jinja2.TemplateError, TypeError, ValueError: a filter does not take the value that it was given.
    """
    subject = " ".join(_environment.from_string(words.subject).render(values).split())
    text = _environment.from_string(words.text).render(values).strip()
    return Words(storable(_cut(subject, LONGEST_SUBJECT)), storable(_cut(text, LONGEST_RENDERED)))


def _check(source: str, field: str) -> None:
    """Compiling works out constants, so it comes after the look at what is in the template."""
    try:
        for node in _environment.parse(source).find_all(nodes.Node):
            _check_node(node, field)
        _environment.compile(source)
    except TemplateSyntaxError as error:
        raise ValidationFailed(f"{field}, line {error.lineno}: {error.message}", [field]) from None
    except TemplateError as error:
        raise ValidationFailed(f"{field}: {error.message}", [field]) from None
    except RecursionError:
        raise ValidationFailed(f"{field} is nested too deeply.", [field]) from None


def _check_node(node: nodes.Node, field: str) -> None:
    place = f"{field}, line {node.lineno}"
    if not isinstance(node, _ALLOWED):
        raise ValidationFailed(
            f"{place}: {type(node).__name__.lower()} is not possible in messages; there are variables, conditions "
            "and filters.",
            [field],
        )
    if isinstance(node, nodes.Name) and node.name not in VARIABLES:
        raise ValidationFailed(f"{place}: there is no {node.name}; there are {', '.join(VARIABLES)}.", [field])
    if isinstance(node, nodes.Filter) and node.name not in FILTERS:
        raise ValidationFailed(f"{place}: there is no filter {node.name}; there are {', '.join(FILTERS)}.", [field])


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
