"""Maven's settings: settings.xml of the user and of the installation, and what mvn makes of them.

Source: Maven's "Settings Reference" and "Using Mirrors for Repositories". Mirrors and the local
repository come from mvn's own effective settings; user names and passwords, which are never kept,
are read from the files each time.
"""

from __future__ import annotations

import contextlib
import fnmatch
import itertools
import os
import re
from pathlib import Path
from urllib.parse import quote, urlsplit

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.project.xml_nodes import Node, parse_xml

_EXPRESSION = re.compile(r"\$\{([^${}]+)\}")
_LOCALHOSTS = frozenset({"localhost", "127.0.0.1", "::1"})


class Repository(Struct, frozen=True):
    """Where artifacts come from, after mirrors: `id` is what its server's credentials go by."""

    id: str
    url: str


class Mirror(Struct, frozen=True):
    """One that stands for others, as `mirrorOf` says. A blocked one answers nothing."""

    id: str
    url: str
    mirror_of: str
    blocked: bool = False

    def stands_for(self, id_: str, url: str) -> bool:
        """Whether it is asked in a repository's stead: DefaultMirrorSelector of maven-resolver."""
        matched = False
        for pattern in (each.strip() for each in self.mirror_of.split(",")):
            if pattern == f"!{id_}":
                return False
            if pattern in {id_, "*"}:
                matched = True
            elif pattern == "external:*":
                matched = matched or _is_external(url)
            elif pattern == "external:http:*":
                matched = matched or (_is_external(url) and url.startswith("http:"))
        return matched


class Server(Struct, frozen=True):
    """What a server wants to be told."""

    username: str = ""
    password: str = ""
    headers: dict[str, str] = {}


class Proxy(Struct, frozen=True):
    """A proxy for one protocol, and the hosts (patterns with `*`) that do without."""

    protocol: str
    url: str
    without: tuple[str, ...] = ()

    def serves(self, host: str) -> bool:
        """Whether requests to a host go through it."""
        return not any(fnmatch.fnmatch(host, pattern) for pattern in self.without)


class MavenSettings(Struct, frozen=True):
    """The settings that matter for reaching repositories."""

    local_repository: str = ""
    mirrors: tuple[Mirror, ...] = ()
    servers: dict[str, Server] = {}
    proxies: tuple[Proxy, ...] = ()

    def mirrored(self, id_: str, url: str) -> Repository | None:
        """The repository that is asked in fact; None for a blocked one."""
        exact = next((m for m in self.mirrors if m.mirror_of == id_), None)
        mirror = exact or next((m for m in self.mirrors if m.stands_for(id_, url)), None)
        if mirror is None:
            return Repository(id_, url)
        return None if mirror.blocked else Repository(mirror.id, mirror.url)

    def proxy(self, url: str) -> Proxy | None:
        """The proxy for a URL; one for https comes before one for http, as in Maven 3.8."""
        parts = urlsplit(url)
        host = parts.hostname or ""
        by_protocol = {proxy.protocol: proxy for proxy in reversed(self.proxies)}
        found = by_protocol.get(parts.scheme)
        if found is None and parts.scheme == "https":
            found = by_protocol.get("http")
        return found if found is not None and found.serves(host) else None


def settings_files(installation: Path, options: tuple[str, ...] = ()) -> tuple[Path, ...]:
    """The settings that are there: the user's, which win, then the installation's."""
    named = _named(options, "-s", "--settings"), _named(options, "-gs", "--global-settings")
    user = named[0] or Path.home() / ".m2" / "settings.xml"
    of_all = named[1] or installation / "conf" / "settings.xml"
    return tuple(path for path in (user, of_all) if path.is_file())


def _named(options: tuple[str, ...], *names: str) -> Path | None:
    for option, value in itertools.pairwise(options):
        if option in names:
            return Path(value)
    return None


def read_settings(files: tuple[Path, ...]) -> MavenSettings:
    """What the files say, the earlier ones winning. Raises UsageError for a damaged one."""
    found = MavenSettings()
    for path in files:
        with contextlib.suppress(OSError):
            more = parse_settings(path.read_bytes(), str(path))
            found = MavenSettings(
                found.local_repository or more.local_repository,
                (*found.mirrors, *more.mirrors),
                {**more.servers, **found.servers},
                (*found.proxies, *more.proxies),
            )
    return found


def parse_settings(data: bytes, name: str) -> MavenSettings:
    """One settings.xml, or what `help:effective-settings` has written."""
    root = parse_xml(data, name)
    if root.name != "settings":
        raise UsageError(f"{name} has no <settings>.", hint="Correct Maven's settings.")
    return MavenSettings(
        _put(root.value("localRepository")),
        tuple(
            Mirror(
                _put(each.value("id")) or "default",
                _put(each.value("url")),
                _put(each.value("mirrorOf")),
                each.value("blocked") == "true",
            )
            for each in root.all("mirrors", "mirror")
        ),
        {_put(each.value("id")): _server(each) for each in root.all("servers", "server")},
        tuple(
            _proxy(each)
            for each in root.all("proxies", "proxy")
            if each.value("active") in {"", "true"}
        ),
    )


def _server(node: Node) -> Server:
    listed = {
        _put(each.value("name")): _put(each.value("value"))
        for each in node.all("configuration", "httpHeaders", "property")
    }
    headers = {name: value for name, value in listed.items() if name}
    return Server(_put(node.value("username")), _put(node.value("password")), headers)


def _proxy(node: Node) -> Proxy:
    user, password = _put(node.value("username")), _put(node.value("password"))
    login = f"{quote(user, safe='')}:{quote(password, safe='')}@" if user else ""
    port = node.value("port") or "8080"
    without = re.split(r"[|,]", _put(node.value("nonProxyHosts")))
    return Proxy(
        node.value("protocol") or "http",
        f"http://{login}{_put(node.value('host'))}:{port}",
        tuple(each.strip() for each in without if each.strip()),
    )


def _put(text: str) -> str:
    """`${env.NAME}` and `${user.home}` put in; an unknown expression stays."""

    def value(found: re.Match[str]) -> str:
        name = found[1]
        if name.startswith("env."):
            return os.environ.get(name.removeprefix("env."), found[0])
        return str(Path.home()) if name == "user.home" else found[0]

    return _EXPRESSION.sub(value, text)


def _is_external(url: str) -> bool:
    parts = urlsplit(url)
    return parts.scheme != "file" and (parts.hostname or "") not in _LOCALHOSTS
