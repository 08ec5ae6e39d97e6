"""What the readings log holds, as the API shows it."""

from collections.abc import Iterable
from datetime import datetime
from typing import Self
from uuid import UUID

import strawberry

from plantwright.graphql.context import Info
from plantwright.graphql.identity.types import User
from plantwright.graphql.scalars import BigInt
from plantwright.identity.models import Tier
from plantwright.readings import models
from plantwright.readings.storage import retention
from plantwright.readings.storage.repository import MonthUsage
from plantwright.readings.storage.service import Storage as StoredLog


@strawberry.type(description="Days for which the tier keeps readings, and their minutes, hours and days in summary.")
class StorageRetention:
    raw_days: int
    minute_days: int
    hour_days: int
    day_days: int

    @classmethod
    def of(cls, kept: retention.Retention) -> Self:
        return cls(
            raw_days=kept.raw_days, minute_days=kept.minute_days, hour_days=kept.hour_days, day_days=kept.day_days
        )


@strawberry.interface(description="Amounts of what is stored; docs/retention.md says what is counted.")
class StorageAmounts:
    bytes: BigInt = strawberry.field(description="Of readings, compressed as stored, without indexes.")
    readings: BigInt
    segments: BigInt = strawberry.field(description="Rows that hold the readings.")
    unmerged_segments: BigInt = strawberry.field(description="Of these, rows that are not whole hours yet.")
    rollup_bytes: BigInt = strawberry.field(description="Of minutes, hours and days in summary.")
    oldest: datetime | None = strawberry.field(description="Time of the oldest reading.")
    newest: datetime | None = strawberry.field(description="Time of the newest reading.")


@strawberry.type(description="What is stored of one month (UTC).")
class StorageMonth(StorageAmounts):
    month: datetime = strawberry.field(description="Its beginning.")

    @classmethod
    def of(cls, usage: MonthUsage) -> Self:
        return cls(
            month=usage.month,
            bytes=BigInt(usage.bytes),
            readings=BigInt(usage.readings),
            segments=BigInt(usage.segments),
            unmerged_segments=BigInt(usage.unmerged),
            rollup_bytes=BigInt(usage.rollup_bytes),
            oldest=usage.oldest,
            newest=usage.newest,
        )


@strawberry.type(description="The clean-up that was asked for last, and how far it is.")
class StorageCleanup:
    requested_at: datetime
    started_at: datetime | None = strawberry.field(description="Null while it waits for a worker.")
    finished_at: datetime | None = strawberry.field(description="Null until it is done.")
    deleted_segments: BigInt
    deleted_readings: BigInt
    deleted_rollups: BigInt = strawberry.field(description="Rows of minutes, hours and days in summary.")
    requester: strawberry.Private[UUID]

    @strawberry.field(description="Who asked for it.")
    async def requested_by(self, info: Info) -> User | None:
        user = await info.context.loaders.user.load(self.requester)
        return None if user is None else User.of(user)

    @classmethod
    def of(cls, row: models.StorageCleanup) -> Self:
        return cls(
            requested_at=row.requested_at,
            started_at=row.started_at,
            finished_at=row.finished_at,
            deleted_segments=BigInt(row.segments),
            deleted_readings=BigInt(row.readings),
            deleted_rollups=BigInt(row.rollups),
            requester=row.requested_by,
        )


@strawberry.type(description="What is stored of the tenant's readings, as last measured.")
class Storage(StorageAmounts):
    tier: Tier
    retention: StorageRetention
    measured_at: datetime | None = strawberry.field(description="Null before the first measurement.")
    months: list[StorageMonth] = strawberry.field(description="Months that hold something, oldest first.")
    cleanup: StorageCleanup | None = strawberry.field(description="Null when none was ever asked for.")

    @classmethod
    def of(cls, stored: StoredLog) -> Self:
        months = stored.months
        return cls(
            tier=stored.tier,
            retention=StorageRetention.of(retention.RETENTION[stored.tier]),
            measured_at=None if stored.state is None else stored.state.measured_at,
            bytes=BigInt(sum(month.bytes for month in months)),
            readings=BigInt(sum(month.readings for month in months)),
            segments=BigInt(sum(month.segments for month in months)),
            unmerged_segments=BigInt(sum(month.unmerged for month in months)),
            rollup_bytes=BigInt(sum(month.rollup_bytes for month in months)),
            oldest=min(_known(month.oldest for month in months), default=None),
            newest=max(_known(month.newest for month in months), default=None),
            months=[StorageMonth.of(month) for month in months],
            cleanup=None if stored.cleanup is None else StorageCleanup.of(stored.cleanup),
        )


def _known(times: Iterable[datetime | None]) -> list[datetime]:
    return [time for time in times if time is not None]
