"""Findings as the detectors journal them."""

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from plantwright.alerts.consumer import AlertConsumer
from plantwright.alerts.models import Alert
from plantwright.alerts.timers import keep_time
from plantwright.assets.models import Metric
from plantwright.core.clock import iso_utc
from plantwright.core.database import Database
from plantwright.journal.consumers import run_consumer
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Fact, Journal
from sqlmodel import col, select

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def finding(
    kind: str,
    metric: Metric,
    time: datetime,
    /,
    *,
    severity: str = "warning",
    detector: str = "static_baseline",
    value: float = 9.21,
    score: float = 6.3,
    **more: Any,
) -> Fact:
    payload = {
        "machine_id": metric.machine_id,
        "metric_id": metric.id,
        "metric": metric.name,
        "unit": metric.unit,
        "detector": detector,
        "severity": severity,
        "time": iso_utc(time),
        "value": repr(value),
        "score": repr(score),
        "threshold": "5.0",
        "peak_score": repr(score),
        "started": iso_utc(time),
        "count": 3,
        "inputs": {"n": 300, "mean": "2.1", "spread": "1.125", "ewma": "2.6"},
        "formula": "score = |value - mean| / spread",
        **more,
    }
    return Fact(action=f"finding.{kind}", resource_type="metric", resource_id=str(metric.id), payload=payload)


@dataclass
class Plant:
    """A tenant's journal and alerts, as the worker sees them."""

    worker: Database
    journal: Journal
    tenant_id: UUID
    consumer: AlertConsumer = field(init=False)

    def __post_init__(self) -> None:
        self.consumer = AlertConsumer(self.journal)

    async def tell(self, *facts: Fact) -> None:
        async with self.worker.transaction(self.tenant_id) as work:
            await self.journal.append(work, *facts)

    async def find(self, *facts: Fact) -> list[Alert]:
        """Journal the findings, let the consumer catch up; returns all alerts, oldest first."""
        await self.tell(*facts)
        await run_consumer(self.worker, self.tenant_id, self.consumer)
        return await self.alerts()

    async def keep_time(self, now: datetime) -> None:
        async with self.worker.transaction(self.tenant_id) as work:
            await keep_time(work, self.journal, now)

    async def alerts(self) -> list[Alert]:
        async with self.worker.reading(self.tenant_id) as work:
            return list((await work.session.exec(select(Alert).order_by(col(Alert.raised_at), col(Alert.id)))).all())

    async def records(self, prefix: str) -> list[AuditRecord]:
        async with self.worker.reading(self.tenant_id) as work:
            statement = select(AuditRecord).where(col(AuditRecord.action).startswith(prefix))
            return list((await work.session.exec(statement.order_by(col(AuditRecord.sequence)))).all())

    async def actions(self, prefix: str = "alert.") -> list[str]:
        return [record.action for record in await self.records(prefix)]

    async def payloads(self, action: str) -> list[dict[str, Any]]:
        return [record.payload for record in await self.records(action)]
