"""The detectors as a consumer of the readings log; findings are journaled in the transaction that moves the cursor."""

from collections.abc import Sequence

from plantwright.core.database import UnitOfWork
from plantwright.detection.stateful import StatefulDetector
from plantwright.detection.states.series_charts import SeriesCharts
from plantwright.detection.states.shard_cache import ShardCache
from plantwright.journal.service import Journal
from plantwright.readings.columns import LogSlice


class DetectionConsumer:
    """State, cursor and findings commit together, so a crash neither loses nor repeats a finding."""

    name = "detection"

    def __init__(self, journal: Journal, cache: ShardCache | None = None) -> None:
        self._journal = journal
        cache = cache or ShardCache()
        self._detectors: Sequence[StatefulDetector] = (SeriesCharts(cache),)

    async def consume(self, work: UnitOfWork, readings: LogSlice) -> None:
        if not len(readings):
            return
        conclusions = [await detector.conclude(work, readings) for detector in self._detectors]
        for concluded in conclusions:
            for save in concluded.saves:
                await save(work)
        facts = [entry for concluded in conclusions for entry in concluded.facts]
        facts.sort(key=lambda entry: entry[0])
        await self._journal.append(work, *(fact for _, fact in facts))
