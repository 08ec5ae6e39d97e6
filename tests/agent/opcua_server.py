"""A real OPC UA server that asks for Basic256Sha256 SignAndEncrypt, a trusted certificate and a user."""

from pathlib import Path

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


class Users(UserManager):
    def get_user(
        self,
        iserver: object,  # noqa: ARG002 - the library's signature
        username: object = None,
        password: object = None,
        certificate: object = None,  # noqa: ARG002 - the library's signature
    ) -> User | None:
        return User(role=UserRole.User) if (username, password) == (USER, PASSWORD) else None


async def certificates(folder: Path) -> None:
    """`server`, `client` and `stranger`, each a `.pem` key and a `.der` certificate; the client's is trusted."""
    usage = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SERVER_AUTH]
    for name in ("server", "client", "stranger"):
        await setup_self_signed_certificate(
            folder / f"{name}.pem",
            folder / f"{name}.der",
            f"urn:test:{name}",
            "localhost",
            usage,
            {"organizationName": "T"},
        )
    (folder / "trusted").mkdir(exist_ok=True)
    (folder / "trusted" / "client.der").write_bytes((folder / "client.der").read_bytes())


class Plant:
    """Two variables, `ns=2;s=temperature` and `ns=2;s=level`. Can be stopped and started again on the same port."""

    def __init__(self, folder: Path, port: int) -> None:
        self._folder = folder
        self.url = f"opc.tcp://127.0.0.1:{port}/plant"
        self.nodes: dict[str, Node] = {}

    async def start(self) -> None:
        server = self._server = Server(user_manager=Users())
        await server.init()
        server.set_endpoint(self.url)
        await server.set_application_uri("urn:test:server")
        server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
        await server.load_certificate(str(self._folder / "server.der"))
        await server.load_private_key(str(self._folder / "server.pem"))
        trust = TrustStore([self._folder / "trusted"], [])
        await trust.load()
        options = CertificateValidatorOptions.TRUSTED_VALIDATION | CertificateValidatorOptions.PEER_CLIENT
        server.set_certificate_validator(CertificateValidator(options, trust))
        index = await server.register_namespace(NAMESPACE)
        for name in ("temperature", "level"):
            node_id = ua.NodeId(ua.String(name), ua.Int16(index))
            self.nodes[name] = await server.nodes.objects.add_variable(node_id, name, 0.0)
        await server.start()

    async def stop(self) -> None:
        await self._server.stop()

    async def write(self, name: str, value: ua.DataValue | float) -> None:
        data = value if isinstance(value, ua.DataValue) else ua.DataValue(ua.Variant(value, ua.VariantType.Double))
        await self._server.write_attribute_value(self.nodes[name].nodeid, data)
