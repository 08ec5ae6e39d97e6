"""What a new alert has to know of the plant: its site, what suppresses it, the groups and floods it may fall into."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from plantwright.alerts import repository
from plantwright.alerts.findings import AlertKey, FindingFact
from plantwright.alerts.links import machines_behind_lost_links
from plantwright.alerts.load import repository as load_repository
from plantwright.alerts.load.floods import FLOOD_WINDOW, FloodBook
from plantwright.alerts.load.groups import GroupBook
from plantwright.alerts.models import Alert
from plantwright.alerts.suppression import repository as suppressions
from plantwright.alerts.suppression.axis import DesignReason
from plantwright.alerts.suppression.models import Shelf
from plantwright.core.database import UnitOfWork


@dataclass
class Surroundings:
    """`out_of_service` is by machine and metric; None in place of the metric means the whole machine."""

    floods: FloodBook
    groups: GroupBook = field(default_factory=lambda: GroupBook([]))
    sites: Mapping[UUID, str] = field(default_factory=dict)
    shelves: Mapping[AlertKey, Shelf] = field(default_factory=dict)
    out_of_service: Mapping[tuple[UUID, UUID | None], UUID] = field(default_factory=dict)
    stopped: Collection[UUID] = ()
    unreachable: Collection[UUID] = ()

    def site_of(self, finding: FindingFact) -> str:
        return self.sites.get(finding.located_at, "") if finding.located_at else ""

    def shelf_for(self, key: AlertKey) -> Shelf | None:
        return self.shelves.get(key)

    def mark(self, alert: Alert, finding: FindingFact) -> None:
        """What suppresses the alert from its beginning, other than a shelf."""
        machine_id = alert.machine_id
        if machine_id is None:
            return
        whole = self.out_of_service.get((machine_id, None))
        alert.out_of_service_id = whole or self.out_of_service.get((machine_id, alert.metric_id))
        is_unreachable = finding.is_silence and machine_id in self.unreachable
        holds = {
            DesignReason.MACHINE_STOPPED: machine_id in self.stopped,
            DesignReason.COMMUNICATION_LOST: is_unreachable,
        }
        alert.design_reasons = [reason.value for reason, is_held in holds.items() if is_held]


async def look_around(work: UnitOfWork, starting: Sequence[FindingFact], open_alerts: Sequence[Alert]) -> Surroundings:
    """For findings that start; without any, only whether the open alerts are in a flood is read."""
    located = {finding.located_at for finding in starting if finding.located_at is not None}
    sites = await repository.sites_of(work, located) if located else {}
    names = {alert.site for alert in open_alerts} | set(sites.values()) | ({""} if starting else set())
    if not names:
        return Surroundings(FloodBook(work.tenant_id, (), {}))
    running = await load_repository.running_floods(work, names)
    if not starting:
        return Surroundings(FloodBook(work.tenant_id, running, {}))
    first, last = min(f.time for f in starting), max(f.time for f in starting)
    times = await load_repository.activations(work, names, first - FLOOD_WINDOW, last)
    keys = [finding.key for finding in starting]
    machines = {key.machine_id for key in keys if key.machine_id is not None}
    is_silence = any(finding.is_silence for finding in starting)
    return Surroundings(
        FloodBook(work.tenant_id, running, times),
        # A flood may begin within this very batch, so the leaders of all its sites are at hand.
        GroupBook(await load_repository.leaders(work, machines, names, first, last)),
        sites,
        await suppressions.shelves_in_force(work, keys),
        {(o.machine_id, o.metric_id): o.id for o in await suppressions.out_of_service_of(work, machines)},
        await suppressions.stopped_machines(work, machines) if machines else (),
        await machines_behind_lost_links(work, machines) if is_silence else (),
    )
