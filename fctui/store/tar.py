"""Unpacking tar streams (npm tarballs, the data member of debs): tar(5), pax and GNU formats."""

from __future__ import annotations

import lzma
from collections.abc import Callable
from pathlib import Path

from fctui.model.contents import Entry
from fctui.model.errors import TaskError
from fctui.store.inflate import DAMAGED
from fctui.store.paths import refusal, safe_path
from fctui.store.tar_members import Readable, TarError, TarMember, TarStream
from fctui.store.writer import TreeWriter

_FILES = frozenset(b"0\x007")
_HARD_LINK, _SYMBOLIC_LINK = b"1"[0], b"2"[0]
_DIRECTORY, _CHARACTER, _BLOCK, _PIPE = b"5346"
_LEFT_OUT = frozenset({_DIRECTORY, _CHARACTER, _BLOCK, _PIPE})


def unpack_tar(
    stream: Readable,
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
    pipes are left out; set-id bits are dropped; of two members of one name the last stays, as
    with dpkg. Raises TaskError for a damaged or hostile archive, or one with a sparse file.
    """
    writer = TreeWriter(into, name)
    try:
        for member in TarStream(stream):
            path = _path(member.name, strip, name)
            if path and (skip is None or not skip(path)):
                _unpack_member(member, path, writer, name, strip if links else None)
    except (TarError, lzma.LZMAError, *DAMAGED, EOFError, ValueError) as error:
        raise _damaged(name, error) from error
    except OSError as error:
        if error.errno is not None:
            raise
        raise _damaged(name, error) from error  # gzip.BadGzipFile and its kin
    return tuple(writer.entries.values())


def _unpack_member(
    member: TarMember, path: str, writer: TreeWriter, archive: str, strip: int | None
) -> None:
    """Write or record one member; `strip` is None where links are left out."""
    if member.kind in _FILES:
        if not member.name.endswith("/"):  # a directory, in the oldest format
            writer.file(path, member.chunks(), member.mode)
    elif member.kind in {_SYMBOLIC_LINK, _HARD_LINK}:
        if strip is None:
            return
        if member.kind == _SYMBOLIC_LINK:
            writer.link(path, _target(path, member.link, archive))
        else:
            writer.hard_link(path, _path(member.link, strip, archive))
    elif member.kind not in _LEFT_OUT:
        raise refusal(path, archive, f"its type {chr(member.kind)!r} is unknown")


def _damaged(name: str, error: Exception) -> TaskError:
    return TaskError(f"{name} is damaged: {error}.", hint="Download it again with --refresh.")


def _path(name: str, strip: int, archive: str) -> str:
    """The member's path without `strip` directories; "" for one that has no more."""
    if name.startswith("./"):
        name = name[2:].lstrip("/")
    if name in {"", ".", "/"}:
        return ""
    path = safe_path(name, archive)
    for _ in range(strip):
        path = path.partition("/")[2]
    return path


def _target(path: str, target: str, archive: str) -> str:
    """A link's target as it stands: it may lead anywhere on the target, so it is never followed."""
    try:
        target.encode("utf-8")
    except UnicodeEncodeError:
        target = ""
    if not target or not target.isprintable():
        raise refusal(path, archive, "it links to an empty or unprintable name")
    return target
