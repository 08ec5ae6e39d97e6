"""The store against a model of it in memory: random adds, takes, acknowledgements, crashes and reopenings."""

import shutil
import sqlite3
import tempfile
from pathlib import Path
from typing import Any

import msgspec
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from plantwright_agent.store import Batch, Store
from plantwright_agent.store_limit import ROW_OVERHEAD

from tests.agent.support import reading

STREAMS = ("live", "file")
ROOM = 20 * (ROW_OVERHEAD + 160)


class StoreModel(RuleBasedStateMachine):
    """The model: per stream, the numbers waiting in order; per sequence ever seen, its content."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.next_number = 0
        self.waiting: dict[str, list[int]] = {name: [] for name in STREAMS}
        self.seen: dict[tuple[str, str, int], list[int]] = {}
        self.in_flight: dict[str, Batch] = {}
        self.dropped = 0
        self.open()

    def open(self) -> None:
        self.store = Store(self.folder, ROOM)
        self.store.register("live", keep=False)
        self.store.register("file", keep=True)

    def teardown(self) -> None:
        self.store.close()
        shutil.rmtree(self.folder)

    @rule(stream=st.sampled_from(STREAMS), count=st.integers(1, 12))
    def add(self, stream: str, count: int) -> None:
        numbers = list(range(self.next_number, self.next_number + count))
        self.next_number += count
        self.store.add(stream, [reading(number) for number in numbers])
        self.waiting[stream] += numbers
        self.forget_dropped()

    def forget_dropped(self) -> None:
        """Only the oldest live readings may go, never those being sent; when any can go, the size is kept."""
        left = set(self.numbers("live"))
        sending = self.content(self.in_flight["live"]) if "live" in self.in_flight else []
        behind = [number for number in self.waiting["live"] if number not in sending]
        kept = [number for number in behind if number in left]
        assert left >= set(sending)
        assert kept == behind[len(behind) - len(kept) :]
        assert self.store.size <= ROOM or not kept
        self.dropped += len(behind) - len(kept)
        self.waiting["live"] = sending + kept

    @rule(stream=st.sampled_from(STREAMS), limit=st.integers(1, 8))
    def take(self, stream: str, limit: int) -> None:
        batch = self.store.take(stream, limit)
        if batch is None:
            assert not self.waiting[stream]
            return
        content = self.content(batch)
        assert content == self.waiting[stream][: len(content)]
        assert self.seen.setdefault((self.store.agent, stream, batch.sequence), content) == content
        self.in_flight[stream] = batch

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def acknowledge(self, data: st.DataObject) -> None:
        stream = data.draw(st.sampled_from(sorted(self.in_flight)))
        batch = self.in_flight.pop(stream)
        rejected = data.draw(st.sets(st.integers(0, len(batch.bodies) - 1)))
        before = len(self.dead_letters())
        self.store.acknowledge(batch, dict.fromkeys(rejected, "not wanted"))
        assert len(self.dead_letters()) - before == len(rejected)
        self.waiting[stream] = self.waiting[stream][len(batch.bodies) :]

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        stream = data.draw(st.sampled_from(sorted(self.in_flight)))
        self.store.release(self.in_flight.pop(stream))

    @rule()
    def crash(self) -> None:
        """What a process that dies at this moment leaves behind is a copy of its files."""
        copy = Path(tempfile.mkdtemp())
        for file in self.folder.iterdir():
            shutil.copy2(file, copy / file.name)
        self.store.close()
        shutil.rmtree(self.folder)
        self.folder = copy
        self.in_flight.clear()
        self.open()

    @invariant()
    def nothing_else_is_in_the_store(self) -> None:
        for stream in STREAMS:
            assert self.numbers(stream) == self.waiting[stream]
        depths = self.store.depths()
        assert depths == {name: len(numbers) for name, numbers in self.waiting.items() if numbers}
        summary = {item.name: item for item in self.store.summary()}
        assert summary["live"].dropped == self.dropped
        assert summary["file"].dropped == 0
        assert (summary["live"].gaps > 0) == (self.dropped > 0)

    @invariant()
    def the_size_is_what_is_there(self) -> None:
        count, size = self.query("SELECT count(*), ifnull(sum(length(body)), 0) FROM reading")[0]
        assert self.store.size == size + count * ROW_OVERHEAD

    def content(self, batch: Batch) -> list[int]:
        return [round(msgspec.json.decode(body)["value"]) for body in batch.bodies]

    def numbers(self, stream: str) -> list[int]:
        found = self.query(
            "SELECT body FROM reading JOIN stream ON stream.id = stream WHERE name = ? ORDER BY reading.id", stream
        )
        return [round(msgspec.json.decode(body)["value"]) for (body,) in found]

    def dead_letters(self) -> list[tuple[str, ...]]:
        return self.query("SELECT reason FROM dead_letter WHERE reason = 'not wanted'")

    def query(self, sql: str, *values: object) -> list[tuple[Any, ...]]:
        connection = sqlite3.connect(self.folder / "buffer.db")
        try:
            return connection.execute(sql, values).fetchall()
        finally:
            connection.close()


TestStoreModel = StoreModel.TestCase
TestStoreModel.settings = settings(max_examples=20, stateful_step_count=25, deadline=None)
