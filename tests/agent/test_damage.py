"""A file that turns out to be damaged while the agent runs, a chunk that does, and a disk without room."""

import os
import shutil
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from plantwright_agent.buffer.batches import Lane
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.buffer.chunks import DAMAGED
from plantwright_agent.buffer.schema import FILE, PAGE_BYTES
from plantwright_agent.buffer.store import Store
from plantwright_agent.buffer.surface import Addition
from plantwright_agent.samples import Reading

from tests.agent.support import collected, reading, rows

BIG = 50_000_000


def filled(folder: Path, chunks: int = 40, count: int = 500) -> Store:
    """Numbered readings; all of it is in the main file, nothing in the log."""
    store = Store(folder, BIG)
    store.register("s", keep=False)
    for chunk in range(chunks):
        store.add(Addition("s", [numbered(chunk * count + number) for number in range(count)]))
    store._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return store


def numbered(number: int) -> Reading:
    """A value that no compression makes small."""
    return reading(number + (number * 0.6180339887498949 % 0.4))


def drain(store: Store) -> list[int]:
    found: list[int] = []
    batch = store.take("s", Lane.LIVE, 1_000)
    while batch is not None:
        found += map(round, batch.columns.values)
        store.settle(batch, {}, 1_000, 10_000)
        batch = store.take("s", Lane.LIVE, 1_000)
    return found


def overwrite(path: Path, place: int, content: bytes) -> None:
    handle = os.open(path, os.O_WRONLY)
    os.pwrite(handle, content, place)
    os.close(handle)


def leaf_pages(folder: Path) -> list[int]:
    """Where the chunks' own pages lie in the file."""
    content = (folder / FILE).read_bytes()
    root = rows(folder, "SELECT rootpage FROM sqlite_master WHERE name = 'chunk'")[0][0]
    page = content[(root - 1) * PAGE_BYTES : root * PAGE_BYTES]
    assert page[0] == 5, "the table has more than one page"
    cells = [int.from_bytes(page[12 + 2 * n : 14 + 2 * n], "big") for n in range(int.from_bytes(page[3:5], "big"))]
    return [int.from_bytes(page[cell : cell + 4], "big") for cell in cells]


def test_a_page_that_cannot_be_read_costs_what_was_on_it_and_no_more(folder: Path) -> None:
    store = filled(folder)
    first = store.take("s", Lane.LIVE, 1_000)
    assert first is not None
    agent = store.agent
    store.close()
    overwrite(folder / FILE, (leaf_pages(folder)[5] - 1) * PAGE_BYTES, b"\xff" * PAGE_BYTES)
    store = Store(folder, BIG)
    assert store.set_aside is not None
    assert store.agent != agent
    again = store.take("s", Lane.LIVE, 1_000)
    assert again is not None
    assert (again.agent, again.sequence, again.columns) == (agent, first.sequence, first.columns)
    found = drain(store)
    assert found == sorted(found)
    assert 20_000 - 8 * 500 <= len(found) < 20_000
    store.close()


def test_damage_that_is_met_while_running_is_survived_by_the_call_that_meets_it(folder: Path) -> None:
    store = filled(folder)
    agent, page = store.agent, leaf_pages(folder)[5]
    overwrite(folder / FILE, (page - 1) * PAGE_BYTES, b"\xff" * PAGE_BYTES)
    store._db.execute("PRAGMA shrink_memory")
    found = drain(store)
    assert store.set_aside is not None
    assert store.agent != agent
    assert 20_000 - 8 * 500 <= len(set(found)) < 20_000
    assert len(found) == len(set(found))
    store.add(Addition("s", [reading(-1.0)]))
    assert drain(store) == [-1]
    store.close()


def test_a_chunk_whose_bytes_changed_is_given_up_alone(folder: Path) -> None:
    store = filled(folder)
    body = store._db.execute("SELECT body FROM chunk WHERE id = 7").fetchone()[0]
    store._db.execute("UPDATE chunk SET body = ? WHERE id = 7", (body[:50] + bytes([body[50] ^ 1]) + body[51:],))
    found = drain(store)
    assert found == [number for number in range(20_000) if not 3_000 <= number < 4_000]
    assert rows(folder, "SELECT reason, count FROM gap") == [(DAMAGED, 1_000)]
    assert store.summary()[0].dropped == 1_000
    assert store.depths() == {}
    store.close()


