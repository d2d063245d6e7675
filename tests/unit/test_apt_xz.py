"""Reading xz streams: whole, joined, cut short, damaged."""

from __future__ import annotations

import io
import lzma
import os
from collections.abc import Callable

import pytest

from fctui.managers.apt.xz import XzStream

DATA = os.urandom(50_000) * 20


def read(packed: bytes, size: int = 1 << 20) -> bytes:
    stream, parts = XzStream(io.BytesIO(packed)), []
    while part := stream.read(size):
        assert len(part) <= size
        parts.append(part)
    assert stream.read(size) == b""
    return b"".join(parts)


@pytest.mark.parametrize("size", [1, 1000, 1 << 20])
def test_all_of_it_comes(size: int) -> None:
    data = DATA[:3000] if size == 1 else DATA
    assert read(lzma.compress(data), size) == data


def test_nothing_in_it() -> None:
    assert read(lzma.compress(b"")) == b""


def test_the_old_format() -> None:
    assert read(lzma.compress(DATA, format=lzma.FORMAT_ALONE)) == DATA


@pytest.mark.parametrize("padding", [0, 4, 1 << 20])
def test_several_streams_are_one_file(padding: int) -> None:
    one = lzma.compress(DATA)
    assert read(one + bytes(padding) + one + bytes(padding)) == DATA * 2


def test_cut_short() -> None:
    with pytest.raises(EOFError):
        read(lzma.compress(DATA)[:-20])


@pytest.mark.parametrize("damage", [lambda x: b"no" + x, lambda x: x + b"more than a header"])
def test_damaged(damage: Callable[[bytes], bytes]) -> None:
    with pytest.raises(lzma.LZMAError):
        read(damage(lzma.compress(DATA)))
