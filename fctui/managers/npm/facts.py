"""What planning needs of a package.json inside a tarball: its programs and its install scripts."""

from __future__ import annotations

import json
import posixpath
import re
from collections.abc import Iterable
from typing import Any

import msgspec
from msgspec import Struct, field

from fctui.tasks.text import clean

TEXT = "package.json"

_INSTALL_EVENTS = ("preinstall", "install", "postinstall")
# The scripts that npm runs for a dependency from a registry; scripts(7), "npm install".

_MANIFEST = re.compile(
    r"(?:^|.*/node_modules/(?:@[^/]+/)?[^/@][^/]*/|node_modules/(?:@[^/]+/)?[^/@][^/]*/)package\.json$"
)

_LONGEST = 500
# Characters kept of a description or a script: enough to show, whatever somebody published.


class Facts(Struct, frozen=True, omit_defaults=True):
    """`bin` maps command names to paths in the package, normalized; `scripts` holds those that run
    at installation. With `gyp` npm would run node-gyp though no script says so.
    """

    name: str = ""
    version: str = ""
    bin: dict[str, str] = field(default_factory=dict)
    scripts: dict[str, str] = field(default_factory=dict)
    gyp: bool = False
    description: str = ""
    license: str = ""

    @property
    def installs(self) -> str:
        """What npm would run at installation, "" for nothing."""
        if self.gyp and not self.scripts.keys() & {"preinstall", "install"}:
            return "node-gyp rebuild"
        return next((self.scripts[e] for e in _INSTALL_EVENTS if e in self.scripts), "")


def is_manifest(path: str) -> bool:
    """Whether a path in a tarball is the package.json of the package or of one bundled with it."""
    return path.endswith("package.json") and _MANIFEST.match(path) is not None


def facts_of(raw: bytes, paths: Iterable[str], prefix: str = "") -> Facts:
    """Read a package.json. `paths` are the files of the tarball, `prefix` the directory in it that
    the package lies in, "" or ending in "/".
    """
    try:
        data = json.loads(raw.removeprefix(b"\xef\xbb\xbf"))
    except (ValueError, RecursionError):
        return Facts()
    if not isinstance(data, dict):
        return Facts()
    scripts = data.get("scripts")
    scripts = scripts if isinstance(scripts, dict) else {}
    own = [path[len(prefix) :] for path in paths if path.startswith(prefix)]
    return Facts(
        name=_text(data.get("name")),
        version=_text(data.get("version")),
        bin=normalized_bin(data, own),
        scripts={e: _text(scripts[e]) for e in _INSTALL_EVENTS if _text(scripts.get(e))},
        gyp="binding.gyp" in own and data.get("gypfile") is not False,
        description=_text(data.get("description")),
        license=_text(data.get("license")),
    )


def encode_facts(facts: Facts) -> str:
    """Facts as text for a listing."""
    return msgspec.json.encode(facts).decode()


def decode_facts(text: str) -> Facts:
    """The reverse of `encode_facts`; "" gives empty facts."""
    return _decoder.decode(text) if text else Facts()


_decoder = msgspec.json.Decoder(Facts)


def _text(value: object) -> str:
    return clean(value)[:_LONGEST] if isinstance(value, str) else ""


def normalized_bin(data: dict[str, Any], paths: Iterable[str]) -> dict[str, str]:
    """`bin`, or else the files in `directories.bin`, as npm links them (npm-normalize-package-bin):
    names without directories, targets that cannot lead out of the package.
    """
    given = data.get("bin")
    if not given:
        return _from_directory(data, paths)
    if isinstance(given, str):
        name = data.get("name")
        given = {name: given} if isinstance(name, str) and name else {}
    elif isinstance(given, list):
        given = {posixpath.basename(item): item for item in given if isinstance(item, str)}
    elif not isinstance(given, dict):
        return {}
    found = {}
    for key, value in given.items():
        name = posixpath.basename(re.sub(r"[\\:]", "/", key).rstrip("/"))
        if not isinstance(value, str) or not name or name in {".", ".."}:
            continue
        target = posixpath.normpath("/" + value.replace("\\", "/")).lstrip("/")
        if target:
            found[name] = target
    return found


def _from_directory(data: dict[str, Any], paths: Iterable[str]) -> dict[str, str]:
    directories = data.get("directories")
    where = directories.get("bin") if isinstance(directories, dict) else None
    if not isinstance(where, str):
        return {}
    top = posixpath.normpath("/" + where).lstrip("/")
    if not top:
        return {}
    return {
        posixpath.basename(path): path
        for path in sorted(paths)
        if path.startswith(f"{top}/") and not path[len(top) + 1 :].startswith(".")
    }
