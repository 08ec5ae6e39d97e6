"""One connection per device, its budget, and devices that misbehave on the wire."""

import asyncio
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from plantwright_agent.errors import RetryableInputError
from plantwright_agent.inputs.modbus_tcp import device as device_module
from plantwright_agent.inputs.modbus_tcp.config import ModbusConnection
from plantwright_agent.inputs.modbus_tcp.input import ModbusTcp
from plantwright_agent.inputs.modbus_tcp.probe import ProbedAddress, probe
from plantwright_agent.inputs.modbus_tcp.resolve import Resolver
from pymodbus.constants import ExcCodes
from pymodbus.simulator import DataType, SimData

from tests.agent.modbus_plant import ONE, Answer, Plant, config, polling, registers_frame, rogue
from tests.agent.support import buffered, rows, until


def metrics(folder: Path) -> list[str]:
    return [item["metric_name"] for item in buffered(folder)]


async def test_sources_of_one_device_share_a_connection_and_the_strictest_budget(tmp_path: Path) -> None:
    first, second = tmp_path / "first", tmp_path / "second"
    async with Plant() as plant:
        slow = config(plant.port, ONE, max_requests_per_second=20)
        async with polling(first, slow, "a"), polling(second, config(plant.port, ONE), "b"):
            await until(lambda: len(buffered(first)) >= 10 and len(buffered(second)) >= 10)
            assert plant.connections == 1
        await until(lambda: plant.connections == 0)
        times = [moment for moment, _, _ in plant.requests]
    assert len(times) <= (times[-1] - times[0]) * 20 + 2


async def test_a_pause_is_kept_between_an_answer_and_the_next_request(folder: Path) -> None:
    registers = [{"address": number, "metric_name": f"m{number}"} for number in (0, 20)]
    async with Plant() as plant, polling(folder, config(plant.port, registers, request_pause=0.05)):
        plant.delay = 0.02
        await until(lambda: len(plant.requests) >= 8)
        times = [moment for moment, _, _ in plant.requests]
    assert times[-1] - times[0] > (len(times) - 1) * 0.06


async def test_tags_of_one_source_have_their_own_intervals(folder: Path) -> None:
    registers: list[dict[str, Any]] = [
        {"address": 0, "metric_name": "fast"},
        {"address": 20, "metric_name": "slow", "poll_interval": 0.5},
    ]
    async with Plant() as plant, polling(folder, config(plant.port, registers)):
        await until(lambda: metrics(folder).count("slow") == 3)
    assert 5 < metrics(folder).count("fast") <= 13


async def test_a_device_that_reads_few_registers_at_once_is_found_out(folder: Path) -> None:
    data = [SimData(0, values=list(range(100)), datatype=DataType.REGISTERS)]
    registers = [{"address": number, "metric_name": f"m{number}"} for number in range(100)]
    async with Plant(data=data) as plant:
        plant.longest = 30
        async with polling(folder, config(plant.port, registers)) as source:
            await until(lambda: len(buffered(folder)) >= 200)
            await until(lambda: source.health.state == "ok")
            assert {count for _, _, count in plant.requests} == {100, 50, 25}
    found = {item["metric_name"]: item["value"] for item in buffered(folder)[:100]}
    assert found == {f"m{number}": number for number in range(100)}
    assert rows(folder, "SELECT 1 FROM gap") == []


async def test_reading_over_a_hole_falls_back_when_the_device_refuses_it(folder: Path) -> None:
    registers = [{"address": number, "metric_name": f"m{number}"} for number in (0, 20)]
    async with Plant() as plant, polling(folder, config(plant.port, registers, max_gap=30)):
        await until(lambda: set(metrics(folder)) == {"m0", "m20"})
        assert {count for _, _, count in plant.requests} == {1}
    assert rows(folder, "SELECT 1 FROM gap") == []


async def test_a_hole_that_exists_is_read_along(folder: Path) -> None:
    registers = [{"address": number, "metric_name": f"m{number}"} for number in (0, 20)]
    data = [SimData(0, values=list(range(30)), datatype=DataType.REGISTERS)]
    async with Plant(data=data) as plant, polling(folder, config(plant.port, registers, max_gap=30)):
        await until(lambda: len(buffered(folder)) >= 4)
        assert {count for _, _, count in plant.requests} == {21}
    assert {item["value"] for item in buffered(folder)} == {0, 20}


async def test_a_single_register_that_is_refused_is_asked_less_and_less_often(folder: Path) -> None:
    registers = [{"address": number, "metric_name": f"m{number}"} for number in (0, 15)]
    async with Plant() as plant, polling(folder, config(plant.port, registers)) as source:
        await until(lambda: metrics(folder).count("m0") >= 30)
        asked = [address for _, address, _ in plant.requests]
        assert asked.count(15) * 2 < asked.count(0)
        assert source.health.error == "unit 1 holding 15..15: Modbus exception 2 (illegal address)"


