"""Which registry a package comes from, what its URL is there, and what that host wants to see."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from contextlib import suppress
from urllib.parse import urlsplit, urlunsplit

from msgspec import Struct, field

from fctui.store.access import basic


class NpmConfig(Struct, frozen=True):
    """npm's settings as far as fctui goes by them. `default_registry` is npm's built-in one, ""
    where it was not asked. Holds secrets: never show or log it.
    """

    settings: Mapping[str, str] = field(default_factory=dict)
    default_registry: str = ""

    def __repr__(self) -> str:
        return f"NpmConfig({len(self.settings)} settings)"

    @property
    def registry(self) -> str:
        """The registry for packages without a scope of their own; "" where nothing names one."""
        return self.settings.get("registry") or self.default_registry

    def registry_for(self, name: str) -> str:
        """The registry that a package name belongs to, by its scope."""
        scope = name.partition("/")[0] if name.startswith("@") else ""
        return (scope and self.settings.get(f"{scope}:registry")) or self.registry

    def flag(self, name: str) -> bool:
        """Whether a boolean setting is on."""
        return self.settings.get(name, "") in {"true", "1", "yes"}

    @property
    def omits(self) -> frozenset[str]:
        """The kinds of dependencies that the settings leave out, beside `dev`."""
        words = self.settings.get("omit", "").replace(",", "\n").split("\n")
        return frozenset(word.strip() for word in words if word.strip())

    def tarball_url(self, name: str, version: str) -> str:
        """Where registries by convention have a version's tarball."""
        registry = self.registry_for(name).rstrip("/")
        return f"{registry}/{name}/-/{name.rpartition('/')[2]}-{version}.tgz"

    @property
    def replaced_host(self) -> str:
        """What `replace-registry-host` stands for: a host, a URL, `always` or `never`."""
        wanted = self.settings.get("replace-registry-host") or "npmjs"
        if wanted != "npmjs":
            return wanted
        return urlsplit(self.default_registry).hostname or "never"

    def download_url(self, resolved: str) -> str:
        """A lock's `resolved` on the registry in force, as Arborist's `#registryResolved` has it: a
        lock that was made against the default registry installs from a mirror.
        """
        wanted, registry = self.replaced_host, urlsplit(self.registry)
        if wanted == "never" or not registry.hostname:
            return resolved
        given = urlsplit(resolved)
        match = urlsplit(wanted) if "://" in wanted else None
        host = match.hostname if match else wanted
        match_path = match.path.rstrip("/") if match else ""
        if wanted != "always" and host != given.hostname:
            return resolved
        if match_path and not _has_prefix(given.path, match_path):
            return resolved
        own = registry.path.rstrip("/")
        path = given.path
        if match_path:
            path = own + path[len(match_path) :]
        elif own and not _has_prefix(path, own):
            path = own + path
        netloc = registry.netloc.rpartition("@")[2]
        return urlunsplit((registry.scheme, netloc, path, given.query, given.fragment))

    def headers(self, url: str, name: str = "") -> dict[str, str]:
        """What authorizes a download: the credentials whose `//host/path/` key is the longest that
        the URL lies under, else those of the package's registry on the same host
        (npm-registry-fetch, auth.js). Empty for any other host.
        """
        found = self._credentials(url)
        if found:
            return found
        registry = self.registry_for(name)
        same_host = urlsplit(registry).netloc == urlsplit(url).netloc
        return self._credentials(registry) if registry and same_host else {}

    def _credentials(self, url: str) -> dict[str, str]:
        parts = urlsplit(url)
        key = f"//{parts.netloc.rpartition('@')[2]}{parts.path}"
        while len(key) > 2:
            header = self._authorization(key)
            if header:
                return {"authorization": header}
            key = key[:-1] if key.endswith("/") else key[: key.rfind("/") + 1]
        return {}

    def _authorization(self, key: str) -> str:
        token = self.settings.get(f"{key}:_authToken")
        if token:
            return f"Bearer {token}"
        encoded = self.settings.get(f"{key}:_auth")
        if encoded:
            return f"Basic {encoded}"
        user, password = self.settings.get(f"{key}:username"), self.settings.get(f"{key}:_password")
        if user and password:
            with suppress(ValueError):
                return basic(user, base64.b64decode(password).decode("utf-8", "replace"))
        return ""


def _has_prefix(path: str, prefix: str) -> bool:
    return path == prefix or path.startswith(f"{prefix}/")
