"""The newest reading of every series, kept by a consumer of the log."""

import numpy as np

from plantwright.core.database import UnitOfWork
from plantwright.readings import repository
from plantwright.readings.columns import LogSlice, settle_duplicates


async def keep_latest(work: UnitOfWork, readings: LogSlice) -> None:
    """Move `latest_reading` forward in the transaction that moves the consumer's cursor.

    Newest by the reading's own time: late readings change nothing. Of readings of the same time the later flush counts.
    """
    if len(readings) == 0:
        return
    settled = settle_duplicates(readings)
    is_newest = np.append(settled.series[1:] != settled.series[:-1], True)
    newest = LogSlice(
        readings.position,
        settled.series[is_newest],
        settled.time_ms[is_newest],
        settled.value[is_newest],
        settled.quality[is_newest],
    )
    await repository.upsert_latest(work, newest)


class LatestConsumer:
    name = "latest"

    async def consume(self, work: UnitOfWork, readings: LogSlice) -> None:
        await keep_latest(work, readings)
