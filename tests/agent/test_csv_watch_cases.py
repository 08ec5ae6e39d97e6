"""CSV as machines write it, folder by folder."""

import pytest
from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.csv_watch.input import CsvWatch

from tests.agent.file_cases import cases, run


@pytest.mark.parametrize("case", cases("csv"))
async def test_case(case: str) -> None:
    found, expected = await run("csv", case, CsvConfig, CsvWatch)
    assert found == expected
