"""plantwright-agent run | check | status.

Exit codes: 0 all well; 2 the configuration is refused; 3 the buffer cannot be used, or no agent is running;
4 the agent runs but something needs attention.
"""

import argparse
import asyncio
import json
import logging
import os
import signal
import sqlite3
import stat
import sys
import time
from collections.abc import Sequence
from typing import Any

from plantwright_agent.config import Config, config_path, load_config
from plantwright_agent.errors import BufferUnusableError, ConfigError
from plantwright_agent.runtime import run_agent
from plantwright_agent.status import FILE

OK, BAD_CONFIG, UNUSABLE, ATTENTION = 0, 2, 3, 4
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warn": logging.WARNING, "error": logging.ERROR}
LIBRARIES = {
    "asyncua": logging.CRITICAL,
    "pymodbus": logging.CRITICAL,
    "httpx": logging.WARNING,
    "httpcore": logging.WARNING,
}
STALE_SECONDS = 15.0


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; the result is the exit code."""
    options = _parser().parse_args(arguments)
    try:
        config = load_config(config_path(options.config))
    except ConfigError as error:
        _complain(f"configuration refused, nothing was started:\n{error}")
        return BAD_CONFIG
    command = {"run": _run, "check": _check, "status": _status}[options.command]
    return command(config, options)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plantwright-agent",
        description="Reads machines and files, stores the readings on disk and sends them to the API.",
        epilog="Exit codes: 0 well, 2 bad configuration, 3 no usable buffer or not running, 4 needs attention.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--config",
        metavar="FILE",
        help="TOML file; default: $PLANTWRIGHT_AGENT_CONFIG, then /etc/plantwright/agent.toml",
    )
    commands.add_parser("run", parents=[common], help="read, store and send until stopped (SIGTERM, Ctrl-C)")
    commands.add_parser("check", parents=[common], help="say what is wrong with the configuration, touch nothing")
    status = commands.add_parser("status", parents=[common], help="show what the running agent is doing")
    status.add_argument("--json", action="store_true", help="print the status file as it is")
    return parser


def _run(config: Config, _: argparse.Namespace) -> int:
    _log_to_stderr(config.agent.log_level)
    try:
        asyncio.run(_until_signal(config))
    except BufferUnusableError as error:
        _complain(str(error))
        return UNUSABLE
    except sqlite3.Error as error:
        _complain(f"buffer failed while running: {error}; start again, a damaged file is set aside by itself")
        return UNUSABLE
    return OK


async def _until_signal(config: Config) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    await run_agent(config, stop)


def _check(config: Config, options: argparse.Namespace) -> int:
    path = config_path(options.config)
    _say(f"{path}: good")
    _say(f"  sends to {config.agent.api_url} every {config.agent.push_interval:g} s")
    _say(f"  buffers in {config.agent.buffer_dir}, up to {config.agent.max_buffer_mb:g} MB")
    for source in config.source:
        _say(f"  source {source.name}: {source.protocol} -> {source.machine_identifier or 'several machines'}")
    if path.stat().st_mode & (stat.S_IRGRP | stat.S_IROTH):
        _say(f"  warning: others can read {path}, and it may hold secrets: chmod 600 {path}")
    return OK


def _status(config: Config, options: argparse.Namespace) -> int:
    path = config.agent.buffer_dir / FILE
    try:
        text = path.read_text(encoding="utf-8")
        age = time.time() - path.stat().st_mtime
    except OSError:
        _complain(f"no agent has run with this configuration yet: {path} is not there")
        return UNUSABLE
    document = json.loads(text)
    _say(text.rstrip() if options.json else "\n".join(_lines(document)))
    if age > STALE_SECONDS or document["uplink"]["state"] == "stopped":
        _complain(f"the agent is not running; this is from {document['written_at']}")
        return UNUSABLE
    states = {source["state"] for source in document["sources"]} | {document["uplink"]["state"]}
    return ATTENTION if states & {"recoverable", "permanent"} else OK


def _lines(document: dict[str, Any]) -> list[str]:
    buffer, uplink = document["buffer"], document["uplink"]
    lines = [
        f"uplink   {uplink['state']:<12} last push {uplink['last_push'] or 'never'}",
        f"buffer   {buffer['depth']} readings, {buffer['bytes']} bytes, oldest {buffer['oldest_seconds']} s",
    ]
    if uplink["state"] in {"recoverable", "permanent"}:
        lines.append(f"         {uplink['last_error']}")
    if buffer["set_aside"]:
        lines.append(f"         a damaged buffer was set aside as {buffer['set_aside']}")
    for source in document["sources"]:
        counters = ", ".join(
            f"{key.replace('_', ' ')} {source[key]}"
            for key in ("depth", "dropped", "gaps", "dead_letters")
            if source.get(key)
        )
        lines.append(
            f"source   {source['state']:<12} {source['name']}: last reading"
            f" {source.get('last_reading') or 'never'}{'; ' + counters if counters else ''}"
        )
        if source["state"] in {"recoverable", "permanent"}:
            lines.append(f"         {source['last_error']}")
    return lines


def _log_to_stderr(level: str) -> None:
    """Under systemd the journal adds the time itself."""
    plain = "JOURNAL_STREAM" in os.environ
    text = "%(levelname)s %(name)s %(message)s"
    handler = logging.StreamHandler()
    formatter = logging.Formatter(text if plain else f"%(asctime)sZ {text}")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logging.basicConfig(level=LEVELS[level], handlers=[handler])
    for name, floor in LIBRARIES.items():
        logging.getLogger(name).setLevel(floor)


def _say(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def _complain(text: str) -> None:
    sys.stderr.write(f"plantwright-agent: {text}\n")
