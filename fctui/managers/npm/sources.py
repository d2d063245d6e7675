"""Having the contents of packages: tarballs from registries, tarballs in the project, links, parts."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from pathlib import Path

from fctui.managers.interface import Context
from fctui.managers.npm.bundled import carrier, split_bundled
from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.facts import TEXT, encode_facts, facts_of
from fctui.managers.npm.integrity import Integrity
from fctui.managers.npm.layout import link_target
from fctui.managers.npm.npmrc import effective_settings
from fctui.managers.npm.tarball import unpack_tarball
from fctui.model.contents import Contents, Listing
from fctui.model.errors import TaskError
from fctui.model.package import Artifact, Package, Resolution
from fctui.store.store import Download, Unpacker
from fctui.tasks.task import Task

LOCAL = "npm-local"
_WEAK = ("sha1-", "sha384-")


async def list_packages(
    context: Context,
    resolution: Resolution,
    ids: Sequence[str] | None,
    directory: Path,
    task: Task,
    *,
    verify: bool = False,
) -> Listing:
    """The contents of packages by id, downloading the tarballs that the store lacks.

    `directory` is that of package.json. With `verify` the store looks at every file that it has
    (a bundle is made from them), without it a listing that it remembers will do. Bundled packages come with those that bundle them. Git
    repositories are left to `fctui.managers.npm.repository`.
    """
    wanted = dict.fromkeys(resolution.packages if ids is None else ids)
    carriers = {id_: carrier(resolution, id_) for id_ in wanted if id_ in resolution.packages}
    whole: dict[str, Contents] = {}
    downloads: dict[str, Package] = {}
    for id_ in dict.fromkeys(carriers.values()):
        package = resolution.packages.get(id_)
        if package is None or package.artifact is None:
            continue
        if (target := link_target(package)) is not None:
            whole[id_] = _linked(directory, target)
        elif package.artifact.url.startswith("file:"):
            whole[id_] = await _local(context, package.artifact, directory, task)
        elif package.artifact.url.startswith(("http:", "https:")):
            digest = package.artifact.digest
            known = context.store.contents(digest) if digest and not verify else None
            if known is None:
                downloads[id_] = package
            else:
                whole[id_] = known
    if downloads:
        whole |= await _download(context, downloads, directory, task)
    parts = split_bundled(resolution, whole)
    return Listing(
        contents={id_: parts[id_] for id_ in wanted if id_ in parts},
        unknown={id_: _why(id_, carriers, resolution) for id_ in wanted if id_ not in parts},
    )


def _why(id_: str, carriers: dict[str, str], resolution: Resolution) -> str:
    package = resolution.packages.get(carriers.get(id_, ""))
    if package is None or package.artifact is None:
        return "package-lock.json does not say where it comes from"
    return "it comes from a git repository, which is read when the bundle is built"


async def _download(
    context: Context, packages: dict[str, Package], directory: Path, task: Task
) -> dict[str, Contents]:
    absent = [p for p in packages.values() if not _in_store(context, p)]
    if context.offline and absent:
        first = absent[0]
        raise TaskError(
            f"{len(absent)} npm packages are not in the store, first {first.name} {first.version}.",
            hint="Run it once without --offline.",
        )
    config = NpmConfig(effective_settings(directory))
    wanted: dict[str, Download] = {}
    keys: dict[str, str] = {}
    for id_, package in packages.items():
        artifact = package.artifact
        if artifact is None:
            continue
        keys[id_] = artifact.digest or artifact.url
        headers = config.headers(artifact.url, package.name)
        wanted.setdefault(keys[id_], Download(artifact, _unpacker(package), headers))
    found = await context.store.fetch(wanted.values(), task)
    return {id_: found[key] for id_, key in keys.items()}


def _in_store(context: Context, package: Package) -> bool:
    digest = package.artifact.digest if package.artifact else ""
    return bool(digest) and context.store.unpacked(digest)


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
    facts = type(facts)(
        name=facts.name,
        version=facts.version,
        bin={name: path for name, path in facts.bin.items() if (place / path).exists()},
        description=facts.description,
        license=facts.license,
    )
    return Contents(digest=f"link:{target}", entries=(), texts={TEXT: encode_facts(facts)})


def _programs(place: Path) -> Iterable[str]:
    """The files that `directories.bin` could mean."""
    for path in place.rglob("*"):
        inner = path.relative_to(place)
        if "node_modules" not in inner.parts and path.is_file():
            yield inner.as_posix()


async def _local(context: Context, artifact: Artifact, directory: Path, task: Task) -> Contents:
    """A tarball in the project, taken into the store."""
    path = directory / artifact.url.removeprefix("file:").partition("#")[0]
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
