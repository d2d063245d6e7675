"""Downloading artifacts: streamed to disk, hashed on the way, resumed where they broke off."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import unquote, urlsplit

from urllib3 import BaseHTTPResponse

from fctui.model.errors import FctuiError, TaskError
from fctui.model.package import Artifact
from fctui.store.bounds import Stopped
from fctui.store.connection import BrokenError, UntrustedError
from fctui.store.session import Session
from fctui.tasks.text import clean

PAUSES = (0.0, 0.3, 1.0, 3.0)
# Seconds before each try of one artifact; each goes on where the last one broke off. After one that
# came further than all before it they begin again: a bad line is slow, not broken.

_CHUNK = 1 << 18
# Bytes read at a time: larger ones leave the processor's cache before they are hashed.

Arrived = Callable[[int], None]


class Downloader(Session):
    """Downloads on threads of its own, as many at a time as there are; what still runs at the end
    of its block is broken off, and no thread writes any more.
    """

    async def get(
        self, artifact: Artifact, into: Path, headers: Mapping[str, str], arrived: Arrived
    ) -> str:
        """Download to the file `into`; returns its digest in the artifact's own algorithm.

        What is in the file already counts as the beginning, and what came stays in it where the
        download breaks off. `arrived` is told the bytes as they come, on another thread. Raises
        TaskError when the registry cannot be reached, refuses, or sends something else than what
        was announced, and OSError when the file cannot be written; then there is no file.
        """
        return await self.run(self._get, artifact, into, headers, arrived)

    def _get(
        self, artifact: Artifact, into: Path, headers: Mapping[str, str], arrived: Arrived
    ) -> str:
        try:
            local = urlsplit(artifact.url).scheme in {"", "file"}
        except ValueError as error:
            raise TaskError(f"{clean(artifact.url)[:200]} is no URL: {error}.") from error
        algorithm, _, expected = (artifact.digest or "sha256:").partition(":")
        if algorithm not in hashlib.algorithms_available:
            raise TaskError(f"{artifact.filename} has a digest of an unknown kind, {algorithm!r}.")
        received = _Received(into, algorithm, artifact, arrived)
        begun = received.size
        try:
            if local:
                self._copy(artifact, received)
            else:
                self._download(artifact, headers, received)
                if begun and received.hash.hexdigest() != expected:
                    received.restart()  # what was there is no beginning of it
                    self._download(artifact, headers, received)
            received.check(expected)
        except _WriteError as error:
            into.unlink(missing_ok=True)  # the room is needed
            raise error.cause from error
        except _WrongError as error:
            into.unlink(missing_ok=True)
            raise TaskError(str(error), hint=error.hint) from error
        except BaseException:
            if not received.size:
                into.unlink(missing_ok=True)
            raise
        finally:
            received.close()
        return f"{algorithm}:{received.hash.hexdigest()}"

    def _copy(self, artifact: Artifact, received: _Received) -> None:
        received.restart()
        parts = urlsplit(artifact.url)
        path = Path(unquote(parts.path)) if parts.scheme == "file" else Path(artifact.url)
        try:
            source = path.open("rb", buffering=0)
        except OSError as error:
            raise TaskError(f"{path} cannot be read: {error.strerror}.") from error
        buffer = memoryview(bytearray(_CHUNK))
        with source:
            while count := source.readinto(buffer):
                received.take(buffer[:count])
                if self.stop.is_set():
                    raise Stopped

    def _download(
        self, artifact: Artifact, headers: Mapping[str, str], received: _Received
    ) -> None:
        problem, furthest = "", received.size
        if received.size and received.size == artifact.size:
            return
        pauses = iter(PAUSES)
        while (pause := next(pauses, None)) is not None:
            if self.stop.wait(pause):
                raise Stopped
            try:
                problem = self._attempt(artifact, headers, received)
                if not problem:
                    return
            except UntrustedError as error:
                raise TaskError(
                    f"The certificate of {_host(artifact)} is not trusted: {error}.",
                    hint="Name the right certificates in SSL_CERT_FILE.",
                ) from error
            except BrokenError as error:
                problem = str(error)
            if received.size > furthest:
                furthest, pauses = received.size, iter(PAUSES[1:])
        raise TaskError(
            f"{artifact.filename} could not be downloaded from {_host(artifact)}: {problem}.",
            hint="Check the network, the proxy and the index.",
        )

    def _attempt(self, artifact: Artifact, headers: Mapping[str, str], received: _Received) -> str:
        """One try; returns what was wrong when another one may help, else ""."""
        asked = {"Accept-Encoding": "identity", **headers}
        if received.size:
            asked["Range"] = f"bytes={received.size}-"
        with self.connections.asked(artifact.url, asked) as reply:
            if reply.status == 206 and _starts_at(reply) == received.size:
                pass
            elif reply.status == 200:
                received.restart()
            elif reply.status in {206, 416}:  # another part than was asked for, or none
                received.restart()
                return f"the server answers {reply.status}"
            elif reply.status in {408, 425, 429} or reply.status >= 500:
                return f"the server answers {reply.status}"
            else:
                raise _refused(artifact, reply.status)
            missing = reply.length_remaining or 0
            while chunk := reply.read(_CHUNK):
                received.take(memoryview(chunk))
                missing -= len(chunk)
                if self.stop.is_set():
                    raise Stopped
        return f"the connection broke off {missing} bytes before the end" if missing > 0 else ""


class _WriteError(Exception):
    """The disk's error, told from the network's."""

    def __init__(self, cause: OSError) -> None:
        super().__init__(str(cause))
        self.cause = cause


class _WrongError(Exception):
    """Something else came than what was announced."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.hint = f"{hint}; nothing of it was kept."


