"""From what other tools' files say to changes of the project's own: computed, not yet made."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct, structs

from fctui.model.names import normalized
from fctui.project.apt_file import read_apt_file
from fctui.project.declared import pip_requirements
from fctui.project.edit_apt import append_apt
from fctui.project.edit_file import Edit
from fctui.project.edit_npm import declare_npm
from fctui.project.edit_pip import append_pip
from fctui.project.edit_settings import fill_settings
from fctui.project.imports.imported import Imported, Pinned, Place, Said
from fctui.project.package_json import SECTIONS, read_package_json
from fctui.project.project import Project, load_project


class Proposal(Struct, frozen=True):
    """What would be written for one function, and what each line of the other files came to."""

    directory: Path
    name: str
    target: str
    edits: tuple[Edit, ...]
    said: tuple[Said, ...]

    @property
    def left(self) -> tuple[Said, ...]:
        """What was not taken."""
        return tuple(each for each in self.said if each.reason)


def propose(imported: Imported, *, target: str = "") -> Proposal:
    """The changes for one function. What its own files say already stays, and is told of.

    `target` wins over that of the files. Raises UsageError where its own files are wrong.
    """
    project = load_project(imported.directory)
    edits = tuple(_edits(project, imported, target))
    name = imported.name or project.name
    settled = target or imported.target
    said = tuple(_unless_other(each, imported.target, settled) for each in imported.said)
    return Proposal(imported.directory, name, settled, edits, said)


def _unless_other(said: Said, target: str, settled: str) -> Said:
    """What came of a line that names a target, where another one was asked for."""
    if target != settled and said.into == f"target {target}":
        return structs.replace(said, into="", reason=f"{settled} was asked for")
    return said


def _edits(project: Project, imported: Imported, target: str) -> Iterator[Edit]:
    if imported.pip:
        new = list(_new_pip(project, imported))
        if new:
            yield append_pip(project, [(each.text, each.hashes) for each in new], _origin(new))
    apt = _new_apt(project, imported)
    if apt:
        yield append_apt(project, apt)
    npm = _new_npm(project, imported)
    if npm:
        yield declare_npm(project, npm)
    values = {table: dict(inner) for table, inner in imported.settings.items()}
    chosen = target or imported.target
    if chosen:
        values[()] = {"target": chosen}
    if values:
        edit, kept = fill_settings(project, values)
        for name, value in kept:
            where = project.settings_file or project.root
            imported.said.append(
                Said(Place(where), f"{name} = {value!r}", reason="stands there, and is kept")
            )
        if edit.after != edit.before:
            yield edit


def _new_pip(project: Project, imported: Imported) -> Iterator[Pinned]:
    """Those that the project's requirement files do not have by name."""
    own = pip_requirements(project).requirements
    known = {r.name: r for r in own if r.name and r.source.suffix != ".toml"}
    for each in imported.pip:
        there = known.get(normalized(each.name))
        if there is None:  # what pyproject.toml asks for, a lock pins
            yield each
        else:
            reason = f"{there.source.name}:{there.line} has {there.text}, which is kept"
            _retold(imported, each, reason)


def _new_apt(project: Project, imported: Imported) -> list[str]:
    """What the list lacks. Where apt.txt takes an Aptfile's place it is all of it."""
    replaced = {place.path.name for place in imported.apt.values()}
    files = project.of("apt")
    if files and files[0].path.name in replaced:
        return list(imported.apt)
    known = {package.name for file in files for package in read_apt_file(file.path)}
    known |= {text.partition("=")[0] for text in project.settings.apt.packages}
    return [text for text in imported.apt if text.partition("=")[0] not in known]


def _new_npm(project: Project, imported: Imported) -> dict[str, str]:
    files = [file.path for file in project.of("npm") if file.kind == "package.json"]
    read = [read_package_json(path) for path in files]
    known = {name for file in read for section in SECTIONS[:3] for name in file.section(section)}
    return {name: spec for name, (spec, _) in imported.npm.items() if name not in known}


def _retold(imported: Imported, pinned: Pinned, reason: str) -> None:
    """What was taken turned out to be there already."""
    for at, said in enumerate(imported.said):
        if said.place == pinned.place and said.into and said.text.startswith(pinned.text[:40]):
            imported.said[at] = Said(said.place, said.text, reason=reason)
            return


def _origin(pinned: list[Pinned]) -> str:
    """The files that requirements come from, for the comment above them."""
    return ", ".join(dict.fromkeys(each.place.path.name for each in pinned))
