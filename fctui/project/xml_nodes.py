"""XML as elements that know where they stand in the text, so that an edit touches nothing else.

Files come from outside: a document type declaration is refused, for it is what entity attacks are
made of, and no file that is read here has a use for one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from xml.parsers import expat

from msgspec import Struct, field

from fctui.model.errors import UsageError

_TAG = re.compile(rb"<[^>\"']*(?:\"[^\"]*\"[^>\"']*|'[^']*'[^>\"']*)*>")

_DEEPEST = 200
# Elements within each other; Maven's own models have less than 20.


class Node(Struct):
    """One element: its name without namespace, its text, and offsets in bytes.

    `start` and `end` span the whole element, `inside` and `outside` what is between its tags (both
    `end` for `<a/>`). `line` counts from 1.
    """

    name: str
    start: int
    line: int
    end: int = 0
    inside: int = 0
    outside: int = 0
    text: str = ""
    children: list[Node] = field(default_factory=list)

    def child(self, *path: str) -> Node | None:
        """The first element down a path of names."""
        found: Node | None = self
        for name in path:
            found = next((c for c in found.children if c.name == name), None) if found else None
        return found

    def all(self, *path: str) -> Iterator[Node]:
        """The children of the last name of a path."""
        above = self.child(*path[:-1])
        for each in above.children if above else ():
            if each.name == path[-1]:
                yield each

    def value(self, *path: str) -> str:
        """The text at the end of a path, without spaces around it; "" where there is none."""
        found = self.child(*path)
        return found.text.strip() if found else ""


def parse_xml(data: bytes, name: str) -> Node:
    """The root element of a file that messages call `name`. Raises UsageError, with the line."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UsageError(f"{name} is UTF-16.", hint="Save it as UTF-8.")
    return _Reader(data, name).read()


def replaced(data: bytes, changes: Sequence[tuple[int, int, bytes]]) -> bytes:
    """The text with spans (start, end, new bytes) replaced; none may overlap."""
    for start, end, new in sorted(changes, reverse=True):
        data = data[:start] + new + data[end:]
    return data


class _Reader:
    """Builds the elements of one file."""

    def __init__(self, data: bytes, name: str) -> None:
        self._data = data
        self._name = name
        self._open: list[Node] = []
        self._root: Node | None = None

    def read(self) -> Node:
        parser = self._parser = expat.ParserCreate(namespace_separator=None)
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._characters
        parser.StartDoctypeDeclHandler = self._doctype
        try:
            parser.Parse(self._data, True)
        except expat.ExpatError as error:
            problem = expat.errors.messages[error.code]
            raise UsageError(
                f"{self._name}:{error.lineno}:{error.offset + 1}: not valid XML: {problem}."
            ) from error
        except (LookupError, ValueError) as error:
            raise UsageError(f"{self._name} is not valid XML: {error}.") from error
        if self._root is None:
            raise UsageError(f"{self._name} is empty.")
        return self._root

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        if len(self._open) >= _DEEPEST:
            raise UsageError(f"{self._name} is nested too deeply.", hint="Is it the right file?")
        at = self._parser.CurrentByteIndex
        node = Node(name.rpartition(":")[2], at, self._parser.CurrentLineNumber)
        tag = _TAG.match(self._data, at)
        node.inside = tag.end() if tag else at
        if self._open:
            self._open[-1].children.append(node)
        else:
            self._root = node
        self._open.append(node)

    def _end(self, _name: str) -> None:
        node = self._open.pop()
        at = self._parser.CurrentByteIndex
        if self._data[at : at + 2] == b"</" and at >= node.inside:
            node.outside, node.end = at, self._data.index(b">", at) + 1
        else:
            node.outside = node.end = node.inside

    def _characters(self, text: str) -> None:
        if self._open:
            self._open[-1].text += text

    def _doctype(self, *_: object) -> None:
        raise UsageError(
            f"{self._name}:{self._parser.CurrentLineNumber}: it has a document type declaration, "
            "which is not read here.",
            hint="Take the <!DOCTYPE …> out.",
        )
