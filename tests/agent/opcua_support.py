"""Short ways to configure, start and look into an OPC UA source."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import msgspec
from plantwright_agent.buffer.buffer import Buffer
from plantwright_agent.inputs.opcua.config import OpcUaConfig
from plantwright_agent.inputs.opcua.input import OpcUa
from plantwright_agent.samples import Collected
from plantwright_agent.secret import Secret
from plantwright_agent.supervision.supervisor import SourceTask

from tests.agent.opcua_server import PASSWORD, USER
from tests.agent.support import buffered, running

NODES = [
    {"node_id": "ns=2;s=temperature", "metric_name": "temperature", "unit": "celsius"},
    {"node_id": "ns=2;s=level", "metric_name": "level", "machine_identifier": "TANK-1", "scale": 0.01},
]


def config(folder: Path, url: str, **settings: Any) -> OpcUaConfig:
    """Secured, with a user, and with the server's certificate given; None takes a setting away."""
    document: dict[str, Any] = {
        "endpoint": url,
        "username": USER,
        "password": Secret(PASSWORD),
        "certificate": folder / "client.der",
        "private_key": folder / "client.pem",
        "server_certificate": folder / "server.der",
        "publishing_interval_ms": 50,
        "nodes": NODES,
    }
    given = {key: value for key, value in (document | settings).items() if value is not None}
    return msgspec.convert(given, OpcUaConfig, dec_hook=lambda _, value: value)


def node(name: str, **settings: Any) -> dict[str, Any]:
    return {"node_id": f"ns=2;s={name}", "metric_name": name, **settings}


@asynccontextmanager
async def subscribed(folder: Path, settings: OpcUaConfig) -> AsyncIterator[SourceTask]:
    """The source under its supervisor, with a buffer in `folder`."""

    def build(_: Buffer) -> OpcUa:
        return OpcUa(settings, "PUMP-1", "plc")

    async with running(folder, "plc", build, live=True) as (source, _):
        yield source


def values(folder: Path, metric: str) -> list[float]:
    return [item["value"] for item in buffered(folder) if item["metric_name"] == metric]


async def first(source: OpcUa) -> Collected:
    """What a started source gives first."""
    async for collected in source.collect():
        return collected
    raise AssertionError("the source gave nothing")
