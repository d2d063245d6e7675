"""How repositories are reached: credentials and proxies of Maven's settings, for each URL."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from fctui.managers.maven.settings import MavenSettings, Repository
from fctui.store.access import Access, basic


class Reach:
    """Knows for a URL which repository it is of, and so what its server wants."""

    def __init__(self, settings: MavenSettings, repositories: Sequence[Repository]) -> None:
        self._settings = settings
        mirrors = [Repository(mirror.id, mirror.url) for mirror in settings.mirrors]
        self._known = sorted((*repositories, *mirrors), key=lambda each: -len(each.url))

    def headers(self, url: str) -> Mapping[str, str]:
        """What to send along: `<server>` credentials and headers of the repository's id."""
        for repository in self._known:
            if url.startswith(repository.url.rstrip("/") + "/"):
                server = self._settings.servers.get(repository.id)
                if server is None:
                    return {}
                found = dict(server.headers)
                if server.username:
                    found["Authorization"] = basic(server.username, server.password)
                return found
        return {}

    def proxy(self, url: str) -> str:
        """The URL of the proxy that the settings name for a URL, or ""."""
        proxy = self._settings.proxy(url)
        return proxy.url if proxy else ""

    def access(self, url: str) -> Access | None:
        """The way to a URL; None where the settings name no proxy, and the environment may."""
        proxy = self.proxy(url)
        return Access(None, proxy) if proxy else None


class Source(Struct, frozen=True):
    """Where artifacts come from: how to reach repositories, and the local one. `origins` are
    repositories as they are declared, each with the address that is asked in its stead.
    """

    reach: Reach
    local: Path
    origins: tuple[tuple[Repository, str], ...] = ()
