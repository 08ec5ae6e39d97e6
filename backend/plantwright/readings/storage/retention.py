"""How long readings and their rollups are kept, by tier of the tenant."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Final

from plantwright.identity.models import Tier


@dataclass(frozen=True, slots=True)
class Retention:
    """Days for which readings and rollup buckets of a minute, an hour and a day are kept."""

    raw_days: int
    minute_days: int
    hour_days: int
    day_days: int

    def days_of_buckets(self) -> dict[int, int]:
        """Days by length of the bucket in seconds."""
        return {60: self.minute_days, 3_600: self.hour_days, 86_400: self.day_days}


RETENTION: Final[Mapping[Tier, Retention]] = MappingProxyType(
    {
        Tier.FREE: Retention(raw_days=7, minute_days=30, hour_days=400, day_days=3_650),
        Tier.PRO: Retention(raw_days=365, minute_days=1_095, hour_days=3_650, day_days=7_300),
        Tier.ENTERPRISE: Retention(raw_days=3_650, minute_days=5_475, hour_days=7_300, day_days=7_300),
    }
)


def raw_cutoff(tier: Tier, now: datetime) -> datetime:
    """Readings before this time are no longer kept."""
    return now - timedelta(days=RETENTION[tier].raw_days)


def rollup_cutoff(tier: Tier, bucket_seconds: int, now: datetime) -> datetime:
    """Rollup buckets of this length before this time are no longer kept."""
    return now - timedelta(days=RETENTION[tier].days_of_buckets()[bucket_seconds])
