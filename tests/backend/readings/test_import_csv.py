"""`plantwright import csv` against the real application on a socket."""

import asyncio
import threading
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import uvicorn
from plantwright.app import create_app
from plantwright.core.settings import Settings
from plantwright.embedded.ports import free_port
from plantwright.identity.keys import create_key
from plantwright.identity.models import Role
from plantwright.identity.principal import Principal
from plantwright.journal.service import Journal
from plantwright.readings.cli import app as cli
from sqlalchemy import text
from typer.testing import CliRunner, Result

from tests.backend.readings.door import NOW
from tests.conftest import Databases
from tests.factories import MachineFactory, MadeTenant

SKAB = Path(__file__).parents[4] / "shared" / "data" / "skab" / "valve1_0.csv"


@dataclass
class Plant:
    databases: Databases
    tenant: MadeTenant
    options: list[str]

    async def run(self, file: Path, *options: str) -> Result:
        return await asyncio.to_thread(CliRunner().invoke, cli, ["csv", str(file), *self.options, *options])

    async def rows(self) -> list[tuple[str, str, datetime, float]]:
        async with self.databases.app.reading(self.tenant.id) as work:
            found = await work.execute(
                text(
                    "SELECT m.name, m.unit, r.time, r.value FROM reading r JOIN metric m USING (series_id) "
                    "ORDER BY r.time, m.name"
                )
            )
            return [(row.name, row.unit, row.time, row.value) for row in found]


@pytest.fixture
async def plant(
    settings: Settings,
    databases: Databases,
    journal: Journal,
    tenant: MadeTenant,
    make_machine: MachineFactory,
) -> AsyncIterator[Plant]:
    await make_machine(tenant, "PUMP-1")
    async with databases.app.transaction(tenant.id) as work:
        person = Principal(tenant.id, tenant.admin_id, Role.ADMIN, "t", datetime.now(UTC) + timedelta(hours=1))
        _, secret = await create_key(work, journal, person, name="import", scopes=["ingest"], expires_at=None)
    port = free_port()
    server = uvicorn.Server(uvicorn.Config(create_app(settings), port=port, log_level="error", ws="none"))
    thread = threading.Thread(target=server.run)
    thread.start()
    end = time.monotonic() + 20
    while not server.started and time.monotonic() < end:  # noqa: ASYNC110 - another thread sets it
        await asyncio.sleep(0.05)
    options = ["--machine", "PUMP-1", "--url", f"http://127.0.0.1:{port}", "--api-key", secret]
    yield Plant(databases, tenant, options)
    server.should_exit = True
    await asyncio.to_thread(thread.join)


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
