"""The questions of `plantwright-agent init`, and a look at the device while they are asked."""

import asyncio
import getpass
import socket
from pathlib import Path

from plantwright_agent.cli.common import OK, CommandError, say, table
from plantwright_agent.cli.first_file import Answers, FirstTag, modbus_address
from plantwright_agent.cli.opcua import connection_to, trust_server
from plantwright_agent.cli.toml_text import metric_name
from plantwright_agent.configuration.config import DEFAULT_BUFFER, TRUST_FOLDER
from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.modbus_tcp.config import ModbusConnection
from plantwright_agent.inputs.modbus_tcp.probe import probe
from plantwright_agent.inputs.opcua.browse import BrowsedNode
from plantwright_agent.inputs.opcua.tree import browse_tree, is_of_the_plant
from plantwright_agent.secret import Secret

PROTOCOLS = ("opcua", "modbus", "csv", "json")
MODES = ("SignAndEncrypt", "Sign", "None")
ADDRESSES = {
    "opcua": "Endpoint (opc.tcp://host:4840)",
    "modbus": "Host (or host:port)",
    "csv": "Path of the file, or a pattern",
    "json": "Path of the file, or a pattern",
}
TIMES = {"csv": "Column with the time", "json": "Key of the time"}
LOOK_DEPTH = 5
LOOK_LIMIT = 1000
LOOK_REGISTERS = 20


def ask_for_rest(answers: Answers, folder: Path) -> None:
    """Fill in what is not answered yet; relative paths start at `folder`. Raises CommandError at the end of input."""
    try:
        _ask_about_agent(answers)
        _ask_about_source(answers)
        if not answers.tags:
            _ask_for_tags(answers, folder)
    except EOFError:
        raise CommandError("stopped before all was answered; nothing was written") from None


def _ask_about_agent(answers: Answers) -> None:
    answers.api_url = answers.api_url or _ask("Server (https://…)")
    answers.api_key = answers.api_key or getpass.getpass("API key (not shown): ").strip()
    answers.name = answers.name or _ask("Name of this agent", socket.gethostname())


def _ask_about_source(answers: Answers) -> None:
    answers.protocol = answers.protocol or _choose("Protocol", PROTOCOLS)
    answers.address = answers.address or _ask(ADDRESSES[answers.protocol])
    answers.machine = answers.machine or _ask("Machine identifier, as registered")
    if answers.protocol == "opcua" and not answers.security_mode:
        answers.security_mode = _choose("Security mode", MODES)
        if answers.security_mode != "None" and not answers.username:
            answers.username = _ask("User name (empty for none)", "")
            answers.password = getpass.getpass("Password (not shown): ") if answers.username else ""
    if answers.protocol in TIMES:
        answers.time = answers.time or _ask(TIMES[answers.protocol])


def _ask_for_tags(answers: Answers, folder: Path) -> None:
    if answers.protocol in {"opcua", "modbus"} and _is_wanted("Look at the device now?"):
        try:
            look = _look_at_opcua if answers.protocol == "opcua" else _look_at_modbus
            look(answers, folder)
        except (PermanentInputError, RetryableInputError, CommandError) as error:
            say(f"It cannot be read now: {error}")
    while not answers.tags or answers.protocol != "opcua":
        tag = _ask_for_tag(answers)
        if tag is None:
            return
        answers.tags.append(tag)


def _ask_for_tag(answers: Answers) -> FirstTag | None:
    words = {"opcua": "Node id", "modbus": "Register", "csv": "Column", "json": "Key"}
    is_optional = bool(answers.tags) or answers.protocol == "csv"
    address = _ask(f"{words[answers.protocol]}{' (empty to end)' if is_optional else ''}", "" if is_optional else None)
    if not address:
        return None
    data_type = _ask("Data type", "uint16") if answers.protocol == "modbus" else ""
    proposal = "" if answers.protocol in {"opcua", "modbus"} else metric_name(address)
    return FirstTag(_ask("Metric name", proposal or None), address, _ask("Unit", ""), data_type)


def _look_at_opcua(answers: Answers, folder: Path) -> None:
    connection = connection_to(
        answers.address,
        security_mode=answers.security_mode,
        username=answers.username or None,
        password=Secret(answers.password) if answers.password else None,
        trust_dir=folder / (answers.buffer_dir or DEFAULT_BUFFER) / TRUST_FOLDER,
    )
    if connection.secured and asyncio.run(trust_server(connection, None)) != OK:
        return
    tree = browse_tree(
        connection, None, depth=LOOK_DEPTH, limit=LOOK_LIMIT, source=answers.address, wanted=is_of_the_plant
    )
    nodes = [node for _, node in asyncio.run(tree) if node.is_readable]
    rows = [(number, node.path, node.data_type, node.value, node.unit) for number, node in enumerate(nodes, 1)]
    say("\n".join(table(("NO", "PATH", "TYPE", "VALUE", "UNIT"), rows)))
    for node in _picked(nodes):
        answers.tags.append(FirstTag(metric_name(node.name), node.stable_node_id, node.unit))


def _picked(nodes: list[BrowsedNode]) -> list[BrowsedNode]:
    while True:
        text = _ask("Which ones? Numbers such as 1 3-5", "")
        try:
            return [
                nodes[number - 1] for word in text.replace(",", " ").split() for number in _numbers(word, len(nodes))
            ]
        except ValueError as error:
            say(str(error))


def _numbers(word: str, highest: int) -> range:
    first, _, last = word.partition("-")
    if not first.isdigit() or not (last or first).isdigit():
        raise ValueError(f'"{word}" is no number')
    numbers = range(int(first), int(last or first) + 1)
    if not numbers or numbers[0] < 1 or numbers[-1] > highest:
        raise ValueError(f'"{word}" is not within 1 to {highest}')
    return numbers


def _look_at_modbus(answers: Answers, folder: Path) -> None:
    del folder
    host, port = modbus_address(answers.address)
    found = asyncio.run(probe(ModbusConnection(host=host, port=port), "holding", 0, LOOK_REGISTERS))
    say("Holding registers, counted from 0:")
    say("\n".join(table(("ADDRESS", "VALUE", ""), [(item.address, item.value, item.reason) for item in found])))


def _ask(question: str, default: str | None = None) -> str:
    """Again until there is an answer, unless nothing is an answer too."""
    hint = f" [{default}]" if default else ""
    while True:
        answer = input(f"{question}{hint}: ").strip() or default
        if answer is not None:
            return answer


def _choose(question: str, words: tuple[str, ...]) -> str:
    while True:
        answer = _ask(f"{question} ({', '.join(words)})", words[0])
        if answer in words:
            return answer
        say(f"One of: {', '.join(words)}")


def _is_wanted(question: str) -> bool:
    return _ask(f"{question} [Y/n]", "y").lower().startswith("y")
