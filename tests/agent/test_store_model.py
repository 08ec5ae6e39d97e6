"""The store against a model of it in memory: random adds, takes, answers, shifts, clock jumps, crashes, reopenings."""

import shutil
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from unittest.mock import patch

from hypothesis import Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule
from plantwright_agent.buffer import clock
from plantwright_agent.buffer.batches import Batch, Lane
from plantwright_agent.buffer.space import LOG_SHARE
from plantwright_agent.buffer.store import Store
from plantwright_agent.buffer.surface import Addition
from plantwright_agent.errors import BufferFullError
from plantwright_agent.samples import Reading

from tests.agent.support import buffered

STREAMS = ("live", "file")
ROOM = 180_000
HOUR_MS = 3_600_000
ONE_COMMIT = 120_000

Key = tuple[str, Lane]


class StoreModel(RuleBasedStateMachine):
    """The model: per stream the numbers that wait, in order, and in which lane; per number of a batch its content."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.clock_ms = 1_790_000_000_000
        self.clock = patch.object(clock, "now_ms", lambda: self.clock_ms)
        self.clock.start()
        self.next_number = 0
        self.waiting: dict[Key, list[int]] = {(name, lane): [] for name in STREAMS for lane in Lane}
        self.seen: dict[tuple[str, str, Lane, int], list[int]] = {}
        self.in_flight: dict[Key, Batch] = {}
        self.numbered: dict[Key, list[int]] = {}
        self.dropped = 0
        self.rejected = 0
        self.open()

    def open(self) -> None:
        self.store = Store(self.folder, ROOM, max_age_days=60.0)
        self.store.register("live", keep=False)
        self.store.register("file", keep=True)

    def teardown(self) -> None:
        self.store.close()
        self.clock.stop()
        shutil.rmtree(self.folder)

    @rule(stream=st.sampled_from(STREAMS), count=st.integers(1, 12))
    def add(self, stream: str, count: int) -> None:
        self.put(stream, count)

    @rule(count=st.integers(1_000, 3_000))
    def add_much(self, count: int) -> None:
        self.put("live", count)

    def put(self, stream: str, count: int) -> None:
        numbers = list(range(self.next_number, self.next_number + count))
        self.next_number += count
        try:
            self.store.add(Addition(stream, [reading(number) for number in numbers]))
        except BufferFullError:
            assert self.store.room - self.store.size < 10 * count + 4096
            return
        self.waiting[stream, Lane.LIVE] += numbers
        self.forget_dropped()

    def forget_dropped(self) -> None:
        """Only live streams may lose readings, never of a batch being sent; of each lane it is the oldest that go."""
        left = set(self.numbers("live"))
        for lane in Lane:
            key = "live", lane
            sending = self.waiting[key][: self.numbered_in(key)] if key in self.in_flight else []
            behind = self.waiting[key][len(sending) :]
            kept = [number for number in behind if number in left]
            assert left >= set(sending)
            assert kept == behind[len(behind) - len(kept) :]
            self.dropped += len(behind) - len(kept)
            self.waiting[key] = sending + kept
            if not set(self.numbered.get(key, [])) <= left:
                del self.numbered[key]

    @rule(stream=st.sampled_from(STREAMS), lane=st.sampled_from(Lane), limit=st.integers(1, 8))
    def take(self, stream: str, lane: Lane, limit: int) -> None:
        batch = self.store.take(stream, lane, limit)
        if batch is None:
            assert not self.waiting[stream, lane]
            return
        self.taken(batch)

    def taken(self, batch: Batch) -> None:
        key = batch.source, batch.lane
        content = self.content(batch)
        assert content == self.waiting[key][: len(content)]
        assert self.seen.setdefault((batch.agent, *key, batch.sequence), content) == content
        self.in_flight[key] = batch
        self.numbered[key] = content

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data(), at_least=st.integers(1, 10))
    def settle(self, data: st.DataObject, at_least: int) -> None:
        batch = self.draw_batch(data)
        key = batch.source, batch.lane
        rejected = data.draw(st.sets(st.integers(0, len(batch) - 1), max_size=3))
        self.rejected += len(rejected)
        following = self.store.settle(batch, dict.fromkeys(rejected, "not wanted"), 8, at_least)
        self.waiting[key] = self.waiting[key][len(batch) :]
        del self.numbered[key]
        if following is not None:
            self.taken(following)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def release(self, data: st.DataObject) -> None:
        self.store.release(self.draw_batch(data))

    @precondition(lambda self: any(len(batch) > 1 for batch in self.in_flight.values()))
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        batch = self.draw_batch(data)
        if len(batch) == 1:
            self.store.release(batch)
            return
        self.store.split(batch)
        del self.numbered[batch.source, batch.lane]
        first = self.store.take(batch.source, batch.lane, 8)
        assert first is not None
        assert len(first) == len(batch) // 2
        self.taken(first)

    @precondition(lambda self: self.in_flight)
    @rule(data=st.data())
    def renew(self, data: st.DataObject) -> None:
        batch = self.draw_batch(data)
        others = {key: self.store.take(*key, 1) for key in self.in_flight}
        agent = self.store.renew(batch)
        assert agent != batch.agent
        again = self.store.take(batch.source, batch.lane, 1)
        assert again is not None
        assert (again.agent, self.content(again)) == (agent, self.content(batch))
        self.taken(again)
        for key, other in others.items():
            assert self.store.take(*key, 1) == other

    def draw_batch(self, data: st.DataObject) -> Batch:
        return self.in_flight.pop(data.draw(st.sampled_from(sorted(self.in_flight))))

    @rule(is_old=st.booleans())
    def shift(self, *, is_old: bool) -> None:
        """What has no number yet goes to the backlog; what has keeps its lane."""
        self.store.shift(-1.0 if is_old else 3600.0)
        for stream in STREAMS if is_old else ():
            live = self.waiting[stream, Lane.LIVE]
            stays = self.numbered_in((stream, Lane.LIVE))
            self.waiting[stream, Lane.BACKLOG] += live[stays:]
            del live[stays:]

    @rule()
    def tidy(self) -> None:
        """Packing changes nothing that anybody sees."""
        while self.store.tidy():
            pass

    @rule(jump=st.sampled_from([-HOUR_MS, HOUR_MS, -30 * 24 * HOUR_MS, 30 * 24 * HOUR_MS]))
    def clock_jumps(self, jump: int) -> None:
        self.clock_ms += jump

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
        self.clock_ms += 1000
        self.open()

    @invariant()
    def nothing_else_is_in_the_store(self) -> None:
        waiting = {stream: sorted(n for lane in Lane for n in self.waiting[stream, lane]) for stream in STREAMS}
        assert self.store.depths() == {name: len(numbers) for name, numbers in waiting.items() if numbers}
        depths = {(item.stream, item.lane): item.numbered + item.unnumbered for item in self.store.lanes()}
        assert depths == {key: len(numbers) for key, numbers in self.waiting.items() if numbers}
        summary = {item.name: item for item in self.store.summary()}
        assert summary["live"].dropped == self.dropped
        assert summary["file"].dropped == 0
        assert (summary["live"].gaps > 0) == (self.dropped > 0)
        assert sum(item.dead_letters for item in summary.values()) == self.rejected

    @invariant()
    def the_files_are_within_the_bound(self) -> None:
        """A log that is smaller than a commit grows to that."""
        main, log = (self.folder / name for name in ("buffer.db", "buffer.db-wal"))
        assert main.stat().st_size + min(log.stat().st_size, ROOM // LOG_SHARE) <= ROOM
        assert log.stat().st_size <= max(ROOM // LOG_SHARE, ONE_COMMIT)

    def numbered_in(self, key: Key) -> int:
        return sum(item.numbered for item in self.store.lanes() if (item.stream, item.lane) == key)

    def content(self, batch: Batch) -> list[int]:
        return [round(value) for value in batch.columns.values]

    def numbers(self, stream: str) -> list[int]:
        return [round(item["value"]) for item in buffered(self.folder, stream)]


def reading(number: int) -> Reading:
    """Values that no compression makes small."""
    value = number + (number * 0.6180339887498949 % 0.4)
    return Reading("M", datetime.now(UTC), f"m{number % 5}", value, "bar", "t", ("good", "bad")[number % 2])


TestStoreModel = StoreModel.TestCase
TestStoreModel.settings = settings(
    max_examples=15, stateful_step_count=50, deadline=None, phases=[Phase.explicit, Phase.generate]
)
