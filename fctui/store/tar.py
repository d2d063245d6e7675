"""Unpacking tar streams (npm tarballs, the data member of debs): tar(5), pax and GNU formats."""

from __future__ import annotations

import lzma
import tarfile
import zlib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

from fctui.model.contents import Entry
from fctui.model.errors import TaskError
from fctui.store.paths import safe_path
from fctui.store.writer import TreeWriter

_CHUNK = 1 << 20


def unpack_tar(
    stream: IO[bytes],
    into: Path,
    *,
    name: str = "archive",
    strip: int = 0,
    skip: Callable[[str], bool] | None = None,
    links: bool = True,
) -> tuple[Entry, ...]:
    """Write the files of an uncompressed tar stream into an existing empty directory, list them.

    `strip` leading directories are taken off each name, `skip` names members to leave out,
    without `links` symbolic and hard links are left out, as npm does. Directories, devices and
    pipes are left out; set-id bits are dropped. Raises TaskError for a damaged or hostile archive.
    """
    writer = TreeWriter(into, name)
    try:
        with tarfile.open(fileobj=stream, mode="r|", bufsize=_CHUNK, errorlevel=2) as tar:
            for member in tar:
                path = _path(member.name, strip, name)
                if not path or (skip is not None and skip(path)):
                    continue
                if member.isreg():
                    writer.file(path, _chunks(tar, member), member.mode)
                elif member.issym() and links:
                    writer.link(path, _target(member.linkname, name))
                elif member.islnk() and links:
                    writer.hard_link(path, _path(member.linkname, strip, name))
    except (tarfile.TarError, lzma.LZMAError, zlib.error, EOFError, UnicodeError) as error:
        raise TaskError(
            f"{name} is damaged: {error}.", hint="Download it again with --refresh."
        ) from error
    return tuple(writer.entries.values())


def _path(name: str, strip: int, archive: str) -> str:
    """The member's path without `strip` directories; "" for one that has no more."""
    if name.strip("./") == "" and ".." not in name:
        return ""
    return "/".join(safe_path(name, archive).split("/")[strip:])


def _target(target: str, archive: str) -> str:
    """A link's target as it stands: it may lead anywhere on the target, so it is never followed."""
    if not target or any(ord(char) < 32 for char in target):
        raise TaskError(f"{archive} has a link with an empty or unprintable target.")
    return target


def _chunks(tar: tarfile.TarFile, member: tarfile.TarInfo) -> Iterator[bytes]:
    source = tar.extractfile(member)
    if source is None:
        return
    left = member.size
    while left:
        chunk = source.read(min(_CHUNK, left))
        if not chunk:
            raise tarfile.ReadError("it ends too early")
        left -= len(chunk)
        yield chunk
