"""CSV files that grow, break, rotate and get cut, read into a real buffer."""

import shutil
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.csv_watch.input import CsvWatch
from plantwright_agent.inputs.tags import ColumnConfig
from plantwright_agent.supervision.supervisor import SourceTask

from tests.agent.support import buffered, rows, running, until

SKAB = Path(__file__).parents[3] / "shared" / "data" / "skab" / "valve1_0.csv"


@asynccontextmanager
async def watching(folder: Path, path: Path | str, **settings: Any) -> AsyncIterator[SourceTask]:
    config = CsvConfig(path=str(path), poll_interval=0.05, **({"time_column": "time"} | settings))

    def build(buffer: Buffer) -> CsvWatch:
        return CsvWatch("lab", config, "PUMP-1", buffer)

    async with running(folder, "lab", build, live=False) as (source, _):
        yield source


def row(number: int) -> str:
    return f"2026-01-01T00:00:{number % 60:02d}Z,{number}\n"


def rows_of(*numbers: int) -> str:
    return "".join(row(number) for number in numbers)


def append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def values(folder: Path) -> list[float]:
    return [reading["value"] for reading in buffered(folder)]


@pytest.mark.skipif(not SKAB.exists(), reason=f"the data set is not at {SKAB}")
async def test_a_real_file_gives_every_row_of_every_metric(folder: Path) -> None:
    lines = SKAB.read_text().splitlines()
    async with watching(
        folder, SKAB, delimiter=";", time_column="datetime", ignore_columns=["anomaly", "changepoint"]
    ) as source:
        await until(lambda: len(buffered(folder)) == (len(lines) - 1) * 8)
        await until(lambda: source.health.state == "ok")
    found = buffered(folder)
    assert len({reading["metric_name"] for reading in found}) == 8
    assert found[0] == {
        "machine_identifier": "PUMP-1",
        "timestamp": "2020-03-09T10:14:33Z",
        "metric_name": "Accelerometer1RMS",
        "value": 0.0265878,
        "unit": "",
        "raw_tag": "Accelerometer1RMS",
    }
    last = lines[-1].split(";")
    assert [reading["value"] for reading in found[-8:]] == [float(cell) for cell in last[1:9]]
    assert rows(folder, "SELECT 1 FROM dead_letter") == []