async def test_a_number_from_a_manual_that_was_taken_for_an_address_is_hinted_at(folder: Path) -> None:
    registers = [{"address": number, "metric_name": f"m{number}"} for number in (0, 40_001)]
    async with Plant() as plant, polling(folder, config(plant.port, registers)) as source:
        await until(lambda: 'written as text: address = "40001"' in source.health.error)


@pytest.mark.parametrize(
    ("code", "text"),
    [
        (ExcCodes.ILLEGAL_FUNCTION, "Modbus exception 1 (illegal function)"),
        (ExcCodes.DEVICE_FAILURE, "Modbus exception 4 (device failure)"),
        (ExcCodes.ACKNOWLEDGE, "Modbus exception 5 (acknowledge)"),
        (ExcCodes.GATEWAY_NO_RESPONSE, "the gateway reports exception 11 (gateway no response)"),
    ],
)
async def test_exceptions_are_gaps_of_their_place_and_heal(folder: Path, code: ExcCodes, text: str) -> None:
    registers = [{"address": 0, "unit_id": unit, "metric_name": f"u{unit}"} for unit in (1, 2)]
    async with Plant((1, 2)) as plant, polling(folder, config(plant.port, registers)) as source:
        await until(lambda: "u2" in metrics(folder))
        plant.refuse[2] = code
        await until(lambda: text in source.health.error)
        before = metrics(folder).count("u1")
        await until(lambda: metrics(folder).count("u1") >= before + 3)
        plant.refuse.clear()
        await until(lambda: source.health.state == "ok")
        assert source.health.restarts == 0
    gateway = code is ExcCodes.GATEWAY_NO_RESPONSE
    assert rows(folder, "SELECT DISTINCT tag, reason FROM gap") == [
        ("unit 2" if gateway else "unit 2 holding 0..0", text)
    ]


async def test_a_wrong_unit_id_is_hinted_at_and_the_right_ones_go_on(folder: Path) -> None:
    registers = [{"address": 0, "unit_id": unit, "metric_name": f"u{unit}"} for unit in (1, 9)]

    def only_unit_1(request: bytes) -> bytes | None:
        return registers_frame(request, 5) if request[6] == 1 else None

    async with rogue(only_unit_1) as port, polling(folder, config(port, registers)) as source:
        await until(lambda: source.health.error == "unit 9: no answer within 0.3 s; is the unit_id right?")
        await until(lambda: metrics(folder).count("u1") >= 5)
        assert source.health.restarts == 0


WRONG: dict[str, Answer] = {
    "another transaction": lambda request: registers_frame(request, 5, transaction=64_000),
    "another unit": lambda request: registers_frame(request, 5, unit=77),
    "too many registers": lambda request: registers_frame(request, 5, 6),
    "no Modbus at all": lambda _: b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n",
    "half a frame": lambda request: registers_frame(request, 5)[:7],
    "more than a frame can hold": lambda _: bytes(range(1, 256)) * 8,
    "a function nobody asked for": lambda request: request[:4] + b"\x00\x05" + request[6:7] + b"\x04\x02\x00\x05",
}


@pytest.mark.parametrize("kind", WRONG)
async def test_an_answer_that_makes_no_sense_is_never_a_value_and_the_source_heals(folder: Path, kind: str) -> None:
    broken = True

    def answer(request: bytes) -> bytes | None:
        return WRONG[kind](request) if broken else registers_frame(request, 42)

    faults: list[dict[str, Any]] = []
    asyncio.get_running_loop().set_exception_handler(lambda _, fault: faults.append(fault))
    async with rogue(answer) as port, polling(folder, config(port, ONE)) as source:
        await until(lambda: source.health.state == "recoverable")
        await asyncio.sleep(0.5)
        assert buffered(folder) == []
        broken = False
        await until(lambda: buffered(folder))
        await until(lambda: source.health.state == "ok")
    assert {item["value"] for item in buffered(folder)} == {42}
    assert faults == []


async def test_something_else_on_the_port_is_named(folder: Path) -> None:
    async with rogue(WRONG["no Modbus at all"]) as port, polling(folder, config(port, ONE)) as source:
        await until(lambda: source.health.error == "unit 1: the device answers with something that is not Modbus TCP")


@pytest.mark.parametrize("hours", [-1, 1])
def test_a_clock_that_is_set_leaves_the_length_of_a_gap_alone(hours: int) -> None:
    source = ModbusTcp(config(1, ONE), "M")
    last = datetime.now(UTC) - timedelta(hours=hours)
    source._read_at["unit 1"] = (last, time.monotonic() - 5)
    gap = source._gap("unit 1", "no answer")
    assert gap.start == last
    assert timedelta(seconds=5) <= gap.end - gap.start < timedelta(minutes=5)


