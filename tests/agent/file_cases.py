"""Example cases for the file inputs: a folder with settings, files as a machine writes them, and what must come of it.

`settings.toml` holds the keys of `[source.csv]` or `[source.json]`. `expected.txt` holds a line per reading (time,
machine, metric, value, unit, quality) and, behind a `!`, a line per dead letter (line number, reason).
"""

import asyncio
import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import msgspec
from plantwright_agent.inputs.contract import Input, Positions
from plantwright_agent.inputs.files.config import FileConfig
from plantwright_agent.normalise import normalise
from plantwright_agent.samples import FilePosition

CASES = Path(__file__).parent / "file_cases"
BESIDE = {"settings.toml", "expected.txt"}


class NoPositions:
    """Every file is new."""

    async def positions(self, _: str) -> Mapping[str, FilePosition]:
        return {}


def cases(protocol: str) -> list[str]:
    return sorted(path.name for path in (CASES / protocol).iterdir())


async def run(
    protocol: str, case: str, kind: type[FileConfig], build: Callable[[str, Any, str, Positions], Input]
) -> tuple[list[str], list[str]]:
    """What came and what must come."""
    folder = CASES / protocol / case
    document = tomllib.loads((folder / "settings.toml").read_text(encoding="utf-8"))
    [data] = [path for path in folder.iterdir() if path.name not in BESIDE]
    config = msgspec.convert({"path": str(data), "settle_seconds": 0.1, "poll_interval": 0.05} | document, kind)
    assert config.problems() == []
    source = build("case", config, "DEFAULT", NoPositions())
    found = await asyncio.wait_for(_collect(source, data), 20)
    return found, (folder / "expected.txt").read_text(encoding="utf-8").splitlines()


async def _collect(source: Input, data: Path) -> list[str]:
    readings: list[str] = []
    letters: list[str] = []
    quiet = 0
    await source.start()
    async for collected in source.collect():
        good, bad, _ = normalise(collected)
        for item in good:
            quality = "" if item.quality == "good" else item.quality
            fields = [item.timestamp.isoformat(), item.machine_identifier, item.metric_name, f"{item.value:g}"]
            readings.append(" ".join(field for field in [*fields, item.unit, quality] if field))
        letters += [f"! {letter.line} {letter.reason}" for letter in bad]
        assert not collected.trouble, collected.trouble
        assert {letter.origin for letter in bad} <= {str(data)}
        quiet = 0 if good or bad else quiet + 1
        if quiet > 6:
            break
    await source.stop()
    return readings + letters
