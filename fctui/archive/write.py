"""Writing a zip beside its final name: every entry at its offset, on all cores, then one rename."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from msgspec import Struct

from fctui.archive.payload import Item, Payload
from fctui.archive.zip_format import Record, central_directory, local_header
from fctui.model.errors import TaskError, UsageError
from fctui.store.disk import FULL
from fctui.tasks.text import clean

THREADS = 2
# Copying within the page cache is bound by memory: more threads gain nothing.

_BATCH = 4 << 20
# Bytes that one thread gathers before it writes.

_PIECE = 8 << 20
# Bytes of a large stream that are copied at a time.

_BUFFERS = 512
# Buffers in one pwritev(2); IOV_MAX is 1024.

_OPEN = 64
# Wheels and files that one thread keeps open.


class Stopped(Exception):  # noqa: N818 - no failure: the work is not wanted any more
    """The task was cancelled while a thread packed for it."""


class Drawn(Struct, frozen=True):
    """An archive as it will be: its entries at their offsets, the bytes behind them, its size."""

    items: tuple[Item, ...]
    records: tuple[Record, ...]
    headers: tuple[bytes, ...]
    directory: bytes
    size: int


def draw(items: Sequence[Item], when: tuple[int, int]) -> Drawn:
    """Give every entry its place. A pure function: the archive's bytes are settled by it."""
    records: list[Record] = []
    headers: list[bytes] = []
    offset = 0
    for item in items:
        data = item.payload
        record = Record(item.path, item.mode, data.method, data.crc, data.packed, data.size, offset)
        header = local_header(record, when)
        records.append(record)
        headers.append(header)
        offset += len(header) + data.packed
    directory = central_directory(records, when, offset)
    return Drawn(tuple(items), tuple(records), tuple(headers), directory, offset + len(directory))


@contextlib.contextmanager
def unfinished(output: Path) -> Iterator[Path]:
    """A new empty file beside the output; it is gone afterwards unless it was renamed."""
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{output.name[:100]}.", dir=output.parent)
    except OSError as error:
        raise UsageError(
            f"{output} cannot be written: {error.strerror}.", hint="Name another place with -o."
        ) from error
    os.close(descriptor)
    try:
        yield Path(name)
    finally:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)


def write(
    drawn: Drawn,
    path: Path,
    *,
    progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> None:
    """Write the archive into an existing file; `progress` gets bytes as they are written.

    Raises TaskError when the disk is full or a source has gone, Stopped when it is told to.
    """
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.posix_fallocate(descriptor, 0, drawn.size)
        parts = _parts(drawn)
        with ThreadPoolExecutor(THREADS, thread_name_prefix="write") as threads:
            jobs = [
                threads.submit(_Writer(drawn, descriptor, progress, stopped).run, part)
                for part in parts
            ]
            for job in jobs:
                job.result()
        _whole(descriptor, [drawn.directory], drawn.size - len(drawn.directory))
        os.fchmod(descriptor, 0o666 & ~_umask())
    except OSError as error:
        if error.errno in FULL:
            raise TaskError(
                f"The disk is full: {path.parent} has no room for an archive of "
                f"{drawn.size:,} bytes.",
                hint="Free some space or name another place with -o.",
            ) from error
        raise TaskError(
            f"The archive cannot be written: {error.strerror or error}"
            + (f" ({clean(str(error.filename))})." if error.filename else "."),
        ) from error
    finally:
        os.close(descriptor)


def _parts(drawn: Drawn) -> list[range]:
    """Runs of entries of about the same number of bytes, a few for each thread."""
    most = drawn.size // (THREADS * 4) + 1
    parts, start = [], 0
    for at, record in enumerate(drawn.records):
        if record.offset - drawn.records[start].offset >= most:
            parts.append(range(start, at))
            start = at
    parts.append(range(start, len(drawn.records)))
    return parts


class _Writer:
    """One thread's run of entries: small streams are gathered, large ones copied in pieces."""

    def __init__(
        self,
        drawn: Drawn,
        descriptor: int,
        progress: Callable[[int], None],
        stopped: Callable[[], bool],
    ) -> None:
        self._drawn = drawn
        self._descriptor = descriptor
        self._progress = progress
        self._stopped = stopped
        self._sources: OrderedDict[str, int] = OrderedDict()
        self._waiting: list[bytes] = []
        self._gathered = 0
        self._at = 0

    def run(self, part: range) -> None:
        try:
            for number in part:
                record, item = self._drawn.records[number], self._drawn.items[number]
                if not self._waiting:
                    self._at = record.offset
                self._add(self._drawn.headers[number])
                self._stream(item.payload)
            self._flush()
        finally:
            for descriptor in self._sources.values():
                os.close(descriptor)

    def _stream(self, payload: Payload) -> None:
        if payload.data is not None:
            self._add(payload.data)
            return
        if not payload.packed:
            return
        source = self._source(payload.file)
        offset, left = payload.offset, payload.packed
        while left:
            chunk = os.pread(source, min(left, _PIECE), offset)
            if not chunk:
                raise OSError(errno.EIO, "the file ends too early", payload.file)
            self._add(chunk)
            offset += len(chunk)
            left -= len(chunk)

    def _add(self, data: bytes) -> None:
        self._waiting.append(data)
        self._gathered += len(data)
        if self._gathered >= _BATCH or len(self._waiting) >= _BUFFERS:
            self._flush()

    def _flush(self) -> None:
        if self._stopped():
            raise Stopped
        if not self._waiting:
            return
        _whole(self._descriptor, self._waiting, self._at)
        self._at += self._gathered
        self._progress(self._gathered)
        self._waiting, self._gathered = [], 0

    def _source(self, file: str) -> int:
        descriptor = self._sources.get(file)
        if descriptor is None:
            if len(self._sources) >= _OPEN:
                os.close(self._sources.popitem(last=False)[1])
            descriptor = self._sources[file] = os.open(file, os.O_RDONLY | os.O_CLOEXEC)
        else:
            self._sources.move_to_end(file)
        return descriptor


def _whole(descriptor: int, buffers: Sequence[bytes], offset: int) -> None:
    """Write everything: pwritev(2) may take less than it is given."""
    length = sum(map(len, buffers))
    done = os.pwritev(descriptor, buffers, offset)
    if done == length:
        return
    rest = memoryview(b"".join(buffers))
    while done < length:
        done += os.pwrite(descriptor, rest[done:], offset + done)


def _umask() -> int:
    """The process's umask without changing it: proc(5)."""
    with contextlib.suppress(OSError, ValueError, StopIteration), open("/proc/self/status") as file:
        return int(next(line for line in file if line.startswith("Umask:")).split()[1], 8)
    return 0o022
