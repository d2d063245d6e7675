"""Where the files of npm packages lie in the bundle: as `npm ci --omit=dev --ignore-scripts` leaves
them, but for npm's own `node_modules/.package-lock.json`. Pure: no I/O.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from msgspec import Struct, structs

from fctui.managers.npm.bundled import PART
from fctui.managers.npm.facts import TEXT, Facts, decode_facts
from fctui.managers.npm.packages import LINK, MANAGER
from fctui.model.contents import Contents, Listing
from fctui.model.finding import Finding, Kind
from fctui.model.package import Package, Resolution
from fctui.model.plan import Category, Layout, Link, PlannedFile, StoreFile, is_shared_library

PUNCTUATION = "_-,;:!?.'\"()[]{}@*/\\&#%"
# The order in which ICU sorts punctuation, all of it before digits and letters: npm sorts by
# localeCompare, and of two packages with a program of the same name the first gets the link.


class _Place(Struct, frozen=True):
    """A package that lies in the bundle, and what its package.json says."""

    package: Package
    facts: Facts
    path: str


def layout(
    resolution: Resolution, listing: Listing, prefix: str = "", *, code: bool = True
) -> Layout:
    """The layout of the listed packages.

    `prefix` is the directory of package.json relative to the project, `code` says whether the
    project's own files are in the bundle, where links of workspaces lead.
    """
    above = f"{prefix}/" if prefix else ""
    files: dict[str, PlannedFile] = {}
    places: list[_Place] = []
    findings: list[Finding] = []
    for id_, package in resolution.packages.items():
        contents = listing.contents.get(id_)
        if contents is None:
            continue
        facts = decode_facts(contents.texts.get(TEXT, ""))
        target = link_target(package)
        if target is None:
            for file in _files(package, contents, above):
                files[file.path] = file
        elif finding := _link_finding(package, target, code=code):
            findings.append(finding)
            continue
        else:
            file = _link(
                package, f"{above}{id_}", posixpath.relpath(target, posixpath.dirname(id_))
            )
            files[file.path] = file
        places.append(_Place(package, facts, f"{above}{id_}"))
    _add_programs(files, places)
    return Layout(files=tuple(files.values()), findings=tuple(findings))


def link_target(package: Package) -> str | None:
    """The directory that a link leads to, relative to package.json; None for any other package."""
    artifact = package.artifact
    if artifact is None or not artifact.url.startswith(LINK):
        return None
    return artifact.url.removeprefix(LINK)


def _files(package: Package, contents: Contents, above: str) -> Iterator[PlannedFile]:
    digest, _, _ = contents.digest.partition(PART)
    for entry in contents.entries:
        yield PlannedFile(
            path=f"{above}{package.id}/{_inside(contents, entry.path)}",
            size=entry.size,
            category=Category.NODE_MODULE,
            owner=package.id,
            manager=MANAGER,
            source=StoreFile(digest, entry.path),
            mode=0o755 if entry.mode & 0o111 else 0o644,
            shared_library=is_shared_library(entry.path),
        )


def _inside(contents: Contents, path: str) -> str:
    """The path of an entry within its package: a bundled one's entries begin with its directory."""
    _, part, directory = contents.digest.partition(PART)
    return path[len(directory) + 1 :] if part else path


def _link(package: Package, path: str, target: str) -> PlannedFile:
    return PlannedFile(
        path=path,
        size=len(target.encode()),
        category=Category.LINK,
        owner=package.id,
        manager=MANAGER,
        source=Link(target),
        mode=0o777,
    )


def _link_finding(package: Package, target: str, *, code: bool) -> Finding | None:
    """What is wrong with a link whose directory is not in the bundle."""
    if target.startswith(("../", "/")) or target == "..":
        why = f"{target}, outside of the project, and is left out"
        cure = "Move it into the project, or publish it."
    elif not code:
        why = f"{target}, which is not in the bundle while [bundle] code is false"
        cure = "Set code = true."
    else:
        return None
    return Finding(
        kind=Kind.UNRESOLVED,
        subject=package.id,
        message=f"{package.name} is a link to {why}. {cure}",
    )


def _add_programs(files: dict[str, PlannedFile], places: list[_Place]) -> None:
    """Link the programs of each package in the `.bin` beside it, executable: bin-links.

    Of two that want one name the first in npm's order gets it.
    """
    taken: set[str] = set()
    for place in sorted(places, key=lambda place: _order(place.path)):
        directory = f"{_modules(place.path)}/.bin"
        linked = link_target(place.package) is not None
        for name, inner in place.facts.bin.items():
            path, target = f"{directory}/{name}", f"{place.path}/{inner}"
            if path in taken:
                continue
            taken.add(path)
            if not linked:
                program = files.get(target)
                if program is None:
                    continue
                files[target] = structs.replace(program, mode=0o755)
            files[path] = _link(place.package, path, posixpath.relpath(target, directory))


def _modules(path: str) -> str:
    """The `node_modules` directory that a package lies in."""
    head, _, _ = path.rpartition("node_modules/")
    return f"{head}node_modules"


def _order(path: str) -> tuple[int, list[tuple[int, int, str]], str]:
    """The key of npm's `sortNodes`: depth, then localeCompare."""
    letters = [
        (0, PUNCTUATION.index(c), "") if c in PUNCTUATION else (1, 0, c) for c in path.lower()
    ]
    return path.count("node_modules/"), letters, path.swapcase()
