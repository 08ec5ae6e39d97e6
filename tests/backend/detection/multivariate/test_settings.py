"""Settings of the machine-level chart: a default, a machine's own over it, each from the time it was saved on."""

import re
from dataclasses import asdict
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from plantwright.assets.models import Machine
from plantwright.core.clock import to_milliseconds, utc_now
from plantwright.core.errors import NotFound, ValidationFailed
from plantwright.detection.charts.state import NEVER
from plantwright.detection.multivariate.config import MultivariateConfig, overlay
from plantwright.detection.multivariate.settings import (
    MACHINE_CHANGED,
    MachineSettingsHistory,
    change_machine,
    change_tenant_default,
    machine_settings,
    settings_history,
    tenant_default,
)
from plantwright.detection.multivariate.settings_repository import SavedSettings
from plantwright.journal.models import AuditRecord
from plantwright.journal.service import Journal
from sqlmodel import col, select

from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant, TenantFactory

DOCUMENT = Path(__file__).parents[4] / "docs" / "detectors.md"


class Office:
    """Somebody who changes settings, each in a transaction of its own."""

    def __init__(self, databases: Databases, journal: Journal, tenant: MadeTenant, machine: Machine) -> None:
        self._databases, self._journal, self._tenant, self.machine = databases, journal, tenant, machine

    async def default(self, **changes: Any) -> None:
        async with self._databases.app.transaction(self._tenant.id) as work:
            await change_tenant_default(work, self._journal, self._tenant.admin_id, changes)

    async def own(self, changes: dict[str, Any] | None) -> MultivariateConfig:
        async with self._databases.app.transaction(self._tenant.id) as work:
            changed = await change_machine(work, self._journal, self._tenant.admin_id, self.machine.id, changes)
        return changed.config

    async def history(self) -> MachineSettingsHistory:
        """As the worker sees it."""
        async with self._databases.worker.reading(self._tenant.id) as work:
            return await settings_history(work, [self.machine.id])

    async def facts(self) -> list[AuditRecord]:
        actions = ["settings.changed", MACHINE_CHANGED]
        statement = select(AuditRecord).where(
            AuditRecord.tenant_id == self._tenant.id, col(AuditRecord.action).in_(actions)
        )
        async with self._databases.app.reading(self._tenant.id) as work:
            return list(await work.session.exec(statement.order_by(col(AuditRecord.sequence))))


@pytest.fixture
async def office(databases: Databases, journal: Journal, tenant: MadeTenant, make_machine: MachineFactory) -> Office:
    machine, _ = await make_machine(tenant)
    return Office(databases, journal, tenant, machine)


async def test_nothing_saved_is_the_defaults_from_the_beginning(office: Office) -> None:
    history = await office.history()
    assert history.spans(office.machine.id) == [(NEVER, MultivariateConfig())]
    assert history.present(office.machine.id) == MultivariateConfig()


async def test_settings_hold_from_when_they_were_saved(office: Office) -> None:
    began = to_milliseconds(utc_now())
    await office.default(confirm_frames=5)
    await office.own({"threshold": 1.5})
    await office.default(confirm_frames=6, clear_seconds=30)
    await office.own({"confirm_frames": 9})
    await office.own(None)
    times, configs = zip(*(await office.history()).spans(office.machine.id), strict=True)
    assert configs == (
        MultivariateConfig(),
        MultivariateConfig(confirm_frames=5),
        MultivariateConfig(confirm_frames=5, threshold=1.5),
        MultivariateConfig(confirm_frames=6, threshold=1.5, clear_seconds=30),
        MultivariateConfig(confirm_frames=9, threshold=1.5, clear_seconds=30),
        MultivariateConfig(confirm_frames=6, clear_seconds=30),
    )
    assert times[0] == NEVER
    assert began <= times[1]
    assert list(times) == sorted(set(times))
    assert (await office.history()).present(uuid4()) == configs[-1], "a machine without settings has the default"


