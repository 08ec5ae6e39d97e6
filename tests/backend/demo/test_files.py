"""Files grow by whole records, rotate at their size and stop when the link is down."""

import asyncio
import csv
import json
from datetime import datetime
from itertools import pairwise
from pathlib import Path

import pytest
from plantwright.demo.fault_store import FaultStore
from plantwright.demo.files import CSV_DELIMITER, FilesOutlet, GrowingFile, file_of
from plantwright.demo.machines import MACHINES, find_machine
from plantwright.demo.signals import snapshot
from plantwright.demo.tick import Tick

from tests.backend.demo.support import NOON_MS, drop_link, restore_link, wait_until

CSV_MACHINE = find_machine("CONVEYOR-401")
JSON_MACHINE = find_machine("CONVEYOR-402")


def tick(number: int, dropped: frozenset[str] = frozenset()) -> Tick:
    time_ms = NOON_MS + 1_000 * number
    return Tick(time_ms, {m.identifier: snapshot(m, time_ms) for m in MACHINES}, dropped)


async def outlet_with_records(data_dir: Path, count: int, rotate_bytes: int = 1_000_000) -> FilesOutlet:
    outlet = FilesOutlet(data_dir, rotate_bytes=rotate_bytes)
    await outlet.start()
    for number in range(count):
        await outlet.publish(tick(number))
    return outlet


async def test_the_csv_file_has_a_header_and_one_record_per_second(tmp_path: Path) -> None:
    await outlet_with_records(tmp_path, 3)
    lines = file_of(tmp_path, CSV_MACHINE).read_text().splitlines()
    records = list(csv.DictReader(lines, delimiter=CSV_DELIMITER))
    assert [record["time"] for record in records] == [f"2026-01-14T12:00:0{n}Z" for n in range(3)]
    for number, record in enumerate(records):
        expected = tick(number).readings["CONVEYOR-401"]
        assert {name: float(record[name]) for name in expected} == expected


async def test_the_json_file_has_one_object_per_line(tmp_path: Path) -> None:
    await outlet_with_records(tmp_path, 3)
    lines = file_of(tmp_path, JSON_MACHINE).read_text().splitlines()
    for number, line in enumerate(lines):
        expected = {"time": f"2026-01-14T12:00:0{number}Z", **tick(number).readings["CONVEYOR-402"]}
        assert json.loads(line) == expected
    assert len(lines) == 3


async def test_rotation_bounds_the_size_and_loses_no_record_of_the_last_two_files(tmp_path: Path) -> None:
    await outlet_with_records(tmp_path, 40, rotate_bytes=500)
    path = file_of(tmp_path, CSV_MACHINE)
    rotated = path.with_name(f"{path.name}.1")
    times = []
    for file in (rotated, path):
        assert file.stat().st_size < 600
        records = list(csv.DictReader(file.read_text().splitlines(), delimiter=CSV_DELIMITER))
        times += [datetime.fromisoformat(record["time"]).timestamp() for record in records]
    assert times[-1] == NOON_MS / 1000 + 39
    assert all(later - earlier == 1.0 for earlier, later in pairwise(times))


def test_a_record_is_not_glued_to_half_a_line_left_by_a_crash(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("head\n1;2\n3;")
    GrowingFile(path, header="head\n").append("5;6")
    assert path.read_text() == "head\n1;2\n3;\n5;6\n"


async def test_a_file_that_was_deleted_begins_anew_with_its_header(tmp_path: Path) -> None:
    outlet = await outlet_with_records(tmp_path, 2)
    path = file_of(tmp_path, CSV_MACHINE)
    path.unlink()
    await outlet.publish(tick(2))
    assert path.read_text().startswith("time;")
    assert len(path.read_text().splitlines()) == 2


async def test_a_dropped_link_stops_only_its_file(tmp_path: Path) -> None:
    outlet = await outlet_with_records(tmp_path, 1)
    before = file_of(tmp_path, CSV_MACHINE).read_bytes()
    await outlet.publish(tick(1, frozenset({"CONVEYOR-401"})))
    assert file_of(tmp_path, CSV_MACHINE).read_bytes() == before
    assert len(file_of(tmp_path, JSON_MACHINE).read_text().splitlines()) == 2


@pytest.mark.usefixtures("plant")
@pytest.mark.asyncio(loop_scope="session")
async def test_a_running_plant_grows_its_files_until_the_link_drops(plant_dir: Path, store: FaultStore) -> None:
    path = file_of(plant_dir, JSON_MACHINE)
    rotated = path.with_name(f"{path.name}.1")

    async def has_rotated() -> bool:
        return rotated.exists()

    await wait_until(has_rotated)
    drop_link(store, "CONVEYOR-402")
    await asyncio.sleep(1.7)
    before = path.read_bytes()
    await asyncio.sleep(1.3)
    assert path.read_bytes() == before
    restore_link(store, "CONVEYOR-402")
