"""`plantwright-agent init`: asks what a first configuration needs, and writes it."""

import argparse
import os
import re
import sys
from pathlib import Path

from plantwright_agent.cli.common import OK, CommandError, Commands, say
from plantwright_agent.cli.first_file import SCHEMA_FILE, SETTINGS, SOURCE_SCHEMA_FILE, Answers, FirstTag, first_file
from plantwright_agent.cli.schema import schema_text
from plantwright_agent.configuration.config import config_path, read_config

TAG = re.compile(r"^(?P<metric>[^=\[\]]+?)(?:\[(?P<unit>[^\]]*)\])?=(?P<address>.+)$")
TYPED_REGISTER = re.compile(r"^(?P<address>\d+):(?P<data_type>\w+)$")


def add_command(commands: Commands, common: argparse.ArgumentParser) -> None:
    parser = commands.add_parser(
        "init",
        parents=[common],
        help="write a first configuration",
        description="Asks for what is not given here, unless input is no terminal. Never overwrites without --force.",
    )
    parser.add_argument("--server", metavar="URL", help="such as https://plant.example.com")
    parser.add_argument("--api-key-file", metavar="FILE", help="holds the API key; asked for, hidden, unless given")
    parser.add_argument("--name", help="what the agent is called in lists")
    parser.add_argument("--buffer-dir", metavar="FOLDER")
    parser.add_argument("--protocol", choices=sorted(SETTINGS))
    parser.add_argument("--address", help="opc.tcp://host:4840, a host with or without :port, or the path of a file")
    parser.add_argument("--machine", metavar="IDENTIFIER", help="machine identifier, as registered")
    parser.add_argument("--source", metavar="NAME", help="name of the source; default: from the machine")
    parser.add_argument("--security-mode", choices=("SignAndEncrypt", "Sign", "None"), help="OPC UA only")
    parser.add_argument("--username", help="OPC UA only")
    parser.add_argument("--password-file", metavar="FILE", help="OPC UA only")
    parser.add_argument("--time", metavar="COLUMN|KEY", help="files only: where the time stands")
    parser.add_argument(
        "--tag",
        action="append",
        default=[],
        metavar="METRIC[UNIT]=ADDRESS",
        help="such as 'temperature[celsius]=ns=2;i=1001', 'pressure[bar]=40001:float32'; may be repeated",
    )
    parser.add_argument("--force", action="store_true", help="overwrite a file that is there")
    parser.set_defaults(command=init)


def init(options: argparse.Namespace) -> int:
    path = config_path(options.config).absolute()
    if path.exists() and not options.force:
        raise CommandError(f"{path} is there already; --force overwrites it")
    answers = given_answers(options)
    if sys.stdin.isatty():
        from plantwright_agent.cli.questions import ask_for_rest  # noqa: PLC0415 - loads protocols, to look at devices

        ask_for_rest(answers, path.parent)
    write_checked(path, first_file(_complete(answers)))
    say(f"Written: {path}")
    say(f"Next: plantwright-agent check --connect --config {path}")
    return OK


def given_answers(options: argparse.Namespace) -> Answers:
    """What the command line says. Raises CommandError for a file that cannot be read or a tag that is none."""
    return Answers(
        api_url=options.server or "",
        api_key=_content(options.api_key_file) or None,
        name=options.name or "",
        buffer_dir=options.buffer_dir,
        source=options.source or "",
        machine=options.machine or "",
        protocol=options.protocol or "",
        address=options.address or "",
        security_mode=options.security_mode or "",
        username=options.username or "",
        password=_content(options.password_file),
        time=options.time or "",
        tags=[_tag(text) for text in options.tag],
    )


def write_checked(path: Path, text: str) -> None:
    """Only its owner may read it, and it is put in place only when it is accepted. Raises CommandError."""
    draft = path.with_name(f".{path.name}.new")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        draft.unlink(missing_ok=True)
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
            file.write(text)
        if problems := read_config(draft).problems:
            listed = "\n".join(f"{problem.key}: {problem.reason}" for problem in problems)
            raise CommandError(f"nothing was written, since it would be refused:\n{listed}")
        draft.replace(path)
        (path.parent / SCHEMA_FILE).write_text(schema_text(of_sources=False), encoding="utf-8")
        (path.parent / SOURCE_SCHEMA_FILE).write_text(schema_text(of_sources=True), encoding="utf-8")
    except OSError as error:
        raise CommandError(f"cannot write {path}: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)


def _complete(answers: Answers) -> Answers:
    """Raises CommandError naming what is missing and has no default."""
    needed = {
        "--server": answers.api_url,
        "--protocol": answers.protocol,
        "--address": answers.address,
        "--machine": answers.machine,
        "--time": answers.time or answers.protocol in {"opcua", "modbus"},
        "--tag": answers.tags or answers.protocol == "csv",
    }
    if missing := [option for option, value in needed.items() if not value]:
        raise CommandError(f"not given: {', '.join(missing)}")
    answers.source = answers.source or re.sub(r"[^A-Za-z0-9._-]+", "-", answers.machine).strip("-._").lower()
    answers.security_mode = answers.security_mode or "SignAndEncrypt"
    return answers


def _tag(text: str) -> FirstTag:
    found = TAG.match(text)
    if found is None:
        raise CommandError(f'--tag "{text}" is not of the form METRIC[UNIT]=ADDRESS')
    typed = TYPED_REGISTER.match(found["address"])
    address, data_type = (typed["address"], typed["data_type"]) if typed else (found["address"], "")
    return FirstTag(found["metric"].strip(), address, found["unit"] or "", data_type)


def _content(name: str | None) -> str:
    if name is None:
        return ""
    try:
        return Path(name).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise CommandError(f"cannot read {name}: {error}") from None
