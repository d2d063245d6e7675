"""Laying wheels out: every file in its place, launchers, and what an installer adds to .dist-info.

Sources: PEP 427, PEP 376 (RECORD), PEP 610 (direct_url.json) and PyPA's "Recording installed
projects".
"""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import posixpath
from collections.abc import Iterator, Sequence

from fctui.managers.interface import Context
from fctui.managers.pip.bytecode import PREFIX, bytecode_findings
from fctui.managers.pip.launcher import for_target, launchers
from fctui.managers.pip.listing import FAILED
from fctui.managers.pip.path_files import leading_out
from fctui.managers.pip.scheme import Scheme, scheme
from fctui.managers.pip.seeds import OWNER, own_files, seeded, within
from fctui.managers.pip.wheel import dist_info, is_pure, metadata_name, place_of, scripts_of
from fctui.model.contents import Contents, Entry, Listing
from fctui.model.finding import Finding, Kind
from fctui.model.package import Package, Resolution
from fctui.model.plan import Category, Generated, Layout, PlannedFile, StoreFile, is_shared_library
from fctui.model.target import Target
from fctui.store.access import bare

INSTALLER = b"fctui\n"
_REPLACED = frozenset({"RECORD", "RECORD.jws", "RECORD.p7s", "INSTALLER", "REQUESTED"})
# Members of .dist-info that the installer writes anew or that cannot be true any more (PEP 427).


def layout(context: Context, resolution: Resolution, listing: Listing, method: str) -> Layout:
    """Every file of the listed packages in its place; a finding for each that failed to build, and
    for each that leads out of the bundle.
    """
    where = scheme(method, context.target, context.settings)
    target = within(context.target) if method == "virtualenv" else context.target
    roots = {root.id: root.requirement for root in resolution.roots}
    files: list[PlannedFile] = []
    findings = list(_findings(context, resolution, listing))
    findings += bytecode_findings(context, listing)
    for id_, contents in listing.contents.items():
        package = resolution.packages.get(id_)
        if package is not None:
            wheel = _WheelLayout(package, contents, where, target)
            files += wheel.files(requested=id_ in roots, direct=_direct(package, roots.get(id_)))
            findings += leading_out(package, contents, where, target)
            files += wheel.bytecode(listing.contents.get(f"{PREFIX}{id_}"))
    if method == "virtualenv":
        files += _environment(listing, where, context.target)
    return Layout(files=tuple(files), findings=tuple(findings))


def _environment(listing: Listing, where: Scheme, target: Target) -> Iterator[PlannedFile]:
    """A virtual environment's own files and distributions; the latter are all its owner's."""
    inner = within(target)
    versions: dict[str, str] = {}
    for name, contents in seeded(listing).items():
        info = dist_info([entry.path for entry in contents.entries], f"{name}-0.whl")
        versions[name] = info.removesuffix(".dist-info").rpartition("-")[2]
        package = Package(manager="pip", id=OWNER, name=name, version=versions[name])
        yield from _WheelLayout(package, contents, where, inner).files(requested=False, direct=None)
        if name == "pip":
            yield from _pip_aliases(where, inner)
    yield from own_files(target, versions)


def _pip_aliases(where: Scheme, target: Target) -> Iterator[PlannedFile]:
    """The versioned names of pip's launcher that virtualenv adds to those of its entry points."""
    major, minor = target.python_xy or (0, 0)
    names = (f"pip{major}.{minor}", f"pip-{major}.{minor}")
    lines = "".join(f"{name} = pip._internal.cli.main:main\n" for name in names)
    for name, data in launchers(f"[console_scripts]\n{lines}", target, OWNER):
        yield PlannedFile(
            path=posixpath.join(where.scripts, name),
            size=len(data),
            category=Category.SCRIPTS,
            owner=OWNER,
            manager="pip",
            source=Generated(data),
            mode=0o755,
        )


