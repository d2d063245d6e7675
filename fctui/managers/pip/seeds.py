"""What a virtual environment holds beside the project's packages: its own files, pip, setuptools.

None of it runs in a function; it is laid out all the same, because it is what the method installs,
and its size is shown as the method's overhead.
"""

from __future__ import annotations

import hashlib
import posixpath
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.pip.virtual_environment import environment_files, seed_wheels, site_packages
from fctui.managers.pip.wheel import unpack_wheel
from fctui.model.contents import Contents, Listing
from fctui.model.package import Artifact, Resolution
from fctui.model.plan import Category, Generated, Link, PlannedFile
from fctui.model.target import Interpreter, Target
from fctui.store.store import Download

OWNER = "virtualenv"
"""Who owns the overhead in a plan."""

_PREFIX = "virtualenv:"


async def with_seeds(context: Context, resolution: Resolution, listing: Listing) -> Listing:
    """The listing with the environment's own distributions, where the method is `virtualenv`.

    They come with the virtualenv package, so nothing is downloaded. One that the project itself
    requires is not seeded, since pip would replace it.
    """
    if context.settings.pip.method != "virtualenv":
        return listing
    wheels = {
        name: path for name, path in seed_wheels(context.target) if name not in resolution.packages
    }
    downloads = {name: Download(_artifact(path), unpack_wheel) for name, path in wheels.items()}
    known = {name: context.store.contents(d.artifact.digest) for name, d in downloads.items()}
    missing = [downloads[name] for name, contents in known.items() if contents is None]
    if missing:
        async with context.tasks.open("pip", "read virtualenv's own wheels") as task:
            await context.store.fetch(missing, task)
    seeds = {name: context.store.contents(d.artifact.digest) for name, d in downloads.items()}
    found = {f"{_PREFIX}{name}": contents for name, contents in seeds.items() if contents}
    return structs.replace(listing, contents={**listing.contents, **found})


def seeded(listing: Listing) -> Mapping[str, Contents]:
    """The environment's own distributions in a listing, by name."""
    return {
        id_.removeprefix(_PREFIX): contents
        for id_, contents in listing.contents.items()
        if id_.startswith(_PREFIX)
    }


def within(target: Target) -> Target:
    """The target as scripts of the environment see it: their interpreter is the environment's."""
    if target.python is None:
        return target
    program = posixpath.join(target.code_dir, "bin/python")
    return structs.replace(target, python=Interpreter(target.python.version, program))


def own_files(target: Target, names: Mapping[str, str]) -> Iterator[PlannedFile]:
    """The environment's own files, and virtualenv's mark for each seed (`names` to versions)."""
    for file in environment_files(target):
        yield PlannedFile(
            path=file.path,
            size=len(file.link.encode()) if file.link else len(file.data),
            category=_category(file.path, link=bool(file.link)),
            owner=OWNER,
            manager="pip",
            source=Link(file.link) if file.link else Generated(file.data),
            mode=file.mode,
        )
    for name, version in names.items():
        yield PlannedFile(
            path=f"{site_packages(target)}/{name}-{version}.virtualenv",
            size=0,
            category=Category.METADATA,
            owner=OWNER,
            manager="pip",
            source=Generated(b""),
        )


def _category(path: str, *, link: bool) -> Category:
    if link:
        return Category.LINK
    return Category.SCRIPTS if path.startswith("bin/") else Category.METADATA


def _artifact(path: Path) -> Artifact:
    data = path.read_bytes()
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    return Artifact(path.name, path.as_uri(), len(data), digest)
