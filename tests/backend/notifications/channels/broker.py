"""A real MQTT broker in this process, and what its subscribers get."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from amqtt.broker import Broker
from amqtt.client import MQTTClient
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher

from tests.agent.peer import free_port
from tests.agent.tls import Pair

USER, PASSWORD = "plant", "s3cret"


@asynccontextmanager
async def broker(pair: Pair | None = None, passwords: Path | None = None) -> AsyncIterator[int]:
    """`pair`: it speaks TLS with that certificate. `passwords`: it asks for USER and PASSWORD, kept in that file."""
    port = free_port()
    listener: dict[str, Any] = {"type": "tcp", "bind": f"127.0.0.1:{port}"}
    if pair is not None:
        listener |= {"ssl": True, "certfile": str(pair.certificate), "keyfile": str(pair.key)}
    plugins: dict[str, Any] = {"amqtt.plugins.authentication.AnonymousAuthPlugin": {"allow_anonymous": True}}
    if passwords is not None:
        _write_passwords(passwords)
        plugins = {"amqtt.plugins.authentication.FileAuthPlugin": {"password_file": str(passwords)}}
    made = Broker({"listeners": {"default": listener}, "plugins": plugins})
    await made.start()
    try:
        yield port
    finally:
        await made.shutdown()


def _write_passwords(path: Path) -> None:
    path.write_text(f"{USER}:{PasswordHash((Argon2Hasher(),)).hash(PASSWORD)}\n")


@asynccontextmanager
async def subscriber(port: int) -> AsyncIterator[MQTTClient]:
    client = MQTTClient(config={"auto_reconnect": False})
    await client.connect(f"mqtt://127.0.0.1:{port}")
    await client.subscribe([("#", 1)])
    try:
        yield client
    finally:
        await client.disconnect()


async def next_message(client: MQTTClient) -> tuple[str, bytes, bool]:
    """Topic, body, and whether the broker had kept it."""
    found = await client.deliver_message(timeout_duration=10)
    assert found is not None
    packet = found.publish_packet
    assert packet is not None
    return found.topic, bytes(found.data), bool(packet.retain_flag)