class _Received:
    """The file that a download goes to, its hash and size so far."""

    def __init__(self, path: Path, algorithm: str, artifact: Artifact, arrived: Arrived) -> None:
        self._artifact = artifact
        self._arrived = arrived
        self._algorithm = algorithm
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        self.hash = hashlib.new(algorithm)
        self.size = 0
        buffer = memoryview(bytearray(_CHUNK))
        while count := os.readv(self._file, [buffer]):
            self.hash.update(buffer[:count])
            self.size += count
        self._arrived(self.size)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)

    def take(self, chunk: memoryview) -> None:
        """Add what came; raises TaskError when it is more than the index promised."""
        count = len(chunk)
        self.hash.update(chunk)
        self.size += count
        if self._artifact.size is not None and self.size > self._artifact.size:
            raise _WrongError(
                f"{self._artifact.filename} has more than the {self._artifact.size} bytes that "
                "were promised.",
                "It is another file",
            )
        try:
            while chunk:
                chunk = chunk[os.write(self._file, chunk) :]
        except OSError as error:
            raise _WriteError(error) from error
        self._arrived(count)

    def check(self, expected: str) -> None:
        """Hold it against what was announced."""
        artifact, got = self._artifact, self.hash.hexdigest()
        if artifact.size is not None and self.size != artifact.size:
            raise _WrongError(
                f"{artifact.filename} has {self.size} bytes where {artifact.size} were promised.",
                "It is truncated or another file",
            )
        if expected and got != expected:
            raise _WrongError(
                f"{artifact.filename} has the wrong {self._algorithm}: {got} came, {expected} was "
                "promised.",
                "The mirror is broken or tampered with",
            )

    def restart(self) -> None:
        """Begin anew: the server sends the whole file."""
        if not self.size:
            return
        os.ftruncate(self._file, 0)
        os.lseek(self._file, 0, os.SEEK_SET)
        self.hash = hashlib.new(self._algorithm)
        self._arrived(-self.size)
        self.size = 0


def _starts_at(reply: BaseHTTPResponse) -> int:
    """The first byte of a partial answer: RFC 9110, Content-Range."""
    start = reply.headers.get("Content-Range", "").removeprefix("bytes ").partition("-")[0]
    return int(start) if start.isdecimal() else -1


def _host(artifact: Artifact) -> str:
    return clean(urlsplit(artifact.url).hostname or "the registry")


def _refused(artifact: Artifact, status: int) -> FctuiError:
    hint = "Resolve again with --refresh."
    if status in {401, 403, 407}:
        hint = (
            "The proxy wants credentials." if status == 407 else "The registry wants credentials."
        )
    return TaskError(
        f"{artifact.filename} could not be downloaded: {_host(artifact)} answers {status}.",
        hint=hint,
    )
