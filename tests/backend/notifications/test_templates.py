"""What tenants may write into templates, and what not."""

import pytest
from plantwright.core.errors import ValidationFailed
from plantwright.notifications.events import Event
from plantwright.notifications.models import Language
from plantwright.notifications.phrases import BUILT_IN
from plantwright.notifications.templates import (
    FILTERS,
    LONGEST_RENDERED,
    LONGEST_SUBJECT,
    VARIABLES,
    checked_words,
    render,
)

VALUES: dict[str, object] = {**dict.fromkeys(VARIABLES, ""), "severity": "Critical", "message": "Too hot", "step": 2}


def shown(text: str, **values: object) -> str:
    return render(checked_words("x", text), {**VALUES, **values}).text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("{{ severity }}: {{ message }}", "Critical: Too hot"),
        ("{{ severity|upper }}", "CRITICAL"),
        ("{% if site %}{{ site }}{% else %}nowhere{% endif %}", "nowhere"),
        ("{{ site or 'nowhere' }}", "nowhere"),
        ("{{ 'bad' if severity == 'Critical' else 'fine' }}", "bad"),
        ("{{ message|truncate(5, true, '', 0) }}", "Too h"),
        ("{{ severity ~ '/' ~ step }}", "Critical/2"),
        ("{% if step > 1 %}again{% endif %}", "again"),
    ],
)
def test_variables_filters_and_conditions_are_possible(text: str, expected: str) -> None:
    assert shown(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("{% for x in message %}{{ x }}{% endfor %}", "text, line 1: for is not possible"),
        ("{{ message * 1000000 }}", "mul is not possible"),
        ("{{ 2 ** 100000 }}", "pow is not possible"),
        ("{{ 'x' * 10 ** 12 }}", "mul is not possible"),
        ("{{ '%s' % message }}", "mod is not possible"),
        ("{{ range(10) }}", "call is not possible"),
        ("{{ message.__class__ }}", "getattr is not possible"),
        ("{{ message['__class__'] }}", "getitem is not possible"),
        ("{% set x = 1 %}{{ x }}", "assign is not possible"),
        ("{% macro m() %}{% endmacro %}", "macro is not possible"),
        ("{% include 'x' %}", "include is not possible"),
        ("{% import 'x' as y %}", "import is not possible"),
        ("{{ [message, message] }}", "list is not possible"),
        ("{{ message|replace('a', 'aaaaaaaa') }}", "no filter replace"),
        ("{{ message|attr('x') }}", "no filter attr"),
        ("{{ password }}", "there is no password; there are alerts, cause, channel"),
        ("{{ self }}", "there is no self"),
        ("line one\n{{ broken", "text, line 2"),
        ("{{ message|nothing_like_it }}", "no filter nothing_like_it"),
        ("{{ message is nothing_like_it }}", "test is not possible"),
        ("(" * 10 + "{{ " + "(" * 2_000 + "message" + ")" * 1_500 + " }}", "text"),
        ("", "1 to 4,000 characters"),
        ("x" * 4_001, "1 to 4,000 characters"),
    ],
)
def test_what_could_run_for_long_or_reach_further_is_refused_with_the_place(text: str, reason: str) -> None:
    with pytest.raises(ValidationFailed) as refusal:
        checked_words("x", text)
    assert reason.lower() in refusal.value.message.lower()
    assert refusal.value.path == ("text",)


def test_values_are_never_templates_themselves() -> None:
    assert shown("{{ message }}", message="{{ severity }}{% for x in y %}") == "{{ severity }}{% for x in y %}"


def test_what_is_rendered_has_bounds_and_one_line_as_subject() -> None:
    words = render(
        checked_words("{{ message }}\n{{ message }}", "{{ message }}" * 200), {**VALUES, "message": "a b\n" * 100}
    )
    assert (len(words.subject), len(words.text)) == (LONGEST_SUBJECT, LONGEST_RENDERED)
    assert "\n" not in words.subject
    assert shown("{{ message }}", message="a\x00b") == "a\N{REPLACEMENT CHARACTER}b"


@pytest.mark.parametrize("language", list(Language))
@pytest.mark.parametrize("event", list(Event))
def test_built_in_words_keep_to_the_same_rules(event: Event, language: Language) -> None:
    words = BUILT_IN[language][event]
    assert checked_words(words.subject, words.text) == words
    rendered = render(words, {name: name.upper() for name in VARIABLES})
    assert rendered.subject
    assert rendered.text
    assert "{" not in rendered.subject + rendered.text


def test_filters_that_are_offered_exist() -> None:
    for name in FILTERS:
        checked_words("x", f"{{{{ message|{name} }}}}")
