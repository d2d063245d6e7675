"""Building wheels from source distributions: once each, confined, and only taken where they fit.

What is compiled is compiled in the target's own release, where its Python is there. A wheel is
kept by what it was made from and for: the source's hash, the Python, the architecture, the release.
"""

from __future__ import annotations

import asyncio
import os
import platform
import shutil
import sys
from collections.abc import Iterable
from functools import partial
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct, structs

from fctui.managers.interface import Context
from fctui.managers.local_directory import directory_state
from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.fit import fits, glibc_of, host_glibc
from fctui.managers.pip.interpreters import interpreter
from fctui.managers.pip.tags import python_of
from fctui.managers.pip.uv_static import static_uv
from fctui.managers.pip.uv_tool import (
    Uv,
    prepare_uv,
    said,
    why_no_builds,
    write_settings,
)
from fctui.managers.pip.wheel import unpack_wheel
from fctui.managers.workshop import is_at_home, languages, open_workshop
from fctui.model.contents import Contents
from fctui.model.errors import FctuiError, TaskError
from fctui.model.package import Package
from fctui.model.target import Target
from fctui.sandbox.rooted import real_path
from fctui.tasks.command import Command
from fctui.tasks.task import Task

AT_ONCE = 2
# Builds that run side by side: a compiler uses more memory than anything else here.

_BUILT = "built-wheel"

_MADE = frozenset({"__pycache__", "build", ".venv"})
# Directories that builds and interpreters write.

_REPRODUCIBLE = {"SOURCE_DATE_EPOCH": "315532800", "CFLAGS": "-g0", "CXXFLAGS": "-g0"}
# The earliest time that a zip can hold; and no notes for debuggers, which name the directory that
# something was built in, a random one.


class Built(Struct, frozen=True):
    """Wheels by package id, and why the others could not be built."""

    contents: dict[str, Contents]
    failed: dict[str, str]


def built_before(context: Context, package: Package) -> Contents | None:
    """The listing of the wheel that was built of a package for this target, if it was."""
    key = _key(context, package)
    digest = context.store.recall(_BUILT, key) if key else None
    return context.store.contents(digest.decode()) if digest else None


async def build_all(
    context: Context, config: PipConfig, packages: Iterable[Package], task: Task
) -> Built:
    """Build what was not built before. The sources must be in the store.

    A build that fails is a value: the bundle's other packages do not suffer.
    """
    python = await interpreter(context, python_of(context.target), task)
    builder = _Builder(context, config, task, python)
    slots = asyncio.Semaphore(AT_ONCE)
    contents: dict[str, Contents] = {}
    failed: dict[str, str] = {}

    async def one(package: Package) -> None:
        async with slots:
            try:
                contents[package.id] = await builder.wheel(package)
            except FctuiError as error:
                failed[package.id] = " ".join(f"{error.message} {error.hint}".split())
                task.log(f"{package.name}:", *error.message.splitlines())

    async with asyncio.TaskGroup() as group:
        for package in packages:
            group.create_task(one(package))
    return Built(contents, failed)


class _Place(Struct, frozen=True):
    """Where a wheel is built: the interpreter's path there, a root file system or this machine,
    the glibc of it, what it is called, and the uv that starts there.
    """

    python: str
    native: bool
    glibc: tuple[int, int] | None
    root: Path | None = None
    title: str = ""
    uv: str = ""


