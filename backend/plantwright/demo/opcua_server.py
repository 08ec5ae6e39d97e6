"""OPC UA server of the demo plant: Basic256Sha256, SignAndEncrypt, named user, trusted certificates only."""

import hmac
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from asyncua import ua
from asyncua.common.node import Node
from asyncua.crypto.permission_rules import User, UserRole
from asyncua.crypto.truststore import TrustStore
from asyncua.crypto.validator import CertificateValidator, CertificateValidatorOptions
from asyncua.server.server import Server
from asyncua.server.user_managers import UserManager
from asyncua.ua.status_codes import StatusCodes

from plantwright.demo.credentials import SERVER_URI, Credentials
from plantwright.demo.machines import machines_on
from plantwright.demo.model import Machine, MetricSpec, Protocol
from plantwright.demo.tick import Tick

NAMESPACE_URI = "urn:plantwright:demo"
# Namespace 0 is OPC UA's own, 1 the server's; ours is the first registered after them.
NAMESPACE_INDEX = 2


def node_id_of(machine: Machine, spec: MetricSpec) -> str:
    return f"ns={NAMESPACE_INDEX};s={machine.identifier}.{spec.name}"


def endpoint_of(port: int) -> str:
    return f"opc.tcp://127.0.0.1:{port}/plantwright/demo"


class OpcUaOutlet:
    """Serves the machines on OPC UA; call `start`, then `publish` once a second, then `stop`."""

    def __init__(self, credentials: Credentials, port: int) -> None:
        self._credentials = credentials
        self.endpoint = endpoint_of(port)
        self._server = Server(user_manager=_NamedUser(credentials))
        self._nodes: dict[tuple[str, str], ua.NodeId] = {}
        self._trust = TrustStore([credentials.trusted_clients], [])
        self._trusted: frozenset[Path] = frozenset()

    async def start(self) -> None:
        await self._secure()
        index = await self._server.register_namespace(NAMESPACE_URI)
        if index != NAMESPACE_INDEX:
            raise RuntimeError(f"namespace index {index}, expected {NAMESPACE_INDEX}")
        for machine in machines_on(Protocol.OPC_UA):
            await self._add_machine(machine)
        await self._server.start()

    async def publish(self, tick: Tick) -> None:
        await self._trust_newcomers()
        for (machine, metric), node_id in self._nodes.items():
            value = tick.readings[machine][metric]
            await self._server.write_attribute_value(
                node_id, _data_value(value, tick.time, dropped=machine in tick.dropped)
            )

    async def stop(self) -> None:
        await self._server.stop()

    async def _secure(self) -> None:
        server, credentials = self._server, self._credentials
        await server.init()
        server.set_endpoint(self.endpoint)
        server.set_server_name("Plantwright demo plant")
        await server.set_application_uri(SERVER_URI)
        server.set_security_policy([ua.SecurityPolicyType.Basic256Sha256_SignAndEncrypt])
        server.set_identity_tokens([ua.UserNameIdentityToken])
        await server.load_certificate(str(credentials.server_certificate))
        await server.load_private_key(str(credentials.server_key))
        await self._trust_newcomers()
        options = CertificateValidatorOptions.TRUSTED_VALIDATION | CertificateValidatorOptions.PEER_CLIENT
        server.set_certificate_validator(CertificateValidator(options, self._trust))

    async def _trust_newcomers(self) -> None:
        """Clients whose certificates were laid into the folder since the last look."""
        found = frozenset(self._credentials.trusted_clients.glob("*.der"))
        if found != self._trusted:
            await self._trust.load()
            self._trusted = found

    async def _add_machine(self, machine: Machine) -> None:
        folder = await self._server.nodes.objects.add_folder(
            _node_id(machine.identifier),
            ua.QualifiedName(machine.identifier, NAMESPACE_INDEX),
        )
        for spec in machine.metrics:
            node = await folder.add_variable(
                ua.NodeId.from_string(node_id_of(machine, spec)),
                ua.QualifiedName(spec.name, NAMESPACE_INDEX),
                ua.Variant(spec.base, ua.VariantType.Double),
            )
            await _describe(node, machine, spec)
            self._nodes[machine.identifier, spec.name] = node.nodeid


async def _describe(node: Node, machine: Machine, spec: MetricSpec) -> None:
    unit = ua.EUInformation(NamespaceUri=NAMESPACE_URI, DisplayName=ua.LocalizedText(spec.unit))
    for name, value in (("EngineeringUnits", unit), ("EURange", ua.Range(spec.low, spec.high))):
        identifier = _node_id(f"{machine.identifier}.{spec.name}.{name}")
        await node.add_property(identifier, ua.QualifiedName(name, 0), value)


def _node_id(identifier: str) -> ua.NodeId:
    return ua.NodeId.from_string(f"ns={NAMESPACE_INDEX};s={identifier}")


def _data_value(value: float, moment: datetime, *, dropped: bool) -> ua.DataValue:
    status = StatusCodes.BadCommunicationError if dropped else StatusCodes.Good
    time = ua.DateTime.fromtimestamp(moment.timestamp(), UTC)
    return ua.DataValue(
        ua.Variant(value, ua.VariantType.Double),
        ua.StatusCode(ua.UInt32(status)),
        SourceTimestamp=time,
        ServerTimestamp=time,
    )


class _NamedUser(UserManager):
    """Lets in the one user of the credentials, and only over a channel secured with a trusted certificate.

    The library opens a channel without security for discovery and would activate a session on it; there the
    certificate is None. The certificate given here is the one the channel was secured with.
    """

    def __init__(self, credentials: Credentials) -> None:
        self._username = credentials.username
        self._password = credentials.password.encode()
        self._folder = credentials.trusted_clients

    def get_user(
        self,
        iserver: Any,  # noqa: ARG002 - called by keyword
        username: str | None = None,
        password: str | None = None,
        certificate: Any = None,
    ) -> User | None:
        right_password = hmac.compare_digest(self._password, (password or "").encode())
        trusted = {path.read_bytes() for path in self._folder.glob("*.der")}
        if certificate not in trusted or username != self._username or not right_password:
            return None
        return User(role=UserRole.User, name=username)
