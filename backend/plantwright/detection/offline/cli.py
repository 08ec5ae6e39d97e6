"""`plantwright detect` of the command line."""

import csv
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC
from pathlib import Path

import numpy as np
from plantwright_agent.inputs.files.times import TimeReader
from rich.console import Console

from plantwright.detection.findings import FindingKind
from plantwright.detection.multivariate.findings import DETECTOR as MULTIVARIATE
from plantwright.detection.offline.run import AT_THRESHOLD, Scored, score_table
from plantwright.detection.offline.table import FileUnusable, Layout, Table, read_table

_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Task:
    """See `plantwright detect --help`."""

    file: Path
    layout: Layout
    train_until: str
    out: Path


def detect(task: Task) -> None:
    """
    Raises:
        FileUnusable: the file cannot be read or written, or `train_until` is no time of it.
    """
    console = Console(stderr=True)
    with console.status(f"Reading {task.file}"):
        table = read_table(task.file, task.layout)
        trained_rows = rows_until(table, task.train_until, task.layout.time_format)
    for line in _remarks(table):
        console.print(line, highlight=False, markup=False, soft_wrap=True)
    with console.status(f"{len(table.time_ms):,} times of {len(table.metrics)} metrics"):
        scored = score_table(table, trained_rows=trained_rows)
    write_scores(task.out, table, scored)
    console.print(_summary(task, table, scored, trained_rows), highlight=False, markup=False, soft_wrap=True)


def rows_until(table: Table, until: str, time_format: str) -> int:
    """How many rows come before a time, or the number itself; 0 when nothing is given.

    Raises:
        FileUnusable: neither a number of rows nor a time, or there is nothing before or after it.
    """
    if not until:
        return 0
    if until.isdecimal() and int(until) <= len(table.time_ms):
        rows = int(until)
    else:
        moment = TimeReader(time_format, "UTC").read(until) or TimeReader("iso", "UTC").read(until)
        if moment is None:
            raise FileUnusable(f"--train-until {until!r} is neither a time of the file nor a number of its rows.")
        rows = int(np.searchsorted(table.time_ms, round(moment.astimezone(UTC).timestamp() * 1_000), side="right"))
    if not 0 < rows < len(table.time_ms):
        raise FileUnusable(
            f"--train-until {until} leaves nothing to {'judge' if rows else 'learn from'}: the file goes from "
            f"{table.texts[0]} to {table.texts[-1]}."
        )
    return rows


def write_scores(out: Path, table: Table, scored: Scored) -> None:
    """A row per time: each detector's score, the combined one, whether it violates, and the findings."""
    told = _findings_by_time(table, scored)
    names = list(scored.scores)
    try:
        with out.open("w", encoding="utf-8", newline="") as lines:
            writer = csv.writer(lines, lineterminator="\n")
            writer.writerow(["time", *names, "combined", "anomaly", "findings"])
            columns = [np.round(scored.scores[name], _DIGITS).tolist() for name in names]
            rows = zip(table.time_ms.tolist(), table.texts, scored.combined.tolist(), *columns, strict=True)
            for time_ms, text, together, *of_detectors in rows:
                is_anomaly = int(together >= AT_THRESHOLD)
                writer.writerow([text, *of_detectors, round(together, _DIGITS), is_anomaly, told.get(time_ms, "")])
    except OSError as error:
        raise FileUnusable(f"{out} cannot be written: {error.strerror}.") from error


def _findings_by_time(table: Table, scored: Scored) -> dict[int, str]:
    told: defaultdict[int, list[str]] = defaultdict(list)
    for finding in scored.findings:
        what = (
            f"{table.metrics[finding.series]}: {finding.detector.value} {finding.kind.value} {finding.severity.value}"
        )
        told[finding.time_ms].append(what)
    for whole in scored.machine_findings:
        told[whole.time_ms].append(f"machine: {MULTIVARIATE} {whole.kind.value} {whole.severity.value}")
    return {time_ms: "; ".join(texts) for time_ms, texts in told.items()}


def _remarks(table: Table) -> Sequence[str]:
    remarks = []
    if table.left_out:
        remarks.append(f"Not taken as metrics: {', '.join(table.left_out)}.")
    counts = (
        (table.unreadable_rows, "rows without a readable time were left out"),
        (table.empty_cells, "cells without a number were left out"),
        (table.repeated_rows, "rows were left out because their time comes again later"),
    )
    remarks += [f"{count:,} {what}." for count, what in counts if count]
    return remarks


def _summary(task: Task, table: Table, scored: Scored, trained_rows: int) -> str:
    judged = scored.combined[trained_rows:]
    kinds = [one.kind for one in scored.findings] + [whole.kind for whole in scored.machine_findings]
    started = kinds.count(FindingKind.STARTED)
    return (
        f"{len(table.time_ms):,} times of {len(table.metrics)} metrics, {trained_rows:,} of them vouched for. "
        f"{int((judged >= AT_THRESHOLD).sum()):,} of the other {len(judged):,} violate; {started} findings. "
        f"Scores are in {task.out}."
    )
