"""The end of a long outage: its size on disk, how fast it drains, and how long live readings take meanwhile."""

import asyncio
import tempfile
import time
from pathlib import Path

from agent_plant import bytes_on_disk, fill, pushing, samples, tags
from plant import Plant, running_api
from plantwright_agent.buffer.batches import Lane
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.buffer.store import Store

DAY_SECONDS = 86_400
MAX_BYTES = 8_000_000_000
LOOK_SECONDS = 0.002


def measure(plant: Plant, key: str, *, days: float, metrics: int, seconds: float) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        began = time.perf_counter()
        readings = fill(folder, MAX_BYTES, "line", metrics, round(days * DAY_SECONDS))
        filled = time.perf_counter() - began
        size = bytes_on_disk(folder)
        began = time.perf_counter()
        Store(folder, MAX_BYTES).close()
        opened = time.perf_counter() - began
        with running_api(plant) as port:
            drained = asyncio.run(_drain(folder, port, key, metrics, seconds))
    return {
        "outage_readings": readings,
        "outage_fill_seconds": round(filled, 1),
        "outage_gb": round(size / 1e9, 3),
        "outage_bytes_per_reading": round(size / readings, 2),
        "outage_open_seconds": round(opened, 2),
        "outage_times_real_time": round(drained["drain_with_live_per_second"] / metrics),
        **drained,
    }


async def _drain(folder: Path, port: int, key: str, metrics: int, seconds: float) -> dict[str, float]:
    """Live readings come every second all the while, in the same stream."""
    waits: list[float] = []
    async with Buffer(folder, MAX_BYTES) as buffer:
        before = sum((await buffer.depths()).values())
        async with pushing(buffer, port, key, push_interval=0.05):
            began = time.perf_counter()
            while (past := time.perf_counter() - began) < seconds and (await buffer.depths()):
                [collected] = samples(tags(metrics), 1, 0.0)
                await buffer.add("line", collected)
                before += metrics
                added = time.perf_counter()
                while any(item.lane is Lane.LIVE for item in buffer.lanes()):  # noqa: ASYNC110 - nothing rings for it
                    await asyncio.sleep(LOOK_SECONDS)
                waits.append((time.perf_counter() - added) * 1000)
                await asyncio.sleep(max(0.0, 1.0 - (time.perf_counter() - began - past)))
            lasted = time.perf_counter() - began
            left = sum((await buffer.depths()).values())
    waits.sort()
    return {
        "drain_with_live_per_second": round((before - left) / lasted),
        "live_ms_p50": round(waits[len(waits) // 2], 1),
        "live_ms_p99": round(waits[min(len(waits) - 1, len(waits) * 99 // 100)], 1),
        "drain_left": left,
    }
