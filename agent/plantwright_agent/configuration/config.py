"""The agent's configuration: a TOML file and a folder of source files, taken whole or refused whole.

Values may come from the environment as well; see `configuration.environment`. Relative paths are taken from the folder
of the TOML file, also those in source files.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, Self, TypeVar
from urllib.parse import urlsplit

import msgspec

from plantwright_agent.configuration.check import shared_names, source_rules
from plantwright_agent.configuration.convert import convert, faults
from plantwright_agent.configuration.document import TOO_DEEP
from plantwright_agent.configuration.draft import Draft
from plantwright_agent.configuration.environment import PREFIX
from plantwright_agent.configuration.syntax import Place
from plantwright_agent.errors import ConfigError, Problem
from plantwright_agent.inputs.source import SourceConfig
from plantwright_agent.secret import Secret

DEFAULT_BUFFER = Path("/var/lib/plantwright/buffer")
DEFAULT_PATH = Path("/etc/plantwright/agent.toml")
ALIASES = {"opc_ua": "opcua", "modbus_tcp": "modbus"}

TRUST_FOLDER = "pki"

Part = TypeVar("Part", bound=msgspec.Struct)


class AgentConfig(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    """Intervals, `retry_cap` and `request_timeout` are in seconds, `max_buffer_mb` in MB of 1,000,000 bytes.

    `name` is what people read in the list of agents; the host's name unless given. `ca_file` replaces the trusted
    authorities of the system; `client_certificate` and `client_key` are for mutual TLS. `proxy` is a URL that may
    carry a user and a password. `sources_dir` holds further sources, one or a list per YAML or JSON file;
    `sources.d` beside the configuration unless given.
    """

    api_key: Secret
    api_url: str
    name: Annotated[str, msgspec.Meta(max_length=64)] = ""
    push_interval: Annotated[float, msgspec.Meta(ge=0.05, le=3600)] = 30.0
    batch_size: Annotated[int, msgspec.Meta(ge=1, le=10_000)] = 1_000
    buffer_dir: Path = msgspec.field(default_factory=lambda: DEFAULT_BUFFER)
    max_buffer_mb: Annotated[float, msgspec.Meta(ge=1, le=1_000_000)] = 500.0
    max_buffer_days: Annotated[float, msgspec.Meta(gt=0, le=3650)] = 60.0
    commit_interval: Annotated[float, msgspec.Meta(ge=0, le=10)] = 0.2
    heartbeat_interval: Annotated[float, msgspec.Meta(ge=1, le=3600)] = 60.0
    ca_file: Path | None = None
    client_certificate: Path | None = None
    client_key: Path | None = None
    proxy: Secret | None = None
    retry_cap: Annotated[float, msgspec.Meta(ge=1, le=60)] = 15.0
    request_timeout: Annotated[float, msgspec.Meta(ge=1, le=300)] = 30.0
    log_level: Literal["debug", "info", "warn", "error"] = "info"
    sources_dir: Path | None = None

    def located(self, folder: Path) -> Self:
        """The same with relative paths taken from `folder`."""
        keys = ("buffer_dir", "ca_file", "client_certificate", "client_key", "sources_dir")
        return msgspec.structs.replace(
            self, **{key: folder / path for key in keys if (path := getattr(self, key)) is not None}
        )

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
        return found + self._certificate_problems()

    def _certificate_problems(self) -> list[tuple[str, str]]:
        found = [
            (key, f"cannot read {path}")
            for key in ("ca_file", "client_certificate", "client_key")
            if (path := getattr(self, key)) is not None and not os.access(path, os.R_OK)
        ]
        if (self.client_certificate is None) != (self.client_key is None):
            found.append(("client_certificate", "client_certificate and client_key come together"))
        if self.proxy is not None and not _is_proxy(self.proxy.reveal()):
            found.append(("proxy", "must be a URL such as http://proxy.example.com:3128"))
        return found


def _is_proxy(address: str) -> bool:
    try:
        url = urlsplit(address)
        return url.scheme in {"http", "https"} and bool(url.hostname) and url.port != 0
    except ValueError:
        return False


class BufferPlace(msgspec.Struct):
    """The one key of `[agent]` that is needed to ask a running agent how it is."""

    buffer_dir: Path = DEFAULT_BUFFER


class Config(msgspec.Struct, forbid_unknown_fields=True, frozen=True, kw_only=True):
    agent: AgentConfig
    source: list[SourceConfig] = []


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of reading the configuration. `watched` are the files and folders it depends on, also when refused."""

    config: Config | None
    problems: list[Problem]
    watched: frozenset[Path]
    _draft: Draft

    def problem(self, place: Place, reason: str) -> Problem:
        """Something that is wrong for a reason that the files alone do not show."""
        return self._draft.problem(place, reason)

    @property
    def buffer_dir(self) -> Path | None:
        """Where the agent's status is to be found, also when other things are wrong; None when this is wrong too."""
        agent = _part(self._draft.values.get("agent"), BufferPlace)
        return None if agent is None else self._draft.file.parent / agent.buffer_dir


def config_path(argument: str | None, environment: Mapping[str, str] = os.environ) -> Path:
    """The command line wins over the environment, which wins over /etc."""
    return Path(argument or environment.get(f"{PREFIX}CONFIG") or DEFAULT_PATH)


def load_config(path: Path, environment: Mapping[str, str] = os.environ) -> Config:
    """The checked configuration. Raises ConfigError with file, line, key and reason of all that is wrong."""
    outcome = read_config(path, environment)
    if outcome.config is None:
        raise ConfigError(outcome.problems)
    return outcome.config


def read_config(path: Path, environment: Mapping[str, str] = os.environ) -> Outcome:
    """As `load_config`, but never raises for what is in the files."""
    draft = Draft(path.absolute(), environment, Config)
    config: Config | None = None
    try:
        config = _check(draft) if draft.is_readable else None
    except RecursionError:
        draft.refuse([((), TOO_DEEP)])
    problems = sorted(draft.problems, key=lambda problem: (problem.file != draft.file, problem.file, problem.line or 0))
    return Outcome(None if problems else config, problems, frozenset(draft.watched), draft)


def _check(draft: Draft) -> Config | None:
    """What fits its types is held against the rules, even when other parts do not fit."""
    for source in draft.sources:
        if isinstance(source, dict) and isinstance(protocol := source.get("protocol"), str):
            source["protocol"] = ALIASES.get(protocol, protocol)
    draft.refuse(faults(draft.values, Config))
    agent = _part(draft.values.get("agent"), AgentConfig)
    sources = [_part(source, SourceConfig) for source in draft.sources]
    folder = draft.file.parent
    if agent is not None:
        agent = agent.located(folder)
        draft.refuse_rules(("agent",), agent.problems())
    if draft.values.get("source", []) == []:
        draft.refuse([(("source",), "at least one [[source]] is needed")])
    draft.refuse(shared_names(draft.sources))
    trust_dir = (agent.buffer_dir if agent else folder) / TRUST_FOLDER
    for index, source in enumerate(sources):
        if source is not None:
            sources[index] = located = source.located(folder, trust_dir)
            draft.refuse_rules(("source", index), source_rules(located))
    if agent is None or draft.problems:
        return None
    return Config(agent=agent, source=[source for source in sources if source is not None])


def _part(values: object, kind: type[Part]) -> Part | None:
    try:
        part: Part = convert(values, kind)
    except msgspec.ValidationError:
        return None
    return part
