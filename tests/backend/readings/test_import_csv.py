"""`plantwright import csv` against the real application on a socket."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tests.backend.readings.door import NOW
from tests.backend.readings.plant import Plant

SKAB = Path(__file__).parents[4] / "shared" / "data" / "skab" / "valve1_0.csv"


def recording(folder: Path, *lines: str) -> Path:
    file = folder / "recording.csv"
    file.write_text("\n".join(["datetime;Current;Pressure;label", *lines]), encoding="utf-8")
    return file


COLUMNS = ("--time-column", "datetime", "--delimiter", ";", "--ignore-column", "label")


async def test_sends_every_good_value_and_names_every_bad_line(plant: Plant, tmp_path: Path) -> None:
    day = NOW.date().isoformat()
    file = recording(
        tmp_path,
        f"{day} 00:00:01;1.5;-2;0",
        f"{day} 00:00:02;x;3;0",
        "yesterday;1;1;0",
        f"{day} 00:00:03;1",
        f"{day} 00:00:04;nan;;0",
        f"{(NOW - timedelta(days=4_000)).date()} 00:00:00;7;;0",
        f"{day} 00:00:05;4;5;0",
    )

    result = await plant.run(file, *COLUMNS, "--unit", "Current=A")

    assert result.exit_code == 1
    assert result.stdout.splitlines()[-1] == "5 readings accepted, 5 rows or values refused"
    assert [line for line in result.stderr.splitlines() if line.startswith("line ")] == [
        "line 3: column 'Current' is not a number",
        "line 4: column 'datetime' is not a time",
        "line 5: has 2 columns, the header has 4",
        "line 6: column 'Current' is not a finite number",
        "line 7: column 'Current': Timestamp is more than 3650 days in the past",
    ]
    midnight = datetime.fromisoformat(f"{day}T00:00:00Z")
    assert await plant.rows() == [
        ("Current", "A", midnight + timedelta(seconds=1), 1.5),
        ("Pressure", "", midnight + timedelta(seconds=1), -2),
        ("Pressure", "", midnight + timedelta(seconds=2), 3),
        ("Current", "A", midnight + timedelta(seconds=5), 4),
        ("Pressure", "", midnight + timedelta(seconds=5), 5),
    ]


async def test_the_same_file_again_stores_nothing_twice(plant: Plant, tmp_path: Path) -> None:
    file = recording(tmp_path, *(f"{NOW - timedelta(seconds=second)};{second};;0" for second in range(1_500)))

    first, second = await plant.run(file, *COLUMNS), await plant.run(file, *COLUMNS)

    assert (first.exit_code, second.exit_code) == (0, 0)
    assert first.stdout == second.stdout
    assert len(await plant.rows()) == 1_500


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--machine", "NOBODY"), "There is no machine 'NOBODY'. Add it first"),
        (("--time-column", "zeit"), "column 'zeit' is missing; the header has datetime, Current, Pressure, label"),
        (("--delimiter", ";;"), "The options do not fit"),
        (("--unit", "Curent=A"), "'Curent' is no metric column"),
        (("--api-key", "hk_wrong"), "refused the readings: Invalid or revoked API key."),
    ],
)
async def test_says_what_is_wrong_with_the_call(
    plant: Plant, tmp_path: Path, options: tuple[str, str], message: str
) -> None:
    result = await plant.run(recording(tmp_path, f"{NOW};1;2;0"), *COLUMNS, *options)

    assert result.exit_code == 2
    assert message in result.stderr
    assert await plant.rows() == []


async def test_a_file_that_is_not_there(plant: Plant, tmp_path: Path) -> None:
    result = await plant.run(tmp_path / "nowhere.csv", *COLUMNS)

    assert result.exit_code == 2
    assert "cannot be read" in result.stderr


@pytest.mark.skipif(not SKAB.exists(), reason="the recorded data set is not here")
async def test_takes_a_recorded_data_set_as_it_is(plant: Plant) -> None:
    options = ("--time-column", "datetime", "--delimiter", ";")

    result = await plant.run(SKAB, *options, "--ignore-column", "anomaly", "--ignore-column", "changepoint")

    rows = await plant.rows()
    lines = SKAB.read_text(encoding="utf-8").splitlines()
    assert result.exit_code == 0
    assert len({name for name, *_ in rows}) == 8
    assert len(rows) == 8 * (len(lines) - 1)
    assert rows[0][2] == datetime.fromisoformat(lines[1].split(";")[0]).replace(tzinfo=UTC)
