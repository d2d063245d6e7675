"""What a lock says: exact packages by target, and the declarations that they answer for."""

from __future__ import annotations

from msgspec import Struct, field

VERSION = 1
"""The format's version that this program writes and reads."""


class Statement(Struct, frozen=True):
    """One thing that a project asks a manager for, normalized: what is not in it may change
    without any package changing. `source` is the file, relative to the project.
    """

    source: str
    text: str


class Declared(Struct, frozen=True, rename="kebab"):
    """A file that declares something, as it was when it was locked: the SHA-256 of what it asks
    one manager for. Comments, order and spelling do not count.
    """

    path: str
    manager: str
    sha256: str


class PinnedSource(Struct, frozen=True, omit_defaults=True, rename="kebab"):
    """Where packages come from: a suite of an archive with the date of its release (RFC 5322's
    form, as the Release file has it), or a Maven repository with its address before mirrors.
    """

    id: str
    url: str = ""
    date: str = ""


class PinnedRoot(Struct, frozen=True, omit_defaults=True, rename="kebab"):
    """What is declared, and the package that answers for it."""

    id: str
    requirement: str
    source: str = ""


class PinnedPackage(Struct, frozen=True, omit_defaults=True, rename="kebab"):
    """One exact package. `path` leads from its source to the file, `digest` is that of the file,
    sizes are in bytes. Without a file name it has no file of its own.
    """

    id: str
    version: str
    name: str = ""
    source: str = ""
    path: str = ""
    filename: str = ""
    size: int | None = None
    digest: str = ""
    installed_size: int | None = None
    note: str = ""
    requires: tuple[str, ...] = ()


class PinnedFinding(Struct, frozen=True, omit_defaults=True, rename="kebab"):
    """What resolving had to say, see `Finding`."""

    kind: str
    subject: str
    message: str
    needed_by: tuple[str, ...] = ()
    breaks: bool = True


class Pinned(Struct, frozen=True, omit_defaults=True, rename="kebab"):
    """One manager's packages for one target: in a `file` of its ecosystem's own beside this lock,
    or here. `answers_for` is the SHA-256 of that file where nothing in it says what it is for.
    """

    file: str = ""
    answers_for: str = ""
    sources: tuple[PinnedSource, ...] = ()
    roots: tuple[PinnedRoot, ...] = ()
    packages: tuple[PinnedPackage, ...] = ()
    findings: tuple[PinnedFinding, ...] = ()


class LockedTarget(Struct, frozen=True, omit_defaults=True, rename="kebab"):
    """All packages for one target. `facts` are what of the target has decided about them."""

    facts: dict[str, str] = field(default_factory=dict)
    pip: Pinned | None = None
    apt: Pinned | None = None
    npm: Pinned | None = None
    maven: Pinned | None = None

    def of(self, manager: str) -> Pinned | None:
        """What is pinned of one manager, if anything is."""
        found = getattr(self, manager, None)
        return found if isinstance(found, Pinned) else None


class Lock(Struct, frozen=True, rename="kebab"):
    """`fctui.lock`: the declarations, and the packages by target."""

    version: int
    declared: tuple[Declared, ...]
    targets: dict[str, LockedTarget]


class Pins(Struct, frozen=True):
    """What one manager pins: by target, and the files that go beside the lock, by name."""

    by_target: dict[str, Pinned]
    files: dict[str, bytes] = field(default_factory=dict)
