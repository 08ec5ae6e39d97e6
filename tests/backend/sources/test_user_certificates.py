"""A user whom the OPC UA server knows by a certificate: tried, stored, polled with, and never shown again."""

import base64
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from asyncua import ua
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import NameOID
from plantwright.core.errors import ValidationFailed
from plantwright.sources.credentials import read_user_certificate

from tests.agent.opcua_server import Plant as OpcUaPlant
from tests.agent.opcua_server import certificates
from tests.agent.peer import free_port
from tests.backend.sources.conftest import Doors, Log, Workers
from tests.backend.sources.test_opcua_source import TAGS, TEST, message, outcomes, trust
from tests.backend.sources.waiting import until


@pytest.fixture
async def opcua(tmp_path: Path) -> AsyncIterator[OpcUaPlant]:
    """It lets in the operator alone, by certificate."""
    await certificates(tmp_path)
    await certificates(tmp_path, "operator", "visitor")
    known = (tmp_path / "operator.der").read_bytes()
    plant = OpcUaPlant(tmp_path, free_port(), users=[known], tokens=[ua.X509IdentityToken])
    await plant.start()
    yield plant
    await plant.stop()


def user(folder: Path, name: str = "operator") -> dict[str, str]:
    return {
        "userCertificate": base64.b64encode((folder / f"{name}.der").read_bytes()).decode(),
        "userPrivateKey": (folder / f"{name}.pem").read_text(),
    }


def fingerprint_of(folder: Path, name: str = "operator") -> str:
    return x509.load_der_x509_certificate((folder / f"{name}.der").read_bytes()).fingerprint(hashes.SHA256()).hex()


async def look(doors: Doors, opc_ua: dict[str, Any], **more: Any) -> dict[str, Any]:
    answer = await doors.call("testIngestSource", {"opcUa": opc_ua, "tags": TAGS, **more}, TEST)
    assert answer["__typename"] == "TestIngestSourceSuccess", answer
    test: dict[str, Any] = answer["test"]
    return test


async def reached(doors: Doors, plant: OpcUaPlant, folder: Path) -> dict[str, Any]:
    """The settings, without a user, after both sides have confirmed each other."""
    settings = {"endpointUrl": plant.url, "timeoutSeconds": 3}
    first = await look(doors, settings)
    await trust(first, plant, folder)
    return {**settings, "serverFingerprint": first["serverCertificate"]["fingerprint"]}


async def test_the_right_user_is_let_in_and_another_is_not(doors: Doors, opcua: OpcUaPlant, tmp_path: Path) -> None:
    settings = await reached(doors, opcua, tmp_path)
    test = await look(doors, {**settings, **user(tmp_path)})
    assert set(outcomes(test).values()) == {"PASSED"}, test
    assert "by the certificate O=T" in message(test, "AUTHENTICATED")
    other = await look(doors, {**settings, **user(tmp_path, "visitor")})
    assert outcomes(other)["SECURED"] == "PASSED"
    assert outcomes(other)["AUTHENTICATED"] == "FAILED"
    assert "user certificate" in message(other, "AUTHENTICATED")


async def test_it_is_polled_with_what_is_stored_and_nothing_of_it_is_shown(
    *,
    doors: Doors,
    opcua: OpcUaPlant,
    workers: Workers,
    log: Log,
    owner: asyncpg.Connection,
    tmp_path: Path,
) -> None:
    settings = await reached(doors, opcua, tmp_path)
    await opcua.write("temperature", 20.0)
    source = await doors.create(opcUa={**settings, **user(tmp_path)}, pollIntervalSeconds=1, tags=TAGS)
    assert source["opcUa"]["userCertificateFingerprint"] == fingerprint_of(tmp_path)
    assert (source["opcUa"]["username"], source["opcUa"]["hasPassword"]) == (None, False)
    await workers.start()

    async def is_stored() -> bool:
        return [row["value"] for row in await log.readings("temperature")] == [41.0]

    await until(is_stored)
    stored = bytes(await owner.fetchval("SELECT credentials FROM ingest_source WHERE name = $1", source["name"]))
    journaled = "".join(str(dict(row)) for row in await owner.fetch("SELECT payload FROM audit_record"))
    der, pem = (tmp_path / "operator.der").read_bytes(), (tmp_path / "operator.pem").read_text()
    for part in (der, base64.b64encode(der), pem.encode(), pem.splitlines()[1].encode()):
        assert part not in stored
    assert "PRIVATE KEY" not in journaled
    assert pem.splitlines()[1] not in journaled


