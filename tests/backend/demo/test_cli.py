"""The command line as a person uses it, against a real control file and a real plant process."""

import asyncio
import signal
import sys
from pathlib import Path

import pytest
from plantwright.demo.cli import app
from plantwright.demo.errors import ControlFileInvalid
from plantwright.demo.fault_store import FaultStore
from plantwright.demo.faults import FaultKind, make_fault
from plantwright.demo.plant import Plant
from typer.testing import CliRunner, Result


def run(data_dir: Path, *arguments: str) -> Result:
    return CliRunner().invoke(app, [*arguments, "--data-dir", str(data_dir)])


def test_a_fault_is_started_listed_and_cleared(tmp_path: Path) -> None:
    assert run(tmp_path, "faults").output == "No faults are active.\n"
    assert run(tmp_path, "fault", "PUMP-101", "bearing_wear").output == "bearing_wear started on PUMP-101.\n"
    stuck = run(tmp_path, "fault", "SPINDLE-201", "stuck_sensor", "--metric", "coolant_flow")
    assert stuck.exit_code == 0
    listed = run(tmp_path, "faults").output.splitlines()
    assert listed[0].startswith("PUMP-101  bearing_wear  since 20")
    assert listed[1].endswith("coolant_flow")
    cleared = run(tmp_path, "fault", "PUMP-101", "bearing_wear", "--clear")
    assert cleared.output == "bearing_wear cleared on PUMP-101.\n"
    assert run(tmp_path, "fault", "SPINDLE-201", "stuck_sensor", "--clear").exit_code == 0
    assert FaultStore(tmp_path).read() == ()


def test_clearing_a_fault_that_is_not_there_says_so(tmp_path: Path) -> None:
    result = run(tmp_path, "fault", "PUMP-101", "cavitation", "--clear")
    assert (result.exit_code, result.output) == (0, "cavitation was not active on PUMP-101.\n")


def test_a_stuck_sensor_of_one_metric_leaves_another_stuck(tmp_path: Path) -> None:
    for metric in ("flow", "motor_current"):
        run(tmp_path, "fault", "PUMP-101", "stuck_sensor", "--metric", metric)
    run(tmp_path, "fault", "PUMP-101", "stuck_sensor", "--metric", "flow", "--clear")
    assert [fault.metric for fault in FaultStore(tmp_path).read()] == ["motor_current"]


def test_starting_a_fault_twice_starts_it_anew(tmp_path: Path) -> None:
    store = FaultStore(tmp_path)
    run(tmp_path, "fault", "PUMP-101", "cavitation")
    first = store.read()[0]
    run(tmp_path, "fault", "PUMP-101", "cavitation")
    (second,) = store.read()
    assert second.started_at >= first.started_at


@pytest.mark.parametrize(
    ("machine", "kind", "said"),
    [
        ("PUMP-999", "bearing_wear", "no machine 'PUMP-999'"),
        ("PUMP-101", "rust", "no fault kind 'rust'"),
        ("CONVEYOR-401", "cavitation", "cavitation does not fit CONVEYOR-401"),
    ],
)
def test_a_wrong_name_is_refused_with_exit_code_2_and_changes_nothing(
    tmp_path: Path, machine: str, kind: str, said: str
) -> None:
    run(tmp_path, "fault", "PUMP-101", "cavitation")
    before = FaultStore(tmp_path).path.read_bytes()
    result = run(tmp_path, "fault", machine, kind)
    assert result.exit_code == 2
    assert said in result.stderr
    assert FaultStore(tmp_path).path.read_bytes() == before


@pytest.mark.parametrize(
    "content",
    [
        "not json",
        '{"version": 1}',
        '{"version": 2, "faults": []}',
        '{"version": 1, "faults": [{"machine": "PUMP-1", "kind": "cavitation", "started_at": "2026-01-01T00:00:00Z"}]}',
        '{"version": 1, "faults": [{"machine": "PUMP-101", "kind": "cavitation", "started_at": "2026-01-01T00:00"}]}',
    ],
)
def test_a_damaged_control_file_is_reported_and_left_as_it_is(tmp_path: Path, content: str) -> None:
    store = FaultStore(tmp_path)
    store.path.parent.mkdir()
    store.path.write_text(content)
    with pytest.raises(ControlFileInvalid, match=r"faults\.json.*Correct or delete it"):
        store.read()
    result = run(tmp_path, "fault", "PUMP-101", "cavitation")
    assert result.exit_code == 1
    assert "Correct or delete it" in result.stderr
    assert store.path.read_text() == content


def test_commands_at_the_same_time_all_count(tmp_path: Path) -> None:
    async def start_all() -> None:
        await asyncio.gather(
            *(asyncio.to_thread(run_quietly, tmp_path, machine) for machine in ("PUMP-101", "PUMP-102", "SPINDLE-201"))
        )

    asyncio.run(start_all())
    assert sorted(fault.machine for fault in FaultStore(tmp_path).read()) == ["PUMP-101", "PUMP-102", "SPINDLE-201"]


def run_quietly(data_dir: Path, machine: str) -> None:
    FaultStore(data_dir).start(make_fault(machine, FaultKind.BEARING_WEAR, 0))


@pytest.mark.parametrize("command", [[], ["plant"], ["fault"], ["faults"]])
def test_each_command_explains_itself(command: list[str]) -> None:
    result = CliRunner().invoke(app, [*command, "--help"])
    assert result.exit_code == 0
    assert "Usage" in result.output


@pytest.mark.asyncio(loop_scope="session")
async def test_a_taken_port_ends_the_plant_with_its_number(plant: Plant, tmp_path: Path) -> None:
    port = str(plant.modbus_port)
    process = await plant_process(tmp_path, "--opcua-port", "0", "--modbus-port", port)
    _, errors = await asyncio.wait_for(process.communicate(), 20)
    assert process.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used (Address already in use)" in errors.decode()
    assert "Traceback" not in errors.decode()


async def test_the_plant_says_when_it_is_ready_and_stops_on_sigterm(tmp_path: Path) -> None:
    process = await plant_process(tmp_path, "--opcua-port", "0", "--modbus-port", "0")
    assert process.stdout is not None
    async with asyncio.timeout(20):
        while b"demo_plant_ready" not in (line := await process.stdout.readline()):
            assert line, "the plant ended before it was ready"
        process.send_signal(signal.SIGTERM)
        rest, errors = await process.communicate()
    assert process.returncode == 0
    assert b"demo_plant_stopped" in rest
    assert b"Traceback" not in errors


async def plant_process(data_dir: Path, *options: str) -> asyncio.subprocess.Process:
    code = "from plantwright.demo.cli import app; app()"
    return await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        code,
        "plant",
        "--data-dir",
        str(data_dir),
        *options,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
    )
