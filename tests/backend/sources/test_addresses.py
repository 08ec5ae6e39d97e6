"""Where the server connects to, and where never."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest
from plantwright.core.errors import ConfigurationError, ValidationFailed
from plantwright.sources.addresses import DeviceGuard, parse_networks

from tests.agent.modbus_plant import Plant as ModbusPlant
from tests.backend.sources.conftest import Doors

EVERYTHING = "0.0.0.0/0, ::/0"


def guard(networks: str, *names: str) -> DeviceGuard:
    """Every name leads to these addresses."""

    async def resolve(host: str, port: int) -> Sequence[str]:
        return names

    return DeviceGuard(parse_networks(networks), resolve)


@pytest.mark.parametrize(
    "address",
    [
        "169.254.169.254",
        "169.254.1.1",
        "fd00:ec2::254",
        "100.100.100.200",
        "::ffff:169.254.169.254",
        "fe80::1",
        "fe80::1%eth0",
        "224.0.0.1",
        "ff02::1",
        "0.0.0.0",  # noqa: S104 - an address to refuse
        "::",
        "127.0.0.1",
        "::1",
        "::ffff:127.0.0.1",
    ],
)
async def test_some_are_refused_even_when_everything_is_listed(address: str) -> None:
    with pytest.raises(ValidationFailed, match="PLANTWRIGHT_SOURCE_NETWORKS"):
        await guard(EVERYTHING).checked(address, 4840)
    with pytest.raises(ValidationFailed, match="PLANTWRIGHT_SOURCE_NETWORKS"):
        await guard(EVERYTHING, address).checked("plc.example", 4840)


@pytest.mark.parametrize("text", ["127.1", "2130706433", "0x7f000001", "017700000001", "localhost"])
async def test_other_spellings_of_an_address_are_looked_up_like_names(text: str) -> None:
    with pytest.raises((ValidationFailed, OSError)):
        await DeviceGuard(parse_networks("10.0.0.0/8")).checked(text, 4840)


async def test_what_is_listed_passes_and_its_neighbour_does_not() -> None:
    listed = guard("10.20.0.0/16, fd00:1::/64")
    assert await listed.checked("10.20.3.4", 502) == "10.20.3.4"
    assert await listed.checked("fd00:1::5", 4840) == "fd00:1::5"
    assert await listed.checked("::ffff:10.20.3.4", 4840) == "10.20.3.4"
    for address in ("10.21.0.1", "fd00:2::1", "8.8.8.8"):
        with pytest.raises(ValidationFailed):
            await listed.checked(address, 4840)


async def test_loopback_only_when_it_is_listed_itself() -> None:
    assert await guard("127.0.0.0/8, ::1/128").checked("::1", 4840) == "::1"
    assert await guard("127.0.0.0/8").checked("127.9.9.9", 4840) == "127.9.9.9"


async def test_one_wrong_address_of_a_name_is_enough_and_is_not_told() -> None:
    with pytest.raises(ValidationFailed) as refusal:
        await guard("10.0.0.0/8", "10.1.1.1", "192.168.7.7").checked("plc.example", 4840)
    assert "192.168" not in refusal.value.message
    assert await guard("10.0.0.0/8", "10.1.1.1", "10.1.1.2").checked("plc.example", 4840) == "10.1.1.1"


async def test_a_name_that_changes_after_the_check_leads_nowhere_else() -> None:
    """What is returned is what was checked; whoever connects never asks for the name again."""
    answers = [["10.1.1.1"], ["169.254.169.254"]]

    async def resolve(host: str, port: int) -> Sequence[str]:
        return answers.pop(0)

    listed = DeviceGuard(parse_networks("10.0.0.0/8"), resolve)
    assert await listed.checked("rebinding.example", 4840) == "10.1.1.1"
    with pytest.raises(ValidationFailed):
        await listed.checked("rebinding.example", 4840)


@pytest.mark.parametrize("port", [22, 25, 80, 443, 1, 2375, 5432, 6379, 9200, 27017])
async def test_ports_of_other_services_are_refused(port: int) -> None:
    with pytest.raises(ValidationFailed, match=f"port {port}"):
        await guard("10.0.0.0/8").checked("10.0.0.1", port)


@pytest.mark.parametrize("port", [502, 802, 1502, 4840, 48_010])
async def test_ports_of_devices_pass(port: int) -> None:
    assert await guard("10.0.0.0/8").checked("10.0.0.1", port) == "10.0.0.1"


async def test_nothing_listed_says_how_to_allow_it() -> None:
    with pytest.raises(ValidationFailed, match=r"does not read devices itself.*PLANTWRIGHT_SOURCE_NETWORKS"):
        await guard("").checked("10.0.0.1", 4840)


async def test_a_name_that_is_not_known_yet_may_be_saved(doors: Doors, monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        raise OSError("not known")

    monkeypatch.setattr(doors.services.sources.tools.guard, "_resolve", resolve)
    source = await doors.create(modbusTcp={"host": "plc.example"})
    assert source["address"] == "plc.example:502"


async def test_a_name_server_that_does_not_answer_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    async def resolve(host: str, port: int) -> Sequence[str]:
        await asyncio.sleep(3600)
        return []

    monkeypatch.setattr("plantwright.core.addresses.LOOK_UP_SECONDS", 0.05)
    with pytest.raises(OSError, match=r"no answer to where plc\.example is"):
        await DeviceGuard(parse_networks("10.0.0.0/8"), resolve).checked("plc.example", 4840)


@pytest.mark.parametrize("text", ["10.0.0.1/8", "everything", "10.0.0.0/33"])
def test_a_list_that_is_wrong_is_refused_at_start(text: str) -> None:
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_SOURCE_NETWORKS"):
        parse_networks(text)


@pytest.mark.parametrize(
    "device",
    [
        {"modbusTcp": {"host": "169.254.169.254"}},
        {"modbusTcp": {"host": "10.0.0.1"}},
        {"modbusTcp": {"host": "127.0.0.1", "port": 5432}},
        {"opcUa": {"endpointUrl": "opc.tcp://[fd00:ec2::254]:4840", "securityMode": "NONE"}},
        {"opcUa": {"endpointUrl": "opc.tcp://[::ffff:169.254.169.254]:4840", "securityMode": "NONE"}},
    ],
)
@pytest.mark.parametrize("name", ["createIngestSource", "testIngestSource"])
async def test_every_door_refuses_before_it_connects(doors: Doors, name: str, device: dict[str, Any]) -> None:
    made = {"machineId": str(doors.machine.id)} if name == "createIngestSource" else {}
    answer = await doors.call(name, {**made, **device}, "__typename")
    assert (answer["__typename"], answer["path"]) == ("ValidationFailed", ["address"]), answer


async def test_a_name_with_a_forbidden_address_fails_at_the_first_step(
    doors: Doors, modbus: ModbusPlant, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also when the name was fine while it was saved: it is looked up anew each time."""
    tools = doors.services.sources.tools

    async def resolve(host: str, port: int) -> Sequence[str]:
        return ["127.0.0.1", "169.254.169.254"]

    monkeypatch.setattr(tools.guard, "_resolve", resolve)
    entered = {"modbusTcp": {"host": "plc.example", "port": modbus.port}}
    answer = await doors.call("testIngestSource", entered, "test { steps { name outcome message } }")
    first = answer["test"]["steps"][0]
    assert (first["name"], first["outcome"]) == ("RESOLVED", "FAILED")
    assert "169.254" not in first["message"]
    made = await doors.call("createIngestSource", {"machineId": str(doors.machine.id), **entered}, "__typename")
    assert (made["__typename"], made["path"]) == ("ValidationFailed", ["address"])
    probed = await doors.call("probeIngestSource", entered, "registers { address }")
    assert probed["__typename"] == "ValidationFailed"
    assert modbus.requests == []
