"""Push messages: as the RFC's own example, and as an independent implementation opens them."""

import os

import http_ece
import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from plantwright.notifications.channels.push_encryption import (
    MAX_PLAIN_BYTES,
    encrypt,
    from_base64url,
    point_of,
    to_base64url,
)


def test_the_example_of_rfc_8291_gives_its_bytes() -> None:
    """Appendix A of RFC 8291."""
    sender = ec.derive_private_key(
        int.from_bytes(from_base64url("yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw")), ec.SECP256R1()
    )
    body = encrypt(
        b"When I grow up, I want to be a watermelon",
        from_base64url("BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4"),
        from_base64url("BTBZMqHH6r4Tts7J_aSIgg"),
        sender,
        from_base64url("DGv6ra1nlYgDCS1FRnbzlw"),
    )
    assert to_base64url(body) == (
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95"
        "bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN"
    )


@pytest.mark.parametrize("size", [0, 1, 1_000, MAX_PLAIN_BYTES])
def test_another_implementation_opens_it(size: int) -> None:
    browser, auth, plain = ec.generate_private_key(ec.SECP256R1()), os.urandom(16), os.urandom(size)
    body = encrypt(plain, point_of(browser.public_key()), auth)
    assert len(body) <= 4_096
    assert http_ece.decrypt(body, private_key=browser, auth_secret=auth, version="aes128gcm") == plain


def test_two_messages_never_look_alike() -> None:
    point = point_of(ec.generate_private_key(ec.SECP256R1()).public_key())
    assert encrypt(b"same", point, bytes(16)) != encrypt(b"same", point, bytes(16))


@pytest.mark.parametrize(
    ("point", "auth", "plain"),
    [
        (bytes(65), bytes(16), b""),
        (b"\x04" + bytes(64), bytes(16), b""),
        (b"", bytes(16), b""),
        (None, bytes(15), b""),
        (None, bytes(16), bytes(MAX_PLAIN_BYTES + 1)),
    ],
)
def test_what_cannot_be_encrypted_is_refused(point: bytes | None, auth: bytes, plain: bytes) -> None:
    chosen = point_of(ec.generate_private_key(ec.SECP256R1()).public_key()) if point is None else point
    with pytest.raises(ValueError, match=r".+"):
        encrypt(plain, chosen, auth)


@pytest.mark.parametrize("text", ["a b", "ä", "a"])
def test_what_is_no_base64url_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r".+"):
        from_base64url(text)
