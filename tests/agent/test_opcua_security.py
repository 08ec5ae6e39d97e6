"""Every mode and policy, every kind of user, and what is said when they do not suit the server."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
import pytest_asyncio
from asyncua import ua
from asyncua.server.internal_session import InternalSession
from plantwright_agent.errors import PermanentInputError, RetryableInputError
from plantwright_agent.inputs.opcua.input import OpcUa
from plantwright_agent.inputs.opcua.reader import NotAReadingServiceError, ReadingClient
from plantwright_agent.secret import Secret

from tests.agent.opcua_server import SECURE, Plant, certificates
from tests.agent.opcua_support import config, first
from tests.agent.peer import free_port

pytestmark = pytest.mark.asyncio(loop_scope="module")

NOBODY = {"username": None, "password": None}
POLICIES = ("Basic256Sha256", "Aes128_Sha256_RsaOaep", "Aes256_Sha256_RsaPss")
OFFERED = [
    ua.SecurityPolicyType.NoSecurity,
    *(
        ua.SecurityPolicyType[f"{policy.replace('_', '')}_{mode}"]
        for policy in POLICIES
        for mode in ("Sign", "SignAndEncrypt")
    ),
]


@pytest.fixture(scope="module")
def pki(pki: Path) -> Path:
    """The operator has a certificate, too."""
    asyncio.run(certificates(pki, "operator"))
    return pki


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def plant(pki: Path) -> AsyncIterator[Plant]:
    """Offers everything, to anyone."""
    users = [(pki / "operator.der").read_bytes()]
    made = Plant(pki, free_port(), policies=OFFERED, users=users, anonymous=True)
    await made.start()
    await made.write("temperature", 61.5)
    yield made
    await made.stop()


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def strict(pki: Path) -> AsyncIterator[Plant]:
    """One policy, and only users with a certificate."""
    users = [(pki / "operator.der").read_bytes()]
    made = Plant(pki, free_port(), policies=[SECURE], users=users, tokens=[ua.X509IdentityToken])
    await made.start()
    yield made
    await made.stop()


async def read(pki: Path, plant: Plant, **settings: Any) -> object:
    source = OpcUa(config(pki, plant.url, **settings), "PUMP-1")
    try:
        await source.start()
        return (await first(source)).samples[0].value
    finally:
        await source.stop()


@pytest.mark.parametrize("mode", ["Sign", "SignAndEncrypt"])
@pytest.mark.parametrize("policy", POLICIES)
async def test_every_policy_in_both_modes_with_a_password(pki: Path, plant: Plant, policy: str, mode: str) -> None:
    assert await read(pki, plant, security_policy=policy, security_mode=mode) == 61.5


async def test_no_security_and_no_user(pki: Path, plant: Plant) -> None:
    nothing = {"certificate": None, "private_key": None, "server_certificate": None, "security_policy": "None"}
    assert await read(pki, plant, security_mode="None", **nothing, **NOBODY) == 61.5


async def test_security_without_a_user(pki: Path, plant: Plant) -> None:
    assert await read(pki, plant, **NOBODY) == 61.5


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_user_known_by_a_certificate(pki: Path, plant: Plant, policy: str) -> None:
    user = {"user_certificate": pki / "operator.der", "user_private_key": pki / "operator.pem"}
    assert await read(pki, plant, security_policy=policy, **user, **NOBODY) == 61.5


async def test_a_user_certificate_the_server_does_not_know_is_refused(pki: Path, strict: Plant) -> None:
    user = {"user_certificate": pki / "stranger.der", "user_private_key": pki / "stranger.pem"}
    with pytest.raises(PermanentInputError, match=r"BadUserAccessDenied: .*user certificate is wrong"):
        await read(pki, strict, **user, **NOBODY)


async def test_a_kind_of_user_the_server_does_not_take_is_named(pki: Path, strict: Plant) -> None:
    with pytest.raises(PermanentInputError, match="lets in: user_certificate; the source gives username and password"):
        await read(pki, strict)
    with pytest.raises(PermanentInputError, match="lets in: user_certificate; the source gives no user"):
        await read(pki, strict, **NOBODY)


async def test_a_policy_that_is_not_offered_is_answered_with_those_that_are(pki: Path, strict: Plant) -> None:
    offered = "does not offer Aes256_Sha256_RsaPss with SignAndEncrypt; it offers Basic256Sha256 with SignAndEncrypt"
    with pytest.raises(PermanentInputError, match=offered):
        await read(pki, strict, security_policy="Aes256_Sha256_RsaPss")


async def test_no_security_where_it_is_not_offered(pki: Path, strict: Plant) -> None:
    nothing = {"certificate": None, "private_key": None, "server_certificate": None, "security_policy": "None"}
    with pytest.raises(PermanentInputError, match="Basic256Sha256 with SignAndEncrypt"):
        await read(pki, strict, security_mode="None", **nothing, **NOBODY)


@pytest.mark.parametrize(
    ("settings", "key", "reason"),
    [
        ({"security_policy": "Basic256"}, "security_policy", "no longer allowed; use Basic256Sha256"),
        ({"security_policy": "Basic128Rsa15"}, "security_policy", "no longer allowed; use Basic256Sha256"),
        ({"security_policy": "ECC_nistP256"}, "security_policy", "known are Basic256Sha256"),
        ({"security_policy": "None"}, "security_policy", "needs a policy"),
        ({"security_mode": "None", "security_policy": ""}, "security_mode", "password in the clear"),
        ({"certificate": None}, "certificate", "come together"),
        ({"server_certificate": None}, "trust_dir", "needs a folder"),
        ({"password": None}, "username", "come together"),
        ({"user_certificate": Path("a")}, "user_certificate", "come together"),
        ({"user_certificate": Path("a"), "user_private_key": Path("b")}, "user_certificate", "not by both"),
        ({"nodes": [{"metric_name": "x"}]}, "nodes[0]", "needs a node_id or a path"),
    ],
)
async def test_settings_that_contradict_each_other(pki: Path, settings: dict[str, Any], key: str, reason: str) -> None:
    problems = config(pki, "opc.tcp://plc:4840", **settings).problems()
    assert any(found == key and reason in text for found, text in problems), problems


async def test_a_wrong_password_is_refused_without_showing_it(pki: Path) -> None:
    closed = Plant(pki, free_port())
    await closed.start()
    try:
        with pytest.raises(PermanentInputError, match="BadUserAccessDenied: user name, password") as caught:
            await read(pki, closed, password=Secret("battery staple"))
    finally:
        await closed.stop()
    assert "battery" not in str(caught.value)


async def test_a_server_without_room_is_tried_again(pki: Path, plant: Plant, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(InternalSession, "max_connections", 0)
    with pytest.raises(RetryableInputError, match="no room for another connection"):
        await read(pki, plant)


async def test_nothing_that_could_change_the_server_leaves_the_agent(plant: Plant) -> None:
    client = ReadingClient(plant.url, 4.0)
    await client.connect()
    node = client.get_node("ns=2;s=temperature")
    try:
        with pytest.raises(NotAReadingServiceError, match="WriteRequest"):
            await node.write_value(1.0)
        with pytest.raises(NotAReadingServiceError, match="CallRequest"):
            await client.nodes.server.call_method("0:GetMonitoredItems", 1)
        with pytest.raises(NotAReadingServiceError, match="AddNodesRequest"):
            await client.nodes.objects.add_object(2, "new")
        with pytest.raises(NotAReadingServiceError, match="DeleteNodesRequest"):
            await client.delete_nodes([node])
        with pytest.raises(NotAReadingServiceError, match="HistoryUpdateRequest"):
            await client.uaclient.history_update(ua.HistoryUpdateParameters())
        assert await node.read_value() == 61.5
    finally:
        await client.disconnect()
