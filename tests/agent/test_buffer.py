"""Damage, a full disk, a second agent, and what the records of a buffer say."""

import sqlite3
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from plantwright_agent.buffer import Buffer
from plantwright_agent.errors import BufferFullError, BufferUnusableError
from plantwright_agent.normalise import normalise
from plantwright_agent.samples import Collected, DeadLetter, Gap, Origin, RawSample
from plantwright_agent.store import Store
from plantwright_agent.store_limit import REASON
from plantwright_agent.store_records import MAX_RECORDS

from tests.agent.support import TAG, collected, reading, rows

BIG = 50_000_000


def open_store(folder: Path, size: int = BIG) -> Store:
    store = Store(folder, size)
    store.register("s", keep=False)
    return store


def test_a_damaged_file_is_set_aside_and_the_new_one_is_a_new_agent(folder: Path) -> None:
    store = open_store(folder)
    store.add("s", [reading(number) for number in range(200)])
    agent = store.agent
    store.close()
    content = bytearray((folder / "buffer.db").read_bytes())
    content[4096:] = b"\xff" * (len(content) - 4096)
    (folder / "buffer.db").write_bytes(content)
    again = open_store(folder)
    assert again.agent != agent
    assert again.set_aside is not None
    assert again.set_aside.read_bytes() == bytes(content)
    again.add("s", [reading(1)])
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
    assert [path.name for path in folder.iterdir()] == ["buffer.db"]


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
    store.add("s", [reading(1)])
    pages = store._db.execute("PRAGMA page_count").fetchone()[0]
    store._db.execute(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(BufferFullError):
        store.add("s", [reading(number) for number in range(1000)])
    assert store.depths() == {"s": 1}
    store._db.execute("PRAGMA max_page_count = 100000")
    store.add("s", [reading(2)])
    assert store.depths() == {"s": 2}
    store.close()


def test_dropping_leaves_one_growing_gap_with_the_count(folder: Path) -> None:
    store = open_store(folder, 1_000_000)
    for _ in range(60):
        store.add("s", [reading(number) for number in range(100)])
    [(reason, start, end, count)] = rows(folder, "SELECT reason, start_ms, end_ms, count FROM gap")
    [summary] = store.summary()
    assert (reason, count) == (REASON, summary.dropped)
    assert start <= end
    assert summary.dropped + summary.depth == 6_000
    assert store.size <= 1_000_000
    assert (folder / "buffer.db").stat().st_size < 2_000_000
    store.close()


def test_gaps_of_different_times_or_reasons_stay_apart(folder: Path) -> None:
    store = open_store(folder)
    now = datetime.now(UTC)
    hour = timedelta(hours=1)
    gaps = [Gap(now - 3 * hour, now - 2 * hour, "a"), Gap(now - hour, now, "a"), Gap(now - hour, now, "b", "tag")]
    store.add("s", [], gaps=gaps)
    store.add("s", [], gaps=[Gap(now, now + hour, "a")])
    assert rows(folder, "SELECT reason, tag, count FROM gap ORDER BY id") == [
        ("a", "", 1),
        ("a", "", 2),
        ("b", "tag", 1),
    ]
    store.close()


def test_dead_letters_are_bounded_in_number_and_length_but_all_counted(folder: Path) -> None:
    store = open_store(folder)
    letters = [DeadLetter("f.csv", line, "x" * 5000, "broken") for line in range(MAX_RECORDS + 50)]
    store.add("s", [], dead_letters=letters)
    assert rows(folder, "SELECT count(*), min(line), max(length(text)) FROM dead_letter") == [(MAX_RECORDS, 50, 1000)]
    assert store.summary()[0].dead_letters == MAX_RECORDS + 50
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
    async with Buffer(folder, 20_000) as buffer:
        await buffer.register("file", keep=True)
        while buffer._room.is_set():
            await buffer.add("file", collected(1.0))
        assert 0.8 * 20_000 <= buffer.size <= 20_000
        batch = await buffer.take("file", 50)
        assert batch is not None
        await buffer.acknowledge(batch, {})
        assert buffer._room.is_set()


def test_a_batch_that_was_sent_once_is_dropped_whole_or_not_at_all(folder: Path) -> None:
    store = open_store(folder)
    store.add("s", [reading(number) for number in range(20)])
    store.close()
    one = store.size // 20
    store = open_store(folder, store.size + one // 2)
    first = store.take("s", 5)
    assert first is not None
    store.release(first)
    store.add("s", [reading(20)])
    second = store.take("s", 5)
    assert second is not None
    assert second.sequence == first.sequence + 1
    assert not set(first.bodies) & set(second.bodies)
    assert store.summary()[0].dropped == 5
    store.close()
