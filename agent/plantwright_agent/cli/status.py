"""`plantwright-agent status`."""

import argparse
import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from plantwright_agent import __version__
from plantwright_agent.cli.common import ATTENTION, OK, UNUSABLE, CommandError, Commands, accepted, complain, say, table
from plantwright_agent.configuration.config import config_path, read_config
from plantwright_agent.status import FILE, age

STALE_SECONDS = 15.0
TROUBLED = frozenset({"recoverable", "permanent"})
SOURCE_COLUMNS = (
    "SOURCE",
    "PROTOCOL",
    "STATE",
    "FOR",
    "LAST READING",
    "WAITING",
    "DROPPED",
    "GAPS",
    "DEAD",
    "RESTARTS",
)


def add_command(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("status", parents=[common], help="show what the running agent is doing")
    parser.add_argument("--json", action="store_true", help="print the status file as it is")
    parser.add_argument("--running", action="store_true", help="only ask whether it runs: exit code 0 or 3")
    parser.set_defaults(command=status)


def status(options: argparse.Namespace) -> int:
    path = _file(config_path(options.config))
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise CommandError(
            f"no agent has run with this configuration yet: {path}: {error.strerror}", UNUSABLE
        ) from None
    document: dict[str, Any] = json.loads(text)
    if document.get("version") != __version__:
        raise CommandError(f"{path} is from another version of the agent than this command, {__version__}", UNUSABLE)
    if not options.running:
        say(text.rstrip() if options.json else "\n".join(_lines(document)))
    if age(document) > STALE_SECONDS or document["uplink"]["state"] == "stopped":
        complain(f"the agent is not running; this is from {document['written_at']}")
        return UNUSABLE
    if options.running:
        return OK
    states = {source["state"] for source in document["sources"]} | {document["uplink"]["state"]}
    return ATTENTION if states & TROUBLED or document["configuration"]["problems"] else OK


def _file(config: Path) -> Path:
    """Also while the file holds a configuration that the running agent refuses."""
    outcome = read_config(config)
    folder = outcome.buffer_dir or accepted(outcome).agent.buffer_dir
    return folder / FILE


def _lines(document: dict[str, Any]) -> list[str]:
    buffer, uplink, configuration = document["buffer"], document["uplink"], document["configuration"]
    last_push = uplink["last_push"] or "never"
    lines = [
        f"agent          {document['agent']}, version {document['version']}, since {document['started_at']}",
        f"configuration  {configuration['state']:<12} {configuration['file']}, loaded {configuration['loaded_at']}",
        *(f"               {_problem(problem)}" for problem in configuration["problems"]),
        f"uplink         {uplink['state']:<12} for {_span(uplink['seconds'])}, last push {last_push}",
    ]
    if uplink["state"] in TROUBLED:
        lines.append(f"               {uplink['last_error']}")
    lines += _heartbeat(document["heartbeat"])
    lines.append(
        f"buffer         {buffer['depth']} readings, {buffer['bytes'] / 1e6:.1f} MB,"
        f" oldest from {_span(buffer['oldest_seconds'])} ago"
    )
    if buffer["set_aside"]:
        lines.append(f"               a damaged buffer was set aside as {buffer['set_aside']}")
    sources = document["sources"]
    listed = table(SOURCE_COLUMNS, [_row(source) for source in sources])
    return [*lines, "", listed[0], *(line for pair in zip(listed[1:], sources, strict=True) for line in _told(*pair))]


def _heartbeat(heartbeat: dict[str, Any]) -> list[str]:
    offset = heartbeat["clock_offset_ms"]
    clock = "" if offset is None else f", this clock is {-offset / 1000:+.1f} s off the server's"
    state = "refused" if heartbeat["trouble"] else "ok"
    line = f"heartbeat      {state:<12} last taken {heartbeat['taken_at'] or 'never'}{clock}"
    return [line, *(f"               {text}" for text in (heartbeat["trouble"], heartbeat["warning"]) if text)]


def _told(line: str, source: dict[str, Any]) -> list[str]:
    return [line, f"    {source['last_error']}"] if source["state"] in TROUBLED else [line]


def _row(source: dict[str, Any]) -> tuple[object, ...]:
    seconds = source.get("seconds")
    return (
        source["name"],
        source["protocol"],
        source["state"],
        None if seconds is None else _span(seconds),
        source.get("last_reading") or "never",
        *(source.get(key) for key in ("depth", "dropped", "gaps", "dead_letters", "restarts")),
    )


def _problem(problem: dict[str, Any]) -> str:
    where = f"{problem['file']}:{problem['line']}" if problem["line"] else problem["file"]
    return f"{where}: {problem['key']}: {problem['reason']}"


def _span(seconds: float) -> str:
    return str(timedelta(seconds=round(seconds)))
