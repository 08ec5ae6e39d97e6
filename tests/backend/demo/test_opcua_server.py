"""A real OPC UA client against the plant: it must be secure, and then it sees every node."""

import asyncio
import logging
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

import pytest
from asyncua import ua
from asyncua.client.client import Client
from asyncua.common.subscription import DataChangeNotif, DataChangeNotificationHandler
from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
from asyncua.ua.status_codes import StatusCodes
from asyncua.ua.uaerrors import UaError, UaStatusCodeError
from plantwright.demo.credentials import CLIENT_URI, Credentials, ensure_credentials
from plantwright.demo.fault_store import FaultStore
from plantwright.demo.machines import find_machine, machines_on
from plantwright.demo.model import Protocol
from plantwright.demo.opcua_server import endpoint_of, node_id_of
from plantwright.demo.plant import Plant
from plantwright.demo.signals import snapshot

from tests.backend.demo.support import drop_link, restore_link, wait_until

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def secure_client(plant: Plant, credentials: Credentials, password: str | None = None) -> Client:
    client = Client(endpoint_of(plant.opcua_port), timeout=4)
    client.application_uri = CLIENT_URI
    client.set_user(credentials.username)
    client.set_password(password or credentials.password)
    await client.set_security(
        SecurityPolicyBasic256Sha256,
        certificate=str(credentials.client_certificate),
        private_key=str(credentials.client_key),
        server_certificate=str(credentials.server_certificate),
        mode=ua.MessageSecurityMode.SignAndEncrypt,
    )
    return client


async def test_a_trusted_client_reads_every_metric_with_its_source_time(plant: Plant, credentials: Credentials) -> None:
    async with await secure_client(plant, credentials) as client:
        for machine in machines_on(Protocol.OPC_UA):
            for spec in machine.metrics:
                result = await client.get_node(node_id_of(machine, spec)).read_data_value()
                assert result.SourceTimestamp is not None
                age = datetime.now(UTC) - result.SourceTimestamp
                assert -0.1 < age.total_seconds() < 3.0
                time_ms = round(result.SourceTimestamp.timestamp() * 1000)
                assert result.Value is not None
                assert result.Value.Value == snapshot(machine, time_ms)[spec.name]


async def test_a_node_carries_its_unit_and_range(plant: Plant, credentials: Credentials) -> None:
    machine = find_machine("PUMP-101")
    async with await secure_client(plant, credentials) as client:
        node = client.get_node(node_id_of(machine, machine.metrics[0]))
        properties = {str((await p.read_browse_name()).Name): await p.read_value() for p in await node.get_properties()}
    assert properties["EngineeringUnits"].DisplayName.Text == "mm/s"
    assert (properties["EURange"].Low, properties["EURange"].High) == (0.0, 45.0)


async def test_a_subscriber_gets_a_value_each_second(plant: Plant, credentials: Credentials) -> None:
    received: asyncio.Queue[datetime] = asyncio.Queue()

    class Handler(DataChangeNotificationHandler):
        def datachange_notification(self, _node: object, _val: float, data: DataChangeNotif) -> None:
            received.put_nowait(data.monitored_item.Value.SourceTimestamp)

    async with await secure_client(plant, credentials) as client:
        subscription = await client.create_subscription(100, Handler())
        await subscription.subscribe_data_change(client.get_node("ns=2;s=SPINDLE-201.load"))
        async with asyncio.timeout(6):
            times = [await received.get() for _ in range(3)]
        await subscription.delete()
    assert [(later - earlier).total_seconds() for earlier, later in pairwise(times)] == [1.0, 1.0]


async def test_a_client_without_security_is_refused(plant: Plant, credentials: Credentials) -> None:
    client = Client(endpoint_of(plant.opcua_port), timeout=2)
    client.set_user(credentials.username)
    client.set_password(credentials.password)
    with pytest.raises(UaError, match="No matching endpoints"):
        await client.connect()


async def test_a_client_that_insists_on_no_security_is_refused_even_with_the_password(
    plant: Plant, credentials: Credentials, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Client, "find_endpoint", staticmethod(lambda endpoints, _mode, _policy: endpoints[0]))
    client = Client(endpoint_of(plant.opcua_port), timeout=2)
    client.set_user(credentials.username)
    client.set_password(credentials.password)
    with pytest.raises(UaStatusCodeError) as refusal:
        await client.connect()
    assert refusal.value.code == StatusCodes.BadUserAccessDenied


async def test_a_wrong_password_is_refused(plant: Plant, credentials: Credentials) -> None:
    client = await secure_client(plant, credentials, password="not the password")
    with pytest.raises(UaStatusCodeError) as refusal:
        await client.connect()
    assert refusal.value.code == StatusCodes.BadUserAccessDenied


async def test_an_unknown_certificate_is_refused(
    plant: Plant, credentials: Credentials, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="asyncua")
    stranger = ensure_credentials(tmp_path / "stranger")
    with pytest.raises(UaStatusCodeError) as refusal:
        await (await strange_client(plant, credentials, stranger)).connect()
    assert refusal.value.code == StatusCodes.BadCertificateUntrusted


async def test_a_certificate_that_is_laid_into_the_folder_is_trusted_while_the_server_runs(
    plant: Plant, credentials: Credentials, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.CRITICAL, logger="asyncua")
    stranger = ensure_credentials(tmp_path / "newcomer")
    laid = credentials.trusted_clients / "newcomer.der"
    laid.write_bytes(stranger.client_certificate.read_bytes())

    async def is_let_in() -> bool:
        try:
            async with await strange_client(plant, credentials, stranger):
                return True
        except UaStatusCodeError:
            return False

    try:
        await wait_until(is_let_in)
    finally:
        laid.unlink()


async def strange_client(plant: Plant, credentials: Credentials, stranger: Credentials) -> Client:
    """With the right password and a certificate that the plant did not make."""
    client = Client(endpoint_of(plant.opcua_port), timeout=2)
    client.application_uri = CLIENT_URI
    client.set_user(credentials.username)
    client.set_password(credentials.password)
    await client.set_security(
        SecurityPolicyBasic256Sha256,
        certificate=str(stranger.client_certificate),
        private_key=str(stranger.client_key),
        server_certificate=str(credentials.server_certificate),
        mode=ua.MessageSecurityMode.SignAndEncrypt,
    )
    return client


async def test_a_metric_cannot_be_written(plant: Plant, credentials: Credentials) -> None:
    async with await secure_client(plant, credentials) as client:
        node = client.get_node("ns=2;s=PUMP-101.flow")
        with pytest.raises(UaStatusCodeError):
            await node.write_value(ua.DataValue(ua.Variant(1.0, ua.VariantType.Double)))


async def test_a_dropped_link_turns_the_nodes_of_that_machine_bad(
    plant: Plant, credentials: Credentials, store: FaultStore
) -> None:
    async with await secure_client(plant, credentials) as client:

        async def status(node_id: str) -> int:
            result = await client.get_node(node_id).read_data_value(raise_on_bad_status=False)
            assert result.StatusCode is not None
            return int(result.StatusCode.value)

        async def is_bad() -> bool:
            return await status("ns=2;s=PUMP-101.flow") == StatusCodes.BadCommunicationError

        async def is_good() -> bool:
            return await status("ns=2;s=PUMP-101.flow") == StatusCodes.Good

        drop_link(store, "PUMP-101")
        await wait_until(is_bad)
        assert await status("ns=2;s=SPINDLE-201.load") == StatusCodes.Good
        restore_link(store, "PUMP-101")
        await wait_until(is_good)
