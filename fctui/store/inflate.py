"""The inflater: ISA-L's where it is there, else zlib; and what both raise at damaged data."""

from __future__ import annotations

import gzip
import zlib
from typing import IO, Any, cast

inflater: Any
try:
    from isal import isal_zlib as inflater  # three times as fast, same interface
except ImportError:
    inflater = zlib

DAMAGED: tuple[type[Exception], type[Exception]] = (zlib.error, inflater.error)


def gunzip(source: IO[bytes]) -> IO[bytes]:
    """What a gzip stream holds; raises one of `DAMAGED`, EOFError or OSError for a damaged one."""
    try:
        from isal import igzip
    except ImportError:
        return cast("IO[bytes]", gzip.GzipFile(fileobj=source))
    opened: Any = igzip.IGzipFile  # its stub has no types
    return cast("IO[bytes]", opened(fileobj=source))
