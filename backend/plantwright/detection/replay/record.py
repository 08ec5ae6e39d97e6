"""Findings that were derived beside those that the journal holds."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import orjson

from plantwright.assets.models import Metric
from plantwright.core.clock import from_milliseconds
from plantwright.detection.findings import ACTION_PREFIX, Detector, Finding, FindingKind, finding_to_payload
from plantwright.journal.canonical import to_payload
from plantwright.journal.service import Fact

SUPERSEDED = "finding.superseded"
KINDS = tuple(ACTION_PREFIX + kind.value for kind in FindingKind)
ACTIONS = (*KINDS, SUPERSEDED)
OF_SERIES = frozenset({Detector.STATIC_BASELINE.value, Detector.EWMA.value, Detector.RATE_OF_CHANGE.value})
# So many in one fact.
_PER_FACT = 100

Payload = Mapping[str, Any]


class Identity(NamedTuple):
    """What makes two findings the same, whatever their numbers."""

    machine_id: str
    metric_id: str | None
    rule_id: str | None
    detector: str
    time_ms: int
    kind: str
    severity: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A finding that holds as far as the journal knows; `sequence` is where it says so."""

    sequence: int
    payload: Payload


@dataclass(slots=True)
class Difference:
    """`missing` were derived and are not recorded; `superseded` are recorded, with what takes their place, if any."""

    equal: int = 0
    missing: list[Payload] = field(default_factory=list)
    superseded: list[tuple[Standing, Payload | None]] = field(default_factory=list)

    @classmethod
    def joined(cls, parts: "Sequence[Difference]") -> "Difference":
        missing = [payload for part in parts for payload in part.missing]
        superseded = [entry for part in parts for entry in part.superseded]
        return cls(sum(part.equal for part in parts), missing, superseded)


def payload_of(finding: Finding, metric: Metric) -> dict[str, Any]:
    """As it is journaled."""
    payload: dict[str, Any] = to_payload(
        {
            **finding_to_payload(finding),
            "time": from_milliseconds(finding.time_ms),
            "started": from_milliseconds(finding.started_ms),
            "machine_id": metric.machine_id,
            "metric_id": metric.id,
            "metric": metric.name,
            "unit": metric.unit,
        }
    )
    return payload


def line_of(payload: Payload) -> bytes:
    """Canonical JSON (docs/journal.md) of what was found, without how it came into the journal."""
    found = {name: value for name, value in payload.items() if name not in {"late", "withdrawn"}}
    return orjson.dumps(found, option=orjson.OPT_SORT_KEYS)


def identity_of(payload: Payload) -> Identity:
    return Identity._make(payload.get(name) for name in Identity._fields)


def in_order(payloads: Iterable[Payload]) -> list[Payload]:
    """By time, then machine, metric, rule and detector."""
    return sorted(payloads, key=_place)


def _place(payload: Payload) -> tuple[int, str, str, str, str]:
    identity = identity_of(payload)
    subject = identity.machine_id, identity.metric_id or "", identity.rule_id or ""
    return identity.time_ms, *subject, identity.detector


def standing_of(
    records: Iterable[tuple[int, str, Payload]], detectors: frozenset[str] = OF_SERIES
) -> dict[Identity, Standing]:
    """What holds of these detectors' findings after these rows of the journal, which come in its order."""
    standing: dict[Identity, Standing] = {}
    for sequence, action, payload in records:
        if action == SUPERSEDED:
            for entry in payload["findings"]:
                identity = identity_of({**payload, **entry["was"]})
                if identity.detector not in detectors:
                    continue
                if entry["now"] is None:
                    standing.pop(identity, None)
                else:
                    standing[identity] = Standing(sequence, entry["now"])
        elif payload["detector"] in detectors and not payload.get("withdrawn"):
            standing[identity_of(payload)] = Standing(sequence, payload)
    return standing


def compare(derived: Sequence[Payload], standing: Mapping[Identity, Standing]) -> Difference:
    """`standing` holds what the journal says of the same series and time."""
    difference = Difference()
    by_identity = {identity_of(payload): payload for payload in derived}
    for identity, payload in by_identity.items():
        known = standing.get(identity)
        if known is None:
            difference.missing.append(payload)
        elif line_of(known.payload) == line_of(payload):
            difference.equal += 1
        else:
            difference.superseded.append((known, payload))
    gone = [known for identity, known in standing.items() if identity not in by_identity]
    difference.superseded += [(known, None) for known in gone]
    return difference


def open_episodes(standing: Mapping[Identity, Standing]) -> dict[tuple[str | None, str | None, str], Payload]:
    """The newest finding of each machine, metric or none, and detector whose episode has not ended."""
    newest: dict[tuple[str | None, str | None, str], Payload] = {}
    for identity, known in sorted(standing.items(), key=lambda entry: (entry[0].time_ms, entry[1].sequence)):
        newest[identity.machine_id, identity.metric_id, identity.detector] = known.payload
    return {key: payload for key, payload in newest.items() if payload["kind"] != FindingKind.ENDED.value}


def superseded_facts(superseded: Sequence[tuple[Standing, Payload | None]]) -> list[Fact]:
    """One fact per metric, or machine, and hundred findings."""
    by_resource: dict[tuple[str, str], list[tuple[Standing, Payload | None]]] = {}
    for entry in superseded:
        by_resource.setdefault(resource_of(entry[0].payload), []).append(entry)
    facts = []
    for _, entries in sorted(by_resource.items()):
        for low in range(0, len(entries), _PER_FACT):
            facts.append(_superseded_fact(entries[low : low + _PER_FACT]))  # noqa: PERF401 - reads better
    return facts


def resource_of(payload: Payload) -> tuple[str, str]:
    """Type and id of what the journal says a finding is about: the metric, or the machine as a whole."""
    metric_id = payload["metric_id"]
    return ("machine", str(payload["machine_id"])) if metric_id is None else ("metric", str(metric_id))


def _superseded_fact(entries: Sequence[tuple[Standing, Payload | None]]) -> Fact:
    first = entries[0][0].payload
    findings = [
        {
            "sequence": known.sequence,
            "was": {name: known.payload[name] for name in ("detector", "time_ms", "kind", "severity")},
            "now": None if now is None else dict(now),
        }
        for known, now in entries
    ]
    subject = {name: first[name] for name in ("machine_id", "metric_id", "metric")}
    resource_type, resource_id = resource_of(first)
    return Fact(
        action=SUPERSEDED,
        resource_type=resource_type,
        resource_id=resource_id,
        payload={**subject, "findings": findings},
    )


def finding_fact(payload: Payload, **marks: bool) -> Fact:
    """A finding for the journal; `late` or `withdrawn` say how it came there."""
    resource_type, resource_id = resource_of(payload)
    return Fact(
        action=ACTION_PREFIX + payload["kind"],
        resource_type=resource_type,
        resource_id=resource_id,
        payload={**payload, **marks},
    )
