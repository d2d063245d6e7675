"""Which modules a Python module imports, as far as they are such that a rule may leave out."""

from __future__ import annotations

import ast
import mmap
import re
import warnings
from collections.abc import Callable, Iterator
from pathlib import Path

from msgspec import Struct

_WORDS = rb"(?:tests?|SelfTest|docs?|examples?|benchmarks?)"
_WORD = re.compile(rb"\b%b\b" % _WORDS)

_STATEMENT = re.compile(rb"^[ \t]*(?:import|from)\b[^\n(]*(?:\([^)]{0,4000})?", re.MULTILINE)
_FULL_NAME = re.compile(rb"['\"][\w.]{1,200}\.%b\b[\w.]{0,200}['\"]" % _WORDS)
# What may import one: a statement, or a full name as a string (importlib.import_module). Only the
# few files that have either are parsed. Packages are not trusted: every repetition is bounded, or
# nothing that it has passed is looked at again.

_PARSED = 2 << 20
# Bytes of a module that is parsed; of larger ones the lines are read.

_SUFFIX = re.compile(
    rb"\.(?:md|rst|txt|html|svg|png|map|pyx|pxi|h|hh|hpp|c|cc|cpp|cxx|f90)(?![\w(.=])"
)
_BEFORE = re.compile(rb"[\w.-]+$")
_BARE = re.compile(rb"\b(?:README|CHANGELOG|CHANGES|HISTORY|CONTRIBUTING)\b")
# File names that a rule may leave out: first the suffix, which is found quickly, then what stands
# before it.

_LINE = re.compile(
    rb"^[ \t]*(?:from[ \t]+([.\w]+)[ \t]+import\b|import[ \t]+([.\w]+))", re.MULTILINE
)

_IN_BINARY = (b".tests", b".test", b".SelfTest")
_MOST_NAMES = 10_000
_NAME = re.compile(rb"[A-Za-z_][\w.]*")
_LONGEST = 200
# Bytes on both sides of it that may belong to a module's name.

_DOTTED = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)+")


class Said(Struct, frozen=True):
    """What one file says: what it imports (dotted names, or paths), which file names it has."""

    imports: frozenset[str] = frozenset()
    names: frozenset[str] = frozenset()


Reader = Callable[[bytes, str], Said]
"""From a file's bytes and its path in its artifact to what it says."""


def read(data: bytes, path: str) -> Said:
    """Read one module. `path` may begin with a wheel's `.data` directory."""
    named = frozenset(_file_names(data))
    if not _may_import(data):
        return Said(names=named)
    if len(data) > _PARSED:
        return Said(read_quickly(data, path).imports, named)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in others' code
            parsed = ast.parse(data)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return Said(names=named)  # what does not parse is not imported either
    package = _package(path)
    return Said(frozenset(n for n in _imports(parsed, package) if _WORD.search(n.encode())), named)


def _may_import(data: bytes) -> bool:
    said = any(_WORD.search(match.group()) for match in _STATEMENT.finditer(data))
    return said or _FULL_NAME.search(data) is not None


def read_quickly(data: bytes, path: str) -> Said:
    """The same of a module that is to go itself: only the modules that its statements import, line
    by line, for there are thousands of these.
    """
    package = _package(path)
    found = set()
    for beginning, whole in _LINE.findall(data):
        name = (beginning or whole).decode("ascii", "replace")
        level = len(name) - len(name.lstrip("."))
        if level:
            name = ".".join([*package[: len(package) - level + 1], *name.lstrip(".").split(".")])
        if _WORD.search(name.encode()):
            found.add(name.rstrip("."))
    return Said(frozenset(found))


def _package(path: str) -> list[str]:
    """The package that a module's relative imports begin at."""
    package = module_of(path).split(".")
    return package if path.endswith("/__init__.py") else package[:-1]


def _file_names(data: bytes) -> Iterator[str]:
    for match in _SUFFIX.finditer(data):
        before = _BEFORE.search(data[max(0, match.start() - _LONGEST) : match.start()])
        if before:
            yield f"{before.group().decode('ascii', 'replace')}{match.group().decode()}"
    for bare in set(_BARE.findall(data)):
        yield bare.decode()


def named_in(library: Path) -> frozenset[str]:
    """The modules whose names stand in an extension module as a text: Cython imports by it."""
    found = set()
    with library.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        for word in _IN_BINARY:
            at = data.find(word)
            for _ in range(_MOST_NAMES):
                if at < 0:
                    break
                start = max(0, at - _LONGEST)
                for name in _NAME.finditer(data[start : at + _LONGEST]):
                    if name.start() < at - start < name.end():
                        found.add(name.group().decode().strip("."))
                at = data.find(word, at + 1)
    return frozenset(name for name in found if _WORD.search(name.encode()))


def module_of(path: str) -> str:
    """The dotted name of a module by its path in a wheel (or in a function's directory)."""
    parts = path.removesuffix(".py").split("/")
    if parts[0].endswith(".data") and len(parts) > 2:
        parts = parts[2:]
    if parts[-1] == "__init__":
        parts.pop()
    return ".".join(parts)


def _imports(parsed: ast.AST, package: list[str]) -> Iterator[str]:
    for node in ast.walk(parsed):
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield alias.name
            case ast.ImportFrom(module=module, names=names, level=level):
                above = package[: len(package) - level + 1] if level else []
                base = ".".join([*above, *([module] if module else [])])
                yield base
                for alias in names:
                    yield f"{base}.{alias.name}"
            case ast.Constant(value=str(value)) if _DOTTED.fullmatch(value):
                yield value
