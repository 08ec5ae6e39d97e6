"""From what people set to what the agent's inputs take; every rule of the inputs holds here too."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Self, TypeVar
from urllib.parse import urlsplit
from uuid import UUID

import msgspec
from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig, ModbusConnection
from plantwright_agent.inputs.opcua.config import OpcUaConfig, OpcUaConnection
from plantwright_agent.inputs.source import SourceConfig
from plantwright_agent.secret import Secret

from plantwright.core.errors import ValidationFailed
from plantwright.sources.certificate import ClientIdentity
from plantwright.sources.limits import LONGEST_INTERVAL, SHORTEST_INTERVAL
from plantwright.sources.models import SourceProtocol, TagMapping

Kind = TypeVar("Kind", OpcUaConnection, OpcUaConfig, ModbusConnection, ModbusConfig)

OPCUA_PORT = 4840
_REGISTER = re.compile(
    r"(?:(?P<unit>\d{1,3})/)?(?P<table>coil|discrete|holding|input):(?P<address>\d{1,5})"
    r"(?:\.(?P<low>\d{1,2})(?:-(?P<high>\d{1,2}))?)?"
)
_MANUAL = re.compile(r"[0134]\d{4,5}")
_BAD_REGISTER = (
    'must be a register such as "holding:100", "input:4.0" (bit 0), "3/holding:100" (unit 3), or a manual\'s number '
    'such as "40101"'
)
# The words of the doors for the keys of the inputs.
_WORDS: Final = {
    "endpoint": "endpointUrl",
    "timeout": "timeoutSeconds",
    "poll_interval": "pollIntervalSeconds",
    "publishing_interval_ms": "pollIntervalSeconds",
    "request_pause": "requestPauseSeconds",
    "nodes": "tags",
    "registers": "tags",
    "node_id": "tag",
    "address": "tag",
    "register_type": "tag",
    "bit": "tag",
    "bits": "tag",
}
_INPUT: Final = {SourceProtocol.OPC_UA: "opcUa", SourceProtocol.MODBUS_TCP: "modbusTcp"}


@dataclass(frozen=True, slots=True)
class ClientFiles:
    """Where the certificates for a secured connection lie."""

    certificate: Path
    private_key: Path
    server_certificate: Path
    user_certificate: Path
    user_private_key: Path

    @classmethod
    def within(cls, folder: Path) -> Self:
        names = ("client.der", "client.pem", "server.der", "user.der", "user.pem")
        return cls(*(folder / name for name in names))


NO_FILES = ClientFiles.within(Path())


@dataclass(frozen=True, slots=True)
class Device:
    """How a device is reached. `address` is an endpoint URL, or host and port; `settings` hold no secret.

    `fingerprint` is the SHA-256 of the server's certificate that a person confirmed, as 64 hexadecimal digits.
    `user` is who the server lets in by a certificate; the settings hold its fingerprint.
    """

    protocol: SourceProtocol
    address: str
    settings: dict[str, Any]
    password: str | None = field(default=None, repr=False)
    user: ClientIdentity | None = None

    @property
    def fingerprint(self) -> str | None:
        return self.settings.get("server_fingerprint")

    @property
    def has_user_certificate(self) -> bool:
        return "user_certificate" in self.settings

    @property
    def is_secured(self) -> bool:
        return self.protocol is SourceProtocol.OPC_UA and self.settings["security_mode"] != "None"

    @property
    def host_and_port(self) -> tuple[str, int]:
        """
        Raises:
            ValidationFailed: the address has none.
        """
        try:
            parts = urlsplit(self.address if "://" in self.address else f"//{self.address}")
            host, port = parts.hostname, parts.port
        except ValueError:
            host, port = None, None
        if not host:
            raise ValidationFailed("The address needs a host, such as opc.tcp://plc1.example:4840.", ["address"])
        return host, port or OPCUA_PORT

    def at(self, host: str) -> str:
        """The endpoint URL with another host, so that a connection goes to the address that was checked."""
        parts = urlsplit(self.address)
        name = f"[{host}]" if ":" in host else host
        return parts._replace(netloc=f"{name}:{self.host_and_port[1]}").geturl()


def modbus_address(host: str, port: int) -> str:
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def opcua_connection(device: Device, host: str, files: ClientFiles = NO_FILES) -> OpcUaConnection:
    """
    Raises:
        ValidationFailed: an input's rule is broken; says which.
    """
    return _converted(_opcua(device, host, files, for_nodes=False), OpcUaConnection, device.protocol)


def modbus_connection(device: Device, host: str) -> ModbusConnection:
    """
    Raises:
        ValidationFailed: an input's rule is broken; says which.
    """
    keys = {"poll_interval", "max_gap"}
    document = {key: value for key, value in _modbus(device, host).items() if key not in keys}
    return _converted(document, ModbusConnection, device.protocol)


def source_config(
    source_id: UUID,
    device: Device,
    tags: Sequence[TagMapping],
    machine_identifier: str,
    *,
    host: str | None = None,
    files: ClientFiles = NO_FILES,
) -> SourceConfig:
    """The configuration of the agent's input for the enabled tags. `host` is the checked address to go to.

    Raises:
        ValidationFailed: an input's rule is broken; says which.
    """
    host = host or device.host_and_port[0]
    enabled = [tag for tag in tags if tag.is_enabled]
    name = str(source_id)
    if device.protocol is SourceProtocol.OPC_UA:
        document = _opcua(device, host, files, for_nodes=True) | {"nodes": [_node(tag) for tag in enabled]}
        opcua = _converted(document, OpcUaConfig, device.protocol, enabled)
        return SourceConfig(name=name, machine_identifier=machine_identifier, protocol="opcua", opcua=opcua)
    document = _modbus(device, host) | {"registers": [_register(tag, place) for place, tag in enumerate(enabled)]}
    modbus = _converted(document, ModbusConfig, device.protocol, enabled)
    return SourceConfig(name=name, machine_identifier=machine_identifier, protocol="modbus", modbus=modbus)


def check_device(device: Device) -> None:
    """
    Raises:
        ValidationFailed: the device cannot be read like this; says why.
    """
    host, _ = device.host_and_port
    if not SHORTEST_INTERVAL <= device.settings["poll_interval"] <= LONGEST_INTERVAL:
        raise ValidationFailed(
            f"pollIntervalSeconds is between {SHORTEST_INTERVAL:g} and {LONGEST_INTERVAL:,.0f}.",
            ["pollIntervalSeconds"],
        )
    if device.protocol is SourceProtocol.OPC_UA:
        opcua_connection(device, host)
    else:
        modbus_connection(device, host)


def raw_tag_of(tag: str) -> str:
    """A metric's name for a node that nobody has named: `ns=2;s=Temperature` gives `Temperature`."""
    kind, _, name = tag.rpartition(";")[2].partition("=")
    return name if kind == "s" else tag.replace("=", "").replace(";", "_")


