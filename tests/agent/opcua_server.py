"""A real OPC UA server: secured and with a user unless a test asks for something else."""

import asyncio
import signal
import sys
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.common.node import Node
from asyncua.crypto.cert_gen import setup_self_signed_certificate
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.crypto.truststore import TrustStore
from asyncua.crypto.validator import CertificateValidator, CertificateValidatorOptions
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager
from cryptography.x509.oid import ExtendedKeyUsageOID

NAMESPACE = "urn:plant"
USER, PASSWORD = "reader", "correct horse"
SECURE = ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt


class Users(UserManager):
    def __init__(self, certificates: Iterable[bytes], *, anonymous: bool) -> None:
        self._certificates = set(certificates)
        self._anonymous = anonymous

    def get_user(
        self,
        iserver: object,  # noqa: ARG002 - the library's signature
        username: object = None,
        password: object = None,
        certificate: object = None,
    ) -> User | None:
        known = (username, password) == (USER, PASSWORD) or (username is None and certificate in self._certificates)
        return User(role=UserRole.User) if known or (username is None and self._anonymous) else None


async def certificates(folder: Path, *names: str) -> None:
    """Each name a `.pem` key and a `.der` certificate; without names `server`, `client` (trusted) and `stranger`."""
    usage = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    for name in names or ("server", "client", "stranger"):
        await setup_self_signed_certificate(
            folder / f"{name}.pem",
            folder / f"{name}.der",
            f"urn:test:{name}",
            "localhost",
            usage,
            {"organizationName": "T"},
        )
    (folder / "trusted").mkdir(exist_ok=True)
    if not names:
        (folder / "trusted" / "client.der").write_bytes((folder / "client.der").read_bytes())


class Plant:
    """Two variables, `ns=2;s=temperature` and `ns=2;s=level`. Can be stopped and started again on the same port.

    `namespaces` are registered in front of the plant's own, so that its index moves. `server` is the library's own.
    """

    def __init__(
        self,
        folder: Path,
        port: int,
        *,
        policies: list[ua.SecurityPolicyType] | None = None,
        certificate: str = "server",
        users: Iterable[bytes] = (),
        anonymous: bool = False,
        tokens: list[type] | None = None,
    ) -> None:
        self._folder = folder
        self._policies = policies or [SECURE]
        self._certificate = certificate
        self._users = Users(users, anonymous=anonymous)
        self._tokens = tokens
        self.namespaces: list[str] = []
        self.url = f"opc.tcp://127.0.0.1:{port}/plant"
        self.nodes: dict[str, Node] = {}
        self.index = 0
        self.server: Server

    async def start(self) -> None:
        server = self.server = Server(user_manager=self._users)
        await server.init()
        server.set_endpoint(self.url)
        await server.set_application_uri("urn:test:server")
        server.set_security_policy(self._policies)
        if self._tokens is not None:
            server.set_identity_tokens(self._tokens)
        await server.load_certificate(str(self._folder / f"{self._certificate}.der"))
        await server.load_private_key(str(self._folder / f"{self._certificate}.pem"))
        trust = TrustStore([self._folder / "trusted"], [])
        await trust.load()
        options = CertificateValidatorOptions.TRUSTED_VALIDATION | CertificateValidatorOptions.PEER_CLIENT
        server.set_certificate_validator(CertificateValidator(options, trust))
        for uri in self.namespaces:
            await server.register_namespace(uri)
        self.index = await server.register_namespace(NAMESPACE)
        for name in ("temperature", "level"):
            await self.add(name, 0.0)
        await server.start()

    async def stop(self) -> None:
        await self.server.stop()

    async def add(self, name: str, value: Any, kind: ua.VariantType | None = None, parent: Node | None = None) -> Node:
        """A variable `ns=<plant>;s=<name>`, of a Double unless said otherwise."""
        node_id = ua.NodeId(ua.String(name), ua.Int16(self.index))
        variant = value if isinstance(value, ua.Variant) else ua.Variant(value, kind or ua.VariantType.Double)
        browse_name = ua.QualifiedName(name, self.index)
        node = await (parent or self.server.nodes.objects).add_variable(node_id, browse_name, variant)
        self.nodes[name] = node
        return node

    async def folder(self, name: str, parent: Node | None = None) -> Node:
        node_id = ua.NodeId(ua.String(name), ua.Int16(self.index))
        browse_name = ua.QualifiedName(name, self.index)
        return await (parent or self.server.nodes.objects).add_folder(node_id, browse_name)

    async def write(self, name: str, value: ua.DataValue | float) -> None:
        data = value if isinstance(value, ua.DataValue) else ua.DataValue(ua.Variant(value, ua.VariantType.Double))
        await self.server.write_attribute_value(self.nodes[name].nodeid, data)

    async def write_at(self, name: str, value: float, moment: datetime) -> None:
        stamp = ua.DateTime.fromtimestamp(moment.timestamp(), moment.tzinfo)
        await self.write(name, ua.DataValue(ua.Variant(value), SourceTimestamp=stamp, ServerTimestamp=stamp))

    @property
    def sessions(self) -> list[Any]:
        return list(self.server.iserver._external_sessions.values())


async def serve(folder: Path, port: int) -> None:
    """As a process of its own: the level counts up twenty times a second until SIGTERM."""
    plant = Plant(folder, port)
    await plant.start()
    ending = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, ending.set)
    number = 0
    while not ending.is_set():
        number += 1
        await plant.write("level", float(number))
        await asyncio.sleep(0.05)
    await plant.stop()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), int(sys.argv[2])))
