"""`plantwright detect`: what it reads, what it writes, and what it refuses."""

import csv
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from plantwright.detection.offline.table import FileUnusable, Layout, read_table

from tests.backend.detection.multivariate.support import related

ROWS = 1_200
TRAINED = 600
FAULT = 900


def write(file: Path, *, delimiter: str = ",", extra: str = "") -> Path:
    table = related(ROWS)
    table[FAULT:, 0] += 3.0
    start = datetime(2026, 1, 1, tzinfo=UTC)
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines, delimiter=delimiter)
        writer.writerow(["at", "load", "flow", "sum", "level", "note", "anomaly"])
        for number, values in enumerate(table.tolist()):
            at = (start + timedelta(seconds=number)).strftime("%Y-%m-%d %H:%M:%S")
            writer.writerow([at, *values, "shift A", int(number >= FAULT)])
        lines.write(extra)
    return file


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "plantwright.cli", "detect", *map(str, arguments)],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_file_becomes_scores_and_findings(tmp_path: Path) -> None:
    file, out = write(tmp_path / "plant.csv", delimiter=";"), tmp_path / "scores.csv"
    done = run(file, "--time-column", "at", "--delimiter", ";", "--train-until", "2026-01-01 00:09:59", "--out", out)
    assert done.returncode == 0, done.stderr
    assert "Not taken as metrics: anomaly, note." in done.stderr
    assert f"{TRAINED} of them vouched for" in done.stderr
    rows = list(csv.DictReader(out.read_text(encoding="utf-8").splitlines()))
    assert len(rows) == ROWS
    assert list(rows[0]) == [
        "time",
        "static_baseline",
        "ewma",
        "rate_of_change",
        "multivariate",
        "combined",
        "anomaly",
        "findings",
    ]
    assert rows[0]["time"] == "2026-01-01 00:00:00"
    said = np.array([int(row["anomaly"]) for row in rows])
    together = np.array([float(row["combined"]) for row in rows])
    assert said[FAULT + 60 :].all()
    assert not said[TRAINED:FAULT].any()
    assert ((together >= 0.5) == (said == 1)).all()
    assert together.min() >= 0
    assert together.max() <= 1
    told = [row["findings"] for row in rows if "machine: multivariate started" in row["findings"]]
    assert len(told) == 1


def test_a_number_of_rows_does_as_well_as_a_time(tmp_path: Path) -> None:
    file = write(tmp_path / "plant.csv")
    for until, out in (("600", "rows.csv"), ("2026-01-01T00:09:59+00:00", "time.csv")):
        assert run(file, "--time-column", "at", "--train-until", until, "--out", tmp_path / out).returncode == 0
    assert (tmp_path / "rows.csv").read_bytes() == (tmp_path / "time.csv").read_bytes()


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["--time-column", "when"], "has no column 'when'. Its columns are 'at', 'load'"),
        (["--time-column", "at", "--time-format", "unix_ms"], "Say how times are written (--time-format)"),
        (["--time-column", "at", "--train-until", "tomorrow"], "neither a time of the file nor a number of its rows"),
        (["--time-column", "at", "--train-until", "2027-01-01"], "leaves nothing to judge"),
        (["--time-column", "at", "--train-until", "2025-01-01"], "leaves nothing to learn from"),
        (["--time-column", "at", "--delimiter", ";;"], "must be one character, or tab"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(tmp_path: Path, arguments: list[str], reason: str) -> None:
    done = run(write(tmp_path / "plant.csv"), *arguments, "--out", tmp_path / "scores.csv")
    assert done.returncode == 2
    assert reason in " ".join(done.stderr.replace("│", " ").split())
    assert not (tmp_path / "scores.csv").exists()


def test_a_file_that_is_not_there_or_not_text_is_refused(tmp_path: Path) -> None:
    with pytest.raises(FileUnusable, match="cannot be read"):
        read_table(tmp_path / "none.csv", Layout("at"))
    (tmp_path / "image.csv").write_bytes(b"\x89PNG\xff\xfe\x00")
    with pytest.raises(FileUnusable, match="UTF-8"):
        read_table(tmp_path / "image.csv", Layout("at"))


def test_rows_that_are_out_of_order_torn_or_repeated(tmp_path: Path) -> None:
    file = tmp_path / "plant.csv"
    file.write_text(
        "at,flow,level\n2026-01-01 00:00:02,3,\n2026-01-01 00:00:01,2,nan\nyesterday,9,9\n2026-01-01 00:00:03\n"
        "2026-01-01 00:00:02,4,1e999\n2026-01-01 00:00:04,x,7\n",
        encoding="utf-8",
    )
    table = read_table(file, Layout("at"))
    assert table.metrics == ["flow", "level"]
    assert np.diff(table.time_ms).tolist() == [1_000, 1_000, 1_000]
    assert np.array_equal(table.values[:, 0], [2, 4, np.nan, np.nan], equal_nan=True)
    assert np.array_equal(table.values[:, 1], [np.nan, np.nan, np.nan, 7], equal_nan=True)
    assert (table.unreadable_rows, table.repeated_rows, table.empty_cells) == (1, 1, 5)
