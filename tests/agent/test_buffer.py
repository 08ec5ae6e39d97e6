"""Damage, a full disk, a second agent, and what the records of a buffer say."""

import asyncio
import random
import sqlite3
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from plantwright_agent.buffer import clock
from plantwright_agent.buffer.batches import Lane
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.buffer.limit import FULL, TOO_OLD
from plantwright_agent.buffer.store import Store
from plantwright_agent.buffer.surface import Addition
from plantwright_agent.errors import BufferFullError, BufferUnusableError
from plantwright_agent.normalise import normalise
from plantwright_agent.samples import Collected, DeadLetter, FilePosition, Gap, Origin, RawSample, Reading

from tests.agent.support import TAG, buffered, collected, reading, rows

BIG = 50_000_000
NOISE = random.Random(3)  # noqa: S311
VALUES = [NOISE.random() for _ in range(20_000)]


def noise(count: int) -> list[Reading]:
    """Readings that no compression makes small."""
    return [reading(NOISE.random()) for _ in range(count)]


def open_store(folder: Path, size: int = BIG) -> Store:
    store = Store(folder, size)
    store.register("s", keep=False)
    return store


def test_a_damaged_file_is_set_aside_and_the_new_one_is_a_new_agent(folder: Path) -> None:
    store = open_store(folder)
    store.add(Addition("s", [reading(number) for number in range(200)]))
    agent = store.agent
    store.close()
    content = bytearray((folder / "buffer.db").read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    (folder / "buffer.db").write_bytes(content)
    again = open_store(folder)
    assert again.agent != agent
    assert again.set_aside is not None
    assert again.set_aside.read_bytes() == bytes(content)
    again.add(Addition("s", [reading(1)]))
    assert again.depths() == {"s": 1}
    again.close()


def test_a_file_that_is_no_database_is_set_aside_too(folder: Path) -> None:
    folder.mkdir()
    (folder / "buffer.db").write_text("not a database, but long enough to look at" * 100)
    store = open_store(folder)
    assert store.set_aside is not None
    store.close()


def test_the_agent_stays_the_same_when_the_buffer_is_opened_again(folder: Path) -> None:
    first = open_store(folder)
    first.close()
    second = open_store(folder)
    assert (second.agent, second.set_aside) == (first.agent, None)
    second.close()


def test_a_file_of_another_format_is_left_alone(folder: Path) -> None:
    open_store(folder).close()
    connection = sqlite3.connect(folder / "buffer.db")
    connection.execute("PRAGMA user_version = 99")
    connection.close()
    with pytest.raises(BufferUnusableError, match="format 99"):
        open_store(folder)
    assert {path.name for path in folder.iterdir()} == {"buffer.db", "buffer.reserve"}


async def test_a_second_agent_is_kept_out(folder: Path) -> None:
    async with Buffer(folder, BIG):
        with pytest.raises(BufferUnusableError, match="in use by another agent"):
            async with Buffer(folder, BIG):
                pass
    async with Buffer(folder, BIG):
        pass


def test_a_folder_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(BufferUnusableError, match="file/buffer"):
        Store(tmp_path / "file" / "buffer", BIG)


def test_a_full_disk_refuses_whole_and_loses_nothing(folder: Path) -> None:
    store = open_store(folder)
    store.add(Addition("s", [reading(1)]))
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(BufferFullError):
        store.add(Addition("s", noise(3000)))
    assert store.depths() == {"s": 1}
    store._db.execute("PRAGMA max_page_count = 100000")
    store.add(Addition("s", [reading(2)]))
    assert store.depths() == {"s": 2}
    store.close()


def test_dropping_leaves_one_growing_gap_with_the_count(folder: Path) -> None:
    store = open_store(folder, 1_000_000)
    for _ in range(30):
        store.add(Addition("s", noise(5_000)))
    [(reason, start, end, count)] = rows(folder, "SELECT reason, start_ms, end_ms, count FROM gap")
    [summary] = store.summary()
    assert (reason, count) == (FULL, summary.dropped)
    assert start <= end
    assert summary.dropped + summary.depth == 150_000
    assert summary.depth > 50_000
    assert sum(file.stat().st_size for file in folder.glob("buffer.db*")) <= 1_000_000
    store.close()


def test_a_gap_from_before_the_clock_was_set_back_stays_apart(folder: Path) -> None:
    store = open_store(folder)
    now = datetime.now(UTC)
    for begin in (now + timedelta(hours=1), now):
        store.add(Addition("s", gaps=[Gap(begin, begin + timedelta(seconds=5), "no answer")]))
    store.close()
    assert rows(folder, "SELECT end_ms - start_ms FROM gap") == [(5_000,), (5_000,)]


def test_gaps_of_different_times_or_reasons_stay_apart(folder: Path) -> None:
    store = open_store(folder)
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    gaps = [Gap(now - 3 * hour, now - 2 * hour, "a"), Gap(now - hour, now, "a"), Gap(now - hour, now, "b", "tag")]
    store.add(Addition("s", gaps=gaps))
    store.add(Addition("s", gaps=[Gap(now, now + hour, "a")]))
    assert rows(folder, "SELECT reason, tag, count FROM gap ORDER BY id") == [
        ("a", "", 1),
        ("a", "", 2),
        ("b", "tag", 1),
    ]
    store.close()


def test_dead_letters_are_bounded_in_number_and_length_but_all_counted(folder: Path) -> None:
    store = open_store(folder)
    letters = [DeadLetter("f.csv", line, "x" * 5000, "broken") for line in range(2_550)]
    store.add(Addition("s", dead_letters=letters))
    assert rows(folder, "SELECT count(*), min(line), max(length(text)) FROM dead_letter") == [(2_500, 50, 1000)]
    assert store.summary()[0].dead_letters == 2_550
    store.close()


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 10**400, "12", None, [1.0]])
def test_what_is_no_finite_number_becomes_a_gap_or_a_dead_letter(value: object) -> None:
    now = datetime.now(UTC)
    live, filed = RawSample(TAG, value, now), RawSample(TAG, value, now, origin=Origin("f.csv", 7, "1;2"))
    readings, letters, gaps = normalise(Collected((live, filed)))
    assert readings == []
    assert [(gap.tag, gap.start) for gap in gaps] == [("p1", now)]
    assert [(letter.origin, letter.line, letter.text) for letter in letters] == [("f.csv", 7, "1;2")]


