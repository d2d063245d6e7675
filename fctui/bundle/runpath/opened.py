"""Names of libraries that code and machine code mention: what may be opened by its name.

Nothing tells for sure what dlopen(3) is called with, so every mention counts: one too many keeps a
link or adds a directory to search, one too few breaks a function.
"""

from __future__ import annotations

import mmap
import re
import threading
from collections.abc import Collection, Iterable, Iterator
from pathlib import Path

import msgspec
from msgspec import Struct, field

from fctui.model.errors import TaskError
from fctui.native.elf import MAGIC
from fctui.native.survey import may_be_elf
from fctui.store.bounds import Stopped
from fctui.store.store import Store

_SCAN = "1"
# Of what this module reads: another number makes it read again.

_MOST = 8 << 20
# Bytes of a module that is read; larger ones are data.

_CODE = (".py", ".js", ".cjs", ".mjs")
_OPENING = re.compile(
    rb"dlopen|CDLL|PyDLL|cdll|LoadLibrary|find_library|koffi|\.Library\(|gi\.repository"
)
# ctypes and cffi of Python, ffi-napi and koffi of Node: what a module without any of these has in
# quotes is no name of a library, but for what looks like nothing else.

_WORD = re.compile(rb"""["'/]([A-Za-z0-9_][\w.+-]{1,80})(?=["'])""")
_NAME = re.compile(rb"lib[\w.+-]{1,80}\.so[.\d]*")


class Opened(Struct, frozen=True):
    """Of one artifact: words of its modules, and by path the libraries that machine code names."""

    words: frozenset[str] = frozenset()
    named: dict[str, tuple[str, ...]] = field(default_factory=dict)


_DECODER = msgspec.msgpack.Decoder(Opened)
# Made while one thread imports this: see `model.contents.DECODER`.


def opened(store: Store, digest: str, stop: threading.Event) -> Opened:
    """What an unpacked artifact mentions; read once and remembered. Blocks its thread.

    Raises Stopped, TaskError where a file of the store cannot be read.
    """
    key = f"{_SCAN} {digest}"
    known = store.recall("opened", key)
    if known is not None:
        return _DECODER.decode(known)
    contents = store.contents(digest)
    if contents is None:
        return Opened()
    tree = store.tree(digest)
    words: set[str] = set()
    named: dict[str, tuple[str, ...]] = {}
    try:
        for entry in contents.entries:
            if stop.is_set():
                raise Stopped
            if entry.link:
                continue
            if entry.path.endswith(_CODE):
                words |= words_of(tree / entry.path)
            elif may_be_elf(entry.path, entry.size):
                names = tuple(sorted(set(_named(tree / entry.path))))
                named |= {entry.path: names} if names else {}
    except OSError as error:
        raise TaskError(
            f"Files of {digest} cannot be read: {error.strerror}.",
            hint="Build again: the artifact is unpacked anew.",
        ) from error
    found = Opened(frozenset(words), named)
    store.keep("opened", key, msgspec.msgpack.encode(found))
    return found


def words_of(path: Path) -> set[str]:
    """The words in quotes of a module that may open libraries, the libraries that any names."""
    with path.open("rb") as file:
        data = file.read(_MOST + 1)
    if len(data) > _MOST:
        return set()
    found = (_WORD if _OPENING.search(data) else _NAME).findall(data)
    return {match.decode("ascii", "replace") for match in found}


def mentioned(names: Iterable[str], words: Collection[str]) -> set[str]:
    """The libraries that one of the words may stand for: `libmagic.so.1` is `magic` as well."""
    return {name for name in names if any(each in words for each in _spellings(name))}


def _spellings(name: str) -> Iterator[str]:
    stem, _, _ = name.partition(".so")
    yield from (name, f"{stem}.so", stem, stem.removeprefix("lib"))
    bare = re.sub(r"[-.]?\d[\d.]*$", "", stem)
    # `gobject` for libgobject-2.0: introspection of GLib asks for namespaces.
    yield from (bare, bare.removeprefix("lib"))


def _named(path: Path) -> Iterator[str]:
    with path.open("rb") as file:
        if file.read(4) != MAGIC:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
            for match in _NAME.finditer(data):
                yield match[0].decode("ascii", "replace")
