"""Decompression in small pieces: the coded body in, plain bytes out. The door to brotli and zstd.

A kilobyte may unpack to gigabytes, so no call here gives more than about PIECE_BYTES at once: the caller
counts, and stops. Invariant: memory is bounded by the piece and the window of the coding, whatever comes.
"""

from __future__ import annotations

import sys
import zlib
from typing import TYPE_CHECKING, Protocol

import brotli

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PIECE_BYTES = 65_536
ACCEPTED = "gzip, deflate, br, zstd"
"""For Accept-Encoding."""

_ZSTD_WINDOW_LOG = 23  # 8 MB. Source: RFC 9659 3


class DamagedBodyError(Exception):
    """A body is not in the coding it claims to be in; caught by fetch."""


class Decoder(Protocol):
    """Takes coded bytes as they come; ``decode`` gives plain ones in pieces."""

    def decode(self, coded: bytes) -> Iterator[bytes]:
        """Give what can be decoded so far.

        Raises:
            DamagedBodyError: it is not in this coding.
        """


def open_decoder(content_encoding: str) -> Decoder | None:
    """Give what decodes a body; None for a coding, or a nesting of codings, that nobody asked for.

    Args:
        content_encoding: header of the answer; "" for none.

    Source: RFC 9110 8.4.1 (gzip, deflate), RFC 7932 (br), RFC 8878 (zstd).
    """
    opener = _DECODERS.get(content_encoding.strip().lower())
    return opener() if opener else None


class _Plain:
    def decode(self, coded: bytes) -> Iterator[bytes]:
        yield coded


class _Zlib:
    """Decodes gzip with all its members, and deflate with the zlib header or, as some servers send it, without."""

    def __init__(self, *, is_gzip: bool) -> None:
        self._window_bits = 16 + zlib.MAX_WBITS if is_gzip else 0
        self._stream = zlib.decompressobj(self._window_bits) if is_gzip else None

    def decode(self, coded: bytes) -> Iterator[bytes]:
        try:
            while coded:
                stream = self._stream = self._stream or _open_deflate(coded)
                if stream.eof:  # another member, or the padding that some servers add
                    if not self._window_bits or not coded.lstrip(b"\0"):
                        return
                    stream = self._stream = zlib.decompressobj(self._window_bits)
                yield stream.decompress(coded, PIECE_BYTES)
                coded = stream.unconsumed_tail or stream.unused_data
        except zlib.error as error:
            raise DamagedBodyError from error


def _open_deflate(coded: bytes) -> zlib._Decompress:
    """Tell zlib's header from bare deflate by its first byte (RFC 1950 2.2: method 8, window up to 7)."""
    has_header = coded[0] & 0x0F == 8 and coded[0] >> 4 <= 7
    return zlib.decompressobj(zlib.MAX_WBITS if has_header else -zlib.MAX_WBITS)


class _Brotli:
    def __init__(self) -> None:
        self._stream = brotli.Decompressor()

    def decode(self, coded: bytes) -> Iterator[bytes]:
        try:
            while not self._stream.is_finished():
                piece = self._stream.process(coded, output_buffer_limit=PIECE_BYTES)
                yield piece
                coded = b""
                if not piece and self._stream.can_accept_more_data():
                    return
        except brotli.error as error:
            raise DamagedBodyError from error


class _Zstd:
    """Decodes zstd, several frames in a row included."""

    def __init__(self) -> None:
        self._stream = self._open()

    @staticmethod
    def _open() -> zstd.ZstdDecompressor:
        return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW_LOG})

    def decode(self, coded: bytes) -> Iterator[bytes]:
        try:
            while coded or not self._stream.needs_input:
                if self._stream.eof:
                    self._stream = self._open()
                yield self._stream.decompress(coded, PIECE_BYTES)
                coded = self._stream.unused_data if self._stream.eof else b""
                if self._stream.eof and not coded:
                    return
        except zstd.ZstdError as error:
            raise DamagedBodyError from error


_DECODERS: dict[str, Callable[[], Decoder]] = {
    "": _Plain,
    "identity": _Plain,
    "gzip": lambda: _Zlib(is_gzip=True),
    "x-gzip": lambda: _Zlib(is_gzip=True),
    "deflate": lambda: _Zlib(is_gzip=False),
    "br": _Brotli,
    "zstd": _Zstd,
}
