"""The files of a bundle as a forest of directories with their sizes."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from fctui.model.plan import PlannedFile
from fctui.tui.lines.line import Span
from fctui.tui.lines.sizes import size
from fctui.tui.outline.forest import Column
from fctui.tui.signs import SIGNS


class DirectoryForest:
    """Directories end with a slash in their keys, files do not."""

    heading = "file"
    columns = (Column("files", 8), Column("size", 9))

    def __init__(self, files: Iterable[PlannedFile]) -> None:
        self.files = {file.path: file for file in files}
        self._children: dict[str, list[str]] = {"": []}
        self._counts: dict[str, int] = {"": 0}
        self._sizes: dict[str, int] = {"": 0}
        for path, file in self.files.items():
            self._add(path, file.size)
        for keys in self._children.values():
            keys.sort(key=lambda key: (not key.endswith("/"), key))

    def _add(self, path: str, bytes_: int) -> None:
        directory = ""
        self._counts[""] += 1
        self._sizes[""] += bytes_
        for part in path.split("/")[:-1]:
            inner = f"{directory}{part}/"
            if inner not in self._children:
                self._children[inner] = []
                self._children[directory].append(inner)
                self._counts[inner] = self._sizes[inner] = 0
            self._counts[inner] += 1
            self._sizes[inner] += bytes_
            directory = inner
        self._children[directory].append(path)

    def roots(self) -> Sequence[str]:
        """What lies at the top of the bundle."""
        return self._children[""]

    def children(self, key: str) -> Sequence[str]:
        """What lies in a directory, directories first."""
        return self._children.get(key, ())

    def label(self, key: str) -> tuple[Span, ...]:
        """The name; a link's target, and a sign for a shared object."""
        if key.endswith("/"):
            return (Span(key.rstrip("/").rpartition("/")[2] + "/", "name"),)
        file = self.files[key]
        spans = [Span(key.rpartition("/")[2], "library" if file.shared_library else "text")]
        if file.shared_library:
            spans.append(Span(f" {SIGNS.library}", "library"))
        return (*spans, Span(f"  {file.owner}", "dim"))

    def cells(self, key: str) -> tuple[Span, ...]:
        """The number of files in a directory, and bytes."""
        if key.endswith("/"):
            return Span(f"{self._counts[key]:,}", "used"), Span(size(self._sizes[key]), "size")
        return Span(""), Span(size(self.files[key].size), "size")

    def weight(self, key: str) -> int:
        """Bytes of a file, or of everything in a directory."""
        return self._sizes[key] if key.endswith("/") else self.files[key].size

    def count(self, key: str) -> int:
        """The number of files in a directory."""
        return self._counts.get(key, 1)

    def matching(self, query: str) -> Collection[str]:
        """Files whose path or owner holds every word of the query."""
        words = query.casefold().split()
        return [
            path
            for path, file in self.files.items()
            if all(word in f"{path}\0{file.owner}".casefold() for word in words)
        ]
