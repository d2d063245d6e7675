"""Unpacking a deb: deb(5), an ar archive of control and data, both compressed tar archives.

No maintainer script is run. Their text is kept, for `update-alternatives` lines are read later.
"""

from __future__ import annotations

import contextlib
import io
import lzma
import os
import shutil
import subprocess
import tarfile
import threading
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, cast

from fctui.managers.apt.xz import XzStream
from fctui.model.contents import Contents, Elf, Entry
from fctui.model.errors import FctuiError, MissingToolError, TaskError
from fctui.model.plan import is_shared_library
from fctui.native.elf import read_elf
from fctui.store.inflate import DAMAGED, gunzip
from fctui.store.tar import unpack_tar
from fctui.store.tar_members import Readable

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer
    from debian.arfile import ArMember

CONTROL_TEXTS = frozenset({"control", "postinst", "conffiles"})
# Members of the control archive that planning reads.

LD_SO_CONF = "etc/ld.so.conf.d/"

_MOST_CONTROL = 64 << 20
# Bytes: md5sums of the largest packages have 10 MB.

_MOST_TEXT = 1 << 20
# Bytes of one text that is kept; longer ones are no maintainer scripts.

_CHUNK = 1 << 18
# Bytes handed on at a time.

_DAMAGED = (tarfile.TarError, lzma.LZMAError, *DAMAGED, EOFError, UnicodeError, ValueError)


def unpack_deb(archive: Path, into: Path, digest: str) -> Contents:
    """Unpack a deb's files into an existing empty directory and list them: a store's Unpacker.

    Raises TaskError for a damaged or hostile deb, MissingToolError where its compression cannot
    be undone on this machine.
    """
    name = archive.name
    with archive.open("rb") as file:
        members = _members(file, name)
        control = _tar_member(members, "control.tar", name)
        data = _tar_member(members, "data.tar", name)
        try:
            with _decompressed(control, name) as stream:
                texts = _control_texts(stream)
            with _decompressed(data, name) as stream:
                entries = unpack_tar(stream, into, name=name)
        except FctuiError:
            raise
        except (*_DAMAGED, MemoryError) as error:
            raise _damaged(name, str(error)) from error
        except OSError as error:
            if error.errno is not None:  # the disk's, not the decompressor's
                raise
            raise _damaged(name, str(error)) from error
    texts |= _configurations(into, entries)
    return Contents(digest=digest, entries=entries, texts=texts, elf=_elf_files(into, entries))


def _members(file: IO[bytes], name: str) -> Sequence[ArMember]:
    from debian.arfile import ArError, ArFile

    try:
        members: Sequence[ArMember] = ArFile(fileobj=cast("Any", file)).getmembers()
        version = members[0].read(16) if members else b""
    except (ArError, OSError, ValueError) as error:
        raise _damaged(name, str(error)) from error
    if not members or members[0].name != "debian-binary" or not version.startswith(b"2."):
        raise _damaged(name, "it is not a deb of format 2")
    return members


def _tar_member(members: Sequence[ArMember], prefix: str, name: str) -> ArMember:
    for member in members:
        if member.name == prefix or member.name.startswith(f"{prefix}."):
            return member
    raise _damaged(name, f"it has no {prefix}")


class _Raw(io.RawIOBase):
    """A member as a file that decompressors can read from."""

    def __init__(self, member: ArMember) -> None:
        self._member = member

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer)
        data = self._member.read(len(view)) if view else b""
        view[: len(data)] = data
        return len(data)


@contextlib.contextmanager
def _decompressed(member: ArMember, name: str) -> Iterator[Readable]:
    """The member's tar stream. Which compression it has, its name says: deb(5)."""
    source = io.BufferedReader(_Raw(member), _CHUNK)
    suffix = member.name.rpartition(".")[2]
    stream: IO[bytes]
    match suffix:
        case "xz" | "lzma":
            yield XzStream(source)
            return
        case "gz":
            stream = gunzip(source)
        case "bz2":
            import bz2

            stream = cast("IO[bytes]", bz2.BZ2File(source))
        case "zst":
            with _zstd(source, name) as stream:
                yield stream
            return
        case "tar":
            stream = source
        case _:
            raise _damaged(name, f"its compression {suffix!r} is unknown")
    try:
        yield stream
    finally:
        if suffix != "tar":
            stream.close()


@contextlib.contextmanager
def _zstd(source: IO[bytes], name: str) -> Iterator[IO[bytes]]:
    """Zstandard, which Ubuntu's debs have: by the module if it is there, else by zstd(1)."""
    try:
        import zstandard
    except ImportError:
        pass
    else:
        with zstandard.ZstdDecompressor().stream_reader(source) as reader:
            yield cast("IO[bytes]", io.BufferedReader(reader, _CHUNK))
        return
    program = shutil.which("zstd")
    if program is None:
        raise MissingToolError(
            f"{name} is compressed with Zstandard, which nothing on this machine undoes.",
            hint="Install the package zstd, or the Python package zstandard.",
        )
    with subprocess.Popen(
        [program, "-dcq"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    ) as process:
        feeder = threading.Thread(target=_feed, args=(source, process.stdin), daemon=True)
        feeder.start()
        try:
            yield cast("IO[bytes]", process.stdout)
            cast("IO[bytes]", process.stdout).read()
        finally:
            process.kill()
            feeder.join()
    if process.returncode > 0:
        raise _damaged(name, "zstd cannot read it")


def _feed(source: IO[bytes], into: IO[bytes] | None) -> None:
    """Write a stream to a program that may end before it has read all."""
    if into is None:
        return
    with contextlib.suppress(OSError):
        while chunk := source.read(_CHUNK):
            into.write(chunk)
    with contextlib.suppress(OSError):
        into.close()


def _control_texts(stream: Readable) -> dict[str, str]:
    data = bytearray()
    while chunk := stream.read(_CHUNK):
        data += chunk
        if len(data) > _MOST_CONTROL:
            raise ValueError("its control archive is endless")
    texts = {}
    with tarfile.open(fileobj=io.BytesIO(data), mode="r:") as tar:
        for member in tar:
            name = member.name.removeprefix("./")
            if name in CONTROL_TEXTS and member.isreg() and member.size <= _MOST_TEXT:
                content = tar.extractfile(member)
                if content is not None:
                    texts[name] = content.read().decode("utf-8", "replace")
    return texts


def _configurations(tree: Path, entries: Sequence[Entry]) -> dict[str, str]:
    """The files that name library directories: ldconfig(8)."""
    return {
        entry.path: (tree / entry.path).read_text(encoding="utf-8", errors="replace")
        for entry in entries
        if entry.path.startswith(LD_SO_CONF) and not entry.link and entry.size <= _MOST_TEXT
    }


def _elf_files(tree: Path, entries: Sequence[Entry]) -> dict[str, Elf]:
    """What the loader reads of libraries and programs. One that is damaged is listed without it:
    a check of the bundle tells so.
    """
    found = {}
    top = os.fspath(tree)
    for entry in entries:
        if entry.link or not entry.size:
            continue
        if not (entry.mode & 0o111 or is_shared_library(entry.path)):
            continue
        with contextlib.suppress(ValueError):
            elf = read_elf(f"{top}/{entry.path}")
            if elf is not None and elf.kind in {"shared", "executable"}:
                found[entry.path] = elf.dynamic
    return found


def _damaged(name: str, why: str) -> TaskError:
    return TaskError(
        f"{name} was not unpacked: {why or 'it is damaged'}.",
        hint="Download it again with --refresh, or take another version.",
    )
