"""Kill -9 at random moments, then audit: nothing committed is lost, no sequence is used for other content."""

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from plantwright_agent.buffer.batches import Lane
from plantwright_agent.buffer.store import Store

from tests.agent.peer import KEY, Peer

Key = tuple[str, str]

# PLANTWRIGHT_TEST_LIVES=200 with --timeout 0 kills for several minutes.
LIVES = int(os.environ.get("PLANTWRIGHT_TEST_LIVES", "6"))

WRITER = """
import os, sys
from pathlib import Path
from plantwright_agent.buffer.store import Store
from plantwright_agent.buffer.batches import Lane
from plantwright_agent.buffer.surface import Addition
from tests.agent.support import reading
folder, log, number = Path(sys.argv[1]), os.open(sys.argv[2], os.O_WRONLY | os.O_APPEND | os.O_CREAT), int(sys.argv[3])
def say(*words): os.write(log, (" ".join(map(str, words)) + "\\n").encode())
store = Store(folder, 50_000_000)
store.register("s", keep=False)
say("agent", store.agent)
while True:
    store.add(Addition("s", [reading(number), reading(number + 1)]))
    say("added", number, number + 1)
    number += 2
    if number % 6 == 0:
        if number % 60 == 0:
            store.shift(-1.0)
            store.tidy()
        for lane in Lane:
            batch = store.take("s", lane, 5)
            if batch is None:
                continue
            say("taken", batch.wire_stream, batch.sequence, *map(round, batch.columns.values))
            if number % 12 == 0:
                store.settle(batch, {}, 5, 1)
                say("acked", batch.wire_stream, batch.sequence)
            else:
                store.release(batch)
"""


def test_nothing_committed_is_lost_and_no_sequence_is_used_twice(tmp_path: Path) -> None:
    folder, log = tmp_path / "buffer", tmp_path / "log"
    log.touch()
    moments = random.Random(7)  # noqa: S311
    for start in range(0, LIVES * 100_000, 100_000):
        writer = subprocess.Popen([sys.executable, "-c", WRITER, str(folder), str(log), str(start)])
        lines = log.read_text().count("\n")
        while log.read_text().count("\n") < lines + 2:
            assert writer.poll() is None
            time.sleep(0.01)
        time.sleep(moments.uniform(0.02, 0.3))
        writer.send_signal(signal.SIGKILL)
        writer.wait()
    audit(folder, log)


def audit(folder: Path, log: Path) -> None:
    words = [line.split() for line in log.read_text().splitlines()]
    added = {int(number) for kind, *rest in words if kind == "added" for number in rest}
    content: dict[Key, list[str]] = {}
    for kind, *rest in words:
        if kind == "taken":
            assert content.setdefault((rest[0], rest[1]), rest[2:]) == rest[2:]
    acked = {(rest[0], rest[1]) for kind, *rest in words if kind == "acked"}
    gone = {int(number) for key in acked for number in content[key]}
    assert len({rest[0] for kind, *rest in words if kind == "agent"}) == 1
    store = Store(folder, 50_000_000)
    left = [list(drain(store, lane)) for lane in (Lane.BACKLOG, Lane.LIVE)]
    store.close()
    all_left = [number for numbers in left for number in numbers]
    maybe_gone = {int(number) for key in unheard(words) - acked for number in content[key]}
    assert len(added) > 100
    assert added - gone - set(all_left) <= maybe_gone
    assert len(all_left) == len(set(all_left))
    assert not set(all_left) & gone
    assert all(numbers == sorted(numbers) for numbers in left)


def unheard(words: list[list[str]]) -> set[Key]:
    """The last batch taken of each lane in each life: its acknowledgement may have been stored but not logged."""
    last: dict[tuple[int, str], Key] = {}
    life = 0
    for kind, *rest in words:
        life += kind == "agent"
        if kind == "taken":
            last[life, rest[0]] = rest[0], rest[1]
    return set(last.values())


def drain(store: Store, lane: Lane) -> Iterator[int]:
    while (batch := store.take("s", lane, 100)) is not None:
        yield from map(round, batch.columns.values)
        store.settle(batch, {}, 100, 1)


def test_an_agent_killed_again_and_again_delivers_every_row_exactly_once(tmp_path: Path, peer: Peer) -> None:
    data = tmp_path / "numbers.csv"
    data.write_text("time,n\n")
    config = tmp_path / "agent.toml"
    config.write_text(
        f'[agent]\napi_key = "{KEY}"\napi_url = "{peer.url}"\npush_interval = 0.05\nbatch_size = 7\nbuffer_dir = "b"\n'
        '[[source]]\nname = "numbers"\nmachine_identifier = "M"\nprotocol = "csv"\n'
        '[source.csv]\npath = "numbers.csv"\ntime_column = "time"\npoll_interval = 0.02\n'
    )
    command = [sys.executable, "-m", "plantwright_agent", "run", "--config", str(config)]
    moments = random.Random(11)  # noqa: S311
    number = 0
    for _ in range(LIVES):
        agent = subprocess.Popen(command, stderr=subprocess.DEVNULL)
        before, moment = len(peer.requests), time.monotonic() + 5
        while len(peer.requests) == before and time.monotonic() < moment:
            number = grow(data, number)
        for _ in range(moments.randrange(40)):
            number = grow(data, number)
        agent.send_signal(signal.SIGKILL)
        agent.wait()
    agent = subprocess.Popen(command, stderr=subprocess.DEVNULL)
    end = time.monotonic() + 20 + LIVES
    while len(peer.values()) < number and time.monotonic() < end:
        time.sleep(0.05)
    agent.send_signal(signal.SIGTERM)
    assert agent.wait(15) == 0
    assert peer.values() == [float(value) for value in range(number)]
    assert peer.conflicts == []
    status = json.loads((tmp_path / "b" / "status.json").read_text())
    assert (status["uplink"]["state"], status["buffer"]["depth"]) == ("stopped", 0)
    assert [source["state"] for source in status["sources"]] == ["stopped"]


def grow(path: Path, number: int) -> int:
    """A row in two writes, so that a half-written line is often there."""
    row = f"2026-01-01T00:00:{number % 60:02d}Z,{number}\n"
    handle = os.open(path, os.O_WRONLY | os.O_APPEND)
    os.write(handle, row[:9].encode())
    time.sleep(0.003)
    os.write(handle, row[9:].encode())
    os.close(handle)
    return number + 1