async def test_a_change_keeps_it_only_where_it_was_given_for(doors: Doors, opcua: OpcUaPlant, tmp_path: Path) -> None:
    settings = await reached(doors, opcua, tmp_path)
    source = await doors.create(opcUa={**settings, **user(tmp_path)}, isPaused=True, tags=TAGS)

    async def change(version: int, **changes: Any) -> dict[str, Any]:
        given = {"id": source["id"], "expectedVersion": version, "opcUa": {**settings, **changes}}
        answer: dict[str, Any] = await doors.call("updateIngestSource", given, "source { ...S }")
        return answer

    kept = await change(1, timeoutSeconds=2)
    assert kept["source"]["opcUa"]["userCertificateFingerprint"] == fingerprint_of(tmp_path)
    tried = await look(doors, {**settings, "timeoutSeconds": 2}, id=source["id"])
    assert outcomes(tried)["AUTHENTICATED"] == "PASSED"
    elsewhere = await change(2, endpointUrl="opc.tcp://127.0.0.9:4840")
    assert (elsewhere["code"], elsewhere["path"]) == ("VALIDATION_FAILED", ["opcUa", "userCertificate"])
    assert "Enter the user's certificate again" in elsewhere["message"]
    replaced = await change(2, **user(tmp_path, "visitor"))
    assert replaced["source"]["opcUa"]["userCertificateFingerprint"] == fingerprint_of(tmp_path, "visitor")
    nobody = await change(3, userCertificate=None)
    assert nobody["source"]["opcUa"]["userCertificateFingerprint"] is None
    refused = await look(doors, settings, id=source["id"])
    assert "the source gives no user" in message(refused, "SECURED")


@pytest.mark.parametrize(
    ("changes", "path"),
    [
        ({"userPrivateKey": None}, "userPrivateKey"),
        ({"userCertificate": None}, "userCertificate"),
        ({"username": "reader", "password": "secret"}, "userCertificate"),
        ({"securityMode": "NONE"}, "securityMode"),
        ({"userCertificate": "-----BEGIN CERTIFICATE-----\nAA\n-----END CERTIFICATE-----"}, "userCertificate"),
    ],
)
async def test_what_does_not_fit_together_is_refused_with_its_place(
    doors: Doors, tmp_path: Path, changes: dict[str, Any], path: str
) -> None:
    await certificates(tmp_path, "operator")
    opc_ua = {"endpointUrl": "opc.tcp://127.0.0.1:4840", **user(tmp_path), **changes}
    answer = await doors.call("testIngestSource", {"opcUa": opc_ua}, TEST)
    assert (answer["__typename"], answer["path"]) == ("ValidationFailed", ["opcUa", path]), answer


def ended(key: rsa.RSAPrivateKey) -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "old")])
    builder = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(datetime(2020, 1, 1, tzinfo=UTC)).not_valid_after(
        datetime(2021, 1, 1, tzinfo=UTC)
    )
    return builder.sign(key, hashes.SHA256()).public_bytes(Encoding.PEM).decode()


def text_of(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes | None = None) -> str:
    locked = NoEncryption() if password is None else BestAvailableEncryption(password)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, locked).decode()


async def test_keys_that_cannot_serve_are_refused_with_the_reason(tmp_path: Path) -> None:
    await certificates(tmp_path, "operator")
    certificate = (tmp_path / "operator.der").read_bytes()
    pem = x509.load_der_x509_certificate(certificate).public_bytes(Encoding.PEM).decode()
    text = (tmp_path / "operator.pem").read_text()
    key = load_pem_private_key(text.encode(), None)
    assert isinstance(key, rsa.RSAPrivateKey)
    for shown, secret, reason in (
        (pem, text_of(key, b"x"), "locked with a password"),
        (pem, text_of(rsa.generate_private_key(65537, 2048)), "not the key of"),
        (pem, text_of(ec.generate_private_key(ec.SECP256R1())), "must be an RSA key"),
        (pem, "x?", "neither PEM nor DER"),
        (pem, "AAAA", "neither a PEM nor a DER private key"),
        ("AAAA", text, "neither a PEM nor a DER certificate"),
        ("A" * 20_001, text, "at most 20,000"),
        (ended(key), text, "ended on 2021-01-01"),
    ):
        with pytest.raises(ValidationFailed, match=reason) as caught:
            read_user_certificate(shown, secret)
        assert secret not in caught.value.message
    as_der = base64.encodebytes(key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
    assert read_user_certificate(pem, as_der) == read_user_certificate(base64.b64encode(certificate).decode(), text)
    assert "PRIVATE" not in repr(read_user_certificate(pem, text))