async def test_what_changes_nothing_leaves_no_trace(office: Office) -> None:
    await office.own({"threshold": 2.0})
    await office.own({"threshold": 2.0})
    await office.default()
    assert len((await office.history()).spans(office.machine.id)) == 2
    [fact] = await office.facts()
    assert (fact.action, fact.resource_id) == (MACHINE_CHANGED, str(office.machine.id))
    assert fact.payload["machine_id"] == str(office.machine.id)
    assert fact.payload["changes"] == {"machine_chart": {"old": None, "new": {"threshold": "2.0"}}}


async def test_the_default_is_told_as_a_setting_of_the_tenant(office: Office) -> None:
    await office.default(confirm_frames=5)
    await office.default(clear_seconds=0)
    facts = await office.facts()
    assert [fact.action for fact in facts] == ["settings.changed"] * 2
    assert facts[1].payload["changes"] == {
        "machine_chart": {"old": {"confirm_frames": 5}, "new": {"confirm_frames": 5, "clear_seconds": 0}}
    }


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"threshold": 0.4}, "threshold must be a number from 0.5 to 100, not 0.4."),
        ({"threshold": float("nan")}, "threshold must be a number from 0.5 to 100, not nan."),
        ({"confirm_frames": 0}, "confirm_frames must be a whole number from 1 to 1000, not 0."),
        ({"confirm_frames": 2.5}, "confirm_frames must be a whole number from 1 to 1000, not 2.5."),
        ({"clear_seconds": 86_401}, "clear_seconds must be a whole number from 0 to 86400, not 86401."),
        ({"critical_factor": 0.9}, "critical_factor must be a number from 1 to 100, not 0.9."),
        ({"enabled": "yes"}, "enabled must be true or false."),
    ],
)
async def test_what_is_out_of_range_is_refused_and_changes_nothing(
    office: Office, changes: dict[str, Any], said: str
) -> None:
    for change in (lambda: office.own(changes), lambda: office.default(**changes)):
        with pytest.raises(ValidationFailed) as refused:
            await change()
        assert refused.value.message == said
        assert refused.value.path == tuple(changes)
    assert len((await office.history()).spans(office.machine.id)) == 1
    assert await office.facts() == []


async def test_nobody_changes_the_machine_of_another_tenant(
    office: Office, databases: Databases, journal: Journal, make_tenant: TenantFactory
) -> None:
    other = await make_tenant()
    async with databases.app.transaction(other.id) as work:
        assert await machine_settings(work, office.machine.id) is None
        with pytest.raises(NotFound):
            await change_machine(work, journal, other.admin_id, office.machine.id, {"enabled": False})
    await office.default(enabled=False)
    async with databases.app.reading(other.id) as work:
        assert (await tenant_default(work)).enabled
    assert len((await office.history()).spans(office.machine.id)) == 2


def test_what_a_later_release_saved_is_passed_over() -> None:
    machine_id = uuid4()
    saved = [SavedSettings(machine_id, 5, {"threshold": 3.0, "unheard_of": 1})]
    history = MachineSettingsHistory(saved)
    assert history.spans(machine_id) == [(NEVER, MultivariateConfig()), (5, MultivariateConfig(threshold=3.0))]


def test_the_documented_defaults_and_ranges_are_those_of_the_code() -> None:
    section = DOCUMENT.read_text().partition("### Settings of the machine as a whole")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `(\w+)` \| ([\w.]+) \| (?:([\d.,]+) to ([\d.,]+))? *\|", section, re.MULTILINE)
    defaults = {name: str(value).lower().removesuffix(".0") for name, value in asdict(MultivariateConfig()).items()}
    assert {name: default for name, default, _, _ in rows} == defaults
    ranges = [(name, low, high) for name, _, low, high in rows if low]
    assert {name for name, _, _ in ranges} == set(defaults) - {"enabled"}
    for name, low, high in ranges:
        for bound, beyond in ((low, -1), (high, 1)):
            edge: Any = float(bound) if "." in bound else int(bound.replace(",", ""))
            overlay(MultivariateConfig(), {name: edge})
            with pytest.raises(ValidationFailed):
                overlay(MultivariateConfig(), {name: edge + beyond})
