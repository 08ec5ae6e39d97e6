"""First contact, a changed certificate, authorities, revocation, and the agent's own certificate."""

import asyncio
import re
import shutil
import stat
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import pytest_asyncio
from asyncua.crypto.cert_gen import generate_private_key, generate_self_signed_app_certificate
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from plantwright_agent.errors import PermanentInputError
from plantwright_agent.inputs.opcua.certificates import decode, encode, fingerprint, own_certificate
from plantwright_agent.inputs.opcua.config import OpcUaConfig, OpcUaConnection
from plantwright_agent.inputs.opcua.input import OpcUa
from plantwright_agent.inputs.opcua.trust import (
    UntrustedServerError,
    check_server,
    own_identity,
    presented_certificate,
    server_certificates,
    trust,
)
from plantwright_agent.inputs.opcua.trust_folder import TrustFolder

from tests.agent.opcua_server import Plant
from tests.agent.opcua_support import config, first, subscribed
from tests.agent.peer import free_port
from tests.agent.support import buffered, until

pytestmark = pytest.mark.asyncio(loop_scope="module")

ENDPOINT = "opc.tcp://plc-7.plant:4840/x"


@pytest_asyncio.fixture(loop_scope="module", scope="module")
async def plant(pki: Path) -> AsyncIterator[Plant]:
    made = Plant(pki, free_port())
    await made.start()
    yield made
    await made.stop()


def wary(pki: Path, url: str, trust_dir: Path) -> OpcUaConfig:
    """Knows no server certificate beforehand."""
    return config(pki, url, server_certificate=None, trust_dir=trust_dir)


def remote(trust_dir: Path) -> OpcUaConnection:
    return OpcUaConnection(endpoint=ENDPOINT, trust_dir=trust_dir)


def made(
    host: str,
    days: int,
    key: rsa.RSAPrivateKey,
    issuer: x509.Name,
    signer: rsa.RSAPrivateKey,
    began: timedelta = timedelta(days=30),
) -> x509.Certificate:
    """A server's certificate that began so long ago and ends in `days`."""
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PLC")]))
    builder = builder.issuer_name(issuer).public_key(key.public_key()).serial_number(x509.random_serial_number())
    builder = builder.not_valid_before(now - began).not_valid_after(now + timedelta(days=days))
    builder = builder.add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
    usage = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH])
    return builder.add_extension(usage, critical=False).sign(signer, hashes.SHA256())


class Authority:
    """A certificate authority with its key."""

    def __init__(self) -> None:
        self.key = generate_private_key()
        self.certificate = generate_self_signed_app_certificate(self.key, "Plant CA", {}, [], extended=[])

    def issue(self, host: str, days: int = 30, began: timedelta = timedelta(days=30)) -> x509.Certificate:
        return made(host, days, generate_private_key(), self.certificate.subject, self.key, began)

    def revoke(self, certificate: x509.Certificate) -> bytes:
        now = datetime.now(UTC)
        entry = x509.RevokedCertificateBuilder().serial_number(certificate.serial_number).revocation_date(now).build()
        builder = x509.CertificateRevocationListBuilder().issuer_name(self.certificate.subject)
        builder = builder.last_update(now).next_update(now + timedelta(days=1)).add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)


def self_signed(host: str, days: int = 30) -> x509.Certificate:
    key = generate_private_key()
    return made(host, days, key, x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "PLC")]), key)


async def test_the_first_contact_says_what_to_compare_and_what_to_run(pki: Path, plant: Plant, tmp_path: Path) -> None:
    settings = wary(pki, plant.url, tmp_path / "trust")
    with pytest.raises(UntrustedServerError) as caught:
        await OpcUa(settings, "M", "press-plc").start()
    [certificate] = decode((pki / "server.der").read_bytes())
    message = str(caught.value)
    assert "first contact" in message
    assert f"SHA-256 {fingerprint(certificate)}" in message
    assert "CN=urn:test:server" in message
    assert f"to {certificate.not_valid_after_utc:%Y-%m-%d}" in message
    assert "it is made for localhost, not for 127.0.0.1" in message
    assert message.endswith('run: plantwright-agent trust opcua "press-plc"')
    assert caught.value.certificate == certificate
    assert caught.value.known is None
    [rejected] = (tmp_path / "trust" / "rejected").iterdir()
    assert rejected.read_bytes() == (pki / "server.der").read_bytes()