def _opcua(device: Device, host: str, files: ClientFiles, *, for_nodes: bool) -> dict[str, Any]:
    settings = dict(device.settings)
    for shown in ("server_fingerprint", "user_certificate"):
        settings.pop(shown, None)
    mode, interval = settings.pop("mode", "poll"), settings.pop("poll_interval", None)
    document = {**settings, "endpoint": device.at(host)}
    if device.password is not None:
        document["password"] = device.password
    if device.user is not None:
        document |= {"user_certificate": files.user_certificate, "user_private_key": files.user_private_key}
    if device.is_secured:
        document |= {
            "certificate": files.certificate,
            "private_key": files.private_key,
            "server_certificate": files.server_certificate,
        }
    if for_nodes and interval is not None:
        document |= {"mode": mode, "poll_interval": interval, "publishing_interval_ms": interval * 1000}
    return document


def _modbus(device: Device, host: str) -> dict[str, Any]:
    return {**device.settings, "host": host, "port": device.host_and_port[1]}


def _node(tag: TagMapping) -> dict[str, Any]:
    return {"node_id": tag.tag, **_value(tag)}


def _register(tag: TagMapping, place: int) -> dict[str, Any]:
    document = {**_value(tag), **tag.options}
    if _MANUAL.fullmatch(tag.tag):
        return {"address": tag.tag, **document}
    found = _REGISTER.fullmatch(tag.tag)
    if found is None:
        raise ValidationFailed(f"{tag.tag!r} {_BAD_REGISTER}.", ["tags", str(place), "tag"])
    document |= {"address": int(found["address"]), "register_type": found["table"]}
    if found["unit"] is not None:
        document["unit_id"] = int(found["unit"])
    if found["high"] is not None:
        document["bits"] = (int(found["low"]), int(found["high"]))
    elif found["low"] is not None:
        document["bit"] = int(found["low"])
    return document


def _value(tag: TagMapping) -> dict[str, Any]:
    return {"metric_name": tag.metric_name, "unit": tag.unit, "scale": tag.scale, "offset": tag.offset}


def _converted(
    document: dict[str, Any], kind: type[Kind], protocol: SourceProtocol, tags: Sequence[TagMapping] = ()
) -> Kind:
    try:
        made: Kind = msgspec.convert(document, kind, dec_hook=_decode)
    except msgspec.ValidationError as error:
        reason, _, place = str(error).partition(" - at `$")
        raise _fault(place.rstrip("`").lstrip("."), reason, protocol, tags) from None
    for place, reason in made.problems() if isinstance(made, OpcUaConnection | ModbusConfig) else ():
        raise _fault(place, reason, protocol, tags)
    return made


def _decode(kind: type, value: object) -> object:
    return value if isinstance(value, kind) else Secret(str(value)) if kind is Secret else value


def _fault(place: str, reason: str, protocol: SourceProtocol, tags: Sequence[TagMapping]) -> ValidationFailed:
    """The key of the input, `registers[2].address`, as the path of the doors: `tags`, `2`, `tag`."""
    steps = [step for step in re.split(r"[.\[\]]+", place) if step]
    path = [_WORDS.get(step, _camel(step)) for step in steps]
    if path[:1] != ["tags"]:
        shown = path[-1] if path else "settings"
        return ValidationFailed(f"{shown}: {reason}.", [_INPUT[protocol], *path])
    index = int(path[1]) if len(path) > 1 else None
    shown = tags[index].tag if index is not None and index < len(tags) else "tags"
    # The place among the enabled tags is not the place that was sent.
    if index is not None and index < len(tags):
        path[1] = str(tags[index].place)
    return ValidationFailed(f"{shown}: {reason}.", path)


def _camel(word: str) -> str:
    first, *others = word.split("_")
    return first + "".join(other.title() for other in others)
