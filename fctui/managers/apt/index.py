"""The packages of a suite, searchable as one types."""

from __future__ import annotations

import mmap
import os
from bisect import bisect_left, bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, Self

import msgspec

from fctui.managers.apt.index_build import MAGIC, Header
from fctui.managers.apt.relations import Relation, newest
from fctui.managers.apt.stanza import field

_ENOUGH = 2000
# Hits that are ranked: who types one letter sees the first of them, not all 60,000.


class Hit(NamedTuple):
    """A package as a search shows it; sizes in bytes, None where the list does not tell."""

    name: str
    version: str
    summary: str
    installed_size: int | None
    size: int | None


class PackageIndex:
    """One index file, mapped into memory; reading it costs what is looked at."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        if self._map[: len(MAGIC)] != MAGIC:
            self._map.close()
            raise ValueError(f"{path} is no index of this version")
        at = len(MAGIC) + 8
        length = int(self._map[len(MAGIC) : at], 16)
        header = msgspec.msgpack.Decoder(Header).decode(self._map[at : at + length])
        self.required = header.required
        self.count = header.count
        self._paths = header.lists
        self._lists: list[mmap.mmap] = []
        base = at + length + -(at + length) % 4
        self._where = {
            name: (base + offset, base + offset + size)
            for name, (offset, size) in header.sections.items()
        }
        self._view = memoryview(self._map)
        self._arrays: dict[str, memoryview] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let go of the file."""
        for array in self._arrays.values():
            array.release()
        for each in self._lists:
            each.close()
        self._view.release()
        self._map.close()

    @property
    def lists(self) -> list[mmap.mmap]:
        """The package lists themselves, by the numbers that rows name them by."""
        if not self._lists:
            for path in self._paths:
                with open(path, "rb") as file:
                    self._lists.append(_mapped(file))
        return self._lists

    def __contains__(self, name: str) -> bool:
        return self._row(name) is not None

    def hit(self, name: str) -> Hit | None:
        """The newest version of a package, if there is one of that name."""
        row = self._row(name)
        return None if row is None else self._hit(row)

    def search(self, query: str, limit: int = 100) -> list[Hit]:
        """The best matches: that name, names that begin so, names that have it in them, then
        packages whose summary or name has all the words, at the beginning of a word first.
        """
        words = query.lower().split()
        if not words:
            return []
        text = "-".join(words).encode()
        rows = dict.fromkeys(sorted(self._beginning(text), key=self._name_length))
        if len(rows) < limit:
            rows.update(dict.fromkeys(sorted(self._matches("names", text), key=self._name_length)))
        if len(rows) < limit:
            rows.update(dict.fromkeys(self._by_words([word.encode() for word in words])))
        return [self._hit(row) for row, _ in zip(rows, range(limit), strict=False)]

    def stanza(self, name: str, version: str = "") -> str | None:
        """The control stanza of a version, or of the newest."""
        return next(
            (text for text in self.stanzas(name) if version in {"", field(text, "Version")}), None
        )

    def stanzas(self, name: str) -> Iterator[str]:
        """The stanzas of all versions of a package, newest first."""
        return (stanza for _, stanza in self.numbered_stanzas(name))

    def numbered_stanzas(self, name: str) -> Iterator[tuple[int, str]]:
        """The same, each with the number of the list that it is from."""
        row = self._row(name)
        if row is None:
            return
        for place in self._line(row).split(b"\t")[3].split(b","):
            number, offset, length = map(int, place.split(b":"))
            text = self.lists[number][offset : offset + length]
            yield number, text.decode("utf-8", "replace")

    def providers(self, virtual: str) -> list[tuple[str, Relation]]:
        """The packages that provide a name, each with what it says about it."""
        start = self._where["provided"][0]
        starts, needle = self._array("provided_starts"), virtual.encode() + b"\t"
        found = []
        row = bisect_left(starts, needle, key=lambda at: self._map[start + at : start + at + 200])
        for at in starts[row:]:
            if self._map[start + at : start + at + len(needle)] != needle:
                break
            line = self._map[start + at : self._map.find(b"\n", start + at)].decode()
            _, name, exactly = line.split("\t")
            found.append((name, Relation(virtual, "", "=" if exactly else "", exactly)))
        return found

    def owners(self) -> Iterator[str]:
        """The packages that provide something, one of them perhaps several times."""
        start, end = self._where["provided"]
        lines = self._map[start:end].decode().split("\n")
        return (line.split("\t")[1] for line in lines if line)

    def near(self, name: str, limit: int = 5) -> list[str]:
        """Names like one that does not exist."""
        import difflib

        start, end = self._where["names"]
        names = self._map[start:end].decode().split("\n")
        first = [each for each in names if each[:2] == name[:2]]
        close = difflib.get_close_matches(name, first, n=limit, cutoff=0.75)
        inside = [hit.name for hit in self.search(name, limit)] if len(name) > 2 else []
        return list(dict.fromkeys([*close, *inside]))[:limit]

    def versions(self, name: str) -> list[str]:
        """All versions of a package, newest first."""
        found = {field(text, "Version") for text in self.stanzas(name)}
        return sorted(found, key=newest, reverse=True)

    def names(self) -> Iterator[str]:
        """All names, sorted."""
        return (self._name(row).decode() for row in range(self.count))

    def _row(self, name: str) -> int | None:
        wanted = name.encode()
        row = bisect_left(range(self.count), wanted, key=self._name)
        return row if row < self.count and self._name(row) == wanted else None

    def _beginning(self, text: bytes) -> range:
        """The rows whose name begins with the text: they stand together, for names are sorted."""
        start, end = self._where["names"]
        first = self._map.find(b"\n" + text, start, end)
        if first < 0:
            return range(0)
        starts = self._array("name_starts")
        last = self._map.rfind(b"\n" + text, start, end)
        low = bisect_left(starts, first + 1 - start)
        return range(low, min(bisect_left(starts, last + 1 - start) + 1, low + _ENOUGH))

    def _matches(self, section: str, needle: bytes) -> list[int]:
        """The rows that have the needle in them, in order; at most _ENOUGH."""
        start, end = self._where[section]
        starts = self._array("name_starts" if section == "names" else "summary_starts")
        find = self._map.find
        found: list[int] = []
        row = 0
        at = find(needle, start, end)
        while at >= 0 and len(found) < _ENOUGH:
            row = bisect_right(starts, at - start, row) - 1
            found.append(row)
            at = find(needle, find(b"\n", at, end), end)
        return found

    def _by_words(self, words: list[bytes]) -> list[int]:
        """Rows with all words in summary or name, ranked by how many of them begin a word."""
        candidates = min(
            (self._matches("summaries", word) + self._matches("names", word) for word in words),
            key=len,
        )
        ranked = []
        for row in dict.fromkeys(candidates):
            line = self._line(row)
            text = b" " + self._name(row) + b" " + line[line.rfind(b"\t") + 1 :].lower()
            if all(word in text for word in words):
                ranked.append((-sum(b" " + word in text for word in words), row))
        return [row for _, row in sorted(ranked)]

    def _hit(self, row: int) -> Hit:
        version, size, installed, _, summary = (
            self._line(row).decode("utf-8", "replace").split("\t")
        )
        return Hit(
            self._name(row).decode(),
            version,
            summary,
            int(installed) * 1024 if installed.isdigit() else None,
            int(size) if size.isdigit() else None,
        )

    def _name(self, row: int) -> bytes:
        start = self._where["names"][0] + self._array("name_starts")[row]
        return self._map[start : self._map.find(b"\n", start)]

    def _name_length(self, row: int) -> int:
        starts = self._array("name_starts")
        last = row + 1 == len(starts)
        return 0 if last else int(starts[row + 1] - starts[row])

    def _line(self, row: int) -> bytes:
        start = self._where["rows"][0] + self._array("row_starts")[row]
        return self._map[start : self._map.find(b"\n", start)]

    def _array(self, section: str) -> memoryview:
        if section not in self._arrays:
            start, end = self._where[section]
            self._arrays[section] = self._view[start:end].cast("I")
        return self._arrays[section]


def _mapped(file: BinaryIO) -> mmap.mmap:
    """A file as memory; an empty one cannot be mapped, and is empty memory."""
    empty = os.fstat(file.fileno()).st_size == 0
    return mmap.mmap(-1, 1) if empty else mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