def test_a_value_is_scaled_and_a_boolean_counts() -> None:
    tag = type(TAG)("M", "m", "bar", "t", scale=0.1, offset=-4.0)
    now = datetime.now(UTC)
    readings, _, _ = normalise(Collected((RawSample(tag, 100, now, "uncertain"), RawSample(TAG, True, now))))
    assert [(item.value, item.quality) for item in readings] == [(6.0, "uncertain"), (1.0, "good")]


async def test_sources_that_can_wait_are_held_back_before_the_buffer_is_full(folder: Path) -> None:
    async with Buffer(folder, 500_000) as buffer:
        await buffer.register("file", keep=True)
        while buffer._room.is_set():
            await buffer.add("file", collected(*NOISE.sample(VALUES, 2_000)))
        assert 0.8 * buffer._store.room <= buffer.size <= buffer._store.room
        batch = await buffer.take("file", Lane.LIVE, 10_000)
        assert batch is not None
        await buffer.settle(batch, {}, 1, 10_000)
        assert buffer._room.is_set()


async def test_a_buffer_full_of_what_must_be_kept_refuses_and_still_takes_records(folder: Path) -> None:
    async with Buffer(folder, 500_000) as buffer:
        await buffer.register("file", keep=True)
        while buffer.size < buffer._store.room - 20_000:
            await buffer.add("file", collected(*NOISE.sample(VALUES, 2_000)))
        with pytest.raises(BufferFullError, match="raise max_buffer_mb"):
            await buffer.add("file", collected(*VALUES))
        now = datetime.now(UTC)
        await buffer.add("file", Collected(gaps=(Gap(now, now, "down"),)))
        while (batch := await buffer.take("file", Lane.LIVE, 10_000)) is not None:
            await buffer.settle(batch, {0: "not wanted"}, 1, 10_000)
        assert rows(folder, "SELECT count(*) FROM gap UNION ALL SELECT count(*) > 3 FROM dead_letter") == [(1,), (1,)]


async def test_what_sources_add_at_the_same_time_shares_a_commit(folder: Path) -> None:
    async with Buffer(folder, BIG) as buffer:
        for name in ("a", "b"):
            await buffer.register(name, keep=False)
        await asyncio.gather(*(buffer.add(name, collected(float(n))) for n in range(50) for name in ("a", "b")))
        assert await buffer.depths() == {"a": 50, "b": 50}
        assert [item["value"] for item in buffered(folder, "a")] == [float(n) for n in range(50)]
        [(chunks,)] = rows(folder, "SELECT count(*) FROM chunk")
        assert chunks <= 10


async def test_what_comes_soon_after_a_commit_shares_the_next_one(folder: Path) -> None:
    async with Buffer(folder, BIG, commit_interval=60) as buffer:
        await buffer.register("plc", keep=False)
        await buffer.register("file", keep=True)
        await buffer.add("plc", collected(1.0))
        waiting = [asyncio.create_task(buffer.add("plc", collected(float(number)))) for number in range(5)]
        await asyncio.sleep(0.2)
        assert not any(task.done() for task in waiting)
        position = FilePosition("/data/a.csv", inode=1, offset=10, line=1, head="", tail="")
        await buffer.add("file", replace(collected(1.0), position=position))
        await asyncio.gather(*waiting)
        assert await buffer.depths() == {"plc": 6, "file": 1}
        await asyncio.wait_for(buffer.add("plc", collected(*[0.0] * 1_000)), 30)
        last = asyncio.create_task(buffer.add("plc", collected(7.0)))
        await asyncio.sleep(0)
    assert last.done()
    assert last.exception() is None


