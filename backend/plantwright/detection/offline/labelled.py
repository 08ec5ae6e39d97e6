"""Files whose faults are known, and how well they were found.

The form and the protocol are those of the Skoltech Anomaly Benchmark (Katser, Kozitsin 2020): a CSV file with
semicolons, a column `datetime`, metrics, and a column `anomaly` that is 1 in a fault; the first 400 rows are learnt
from, the others are judged one by one, and the counts of all files are added up.
"""

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from plantwright.detection.columns import Bools
from plantwright.detection.offline.table import Layout, Table, read_table

FIRST_ROWS = 400
LAYOUT = Layout("datetime", ";")
_LABEL = "anomaly"


@dataclass(frozen=True, slots=True)
class Confusion:
    """Counts of rows: right and wrong alarms, faults that were missed, and silence where nothing was."""

    true_positive: int = 0
    false_positive: int = 0
    false_negative: int = 0
    true_negative: int = 0

    @classmethod
    def of(cls, said: Bools, is_fault: Bools) -> "Confusion":
        return cls(
            int((said & is_fault).sum()),
            int((said & ~is_fault).sum()),
            int((~said & is_fault).sum()),
            int((~said & ~is_fault).sum()),
        )

    def __add__(self, other: "Confusion") -> "Confusion":
        return Confusion(
            self.true_positive + other.true_positive,
            self.false_positive + other.false_positive,
            self.false_negative + other.false_negative,
            self.true_negative + other.true_negative,
        )

    @property
    def f1(self) -> float:
        """Harmonic mean of precision and recall; 0 when nothing was found."""
        found = 2 * self.true_positive
        return found / (found + self.false_positive + self.false_negative) if found else 0.0

    @property
    def false_alarm_rate(self) -> float:
        """Share of fault-free rows that were said to be faulty."""
        return _ratio(self.false_positive, self.true_negative)

    @property
    def missed_alarm_rate(self) -> float:
        """Share of faulty rows that were not found."""
        return _ratio(self.false_negative, self.true_positive)


def read_labelled(file: Path) -> tuple[Table, Bools | None]:
    """The metrics, and which rows are faulty; None when the file has no such column, as a fault-free one.

    Raises:
        FileUnusable: not a file of this form.
    """
    table = read_table(file, LAYOUT)
    with file.open(encoding="utf-8-sig", newline="") as lines:
        rows = list(csv.DictReader(lines, delimiter=LAYOUT.delimiter))
    if not rows or _LABEL not in rows[0]:
        return table, None
    labels = {row[LAYOUT.time_column].strip(): float(row[_LABEL] or 0) > 0 for row in rows}
    return table, np.array([labels[text] for text in table.texts], np.bool_)


def _ratio(part: int, rest: int) -> float:
    return part / (part + rest) if part + rest else 0.0
