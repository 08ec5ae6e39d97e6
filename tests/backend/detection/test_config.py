from dataclasses import fields
from pathlib import Path

import pytest
from plantwright.core.errors import ValidationFailed
from plantwright.detection.config import ConfigColumns, DetectionConfig


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("baseline_threshold", 0.5, "a number from 1 to 100, not 0.5"),
        ("baseline_min_samples", 9, "a whole number from 10 to 100000, not 9"),
        ("baseline_min_samples", 30.0, "a whole number from 10 to 100000, not 30.0"),
        ("ewma_lambda", 0.0, "a number from 0.01 to 1, not 0.0"),
        ("ewma_threshold", float("nan"), "a number from 1 to 100, not nan"),
        ("rate_threshold", float("inf"), "a number from 1 to 1000, not inf"),
        ("confirm_readings", True, "a whole number from 1 to 1000, not True"),
        ("clear_seconds", -1, "a whole number from 0 to 86400, not -1"),
        ("critical_factor", "2", "a number from 1 to 100, not '2'"),
        ("enabled", 1, "enabled must be true or false"),
    ],
)
def test_what_is_out_of_range_is_refused_by_name(field: str, value: object, message: str) -> None:
    with pytest.raises(ValidationFailed) as refused:
        DetectionConfig(**{field: value})  # type: ignore[arg-type]
    assert refused.value.path == (field,)
    assert message in refused.value.message
    assert refused.value.message.startswith(field)


def test_columns_keep_the_order_of_the_series() -> None:
    columns = ConfigColumns.from_configs([DetectionConfig(), DetectionConfig(enabled=False, ewma_lambda=0.1)])
    assert columns.enabled.tolist() == [True, False]
    assert columns.ewma_lambda.tolist() == [0.2, 0.1]
    assert columns.baseline_min_samples.dtype.str == "<i8"


def test_the_documented_defaults_are_the_real_ones() -> None:
    page = (Path(__file__).resolve().parents[3] / "docs" / "detectors.md").read_text(encoding="utf-8")
    rows = [line.split("|") for line in page.splitlines() if line.startswith("| `")]
    told = {row[1].strip(" `"): row[2].strip() for row in rows if len(row) == 6}
    for field in fields(DetectionConfig):
        assert told[field.name] == f"{field.default}".lower().removesuffix(".0")
