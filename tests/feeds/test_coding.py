"""Bodies unpack to what was packed, in small pieces, in whatever pieces they come."""

from __future__ import annotations

import gzip
import sys
import zlib
from typing import TYPE_CHECKING

import brotli
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentinel.feeds.coding import ACCEPTED, PIECE_BYTES, DamagedBodyError, open_decoder

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

if TYPE_CHECKING:
    from collections.abc import Callable


def bare_deflate(plain: bytes) -> bytes:
    packer = zlib.compressobj(wbits=-zlib.MAX_WBITS)
    return packer.compress(plain) + packer.flush()


PACKERS: list[tuple[str, Callable[[bytes], bytes]]] = [
    ("gzip", gzip.compress),
    ("deflate", zlib.compress),
    ("deflate", bare_deflate),
    ("br", brotli.compress),
    ("zstd", zstd.compress),
]


def unpack(coding: str, packed: bytes, step: int = 1_000_000) -> bytes:
    decoder = open_decoder(coding)
    assert decoder is not None
    return b"".join(
        piece for start in range(0, len(packed), step) for piece in decoder.decode(packed[start : start + step])
    )


@pytest.mark.parametrize(("coding", "pack"), PACKERS)
@given(plain=st.binary(max_size=3_000), step=st.integers(1, 2_000))
def test_a_body_unpacks_to_what_was_packed(
    coding: str, pack: Callable[[bytes], bytes], plain: bytes, step: int
) -> None:
    assert unpack(coding, pack(plain), step) == plain


@pytest.mark.parametrize(("coding", "pack"), PACKERS)
def test_a_bomb_unpacks_in_small_pieces(coding: str, pack: Callable[[bytes], bytes]) -> None:
    decoder = open_decoder(coding)
    assert decoder is not None
    sizes = [len(piece) for piece in decoder.decode(pack(bytes(30_000_000)))]
    assert sum(sizes) == 30_000_000
    assert max(sizes) <= 4 * PIECE_BYTES


@pytest.mark.parametrize(("coding", "pack"), [("gzip", gzip.compress), ("zstd", zstd.compress)])
def test_parts_packed_one_by_one_are_one_body(coding: str, pack: Callable[[bytes], bytes]) -> None:
    assert unpack(coding, pack(b"one ") + pack(b"two"), step=3) == b"one two"


def test_padding_behind_a_packed_body_is_left_out() -> None:
    assert unpack("gzip", gzip.compress(b"news") + bytes(100)) == b"news"
    assert unpack("deflate", zlib.compress(b"news") + b"junk") == b"news"


@pytest.mark.parametrize("coding", ["gzip", "deflate", "br", "zstd"])
def test_a_body_in_another_coding_is_damaged(coding: str) -> None:
    with pytest.raises(DamagedBodyError):
        unpack(coding, b"\xff\xfe<rss>not packed at all</rss>" * 10)


@pytest.mark.parametrize("coding", [*ACCEPTED.split(", "), "identity", "", " GZip ", "x-gzip"])
def test_every_coding_that_is_asked_for_can_be_unpacked(coding: str) -> None:
    assert open_decoder(coding) is not None


@pytest.mark.parametrize("coding", ["compress", "gzip, gzip", "br,gzip", "aws-chunked"])
def test_other_codings_and_nested_ones_are_refused(coding: str) -> None:
    assert open_decoder(coding) is None
