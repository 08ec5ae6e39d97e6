"""The detectors on the Skoltech Anomaly Benchmark by its own protocol: learn from 400 rows, judge the rest."""

from pathlib import Path

import numpy as np
import pytest
from plantwright.detection.columns import Bools
from plantwright.detection.offline.labelled import FIRST_ROWS, Confusion, read_labelled
from plantwright.detection.offline.run import AT_THRESHOLD, score_table

FOLDER = Path(__file__).resolve().parents[5] / "shared" / "data" / "skab"

pytestmark = pytest.mark.skipif(not FOLDER.is_dir(), reason=f"no labelled data at {FOLDER}")


def judged(path: Path) -> tuple[Bools, Bools]:
    """What was said and what is true, of the rows after the first 400."""
    table, labels = read_labelled(path)
    assert labels is not None
    said: Bools = score_table(table, trained_rows=FIRST_ROWS).combined >= AT_THRESHOLD
    return said[FIRST_ROWS:], labels[FIRST_ROWS:]


def test_faults_are_found_and_false_alarms_are_few() -> None:
    """The best published results are an F1 of 0.78 at 13.6 % false alarms and 0.76 at 26.6 %."""
    total = Confusion()
    for path in sorted(FOLDER.glob("valve*.csv")):
        total += Confusion.of(*judged(path))
    assert total.f1 >= 0.78
    assert total.false_alarm_rate < 0.1


def test_nothing_is_said_of_a_fault_free_run_with_default_settings() -> None:
    """Two and a half hours from a cold start, of a bench that warms up all the while."""
    table, labels = read_labelled(FOLDER / "anomaly-free_anomaly-free.csv")
    assert labels is None
    assert score_table(table).machine_findings == []


def test_labels_are_no_metrics() -> None:
    table, _ = read_labelled(FOLDER / "valve1_0.csv")
    assert len(table.metrics) == 8
    assert not np.isin(["anomaly", "changepoint"], table.metrics).any()