class _WheelLayout:
    """One wheel's files by their path in the bundle; a later one of a path replaces an earlier."""

    def __init__(self, package: Package, contents: Contents, where: Scheme, target: Target) -> None:
        self._package = package
        self._contents = contents
        self._where = where
        self._target = target
        paths = [entry.path for entry in contents.entries]
        self._info = dist_info(paths, f"{package.name}-{package.version}.whl")
        self._pure = is_pure(contents.texts.get(f"{self._info}/WHEEL", ""))
        self._scripts = frozenset(scripts_of(paths, self._info))
        self._name = metadata_name(contents) or package.name
        self._files: dict[str, PlannedFile] = {}
        self._hashes: dict[str, str] = {}

    def files(self, *, requested: bool, direct: bytes | None) -> list[PlannedFile]:
        """All files of the installed distribution."""
        for entry in self._contents.entries:
            self._member(entry)
        entry_points = self._contents.texts.get(f"{self._info}/entry_points.txt", "")
        for name, data in launchers(entry_points, self._target, self._package.name):
            self._generate(
                posixpath.join(self._where.scripts, name), data, Category.SCRIPTS, mode=0o755
            )
        self._metadata("INSTALLER", INSTALLER)
        if requested:
            self._metadata("REQUESTED", b"")
        if direct is not None:
            self._metadata("direct_url.json", direct)
        self._metadata("RECORD", self._record())
        return list(self._files.values())

    def bytecode(self, compiled: Contents | None) -> Iterator[PlannedFile]:
        """The byte code of the modules, beside them; RECORD does not have to name it (PEP 376)."""
        if compiled is None:
            return
        for entry in compiled.entries:
            key, below = place_of(entry.path, self._info, pure=self._pure)
            yield PlannedFile(
                path=posixpath.join(self._where.directory(key, self._name), below),
                size=entry.size,
                category=Category(key),
                owner=self._package.id,
                manager="pip",
                source=StoreFile(compiled.digest, entry.path),
            )

    @property
    def _root(self) -> str:
        return self._where.purelib if self._pure else self._where.platlib

    def _member(self, entry: Entry) -> None:
        directory, _, name = entry.path.rpartition("/")
        if directory == self._info and name in _REPLACED:
            return
        key, below = place_of(entry.path, self._info, pure=self._pure)
        path = posixpath.join(self._where.directory(key, self._name), below)
        category = Category(key)
        if entry.path.startswith(f"{self._info}/"):
            category = Category.METADATA
        if entry.link:  # an installer writes the link's text: PEP 427 knows no links
            self._generate(path, entry.link.encode(), category, mode=0o644)
            return
        mode = 0o755 if key == "scripts" else entry.mode
        if entry.path in self._scripts and entry.path in self._contents.texts:
            data = for_target(self._contents.texts[entry.path], self._target)
            self._generate(path, data, category, mode=mode)
            return
        self._hashes[path] = entry.sha256
        self._files[path] = PlannedFile(
            path=path,
            size=entry.size,
            category=category,
            owner=self._package.id,
            manager="pip",
            source=StoreFile(self._contents.digest, entry.path),
            mode=mode,
            shared_library=is_shared_library(path),
        )

    def _metadata(self, name: str, data: bytes) -> None:
        self._generate(posixpath.join(self._root, self._info, name), data, Category.METADATA)

    def _generate(self, path: str, data: bytes, category: Category, mode: int = 0o644) -> None:
        self._hashes[path] = hashlib.sha256(data).hexdigest()
        self._files[path] = PlannedFile(
            path=path,
            size=len(data),
            category=category,
            owner=self._package.id,
            manager="pip",
            source=Generated(data),
            mode=mode,
        )

    def _record(self) -> bytes:
        """RECORD over everything but itself: paths from its root, hashes in URL-safe base 64."""
        root = self._root or "."
        rows = [
            (_relative(file.path, root), _encoded(self._hashes[file.path]), str(file.size))
            for file in self._files.values()
        ]
        rows.append((f"{self._info}/RECORD", "", ""))
        out = io.StringIO(newline="")
        csv.writer(out, lineterminator="\n").writerows(sorted(rows))
        return out.getvalue().encode()


def _relative(path: str, root: str) -> str:
    if root == ".":
        return path
    if path.startswith(f"{root}/"):
        return path[len(root) + 1 :]
    return posixpath.relpath(path, root)


def _encoded(sha256: str) -> str:
    """A hash as RECORD has it. One that no listing tells gets a stand-in of the same length."""
    raw = bytes.fromhex(sha256) if sha256 else bytes(32)
    return "sha256=" + base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _direct(package: Package, requirement: str | None) -> bytes | None:
    """direct_url.json of a root that names a URL or path (PEP 610), without credentials."""
    artifact = package.artifact
    if requirement is None or artifact is None or not _is_direct(requirement):
        return None
    url = bare(artifact.url)
    data: dict[str, object]
    if url.startswith("git+"):
        place, _, commit = url.removeprefix("git+").partition("#")
        vcs = {"vcs": "git", "commit_id": commit}
        data = {"url": place.partition("?")[0], "vcs_info": vcs}
    elif not artifact.filename:
        data = {"url": url, "dir_info": {}}
    else:
        info: dict[str, object] = {}
        if artifact.sha256:
            info = {"hash": f"sha256={artifact.sha256}", "hashes": {"sha256": artifact.sha256}}
        data = {"url": url, "archive_info": info}
    return json.dumps(data, sort_keys=True).encode()


def _is_direct(requirement: str) -> bool:
    text = requirement.partition(";")[0]
    return (
        "://" in text or " @ " in text or "/" in text or text.strip().endswith((".whl", ".gz", "."))
    )


def _findings(context: Context, resolution: Resolution, listing: Listing) -> Iterator[Finding]:
    failed = context.memory.get(FAILED)
    known: dict[str, str] = failed if isinstance(failed, dict) else {}
    for id_ in _ordered(resolution, listing.unknown):
        if id_ in known:
            yield Finding(
                kind=Kind.UNRESOLVED,
                subject=id_,
                needed_by=tuple(
                    package.id
                    for package in resolution.packages.values()
                    if id_ in package.requires
                ),
                message=f"{id_} could not be built: {known[id_]}",
            )


def _ordered(resolution: Resolution, ids: Sequence[str] | dict[str, str]) -> list[str]:
    return [id_ for id_ in resolution.packages if id_ in ids]
