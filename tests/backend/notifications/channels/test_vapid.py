"""The server's name towards push services."""

from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from plantwright.notifications.channels.push_encryption import from_base64url
from plantwright.notifications.channels.vapid import VapidKey

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
CONTACT = "https://plant.example"


def test_every_process_with_the_secret_has_the_same_key_and_others_have_others() -> None:
    first = VapidKey(b"s" * 32, CONTACT).public
    assert first == VapidKey(b"s" * 32, CONTACT).public
    assert first != VapidKey(b"t" * 32, CONTACT).public
    point = from_base64url(first)
    assert (len(point), point[0]) == (65, 4)


def test_a_push_service_can_check_the_signature() -> None:
    header = VapidKey(b"s" * 32, CONTACT).authorization("https://push.example:8443/send/abc?x=1", NOW)
    scheme, _, rest = header.partition(" ")
    fields = dict(part.strip().split("=", 1) for part in rest.split(","))
    assert scheme == "vapid"
    key = ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), from_base64url(fields["k"]))
    claims = jwt.decode(
        fields["t"], key, ["ES256"], audience="https://push.example:8443", options={"verify_exp": False}
    )
    assert claims["sub"] == CONTACT
    assert timedelta() < datetime.fromtimestamp(claims["exp"], UTC) - NOW <= timedelta(hours=24)
    other = ec.generate_private_key(ec.SECP256R1()).public_key()
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(fields["t"], other, ["ES256"], audience="https://push.example:8443", options={"verify_exp": False})
