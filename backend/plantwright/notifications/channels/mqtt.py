"""MQTT 3.1.1: one message to a broker, delivered once the broker has acknowledged it (QoS 1)."""

import asyncio
import contextlib
import re
import ssl
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ClassVar, Final

import msgspec

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import TOTAL_SECONDS, Outbound
from plantwright.notifications.channels.connecting import open_socket, require_listed
from plantwright.notifications.channels.contract import Message, Outcome
from plantwright.notifications.channels.http import json_of
from plantwright.notifications.channels.mqtt_publishing import Publication, publish

LONGEST_TOPIC: Final = 65_535
PORT: Final = 1883
TLS_PORT: Final = 8883
THREADS: Final = 16
_PLACE = re.compile(r"\{([a-z_]+)\}")
_KNOWN: Final = ("event", "severity", "machine_id", "machine_name", "metric_name", "tenant_id")
# A value stays one level of the topic: neither a separator nor a wildcard of subscriptions.
_RESERVED = re.compile(r"[/+#\x00-\x1f\x7f]")


class MqttConfig(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """`topic` may hold `{event}`, `{severity}`, `{machine_id}`, `{machine_name}`, `{metric_name}` and `{tenant_id}`.

    `ca_certificate` is PEM, for a broker whose certificate no public authority has signed.
    """

    host: str
    port: int | None = None
    is_tls: bool = True
    username: str | None = None
    password: str | None = None
    topic: str = "plantwright/alerts/{severity}"
    is_retained: bool = False
    ca_certificate: str | None = None


class MqttChannel:
    type: ClassVar[str] = "mqtt"
    Config: ClassVar = MqttConfig
    secret_fields: ClassVar[frozenset[str]] = frozenset({"password"})
    generated_fields: ClassVar[frozenset[str]] = frozenset()

    def __init__(self) -> None:
        # Brokers that hang must not take the threads of everything else.
        self._threads = ThreadPoolExecutor(max_workers=THREADS, thread_name_prefix="mqtt")

    async def check(self, config: MqttConfig, outbound: Outbound) -> None:
        _check_topic(config.topic)
        _context_of(config, outbound)
        if config.password is not None and config.username is None:
            raise ValidationFailed("A password needs a username.", ["username"])
        with contextlib.suppress(OSError):
            await _address_of(config, outbound)

    async def send(self, config: MqttConfig, message: Message, outbound: Outbound) -> Outcome:
        publication = Publication(
            host=config.host,
            tls=_context_of(config, outbound) if config.is_tls else None,
            # A broker need not take more than 23 characters (MQTT 3.1.1, 3.1.3.1).
            client_id=f"pw-{message.delivery_id.hex[-20:]}",
            username=config.username,
            password=config.password,
            topic=topic_of(config.topic, message),
            body=json_of({"id": str(message.delivery_id), "sequence": message.sequence, **message.payload}),
            is_retained=config.is_retained,
        )
        async with asyncio.timeout(TOTAL_SECONDS):
            opened = await open_socket(await _address_of(config, outbound), _port_of(config))
        # The thread ends by itself within the time; the socket is its own from here on.
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._threads, publish, publication, opened, TOTAL_SECONDS)


def topic_of(template: str, message: Message) -> str:
    """The topic of one message; what a message does not have is `none`."""
    values = _values(message)
    return _PLACE.sub(lambda found: _RESERVED.sub("_", values.get(found[1], "none")), template)


def _values(message: Message) -> Mapping[str, str]:
    alert = message.payload.get("alert")
    found: dict[str, Any] = {**(alert if isinstance(alert, Mapping) else {}), **message.payload}
    found |= {"event": message.event, "severity": message.severity}
    return {name: str(found[name]) for name in _KNOWN if found.get(name) not in {None, ""}}


def _check_topic(template: str) -> None:
    unknown = [name for name in _PLACE.findall(template) if name not in _KNOWN]
    if unknown:
        raise ValidationFailed(f"topic: {{{unknown[0]}}} is none of {', '.join(_KNOWN)}.", ["topic"])
    bare = _PLACE.sub("x", template)
    if not bare or len(template.encode()) > LONGEST_TOPIC or re.search(r"[+#\x00-\x1f\x7f{}]", bare):
        raise ValidationFailed("topic must be a topic to publish to, without + and #.", ["topic"])
    if bare.startswith("$"):
        raise ValidationFailed("topic must not begin with $, which is the broker's own.", ["topic"])


def _context_of(config: MqttConfig, outbound: Outbound) -> ssl.SSLContext:
    """
    Raises:
        ValidationFailed: the authority's certificate is none.
    """
    if config.ca_certificate is None:
        return outbound.tls
    try:
        return ssl.create_default_context(cadata=config.ca_certificate)
    except (ssl.SSLError, TypeError, ValueError) as error:
        raise ValidationFailed(f"ca_certificate is no certificate in PEM: {error}.", ["ca_certificate"]) from None


def _port_of(config: MqttConfig) -> int:
    return config.port or (TLS_PORT if config.is_tls else PORT)


async def _address_of(config: MqttConfig, outbound: Outbound) -> str:
    """
    Raises:
        ValidationFailed: the server does not connect there, or not without TLS.
        OSError: the name is not known.
    """
    try:
        address = await outbound.connect_address(config.host, _port_of(config))
    except ValidationFailed as error:
        raise ValidationFailed(error.message, ["host"]) from None
    if not config.is_tls:
        require_listed(outbound, address, config.host, "is_tls")
    return address
