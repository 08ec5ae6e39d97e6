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

    metric_id: str
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
    return Identity(*(payload[name] for name in Identity._fields))


def standing_of(records: Iterable[tuple[int, str, Payload]]) -> dict[Identity, Standing]:
    """What holds after these rows of the journal, which come in its order."""
    standing: dict[Identity, Standing] = {}
    for sequence, action, payload in records:
        if action == SUPERSEDED:
            for entry in payload["findings"]:
                identity = identity_of({"metric_id": payload["metric_id"], **entry["was"]})
                if entry["now"] is None:
                    standing.pop(identity, None)
                else:
                    standing[identity] = Standing(sequence, entry["now"])
        elif payload["detector"] in OF_SERIES and not payload.get("withdrawn"):
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


def open_episodes(standing: Mapping[Identity, Standing]) -> dict[tuple[str, str], Payload]:
    """The newest finding of each metric and detector whose episode has not ended."""
    newest: dict[tuple[str, str], Payload] = {}
    for identity, known in sorted(standing.items(), key=lambda entry: (entry[0].time_ms, entry[1].sequence)):
        newest[identity.metric_id, identity.detector] = known.payload
    return {key: payload for key, payload in newest.items() if payload["kind"] != FindingKind.ENDED.value}


def superseded_facts(superseded: Sequence[tuple[Standing, Payload | None]]) -> list[Fact]:
    """One fact per metric and hundred findings."""
    by_metric: dict[str, list[tuple[Standing, Payload | None]]] = {}
    for entry in superseded:
        by_metric.setdefault(entry[0].payload["metric_id"], []).append(entry)
    facts = []
    for metric_id, entries in sorted(by_metric.items()):
        for low in range(0, len(entries), _PER_FACT):
            facts.append(_superseded_fact(metric_id, entries[low : low + _PER_FACT]))  # noqa: PERF401 - reads better
    return facts


def _superseded_fact(metric_id: str, entries: Sequence[tuple[Standing, Payload | None]]) -> Fact:
    first = entries[0][0].payload
    findings = [
        {
            "sequence": known.sequence,
            "was": {name: known.payload[name] for name in ("detector", "time_ms", "kind", "severity")},
            "now": None if now is None else dict(now),
        }
        for known, now in entries
    ]
    payload = {"machine_id": first["machine_id"], "metric_id": metric_id, "metric": first["metric"]}
    return Fact(
        action=SUPERSEDED, resource_type="metric", resource_id=metric_id, payload={**payload, "findings": findings}
    )


def finding_fact(payload: Payload, **marks: bool) -> Fact:
    """A finding for the journal; `late` or `withdrawn` say how it came there."""
    action = ACTION_PREFIX + payload["kind"]
    return Fact(
        action=action,
        resource_type="metric",
        resource_id=str(payload["metric_id"]),
        payload={**payload, **marks},
    )
