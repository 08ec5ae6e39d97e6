"""The body of a request in pieces, unpacked as it comes when it is compressed.

Never more than `most` bytes are unpacked, whatever a small body claims to hold.
"""

import zlib
from typing import Protocol

from plantwright.core.errors import DomainError
from plantwright.readings.ingest.decoded import MalformedBody

_GZIP_WINDOW = 31
_PLAIN = {b"", b"identity"}
_GZIP = {b"gzip", b"x-gzip"}


class BodyTooLarge(DomainError):
    code = "BODY_TOO_LARGE"
    http_status = 413


class UnsupportedEncoding(DomainError):
    code = "UNSUPPORTED_ENCODING"
    http_status = 415


class Unpacker(Protocol):
    """For one body of at most `most` bytes, both as sent and unpacked."""

    def feed(self, piece: bytes) -> bytes:
        """
        Raises:
            BodyTooLarge: this is more than allowed.
            MalformedBody: this is not of the encoding it says.
        """
        ...

    def end(self) -> None:
        """
        Raises:
            MalformedBody: the body ends early.
        """
        ...


def unpacker(encoding: bytes, most: int) -> Unpacker:
    """
    Args:
        encoding: the header `Content-Encoding`, empty when there is none.
        most: bytes.

    Raises:
        UnsupportedEncoding: it is none that is understood here.
    """
    name = encoding.strip().lower()
    if name in _PLAIN:
        return _Plain(most)
    if name in _GZIP:
        return _Gzip(most)
    raise UnsupportedEncoding("A body comes as it is, or with Content-Encoding: gzip")


class _Plain:
    def __init__(self, most: int) -> None:
        self._most = most
        self._left = most

    def feed(self, piece: bytes) -> bytes:
        self._left -= len(piece)
        if self._left < 0:
            raise too_large(self._most)
        return piece

    def end(self) -> None:
        pass


class _Gzip:
    def __init__(self, most: int) -> None:
        self._most = most
        self._sent = _Plain(most)
        self._left = most
        self._stream = zlib.decompressobj(_GZIP_WINDOW)

    def feed(self, piece: bytes) -> bytes:
        self._sent.feed(piece)
        try:
            unpacked = self._stream.decompress(piece, self._left + 1)
        except zlib.error:
            raise MalformedBody("Malformed gzip") from None
        self._left -= len(unpacked)
        if self._left < 0:
            raise too_large(self._most)
        if self._stream.unused_data:
            raise MalformedBody("Malformed gzip: more than one stream")
        return unpacked

    def end(self) -> None:
        if not self._stream.eof:
            raise MalformedBody("Malformed gzip: it ends early")


def too_large(most: int) -> BodyTooLarge:
    return BodyTooLarge(f"A request carries at most {most} bytes")
