"""Decompressing xz without copying what comes out: xz(1)."""

from __future__ import annotations

import lzma
from typing import IO

_CHUNK = 1 << 18
# Bytes of the file that are decompressed at a time.


class XzStream:
    """A file in the xz or lzma format, read from its start to its end. `lzma.LZMAFile` copies what
    it gives once more, into a buffer.

    Raises lzma.LZMAError for what is damaged, EOFError for what ends too early.
    """

    def __init__(self, source: IO[bytes]) -> None:
        self._source = source
        self._engine = lzma.LZMADecompressor()

    def read(self, size: int, /) -> bytes:
        """Some bytes, at most `size`; none at the end."""
        while True:
            data = b""
            if self._engine.eof:
                if not (data := self._following()):
                    return b""
                self._engine = lzma.LZMADecompressor()
            elif self._engine.needs_input and not (data := self._source.read(_CHUNK)):
                raise EOFError("it ends before its end is marked")
            if made := self._engine.decompress(data, size):
                return made

    def _following(self) -> bytes:
        """The beginning of another stream; zeros may lie before it."""
        data = self._engine.unused_data.lstrip(b"\0")
        while not data and (data := self._source.read(_CHUNK)):
            data = data.lstrip(b"\0")
        return data
