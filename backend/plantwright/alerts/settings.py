"""What a house decides about alerts for all its machines."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from hashlib import sha256
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plantwright.alerts.suppression.repository import lock_tenant
from plantwright.core.database import UnitOfWork
from plantwright.core.errors import Conflict, ValidationFailed
from plantwright.identity.settings import change_settings, read_setting
from plantwright.journal.service import Journal

OUT_OF_SERVICE_WITH_WORK_ORDER = "alerts.out_of_service_with_work_order"
TIME_ZONE = "alerts.time_zone"
SHIFT_STARTS = "alerts.shift_starts"
DEFAULT_SHIFT_STARTS = ("06:00", "14:00", "22:00")
MOST_SHIFTS = 12


@dataclass(frozen=True, slots=True)
class AlertSettings:
    """`shift_starts` are times of day, `HH:MM`, in the time zone (IANA)."""

    out_of_service_with_work_order: bool
    time_zone: str
    shift_starts: Sequence[str]

    @property
    def version(self) -> str:
        """Of these values: the same values have the same, others another."""
        values = (self.out_of_service_with_work_order, self.time_zone, tuple(self.shift_starts))
        return sha256(repr(values).encode()).hexdigest()[:16]


async def read_settings(work: UnitOfWork) -> AlertSettings:
    return AlertSettings(
        await read_setting(work, OUT_OF_SERVICE_WITH_WORK_ORDER, default=False),
        await read_setting(work, TIME_ZONE, "UTC"),
        tuple(await read_setting(work, SHIFT_STARTS, DEFAULT_SHIFT_STARTS)),
    )


async def write_settings(
    work: UnitOfWork,
    journal: Journal,
    actor_id: UUID,
    *,
    out_of_service_with_work_order: bool | None = None,
    time_zone: str | None = None,
    shift_starts: Sequence[str] | None = None,
    expected_version: str | None = None,
) -> AlertSettings:
    """What is None stays as it is.

    Raises:
        ValidationFailed: an unknown time zone, or shift starts that are no times of day.
        Conflict: they have changed since `expected_version`.
    """
    await lock_tenant(work)
    if expected_version not in {None, (await read_settings(work)).version}:
        raise Conflict("Somebody has changed these settings meanwhile. Load them again.", ["expectedVersion"])
    values: dict[str, Any] = {}
    if out_of_service_with_work_order is not None:
        values[OUT_OF_SERVICE_WITH_WORK_ORDER] = out_of_service_with_work_order
    if time_zone is not None:
        values[TIME_ZONE] = _zone(time_zone).key
    if shift_starts is not None:
        values[SHIFT_STARTS] = _starts(shift_starts)
    await change_settings(work, journal, actor_id, values)
    return await read_settings(work)


def end_of_shift(settings: AlertSettings, now: datetime) -> datetime:
    """The next start of a shift, which is the end of this one."""
    zone = _zone(settings.time_zone)
    today = now.astimezone(zone).date()
    starts = sorted(time.fromisoformat(start) for start in settings.shift_starts)
    coming = (datetime.combine(today + timedelta(days=day), start, tzinfo=zone) for day in range(3) for start in starts)
    return next(moment for moment in coming if moment > now)


def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValidationFailed(
            f"There is no time zone {name!r}. Use a name such as Europe/Berlin or UTC.", ["timeZone"]
        ) from None


def _starts(given: Sequence[str]) -> list[str]:
    path = ["shiftStarts"]
    if not 1 <= len(given) <= MOST_SHIFTS:
        raise ValidationFailed(f"A day has 1 to {MOST_SHIFTS} shifts.", path)
    try:
        times = {time.fromisoformat(text) for text in given}
    except ValueError:
        raise ValidationFailed("A shift starts at a time of day such as 06:00.", path) from None
    if any(moment.tzinfo is not None for moment in times):
        raise ValidationFailed("A shift starts at a local time such as 06:00, without a zone.", path)
    return [moment.strftime("%H:%M") for moment in sorted(times)]
