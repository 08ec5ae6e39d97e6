"""Compressed bodies at the ingest door: taken when they are well, and never unpacked beyond the limit."""

import gzip
import json
import tracemalloc
import zlib
from typing import Any

import pytest
from plantwright.rest import ingest

from tests.backend.readings.door import Door, reading

BODY = json.dumps({"readings": [reading(value, seconds=value) for value in (3, 2, 1)]}).encode()
HUGE = 1_000_000_000


def bomb() -> bytes:
    """A gigabyte of blanks, in a megabyte."""
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    blanks = b" " * 10_000_000
    return b"".join(packer.compress(blanks) for _ in range(HUGE // len(blanks))) + packer.flush()


@pytest.mark.parametrize("encoding", ["gzip", "GZIP", "x-gzip"])
async def test_a_compressed_batch_is_stored(door: Door, encoding: str) -> None:
    answer = await door.send(gzip.compress(BODY), **{"Content-Encoding": encoding})

    assert answer.status_code == 207
    assert answer.json()["accepted_count"] == 3
    assert [row[2] for row in await door.rows()] == [3, 2, 1]


async def test_identity_is_no_encoding(door: Door) -> None:
    assert (await door.send(BODY, **{"Content-Encoding": "identity"})).status_code == 207


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        b"",
        gzip.compress(BODY)[:-9],
        gzip.compress(BODY)[:-1] + b"x",
        gzip.compress(BODY) + b"more",
        gzip.compress(BODY[:90]) + gzip.compress(BODY[90:]),
        zlib.compress(BODY),
    ],
)
async def test_what_is_no_gzip_is_refused(door: Door, body: bytes) -> None:
    answer = await door.send(body, **{"Content-Encoding": "gzip"})

    assert answer.status_code == 400
    assert "gzip" in answer.json()["detail"]
    assert await door.rows() == []


@pytest.mark.parametrize("encoding", ["br", "deflate", "zstd", "gzip, gzip"])
async def test_another_encoding_is_refused_with_the_one_that_is_taken(door: Door, encoding: str) -> None:
    answer = await door.send(gzip.compress(BODY), **{"Content-Encoding": encoding})

    assert answer.status_code == 415
    assert answer.headers["Accept-Encoding"] == "gzip"


async def test_a_bomb_is_refused_before_it_goes_off(door: Door) -> None:
    body = bomb()
    assert len(body) < ingest.MAX_BODY_BYTES
    tracemalloc.start()
    try:
        answer = await door.send(body, **{"Content-Encoding": "gzip"})
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert answer.status_code == 413
    assert most < 8 * ingest.MAX_BODY_BYTES
    assert (await door.post([reading()])).status_code == 207


async def test_unpacked_bytes_count_against_those_in_work(door: Door, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ingest, "MAX_BYTES_IN_WORK", 1_000_000)
    answer = await door.send(gzip.compress(b" " * 2_000_000), **{"Content-Encoding": "gzip"})

    assert answer.status_code == 503
    assert (await door.send(gzip.compress(BODY), **{"Content-Encoding": "gzip"})).status_code == 207


async def test_a_stream_that_unpacks_to_nothing_ends_too(door: Door) -> None:
    packer = zlib.compressobj(9, zlib.DEFLATED, 31)
    pieces = [packer.compress(b""), *(packer.flush(zlib.Z_FULL_FLUSH) for _ in range(2))]
    sent = 0
    messages: list[Any] = []

    async def receive() -> dict[str, Any]:
        nonlocal sent
        sent += 1
        body = b"".join(pieces) if sent == 1 else b"\x00\x00\x00\xff\xff" * 200_000
        return {"type": "http.request", "body": body, "more_body": True}

    async def send(message: Any) -> None:
        messages.append(message)

    headers = [(b"x-api-key", door.key.encode()), (b"content-encoding", b"gzip")]
    await door.endpoint({"method": "POST", "headers": headers}, receive, send)

    assert messages[0]["status"] == 413
    assert sent <= 12
