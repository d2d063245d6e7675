"""Reading package-lock.json and npm-shrinkwrap.json, versions 2 and 3: package-lock-json(5)."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec
from msgspec import Struct, field

from fctui.managers.npm.manifest import Manifest, declared_by, optional_peers
from fctui.managers.npm.semver import satisfies
from fctui.model.errors import UsageError

Words = list[str] | str


class LockEntry(Struct, frozen=True, rename="camel"):
    """One object of `packages`: what npm has resolved for one place of the tree.

    `bin`, `engines` and the platform lists are as packages publish them, so in more than one shape.
    """

    name: str = ""
    version: str = ""
    resolved: str | bool | None = None
    integrity: str = ""
    link: bool = False
    in_bundle: bool = False
    has_install_script: bool = False
    dependencies: dict[str, str] = field(default_factory=dict)
    optional_dependencies: dict[str, str] = field(default_factory=dict)
    peer_dependencies: dict[str, str] = field(default_factory=dict)
    dev_dependencies: dict[str, str] = field(default_factory=dict)
    peer_dependencies_meta: dict[str, Any] = field(default_factory=dict)
    engines: Any = None
    os: Words | None = None
    cpu: Words | None = None
    libc: Words | None = None
    workspaces: Any = None

    @property
    def source(self) -> str:
        """`resolved`, or "" where the lock does not say."""
        return self.resolved if isinstance(self.resolved, str) else ""

    @property
    def node_range(self) -> str:
        """The versions of Node that the package says it runs on, "" for any."""
        wanted = self.engines.get("node") if isinstance(self.engines, dict) else None
        return wanted if isinstance(wanted, str) else ""

    @property
    def optional_peers(self) -> frozenset[str]:
        """The peers that need not be there."""
        return optional_peers({"peerDependenciesMeta": self.peer_dependencies_meta})


class Lock(Struct, frozen=True, rename="camel"):
    """A lock file. `packages` maps install paths to entries; "" is the project itself."""

    lockfile_version: int = 1
    packages: dict[str, LockEntry] = field(default_factory=dict)


class DamagedLockError(UsageError):
    """A lock that cannot be read."""


_decoder = msgspec.json.Decoder(Lock)


def parse_lock(raw: bytes, name: str) -> Lock:
    """Read a lock. Raises UsageError for what is none, and for paths that lead out of the tree."""
    try:
        lock = _decoder.decode(raw.removeprefix(b"\xef\xbb\xbf"))
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise DamagedLockError(
            f"{name} is damaged: {error}.",
            hint="Restore it, or delete it and let npm make a new one.",
        ) from error
    for path in lock.packages:
        parts = path.split("/")
        below = parts[_leading_ups(parts) :]
        if path.startswith("/") or "\0" in path or ".." in below or "." in below:
            raise DamagedLockError(
                f"{name} names a place that no package can have: {path!r}.",
                hint="The file was not written by npm; delete it and let npm make a new one.",
            )
    return lock


def _leading_ups(parts: list[str]) -> int:
    """How many `..` a path begins with: the target of a `file:` link beside the project."""
    for index, part in enumerate(parts):
        if part != "..":
            return index
    return len(parts)


def package_name(path: str) -> str:
    """The name that a place in the tree has: `node_modules/@a/b` → `@a/b`."""
    head, _, tail = path.rpartition("node_modules/")
    return tail if head or path.startswith("node_modules/") else path.rpartition("/")[2]


def lookup(packages: Mapping[str, object], start: str, name: str) -> str | None:
    """The place where a package at `start` finds `name`: node's walk up the directories
    (modules.html, "Loading from node_modules folders"), which ends at the tree's top.
    """
    directory = start
    while True:
        if posixpath.basename(directory) != "node_modules":
            place = f"{directory}/node_modules/{name}" if directory else f"node_modules/{name}"
            if place in packages:
                return place
        above = posixpath.dirname(directory)
        if not directory or (not above and directory == "..") or above.endswith(".."):
            return None
        directory = above


def in_sync(lock: Lock, root: Manifest, workspaces: Iterable[Manifest]) -> bool:
    """Whether a lock answers for what the project declares now, so that npm has nothing to resolve.

    As `npm ci` has it: the same requirements at the root and in each workspace, and a place for
    every required package. A version 1 lock never is, nor one with a link that leads out of the
    project: it does not say what is required there.
    """
    if lock.lockfile_version < 2 or "" not in lock.packages:
        return False
    if any(entry.link and entry.source.startswith("../") for entry in lock.packages.values()):
        return False
    if not _same(lock.packages[""], root) or not _overridden(lock, root):
        return False
    known = set()
    for manifest in workspaces:
        place = manifest.directory.relative_to(root.directory).as_posix()
        entry = lock.packages.get(place)
        if entry is None or not _same(entry, manifest):
            return False
        known.add(place)
    linked = {entry.source for entry in lock.packages.values() if entry.link}
    return known <= linked and not any(True for _ in missing(lock))


def _same(entry: LockEntry, manifest: Manifest) -> bool:
    locked = declared_by(
        {
            "dependencies": entry.dependencies,
            "optionalDependencies": entry.optional_dependencies,
            "peerDependencies": entry.peer_dependencies,
            "devDependencies": entry.dev_dependencies,
        }
    )
    return _comparable(locked) == _comparable(
        manifest.declared
    ) and entry.optional_peers == optional_peers(manifest.data)


def _comparable(sections: dict[str, dict[str, str]]) -> dict[str, dict[str, str]]:
    """The requirements with `file:` paths in one spelling: npm writes `file:./a` as `file:a`."""
    return {
        section: {
            name: f"file:{posixpath.normpath(spec[5:])}" if spec.startswith("file:") else spec
            for name, spec in specs.items()
        }
        for section, specs in sections.items()
    }


def _overridden(lock: Lock, root: Manifest) -> bool:
    """Whether the packages have the versions that `overrides` asks for.

    A lock does not record them. Nested ones, references and tags are npm's to judge.
    """
    for name, wanted in root.overrides.items():
        if not isinstance(wanted, str) or name.rfind("@") > 0:
            return False
        for place, entry in lock.packages.items():
            if (
                place
                and package_name(place) == name
                and satisfies(entry.version, wanted) is not True
            ):
                return False
    return True


def missing(lock: Lock) -> Iterator[tuple[str, str]]:
    """(place, name) of requirements that the lock has no package for."""
    for place, entry in lock.packages.items():
        if entry.link or entry.in_bundle:
            continue
        for name in entry.dependencies:
            optional = name in entry.optional_dependencies
            if not optional and lookup(lock.packages, place, name) is None:
                yield place, name
        if not place:
            for name in entry.dev_dependencies:
                if lookup(lock.packages, place, name) is None:
                    yield place, name
