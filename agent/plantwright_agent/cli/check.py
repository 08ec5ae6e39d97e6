"""`plantwright-agent check`."""

import argparse
import asyncio
import stat
from pathlib import Path

from plantwright_agent.cli.common import ATTENTION, OK, Commands, accepted, say, table
from plantwright_agent.configuration.config import Config, config_path, read_config
from plantwright_agent.inputs.source import SourceConfig
from plantwright_agent.inputs.trial import Trial, trial
from plantwright_agent.normalise import to_reading
from plantwright_agent.samples import RawSample, Reading


def add_command(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("check", parents=[common], help="say what is wrong with the configuration")
    parser.add_argument("--connect", action="store_true", help="also try each source once and print what came")
    parser.add_argument("--seconds", type=float, default=10.0, help="how long to try each source (default: 10)")
    parser.set_defaults(command=check)


def check(options: argparse.Namespace) -> int:
    path = config_path(options.config)
    outcome = read_config(path)
    config = accepted(outcome)
    say(f"{path}: good")
    say(f"  sends to {config.agent.api_url} every {config.agent.push_interval:g} s")
    say(f"  buffers in {config.agent.buffer_dir}, up to {config.agent.max_buffer_mb:g} MB")
    for source in config.source:
        say(f"  source {source.name}: {source.protocol} -> {source.machine_identifier or 'several machines'}")
    for file in sorted(outcome.watched):
        if file.is_file() and _others_can_read(file):
            say(f"  warning: others can read {file}, and it may hold secrets: chmod o-rwx {file}")
    return asyncio.run(_connect(config, options.seconds)) if options.connect else OK


def _others_can_read(path: Path) -> bool:
    return bool(path.stat().st_mode & stat.S_IROTH)


async def _connect(config: Config, seconds: float) -> int:
    """Try all sources at once, each once, and print what came."""
    trials = await asyncio.gather(*(trial(source, seconds) for source in config.source))
    for source, result in zip(config.source, trials, strict=True):
        say()
        for line in _lines(source, result):
            say(line)
    return OK if all(map(_is_well, trials)) else ATTENTION


def _is_well(result: Trial) -> bool:
    return result.error is None and not result.refusals and not result.trouble and bool(result.samples)


def _lines(source: SourceConfig, result: Trial) -> list[str]:
    lines = [f"source {source.name}: {_outcome(result)}"]
    rows = [(tag, *_shown(sample)) for tag, sample in result.samples.items()]
    rows += [(tag, "-", "", "", reason) for tag, reason in result.refusals.items()]
    if rows:
        lines += [f"  {line}" for line in table(("TAG", "VALUE", "UNIT", "QUALITY", "METRIC, OR WHY NOT"), rows)]
    return lines


def _outcome(result: Trial) -> str:
    if result.error is not None:
        return f"failed: {result.error}"
    if result.trouble:
        return f"in trouble: {result.trouble}"
    return f"{len(result.samples)} value(s)" if result.samples else "reached, but no value came"


def _shown(sample: RawSample) -> tuple[str, str, str, str]:
    reading = to_reading(sample)
    if isinstance(reading, Reading):
        return f"{reading.value:g}", reading.unit, reading.quality, reading.metric_name
    return "-", "", "", f"{sample.tag.metric_name}: {reading}"
