"""What the files of a package say of themselves, so that nothing goes that somebody needs."""

from __future__ import annotations

import contextlib
import posixpath
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence

import msgspec
from msgspec import Struct, field

from fctui.model.errors import TaskError
from fctui.model.plan import PlannedFile, ProjectFile, StoreFile
from fctui.pruning import binaries, javascript, python
from fctui.pruning.match import Matcher, matchers
from fctui.pruning.rules import version
from fctui.store.bounds import Stopped
from fctui.store.store import Store

_SCAN = "4"
# Of what this module reads: another number makes it read again.

_MOST = 8 << 20
# Bytes of a module that is read; larger ones are data.


class Evidence(Struct, frozen=True):
    """Of one unpacked artifact, paths relative to it.

    `imports` are modules or files that what stays names, `inner` those that a directory which may
    go names outside of itself. `names` are the file names and `marks` the words that its modules
    mention. `binaries` tells for what machine or system (`x86_64`, `aarch64-musl`, `pe`, `mach-o`)
    each binary is, `symbols` how many bytes strip(1) would take from each library.
    """

    imports: tuple[str, ...] = ()
    inner: dict[str, tuple[str, ...]] = field(default_factory=dict)
    names: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    binaries: dict[str, str] = field(default_factory=dict)
    symbols: dict[str, int] = field(default_factory=dict)


_DECODER = msgspec.msgpack.Decoder(Evidence)
# Made while one thread imports this: see `model.contents.DECODER`.


def groups(files: Iterable[PlannedFile]) -> dict[str, list[tuple[str, PlannedFile]]]:
    """Files of the store by the artifact that they are from, with their paths in it."""
    found: dict[str, list[tuple[str, PlannedFile]]] = {}
    for file in files:
        if isinstance(file.source, StoreFile) and file.source.digest:
            found.setdefault(file.source.digest, []).append((file.source.path, file))
    return found


def gather(
    store: Store, manager: str, files: Sequence[PlannedFile], stop: threading.Event
) -> dict[str, Evidence]:
    """The evidence of every artifact that `files` are from, by digest; read once and remembered.

    Artifacts that are not unpacked are left out. Blocks its thread; raises Stopped.
    """
    found: dict[str, Evidence] = {}
    for digest, group in groups(files).items():
        if stop.is_set():
            raise Stopped
        key = f"{_SCAN} {version()} {manager} {digest}"
        known = _recalled(store, key)
        if known is not None:
            found[digest] = known
        elif store.unpacked(digest):
            try:
                found[digest] = _read(store, manager, digest, group)
            except OSError as error:
                raise TaskError(
                    f"Files of {digest} cannot be read: {error.strerror}.",
                    hint="Build again: the artifact is unpacked anew.",
                ) from error
            store.keep("pruning", key, msgspec.msgpack.encode(found[digest]))
    return found


def _recalled(store: Store, key: str) -> Evidence | None:
    known = store.recall("pruning", key)
    try:
        return _DECODER.decode(known) if known is not None else None
    except msgspec.MsgspecError:
        return None  # a file that somebody has damaged is as good as none


def of_code(root: str, files: Iterable[PlannedFile]) -> tuple[str, ...]:
    """The modules and files that the function's own code imports."""
    found: set[str] = set()
    for file in files:
        if not isinstance(file.source, ProjectFile) or file.size > _MOST:
            continue
        path = f"{root}/{file.source.path}"
        reader = _reader(file.path)
        if reader is None:
            continue
        with contextlib.suppress(OSError), open(path, "rb") as opened:  # the build tells of it
            found |= reader(opened.read(), file.path).imports
    return tuple(sorted(found))


def _read(
    store: Store, manager: str, digest: str, group: Sequence[tuple[str, PlannedFile]]
) -> Evidence:
    tree = store.tree(digest)
    rules = [each for each in matchers(manager) if each.rule.how == "paths"]
    wanted = {word.encode() for each in rules for word in each.unless_mentioned}
    imports: set[str] = set()
    inner: dict[str, set[str]] = {}
    names: set[str] = set()
    marks: set[str] = set()
    kinds: dict[str, str] = {}
    symbols: dict[str, int] = {}
    for inside, file in group:
        if file.size and binaries.may_be(inside):
            kind = binaries.kind(tree / inside)
            if kind:
                kinds[inside] = kind
            removable = binaries.symbol_bytes(tree / inside) if kind else 0
            if removable:
                symbols[inside] = removable
            if kind and manager == "pip" and not any(_tops(rules, inside, file.path)):
                imports |= python.named_in(tree / inside)
        reader = _reader(inside)
        if reader is None or file.size > _MOST:
            continue
        data = (tree / inside).read_bytes()
        top = next(_tops(rules, inside, file.path), None)
        if top is not None:
            quick = python.read_quickly if reader is python.read else reader
            inner.setdefault(top, set()).update(quick(data, inside).imports)
            continue
        said = reader(data, inside)
        imports |= said.imports
        names |= said.names
        marks |= {word.decode() for word in wanted if word in data}
    return Evidence(
        imports=tuple(sorted(imports)),
        inner={top: tuple(sorted(said)) for top, said in inner.items() if said},
        names=tuple(sorted(names)),
        marks=tuple(sorted(marks)),
        binaries=kinds,
        symbols=symbols,
    )


def _tops(rules: Iterable[Matcher], inside: str, path: str) -> Iterator[str]:
    """For each rule that matches a file, the directory of the artifact that goes with it."""
    for rule in rules:
        if rule(path):
            yield top_of(rule, inside, path)


def top_of(rule: Matcher, inside: str, path: str) -> str:
    """The directory, relative to the artifact, that a rule takes a file of the bundle with; the
    file itself where it is taken alone.
    """
    above = rule.leave_out.top(posixpath.dirname(path))
    depth = path.count("/") - above.count("/") if above else 0
    parts = inside.split("/")
    return "/".join(parts[: len(parts) - depth]) if depth and depth < len(parts) else inside


_READERS: Mapping[str, python.Reader] = {
    ".py": python.read,
    ".js": javascript.read,
    ".cjs": javascript.read,
    ".mjs": javascript.read,
    "package.json": javascript.read_package,
}


def _reader(path: str) -> python.Reader | None:
    name = posixpath.basename(path)
    return _READERS.get(name) or _READERS.get(posixpath.splitext(name)[1])
