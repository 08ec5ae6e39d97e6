"""What happens to files while they are watched: cut, copied, compressed, deleted, moved, dropped in, out of reach."""

import asyncio
import gzip
import os
import shutil
import time
from collections.abc import Mapping
from pathlib import Path

import pytest
from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.csv_watch.input import CsvWatch
from plantwright_agent.inputs.files import folder as folder_module
from plantwright_agent.inputs.files.content import open_content
from plantwright_agent.inputs.files.lines import LONGEST_LINE, REST, TOO_LONG, LineReader
from plantwright_agent.inputs.files.resume import beginning
from plantwright_agent.samples import Collected, FilePosition

from tests.agent.support import rows, until
from tests.agent.test_csv_watch import append, row, rows_of, values, watching

HEADER = "time,n\n"
MANY = 20_000


class Stored:
    """Positions as a buffer would keep them."""

    def __init__(self) -> None:
        self.at: dict[str, FilePosition] = {}
        self.values: list[float] = []
        self.gaps: list[str] = []

    async def positions(self, _: str) -> Mapping[str, FilePosition]:
        return dict(self.at)

    def add(self, collected: Collected) -> None:
        for path in collected.forget:
            self.at.pop(path, None)
        if collected.position is not None:
            self.at[collected.position.path] = collected.position
        self.values += [float(str(sample.value)) for sample in collected.samples]
        self.gaps += [gap.reason for gap in collected.gaps]


def watch(path: Path, stored: Stored) -> CsvWatch:
    return CsvWatch("s", CsvConfig(path=str(path), time_column="time", poll_interval=0.05), "M", stored)


async def read_some(source: CsvWatch, stored: Stored, parts: int) -> None:
    """Take a few parts and stop, as an agent does that is shut down in the middle."""
    await source.start()
    taken = 0
    async for collected in source.collect():
        stored.add(collected)
        taken += 1
        if taken == parts:
            break
    await source.stop()


@pytest.mark.parametrize("compressed", [False, True])
async def test_a_stop_in_the_middle_of_a_large_file_loses_and_repeats_nothing(tmp_path: Path, compressed: bool) -> None:
    path = tmp_path / ("lab.csv.gz" if compressed else "lab.csv")
    content = (HEADER + rows_of(*range(MANY))).encode()
    path.write_bytes(gzip.compress(content) if compressed else content)
    stored = Stored()
    for _ in range(4):
        await read_some(watch(path, stored), stored, 3)
    await read_some(watch(path, stored), stored, 20)
    assert stored.values == list(range(MANY))
    assert stored.gaps == []


async def test_a_file_that_is_cut_and_written_anew_while_it_is_read_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text(HEADER + rows_of(*range(MANY)))
    stored = Stored()
    source = watch(path, stored)
    await source.start()
    parts = 0
    async for collected in source.collect():
        stored.add(collected)
        parts += 1
        if parts == 2:
            with path.open("r+") as file:
                file.truncate(0)
                file.write(HEADER + rows_of(*range(50_000, 50_000 + MANY)))
        if stored.values and stored.values[-1] == 50_000 + MANY - 1:
            break
    await source.stop()
    before = [value for value in stored.values if value < MANY]
    assert before == list(range(len(before)))
    assert 0 < len(before) < MANY
    assert stored.values[len(before) :] == list(range(50_000, 50_000 + MANY))
    assert stored.gaps == ["file was replaced; rows written just before may be missing"]


