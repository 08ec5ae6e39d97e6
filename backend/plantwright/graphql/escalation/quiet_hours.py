"""Quiet hours as the API shows and takes them."""

from datetime import datetime
from typing import Self

import strawberry

from plantwright.alerts.models import Severity
from plantwright.core.database import UnitOfWork
from plantwright.escalation import models, quiet_repository
from plantwright.escalation.quiet_hours import DigestRhythm
from plantwright.escalation.quiet_hours import QuietHours as Domain
from plantwright.escalation.quiet_settings import QuietScope, quiet_hours_of
from plantwright.graphql.escalation.windows import (
    WEEKDAYS,
    WeeklyWindow,
    WeeklyWindowInput,
    shown_time,
    to_time,
    to_windows,
)
from plantwright.identity.principal import Principal

strawberry.enum(DigestRhythm, description="When what was held is told.")
strawberry.enum(QuietScope, name="QuietHoursScope", description="Whose: the tenant's, one's own, or a channel's.")


@strawberry.type(description="When alerts of low urgency wait, and when they are told then. Critical never waits.")
class QuietHours:
    scope: QuietScope
    channel_id: strawberry.ID | None = strawberry.field(description="Of the scope channel.")
    time_zone: str
    windows: list[WeeklyWindow]
    low_urgency: list[Severity]
    rhythm: DigestRhythm
    digest_time: str = strawberry.field(description="Of daily and weekly digests.")
    digest_weekday: int = strawberry.field(description=f"Of weekly digests. {WEEKDAYS}")
    updated_at: datetime

    @classmethod
    def of(cls, row: models.QuietHoursSetting) -> Self:
        quiet, scope = quiet_hours_of(row), QuietScope(row.scope)
        return cls(
            scope=scope,
            channel_id=strawberry.ID(str(row.subject_id)) if scope is QuietScope.CHANNEL else None,
            time_zone=quiet.time_zone,
            windows=[WeeklyWindow.of(window) for window in quiet.windows],
            low_urgency=list(quiet.low_urgency),
            rhythm=quiet.rhythm,
            digest_time=shown_time(quiet.digest_time),
            digest_weekday=quiet.digest_weekday,
            updated_at=row.updated_at,
        )


@strawberry.type(description="What has none of its own has those of the tenant.")
class QuietHoursSettings:
    tenant: QuietHours | None
    own: QuietHours | None = strawberry.field(description="Those of the person who asks.")
    channels: list[QuietHours]

    @classmethod
    async def load(cls, work: UnitOfWork, principal: Principal) -> Self:
        rows = await quiet_repository.settings_of(work, [principal.tenant_id, principal.user_id])
        tenant, own = rows.get(principal.tenant_id), rows.get(principal.user_id)
        channels = await quiet_repository.list_settings(work, QuietScope.CHANNEL)
        return cls(
            tenant=None if tenant is None else QuietHours.of(tenant),
            own=None if own is None else QuietHours.of(own),
            channels=[QuietHours.of(row) for row in channels],
        )


@strawberry.input(description="Those of the tenant: admins. Of a channel: operators too. Of the scope user: one's own.")
class QuietHoursSetInput:
    scope: QuietScope
    channel_id: strawberry.ID | None = strawberry.field(default=None, description="Of the scope channel.")
    time_zone: str = strawberry.field(description="Of the IANA database, such as Europe/Berlin.")
    windows: list[WeeklyWindowInput] = strawberry.field(description="1 to 14.")
    low_urgency: list[Severity] = strawberry.field(
        default_factory=lambda: [Severity.INFO, Severity.WARNING], description="What waits; never critical."
    )
    rhythm: DigestRhythm = DigestRhythm.AFTER_QUIET_HOURS
    digest_time: str = strawberry.field(default="07:00", description="Of daily and weekly digests.")
    digest_weekday: int = strawberry.field(default=1, description=f"Of weekly digests. {WEEKDAYS}")

    def to_domain(self) -> Domain:
        return Domain(
            time_zone=self.time_zone,
            windows=to_windows(self.windows, ["windows"]),
            low_urgency=tuple(dict.fromkeys(self.low_urgency)),
            rhythm=self.rhythm,
            digest_time=to_time(self.digest_time, ["digestTime"]),
            digest_weekday=self.digest_weekday,
        )


@strawberry.input
class QuietHoursRemoveInput:
    scope: QuietScope
    channel_id: strawberry.ID | None = strawberry.field(default=None, description="Of the scope channel.")
