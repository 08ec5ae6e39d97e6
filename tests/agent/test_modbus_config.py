"""Settings of Modbus sources: what is refused, and which key is named."""

import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec
import pytest
from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig, ModbusRegister


def problems(register: dict[str, Any], **settings: Any) -> list[tuple[str, str]]:
    document = {"host": "h", "registers": [{"metric_name": "m"} | register]} | settings
    return msgspec.convert(document, ModbusConfig).problems()


@pytest.mark.parametrize(
    ("address", "table", "first"),
    [
        ("00001", "coil", 0),
        ("10017", "discrete", 16),
        ("30001", "input", 0),
        ("40001", "holding", 0),
        ("400001", "holding", 0),
        ("465536", "holding", 65_535),
        (40_001, "holding", 40_001),
    ],
)
def test_a_manuals_number_is_a_table_and_an_address_from_0(address: int | str, table: str, first: int) -> None:
    register = msgspec.convert({"address": address, "metric_name": "m"}, ModbusRegister)
    assert (register.table, register.first) == (table, first)
    assert register.problems() == []


@pytest.mark.parametrize(
    ("register", "key", "reason"),
    [
        ({"address": "40000"}, "address", "count from 1"),
        ({"address": "465537"}, "address", "count from 1"),
        ({"address": "40001", "register_type": "input"}, "register_type", "is a holding register"),
        ({"address": 65_535, "data_type": "float32"}, "address", "behind the last register"),
        ({"address": 0, "count": 2}, "data_type", "needed to read 2 registers"),
        ({"address": 0, "count": 2, "data_type": "int16"}, "count", "takes 1 register"),
        ({"address": 0, "register_type": "coil", "data_type": "int16"}, "data_type", "is one bit"),
        ({"address": 0, "register_type": "discrete", "count": 2}, "count", "is one bit"),
        ({"address": 0, "bit": 16}, "bit", "uint16 has the bits 0 to 15"),
        ({"address": 0, "bit": 3, "data_type": "int16"}, "bit", "uint16, uint32 or uint64"),
        ({"address": 0, "bits": [7, 4]}, "bits", "lowest first"),
        ({"address": 0, "bits": [0, 1], "bit": 1}, "bits", "either"),
        ({"address": 0, "bit": 0, "register_type": "coil"}, "bit", "uint16, uint32 or uint64"),
    ],
)
def test_a_register_that_cannot_be_read_as_told_is_refused_by_key(
    register: dict[str, Any], key: str, reason: str
) -> None:
    [(place, why)] = problems(register)
    assert place == f"registers[0].{key}"
    assert reason in why


@pytest.mark.parametrize("address", ["4001", "20001", "4000x", "4000001", -1, 65_536])
def test_other_addresses_are_refused_where_they_stand(address: int | str) -> None:
    with pytest.raises(msgspec.ValidationError, match=r"registers\[0\].address"):
        problems({"address": address})


def test_a_value_must_fit_into_one_request() -> None:
    assert problems({"address": 0, "data_type": "float64"}, max_registers=2)[0][0] == "registers[0].data_type"


def test_a_budget_the_registers_do_not_fit_into_is_refused() -> None:
    [(key, reason)] = problems({"address": 0}, poll_interval=0.1, max_requests_per_second=5)
    assert key == "max_requests_per_second"
    assert reason == "the registers need 10 requests per second, 5 are allowed"
    assert problems({"address": 0}, poll_interval=0.2, max_requests_per_second=5) == []


def test_every_key_is_documented() -> None:
    page = (Path(__file__).parents[2] / "docs" / "modbus.md").read_text(encoding="utf-8")
    fields = msgspec.structs.fields(ModbusConfig) + msgspec.structs.fields(ModbusRegister)
    assert [field.name for field in fields if f"`{field.name}`" not in page] == []


def test_the_documented_example_has_no_problems() -> None:
    page = (Path(__file__).parents[2] / "docs" / "modbus.md").read_text(encoding="utf-8")
    [example] = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    [source] = tomllib.loads(example)["source"]
    assert msgspec.convert(source["modbus"], ModbusConfig).problems() == []
