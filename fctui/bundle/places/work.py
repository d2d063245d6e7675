"""What the makers of files work with: the target, the plan's tree, and the text of its files."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Protocol

from fctui.bundle.places.tree import Tree
from fctui.model.finding import Finding
from fctui.model.plan import StoreFile
from fctui.model.target import Target


class Read(Protocol):
    """Reading the first `most` bytes of a file of the store, all of it by default."""

    def __call__(self, source: StoreFile, most: int = -1) -> bytes:
        """Raises OSError where it is not there."""


@dataclass
class Work:
    """One plan at work on. Makers add what they find wrong to `findings`."""

    target: Target
    tree: Tree
    read: Read
    findings: list[Finding] = field(default_factory=list)

    def data(self, path: str) -> bytes:
        """The bytes of a file that debs bring, links followed; none of any other."""
        file = self.tree.file(path)
        if file is None or not isinstance(file.source, StoreFile):
            return b""
        return self.read(file.source)

    def on_target(self, path: str) -> str:
        """Where a path of the bundle is on the target."""
        return f"{self.target.code_dir.rstrip('/')}/{path}"

    def code(self, text: str) -> str:
        """A rule's text with the code directory in it."""
        return text.replace("{code}", self.target.code_dir.rstrip("/"))
