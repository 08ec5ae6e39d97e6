"""JSON Lines files: key paths, broken lines, growth."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.inputs.json_watch.config import JsonConfig
from plantwright_agent.inputs.json_watch.input import JsonWatch
from plantwright_agent.inputs.json_watch.path import Path as JsonPath
from plantwright_agent.inputs.tags import ColumnConfig
from plantwright_agent.supervision.supervisor import SourceTask

from tests.agent.support import buffered, rows, running, until

METRICS = {"motor.temp": ColumnConfig(metric_name="winding", unit="celsius"), "rpm": ColumnConfig(unit="rpm")}


@asynccontextmanager
async def watching(folder: Path, path: Path, **settings: Any) -> AsyncIterator[SourceTask]:
    config = JsonConfig(path=str(path), time_key="meta.at", metrics=METRICS, poll_interval=0.05, **settings)

    def build(buffer: Buffer) -> JsonWatch:
        return JsonWatch("script", config, "MOTOR-1", buffer)

    async with running(folder, "script", build, live=False) as (source, _):
        yield source


def line(second: int, **content: Any) -> str:
    return json.dumps({"meta": {"at": f"2026-01-01T00:00:{second:02d}Z"}} | content) + "\n"


async def test_values_at_key_paths_arrive_and_broken_lines_are_set_aside(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(
        line(1, motor={"temp": 40.5}, rpm=1500)
        + "{half a line}\n"
        + "[1, 2]\n"
        + line(4, motor={"temp": "hot"}, rpm=1501)
        + json.dumps({"rpm": 1})
        + "\n"
        + line(6, rpm=None)
    )
    async with watching(folder, path):
        await until(lambda: len(rows(folder, "SELECT 1 FROM dead_letter")) == 4)
        with path.open("a") as file:
            file.write(line(7, motor={"temp": 41}))
        await until(lambda: len(buffered(folder)) == 4)
    found = [(item["metric_name"], item["value"], item["raw_tag"]) for item in buffered(folder)]
    assert found == [
        ("winding", 40.5, "motor.temp"),
        ("rpm", 1500, "rpm"),
        ("rpm", 1501, "rpm"),
        ("winding", 41, "motor.temp"),
    ]
    letters = rows(folder, "SELECT line, reason FROM dead_letter ORDER BY line")
    assert [number for number, _ in letters] == [2, 3, 4, 5]
    assert letters[0][1].startswith("is not JSON")
    assert [reason for _, reason in letters[1:]] == [
        "is not a JSON object",
        "motor.temp: not a number",
        "key 'meta.at' is not a time",
    ]


async def test_unix_times(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "out.jsonl"
    path.write_text(json.dumps({"meta": {"at": 1_767_225_600_500}, "rpm": 1}) + "\n")
    async with watching(folder, path, time_format="unix_ms"):
        await until(lambda: buffered(folder))
    assert buffered(folder)[0]["timestamp"] == "2026-01-01T00:00:00.500000Z"


def test_a_key_with_dots_wins_over_going_deeper() -> None:
    document = {"a.b": 1, "a": {"b": 2, "c.d": 3}}
    assert [JsonPath(path).find(document, document) for path in ("a.b", "a.c.d", "a.x", "a.b.c")] == [1, 3, None, None]


async def test_a_document_that_is_written_anew_is_read_anew_each_time_and_leaves_no_gap(
    folder: Path, tmp_path: Path
) -> None:
    path = tmp_path / "now.json"
    async with watching(folder, path, whole_file=True):
        for number in range(1, 4):
            half = line(number, rpm=number)
            path.write_text(half[:20])
            await asyncio.sleep(0.15)
            path.write_text(half)
            await until(lambda: len(buffered(folder)) == number)  # noqa: B023 - awaited within the turn
    assert [item["value"] for item in buffered(folder)] == [1, 2, 3]
    assert rows(folder, "SELECT 1 FROM gap") == []
    assert rows(folder, "SELECT 1 FROM dead_letter") == []


async def test_documents_dropped_into_a_folder_are_moved_away_when_done(folder: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    inbox.mkdir()
    settings = {"whole_file": True, "move_to": str(tmp_path / "done"), "settle_seconds": 0.2}
    async with watching(folder, inbox / "*.json", **settings):
        for number in range(5):
            (inbox / f"{number}.json").write_text(line(number, rpm=number))
        await until(lambda: len(list((tmp_path / "done").glob("*.json"))) == 5)
    assert sorted(item["value"] for item in buffered(folder)) == [0, 1, 2, 3, 4]
