"""Certificates, and small real servers that speak TLS or stand in between."""

import asyncio
import contextlib
import socket
import ssl
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

HOST = "plant.example"


@dataclass(frozen=True)
class Pair:
    certificate: Path
    key: Path
    serial: int


class Authority:
    """Issues certificates into a folder; `certificate` is its own."""

    def __init__(self, folder: Path, name: str = "Plant CA") -> None:
        self._folder = folder
        self._name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self._key = ec.generate_private_key(ec.SECP256R1())
        made = self._sign(self._name, self._key.public_key(), timedelta(days=3650), [x509.BasicConstraints(True, None)])
        self.certificate = folder / f"{name.replace(' ', '-')}.pem"
        self.certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def issue(self, stem: str, *, host: str = HOST, lifetime: timedelta = timedelta(days=90)) -> Pair:
        """Into `<stem>.pem` and `<stem>.key`, replaced in one step each; a negative lifetime is over already."""
        key = ec.generate_private_key(ec.SECP256R1())
        names = x509.SubjectAlternativeName([x509.DNSName(host), x509.DNSName("localhost")])
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, stem)])
        made = self._sign(name, key.public_key(), lifetime, [names])
        pair = Pair(self._folder / f"{stem}.pem", self._folder / f"{stem}.key", made.serial_number)
        plain = serialization.NoEncryption()
        pkcs8 = serialization.PrivateFormat.PKCS8
        _replace(pair.key, key.private_bytes(serialization.Encoding.PEM, pkcs8, plain))
        _replace(pair.certificate, made.public_bytes(serialization.Encoding.PEM))
        return pair

    def _sign(
        self,
        name: x509.Name,
        key: ec.EllipticCurvePublicKey,
        lifetime: timedelta,
        extensions: list[x509.ExtensionType],
    ) -> x509.Certificate:
        ends = datetime.now(UTC) + lifetime
        builder = (
            x509.CertificateBuilder()
            .subject_name(name)
            .issuer_name(self._name)
            .public_key(key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(ends - timedelta(days=3651))
            .not_valid_after(ends)
        )
        for extension in extensions:
            builder = builder.add_extension(extension, critical=False)
        return builder.sign(self._key, hashes.SHA256())


def _replace(path: Path, content: bytes) -> None:
    draft = path.with_suffix(".draft")
    draft.write_bytes(content)
    draft.replace(path)


@dataclass
class TlsServer:
    """Answers every request with the serial number of the client's certificate; those for /slow once `gate` is open.

    With threads and sockets, because asyncio drops the alert that says why a handshake failed.
    """

    context: ssl.SSLContext
    listener: socket.socket = field(default_factory=lambda: socket.create_server(("127.0.0.1", 0)))
    versions: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    gate: threading.Event = field(default_factory=threading.Event)

    @property
    def port(self) -> int:
        return int(self.listener.getsockname()[1])

    def accept(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            threading.Thread(target=self.serve, args=(connection,), daemon=True).start()

    def serve(self, connection: socket.socket) -> None:
        with (
            contextlib.suppress(OSError),
            self.context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False) as secure,
        ):
            try:
                secure.do_handshake()
            except ssl.SSLError:
                # To close with something unread would reset the connection and take the alert back.
                raw = secure.detach()
                with socket.socket(fileno=raw) as plain:
                    while plain.recv(65_536):
                        pass
                raise
            while head := secure.recv(65_536):
                self.heads.append(head.decode())
                self.versions.append(secure.version() or "")
                if b"/slow" in head:
                    self.gate.wait(20)
                serial = int(str((secure.getpeercert() or {}).get("serialNumber", "0")), 16)
                body = str(serial).encode()
                secure.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body))


@contextmanager
def tls_server(
    pair: Pair, *, clients: Path | None = None, newest: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3
) -> Iterator[TlsServer]:
    """`clients`: the authority whose certificates clients must show."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pair.certificate, pair.key)
    context.maximum_version = newest
    if clients is not None:
        context.load_verify_locations(clients)
        context.verify_mode = ssl.CERT_REQUIRED
    made = TlsServer(context)
    accepting = threading.Thread(target=made.accept)
    accepting.start()
    try:
        yield made
    finally:
        # Closing alone would not wake the thread that waits in accept.
        made.listener.shutdown(socket.SHUT_RDWR)
        made.listener.close()
        accepting.join()


@dataclass
class Proxy:
    """Takes CONNECT to any name and leads it to `target`, a port of this computer."""

    target: int
    credentials: str | None = None
    port: int = 0
    asked: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def handle(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        self.asked.append(head.split("\r\n", 1)[0])
        if self.credentials is not None and f"Proxy-Authorization: Basic {self.credentials}" not in head:
            writer.write(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
            await writer.drain()
            writer.close()
            return
        there_reader, there_writer = await asyncio.open_connection("127.0.0.1", self.target)
        writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        await asyncio.gather(_pass(reader, there_writer), _pass(there_reader, writer))


async def _pass(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
    try:
        while data := await source.read(65_536):
            sink.write(data)
            await sink.drain()
    except ConnectionError:
        pass
    finally:
        sink.close()


@asynccontextmanager
async def connect_proxy(target: int, credentials: str | None = None) -> AsyncIterator[Proxy]:
    """`credentials`: base64 of user and password that it asks for."""
    made = Proxy(target, credentials)
    server = await asyncio.start_server(made.handle, "127.0.0.1", 0)
    made.port = server.sockets[0].getsockname()[1]
    try:
        yield made
    finally:
        server.close()
