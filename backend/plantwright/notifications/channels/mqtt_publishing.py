"""One publication over a connection that is open already; for a thread, because the library waits with sockets."""

import select
import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from paho.mqtt.client import Client, ConnectFlags
from paho.mqtt.enums import CallbackAPIVersion, MQTTProtocolVersion
from paho.mqtt.properties import Properties
from paho.mqtt.reasoncodes import ReasonCode

from plantwright.notifications.channels.contract import Outcome


@dataclass(frozen=True, slots=True)
class Publication:
    """`tls` is None for a connection without; `host` is the name that the certificate must carry."""

    host: str
    tls: ssl.SSLContext | None
    client_id: str
    username: str | None
    password: str | None = field(repr=False)
    topic: str
    body: bytes
    is_retained: bool


class _Publisher(Client):
    """Keeps the broker's answer to CONNECT. The connection is given, so it leads to the address that was checked."""

    def __init__(self, publication: Publication, opened: socket.socket) -> None:
        super().__init__(
            CallbackAPIVersion.VERSION2,
            client_id=publication.client_id,
            protocol=MQTTProtocolVersion.MQTTv311,
            reconnect_on_failure=False,
        )
        self.answer: ReasonCode | None = None
        self._opened = opened
        self.on_connect = self._keep_answer
        if publication.username is not None:
            self.username_pw_set(publication.username, publication.password)

    def _create_socket_connection(self) -> socket.socket:
        return self._opened

    def _keep_answer(
        self, _client: Client, _data: Any, _flags: ConnectFlags, code: ReasonCode, _properties: Properties | None
    ) -> None:
        self.answer = code


def publish(publication: Publication, opened: socket.socket, seconds: float) -> Outcome:
    """Closes the connection in any case.

    Raises:
        OSError: the broker broke off.
        TimeoutError: it did not answer within that many seconds.
    """
    deadline = time.monotonic() + seconds
    try:
        secured = _secured(publication, opened, seconds)
    except ssl.SSLError as error:
        return Outcome(is_delivered=False, status="tls", detail=f"No secure connection to {publication.host}: {error}.")
    with secured:
        return _published(publication, _Publisher(publication, secured), deadline)


def _secured(publication: Publication, opened: socket.socket, seconds: float) -> socket.socket:
    opened.settimeout(seconds)
    if publication.tls is None:
        return opened
    with opened:
        secured = publication.tls.wrap_socket(opened, server_hostname=publication.host, do_handshake_on_connect=False)
    try:
        secured.do_handshake()
    except BaseException:
        secured.close()
        raise
    return secured


def _published(publication: Publication, client: _Publisher, deadline: float) -> Outcome:
    client.connect(publication.host)
    _run(client, lambda: client.answer is not None, deadline)
    if client.answer is not None and client.answer.is_failure:
        detail = f"{publication.host} refuses the connection: {client.answer}."
        return Outcome(is_delivered=False, status=str(client.answer.value), detail=detail)
    sent = client.publish(publication.topic, publication.body, qos=1, retain=publication.is_retained)
    _run(client, sent.is_published, deadline)
    client.disconnect()
    detail = f"{publication.host} acknowledged the message on {publication.topic}."
    return Outcome(is_delivered=True, status="PUBACK", detail=detail)


def _run(client: Client, is_done: Callable[[], bool], deadline: float) -> None:
    while not is_done():
        left = deadline - time.monotonic()
        connection = client.socket()
        if left <= 0:
            raise TimeoutError
        if connection is None:
            raise ConnectionResetError("the broker broke off, or does not speak MQTT")
        events = _wait(connection, client.want_write(), left)
        if events & ~select.POLLOUT:
            client.loop_read()
        if events & select.POLLOUT:
            client.loop_write()


def _wait(connection: Any, wants_write: bool, seconds: float) -> int:
    if isinstance(connection, ssl.SSLSocket) and connection.pending():
        return select.POLLIN
    poll = select.poll()
    poll.register(connection, select.POLLIN | (select.POLLOUT if wants_write else 0))
    found = poll.poll(seconds * 1000)
    return found[0][1] if found else 0
