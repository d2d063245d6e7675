"""A file that is not on both sides of a comparison, or not the same."""

from __future__ import annotations

from msgspec import Struct


class FileChange(Struct, frozen=True):
    """A file that is on one side only (its size on the other is None), or has other bytes; `owner`
    is manager and package id.
    """

    path: str
    owner: tuple[str, str]
    before: int | None
    after: int | None

    @property
    def grown(self) -> int:
        """Bytes that it has more now."""
        return (self.after or 0) - (self.before or 0)

    @property
    def what(self) -> str:
        """`added`, `removed`, `changed`."""
        return "added" if self.before is None else "removed" if self.after is None else "changed"
