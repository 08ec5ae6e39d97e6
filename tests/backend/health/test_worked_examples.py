"""The examples of docs/health.md, calculated line by line and by the product."""

import ast
import operator
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import uuid4

from plantwright.health.fleet import roll_up
from plantwright.health.formula import RULES, AlertEntry, assess
from plantwright.health.history_repository import MachineScore

NOW = datetime(2026, 3, 31, 12, tzinfo=UTC)
PAGE = (Path(__file__).parents[3] / "docs" / "health.md").read_text(encoding="utf-8")
SIGNS = str.maketrans("\N{MINUS SIGN}\N{MULTIPLICATION SIGN}\N{DIVISION SIGN}", "-*/")
OPERATORS: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}


def block(heading: str) -> list[str]:
    """The lines of the first block below a heading."""
    found = re.search(rf"^## {heading}$.*?^```\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found is not None, heading
    return [line for line in found[1].splitlines() if line]


def calculated(text: str) -> float:
    """Of an expression as the page writes it."""
    return _value(ast.parse(text.translate(SIGNS).strip(), mode="eval").body)


def _value(node: ast.expr) -> float:
    match node:
        case ast.Constant(value=int() | float() as value):
            return value
        case ast.BinOp(left, kind, right):
            return OPERATORS[type(kind)](_value(left), _value(right))
        case ast.UnaryOp(operand=operand):
            return -_value(operand)
        case ast.Call(args=arguments):
            return min(_value(argument) for argument in arguments)
    raise ValueError(ast.dump(node))


def results(lines: list[str]) -> dict[str, float]:
    """The last figure of each line by its name, all steps of which have to agree."""
    found = {}
    for line in lines:
        sums, _, rounded = line.partition(", rounded ")
        head, *steps = sums.split("=")
        name, *first = head.split(maxsplit=1)
        values = [calculated(step) for step in (*first, *steps)]
        assert max(values) - min(values) < 1e-9, line
        found[name] = float(rounded) if rounded else values[-1]
    return found


def alert(severity: str, days: float, *, waits: bool = False, **held: bool) -> AlertEntry:
    return AlertEntry(
        severity=severity,
        raised_at=NOW - timedelta(days=days),
        is_active=waits,
        is_acknowledged=not waits,
        **held,
    )


def check(lines: list[str], alerts: list[AlertEntry], episodes: dict[tuple[str | None, str], int], w: float) -> None:
    shown = results(lines)
    assessment = assess(alerts, episodes, w, NOW)
    assert {one.rule: float(one.points) for one in assessment.deductions if one.points} == {
        rule.name: shown[rule.name] for rule in RULES if rule.name in shown
    }
    assert (shown["alert_score"], shown["episodes"]) == (assessment.alert_score, assessment.anomaly_episodes)
    assert (shown["anomaly_score"], shown["score"]) == (assessment.anomaly_score, assessment.score)


def test_the_worked_example() -> None:
    alerts = [
        alert("critical", 1, waits=True),
        alert("warning", 2),
        alert("warning", 6),
        alert("warning", 12),
    ]
    episodes: dict[tuple[str | None, str], int] = {
        ("vibration", "static_baseline"): 6,
        ("vibration", "ewma"): 2,
        ("flow", "ewma"): 1,
    }
    check(block("Worked example"), alerts, episodes, 0.3)


def test_the_example_with_suppression_and_late_findings() -> None:
    alerts = [
        alert("critical", 3, waits=True, is_shelved=True),
        alert("critical", 0, waits=True, is_suppressed=True),
        alert("warning", 10),
    ]
    episodes: dict[tuple[str | None, str], int] = {(None, "multivariate"): 5, ("pressure", "rate_of_change"): 1}
    check(block("A second example, with suppression and late findings"), alerts, episodes, 0.5)


def test_the_example_of_a_site() -> None:
    shown = results(block("Fleet"))
    scores = [(60, 80), (75, None), (90, 100)]
    site = roll_up("Hall 1", [MachineScore(uuid4(), "P", "Hall 1", "healthy", *pair, None) for pair in scores], 1)
    assert (site.mean_score, site.trend_day, site.trend_week) == (shown["mean_score"], shown["trend24h"], None)
