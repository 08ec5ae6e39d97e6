"""The command `plantwright-agent`.

Exit codes: 0 all well; 2 the configuration or the command line is refused; 3 the buffer cannot be used, no agent is
running, or a device does not answer; 4 it works but something needs attention.
"""

import argparse
from collections.abc import Callable, Sequence

from plantwright_agent.cli import browse, check, init, run, schema, status
from plantwright_agent.cli.common import INTERRUPTED, UNUSABLE, CommandError, complain
from plantwright_agent.errors import PermanentInputError, RetryableInputError

CODES = (
    "Exit codes: 0 well, 2 bad configuration or command line, 3 no usable buffer, no agent running or no answer,"
    " 4 needs attention."
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Entry point; the result is the exit code."""
    options = _parser().parse_args(arguments)
    command: Callable[[argparse.Namespace], int] = options.command
    try:
        return command(options)
    except CommandError as error:
        complain(str(error))
        return error.code
    except (PermanentInputError, RetryableInputError) as error:
        complain(str(error))
        return UNUSABLE
    except KeyboardInterrupt:
        return INTERRUPTED


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="plantwright-agent",
        description="Reads machines and files, stores the readings on disk and sends them to the API.",
        epilog=CODES,
    )
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--config",
        metavar="FILE",
        help="TOML file; default: $PLANTWRIGHT_AGENT_CONFIG, then /etc/plantwright/agent.toml",
    )
    for module in (run, check, status, browse, init, schema):
        module.add_command(commands, common)
    for command in commands.choices.values():
        command.epilog = CODES
    return parser