async def test_a_source_waits_for_a_person_and_then_goes_on(
    folder: Path, pki: Path, plant: Plant, tmp_path: Path
) -> None:
    settings = wary(pki, plant.url, tmp_path / "trust")
    async with subscribed(folder, settings) as source:
        await until(lambda: source.health.state == "permanent")
        assert not buffered(folder)
        trust(settings, await presented_certificate(settings))
        await until(lambda: source.health.state == "ok")
    assert buffered(folder)
    assert not list((tmp_path / "trust" / "rejected").iterdir())


async def test_offers_carry_the_certificate(pki: Path, plant: Plant) -> None:
    [offer] = await server_certificates(plant.url, 4.0)
    [certificate] = decode((pki / "server.der").read_bytes())
    assert (offer.security_mode, offer.security_policy) == ("SignAndEncrypt", "Basic256Sha256")
    assert offer.fingerprint == fingerprint(certificate)
    assert offer.not_after == certificate.not_valid_after_utc
    assert set(offer.user_tokens) == {"anonymous", "username", "certificate"}


async def test_another_certificate_than_the_trusted_one_is_refused(pki: Path, tmp_path: Path) -> None:
    before, after = self_signed("plc-7.plant"), self_signed("plc-7.plant")
    connection = remote(tmp_path)
    trust(connection, before)
    assert check_server(connection, encode(before), "plc") == ""
    with pytest.raises(UntrustedServerError, match="another certificate") as caught:
        check_server(connection, encode(after), "plc")
    assert fingerprint(before) in str(caught.value)
    assert fingerprint(after) in str(caught.value)
    assert caught.value.known == before
    trust(connection, after)
    assert check_server(connection, encode(after), "plc") == ""
    with pytest.raises(UntrustedServerError):
        check_server(connection, encode(before), "plc")


async def test_a_certificate_trusted_for_one_endpoint_is_no_good_at_another(tmp_path: Path) -> None:
    certificate = self_signed("plc-7.plant")
    trust(remote(tmp_path), certificate)
    elsewhere = OpcUaConnection(endpoint="opc.tcp://plc-8.plant:4840", trust_dir=tmp_path)
    with pytest.raises(UntrustedServerError, match=r"made for plc-7.plant, not for plc-8.plant"):
        check_server(elsewhere, encode(certificate), "plc")


async def test_a_certificate_that_has_expired_is_said(tmp_path: Path) -> None:
    certificate, connection = self_signed("plc-7.plant", days=-1), remote(tmp_path)
    with pytest.raises(UntrustedServerError, match="expired on"):
        check_server(connection, encode(certificate), "plc")
    trust(connection, certificate)
    assert "expired on" in check_server(connection, encode(certificate), "plc")


async def test_a_certificate_that_is_not_valid_yet_is_said_with_the_time_by_this_clock(tmp_path: Path) -> None:
    """As after the clock was set back: what a person trusted goes on, what an authority vouches for waits."""
    authority, connection = Authority(), remote(tmp_path)
    certificate = authority.issue("plc-7.plant", began=timedelta(hours=-1))
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "plant-ca.der").write_bytes(encode(authority.certificate))
    said = rf"not valid before {certificate.not_valid_before_utc:%Y-%m-%d %H:%M} UTC, and it is .* by this clock"
    with pytest.raises(UntrustedServerError, match=said):
        check_server(connection, encode(certificate), "plc")
    trust(connection, certificate)
    assert re.search(said, check_server(connection, encode(certificate), "plc"))


async def test_a_file_a_person_put_there_counts_for_its_own_host(tmp_path: Path) -> None:
    certificate = self_signed("plc-7.plant")
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "press.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    assert check_server(remote(tmp_path), encode(certificate), "plc") == ""
    other = OpcUaConnection(endpoint="opc.tcp://plc-8.plant", trust_dir=tmp_path)
    with pytest.raises(UntrustedServerError):
        check_server(other, encode(certificate), "plc")


async def test_a_trusted_authority_vouches_for_the_host_until_it_revokes(tmp_path: Path) -> None:
    authority = Authority()
    good, wrong_host = authority.issue("plc-7.plant"), authority.issue("plc-9.plant")
    expired, foreign = authority.issue("plc-7.plant", days=-1), Authority().issue("plc-7.plant")
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "plant-ca.der").write_bytes(encode(authority.certificate))
    assert check_server(remote(tmp_path), encode(good), "plc") == ""
    for bad in (wrong_host, expired, foreign):
        with pytest.raises(UntrustedServerError):
            check_server(remote(tmp_path), encode(bad), "plc")
    (tmp_path / "crl").mkdir()
    (tmp_path / "crl" / "plant.crl").write_bytes(authority.revoke(good))
    with pytest.raises(UntrustedServerError):
        check_server(remote(tmp_path), encode(good), "plc")