async def test_a_late_answer_is_not_taken_for_the_next_one(folder: Path) -> None:
    """Each answer comes when the next request is there: always one question too late."""
    registers = [{"address": 0, "unit_id": unit, "metric_name": f"u{unit}"} for unit in (1, 2)]
    late = 0

    def one_late(request: bytes) -> bytes | None:
        nonlocal late
        number = int.from_bytes(request[:2], "big")
        late += number > 1
        return registers_frame(request, 5, transaction=number - 1) if number > 1 else None

    async with rogue(one_late) as port, polling(folder, config(port, registers, timeout=0.1)) as source:
        await until(lambda: late >= 3)
        assert source.health.state == "recoverable"
    assert buffered(folder) == []


async def test_a_device_that_serves_one_connection_only_is_enough_for_many_sources(tmp_path: Path) -> None:
    taken = 0

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        nonlocal taken
        taken += 1
        while taken == 1 and (request := await reader.read(260)):
            writer.write(registers_frame(request, 5))
        taken -= 1
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    folders = [tmp_path / name for name in "abc"]
    async with (
        polling(folders[0], config(port, ONE), "a"),
        polling(folders[1], config(port, ONE), "b"),
        polling(folders[2], config(port, ONE), "c"),
    ):
        await until(lambda: all(len(buffered(folder)) >= 5 for folder in folders))
    server.close()


async def test_a_connection_that_breaks_between_two_polls_is_made_anew_at_once(folder: Path) -> None:
    writers: list[asyncio.StreamWriter] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writers.append(writer)
        while request := await reader.read(260):
            writer.write(registers_frame(request, len(writers)))
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with polling(folder, config(port, ONE, poll_interval=0.2)) as source:
        await until(lambda: len(buffered(folder)) == 2)
        writers[0].close()
        await until(lambda: len(buffered(folder)) >= 4)
        assert source.health.restarts == 0
    server.close()
    assert rows(folder, "SELECT 1 FROM gap") == []
    assert {item["value"] for item in buffered(folder)} == {1, 2}


async def test_a_probe_tells_what_is_where_and_why_not() -> None:
    async with Plant() as plant:
        connection = ModbusConnection(host="127.0.0.1", port=plant.port, timeout=0.3)
        found = await probe(connection, "holding", 18, 4)
        assert plant.functions == {3}
        await until(lambda: plant.connections == 0)
    refused = "Modbus exception 2 (illegal address)"
    assert found == [
        ProbedAddress(18, None, refused),
        ProbedAddress(19, None, refused),
        ProbedAddress(20, 7),
        ProbedAddress(21, None, refused),
    ]


async def test_a_probe_of_nobody_says_so_and_leaves_nothing_open() -> None:
    async with rogue(lambda _: None) as port:
        with pytest.raises(RetryableInputError, match="unit 1: no answer within"):
            await probe(ModbusConnection(host="127.0.0.1", port=port, timeout=0.2), "input", 0, 10)
    with pytest.raises(ValueError, match="0 to 65535"):
        await probe(ModbusConnection(host="127.0.0.1", port=port), "input", 65_530, 10)


async def test_a_stop_does_not_wait_for_an_answer_that_never_comes() -> None:
    async with rogue(lambda _: None) as port:
        source = ModbusTcp(config(port, ONE, timeout=60), "M")
        await source.start()
        collecting = asyncio.ensure_future(anext(aiter(source.collect()), None))
        await asyncio.sleep(0.1)
        await source.stop()
        assert await asyncio.wait_for(collecting, 5) is None


async def test_names_that_do_not_resolve_hold_up_nobody() -> None:
    """Forty names whose server never answers, and one that does, in the same resolver."""
    release = asyncio.Event()
    loop = asyncio.get_running_loop()

    def look_up(host: str) -> list[str]:
        if host.startswith("dead"):
            asyncio.run_coroutine_threadsafe(release.wait(), loop).result()
            raise OSError
        return ["10.0.0.7"]

    resolver = Resolver(look_up)
    assert await resolver.addresses("alive", 1) == ["10.0.0.7"]
    dead = [asyncio.ensure_future(resolver.addresses(f"dead-{number}", 0.3)) for number in range(40)]
    assert await asyncio.to_thread(lambda: "free") == "free"
    assert await resolver.addresses("192.0.2.1", 0.3) == ["192.0.2.1"]
    assert await resolver.addresses("alive", 0.3) == ["10.0.0.7"]
    answers = await asyncio.gather(*dead, return_exceptions=True)
    assert {str(answer) for answer in answers} >= {"no answer to where dead-0 is within 0.3 s"}
    release.set()


async def test_every_address_of_a_name_is_tried(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    several = Resolver(lambda _: ["127.0.0.2", "127.0.0.1"])
    monkeypatch.setattr(device_module, "names", several)
    async with (
        rogue(lambda request: registers_frame(request, 5)) as port,
        polling(folder, config(port, ONE, host="plc.example.com")),
    ):
        await until(lambda: buffered(folder))
