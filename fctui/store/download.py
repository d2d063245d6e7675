"""Downloading artifacts: streamed to disk, hashed on the way, resumed when a connection breaks."""

from __future__ import annotations

import asyncio
import hashlib
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self
from urllib.parse import unquote, urlsplit, urlunsplit

from fctui.model.errors import TaskError
from fctui.model.package import Artifact

if TYPE_CHECKING:
    import ssl

    import httpx

CONNECTIONS = 12
# Downloads at a time: enough to hide latency, few enough for a small mirror.

ATTEMPTS = 4
# Tries of one artifact; each goes on where the last one broke off.

_CHUNK = 1 << 18


class Downloader:
    """An HTTP client shared by all downloads of one fetch. Proxies and certificates are those of
    the environment (`HTTPS_PROXY`, `SSL_CERT_FILE`, `NO_PROXY`).
    """

    def __init__(self) -> None:
        self._client: httpx.AsyncClient | None = None
        self._slots = asyncio.Semaphore(CONNECTIONS)

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if self._client is not None:
            await self._client.aclose()

    async def get(
        self,
        artifact: Artifact,
        into: Path,
        headers: Mapping[str, str],
        arrived: Callable[[int], None],
    ) -> str:
        """Download to the file `into`; returns its digest in the artifact's own algorithm.

        `arrived` is told the bytes as they come. Raises TaskError when the registry cannot be
        reached, refuses, or sends something else than what was announced.
        """
        algorithm, _, expected = (artifact.digest or "sha256:").partition(":")
        digest = _Running(algorithm)
        async with self._slots:
            if urlsplit(artifact.url).scheme in {"", "file"}:
                await asyncio.to_thread(_copy, artifact, into, digest, arrived)
            else:
                await self._stream(artifact, into, headers, digest, arrived)
        got = digest.hexdigest()
        if expected and got != expected:
            raise TaskError(
                f"{artifact.filename} has the wrong {algorithm}: {got} came, {expected} was "
                "promised.",
                hint="The mirror is broken or tampered with; nothing of it was kept.",
            )
        return f"{algorithm}:{got}"

    async def _stream(
        self,
        artifact: Artifact,
        into: Path,
        headers: Mapping[str, str],
        digest: _Running,
        arrived: Callable[[int], None],
    ) -> None:
        import httpx

        url, credentials = split_credentials(artifact.url)
        have, problem = 0, ""
        with into.open("wb") as file:
            for attempt in range(ATTEMPTS):
                if attempt:
                    await asyncio.sleep(0.2 * 4**attempt)
                asked = {"Accept-Encoding": "identity", **headers}
                if have:
                    asked["Range"] = f"bytes={have}-"
                try:
                    client = self._open()
                    async with client.stream("GET", url, headers=asked, auth=credentials) as reply:
                        _check_status(reply, artifact, resumed=have > 0)
                        if have and reply.status_code != 206:
                            file.seek(0)
                            file.truncate()
                            digest.restart()
                            arrived(-have)
                            have = 0
                        async for chunk in reply.aiter_raw(_CHUNK):
                            file.write(chunk)
                            digest.update(chunk)
                            have += len(chunk)
                            arrived(len(chunk))
                    if artifact.size is None or have == artifact.size:
                        return
                    problem = f"{have} of {artifact.size} bytes came"
                    if have > artifact.size:
                        break
                except httpx.TransportError as error:
                    problem = str(error) or type(error).__name__
        host = urlsplit(url).hostname or "the registry"
        raise TaskError(
            f"{artifact.filename} could not be downloaded from {host}: {problem}.",
            hint="Check the network, the proxy and the index; what has arrived is kept.",
        )

    def _open(self) -> httpx.AsyncClient:
        if self._client is None:
            import httpx

            limits = httpx.Limits(max_connections=CONNECTIONS + 4)
            timeout = httpx.Timeout(30, pool=None)
            self._client = httpx.AsyncClient(
                limits=limits, timeout=timeout, follow_redirects=True, verify=trust()
            )
        return self._client


def trust() -> ssl.SSLContext | bool:
    """The certificates that the environment names, else the system's, else httpx's own."""
    import ssl

    for variable in ("SSL_CERT_FILE", "PIP_CERT", "REQUESTS_CA_BUNDLE"):
        path = os.environ.get(variable)
        if path and Path(path).is_file():
            return ssl.create_default_context(cafile=path)
    context = ssl.create_default_context()
    return context if context.cert_store_stats()["x509_ca"] else True


def split_credentials(url: str) -> tuple[str, tuple[str, str] | None]:
    """The URL without `user:password@`, and the two; so that no error or log can show them."""
    parts = urlsplit(url)
    if parts.username is None:
        return url, None
    host = parts.netloc.rpartition("@")[2]
    bare = urlunsplit((parts.scheme, host, parts.path, parts.query, parts.fragment))
    return bare, (unquote(parts.username), unquote(parts.password or ""))


def _check_status(reply: httpx.Response, artifact: Artifact, *, resumed: bool) -> None:
    if reply.status_code in {200, 206} or (resumed and reply.status_code == 416):
        return
    host = reply.url.host
    if reply.status_code >= 500 or reply.status_code == 429:
        import httpx

        raise httpx.RemoteProtocolError(f"{host} answers {reply.status_code}")
    refused = reply.status_code in {401, 403}
    raise TaskError(
        f"{artifact.filename} could not be downloaded: {host} answers {reply.status_code}.",
        hint="The registry wants credentials." if refused else "Resolve again with --refresh.",
    )


class _Running:
    """A hash that can begin anew when a server sends the whole file again."""

    def __init__(self, algorithm: str) -> None:
        self._algorithm = algorithm
        self.restart()

    def restart(self) -> None:
        self._hash = hashlib.new(self._algorithm)
        self.update = self._hash.update
        self.hexdigest = self._hash.hexdigest


def _copy(artifact: Artifact, into: Path, digest: _Running, arrived: Callable[[int], None]) -> None:
    parts = urlsplit(artifact.url)
    source = Path(unquote(parts.path)) if parts.scheme == "file" else Path(artifact.url)
    try:
        with source.open("rb") as reading, into.open("wb") as writing:
            while chunk := reading.read(1 << 20):
                digest.update(chunk)
                writing.write(chunk)
                arrived(len(chunk))
    except FileNotFoundError as error:
        raise TaskError(f"{source} is not there.") from error
    shutil.copymode(source, into)
