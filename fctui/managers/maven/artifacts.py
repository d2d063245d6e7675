"""Where the artifacts of a tree lie, and what looking there shows of them."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import unquote, urlsplit

from fctui.managers.interface import Context
from fctui.managers.maven.access import Source
from fctui.managers.maven.jar import Jar, facts_of
from fctui.managers.maven.repository import Place, local_file
from fctui.managers.maven.settings import Repository
from fctui.model.errors import ResolutionError, TaskError
from fctui.model.names import some
from fctui.model.package import Artifact
from fctui.store.access import is_http
from fctui.tasks.task import Task


async def find_artifacts(
    context: Context,
    places: Sequence[Place],
    repositories: Sequence[Repository],
    source: Source,
    download: Callable[[], Awaitable[None]],
    task: Task,
) -> dict[Place, Artifact]:
    """Where each artifact is: in a repository, or only in the local one. Offline, one that is in
    neither should be in the first repository.

    `download` lets mvn itself bring all of them to the local repository, for repositories that
    only it can reach: encrypted passwords, other protocols than HTTP, certificates that only Java
    has. Raises ResolutionError for an artifact that is nowhere.
    """
    from fctui.managers.maven.remote import look_up

    local = source.local
    found: dict[Place, Artifact] = {}
    if not context.offline:
        refused: TaskError | None = None
        try:
            found = await look_up(places, repositories, source.reach, context.store, task)
        except TaskError as error:
            refused = error
        missing = [p for p in places if p not in found and not local_file(local, p)]
        if missing and (refused or any(not is_http(each.url) for each in repositories)):
            why = f"{refused.message} " if refused else ""
            task.log(f"{why}mvn is asked to download the jars.")
            await download()
        if refused and not all(local_file(local, p) for p in places if p not in found):
            raise refused
    for place in places:
        path = local_file(local, place)
        if place not in found and path is not None:
            found[place] = await asyncio.to_thread(_local_artifact, place, path)
        elif place not in found and context.offline and repositories:
            found[place] = Artifact(place.filename, place.url(repositories[0].url), None, "")
    if missing := [place for place in places if place not in found]:
        names = some(f"{place.coordinate} ({place.filename})" for place in missing)
        raise ResolutionError(
            f"No repository has {names}, and it is not installed here.",
            hint="Correct the coordinate; an artifact of your own is installed by mvn install, or "
            "needs its repository in the POM or in settings.xml.",
        )
    return found


def _local_artifact(place: Place, path: Path) -> Artifact:
    return Artifact(place.filename, path.as_uri(), path.stat().st_size, _local_digest(path))


def still_there(artifact: Artifact) -> bool:
    """Whether an artifact of the local repository is the one that was seen there."""
    path = Path(unquote(urlsplit(artifact.url).path))
    try:
        return _local_digest(path) == artifact.digest
    except OSError:
        return False


def _local_digest(path: Path) -> str:
    with path.open("rb") as file:
        return f"sha1:{hashlib.file_digest(file, 'sha1').hexdigest()}"


def contents_of(context: Context, artifacts: Mapping[Place, Artifact]) -> dict[Place, Jar]:
    """What looking the jars up has shown of their contents."""
    found = {}
    for place, artifact in artifacts.items():
        listing = context.store.contents(artifact.digest) if artifact.digest else None
        if listing is not None:
            found[place] = facts_of(listing)
    return found
