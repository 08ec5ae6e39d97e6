"""Two tenants that both have something of everything, and what may never cross between them."""

import json
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import orjson
from plantwright.agents.heartbeat import read_heartbeat
from plantwright.agents.models import Agent
from plantwright.agents.service import take_heartbeat
from plantwright.alerts.models import Alert, AlertCause, Severity
from plantwright.assets.models import Machine, Metric
from plantwright.core.clock import utc_now
from plantwright.core.database import UnitOfWork
from plantwright.core.vault import Purpose, Vault
from plantwright.identity.keys import create_key
from plantwright.identity.models import ApiKey, Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Fact, Journal
from plantwright.maintenance import service as maintenance
from plantwright.maintenance.models import WorkOrder
from plantwright.notifications.addresses import new_runtime, personal_channel
from plantwright.notifications.models import NotificationChannel
from plantwright.sources import service as sources
from plantwright.sources.addresses import DeviceGuard, parse_networks
from plantwright.sources.configuration import Device
from plantwright.sources.models import IngestSource, SourceProtocol
from plantwright.sources.tags import TagDraft
from sqlalchemy import text

from tests.backend.agents.making import document, gap
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant
from tests.isolation.alerts_world import AsideProperty, set_aside
from tests.isolation.escalation_world import EscalationProperty, escalation_of, furnish_escalation
from tests.isolation.identity_world import IdentityProperty, furnish_identity
from tests.isolation.notifications_world import NotificationsProperty, furnish_notifications
from tests.isolation.rules_world import RuleProperty, furnish_rule

# Of a browser that nobody uses: the key is the generator of P-256.
SUBSCRIPTION = {
    "endpoint": "https://push.example/mine",
    "keys": {
        "p256dh": "BGsX0fLhLEJH-Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT-NC4v4af5uO5-tKfA-eFivOM1drMV7Oy7ZAaDe_UfU",
        "auth": "AAAAAAAAAAAAAAAAAAAAAA",
    },
}


@dataclass(frozen=True)
class Property:
    """What one tenant has, by kind."""

    tenant: MadeTenant
    machine: Machine
    metric: Metric
    alert: Alert
    work_order: WorkOrder
    key: ApiKey
    secret: str
    agent: Agent
    source: IngestSource
    browser: NotificationChannel
    escalation: EscalationProperty
    aside: AsideProperty
    notifications: NotificationsProperty
    rule: RuleProperty
    identity: IdentityProperty

    def markers(self) -> list[str]:
        """Texts that show, wherever they appear, that something of this tenant was seen."""
        ids = (
            self.tenant.id,
            self.tenant.admin_id,
            self.tenant.operator_id,
            self.tenant.viewer_id,
            self.machine.id,
            self.rule.rule.id,
            self.metric.id,
            self.alert.id,
            self.work_order.id,
            self.key.id,
            self.agent.id,
            self.source.id,
            self.browser.id,
            *self.escalation.ids(),
            *self.aside.ids(),
            *self.notifications.ids(),
            *self.identity.ids(),
        )
        return [
            *(str(one) for one in ids),
            self.tenant.slug,
            self.machine.identifier,
            self.key.prefix,
            self.alert.message,
        ]


def assert_nothing_of(theirs: Property, answer: str, sent: dict[str, Any]) -> None:
    echoed = json.dumps(sent)
    seen = [marker for marker in theirs.markers() if marker in answer and marker not in echoed]
    assert not seen, (seen, answer)


