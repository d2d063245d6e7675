"""Unpacking an npm tarball as npm does: pacote's `fetcher.js` and bin-links' `fix-bin.js`."""

from __future__ import annotations

import hashlib
import os
import posixpath
import re
from pathlib import Path

import msgspec

from fctui.managers.npm.facts import Facts, encode_facts, facts_of, is_manifest
from fctui.managers.npm.integrity import Integrity
from fctui.model.contents import Contents, Entry
from fctui.store.inflate import gunzip
from fctui.store.paths import MTIME_NS
from fctui.store.tar import unpack_tar

_HASHBANG = re.compile(rb"^(#![^\n]+)\r\n")
_GZIP = b"\x1f\x8b"


def unpack_tarball(
    archive: Path,
    into: Path,
    digest: str,
    *,
    name: str = "The tarball",
    integrity: Integrity | None = None,
) -> Contents:
    """Write the files of a package below `into`, without its first directory; a store Unpacker.

    As in npm, links in the tarball are left out, a `.gitignore` becomes the `.npmignore` that it
    stands for, and a program's first line loses its carriage return. `name` is for messages;
    `integrity` is checked first, where it is one that the store could not check.
    """
    if integrity is not None:
        integrity.verify(archive)
    with archive.open("rb") as file:
        if file.peek(2)[:2] == _GZIP:
            with gunzip(file) as stream:
                unpacked = unpack_tar(stream, into, name=name, strip=1, links=False)
        else:
            unpacked = unpack_tar(file, into, name=name, strip=1, links=False)
    entries = {entry.path: entry for entry in unpacked}
    for path in list(entries):
        if posixpath.basename(path) == ".gitignore":
            _rename_gitignore(entries, path, into)
    texts: dict[str, str] = {}
    for path in [path for path in entries if is_manifest(path)]:
        prefix = path[: -len("package.json")]
        facts = facts_of((into / path).read_bytes(), entries, prefix)
        texts[path] = encode_facts(facts)
        _fix_programs(entries, facts, prefix, into)
    return Contents(digest=digest, entries=tuple(entries.values()), texts=texts)


def _rename_gitignore(entries: dict[str, Entry], path: str, into: Path) -> None:
    wanted = path.removesuffix(".gitignore") + ".npmignore"
    entry = entries.pop(path)
    if wanted in entries:
        (into / path).unlink()
        return
    (into / path).rename(into / wanted)
    entries[wanted] = msgspec.structs.replace(entry, path=wanted)


def _fix_programs(entries: dict[str, Entry], facts: Facts, prefix: str, into: Path) -> None:
    """Take the carriage return from a first line `#!…`: no kernel finds the interpreter with it."""
    for target in facts.bin.values():
        entry = entries.get(prefix + target)
        if entry is None:
            continue
        path = into / entry.path
        with path.open("rb") as file:
            if not _HASHBANG.match(file.read(2048)):
                continue
        data = _HASHBANG.sub(rb"\1\n", path.read_bytes(), count=1)
        mode = path.stat().st_mode & 0o777
        path.unlink()
        path.write_bytes(data)
        path.chmod(mode)
        os.utime(path, ns=(MTIME_NS, MTIME_NS))
        digest = hashlib.sha256(data).hexdigest()
        entries[entry.path] = msgspec.structs.replace(entry, size=len(data), sha256=digest)
