"""The Python modules that a bundle brings, by the names that they are imported by."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct

from fctui.bundle.manifest import ManifestFile
from fctui.model.names import normalized
from fctui.model.plan import Category

ASIDE = frozenset(
    {"test", "tests", "testing", "_tests", "doc", "docs", "example", "examples", "sample"}
    | {"samples", "benchmark", "benchmarks", "scripts", "conftest", "setup", "tools"}
)
# Top-level names that packages install by mistake: nobody imports them.

_NODE_HANDLERS = frozenset({"index", "handler", "app", "lambda"})
_OF_NODE = frozenset({"js", "mjs", "cjs"})

_DEPTH = 4
# Levels of a namespace package that are looked into: `google.cloud.storage` is the third.


class Module(Struct, frozen=True):
    """One module to import; `optional` where its distribution may do without it."""

    name: str
    owner: str
    optional: bool


def modules(files: Sequence[ManifestFile]) -> tuple[Module, ...]:
    """Every top-level module of every distribution; of a namespace (PEP 420) what is in it."""
    by_owner: dict[str, list[str]] = {}
    for file in files:
        if file.manager == "pip":
            by_owner.setdefault(file.owner, []).append(file.path)
    libraries = {Category.PURELIB, Category.PLATLIB}
    inside = {file.path for file in files if file.category in libraries}
    found: list[Module] = []
    for owner, paths in by_owner.items():
        names: dict[str, None] = {}
        for top in _site_directories(paths):
            names |= dict.fromkeys(_below(top, [path for path in paths if path in inside]))
        main = main_names(owner, names)
        found += [Module(name, owner, name not in main) for name in sorted(names)]
    return tuple(found)


def main_names(owner: str, names: Iterable[str]) -> tuple[str, ...]:
    """The modules or launchers that a distribution is there for: the one that has its name, else
    all that are public. Others may want what only an extra brings, as `blackd` of black does.
    """
    named = tuple(name for name in names if _normal(name) == _normal(owner))
    public = [name for name in names if not _is_aside(name) and not name.startswith("_")]
    return named or tuple(public) or tuple(names)


def _normal(name: str) -> str:
    """A distribution's name as PEP 503 compares it; that of a module in the same form."""
    return normalized(name).strip("-")


def handlers(files: Sequence[ManifestFile]) -> Iterator[tuple[str, ManifestFile]]:
    """The function's own modules that lie at the top: one of them has the handler."""
    for file in files:
        name, _, suffix = file.path.rpartition(".")
        if file.category is not Category.CODE or suffix != "py" or not name.isidentifier():
            continue
        if name not in ASIDE and not name.startswith("test_"):
            yield name, file


def node_handlers(files: Sequence[ManifestFile]) -> Iterator[tuple[str, ManifestFile]]:
    """The same for Node, by the names that providers and their templates give to handlers: other
    scripts at the top are often those of tools, which run only where they were made.
    """
    for file in files:
        name, _, suffix = file.path.rpartition(".")
        if file.category is Category.CODE and suffix in _OF_NODE and name in _NODE_HANDLERS:
            yield name, file


def _site_directories(paths: Iterable[str]) -> list[str]:
    """Where a distribution lies: the directories that have its `.dist-info`. One deeper down is
    of a distribution that it has in its own package: PyPA, "Recording installed projects".
    """
    found: dict[str, None] = {}
    for path in paths:
        directory, name = posixpath.split(path)
        if name == "METADATA" and directory.endswith(".dist-info"):
            found[posixpath.dirname(directory)] = None
    return [top for top in found if not any(top != other and _is_in(top, other) for other in found)]


def _is_in(path: str, directory: str) -> bool:
    return not directory or path.startswith(f"{directory}/")


def _below(top: str, paths: Sequence[str]) -> Iterator[str]:
    prefix = f"{top}/" if top else ""
    relative = [path.removeprefix(prefix).split("/") for path in paths if path.startswith(prefix)]
    yield from _names((), relative)


def _names(package: tuple[str, ...], paths: Sequence[Sequence[str]]) -> Iterator[str]:
    """The modules directly in a directory, and those of its directories that are no packages."""
    directories: dict[str, list[Sequence[str]]] = {}
    for parts in paths:
        if len(parts) > 1:
            directories.setdefault(parts[0], []).append(parts[1:])
        elif (name := module_name(parts[0])) and name != "__init__":
            yield ".".join((*package, name))
    for name, inner in directories.items():
        if not name.isidentifier() or name == "__pycache__":
            continue
        if any(len(parts) == 1 and module_name(parts[0]) == "__init__" for parts in inner):
            yield ".".join((*package, name))
        elif len(package) < _DEPTH and name not in ASIDE:
            yield from _names((*package, name), inner)


def module_name(file: str) -> str:
    """`x` for `x.py`, `x.so`, `x.abi3.so`, `x.cpython-311-x86_64-linux-gnu.so`; else ""."""
    name, _, rest = file.partition(".")
    if not name.isidentifier():
        return ""
    extension = rest == "so" or (rest.endswith(".so") and rest.startswith(("abi3", "cpython-")))
    return name if rest == "py" or extension else ""


def _is_aside(name: str) -> bool:
    return name.partition(".")[0] in ASIDE
