"""Where the files of a bundle lie once its dependencies are in layers: the code stays in the code
directory, everything else goes below `/opt`, and links are led to where their ends are now.

Below `/opt` a file keeps the path that it has in the bundle, so that RUNPATH, RECORD and relative
links hold. Three kinds of files have places of their own there, which runtimes search (AWS Lambda,
"Packaging your layer content"; Function Compute, "Create a custom layer").
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Sequence

from fctui.bundle.manifest import MANIFEST_PATH, ManifestFile
from fctui.model.plan import Category
from fctui.model.target import Target

PYTHON, NODE, JAVA = "python", "nodejs", "java/lib"

_MODULES = "node_modules/"
_LONGEST_CHAIN = 40  # links; the kernel's own bound, path_resolution(7)


class Places:
    """The absolute place of every file of a bundle on the target."""

    def __init__(self, files: Sequence[ManifestFile], target: Target) -> None:
        self._files = {file.path: file for file in files}
        self._code = target.code_dir.rstrip("/")
        self._layers = target.layer_dir.rstrip("/")
        self._at_root = any(_is_info_at_root(file) for file in files)
        self._places = {file.path: self._place(file) for file in files}
        self._directories: dict[str, list[str]] = {"": []}
        for path in self._files:
            directory = path
            while directory:
                directory = directory.rpartition("/")[0]
                self._directories.setdefault(directory, []).append(path)

    def of(self, path: str) -> str:
        """The absolute place of a file of the bundle."""
        return self._places[path]

    def in_layer(self, path: str) -> str | None:
        """The path in a layer's archive; None for what stays with the code or is not there."""
        place = self._places.get(path, "")
        return place[len(self._layers) + 1 :] if place.startswith(f"{self._layers}/") else None

    def link(self, file: ManifestFile) -> str:
        """What a link has to say in its new place. One that led nowhere says what it said."""
        if posixpath.isabs(file.link):
            return file.link
        before = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), file.link))
        place = self._end(before)
        if place is None:
            return file.link
        here = posixpath.dirname(self._places[file.path])
        if posixpath.normpath(posixpath.join(here, file.link)) == place:
            return file.link
        return posixpath.relpath(place, here)

    def now(self, path: str) -> str | None:
        """Where a path of the bundle is now. One that is not there goes with the directory that
        it would be in; None where there is none but the bundle itself.
        """
        rest: list[str] = []
        while path:
            place = self._end(path)
            if place is not None:
                return posixpath.join(place, *rest)
            path, _, last = path.rpartition("/")
            rest.insert(0, last)
        return None

    def directories(self, directory: str) -> Iterator[tuple[str, str, ManifestFile]]:
        """Where a directory of the bundle has gone, by each file below it: (its new place, the
        file's path below it, the file).
        """
        prefix = f"{directory}/" if directory else ""
        for path in self._directories.get(directory, ()):
            rest, place = path[len(prefix) :], self._places[path]
            if place.endswith(f"/{rest}"):
                yield place[: -len(rest) - 1] or "/", rest, self._files[path]

    def collisions(self) -> tuple[str, ...]:
        """Paths whose place another file has taken already."""
        seen: dict[str, str] = {}
        found = []
        for path, place in self._places.items():
            if seen.setdefault(place, path) != path:
                found.append(path)
        return tuple(found)

    def _place(self, file: ManifestFile) -> str:
        path = file.path
        if file.manager in {"project", "fctui"} or path == MANIFEST_PATH:
            return f"{self._code}/{path}"
        if file.manager == "npm":
            # Modules below a directory of the code are only found from there.
            modules = path.startswith(_MODULES)
            return f"{self._layers}/{NODE}/{path}" if modules else f"{self._code}/{path}"
        if file.category is Category.JAR:
            return f"{self._layers}/{JAVA}/{posixpath.basename(path)}"
        if file.manager == "pip" and self._at_root and not _is_script(file):
            return f"{self._layers}/{PYTHON}/{path}"
        return f"{self._layers}/{path}"

    def _end(self, path: str) -> str | None:
        """The new place of what a path leads to, through links of the bundle; None if nothing."""
        for _ in range(_LONGEST_CHAIN):
            if path in self._files:
                return self._places[path]
            if path in {"", "."} or path in self._directories:
                return self._directory("" if path == "." else path)
            linked = self._through_link(path)
            if linked is None:
                return None
            path = linked
        return None

    def _through_link(self, path: str) -> str | None:
        """The path with its first component that is a link followed."""
        parts = path.split("/")
        for count in range(1, len(parts)):
            file = self._files.get("/".join(parts[:count]))
            if file is not None and file.link:
                top = posixpath.join(posixpath.dirname(file.path), file.link)
                return posixpath.normpath(posixpath.join(top, *parts[count:]))
        return None

    def _directory(self, directory: str) -> str | None:
        """Where most files below a directory have gone."""
        counts: dict[str, int] = {}
        for place, *_ in self.directories(directory):
            counts[place] = counts.get(place, 0) + 1
        return max(counts, key=lambda place: counts[place]) if counts else None


def _is_info_at_root(file: ManifestFile) -> bool:
    """Whether a file tells that pip's packages lie at the bundle's root."""
    parts = file.path.split("/")
    return file.manager == "pip" and len(parts) == 2 and parts[0].endswith(".dist-info")


def _is_script(file: ManifestFile) -> bool:
    return file.category is Category.SCRIPTS and file.path.startswith("bin/")
