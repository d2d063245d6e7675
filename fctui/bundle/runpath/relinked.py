"""What of a plan changes once libraries find each other by themselves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from msgspec import Struct, structs

from fctui.model.plan import Place, PlannedFile, StoreFile


class Copy(Struct, frozen=True):
    """A file of the store with another RUNPATH; `size` in bytes."""

    original: StoreFile
    source: StoreFile
    size: int


class Relinked(Struct, frozen=True):
    """Copies by the paths in the bundle that they go to, and the links that nobody needs then."""

    copies: Mapping[str, Copy] = MappingProxyType({})
    dropped: frozenset[str] = frozenset()

    def applied(self, files: Sequence[PlannedFile]) -> tuple[PlannedFile, ...]:
        """The files with the copies in the place of what they are copies of, less the links. All
        as it is where a copy is not of the file that is planned now: then nothing was asked of it.
        """
        if not self.copies:
            return tuple(files)
        by_path = {file.path: file for file in files}
        planned = {path: by_path.get(path) for path in self.copies}
        if any(f is None or f.source != self.copies[p].original for p, f in planned.items()):
            return tuple(files)
        return tuple(self._changed(file) for file in files if file.path not in self.dropped)

    def places(self, files: Sequence[PlannedFile]) -> tuple[Place, ...]:
        """Why files are not those of their packages, if that is so."""
        changed = tuple(
            file.path
            for file in files
            if file.path in self.copies and file.source == self.copies[file.path].source
        )
        reason = "they find the libraries that they need from where they lie"
        return (Place("rpath", reason, "ld.so(8)", files=changed),) if changed else ()

    def _changed(self, file: PlannedFile) -> PlannedFile:
        copy = self.copies.get(file.path)
        return structs.replace(file, source=copy.source, size=copy.size) if copy else file
