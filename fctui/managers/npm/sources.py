"""Having the contents of packages: tarballs of registries and of the project, git, links."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from pathlib import Path

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.npm.access import access_of
from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.facts import TEXT, encode_facts, facts_of
from fctui.managers.npm.integrity import Integrity
from fctui.managers.npm.layout import link_target
from fctui.managers.npm.npmrc import effective_settings
from fctui.managers.npm.packages import is_git
from fctui.managers.npm.repository import packed_directory, packed_repository
from fctui.managers.npm.tarball import unpack_tarball
from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from fctui.model.package import Artifact, Package, Resolution
from fctui.store.store import Download, Unpacker
from fctui.tasks.task import Task

LOCAL = "npm-local"
TARBALL = "npm-tarball"
_WEAK = ("sha1-", "sha384-")


async def whole_contents(
    context: Context,
    resolution: Resolution,
    ids: Iterable[str],
    directory: Path,
    task: Task,
    *,
    verify: bool,
) -> dict[str, Contents]:
    """The contents of packages that come on their own, by id; downloads what the store lacks.

    `directory` is that of package.json. With `verify` the store looks at every file that it has (a
    bundle is made from them), without it a listing that it remembers will do.
    """
    whole: dict[str, Contents] = {}
    downloads: dict[str, Package] = {}
    for id_ in ids:
        package = resolution.packages[id_]
        url = package.artifact.url if package.artifact else ""
        if package.artifact is None:
            continue
        if (target := link_target(package)) is not None:
            whole[id_] = _linked(directory, target)
        elif url.startswith("file:"):
            whole[id_] = await _local(context, package.artifact, directory, task)
        elif is_git(url):
            whole[id_] = await packed_repository(context, package, url, task)
        elif url.startswith(("http:", "https:")):
            digest = _digest(context, package.artifact)
            known = context.store.contents(digest) if digest and not verify else None
            if known is None:
                downloads[id_] = package
            else:
                whole[id_] = known
    return whole | await _download(context, downloads, directory, task)


def _digest(context: Context, artifact: Artifact) -> str:
    """The artifact's key in the store; of one that is only known by its URL, the remembered one."""
    if artifact.digest or context.refresh:
        return artifact.digest
    return (context.store.recall(TARBALL, artifact.url) or b"").decode()


async def _download(
    context: Context, packages: dict[str, Package], directory: Path, task: Task
) -> dict[str, Contents]:
    if not packages:
        return {}
    config = NpmConfig(effective_settings(directory))
    wanted: dict[str, Download] = {}
    keys: dict[str, str] = {}
    absent: list[Package] = []
    for id_, package in packages.items():
        if package.artifact is None:
            continue
        digest = _digest(context, package.artifact)
        artifact = structs.replace(package.artifact, digest=digest)
        if not digest or not context.store.unpacked(digest):
            absent.append(package)
        keys[id_] = digest or artifact.url
        headers = config.headers(artifact.url, package.name)
        wanted.setdefault(keys[id_], Download(artifact, _unpacker(package), headers))
    if context.offline and absent:
        raise TaskError(
            f"{len(absent)} npm packages are not in the store, first "
            f"{absent[0].name} {absent[0].version}.",
            hint="Run it once without --offline.",
        )
    access = access_of(config.settings) if absent else None
    found = await context.store.fetch(wanted.values(), task, access=access)
    for key, download in wanted.items():
        if not download.artifact.digest:
            context.store.keep(TARBALL, download.artifact.url, found[key].digest.encode())
    return {id_: found[key] for id_, key in keys.items()}


def _unpacker(package: Package) -> Unpacker:
    url = package.artifact.url if package.artifact else ""
    name = f"{package.name} {package.version}".strip()
    return partial(unpack_tarball, name=name, integrity=weak_integrity(url))


def weak_integrity(url: str) -> Integrity | None:
    """The hash in a URL's fragment that the store itself does not check."""
    fragment = url.partition("#")[2]
    if not fragment.startswith(_WEAK):
        return None
    algorithm, _, value = fragment.partition("-")
    return Integrity(algorithm, value)


def _linked(directory: Path, target: str) -> Contents:
    """What the package.json of a linked directory says; its files are the project's own."""
    place = directory / target
    try:
        raw = (place / TEXT).read_bytes()
    except OSError:
        raw = b"{}"
    facts = facts_of(raw, _programs(place))
    # npm makes no link for a program that is not there yet.
    there = {name: path for name, path in facts.bin.items() if (place / path).exists()}
    facts = structs.replace(facts, bin=there, scripts={}, gyp=False)
    return Contents(digest=f"link:{target}", entries=(), texts={TEXT: encode_facts(facts)})


def _programs(place: Path) -> Iterable[str]:
    """The files that `directories.bin` could mean."""
    for path in place.rglob("*"):
        inner = path.relative_to(place)
        if "node_modules" not in inner.parts and path.is_file():
            yield inner.as_posix()


async def _local(context: Context, artifact: Artifact, directory: Path, task: Task) -> Contents:
    """A tarball in the project, or a directory that is to be copied, taken into the store."""
    path = directory / artifact.url.removeprefix("file:").partition("#")[0]
    if path.is_dir():
        return await packed_directory(context, path, task)
    try:
        status = path.stat()
    except OSError as error:
        raise TaskError(
            f"{path} cannot be read: {error.strerror}.",
            hint="package.json requires that tarball; restore it or remove the requirement.",
        ) from error
    key = f"{path.absolute()}\0{status.st_size}\0{status.st_mtime_ns}\0{artifact.digest}"
    digest = context.store.recall(LOCAL, key)
    known = context.store.contents(digest.decode()) if digest else None
    if known is not None:
        return known
    algorithm, _, value = artifact.digest.partition(":")
    integrity = Integrity(algorithm, value) if value else weak_integrity(artifact.url)
    unpack = partial(unpack_tarball, name=path.name, integrity=integrity)
    contents = await context.store.adopt(path, unpack, task)
    context.store.keep(LOCAL, key, contents.digest.encode())
    return contents
