"""UUID version 7 (RFC 9562): time-ordered, so that primary keys append instead of scattering."""

import os
import time
from uuid import UUID


def uuid7() -> UUID:
    milliseconds = time.time_ns() // 1_000_000
    random_bits = int.from_bytes(os.urandom(10), "big")
    value = (milliseconds & (1 << 48) - 1) << 80 | random_bits
    value = value & ~(0xF << 76) | 7 << 76
    value = value & ~(0b11 << 62) | 0b10 << 62
    return UUID(int=value)


def parse_id(text: str) -> UUID | None:
    """None for text that is no UUID: to the caller such an id names nothing."""
    try:
        return UUID(text)
    except ValueError:
        return None
