"""What an export wrote, imported again; and files in the same form that somebody made."""

import asyncio
import struct
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from plantwright.core.settings import Settings
from plantwright.readings.exchange.export_cli import app as export_cli
from plantwright.readings.exchange.long_form import ExportFormat
from sqlalchemy import text
from typer.testing import CliRunner, Result

from tests.backend.readings.door import NOW, PlainTenant
from tests.backend.readings.plant import Plant
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

HEADER = "time,machine,metric,unit,value,quality"
KINDS = list(ExportFormat)
MACHINES = ["PUMP-1", "=FAN, east", "'-line"]
VALUES = [-0.0, 5e-324, 2.2250738585072014e-308, 1e308, -1.7976931348623157e308, 0.1, 1 / 3, 1e22, 123456789.123]
Stored = tuple[str, str, str, datetime, bytes, int]


@pytest.fixture
def environment(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    """The settings as the command line finds them."""
    for name, value in (
        ("DATABASE_URL", settings.owner_url()),
        ("PLANTWRIGHT_SECRET_KEY", settings.secret_key.get_secret_value()),
        ("PLANTWRIGHT_AUDIT_HMAC_KEY", settings.audit_hmac_key.get_secret_value()),
    ):
        monkeypatch.setenv(name, value)


async def export(tenant: MadeTenant, out: Path, *options: str) -> Result:
    arguments = ["--tenant", str(tenant.id), "--out", str(out), *options]
    return await asyncio.to_thread(CliRunner().invoke, export_cli, arguments)


async def stored(databases: Databases, tenant: MadeTenant) -> set[Stored]:
    """Every reading that counts, through the SQL view."""
    async with databases.app.reading(tenant.id) as work:
        rows = await work.execute(
            text(
                "SELECT DISTINCT ON (series_id, time) machine.identifier, metric.name, metric.unit, time, "
                "value, quality FROM reading JOIN metric USING (series_id) JOIN machine "
                "ON machine.id = metric.machine_id "
                "ORDER BY series_id, time, flush_id DESC"
            )
        )
        return {
            (row.identifier, row.name, row.unit, row.time, struct.pack("<d", row.value), row.quality) for row in rows
        }


async def count(databases: Databases, tenant: MadeTenant) -> int:
    async with databases.app.reading(tenant.id) as work:
        return int((await work.execute(text("SELECT count(*) FROM reading"))).scalar_one())


async def fill(databases: Databases, tenant: MadeTenant, make_machine: MachineFactory, *more: dict[str, Any]) -> None:
    """Flush, merged and regular segments with tricky values and names, qualities of each kind, and a correction."""
    start = (NOW - timedelta(days=3)).replace(minute=0, second=0)
    for machine in MACHINES:
        _, metrics = await make_machine(tenant, machine, {"vibration_rms": "mm/s", '@tag\n"x"': "=%"})
        rows: list[dict[str, Any]] = [
            {"period": 250, "values": VALUES, "level": 2},
            {"offsets": [0, 1, 7_000], "values": [1.0, 2.0, 3.0], "quality": [0, 1, 2], "flush_id": 2, "level": 1},
            {"offsets": [7_000], "values": [4.0], "flush_id": 3},
            *more,
        ]
        async with databases.worker.transaction(tenant.id) as work:
            for metric in metrics.values():
                for row in rows:
                    given = {"period": None, "offsets": None, "quality": None, "flush_id": 1, "level": 0} | row
                    await work.execute(
                        text(
                            'INSERT INTO segment (tenant_no, series_id, start, flush_id, offsets, period, "values", '
                            "quality, level) VALUES (:tenant_no, :series_id, :start, :flush_id, :offsets, :period, "
                            ":values, :quality, :level)"
                        ),
                        {"tenant_no": tenant.number, "series_id": metric.series_id, "start": start, **given},
                    )


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("kind", KINDS)
async def test_an_empty_tenant_gets_the_same_log(
    plant: Plant, plain_tenant: PlainTenant, make_machine: MachineFactory, tmp_path: Path, kind: ExportFormat
) -> None:
    source = await plain_tenant()
    await fill(plant.databases, source, make_machine)
    for machine in MACHINES[1:]:
        await make_machine(plant.tenant, machine)
    file = tmp_path / f"readings.{kind.value}"

    written = await export(source, file, "--format", kind.value)
    first = await plant.bring(kind.value, file)
    again = await plant.bring(kind.value, file)

    expected = await stored(plant.databases, source)
    total = len(MACHINES) * 2 * (len(VALUES) + 2)
    assert (written.exit_code, written.stdout.splitlines()) == (0, [f"{total} readings written to {file}"])
    assert (first.exit_code, again.exit_code) == (0, 0), first.output
    assert first.stdout == again.stdout == f"{total} readings accepted, 0 rows or values refused\n"
    assert await stored(plant.databases, plant.tenant) == expected
    assert await count(plant.databases, plant.tenant) == len(expected) == total
    assert files_in(tmp_path) == [file]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize("kind", KINDS)
async def test_unknown_machines_are_named_and_can_be_added_later(
    plant: Plant, plain_tenant: PlainTenant, make_machine: MachineFactory, tmp_path: Path, kind: ExportFormat
) -> None:
    source = await plain_tenant()
    await fill(plant.databases, source, make_machine)
    file = tmp_path / "readings"
    await export(source, file, "--format", kind.value)

    refused = await plant.bring(kind.value, file)
    stored_at_first = await count(plant.databases, plant.tenant)
    for machine in MACHINES[1:]:
        await make_machine(plant.tenant, machine)
    await asyncio.sleep(1.1)  # what the door knows about unknown machines lasts a second
    repeated = await plant.bring(kind.value, file)

    assert refused.exit_code == 2
    assert "There is no machine \"'-line\", '=FAN, east'. Add them first" in refused.stderr
    assert stored_at_first == 2 * (len(VALUES) + 2)
    assert repeated.exit_code == 0, repeated.output
    assert await stored(plant.databases, plant.tenant) == await stored(plant.databases, source)
    assert await count(plant.databases, plant.tenant) == 3 * stored_at_first


@pytest.mark.usefixtures("environment")
async def test_a_selection_narrows_the_file(
    plain_tenant: PlainTenant, databases: Databases, make_machine: MachineFactory, tmp_path: Path
) -> None:
    source = await plain_tenant()
    await fill(databases, source, make_machine)
    file = tmp_path / "one.csv"
    start = (NOW - timedelta(days=3)).replace(minute=0, second=0)

    options = ("--machine", "PUMP-1", "--metric", "vibration_rms", "--from", start.isoformat())
    result = await export(source, file, *options, "--to", (start + timedelta(seconds=1)).isoformat())

    assert result.exit_code == 0, result.output
    lines = file.read_text(encoding="utf-8").splitlines()
    assert lines[0] == HEADER
    assert [line.split(",")[1:] for line in lines[1:]] == [
        ["PUMP-1", "vibration_rms", "mm/s", value, quality]
        for value, quality in (
            ("1", "good"),
            ("2", "uncertain"),
            ("5e-324", "good"),
            ("2.2250738585072014e-308", "good"),
            ("1e+308", "good"),
        )
    ]


@pytest.mark.usefixtures("environment")
@pytest.mark.parametrize(
    ("options", "message"),
    [
        (("--machine", "NOBODY"), "There is no machine 'NOBODY'."),
        (("--metric", "colour"), "has a metric named 'colour'"),
        (("--from", "yesterday"), "'yesterday' is no time"),
        (("--from", "2026-02-01", "--to", "2026-01-01"), "must begin before it ends"),
        (("--tenant", "Nowhere"), "There is no tenant named 'Nowhere'."),
        (("--out", "/nowhere/file.csv"), "cannot be written"),
    ],
)
async def test_an_export_that_cannot_begin_leaves_no_file(
    plain_tenant: PlainTenant, tmp_path: Path, options: tuple[str, ...], message: str
) -> None:
    result = await export(await plain_tenant(), tmp_path / "file.csv", *options)

    assert result.exit_code == 2
    assert message in result.stderr
    assert files_in(tmp_path) == []


@pytest.mark.usefixtures("environment")
async def test_an_export_that_breaks_off_leaves_the_old_file(
    plain_tenant: PlainTenant, databases: Databases, make_machine: MachineFactory, tmp_path: Path
) -> None:
    source = await plain_tenant()
    # More qualities than values: nothing can read it.
    await fill(
        databases, source, make_machine, {"offsets": [0, 1], "values": [1.0, 2.0], "quality": [0, 1, 2], "flush_id": 9}
    )
    file = tmp_path / "file.csv"
    file.write_text("old")

    result = await export(source, file)

    assert result.exit_code == 1
    assert file.read_text() == "old"
    assert files_in(tmp_path) == [file]


def files_in(folder: Path) -> list[Path]:
    return list(folder.iterdir())


def long_file(folder: Path, *lines: str) -> Path:
    file = folder / "made.csv"
    file.write_text("\n".join([HEADER, *lines, ""]), encoding="utf-8")
    return file


async def test_what_cannot_be_taken_is_named_by_its_line(plant: Plant, tmp_path: Path) -> None:
    now = f"{NOW:%Y-%m-%dT%H:%M:%S}Z"
    file = long_file(
        tmp_path,
        f"{now},PUMP-1,vibration_rms,mm/s,1.5,good",
        f"{now},PUMP-1,vibration_rms,mm/s,1.5",
        f"{now[:-1]},PUMP-1,vibration_rms,mm/s,1.5,good",
        f"{now},PUMP-1,vibration_rms,mm/s,1_5,good",
        f"{now},PUMP-1,vibration_rms,mm/s,nan,good",
        f"{now},PUMP-1,vibration_rms,mm/s,1.5,excellent",
        f"{now},PUMP-1,vibration_rms,inch/s,1.5,good",
        f'{now},PUMP-1,"two\nlines","""m""",2.5,bad',
        "1999-01-01T00:00:00Z,PUMP-1,vibration_rms,mm/s,1.5,good",
    )

    result = await plant.bring("csv", file)

    assert result.exit_code == 1
    assert result.stdout == "2 readings accepted, 7 rows or values refused\n"
    assert [line for line in result.stderr.splitlines() if line.startswith("line ")] == [
        "line 3: has 5 columns, the header has 6",
        "line 4: column 'time' is not an ISO 8601 time with Z or an offset",
        "line 5: column 'value' is not a number",
        "line 6: column 'value' is not a finite number",
        "line 7: column 'quality' is not one of good, uncertain, bad",
        "line 8: Unit must be 'mm/s' as in the first reading of this metric",
        "line 11: Timestamp is more than 3650 days in the past",
    ]
    assert await plant.rows() == [("two\nlines", '"m"', NOW, 2.5), ("vibration_rms", "mm/s", NOW, 1.5)]


@pytest.mark.parametrize(
    ("command", "content", "options", "message"),
    [
        ("csv", f"{HEADER}\n", ("--machine", "PUMP-1"), "names its machines, metrics and units itself"),
        ("csv", "time;flow\n", (), "is no exported file: name its machine with --machine"),
        ("parquet", f"{HEADER}\n", (), "it is no whole Parquet file"),
        ("parquet", "", (), "it is no whole Parquet file"),
    ],
)
async def test_says_what_is_wrong_with_the_call(
    plant: Plant, tmp_path: Path, command: str, content: str, options: tuple[str, ...], message: str
) -> None:
    file = tmp_path / "file"
    file.write_text(content)

    result = await plant.bring(command, file, *options)

    assert result.exit_code == 2
    assert message in result.stderr


async def test_a_file_that_is_not_there(plant: Plant, tmp_path: Path) -> None:
    for command in ("csv", "parquet"):
        result = await plant.bring(command, tmp_path / "nowhere")
        assert result.exit_code == 2
        assert "cannot be read" in result.stderr