class _Builder:
    def __init__(self, context: Context, config: PipConfig, task: Task, python: str | None) -> None:
        self._here = _Place(python or sys.executable, python is not None, host_glibc())
        self._workshops: dict[frozenset[str], _Place | None] = {}
        self._making = asyncio.Lock()
        self._context = context
        self._config = config
        self._task = task
        self._target = context.target

    async def wheel(self, package: Package) -> Contents:
        """Build one package and take its wheel into the store."""
        store = self._context.store
        async with store.workspace.lent() as room:
            source = await self._source(package, room)
            uv = prepare_uv(self._context, self._config, [str(source)])
            if uv.mode == "never":
                raise TaskError(
                    "It has to be built.",
                    hint=why_no_builds(self._context.settings.pip.sdists),
                )
            place = self._here
            if uv.mode == "sandbox":
                place = await self._workshop(await asyncio.to_thread(languages, source)) or place
            made = await self._build(uv, room, source, place)
            glibc = await asyncio.to_thread(glibc_of, made, place.glibc, self._target.glibc)
            problem = fits(made.name, self._target, native=place.native, glibc=glibc)
            if problem:
                raise TaskError(f"Its wheel {made.name} does not fit: {problem}.")
            unpack = partial(_unpack_built, place.title)
            contents = await store.adopt(made, unpack, self._task)
        key = _key(self._context, package)
        if key:
            store.keep(_BUILT, key, contents.digest.encode())
        return contents

    async def _workshop(self, compiled: frozenset[str]) -> _Place | None:
        """The target's release with what compiles these languages, if its Python is there."""
        own = self._context.settings.pip.build_packages
        if not compiled or (self._here.native and not own and is_at_home(self._target)):
            return None
        packages = {*own, "python3-dev"}
        if ".rs" in compiled:
            packages |= {"rustc", "cargo"}
        wanted = frozenset(packages)
        async with self._making:
            if wanted not in self._workshops:
                self._workshops[wanted] = await self._opened(wanted)
        return self._workshops[wanted]

    async def _opened(self, packages: frozenset[str]) -> _Place | None:
        if not _has_python(self._target):
            return None
        workshop = await open_workshop(self._context, packages, self._task)
        if workshop is None:
            return None
        python = f"/usr/bin/python{'.'.join(map(str, python_of(self._target)))}"
        if real_path(workshop.root, python) is None:
            return None
        uv, here = "", platform.machine()
        if self._target.arch != here:
            uv = str(await static_uv(self._context, self._config, here, self._task))
        return _Place(python, True, self._target.glibc, workshop.root, workshop.title, uv)

    async def _build(self, uv: Uv, room: Path, source: Path, place: _Place) -> Path:
        out = room / "wheels"
        out.mkdir()
        write_settings(room, self._config)
        if place.root is not None:
            cache = uv.cache.with_name(f"{place.root.parent.name}-{uv.cache.name}")
            cache.mkdir(exist_ok=True)
            program = place.uv or uv.program
            uv = structs.replace(uv, cache=cache, root=place.root, program=program)
        command = build_command(uv, room, source, out, place.python, offline=self._context.offline)
        completed = await self._task.run(command, log_stdout=True)
        if completed.returncode:
            raise TaskError(f"The build failed:\n{said(completed.stderr)}")
        made = sorted(out.glob("*.whl"))
        if len(made) != 1:
            raise TaskError(f"The build made {len(made)} wheels.")
        return made[0]

    async def _source(self, package: Package, room: Path) -> Path:
        """What is built: the sdist in the store, or a copy of a directory or repository."""
        artifact = package.artifact
        if artifact is None:
            raise TaskError("It has no source.")
        if artifact.digest:
            return self._context.store.archive(artifact.digest)
        url = artifact.url
        if urlsplit(url).scheme == "file":
            copy = room / "source"
            original = Path(unquote(urlsplit(url).path))
            await asyncio.to_thread(shutil.copytree, original, copy, symlinks=True)
            return copy
        return await self._clone(url, room)

    async def _clone(self, url: str, room: Path) -> Path:
        """A repository at the commit that the lock names (its URL's fragment)."""
        place, _, commit = url.removeprefix("git+").partition("#")
        parts = urlsplit(place)
        place = place.partition("?")[0]
        copy = room / "source"
        quiet = {"GIT_TERMINAL_PROMPT": "0"}
        clone = ("git", "clone", "--quiet", "--filter=blob:none", "--no-checkout", place, str(copy))
        await self._task.run(Command(clone, env=quiet))
        checkout = ("git", "-C", str(copy), "checkout", "--quiet", commit or "HEAD")
        await self._task.run(Command(checkout, env=quiet))
        wanted = [part for part in parts.query.split("&") if part.startswith("subdirectory=")]
        below = unquote(wanted[0].partition("=")[2]) if wanted else ""
        return copy / below


def build_command(
    uv: Uv, room: Path, source: Path, out: Path, python: str, *, offline: bool = False
) -> Command:
    """`uv build --wheel` of a source, which may be an archive or a directory."""
    own = uv.env | _REPRODUCIBLE
    if uv.mode == "host":
        own |= {name: os.environ[name] for name in _REPRODUCIBLE if name in os.environ}
    readable: tuple[Path, ...] = (*uv.readable, source)
    if uv.root is None:
        readable = (*readable, Path(python), *_prefixes(python))
    else:
        own |= {"TMPDIR": str(room)}
    told = structs.replace(uv, env=own, readable=readable)
    arguments = ["build", "--wheel", "--out-dir", str(out), "--python", python, str(source)]
    if offline:
        arguments.append("--offline")
    return told.command(room, *arguments)


def _prefixes(python: str) -> list[Path]:
    """Where an interpreter's own files lie, the links to it resolved."""
    real = Path(os.path.realpath(python))
    return [Path(python).parent.parent, real.parent.parent]


def _key(context: Context, package: Package) -> str:
    """What a built wheel depends on; "" for a source that has no hash."""
    artifact = package.artifact
    if artifact is None:
        return ""
    state = artifact.digest or _state(artifact.url)
    if not state:
        return ""
    python = ".".join(map(str, python_of(context.target)))
    target, pip = context.target, context.settings.pip
    where = pip.sdists if pip.sdists == "host" else f"{target.distribution}{target.release}"
    with_ = " ".join(sorted(pip.build_packages))
    glibc = ".".join(map(str, target.glibc))
    return f"{state} cp{python} {target.arch} glibc{glibc} {where} {with_}"


def _has_python(target: Target) -> bool:
    """Whether the target's Python is the one of its Debian release."""
    return target.python is not None and target.python.executable.startswith("/usr/bin/")


def _unpack_built(title: str, archive: Path, into: Path, digest: str) -> Contents:
    """Unpack a wheel, and note where it was built."""
    listed = unpack_wheel(archive, into, digest)
    return structs.replace(listed, built=title)


def _state(url: str) -> str:
    """A hash of what stands in a project directory; a repository's URL names its commit."""
    if urlsplit(url).scheme != "file":
        return url if "#" in url else ""
    return f"{url} {directory_state(Path(unquote(urlsplit(url).path)), _MADE)}"
