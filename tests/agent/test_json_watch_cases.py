"""JSON as machines write it, folder by folder."""

import pytest
from plantwright_agent.inputs.json_watch.config import JsonConfig
from plantwright_agent.inputs.json_watch.input import JsonWatch

from tests.agent.file_cases import cases, run


@pytest.mark.parametrize("case", cases("json"))
async def test_case(case: str) -> None:
    found, expected = await run("json", case, JsonConfig, JsonWatch)
    assert found == expected
