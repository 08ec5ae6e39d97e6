"""Connections for protocols that are not HTTP, and how little is said in the open."""

import asyncio
import socket

from plantwright.core.errors import ValidationFailed
from plantwright.core.outbound import CONNECT_SECONDS, SETTING, Outbound


async def open_socket(address: str, port: int) -> socket.socket:
    """Connected to a checked address. Raises OSError and TimeoutError."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    opened = socket.socket(family, socket.SOCK_STREAM)
    try:
        opened.setblocking(False)
        async with asyncio.timeout(CONNECT_SECONDS):
            await asyncio.get_running_loop().sock_connect(opened, (address, port))
    except BaseException:
        opened.close()
        raise
    return opened


def require_listed(outbound: Outbound, address: str, host: str, field: str) -> None:
    """
    Raises:
        ValidationFailed: a connection without TLS would leave the operator's networks.
    """
    if not outbound.is_listed(address):
        raise ValidationFailed(
            f"{host} must be reached with TLS; connections without it serve only in the networks of {SETTING}.", [field]
        )
