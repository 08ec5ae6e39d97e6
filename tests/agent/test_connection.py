"""The way to the server, against real TLS servers and a real proxy."""

import asyncio
import base64
import logging
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from plantwright_agent.configuration.config import AgentConfig
from plantwright_agent.secret import Secret
from plantwright_agent.uplink.connection import CertificateError, Connection, new_client, proxy_address
from plantwright_agent.uplink.unreachable import why_unreachable

from tests.agent.peer import free_port
from tests.agent.support import until
from tests.agent.tls import HOST, Authority, Pair, TlsServer, connect_proxy, tls_server

KEY = "hk_very_secret_0123456789"
PROXY_VARIABLES = ("http_proxy", "https_proxy", "all_proxy", "no_proxy")


@pytest.fixture(autouse=True)
def _no_proxy_of_this_computer(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in PROXY_VARIABLES:
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@pytest.fixture
def pair(authority: Authority) -> Pair:
    return authority.issue("server")


def config(url: str, **changes: Any) -> AgentConfig:
    return AgentConfig(api_key=Secret(KEY), api_url=url, request_timeout=5.0, **changes)


def local(server: TlsServer, **changes: Any) -> AgentConfig:
    return config(f"https://localhost:{server.port}", **changes)


async def get(connection: Connection, path: str = "/") -> str:
    async with connection.client() as client:
        return (await client.get(path)).text


async def refusal(settings: AgentConfig) -> str:
    """Why a request gets no answer, in the words of the agent."""
    async with Connection(settings) as connection:
        with pytest.raises(httpx.HTTPError) as caught:
            await get(connection)
    return why_unreachable(caught.value)


async def test_tls_1_3_with_a_named_authority_and_the_key(authority: Authority, pair: Pair) -> None:
    with tls_server(pair) as server:
        async with Connection(local(server, ca_file=authority.certificate)) as connection:
            assert await get(connection) == "0"
            assert connection.certificate_expires_at is None
            assert connection.warning() is None
    assert server.versions == ["TLSv1.3"]
    assert f"X-API-Key: {KEY}" in server.heads[0]


async def test_a_server_of_tls_1_2_is_refused_and_said_so(authority: Authority, pair: Pair) -> None:
    with tls_server(pair, newest=ssl.TLSVersion.TLSv1_2) as server:
        reason = await refusal(local(server, ca_file=authority.certificate))
    assert reason == "the server does not offer TLS 1.3, which is the least the agent accepts"


async def test_only_the_named_authority_is_trusted(pair: Pair, tmp_path: Path) -> None:
    other = Authority(tmp_path, "Other CA")
    with tls_server(pair) as server:
        assert "not trusted" in await refusal(local(server, ca_file=other.certificate))
        assert "not trusted" in await refusal(local(server))
    assert server.heads == []


async def test_a_server_certificate_of_another_time_or_name(authority: Authority) -> None:
    with tls_server(authority.issue("old", lifetime=timedelta(days=-1))) as server:
        assert "expired" in await refusal(local(server, ca_file=authority.certificate))
    with tls_server(authority.issue("new", lifetime=timedelta(days=3651, hours=1))) as server:
        reason = await refusal(local(server, ca_file=authority.certificate))
        assert reason.endswith("certificate is not yet valid; is the clock of this computer right?")
    with tls_server(authority.issue("other")) as server:
        numeric = config(f"https://127.0.0.1:{server.port}", ca_file=authority.certificate)
        assert "not valid for '127.0.0.1'" in await refusal(numeric)
    assert server.heads == []


async def test_a_port_without_tls_is_said_so(authority: Authority) -> None:
    def answer_in_plain(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        del reader
        writer.write(b"HTTP/1.1 400 Bad Request\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(answer_in_plain, "127.0.0.1", 0) as plain:
        port = plain.sockets[0].getsockname()[1]
        reason = await refusal(config(f"https://localhost:{port}", ca_file=authority.certificate))
    assert reason == "the other side does not speak TLS; is the port right?"


async def test_no_server_at_all(authority: Authority) -> None:
    reason = await refusal(config(f"https://localhost:{free_port()}", ca_file=authority.certificate))
    assert "connection attempts failed" in reason


async def test_a_client_certificate_is_shown_and_needed(authority: Authority, pair: Pair) -> None:
    mine = authority.issue("agent")
    with tls_server(pair, clients=authority.certificate) as server:
        mutual = local(server, ca_file=authority.certificate, client_certificate=mine.certificate, client_key=mine.key)
        async with Connection(mutual) as connection:
            assert await get(connection) == str(mine.serial)
            assert connection.certificate_expires_at is not None
            assert connection.certificate_expires_at > datetime.now(UTC) + timedelta(days=89)
        assert await refusal(local(server, ca_file=authority.certificate)) == "the server asks for a client certificate"


async def test_an_expired_client_certificate_is_said_so(authority: Authority, pair: Pair) -> None:
    old = authority.issue("agent", lifetime=timedelta(days=-1))
    with tls_server(pair, clients=authority.certificate) as server:
        mutual = local(server, ca_file=authority.certificate, client_certificate=old.certificate, client_key=old.key)
        assert await refusal(mutual) == "the server refuses the client certificate: it has expired"
        async with Connection(mutual) as connection:
            with pytest.raises(httpx.HTTPError):
                await get(connection)
            assert "expired on" in (connection.warning() or "")


async def test_a_renewed_certificate_is_used_at_once_and_no_request_is_dropped(
    authority: Authority, pair: Pair
) -> None:
    first = authority.issue("agent")
    with tls_server(pair, clients=authority.certificate) as server:
        mutual = local(
            server, ca_file=authority.certificate, client_certificate=first.certificate, client_key=first.key
        )
        async with Connection(mutual) as connection:
            under_way = asyncio.create_task(get(connection, "/slow"))
            await until(lambda: server.heads)
            second = authority.issue("agent", lifetime=timedelta(days=200))
            assert await get(connection) == str(second.serial)
            assert connection.certificate_expires_at is not None
            assert connection.certificate_expires_at > datetime.now(UTC) + timedelta(days=199)
            server.gate.set()
            assert await under_way == str(first.serial)
            assert await get(connection) == str(second.serial)


async def test_files_that_do_not_fit_together_are_not_taken(
    authority: Authority, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    first, other = authority.issue("agent"), authority.issue("other")
    with tls_server(pair, clients=authority.certificate) as server:
        mutual = local(
            server, ca_file=authority.certificate, client_certificate=first.certificate, client_key=first.key
        )
        async with Connection(mutual) as connection:
            assert await get(connection) == str(first.serial)
            first.certificate.write_bytes(other.certificate.read_bytes())
            assert await get(connection) == str(first.serial)
            assert await get(connection) == str(first.serial)
            assert caplog.text.count("the key does not belong to the certificate") == 1
            first.key.write_bytes(other.key.read_bytes())
            assert await get(connection) == str(other.serial)


async def test_unusable_files_are_named(authority: Authority, tmp_path: Path) -> None:
    mine = authority.issue("agent")
    rubbish = tmp_path / "rubbish.pem"
    rubbish.write_text("no certificate")
    for changes, expected in (
        ({"ca_file": tmp_path / "none.pem"}, f"ca_file {tmp_path / 'none.pem'} cannot be used: No such file"),
        ({"ca_file": rubbish}, f"ca_file {rubbish} cannot be used"),
        ({"client_certificate": rubbish, "client_key": mine.key}, f"client_certificate {rubbish}"),
        ({"client_certificate": mine.certificate, "client_key": rubbish}, "cannot be used: not valid PEM"),
        ({"client_certificate": mine.certificate}, "give both or none"),
        ({"client_key": mine.key}, "give both or none"),
    ):
        async with Connection(config("https://localhost", **changes)) as connection:
            with pytest.raises(CertificateError, match=expected.replace("(", r"\(")):
                await get(connection)


async def test_the_end_of_a_certificate_is_told_for_14_days(authority: Authority, pair: Pair) -> None:
    mine = authority.issue("agent", lifetime=timedelta(days=13, hours=1))
    with tls_server(pair, clients=authority.certificate) as server:
        mutual = local(server, ca_file=authority.certificate, client_certificate=mine.certificate, client_key=mine.key)
        async with Connection(mutual) as connection:
            assert connection.warning() is None
            await get(connection)
            assert "in 13 days" in (connection.warning() or "")
            assert connection.warning(datetime.now(UTC) - timedelta(days=2)) is None


async def test_through_a_proxy_with_credentials(authority: Authority, pair: Pair) -> None:
    secret = base64.b64encode(b"plant:pass word").decode()
    with tls_server(pair) as server:
        async with connect_proxy(server.port, secret) as proxy:
            with_credentials = proxy.url.replace("//", "//plant:pass%20word@")
            settings = config(f"https://{HOST}", ca_file=authority.certificate, proxy=Secret(with_credentials))
            async with Connection(settings) as connection:
                assert await get(connection) == "0"
            assert proxy.asked == [f"CONNECT {HOST}:443 HTTP/1.1"]
            assert server.versions == ["TLSv1.3"]
            refused = config(f"https://{HOST}", ca_file=authority.certificate, proxy=Secret(proxy.url))
            assert "407" in await refusal(refused)


async def test_the_environment_names_a_proxy_too(
    authority: Authority, pair: Pair, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_server(pair) as server:
        async with connect_proxy(server.port) as proxy:
            monkeypatch.setenv("HTTPS_PROXY", proxy.url)
            async with Connection(config(f"https://{HOST}", ca_file=authority.certificate)) as connection:
                assert await get(connection) == "0"
    assert len(proxy.asked) == 1


def test_which_proxy_is_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    outside = f"https://{HOST}"
    assert proxy_address(config(outside)) is None
    monkeypatch.setenv("ALL_PROXY", "http://all.example:3128")
    assert proxy_address(config(outside)) == "http://all.example:3128"
    monkeypatch.setenv("HTTPS_PROXY", "http://environment.example:3128")
    assert proxy_address(config(outside)) == "http://environment.example:3128"
    assert proxy_address(config(outside, proxy=Secret("http://own.example:3128"))) == "http://own.example:3128"
    monkeypatch.setenv("NO_PROXY", f"{HOST},.internal")
    assert proxy_address(config(outside)) is None
    assert proxy_address(config(outside, proxy=Secret("http://own.example:3128"))) == "http://own.example:3128"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]"])
def test_this_computer_itself_is_never_reached_through_a_proxy(host: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://environment.example:3128")
    assert proxy_address(config(f"http://{host}:8000", proxy=Secret("http://own.example:3128"))) is None


async def test_neither_key_nor_proxy_password_is_logged_or_shown(
    authority: Authority, pair: Pair, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    with tls_server(pair) as server:
        async with connect_proxy(server.port, "refuses") as proxy:
            address = proxy.url.replace("//", "//plant:hidden@")
            settings = config(f"https://{HOST}", ca_file=authority.certificate, proxy=Secret(address))
            reason = await refusal(settings)
            async with new_client(local(server, ca_file=authority.certificate)) as client:
                await client.get("/")
    assert "connect_tcp" in caplog.text
    for secret in (KEY, "hidden", base64.b64encode(b"plant:hidden").decode()):
        assert secret not in caplog.text
        assert secret not in reason
        assert secret not in repr(settings)