async def test_a_file_that_is_deleted_while_it_is_read_is_read_to_its_end(tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text(HEADER + rows_of(*range(MANY)))
    stored = Stored()
    source = watch(path, stored)
    await source.start()
    async for collected in source.collect():
        stored.add(collected)
        path.unlink(missing_ok=True)
        if collected.trouble:
            break
    await source.stop()
    assert stored.values == list(range(MANY))


@pytest.mark.parametrize("pattern", ["lab.csv", "lab.csv*"])
@pytest.mark.parametrize("compressed", [False, True])
async def test_copy_and_truncate_loses_and_repeats_nothing(
    folder: Path, tmp_path: Path, pattern: str, compressed: bool
) -> None:
    path = tmp_path / "lab.csv"
    path.write_text(HEADER + rows_of(*range(100)))
    async with watching(folder, tmp_path / pattern) as source:
        await until(lambda: len(values(folder)) == 100)
        await source.stop()
    append(path, rows_of(100, 101))
    if compressed:
        (tmp_path / "lab.csv.1.gz").write_bytes(gzip.compress(path.read_bytes()))
    else:
        shutil.copy(path, tmp_path / "lab.csv.1")
    with path.open("r+") as file:
        file.truncate(0)
        file.write(HEADER + rows_of(102, 103))
    async with watching(folder, tmp_path / pattern):
        await until(lambda: len(values(folder)) == 104)
        append(path, row(104))
        await until(lambda: len(values(folder)) == 105)
    assert sorted(values(folder)) == list(range(105))
    assert rows(folder, "SELECT 1 FROM gap") == []


async def test_files_dropped_into_any_folder_below_are_found_and_read_once(folder: Path, tmp_path: Path) -> None:
    inbox = tmp_path / "inbox"
    (inbox / "directory.csv").mkdir(parents=True)
    async with watching(folder, inbox / "**" / "*.csv") as source:
        await until(lambda: "no file at" in source.health.error)
        for number in range(20):
            (inbox / f"day-{number % 3}" / "shift").mkdir(parents=True, exist_ok=True)
            draft = inbox / f"day-{number % 3}" / "shift" / f"{number}.part"
            draft.write_text(HEADER + row(number))
            draft.rename(draft.with_suffix(".csv"))
        await until(lambda: len(values(folder)) == 20)
        await until(lambda: source.health.state == "ok")
    assert sorted(values(folder)) == list(range(20))


async def test_identical_files_that_are_both_there_are_both_read(folder: Path, tmp_path: Path) -> None:
    async with watching(folder, tmp_path / "*.csv"):
        (tmp_path / "a.csv").write_text(HEADER + rows_of(1, 2))
        await until(lambda: len(values(folder)) == 2)
        shutil.copy(tmp_path / "a.csv", tmp_path / "b.csv")
        await until(lambda: len(values(folder)) == 4)
    assert values(folder) == [1, 2, 1, 2]


async def test_a_file_that_is_done_is_moved_away_and_nothing_is_overwritten(folder: Path, tmp_path: Path) -> None:
    inbox, done = tmp_path / "inbox", tmp_path / "inbox" / "done"
    done.mkdir(parents=True)
    (done / "a.csv").write_text("older")
    (inbox / "a.csv").write_text(HEADER + row(1))
    settings = {"move_to": str(done), "settle_seconds": 0.5}
    async with watching(folder, inbox / "**" / "*.csv", **settings) as source:
        await until(lambda: values(folder) == [1])
        assert (inbox / "a.csv").exists()
        await until((done / "a-2.csv").exists)
        await until(lambda: rows(folder, "SELECT path FROM position") == [])
        (inbox / "a.csv").write_text(HEADER + row(2))
        await until((done / "a-3.csv").exists)
        await until(lambda: source.health.state == "ok")
    assert values(folder) == [1, 2]
    assert (done / "a.csv").read_text() == "older"
    assert (done / "a-2.csv").read_text() == HEADER + row(1)
    assert list(inbox.glob("*.csv")) == []


async def test_a_file_that_still_grows_is_not_moved(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text(HEADER)
    async with watching(folder, path, move_to=str(tmp_path / "done"), settle_seconds=0.6):
        for number in range(10):
            append(path, row(number))
            await asyncio.sleep(0.15)
        assert path.exists()
        await until((tmp_path / "done" / "lab.csv").exists)
    assert values(folder) == list(range(10))


async def test_a_place_to_move_to_that_cannot_be_used_is_said(folder: Path, tmp_path: Path) -> None:
    path, blocked = tmp_path / "lab.csv", tmp_path / "blocked"
    path.write_text(HEADER + row(1))
    blocked.write_text("a file, not a folder")
    async with watching(folder, path, move_to=str(blocked), settle_seconds=0.1) as source:
        await until(lambda: f"cannot be moved to {blocked}" in source.health.error)
    assert path.exists()


async def test_a_line_without_end_is_set_aside_and_the_lines_around_it_are_kept(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text(HEADER + row(1) + "x" * (2 * LONGEST_LINE + 5) + "\n" + row(2) + "broken\n")
    async with watching(folder, path):
        await until(lambda: values(folder) == [1, 2])
        await until(lambda: len(rows(folder, "SELECT 1 FROM dead_letter")) == 4)
    found = rows(folder, "SELECT line, reason FROM dead_letter ORDER BY id")
    assert found == [(3, TOO_LONG), (3, REST), (3, REST), (5, "has 1 columns, the header has 2")]


async def test_the_rest_of_a_line_that_was_taken_too_early_is_no_row(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text(HEADER + row(1).rstrip())
    async with watching(folder, path, settle_seconds=0.2):
        await until(lambda: values(folder) == [1])
        append(path, "\n" + row(2).rstrip())
        await until(lambda: values(folder) == [1, 2])
        append(path, "5\n" + row(3))
        await until(lambda: values(folder) == [1, 2, 3])
    assert rows(folder, "SELECT line, text, reason FROM dead_letter") == [(3, "5", REST)]


async def test_a_missing_folder_is_named_and_healed(folder: Path, tmp_path: Path) -> None:
    async with watching(folder, tmp_path / "share" / "*.csv") as source:
        await until(lambda: "share/*.csv: cannot be read: No such file or directory" in source.health.error)
        (tmp_path / "share").mkdir()
        await until(lambda: "no file at" in source.health.error)
        (tmp_path / "share" / "a.csv").write_text(HEADER + row(1))
        await until(lambda: source.health.state == "ok")


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is forbidden to root")
async def test_a_file_that_may_not_be_read_does_not_stop_the_others(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(HEADER + row(1))
    (tmp_path / "a.csv").chmod(0)
    (tmp_path / "b.csv").write_text(HEADER + row(2))
    async with watching(folder, tmp_path / "*.csv") as source:
        await until(lambda: "a.csv: cannot be read: Permission denied" in source.health.error)
        await until(lambda: values(folder) == [2])
        (tmp_path / "a.csv").chmod(0o600)
        await until(lambda: values(folder) == [2, 1])


async def test_a_share_whose_clock_is_ahead_still_settles(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv"
    path.write_text(HEADER + row(1).rstrip())
    ahead = time.time() + 86_400
    os.utime(path, (ahead, ahead))
    async with watching(folder, path, settle_seconds=0.3):
        await until(lambda: values(folder) == [1])


async def test_a_change_that_leaves_size_and_time_alone_is_found_by_the_content(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "RECHECK_SECONDS", 0.3)
    path = tmp_path / "lab.csv"
    path.write_text(HEADER + rows_of(1, 2))
    look = path.stat()
    async with watching(folder, path):
        await until(lambda: values(folder) == [1, 2])
        path.write_text(HEADER + rows_of(3, 4))
        os.utime(path, ns=(look.st_atime_ns, look.st_mtime_ns))
        await until(lambda: values(folder) == [1, 2, 3, 4])


async def test_files_that_are_gone_are_forgotten_but_not_those_of_a_share_that_shows_nothing(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folder_module, "GONE_SECONDS", 0.4)
    share = tmp_path / "share"
    share.mkdir()
    for number in range(3):
        (share / f"{number}.csv").write_text(HEADER + row(number))

    def known() -> int:
        return len(rows(folder, "SELECT 1 FROM position"))

    async with watching(folder, share / "*.csv"):
        await until(lambda: known() == 3)
        (share / "0.csv").unlink()
        await until(lambda: known() == 2)
        share.rename(tmp_path / "unmounted")
        share.mkdir()
        await asyncio.sleep(1)
        assert known() == 2
        share.rmdir()
        (tmp_path / "unmounted").rename(share)
        append(share / "1.csv", row(11))
        await until(lambda: len(values(folder)) == 4)
    assert values(folder) == [0, 1, 2, 11]


async def test_a_compressed_file_that_is_still_being_copied_is_read_as_far_as_it_is_there(
    folder: Path, tmp_path: Path
) -> None:
    whole = gzip.compress((HEADER + rows_of(*range(MANY))).encode())
    path = tmp_path / "lab.csv.gz"
    path.write_bytes(whole[: len(whole) // 2])
    async with watching(folder, path):
        await until(lambda: 0 < len(values(folder)) < MANY)
        with path.open("ab") as file:
            file.write(whole[len(whole) // 2 :])
        await until(lambda: len(values(folder)) == MANY)
    assert values(folder) == list(range(MANY))


async def test_a_file_that_only_looks_compressed_is_said(folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "lab.csv.gz"
    path.write_text(HEADER)
    async with watching(folder, path) as source:
        await until(lambda: "is not a whole gzip file" in source.health.error)


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16-le", "utf-16-be", "latin-1"])
def test_lines_are_the_same_wherever_the_reading_is_cut(tmp_path: Path, encoding: str) -> None:
    """Every line of a file with awkward lengths comes once, whatever offset the reading is taken up at."""
    texts = [f"{number},{'äö'[number % 2] * (number % 97)}\r" for number in range(3_000)]
    path = tmp_path / "x.csv"
    path.write_bytes("".join(text + "\n" for text in texts).encode(encoding))
    content = open_content(path)
    position = beginning(path, 0)
    found: list[str] = []
    while True:
        reader = LineReader(content, position, encoding, str(path))  # type: ignore[arg-type]
        lines = reader.read(settled=False)
        if lines is None:
            break
        assert lines.first == len(found) + 1
        found += lines.texts
        position = lines.position
    content.close()
    assert found == [text.removesuffix("\r") for text in texts]
