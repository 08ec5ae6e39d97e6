"""`plantwright replay` as people run it: processes of its own, real database, exit code and text."""

# ruff: noqa: ASYNC240 - small local files

import asyncio
import sys
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import orjson
import pytest
from plantwright.assets.models import Machine
from plantwright.core.clock import from_milliseconds, iso_utc
from plantwright.core.settings import Settings
from plantwright.detection.replay.record import SUPERSEDED, finding_fact

from tests.backend.detection.stored_plant import HOUR_MS, START_MS, Plant, readings_of
from tests.conftest import AUDIT_KEY, SECRET_KEY


@dataclass(frozen=True)
class Outcome:
    code: int
    out: bytes
    err: str


Run = Callable[..., Awaitable[Outcome]]


@pytest.fixture
def run(settings: Settings, plant: Plant, tmp_path: Path) -> Run:
    async def start(*arguments: str, since_ms: int = START_MS) -> Outcome:
        environment = {
            "DATABASE_URL": settings.owner_url(),
            "PLANTWRIGHT_SECRET_KEY": SECRET_KEY,
            "PLANTWRIGHT_AUDIT_HMAC_KEY": AUDIT_KEY,
            "PLANTWRIGHT_DATA_DIR": str(tmp_path),
            "COLUMNS": "200",
        }
        named = arguments if "--tenant" in arguments else ("--tenant", str(plant.tenant.id), *arguments)
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", "plantwright.cli", "replay"),
            *("--from", iso_utc(from_milliseconds(since_ms)), *named),
            env=environment,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        out, err = await process.communicate()
        return Outcome(int(process.returncode or 0), out, err.decode())

    return start


@pytest.fixture
async def judged(plant: Plant) -> Plant:
    for name, seed in (("flow", 3), ("pressure", 4)):
        await plant.log.flush(readings_of(plant.series(name), seed))
    await plant.take()
    await plant.watch_machine()
    return plant


async def test_lines_are_the_bytes_of_the_journal_whatever_the_number_of_workers(
    judged: Plant, run: Run, tmp_path: Path
) -> None:
    one, two = await run(), await run("--workers", "2", "--out", str(tmp_path / "findings.jsonl"))
    assert (one.code, two.code) == (0, 0), (one.err, two.err)
    assert (tmp_path / "findings.jsonl").read_bytes() == one.out
    of_series = [payload for _, payload in await judged.recorded()]
    of_machine = await judged.recorded_of_machine()
    recorded = [orjson.dumps(payload, option=orjson.OPT_SORT_KEYS) for payload in of_series + of_machine]
    assert sorted(one.out.splitlines()) == sorted(recorded)
    assert min(len(of_series) - 8, len(of_machine)) > 0
    assert f"2 series: {len(of_series)} findings of 6000 readings." in one.err
    assert f"1 machines: {len(of_machine)} findings of 6000 readings." in one.err
    assert sorted(path.name for path in tmp_path.iterdir()) == ["findings.jsonl"]


async def test_a_metric_and_a_period(judged: Plant, run: Run) -> None:
    async with judged.databases.app.reading(judged.tenant.id) as work:
        machine = await work.session.get(Machine, (judged.tenant.id, judged.metrics["flow"].machine_id))
    assert machine is not None
    since = START_MS + 40 * HOUR_MS
    outcome = await run("--metric", f"{machine.identifier}/flow", since_ms=since)
    lines = [orjson.loads(line) for line in outcome.out.splitlines()]
    assert {line["metric"] for line in lines} == {"flow"}
    assert min(line["time_ms"] for line in lines) >= since
    by_id = await run("--metric", str(judged.metrics["flow"].id), since_ms=since)
    assert by_id.out == outcome.out
    of_machine = await run("--machine", machine.identifier, since_ms=since)
    assert {orjson.loads(line)["metric"] for line in of_machine.out.splitlines()} == {"flow", "pressure", None}


async def test_check_agrees_with_the_journal_and_finds_what_was_put_in(judged: Plant, run: Run) -> None:
    agreed = await run("--check")
    assert (agreed.code, b" 0 missing in the journal" in agreed.out) == (0, True), agreed
    [(_, payload), *_] = await judged.recorded()
    async with judged.databases.worker.transaction(judged.tenant.id) as work:
        forged = {**payload, "time_ms": payload["time_ms"] + 1}
        await judged.journal.append(work, finding_fact(forged))
    differing = await run("--check")
    assert differing.code == 1
    assert b"1 in the journal that are not derived like that any more" in differing.out


async def test_late_readings_are_told_and_what_they_superseded_too(judged: Plant, run: Run) -> None:
    series = judged.series("flow")
    await judged.take([(series, at, 50.0, 0) for _, at, _, _ in readings_of(series, 3)[1800:1810]])
    waiting = await run("--check")
    assert waiting.code == 1
    assert "1 series have late readings that are still to be derived anew." in waiting.err
    await judged.watch_machine()
    await judged.derive()
    await judged.derive_machine()
    assert SUPERSEDED in [action for action, _ in await judged.recorded()]
    assert (await run("--check")).code == 0


async def test_what_cannot_begin_says_why(judged: Plant, run: Run) -> None:
    unknown = await run("--tenant", "nobody")
    assert (unknown.code, unknown.err) == (2, "plantwright: There is no tenant named 'nobody'.\n")
    nameless = await run("--metric", "PUMP/none")
    assert nameless.code == 2
    assert "There is no metric 'PUMP/none': name it as MACHINE/METRIC or by its id." in nameless.err
    machineless = await run("--machine", "PUMP")
    assert machineless.code == 2
    assert "There is no machine 'PUMP': name it by its identifier or its id." in machineless.err
    backwards = await run("--to", "2020-01-01T00:00:00Z")
    assert (backwards.code, backwards.err) == (2, "plantwright: The period must begin before it ends.\n")
    garbled = await run("--to", "yesterday")
    assert (garbled.code, garbled.err) == (2, "plantwright: 'yesterday' is no time such as 2026-01-31T08:00:00Z.\n")
    nowhere = await run("--out", "/nowhere/findings.jsonl")
    assert nowhere.code == 2
    assert "/nowhere/findings.jsonl cannot be written" in nowhere.err
