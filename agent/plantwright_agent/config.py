"""The agent's configuration: one TOML file, taken whole or refused whole.

`[agent]` keys may be overridden by the environment: `PLANTWRIGHT_AGENT_<KEY>`, for example
`PLANTWRIGHT_AGENT_API_KEY`. Relative paths are taken from the folder of the file.
"""

import os
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

import msgspec

from plantwright_agent.config_check import check
from plantwright_agent.errors import ConfigError
from plantwright_agent.inputs.csv_watch.config import CsvConfig
from plantwright_agent.inputs.json_watch.config import JsonConfig
from plantwright_agent.inputs.modbus_tcp.config import ModbusConfig
from plantwright_agent.inputs.opcua.config import OpcUaConfig
from plantwright_agent.inputs.tags import Name
from plantwright_agent.secret import Secret

PREFIX = "PLANTWRIGHT_AGENT_"
DEFAULT_PATH = Path("/etc/plantwright/agent.toml")
ALIASES = {"opc_ua": "opcua", "modbus_tcp": "modbus"}

Protocol = Literal["opcua", "modbus", "csv", "json"]


class AgentConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Intervals, `retry_cap` and `request_timeout` are in seconds, `max_buffer_mb` in MB of 1,000,000 bytes.

    `name` is what people read in the list of agents; the host's name unless given. `ca_file` replaces the trusted
    authorities of the system; `client_certificate` and `client_key` are for mutual TLS.
    """

    api_key: Secret
    api_url: str
    name: Annotated[str, msgspec.Meta(max_length=64)] = ""
    push_interval: Annotated[float, msgspec.Meta(ge=0.05, le=3600)] = 30.0
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=1000)] = 100
    buffer_dir: Path = Path("/var/lib/plantwright/buffer")
    max_buffer_mb: Annotated[float, msgspec.Meta(ge=1, le=1_000_000)] = 500.0
    max_buffer_days: Annotated[float, msgspec.Meta(gt=0, le=3650)] = 60.0
    heartbeat_interval: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 60.0
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    proxy: str | None = None
    retry_cap: Annotated[float, msgspec.Meta(ge=1, le=60)] = 15.0
    request_timeout: Annotated[float, msgspec.Meta(ge=1, le=300)] = 30.0
    log_level: Literal["debug", "info", "warn", "error"] = "info"

    def problems(self) -> list[tuple[str, str]]:
        """Key and reason for each rule that types cannot say."""
        url = urlsplit(self.api_url)
        found: list[tuple[str, str]] = []
        if url.scheme not in {"http", "https"} or not url.hostname:
            found.append(("api_url", "must be a URL such as https://plant.example.com"))
        elif url.username or url.password or url.query or url.fragment:
            found.append(("api_url", "must not carry a user, a query or a fragment"))
        elif url.scheme == "http" and url.hostname not in {"localhost", "127.0.0.1", "::1"}:
            found.append(("api_url", "http is allowed only to this machine itself; use https"))
        if not self.api_key.reveal().isascii() or not self.api_key.reveal().isprintable():
            found.append(("api_key", "contains characters no key has; copy it again"))
        return found


class SourceConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """One `[[source]]`. `machine_identifier` is the default of all its tags."""

    name: Annotated[str, msgspec.Meta(min_length=1, max_length=64, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]
    machine_identifier: Name | None = None
    protocol: Protocol
    opcua: OpcUaConfig | None = None
    modbus: ModbusConfig | None = None
    csv: CsvConfig | None = None
    json: JsonConfig | None = None

    @property
    def settings(self) -> OpcUaConfig | ModbusConfig | CsvConfig | JsonConfig | None:
        """The table of the source's own protocol."""
        tables = {"opcua": self.opcua, "modbus": self.modbus, "csv": self.csv, "json": self.json}
        return tables[self.protocol]


class Config(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    agent: AgentConfig
    source: list[SourceConfig] = []


def config_path(argument: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The command line wins over the environment, which wins over /etc."""
    return Path(argument or environment.get(f"{PREFIX}CONFIG") or DEFAULT_PATH)


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """The checked configuration. Raises ConfigError naming file, key and reason."""
    document = _read(path)
    _canonical_protocols(document)
    _override(path, document, environment)
    try:
        config = msgspec.convert(document, Config, dec_hook=_decode)
    except msgspec.ValidationError as error:
        raise ConfigError(path, [_located(str(error))]) from None
    config = _absolute(config, path.absolute().parent)
    if problems := check(config):
        raise ConfigError(path, problems)
    return config


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigError(path, [("(file)", f"cannot be read: {error.strerror}")]) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(path, [("(file)", f"is not valid TOML: {error}")]) from None


def _canonical_protocols(document: dict[str, Any]) -> None:
    sources = document.get("source")
    if not isinstance(sources, list):
        return
    for source in sources:
        protocol = source.get("protocol") if isinstance(source, dict) else None
        if isinstance(protocol, str):
            source["protocol"] = ALIASES.get(protocol, protocol)


def _override(path: Path, document: dict[str, Any], environment: Mapping[str, str]) -> None:
    """Environment values are text; each is turned into the type its key has."""
    agent = document.setdefault("agent", {})
    if not isinstance(agent, dict):
        raise ConfigError(path, [("agent", "must be a table: [agent]")])
    for field in msgspec.structs.fields(AgentConfig):
        name = f"{PREFIX}{field.name.upper()}"
        if name not in environment:
            continue
        try:
            agent[field.name] = msgspec.convert(environment[name], field.type, strict=False, dec_hook=_decode)
        except msgspec.ValidationError as error:
            raise ConfigError(path, [(f"agent.{field.name}", f"{error} (from {name})")]) from None


def _decode(kind: type, value: object) -> object:
    if isinstance(value, kind):
        return value
    if not isinstance(value, str) or not value.strip():
        raise ValueError("must be a text that is not empty")
    return kind(value.strip() if kind is Secret else value)


def _located(message: str) -> tuple[str, str]:
    """`Expected … - at `$.source[0].name`` as key and reason."""
    reason, _, place = message.partition(" - at `$")
    return place.rstrip("`").lstrip(".") or "(file)", reason


def _absolute(config: Config, folder: Path) -> Config:
    agent = msgspec.structs.replace(config.agent, buffer_dir=folder / config.agent.buffer_dir)
    sources = [_absolute_source(source, folder) for source in config.source]
    return msgspec.structs.replace(config, agent=agent, source=sources)


def _absolute_source(source: SourceConfig, folder: Path) -> SourceConfig:
    settings = source.settings
    if isinstance(settings, OpcUaConfig):
        files = {key: folder / path for key, path in settings.files()}
        return msgspec.structs.replace(source, opcua=msgspec.structs.replace(settings, **files))
    if isinstance(settings, CsvConfig):
        return msgspec.structs.replace(source, csv=msgspec.structs.replace(settings, path=str(folder / settings.path)))
    if isinstance(settings, JsonConfig):
        return msgspec.structs.replace(source, json=msgspec.structs.replace(settings, path=str(folder / settings.path)))
    return source
