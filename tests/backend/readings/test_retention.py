"""Retention by tier."""

from datetime import UTC, datetime

import pytest
from plantwright.identity.models import Tier
from plantwright.readings.storage.retention import RETENTION, raw_cutoff, rollup_cutoff

NOW = datetime(2026, 3, 10, 12, tzinfo=UTC)


def test_every_tier_has_a_retention() -> None:
    assert set(RETENTION) == set(Tier)


@pytest.mark.parametrize("tier", Tier)
def test_coarser_buckets_are_kept_at_least_as_long(tier: Tier) -> None:
    kept = RETENTION[tier]
    assert kept.raw_days < kept.minute_days < kept.hour_days <= kept.day_days


def test_cutoffs_lie_whole_days_back() -> None:
    assert raw_cutoff(Tier.FREE, NOW) == datetime(2026, 3, 3, 12, tzinfo=UTC)
    assert rollup_cutoff(Tier.FREE, 60, NOW) == datetime(2026, 2, 8, 12, tzinfo=UTC)
    assert rollup_cutoff(Tier.PRO, 3_600, NOW) == datetime(2016, 3, 12, 12, tzinfo=UTC)
