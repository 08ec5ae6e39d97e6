"""What judging a rule again says to the journal."""

from collections.abc import Sequence

from plantwright.core.clock import from_milliseconds
from plantwright.detection.replay.record import SUPERSEDED
from plantwright.journal.service import Fact
from plantwright.rules.findings import DETECTOR, RESOURCE_TYPE, Subject, finding_fact, finding_payload
from plantwright.rules.tracking import Superseded, Told

PASSED_OVER = "alert_rule.readings_passed_over"
# So many in one fact.
_PER_FACT = 100


def told_facts(told: Sequence[Told], subject: Subject) -> list[Fact]:
    return [finding_fact(one.finding, subject, [how.value for how in one.marks]) for one in told]


def superseded_facts(superseded: Sequence[Superseded], subject: Subject) -> list[Fact]:
    """One fact for a hundred findings."""
    parts = (superseded[low : low + _PER_FACT] for low in range(0, len(superseded), _PER_FACT))
    return [_superseded_fact(part, subject) for part in parts]


def _superseded_fact(superseded: Sequence[Superseded], subject: Subject) -> Fact:
    findings = [
        {
            "was": {
                "detector": DETECTOR,
                "time_ms": was.time_ms,
                "kind": was.kind.value,
                "severity": was.severity.value,
            },
            "now": None if now is None else finding_payload(now, subject),
        }
        for was, now in superseded
    ]
    payload = {**_about(subject), "metric_id": subject.metric_id, "metric": subject.metric, "findings": findings}
    return Fact(action=SUPERSEDED, resource_type=RESOURCE_TYPE, resource_id=str(subject.rule_id), payload=payload)


def passed_over_fact(subject: Subject, from_ms: int) -> Fact:
    """Readings from this time on came too late to be judged."""
    payload = {**_about(subject), "from": from_milliseconds(from_ms), "from_ms": from_ms}
    return Fact(action=PASSED_OVER, resource_type=RESOURCE_TYPE, resource_id=str(subject.rule_id), payload=payload)


def _about(subject: Subject) -> dict[str, object]:
    return {
        "rule_id": subject.rule_id,
        "rule_version": subject.rule_version,
        "machine_id": subject.machine_id,
    }
