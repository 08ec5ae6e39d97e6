"""Settings of `[source.csv]`."""

from collections import Counter
from typing import Annotated, Literal

import msgspec

from plantwright_agent.inputs.files.config import FileConfig
from plantwright_agent.inputs.tags import ColumnConfig, Name


class CsvConfig(FileConfig, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Wide form: without `metrics`, every column that no other key names is a metric.

    Long form, with `metric_column` and `value_column`: one value per row; without `metrics`, every metric is taken.
    `columns` names the columns of a file without a header line; with `header = false` alone they are "1", "2", "3".
    """

    delimiter: Annotated[str, msgspec.Meta(min_length=1, max_length=1)] = ","
    decimal: Literal[".", ","] = "."
    thousands: Literal["", ".", ",", " ", "'"] = ""
    missing: list[str] = msgspec.field(default_factory=list)
    skip_lines: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 0
    header: bool | None = None
    columns: list[Name] = msgspec.field(default_factory=list)
    time_column: Name | Annotated[list[Name], msgspec.Meta(min_length=1, max_length=3)]
    machine_column: Name | None = None
    metric_column: Name | None = None
    value_column: Name | None = None
    unit_column: Name | None = None
    quality_column: Name | None = None
    metrics: dict[str, ColumnConfig] = msgspec.field(default_factory=dict)
    ignore_columns: list[str] = msgspec.field(default_factory=list)

    @property
    def is_long(self) -> bool:
        return self.metric_column is not None

    @property
    def has_header(self) -> bool:
        return not self.columns if self.header is None else self.header

    @property
    def preamble(self) -> int:
        """Lines before the first row."""
        return self.skip_lines + (1 if self.has_header else 0)

    @property
    def time_columns(self) -> list[str]:
        return [self.time_column] if isinstance(self.time_column, str) else self.time_column

    @property
    def names_machines(self) -> bool:
        return self.machine_column is not None

    def special_columns(self) -> list[tuple[str, str]]:
        """Key and column of each column that is no metric."""
        named = ("machine_column", "metric_column", "value_column", "unit_column", "quality_column")
        found = [(key, column) for key in named if (column := getattr(self, key)) is not None]
        return [("time_column", column) for column in self.time_columns] + found

    def wanted_columns(self) -> list[tuple[str, str]]:
        """Key and column of each column that a file must have."""
        metrics = [] if self.is_long else [(f"metrics.{column}", column) for column in self.metrics]
        return self.special_columns() + metrics

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule between keys that is broken."""
        found = super().problems() + self._mark_problems() + self._form_problems()
        used = Counter(column for _, column in self.special_columns())
        found += [(key, f'"{column}" is named twice') for key, column in self.special_columns() if used[column] > 1]
        special = {column: key for key, column in self.special_columns()}
        if not self.is_long:
            found += [
                (f"metrics.{column}", f"is the {special[column].replace('_', ' ')}, so it cannot be a metric")
                for column in self.metrics
                if column in special
            ]
        if self.columns:
            found += [
                (key, f'"{column}" is not among columns')
                for key, column in self.wanted_columns()
                if column not in self.columns
            ]
            twice = [column for column, times in Counter(self.columns).items() if times > 1]
            found += [("columns", f'"{column}" is named twice') for column in twice]
        return found

    def _mark_problems(self) -> list[tuple[str, str]]:
        found = []
        if self.delimiter in {'"', "\n", "\r"}:
            found.append(("delimiter", "cannot be a quote or a line end"))
        if self.delimiter == self.decimal:
            found.append(("delimiter", "the same character cannot also be the decimal mark"))
        if self.thousands and self.thousands in {self.decimal, self.delimiter}:
            found.append(("thousands", "the same character cannot also be the decimal mark or the delimiter"))
        return found

    def _form_problems(self) -> list[tuple[str, str]]:
        if self.metric_column is None and self.value_column is not None:
            return [("metric_column", "needed with value_column: one row holds one value")]
        if self.metric_column is not None and self.value_column is None:
            return [("value_column", "needed with metric_column: one row holds one value")]
        if self.metric_column is None and self.unit_column is not None:
            return [("unit_column", "belongs to the long form, with metric_column and value_column")]
        return []
