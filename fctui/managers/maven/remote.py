"""Asking repositories without downloading jars: checksums, and the directories at their ends."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Coroutine, Mapping, Sequence
from contextlib import AsyncExitStack
from urllib.parse import urlsplit

from fctui.managers.maven.access import Reach
from fctui.managers.maven.jar import Jar, Native, is_native, java_of, telling_class, texts_of
from fctui.managers.maven.repository import Place
from fctui.managers.maven.settings import Repository
from fctui.model.contents import Contents, Entry
from fctui.model.errors import FctuiError, TaskError
from fctui.model.package import Artifact
from fctui.store.access import is_http
from fctui.store.connection import BrokenError, Connections, UntrustedError
from fctui.store.paths import safe_path
from fctui.store.ranges import NoRangesError, RemoteFile, StatusError
from fctui.store.session import Session
from fctui.store.store import Store
from fctui.store.zip_directory import read_directory, read_member
from fctui.tasks.task import Task

CONNECTIONS = 12
# At a time: each jar takes two or three small questions, which are all waiting.

_SHA1 = re.compile(r"\s*(?:[^=]*=\s*)?([0-9a-fA-F]{40})\b")
# The first word of a .sha1 file; a few were written by `openssl sha1`, with a name before it.

_LONGEST_CHECKSUM = 1 << 12
_BEGINNING = 1 << 11
# Bytes of a class that are read to see its version.


async def look_up(
    places: Sequence[Place],
    repositories: Sequence[Repository],
    reach: Reach,
    store: Store,
    task: Task,
) -> dict[Place, Artifact]:
    """Where artifacts lie, with size and SHA-1, the one checksum that every repository has.

    Repositories are asked in Maven's order; what none has is not in the answer. What is inside the
    jars is seen on the way, and kept in the store. Raises TaskError where one cannot be reached.
    """
    found: dict[Place, Artifact] = {}
    done = 0
    async with AsyncExitStack() as stack:
        sessions: dict[str, Session] = {}
        for repository in repositories:
            proxy = reach.proxy(repository.url)
            if proxy not in sessions:
                made = Session(reach.access(repository.url), threads=CONNECTIONS)
                sessions[proxy] = await stack.enter_async_context(made)

        async def one(place: Place) -> None:
            nonlocal done
            for repository in repositories:
                url = place.url(repository.url)
                if not is_http(url):
                    continue
                session = sessions[reach.proxy(repository.url)]
                headers = reach.headers(url)
                asked = Asked(session.connections, url, headers, store)
                artifact = await session.run(asked.artifact, place.filename)
                if artifact is not None:
                    found[place] = artifact
                    break
            done += 1
            task.progress(done, len(places), "jars")

        await _together([one(place) for place in places])
    return {place: found[place] for place in places if place in found}


class Asked:
    """One file of a repository, asked for on a thread."""

    def __init__(
        self, connections: Connections, url: str, headers: Mapping[str, str], store: Store
    ) -> None:
        self._connections = connections
        self._url = url
        self._headers = headers
        self._store = store

    def artifact(self, filename: str) -> Artifact | None:
        """The file's size and checksum, its listing kept; None where it is not there."""
        try:
            digest = self._checksum()
            known = self._store.contents(digest) if digest else None
            if known is not None:
                return Artifact(filename, self._url, known.size, digest)
            return self._listed(filename, digest)
        except StatusError as error:
            if error.status in {404, 410}:
                return None
            raise _refusal(self._url, error.status) from error
        except BrokenError as error:
            raise TaskError(
                f"The Maven repository {_host(self._url)} does not answer: {error}.",
                hint="Check the network, and mirrors and proxies in Maven's settings.xml.",
            ) from error
        except UntrustedError as error:
            raise TaskError(
                f"The certificate of {_host(self._url)} is not trusted: {error}.",
                hint="Name the right certificates in SSL_CERT_FILE.",
            ) from error

    def _checksum(self) -> str:
        """The digest that the repository publishes; "" where it has none."""
        with self._connections.asked(f"{self._url}.sha1", self._headers) as reply:
            if reply.status in {404, 410}:
                return ""
            if reply.status != 200:
                raise StatusError(reply.status)
            found = _SHA1.match(reply.read(_LONGEST_CHECKSUM).decode("ascii", "replace"))
        return f"sha1:{found[1].lower()}" if found else ""

    def _listed(self, filename: str, digest: str) -> Artifact:
        file = RemoteFile(self._connections, self._url, self._headers)
        try:
            file.fetch_tail()
            texts = texts_of(_jar(file, filename)) if filename.endswith(".jar") else {}
        except NoRangesError:  # it is downloaded to be listed
            return Artifact(filename, self._url, file.size or None, digest)
        if digest:
            entry = Entry(safe_path(filename, filename), file.size)
            listing = Contents(digest=digest, entries=(entry,), texts=texts)
            self._store.remember(digest, listing)
        return Artifact(filename, self._url, file.size, digest)


def _jar(file: RemoteFile, filename: str) -> Jar:
    members = {member.name: member for member in read_directory(file)}
    natives = tuple(
        Native(safe_path(m.name, filename), m.size) for m in members.values() if is_native(m.name)
    )
    java = 0
    if name := telling_class(members):
        member = members[name]
        end = min(member.offset + 2 * _BEGINNING, file.size)
        if not file.has(member.offset, end):
            file.fetch(member.offset, end)
        java = java_of(read_member(file, member, _BEGINNING)[:8])
    return Jar(len(members), java, natives)


def _refusal(url: str, status: int) -> TaskError:
    if status in {401, 403, 407}:
        return TaskError(
            f"{_host(url)} refuses access ({status}).",
            hint="Name its user in <servers> of Maven's settings.xml, under the repository's id.",
        )
    return TaskError(f"The Maven repository {_host(url)} answers {status}.", hint="Try again.")


def _host(url: str) -> str:
    return urlsplit(url).hostname or ""


async def _together(work: Sequence[Coroutine[None, None, None]]) -> None:
    """All to their end, or to the first failure; the others are cancelled then."""
    try:
        async with asyncio.TaskGroup() as group:
            for each in work:
                group.create_task(each)
    except BaseExceptionGroup as failures:
        flat = failures.exceptions
        raise next((e for e in flat if isinstance(e, FctuiError)), flat[0]) from None
