"""Alert messages in the words of the people who read them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any

from plantwright.alerts.findings import FindingFact
from plantwright.alerts.models import AlertCause
from plantwright.core.quantities import plain_number, unit_symbol
from plantwright.core.text import metric_title

_LONGEST = 2000
_MOST_NAMED = 5


def message_of(finding: FindingFact) -> str:
    """What the finder says, or one sentence: what was measured, how far that is from usual, and what is usual."""
    if finding.message:
        return finding.message[:_LONGEST]
    return _SENTENCES[AlertCause(finding.key.cause)](finding)


def _static_baseline(finding: FindingFact) -> str:
    mean = _input(finding.evidence, "mean")
    side = _side(finding.value, mean)
    return (
        f"{_measured(finding)} is {_times(_distance(finding))} standard deviations {side} its 7-day mean"
        f"{_quantity(mean, finding.unit)}"
    )


def _ewma(finding: FindingFact) -> str:
    mean, average = _input(finding.evidence, "mean"), _input(finding.evidence, "ewma")
    side = _side(finding.value if average is None else average, mean)
    return (
        f"{_metric(finding)} has drifted {_times(_distance(finding))} standard deviations {side} its 7-day mean"
        f"{_quantity(mean, finding.unit)}; its moving average is now{_quantity(average, finding.unit)}"
    )


def _rate_of_change(finding: FindingFact) -> str:
    step, interval = _input(finding.evidence, "step"), _input(finding.evidence, "interval_ms")
    usual = f"{_times(_distance(finding))} times its usual change"
    if step is None or not interval:
        return f"{_measured(finding)} changed by {usual}"
    per_second = plain_number(step / (interval / 1000))
    unit = f" {unit_symbol(finding.unit)}" if finding.unit else ""
    return f"{_metric(finding)} changed by {per_second}{unit} per second to{_now(finding)}, {usual}"


def _multivariate(finding: FindingFact) -> str:
    return (
        f"The metrics of the machine together are {_times(finding.score)} away from usual, where "
        f"{_times(finding.threshold)} is the limit"
    )


def _rule(finding: FindingFact) -> str:
    return "A rule of this machine is violated" if finding.metric is None else f"{_measured(finding)} violates a rule"


def _agent_silent(finding: FindingFact) -> str:
    inputs = finding.evidence["inputs"]
    heard = datetime.fromisoformat(inputs["last_seen_at"])
    reads = _named(inputs["machines"], inputs["machine_count"])
    silence = f"Agent {inputs['agent']} has not been heard of since {heard:%Y-%m-%d %H:%M:%S} UTC"
    return f"{silence}; behind it: {reads}" if reads else silence


def _source_lost(finding: FindingFact) -> str:
    inputs = finding.evidence["inputs"]
    since = datetime.fromisoformat(inputs["unreachable_since"])
    reason = f": {inputs['last_error']}" if inputs["last_error"] else ""
    return f"Communication lost: {inputs['source']} cannot be read since {since:%Y-%m-%d %H:%M:%S} UTC{reason}"


_SENTENCES: dict[AlertCause, Callable[[FindingFact], str]] = {
    AlertCause.STATIC_BASELINE: _static_baseline,
    AlertCause.EWMA: _ewma,
    AlertCause.RATE_OF_CHANGE: _rate_of_change,
    AlertCause.MULTIVARIATE: _multivariate,
    AlertCause.RULE: _rule,
    AlertCause.AGENT_SILENT: _agent_silent,
    AlertCause.SOURCE_LOST: _source_lost,
}


def _named(names: Sequence[str], total: int) -> str:
    """The first few by name, and how many more there are."""
    shown = list(names[:_MOST_NAMED])
    more = total - len(shown)
    if not more:
        return ", ".join(shown)
    return f"{', '.join(shown)} and {more:,} more {'machine' if more == 1 else 'machines'}"


def _input(evidence: Mapping[str, Any], name: str) -> float | None:
    value = evidence["inputs"].get(name)
    return None if value is None else float(value)


def _side(value: float, mean: float | None) -> str:
    if mean is None:
        return "from"
    return "above" if value >= mean else "below"


def _measured(finding: FindingFact) -> str:
    return f"{_metric(finding)}{_now(finding)}"


def _metric(finding: FindingFact) -> str:
    return metric_title(finding.metric or "")


def _now(finding: FindingFact) -> str:
    return _quantity(finding.value, finding.unit)


def _quantity(value: float | None, unit: str) -> str:
    if value is None:
        return ""
    return f" {plain_number(value)} {unit_symbol(unit)}".rstrip()


def _distance(finding: FindingFact) -> float:
    """The score without the caution that a young baseline divides it by."""
    return finding.score * (_input(finding.evidence, "caution") or 1.0)


def _times(score: float) -> str:
    most = 1000
    return f"over {most:,}" if score > most else f"{score:.1f}"
