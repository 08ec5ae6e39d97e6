"""Settings of a tenant that the score and the status use."""

import math
from datetime import timedelta

from plantwright.core.database import UnitOfWork
from plantwright.core.errors import ValidationFailed
from plantwright.health.formula import DEFAULT_WEIGHT
from plantwright.identity.settings import read_setting

ANOMALY_WEIGHT = "health.anomaly_weight"
OFFLINE_AFTER = "assets.offline_after_seconds"
DEFAULT_OFFLINE_AFTER_SECONDS = 60
_OFFLINE_AFTER_RANGE = (5, 86_400)


async def read_anomaly_weight(work: UnitOfWork) -> float:
    return float(await read_setting(work, ANOMALY_WEIGHT, DEFAULT_WEIGHT))


async def read_offline_after(work: UnitOfWork) -> timedelta:
    return timedelta(seconds=float(await read_setting(work, OFFLINE_AFTER, DEFAULT_OFFLINE_AFTER_SECONDS)))


def check_anomaly_weight(value: float) -> float:
    """
    Raises:
        ValidationFailed: not a number from 0 to 1.
    """
    if isinstance(value, bool) or not math.isfinite(value) or not 0 <= value <= 1:
        raise ValidationFailed("The anomaly weight must be a number from 0 to 1.", ["anomalyWeight"])
    return float(value)


def check_offline_after(seconds: int) -> int:
    """
    Raises:
        ValidationFailed: not a whole number of seconds from 5 s to a day.
    """
    low, high = _OFFLINE_AFTER_RANGE
    if isinstance(seconds, bool) or not isinstance(seconds, int) or not low <= seconds <= high:
        raise ValidationFailed(
            f"A machine can be called offline after {low} to {high:,} whole seconds.", ["offlineAfterSeconds"]
        )
    return seconds
