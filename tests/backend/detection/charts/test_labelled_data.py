"""The charts of single metrics with default settings on the Skoltech Anomaly Benchmark, each file from a cold start.

Run as a module (`python -m tests.backend.detection.charts.test_labelled_data`) for a table of all files.
"""

import csv
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from plantwright.detection.columns import Bools, Floats, Ints
from plantwright.detection.findings import Finding

from tests.backend.detection.support import feed, started

FOLDER = Path(__file__).resolve().parents[5] / "shared" / "data" / "skab"
FREE = "anomaly-free_anomaly-free"
METRICS = 8

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no labelled data at {FOLDER}")


@dataclass(frozen=True)
class Labelled:
    """Times (n,) in milliseconds, values (n, 8), faulty (n,)."""

    metrics: Sequence[str]
    times: Ints
    values: Floats
    faulty: Bools


def read(name: str) -> Labelled:
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        header, *rows = csv.reader(file, delimiter=";")
    times = np.array([np.datetime64(row[0], "ms") for row in rows]).astype(np.int64)
    values = np.array([[float(cell) for cell in row[1 : METRICS + 1]] for row in rows])
    labels = [float(row[METRICS + 1]) > 0 for row in rows] if header[-2] == "anomaly" else [False] * len(rows)
    return Labelled(header[1 : METRICS + 1], times, values, np.array(labels))


def split(data: Labelled) -> tuple[list[Finding], list[Finding]]:
    """Episodes that started inside and outside the labelled windows."""
    _, findings = feed(data.times, data.values)
    inside_times = set(data.times[data.faulty].tolist())
    opened = started(findings)
    return (
        [found for found in opened if found.time_ms in inside_times],
        [found for found in opened if found.time_ms not in inside_times],
    )


@pytest.mark.parametrize("name", ["valve1_5", "valve1_7"])
def test_a_closing_valve_is_found_inside_its_window(name: str) -> None:
    inside, outside = split(read(name))
    assert inside
    assert len(outside) <= 1


def test_a_fault_free_run_has_no_episodes() -> None:
    assert split(read(FREE)) == ([], [])


def table() -> str:
    lines = [f"{'file':<28}{'inside':>8}{'outside':>9}  metrics found inside"]
    for path in sorted(FOLDER.glob("*.csv")):
        data = read(path.stem)
        inside, outside = split(data)
        names = sorted({f"{data.metrics[found.series]} ({found.detector})" for found in inside})
        lines.append(f"{path.stem:<28}{len(inside):>8}{len(outside):>9}  {', '.join(names)}")
    return "\n".join(lines)


if __name__ == "__main__":
    sys.stdout.write(table() + "\n")
