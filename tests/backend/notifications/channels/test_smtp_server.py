"""The operator's mail server, from its URL."""

import pytest
from plantwright.core.errors import ConfigurationError
from plantwright.notifications.channels.smtp_server import parse_server


@pytest.mark.parametrize(
    ("url", "port", "security", "username", "password"),
    [
        ("smtp://mail.example", 587, "starttls", None, None),
        ("smtp://mail.example:2525", 2525, "starttls", None, None),
        ("smtps://pl%40nt:s%2Fcret@mail.example", 465, "tls", "pl@nt", "s/cret"),
        ("smtp+plain://mail.example", 25, "none", None, None),
    ],
)
def test_a_url_says_it_all(url: str, port: int, security: str, username: str | None, password: str | None) -> None:
    server = parse_server(url, "pw@plant.example")
    assert (server.host, server.port, server.security) == ("mail.example", port, security)
    assert (server.username, server.password) == (username, password)
    assert server.is_trusted
    assert password is None or password not in repr(server)


@pytest.mark.parametrize(
    "url", ["mail.example", "http://mail.example", "smtp://", "smtp://mail.example:x", "smtp://[::1"]
)
def test_another_url_is_refused_with_what_to_write(url: str) -> None:
    with pytest.raises(ConfigurationError, match="smtps://host:465"):
        parse_server(url, "pw@plant.example")


def test_the_sender_must_be_an_address() -> None:
    with pytest.raises(ConfigurationError, match="PLANTWRIGHT_SMTP_FROM"):
        parse_server("smtp://mail.example", "plantwright")
