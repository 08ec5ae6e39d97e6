"""How well the detectors find the faults of labelled files, and how often they cry wolf on fault-free ones.

Reads every CSV file below a folder in the form of the Skoltech Anomaly Benchmark (semicolons, `datetime`, metrics,
`anomaly`). Files with labels are judged by the benchmark's protocol: the first 400 rows are vouched for as normal
operation, the others are judged row by row; a row counts as an alarm where the combined score is 0.5 or more. Files
without a label column, or without a fault in it, are fault-free: they are judged from a cold start with default
settings, and findings and alerts are counted per machine and day. An alert joins the findings of a metric and
a detector that are less than ten minutes apart, as the product does. All settings are the defaults.

Prints a line per file on stderr and one JSON object: f1, false_alarm_rate, missed_alarm_rate, the same for the three
charts of single metrics alone, the delay from the begin of a fault to the first finding, and findings and alerts per
machine and day on fault-free data.
"""

import argparse
import json
import statistics
import sys
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from plantwright.detection.findings import FindingKind
from plantwright.detection.multivariate.findings import DETECTOR as MULTIVARIATE
from plantwright.detection.offline.labelled import FIRST_ROWS, Confusion, read_labelled
from plantwright.detection.offline.run import AT_THRESHOLD, Scored, combined, score_table
from plantwright.detection.offline.table import FileUnusable, Table

DAY_MS = 86_400_000
REOPEN_MS = 600_000


@dataclass
class Result:
    together: Confusion = field(default_factory=Confusion)
    single: Confusion = field(default_factory=Confusion)
    delays: list[float] = field(default_factory=list)
    faults: int = 0
    free_days: float = 0.0
    free_findings: int = 0
    free_alerts: int = 0
    files: dict[str, dict[str, float]] = field(default_factory=dict)


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def starts(scored: Scored) -> list[tuple[str, int]]:
    """Cause and time of everything that started."""
    single = [(f"{one.series} {one.detector}", one.kind, one.time_ms) for one in scored.findings]
    whole = [(MULTIVARIATE, one.kind, one.time_ms) for one in scored.machine_findings]
    return [(cause, time_ms) for cause, kind, time_ms in single + whole if kind is FindingKind.STARTED]


def alerts(scored: Scored) -> int:
    by_cause: defaultdict[str, list[int]] = defaultdict(list)
    for cause, time_ms in starts(scored):
        by_cause[cause].append(time_ms)
    return sum(1 + int((np.diff(sorted(times)) > REOPEN_MS).sum()) for times in by_cause.values())


def fault_spans(table: Table, labels: NDArray[np.bool_]) -> list[tuple[int, int]]:
    edges = np.diff(np.concatenate(([0], labels[FIRST_ROWS:].astype(np.int8), [0])))
    times = table.time_ms[FIRST_ROWS:]
    begins, ends = np.flatnonzero(edges == 1), np.flatnonzero(edges == -1) - 1
    return [(int(times[begin]), int(times[end])) for begin, end in zip(begins, ends, strict=True)]


def judge_faulty(name: str, table: Table, labels: NDArray[np.bool_], result: Result) -> None:
    scored = score_table(table, trained_rows=FIRST_ROWS)
    truth = labels[FIRST_ROWS:]
    said = scored.combined[FIRST_ROWS:] >= AT_THRESHOLD
    charts = {chart: scores for chart, scores in scored.scores.items() if chart != MULTIVARIATE}
    alone = combined(charts, scored.thresholds)[FIRST_ROWS:] >= AT_THRESHOLD
    of_file = Confusion.of(said, truth)
    result.together += of_file
    result.single += Confusion.of(alone, truth)
    moments = sorted(time_ms for _, time_ms in starts(scored))
    delays = []
    for begin, end in fault_spans(table, labels):
        result.faults += 1
        delays += [(moment - begin) / 1_000 for moment in moments if begin <= moment <= end][:1]
    result.delays += delays
    result.files[name] = {
        "f1": round(of_file.f1, 3),
        "false_alarm_rate": round(of_file.false_alarm_rate, 3),
        "missed_alarm_rate": round(of_file.missed_alarm_rate, 3),
    } | ({"first_finding_after_s": delays[0]} if delays else {})
    say(f"{name:<40} {result.files[name]}")


def judge_free(name: str, table: Table, result: Result) -> None:
    scored = score_table(table)
    days = float(table.time_ms[-1] - table.time_ms[0]) / DAY_MS
    result.free_days += days
    result.free_findings += len(starts(scored))
    result.free_alerts += alerts(scored)
    say(f"{name:<40} fault-free, {days * 24:.1f} h: {len(starts(scored))} findings, {alerts(scored)} alerts")


def judge_folder(folder: Path) -> Result:
    result = Result()
    for path in sorted(folder.rglob("*.csv")):
        name = path.relative_to(folder).as_posix()
        try:
            table, labels = read_labelled(path)
        except FileUnusable as unusable:
            say(f"{name:<40} left out: {unusable}")
            continue
        if labels is None or not labels.any():
            judge_free(name, table, result)
        elif len(table.time_ms) > FIRST_ROWS:
            judge_faulty(name, table, labels, result)
        else:
            say(f"{name:<40} left out: it has no more than {FIRST_ROWS} rows")
    return result


def summary(result: Result) -> dict[str, object]:
    found: dict[str, object] = {"bench": "detection", "files": len(result.files)}
    for prefix, confusion in (("", result.together), ("single_metrics_", result.single)):
        found[f"{prefix}f1"] = round(confusion.f1, 4)
        found[f"{prefix}false_alarm_rate"] = round(confusion.false_alarm_rate, 4)
        found[f"{prefix}missed_alarm_rate"] = round(confusion.missed_alarm_rate, 4)
    found["faults"], found["faults_found"] = result.faults, len(result.delays)
    found["first_finding_after_s_median"] = statistics.median(result.delays) if result.delays else None
    if result.free_days:
        found["fault_free_days"] = round(result.free_days, 3)
        found["findings_per_machine_day"] = round(result.free_findings / result.free_days, 3)
        found["alerts_per_machine_day"] = round(result.free_alerts / result.free_days, 3)
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder with CSV files, searched through all its folders")
    folder = parser.parse_args().folder
    if not folder.is_dir():
        parser.error(f"{folder} is no folder")
    result = judge_folder(folder)
    if not result.files and not result.free_days:
        parser.error(f"{folder} has no CSV file of this form")
    print(json.dumps(summary(result)))


if __name__ == "__main__":
    main()
