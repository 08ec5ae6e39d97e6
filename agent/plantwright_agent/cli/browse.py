"""`plantwright-agent browse` and `trust`: their command lines. What they do loads a protocol, so only when asked."""

import argparse
from typing import get_args

from plantwright_agent.cli.common import Commands
from plantwright_agent.inputs.modbus_tcp.config import RegisterType

MODES = ("SignAndEncrypt", "Sign", "None")


def add_command(commands: Commands, common: argparse.ArgumentParser) -> None:
    browse = commands.add_parser("browse", help="show what a device has to offer")
    kinds = browse.add_subparsers(required=True, metavar="PROTOCOL")
    _add_browse_opcua(kinds, common)
    _add_browse_modbus(kinds, common)
    trust = commands.add_parser("trust", help="trust the certificate of a server")
    _add_trust_opcua(trust.add_subparsers(required=True, metavar="PROTOCOL"), common)


def _add_browse_opcua(kinds: Commands, common: argparse.ArgumentParser) -> None:
    parser = kinds.add_parser("opcua", parents=[common], help="the nodes of an OPC UA server, as a tree")
    _add_opcua_connection(parser)
    parser.add_argument("node", nargs="?", help="node id to begin at; default: the Objects folder")
    parser.add_argument("--depth", type=int, default=2, help="levels to show (default: 2)")
    parser.add_argument("--limit", type=int, default=1000, help="nodes per level at most (default: 1000)")
    _add_toml(parser, "[[source.opcua.nodes]]")
    parser.set_defaults(command=_browse_opcua)


def _add_trust_opcua(kinds: Commands, common: argparse.ArgumentParser) -> None:
    parser = kinds.add_parser("opcua", parents=[common], help="show the certificate of an OPC UA server and trust it")
    _add_opcua_connection(parser)
    parser.add_argument("--fingerprint", metavar="SHA256", help="trust it, without asking, if it is this one")
    parser.set_defaults(command=_trust_opcua)


def _add_opcua_connection(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("server", metavar="ENDPOINT|SOURCE", help="opc.tcp://host:4840/path, or the name of a source")
    parser.add_argument(
        "--security-mode", choices=MODES, default=MODES[0], help="for an endpoint (default: %(default)s)"
    )
    parser.add_argument("--security-policy", default="Basic256Sha256", help="for an endpoint (default: %(default)s)")
    parser.add_argument("--username", help="for an endpoint; the password is asked for")
    parser.add_argument("--trust-dir", metavar="FOLDER", help="for an endpoint; default: that of the configuration")
    parser.add_argument("--timeout", type=float, default=4.0, help="for an endpoint, seconds (default: %(default)s)")


def _add_browse_modbus(kinds: Commands, common: argparse.ArgumentParser) -> None:
    parser = kinds.add_parser("modbus", parents=[common], help="the registers of a Modbus device, as a table")
    parser.add_argument("device", metavar="HOST|SOURCE", help="host name or address, or the name of a source")
    parser.add_argument("--port", type=int, default=502, help="for a host (default: %(default)s)")
    parser.add_argument("--unit-id", type=int, help="default: that of the source, or 1")
    parser.add_argument("--timeout", type=float, default=3.0, help="for a host, seconds (default: %(default)s)")
    parser.add_argument("--kind", choices=get_args(RegisterType), default="holding", help="default: %(default)s")
    parser.add_argument("--address", type=int, default=0, help="the first, counted from 0 (default: %(default)s)")
    parser.add_argument("--count", type=int, default=20, help="at most 1,000 (default: %(default)s)")
    _add_toml(parser, "[[source.modbus.registers]]")
    parser.set_defaults(command=_browse_modbus)


def _add_toml(parser: argparse.ArgumentParser, head: str) -> None:
    parser.add_argument("--toml", action="store_true", help=f"print what can be read as {head}")


def _browse_opcua(options: argparse.Namespace) -> int:
    from plantwright_agent.cli.opcua import browse_opcua  # noqa: PLC0415 - see above

    return browse_opcua(options)


def _trust_opcua(options: argparse.Namespace) -> int:
    from plantwright_agent.cli.opcua import trust_opcua  # noqa: PLC0415 - see above

    return trust_opcua(options)


def _browse_modbus(options: argparse.Namespace) -> int:
    from plantwright_agent.cli.modbus import browse_modbus  # noqa: PLC0415 - see above

    return browse_modbus(options)