async def test_broken_rows_are_set_aside_with_their_line_and_nothing_else_is_lost(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_bytes(
        b"time,n,m\n"
        b"2026-01-01T00:00:01Z,1,10\n"
        b"not a time,2,20\n"
        b"2026-01-01T00:00:03Z,3\n"
        b"2026-01-01T00:00:04Z,four,40\n"
        b"\n"
        b"2026-01-01T00:00:05Z,NaN,50\n"
        b"2026-01-01T00:00:06Z,6,\xff\n"
        b"2026-01-01T00:00:07Z,7,\n"
        b'2026-01-01T00:00:08Z,"8,80\n'
        b"2026-01-01T00:00:09Z,9,90\n"
    )
    async with watching(folder, path):
        await until(lambda: len(buffered(folder)) == 7)
    letters = rows(folder, "SELECT line, reason, origin FROM dead_letter ORDER BY line")
    assert [line for line, _, _ in letters] == [3, 4, 5, 7, 8, 10]
    reasons = [reason for _, reason, _ in letters]
    assert reasons[:4] == [
        "column 'time' is not a time",
        "has 2 columns, the header has 3",
        "column 'n' is not a number",
        "n: not a finite number",
    ]
    assert reasons[4] == "is not UTF-8 text"
    assert reasons[5].startswith("is not a CSV row")
    assert {origin for _, _, origin in letters} == {str(path)}
    assert values(folder) == [1, 10, 40, 50, 7, 9, 90]


async def test_a_half_written_line_waits_for_its_end(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text("time,n\n" + row(1) + "2026-01-01T00:00:02Z,2")
    async with watching(folder, path) as source:
        await until(lambda: source.health.state == "ok")
        assert values(folder) == [1]
        append(path, "2\n" + row(3))
        await until(lambda: values(folder) == [1, 22, 3])


async def test_a_last_line_without_an_end_is_taken_when_the_file_has_settled(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text("time,n\n" + row(1) + row(2).rstrip())
    async with watching(folder, path, settle_seconds=0.3):
        await until(lambda: values(folder) == [1, 2])


async def test_reading_goes_on_where_it_stopped(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text("time,n\n" + rows_of(1, 2))
    async with watching(folder, path):
        await until(lambda: values(folder) == [1, 2])
    append(path, rows_of(3, 4))
    async with watching(folder, path):
        await until(lambda: values(folder) == [1, 2, 3, 4])
    assert rows(folder, "SELECT 1 FROM gap") == []


@pytest.mark.parametrize("stopped", [False, True])
async def test_rotation_reads_the_old_file_to_its_end_then_the_new_one(
    folder: Path, tmp_path: Path, stopped: bool
) -> None:
    path = tmp_path / "lab.csv"
    path.write_text("time,n\n" + rows_of(*range(100)))
    async with watching(folder, path):
        await until(lambda: len(values(folder)) == 100)
        if not stopped:
            rotate(path)
            await until(lambda: len(values(folder)) == 104)
    if stopped:
        rotate(path)
        async with watching(folder, path):
            await until(lambda: len(values(folder)) == 104)
    assert values(folder) == list(range(104))
    assert rows(folder, "SELECT 1 FROM gap") == []


def rotate(path: Path) -> None:
    append(path, rows_of(100, 101))
    path.rename(path.with_suffix(".csv.1"))
    path.write_text("time,n\n" + rows_of(102, 103))


async def test_a_rotated_file_that_is_watched_too_is_not_read_twice(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text("time,n\n" + rows_of(*range(100)))
    async with watching(folder, tmp_path / "lab.csv*"):
        await until(lambda: len(values(folder)) == 100)
        rotate(path)
        await until(lambda: len(values(folder)) == 104)
        await until(lambda: len(rows(folder, "SELECT path FROM position")) == 2)
        append(path, row(104))
        await until(lambda: len(values(folder)) == 105)
    assert values(folder) == list(range(105))


@pytest.mark.parametrize("new_rows", [range(200, 202), range(200, 900)])
async def test_a_file_that_was_cut_is_read_from_its_beginning_and_leaves_a_gap(
    folder: Path, tmp_path: Path, new_rows: range
) -> None:
    path = tmp_path / "lab.csv"
    path.write_text("time,n\n" + rows_of(*range(100)))
    async with watching(folder, path):
        await until(lambda: len(values(folder)) == 100)
        with path.open("r+") as file:
            file.truncate(0)
            file.write("time,n\n" + rows_of(*new_rows))
        await until(lambda: len(values(folder)) == 100 + len(new_rows))
        [(reason, tag)] = rows(folder, "SELECT reason, tag FROM gap")
    assert values(folder)[100:] == list(new_rows)
    assert "missing" in reason
    assert tag == str(path)


async def test_a_file_that_is_replaced_by_a_longer_copy_of_itself_goes_on(folder: Path, tmp_path: Path) -> None:
    path, draft = tmp_path / "lab.csv", tmp_path / "draft"
    path.write_text("time,n\n" + rows_of(*range(50)))
    async with watching(folder, path):
        await until(lambda: len(values(folder)) == 50)
        shutil.copy(path, draft)
        append(draft, row(50))
        draft.replace(path)
        await until(lambda: len(values(folder)) == 51)
    assert values(folder) == list(range(51))


async def test_a_missing_file_or_column_is_said_and_heals(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    async with watching(folder, path) as source:
        await until(lambda: source.health.state == "recoverable")
        assert f"no file at {path} yet" in source.health.error
        path.write_text("zeit,n\n")
        await until(lambda: "column 'time' is missing; the header has zeit, n" in source.health.error)
        path.write_text("time,n\n" + row(1))
        await until(lambda: source.health.state == "ok")
    assert values(folder) == [1]


async def test_columns_formats_and_zones_follow_the_configuration(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text("when;Druck;Rest\n09.03.2026 10:00:00;1.234,5;x\n09.03.2026 10:00:01;12,5;x\n")
    metrics = {"Druck": ColumnConfig(metric_name="pressure", unit="bar", scale=2.0, machine_identifier="OTHER")}
    async with watching(
        folder,
        path,
        delimiter=";",
        decimal=",",
        time_column="when",
        time_format="%d.%m.%Y %H:%M:%S",
        time_zone="Europe/Berlin",
        metrics=metrics,
    ):
        await until(lambda: buffered(folder))
    [found] = buffered(folder)
    assert (found["timestamp"], found["metric_name"], found["value"]) == ("2026-03-09T09:00:01Z", "pressure", 25.0)
    assert (found["unit"], found["machine_identifier"]) == ("bar", "OTHER")
    assert rows(folder, "SELECT line FROM dead_letter") == [(2,)]


async def test_a_large_file_arrives_whole_and_in_order(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text("time,n\n" + rows_of(*range(20_000)))
    async with watching(folder, path):
        await until(lambda: rows(folder, "SELECT sum(count) FROM chunk") == [(20_000,)])
    assert values(folder) == list(range(20_000))
