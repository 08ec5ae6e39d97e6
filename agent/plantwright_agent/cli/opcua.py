"""`plantwright-agent browse opcua` and `trust opcua`."""

import argparse
import asyncio
import getpass
from pathlib import Path

import msgspec

from plantwright_agent.cli.common import ATTENTION, OK, CommandError, config_if_there, say, source_named
from plantwright_agent.cli.toml_text import metric_name, toml_table
from plantwright_agent.configuration.config import TRUST_FOLDER, Config, config_path
from plantwright_agent.inputs.opcua.browse import BrowsedNode
from plantwright_agent.inputs.opcua.certificates import describe, fingerprint
from plantwright_agent.inputs.opcua.config import OpcUaConnection
from plantwright_agent.inputs.opcua.tree import browse_tree
from plantwright_agent.inputs.opcua.trust import own_identity, presented_certificate, trust
from plantwright_agent.secret import Secret

ENDPOINT = "opc.tcp://"


def browse_opcua(options: argparse.Namespace) -> int:
    connection = chosen_connection(options)
    nodes = asyncio.run(
        browse_tree(connection, options.node, depth=options.depth, limit=options.limit, source=options.server)
    )
    if options.toml:
        say("\n".join(node_toml(node) for _, node in nodes if node.is_readable).rstrip())
    else:
        for level, node in nodes:
            say(f"{'  ' * level}{_line(node)}")
    return OK


def trust_opcua(options: argparse.Namespace) -> int:
    return asyncio.run(trust_server(chosen_connection(options), options.fingerprint))


def chosen_connection(options: argparse.Namespace) -> OpcUaConnection:
    """Of the source with that name, or to the endpoint. Raises CommandError."""
    is_endpoint = options.server.startswith(ENDPOINT)
    config = config_if_there(config_path(options.config), is_named=bool(options.config) or not is_endpoint)
    source = None if is_endpoint or config is None else source_named(config, options.server, "opcua")
    if source is not None and source.opcua is not None:
        return source.opcua
    if not is_endpoint:
        raise CommandError(f'there is no source "{options.server}", and it is no endpoint ({ENDPOINT}host:4840)')
    password = getpass.getpass(f"Password of {options.username}: ") if options.username else None
    return connection_to(
        options.server,
        security_mode=options.security_mode,
        security_policy=options.security_policy,
        username=options.username,
        password=Secret(password) if password else None,
        trust_dir=_trust_folder(options.trust_dir, config),
        timeout=options.timeout,
    )


def connection_to(endpoint: str, **settings: object) -> OpcUaConnection:
    """Raises CommandError when the settings do not go together."""
    try:
        connection: OpcUaConnection = msgspec.convert(
            {"endpoint": endpoint, **settings}, OpcUaConnection, dec_hook=lambda _, value: value
        )
    except msgspec.ValidationError as error:
        raise CommandError(str(error)) from None
    if problems := connection.problems():
        raise CommandError("\n".join(f"{key}: {reason}" for key, reason in problems))
    return connection


def _trust_folder(named: str | None, config: Config | None) -> Path:
    if named is not None or config is None:
        return Path(named or TRUST_FOLDER).absolute()
    return config.agent.buffer_dir / TRUST_FOLDER


async def trust_server(connection: OpcUaConnection, expected: str | None) -> int:
    """Without the fingerprint that is expected, a person is asked."""
    certificate = await presented_certificate(connection)
    say(f"{connection.endpoint} shows this certificate:")
    say(f"  {describe(certificate)}")
    if expected is not None and _plain(expected) != _plain(fingerprint(certificate)):
        raise CommandError("its fingerprint is another one than the one given; nothing was trusted", ATTENTION)
    if expected is None and not _confirmed():
        say("Nothing was trusted.")
        return ATTENTION
    try:
        say(f"Trusted: {trust(connection, certificate)}")
        own = await own_identity(connection)
    except (OSError, ValueError) as error:
        raise CommandError(str(error)) from None
    say("The server in turn must trust the agent. Its certificate is:")
    say(f"  {describe(own)}")
    return OK


def node_toml(node: BrowsedNode) -> str:
    """Ready to be pasted below a source."""
    values = {"node_id": node.stable_node_id, "metric_name": metric_name(node.name), "unit": node.unit}
    return toml_table("[[source.opcua.nodes]]", values)


def _line(node: BrowsedNode) -> str:
    if node.node_class != "Variable":
        return f"{node.name}  ({node.node_class})  {node.node_id}"
    value = f" = {node.value} {node.unit}".rstrip() if node.value else ""
    return f"{node.name}  {node.data_type}{value}  {node.node_id}{f'  ({node.why_not})' if node.why_not else ''}"


def _plain(text: str) -> str:
    return text.upper().removeprefix("SHA256").replace(":", "").replace(" ", "")


def _confirmed() -> bool:
    say("Compare the fingerprint with the one the server's administrator reads on the server itself.")
    try:
        return input("Trust it? [y/N] ").strip().lower() in {"y", "yes"}
    except EOFError:
        return False