FULL_DISK = """
import asyncio, sys
from pathlib import Path
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.errors import BufferFullError
from plantwright_agent.buffer.batches import Lane
from tests.agent.support import collected
import random

async def main():
    stored = refused = 0
    async with Buffer(Path(sys.argv[1]) / "b", 100_000_000) as buffer:
        await buffer.register("s", keep=True)
        while refused < 3:
            try:
                await buffer.add("s", collected(*(random.random() for _ in range(2_000))))
                stored += 2_000
            except BufferFullError as error:
                assert "cannot be written" in str(error), error
                refused += 1
    async with Buffer(Path(sys.argv[1]) / "b", 100_000_000) as buffer:
        assert await buffer.depths() == {"s": stored}, (await buffer.depths(), stored)
        batch, found = await buffer.take("s", Lane.LIVE, 10_000), 0
        while batch is not None:
            found += len(batch)
            batch = await buffer.settle(batch, {}, 10_000, 1)
        assert found == stored, (found, stored)
        await buffer.add("s", collected(1.0))
    print(stored)

asyncio.run(main())
"""


@pytest.mark.skipif(os.geteuid() != 0 or shutil.which("unshare") is None, reason="needs root to mount a small disk")
def test_a_disk_that_is_really_full_refuses_loses_nothing_and_drains(tmp_path: Path) -> None:
    mount = f'mount -t tmpfs -o size=6m tmpfs {tmp_path} && exec "$0" "$@"'
    command = ["unshare", "-m", "sh", "-c", mount, sys.executable, "-c", FULL_DISK, str(tmp_path)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    if "mount" in done.stderr and "denied" in done.stderr:
        pytest.skip("this machine lets nobody mount")
    assert done.returncode == 0, done.stderr
    assert int(done.stdout) > 100_000


async def test_the_buffer_says_where_the_damaged_file_went(folder: Path) -> None:
    filled(folder).close()
    async with Buffer(folder, BIG) as buffer:
        page = leaf_pages(folder)[5]
        overwrite(folder / FILE, (page - 1) * PAGE_BYTES, b"\xff" * PAGE_BYTES)
        await buffer._run(lambda: buffer._store._db.execute("PRAGMA shrink_memory"))
        while (batch := await buffer.take("s", Lane.LIVE, 1_000)) is not None:
            await buffer.settle(batch, {}, 1_000, 10_000)
        assert buffer.set_aside is not None
        assert buffer.set_aside.exists()
        await buffer.add("s", collected(1.0))


def test_a_large_file_is_not_read_whole_at_start(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    store = filled(folder)
    store.close()
    page = leaf_pages(folder)[5]
    overwrite(folder / FILE, (page - 1) * PAGE_BYTES, b"\xff" * PAGE_BYTES)
    monkeypatch.setattr("plantwright_agent.buffer.schema.WHOLE_CHECK_BYTES", 0)
    store = Store(folder, BIG)
    assert store.set_aside is None
    assert store.depths() == {"s": 20_000}
    store.close()
    with sqlite3.connect(folder / FILE) as connection, pytest.raises(sqlite3.DatabaseError):
        connection.execute("SELECT sum(length(body)) FROM chunk").fetchone()


def test_streams_stay_known_when_not_even_their_table_can_be_read(folder: Path) -> None:
    store = filled(folder)
    [(root,)] = rows(folder, "SELECT rootpage FROM sqlite_master WHERE name = 'stream'")
    overwrite(folder / FILE, (root - 1) * PAGE_BYTES, b"\xff" * PAGE_BYTES)
    store._db.execute("PRAGMA shrink_memory")
    store.add(Addition("s", [reading(1.0)]))
    drain(store)
    store.add(Addition("s", [reading(2.0)]))
    assert store.set_aside is not None
    assert drain(store) == [2]
    store.close()
