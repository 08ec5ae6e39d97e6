"""The way to the server: TLS, certificates and proxy, from the configuration and the files it names.

- https speaks TLS 1.3 or newer. Trusted are the authorities of the system, or those in `ca_file` alone.
- With `client_certificate` and `client_key` the agent shows who it is (mutual TLS).
- When one of these files changes on disk, the next request uses the new ones; a request under way ends undisturbed.
  Files that do not fit together are not taken: the old ones stay in use and the log says why.
- `proxy` wins over HTTPS_PROXY, ALL_PROXY and NO_PROXY of the environment. Loopback is never reached through a proxy.
"""

import logging
import ssl
import urllib.request
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

import httpx
from cryptography import x509

from plantwright_agent.configuration.config import AgentConfig
from plantwright_agent.errors import AgentError

log = logging.getLogger(__name__)

LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
EXPIRY_WARNING = timedelta(days=14)

Stamp = tuple[tuple[int, int, int] | None, ...]


class CertificateError(AgentError):
    """A certificate, key or authority file cannot be used; the text names the file."""


def new_client(config: AgentConfig) -> httpx.AsyncClient:
    """A client that knows address, key, trust and proxy; the caller closes it. Raises CertificateError."""
    address = proxy_address(config)
    proxy = None if address is None else _proxy(address, config)
    return httpx.AsyncClient(
        base_url=config.api_url,
        headers={"X-API-Key": config.api_key.reveal()},
        timeout=config.request_timeout,
        verify=_context(config),
        proxy=proxy,
        trust_env=False,
    )


def proxy_address(config: AgentConfig) -> str | None:
    """The proxy to use, possibly with credentials, or None. Never one for this machine itself."""
    url = urlsplit(config.api_url)
    host = url.hostname or ""
    if host in LOOPBACK:
        return None
    if config.proxy is not None:
        return config.proxy.reveal()
    if urllib.request.proxy_bypass(host):
        return None
    offered = urllib.request.getproxies()
    return offered.get(url.scheme) or offered.get("all")


def _proxy(address: str, config: AgentConfig) -> httpx.Proxy:
    is_tls = urlsplit(address).scheme == "https"
    return httpx.Proxy(address, ssl_context=_trust(config) if is_tls else None)


def _context(config: AgentConfig) -> ssl.SSLContext:
    context = _trust(config)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    certificate, key = config.client_certificate, config.client_key
    if (certificate is None) != (key is None):
        raise CertificateError("client_certificate and client_key belong together: give both or none")
    if certificate is not None:
        try:
            context.load_cert_chain(certificate, key, password="")
        except (OSError, ValueError) as error:
            raise CertificateError(
                f"client_certificate {certificate} and client_key {key} cannot be used: {_why(error)}"
            ) from error
    return context


def _trust(config: AgentConfig) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=config.ca_file)
    except (OSError, ValueError) as error:
        raise CertificateError(f"ca_file {config.ca_file} cannot be used: {_why(error)}") from error


def _why(error: Exception) -> str:
    reason = getattr(error, "reason", None)
    if reason == "KEY_VALUES_MISMATCH":
        return "the key does not belong to the certificate"
    if isinstance(error, ssl.SSLError):
        return "not valid PEM, or the key is locked with a password"
    return getattr(error, "strerror", None) or str(error)


@dataclass(slots=True)
class _Lease:
    client: httpx.AsyncClient
    stamp: Stamp
    users: int = 0


class Connection:
    """Hands out the current client, and a new one once certificate files have changed.

    `certificate_expires_at` is the end of the client certificate in use, None without one.
    """

    def __init__(self, config: AgentConfig) -> None:
        self._config = config
        self._files = [path for path in (config.ca_file, config.client_certificate, config.client_key) if path]
        self._lease: _Lease | None = None
        self._refused: Stamp | None = None
        self.certificate_expires_at: datetime | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        lease, self._lease = self._lease, None
        if lease is not None:
            await lease.client.aclose()

    @asynccontextmanager
    async def client(self) -> AsyncIterator[httpx.AsyncClient]:
        """The client for one request.

        Raises CertificateError while there has been no usable one, and httpx.HTTPError for all that goes wrong on
        the way, also for what httpx itself lets through: the alert of a server that refuses a client certificate
        under TLS 1.3, which arrives when the answer is read.
        """
        lease = await self._current()
        lease.users += 1
        try:
            yield lease.client
        except ssl.SSLError as error:
            raise httpx.ReadError(str(error)) from error
        finally:
            lease.users -= 1
            await self._close_unless_used(lease)

    def warning(self, now: datetime | None = None) -> str | None:
        """What to tell people about the client certificate from 14 days before its end."""
        ends = self.certificate_expires_at
        if ends is None:
            return None
        left = ends - (now or datetime.now(UTC))
        if left > EXPIRY_WARNING:
            return None
        if left <= timedelta(0):
            return f"the client certificate expired on {ends:%Y-%m-%d}; renew {self._config.client_certificate}"
        return (
            f"the client certificate expires on {ends:%Y-%m-%d}, in {left.days} days; "
            f"renew {self._config.client_certificate}"
        )

    async def _current(self) -> _Lease:
        stamp = tuple(_stamp(path) for path in self._files)
        lease = self._lease
        if lease is None:
            lease = self._lease = self._open(stamp)
        elif lease.stamp != stamp:
            lease = await self._renewed(lease, stamp)
        return lease

    def _open(self, stamp: Stamp) -> _Lease:
        expires_at = _expiry(self._config.client_certificate)
        lease = _Lease(new_client(self._config), stamp)
        self.certificate_expires_at = expires_at
        return lease

    async def _renewed(self, old: _Lease, stamp: Stamp) -> _Lease:
        """The new client, or the old one while the changed files do not fit together."""
        try:
            lease = self._lease = self._open(stamp)
        except CertificateError as error:
            if self._refused != stamp:
                self._refused = stamp
                log.warning("changed certificate files not taken, the old ones stay in use: %s", error)
            return old
        log.info("certificate files changed, the new ones are in use")
        await self._close_unless_used(old)
        return lease

    async def _close_unless_used(self, lease: _Lease) -> None:
        if lease is not self._lease and lease.users == 0:
            await lease.client.aclose()


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_mtime_ns, found.st_size, found.st_ino


def _expiry(certificate: Path | None) -> datetime | None:
    if certificate is None:
        return None
    try:
        return x509.load_pem_x509_certificates(certificate.read_bytes())[0].not_valid_after_utc
    except (OSError, ValueError) as error:
        raise CertificateError(f"client_certificate {certificate} cannot be read: {_why(error)}") from error