def test_a_batch_that_was_sent_once_is_dropped_whole_or_not_at_all(folder: Path) -> None:
    store = open_store(folder, 500_000)
    store.add(Addition("s", noise(9_000)))
    store.add(Addition("s", noise(9_000)))
    first = store.take("s", Lane.LIVE, 20_000)
    assert first is not None
    assert len(first) == 18_000
    store.release(first)
    while not store.summary()[0].dropped:
        store.add(Addition("s", noise(1_000)))
    assert store.summary()[0].dropped == 18_000
    second = store.take("s", Lane.LIVE, 20_000)
    assert second is not None
    assert second.sequence == first.sequence + 1
    assert not set(first.columns.values) & set(second.columns.values)
    store.close()


def test_gaps_are_reported_once_and_again_when_they_have_grown(folder: Path) -> None:
    store = open_store(folder)
    now = datetime.now(UTC)
    store.add(Addition("s", gaps=[Gap(now, now, "a"), Gap(now, now, "b", "tag")]))
    first = store.gaps_to_report(10)
    assert [(gap.source, gap.tag, gap.reason, gap.count, gap.revision) for gap in first] == [
        ("s", "", "a", 1, 1),
        ("s", "tag", "b", 1, 1),
    ]
    assert store.gaps_to_report(1) == first[:1]
    store.add(Addition("s", gaps=[Gap(now, now + timedelta(seconds=5), "a")]))
    store.reported(first)
    [again] = store.gaps_to_report(10)
    assert (again.id, again.count, again.revision, again.end - again.start) == (
        first[0].id,
        2,
        2,
        timedelta(seconds=5),
    )
    store.reported([again])
    assert store.gaps_to_report(10) == []
    store.close()


def test_an_old_file_without_readings_is_replaced_and_one_with_readings_is_left_alone(folder: Path) -> None:
    folder.mkdir()
    old = sqlite3.connect(folder / "buffer.db")
    old.executescript("CREATE TABLE reading (id INTEGER PRIMARY KEY, body BLOB); PRAGMA user_version = 1;")
    old.close()
    store = open_store(folder)
    store.add(Addition("s", [reading(1)]))
    store.close()
    again = sqlite3.connect(folder / "buffer.db")
    again.executescript("CREATE TABLE reading (id INTEGER PRIMARY KEY); INSERT INTO reading VALUES (1);")
    again.execute("PRAGMA user_version = 1")
    again.commit()
    again.close()
    with pytest.raises(BufferUnusableError, match="format 1"):
        open_store(folder)


def test_readings_too_old_are_dropped_by_the_buffers_own_clock(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = Store(folder, BIG, max_age_days=2.0)
    for name, keep in (("s", False), ("file", True)):
        store.register(name, keep=keep)
        store.add(Addition(name, [reading(1)]))
    real = clock.now_ms()
    monkeypatch.setattr(clock, "now_ms", lambda: real + 400 * clock.DAY_MS)
    while store.tidy():
        pass
    assert store.depths() == {"s": 1, "file": 1}
    store._clock._opened -= 2 * 86_400 + 1
    while store.tidy():
        pass
    assert store.depths() == {"file": 1}
    assert rows(folder, "SELECT reason, count FROM gap") == [(TOO_OLD, 1)]
    store.close()


def test_slow_samples_cost_no_more_bytes_than_quick_ones_when_they_wait(folder: Path) -> None:
    store = open_store(folder)
    noise = random.Random(5)  # noqa: S311
    before = store.size
    for minute in range(60 * 24):
        moment = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minute)
        values = [Reading("M", moment, f"m{n}", 20 + noise.gauss(0, 1), "bar", f"t{n}", "good") for n in range(8)]
        store.add(Addition("s", values))
        store.shift(-1.0)
        while store.tidy():
            pass
        if minute >= 60:
            assert (store.size - before) / ((minute + 1) * 8) <= 20
    assert (store.size - before) / (60 * 24 * 8) <= 12
    [(chunks,)] = rows(folder, "SELECT count(*) FROM chunk")
    assert chunks <= 20
    assert [item["metric_name"] for item in buffered(folder)] == [f"m{n}" for n in range(8)] * 60 * 24
    store.close()


def test_an_empty_file_gives_the_disk_back(folder: Path) -> None:
    store = open_store(folder, 16_000_000)
    for _ in range(150):
        store.add(Addition("s", noise(10_000)))
    large = (folder / "buffer.db").stat().st_size
    batch = store.take("s", Lane.LIVE, 10_000)
    while batch is not None:
        batch = store.settle(batch, {}, 10_000, 1)
    while store.tidy():
        pass
    assert large > 8_000_000
    assert (folder / "buffer.db").stat().st_size < 1_000_000
    store.close()