async def test_a_chain_leads_to_a_trusted_authority(tmp_path: Path) -> None:
    root, inner = Authority(), Authority()
    builder = x509.CertificateBuilder().subject_name(inner.certificate.subject).issuer_name(root.certificate.subject)
    builder = builder.public_key(inner.key.public_key()).serial_number(x509.random_serial_number())
    now = datetime.now(UTC)
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=9))
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
    middle = builder.sign(root.key, hashes.SHA256())
    inner.certificate = middle
    leaf = inner.issue("plc-7.plant")
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "root.der").write_bytes(encode(root.certificate))
    assert check_server(remote(tmp_path), encode(leaf) + encode(middle), "plc") == ""
    with pytest.raises(UntrustedServerError):
        check_server(remote(tmp_path), encode(leaf), "plc")


async def test_a_server_that_calls_itself_an_authority_vouches_for_nobody(tmp_path: Path) -> None:
    """Self-signed server certificates often carry the mark of an authority."""
    key = generate_private_key()
    names: list[x509.GeneralName] = [x509.DNSName("plc-7.plant")]
    server = generate_self_signed_app_certificate(key, "PLC", {}, names, extended=[ExtendedKeyUsageOID.SERVER_AUTH])
    forger = Authority()
    forger.key, forger.certificate = key, server
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "press.der").write_bytes(encode(server))
    with pytest.raises(UntrustedServerError):
        check_server(remote(tmp_path), encode(forger.issue("plc-7.plant")), "plc")


async def test_nonsense_in_the_folder_is_passed_over(tmp_path: Path) -> None:
    certificate = self_signed("plc-7.plant")
    (tmp_path / "trusted").mkdir()
    (tmp_path / "trusted" / "notes.txt").write_text("our PLC")
    (tmp_path / "trusted" / "press.der").write_bytes(encode(certificate))
    assert check_server(remote(tmp_path), encode(certificate), "plc") == ""


async def test_what_was_rejected_is_kept_but_not_without_end(tmp_path: Path) -> None:
    trusted = TrustFolder(tmp_path)
    certificate = self_signed("plc-7.plant")
    for number in range(120):
        trusted.reject(f"opc.tcp://plc-{number}:4840", certificate)
    assert len(list((tmp_path / "rejected").iterdir())) == 100


async def test_the_agent_makes_one_certificate_for_all_its_sources(tmp_path: Path) -> None:
    made = await asyncio.gather(*(own_certificate(tmp_path) for _ in range(4)))
    assert len(set(made)) == 1
    certificate, key = made[0]
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    private = serialization.load_pem_private_key(key.read_bytes(), None)
    own = await own_identity(OpcUaConnection(endpoint=ENDPOINT, trust_dir=tmp_path))
    assert own.public_key() == private.public_key()
    assert encode(own) == certificate.read_bytes()
    names = own.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    [uri] = names.get_values_for_type(x509.UniformResourceIdentifier)
    assert uri.startswith("urn:")
    assert uri.endswith(":plantwright:agent")


async def test_a_server_lets_the_agents_own_certificate_in_once_it_trusts_it(pki: Path, tmp_path: Path) -> None:
    shutil.copytree(pki, tmp_path / "server")
    plant = Plant(tmp_path / "server", free_port())
    settings = config(pki, plant.url, certificate=None, private_key=None, trust_dir=tmp_path / "agent")
    await plant.start()
    try:
        with pytest.raises(PermanentInputError, match="the server does not trust this agent's certificate"):
            await OpcUa(settings, "M").start()
    finally:
        await plant.stop()
    own = await own_identity(settings)
    (tmp_path / "server" / "trusted" / "agent.der").write_bytes(encode(own))
    await plant.start()
    source = OpcUa(settings, "M")
    try:
        await source.start()
        assert (await first(source)).samples
    finally:
        await source.stop()
        await plant.stop()


async def test_a_key_of_another_certificate_is_named(pki: Path, plant: Plant) -> None:
    with pytest.raises(PermanentInputError, match=r"stranger.pem is not the key of the certificate .*urn:test:client"):
        await OpcUa(config(pki, plant.url, private_key=pki / "stranger.pem"), "M").start()
