"""Who brings it: from an import name, a path or a file's name back to the package."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterable, Sequence
from typing import Literal

from msgspec import Struct

from fctui.managers.pip.scheme import scheme
from fctui.model.names import normalized
from fctui.model.package import Resolution
from fctui.model.plan import Category, Plan, PlannedFile
from fctui.workflow.difference import below
from fctui.workflow.trace import LIBRARIES, dotted
from fctui.workflow.workflow import Workflow

What = Literal["module", "package", "namespace", "file", "directory", "distribution"]
"""What a name was taken for."""

MOST = 200
# Answers that anybody reads.

_DOTTED = re.compile(r"[^\W\d]\w*(\.[^\W\d]\w*)*")


class Found(Struct, frozen=True):
    """One answer: `name` is what was found (an import name, a path), `file` the file that stands
    for it, `files` and `size` what the package has of it. `whole` is False where `name` only
    begins with what was asked for.
    """

    what: What
    name: str
    manager: str
    package: str
    file: PlannedFile
    files: int
    size: int
    whole: bool = True


class Finder:
    """All files of all packages, to be asked again and again as somebody types."""

    def __init__(
        self,
        files: Iterable[PlannedFile],
        modules: dict[int, str],
        names: dict[str, Resolution],
        root: str,
    ) -> None:
        self._files = tuple(files)
        self._names = names
        self._root = root
        self._modules: dict[str, list[PlannedFile]] = {}
        self._inside: dict[str, dict[tuple[str, str], list[PlannedFile]]] = {}
        for index, module in modules.items():
            file = self._files[index]
            self._modules.setdefault(module, []).append(file)
            above = module.rpartition(".")[0]
            while above:
                inside = self._inside.setdefault(above, {})
                inside.setdefault((file.manager, file.owner), []).append(file)
                above = above.rpartition(".")[0]

    def find(self, asked: str) -> tuple[Found, ...]:
        """What a name stands for, the likeliest first; what only begins with it comes last."""
        text = asked.strip()
        if not text:
            return ()
        found = [*self._by_import(text), *self._by_path(text)]
        brought = {(answer.manager, answer.package) for answer in found}
        found += [f for f in self._by_name(text) if (f.manager, f.package) not in brought]
        if len(found) < MOST and not text.startswith("/"):
            found += self._beginning(text)
        if not found and "." in text and _DOTTED.fullmatch(text):
            found = self._by_import(text.rpartition(".")[0])  # its last part may be an attribute
        unique = {(f.manager, f.package, f.what, f.name): f for f in reversed(found)}
        return tuple(f for f in reversed(unique.values()))[:MOST]

    def near(self, asked: str) -> list[str]:
        """Import names that are like one that nothing brings."""
        import difflib

        tops = [name for name in self._modules if "." not in name]
        return difflib.get_close_matches(asked.strip(), tops, n=3)

    def _by_path(self, text: str) -> list[Found]:
        path = text
        if text.startswith("/"):
            path = posixpath.relpath(posixpath.normpath(text), self._root)
        path = path.removeprefix("./").rstrip("/")
        exact = [file for file in self._files if file.path == path]
        if exact:
            return [_found("file", file.path, [file]) for file in exact]
        inside: dict[tuple[str, str], list[PlannedFile]] = {}
        if "/" in text or text.endswith("/"):
            for file in self._files:
                if file.path.startswith(f"{path}/"):
                    inside.setdefault((file.manager, file.owner), []).append(file)
        if inside:
            return [_found("directory", f"{path}/", files) for files in inside.values()]
        return [
            _found("file", file.path, [file])
            for file in self._files
            if file.path.endswith(f"/{path}")
        ][:MOST]

    def _by_import(self, text: str) -> list[Found]:
        if not _DOTTED.fullmatch(text):
            return []
        found = []
        for file in self._modules.get(text, ()):
            inside = self._inside.get(text, {}).get((file.manager, file.owner), [])
            package = posixpath.basename(file.path).startswith("__init__.")
            every = [*inside, file] if package else [file]
            found.append(_found("package" if package else "module", text, [file, *every[:-1]]))
        if not found:
            found = [
                _found("namespace", text, files) for files in self._inside.get(text, {}).values()
            ]
        return found

    def _by_name(self, text: str) -> list[Found]:
        """A package of that name, with the files that it brings."""
        wanted = normalized(text)
        found = []
        for manager, resolution in self._names.items():
            for package in resolution.packages.values():
                if package.id != wanted and text not in {package.id, package.name}:
                    continue
                owner = (manager, package.id)
                files = [file for file in self._files if (file.manager, file.owner) == owner]
                if files:
                    found.append(_found("distribution", package.name, _foremost(files)))
        return found

    def _beginning(self, text: str) -> list[Found]:
        """Import names, then file names, that begin with it."""
        folded = text.casefold()
        found = [
            _found("module", name, files[:1], whole=False)
            for name, files in self._modules.items()
            if name.count(".") == text.count(".")
            and name.casefold().startswith(folded)
            and name != text
        ]
        found.sort(key=lambda f: f.name)
        for file in self._files:
            if len(found) >= MOST:
                break
            base = posixpath.basename(file.path).casefold()
            if base.startswith(folded) and base != folded and not base.startswith("__init__"):
                found.append(_found("file", file.path, [file], whole=False))
        return found


def finder_of(workflow: Workflow, plan: Plan | None = None) -> Finder:
    """A finder over everything that is listed by now. The plan adds what no package brings by
    itself: links, the function's own files.
    """
    files: dict[tuple[str, str, str], PlannedFile] = {}
    for manager in workflow.managers:
        if manager in workflow.listings and manager in workflow.resolutions:
            for file in workflow.layout_of(manager).files:
                files[file.manager, file.owner, file.path] = file
    for file in plan.files if plan else ():
        files.setdefault((file.manager, file.owner, file.path), file)
    every = tuple(files.values())
    where = (
        scheme(workflow.method, workflow.target, workflow.settings)
        if "pip" in workflow.managers
        else None
    )
    modules: dict[int, str] = {}
    for index, file in enumerate(every):
        if file.category is Category.CODE:
            name = dotted(file.path)
        elif where is not None and file.manager == "pip" and file.category in LIBRARIES:
            name = dotted(below(file, where))
        else:
            continue
        if name:
            modules[index] = name
    return Finder(every, modules, dict(workflow.resolutions), workflow.target.code_dir)


def _found(what: What, name: str, files: Sequence[PlannedFile], *, whole: bool = True) -> Found:
    first = files[0]
    size = sum(file.size for file in files)
    return Found(what, name, first.manager, first.owner, first, len(files), size, whole)


def _foremost(files: Sequence[PlannedFile]) -> list[PlannedFile]:
    """A package's files, the one first that tells most: a top-level module, then any."""
    return sorted(
        files,
        key=lambda f: (
            f.category not in LIBRARIES and posixpath.basename(f.path) != "package.json",
            posixpath.basename(f.path) != "__init__.py",
            f.path.count("/"),
        ),
    )