async def furnish(databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory) -> Property:
    machine, metrics = await make_machine(tenant, f"M-{tenant.slug}", {"vibration_rms": "mm/s"})
    metric = metrics["vibration_rms"]
    principal = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "test", utc_now())
    async with databases.app.transaction(tenant.id) as work:
        alert = _alert(tenant, machine.id, metric.id)
        work.session.add(alert)
        await work.session.flush()
        payload = {"machine_id": machine.id, "metric_id": metric.id}
        await journal.append(
            work,
            Fact(action="alert.raised", resource_type="alert", resource_id=str(alert.id), payload=payload),
            Fact(
                action="machine.status_changed",
                resource_type="machine",
                resource_id=str(machine.id),
                payload={
                    "machine_id": machine.id,
                    "old_status": "offline",
                    "new_status": "warning",
                    "health_score": 80,
                },
            ),
        )
        order = await maintenance.create(work, journal, tenant.admin_id, title=f"Fix {tenant.slug}", alert_id=alert.id)
        key, secret = await create_key(work, journal, principal, name=tenant.slug, scopes=["ingest"], expires_at=None)
        body = document(name=f"agent-{tenant.slug}", gaps=[gap(1, reason=f"trouble at {tenant.slug}")])
        agent = await take_heartbeat(work, journal, key.id, read_heartbeat(orjson.dumps(body)), utc_now())
        source = await _source(work, journal, tenant, machine)
        browser = await _browser(work, tenant)
        escalation = await furnish_escalation(work, journal, tenant)
        aside = await set_aside(work, journal, tenant, alert)
        notifications = await furnish_notifications(work, journal, tenant, alert)
        rule = await furnish_rule(work, journal, tenant, machine)
        identity = await furnish_identity(work, journal, principal, tenant.viewer_id)
    async with databases.worker.transaction(tenant.id) as work:
        work.session.add(escalation_of(tenant, alert.id, escalation.policy))
    return Property(
        tenant,
        machine,
        metric,
        alert,
        order,
        key,
        secret,
        agent,
        source,
        browser,
        escalation,
        aside,
        notifications,
        rule,
        identity,
    )


async def _source(work: UnitOfWork, journal: Journal, tenant: MadeTenant, machine: Machine) -> IngestSource:
    """Paused, so that no process of another test polls it."""
    tools = sources.Tools(journal, Vault(Purpose.SOURCES, b"k" * 40), DeviceGuard(parse_networks("10.0.0.0/8")))
    settings = {
        "security_mode": "None",
        "security_policy": "None",
        "mode": "poll",
        "timeout": 4.0,
        "poll_interval": 5.0,
    }
    device = Device(SourceProtocol.OPC_UA, f"opc.tcp://10.0.0.1:4840/{tenant.slug}", settings)
    tags = [TagDraft("ns=2;s=a", "vibration_rms", "mm/s")]
    return await sources.create(
        work, tools, tenant.admin_id, machine_id=machine.id, device=device, tags=tags, is_paused=True
    )


async def _browser(work: UnitOfWork, tenant: MadeTenant) -> NotificationChannel:
    made = personal_channel(tenant.id, tenant.admin_id, "web_push", f"Browser of {tenant.slug}")
    made.config = {"endpoint": f"https://push.example/{tenant.slug}", "p256dh": ""}
    work.session.add(made)
    await work.session.flush()
    work.session.add(new_runtime(made))
    return made


def _alert(tenant: MadeTenant, machine_id: UUID, metric_id: UUID) -> Alert:
    now = utc_now()
    return Alert(
        tenant_id=tenant.id,
        machine_id=machine_id,
        metric_id=metric_id,
        cause=AlertCause.EWMA.value,
        severity=Severity.WARNING.value,
        message=f"Trouble at {tenant.slug}",
        value=9.0,
        score=7.0,
        threshold=5.0,
        evidence={"inputs": {"mean": "2.0"}, "formula": "x"},
        raised_at=now,
        last_seen_at=now,
    )


async def fingerprint(databases: Databases, tenant: MadeTenant) -> str:
    """Of every row of the tenant in every table that the API's role may read."""
    tables = text("""
        SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')
          AND has_table_privilege(oid, 'SELECT') ORDER BY relname""")
    parts = []
    async with databases.app.reading(tenant.id) as work:
        for name in (await work.execute(tables)).scalars():
            rows = text(f"SELECT md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) FROM {name} t")  # noqa: S608
            parts.append(f"{name}:{(await work.execute(rows)).scalar_one()}")
    return "\n".join(parts)
