"""Findings of machines as they are journaled."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from plantwright.core.clock import from_milliseconds
from plantwright.detection.findings import ACTION_PREFIX
from plantwright.detection.multivariate.findings import MachineFinding, finding_to_payload
from plantwright.journal.service import Fact


def payload_of(machine_id: UUID, finding: MachineFinding, names: Mapping[int, str]) -> dict[str, Any]:
    """`names` are those of the metrics by series."""
    return {
        **finding_to_payload(finding, names),
        "time": from_milliseconds(finding.time_ms),
        "started": from_milliseconds(finding.started_ms),
        "machine_id": machine_id,
    }


def fact_of(machine_id: UUID, finding: MachineFinding, names: Mapping[int, str]) -> Fact:
    return Fact(
        action=ACTION_PREFIX + finding.kind.value,
        resource_type="machine",
        resource_id=str(machine_id),
        payload=payload_of(machine_id, finding, names),
    )
