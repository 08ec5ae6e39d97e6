"""`plantwright-agent run`."""

import argparse
import asyncio
import os
import signal
import sqlite3

from plantwright_agent.cli.common import OK, UNUSABLE, Commands, accepted, complain
from plantwright_agent.configuration.config import Config, config_path, read_config
from plantwright_agent.errors import BufferUnusableError
from plantwright_agent.supervision.logs import log_to_stderr
from plantwright_agent.supervision.reload import ConfigWatch
from plantwright_agent.supervision.runtime import run_agent


def add_command(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser("run", parents=[common], help="read, store and send until stopped (SIGTERM, Ctrl-C)")
    parser.set_defaults(command=run)


def run(options: argparse.Namespace) -> int:
    path = config_path(options.config).absolute()
    outcome = read_config(path)
    config = accepted(outcome)
    log_to_stderr(config.agent.log_level)
    try:
        asyncio.run(_until_signal(config, ConfigWatch(path, os.environ, outcome)))
    except BufferUnusableError as error:
        complain(str(error))
        return UNUSABLE
    except sqlite3.Error as error:
        complain(f"buffer failed while running: {error}; start again, a damaged file is set aside by itself")
        return UNUSABLE
    return OK


async def _until_signal(config: Config, watch: ConfigWatch) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    loop.add_signal_handler(signal.SIGHUP, watch.hurry)
    await run_agent(config, stop, watch=watch)
