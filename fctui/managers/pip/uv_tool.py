"""Running uv: where it is, in which environment, and how far the code of packages may reach."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from msgspec import Struct

from fctui.managers.interface import Context
from fctui.managers.pip.config import PipConfig
from fctui.managers.pip.credentials import Credentials, masked
from fctui.managers.pip.uv_project import existing, uv_settings
from fctui.model.errors import MissingToolError
from fctui.sandbox.confine import available, confined
from fctui.store.upkeep import used
from fctui.tasks.command import Command

Mode = Literal["sandbox", "host", "never"]
"""Where the code of sdists runs: in the sandbox, on the host, or nowhere."""

RETRIES = "2"
# uv's own three keep a person waiting ten seconds for an index that is not there.

NO_RESOLUTION = 1
# uv's exit status for "no solution"; 2 is for everything else that fails.


class Uv(Struct, frozen=True):
    """A way to run uv. `readable` are paths that it needs to see when it is confined, in `root`
    instead of the host where there is one.
    """

    program: str
    mode: Mode
    cache: Path
    env: dict[str, str]
    readable: tuple[Path, ...]
    root: Path | None = None

    def command(self, room: Path, *arguments: str, writable: Iterable[Path] = ()) -> Command:
        """`uv ARGUMENTS` in a directory, confined where the mode says so."""
        argv = (self.program, *arguments, "--config-file", str(room / "uv.toml"))
        argv = (*argv, "--cache-dir", str(self.cache), "--no-python-downloads", "--no-progress")
        if self.mode == "never":
            argv = (*argv, "--no-build")
        command = Command(argv, env=self.env, cwd=room, ok=(0, NO_RESOLUTION, 2))
        if self.mode != "sandbox":
            return command
        return confined(
            command,
            writable=[room, self.cache, *writable],
            readable=[Path(self.program), *self.readable],
            network=True,
            root=self.root,
        )


def prepare_uv(context: Context, config: PipConfig, paths: Iterable[str] = ()) -> Uv:
    """Choose how uv runs here for a project. `paths` are local requirements.

    The cache belongs to the project alone: code of a package that is built could write there,
    and what it left must not reach another project. Raises MissingToolError.
    """
    mode = effective_mode(context.settings.pip.sdists)
    cache = context.store.root / "uv" / f"{mode}-{project_key(context.project.root)}"
    cache.mkdir(parents=True, exist_ok=True)
    used(cache)
    local = [Path(place) for place in existing(config.find_links) if "://" not in place]
    certificates = [Path(path) for path in (config.cert, config.client_cert) if path]
    named = [Path(value) for value in map(os.environ.get, ("SSL_CERT_FILE",)) if value]
    readable = (*local, *certificates, *named, *map(Path, paths))
    return Uv(find_uv(), mode, cache, connection(config), readable)


def project_key(root: Path) -> str:
    """A short name for a project, by its place."""
    return hashlib.sha256(os.fsencode(root)).hexdigest()[:16]


def effective_mode(wanted: Mode) -> Mode:
    """The mode in force: without a sandbox on this machine nothing is built."""
    if wanted == "sandbox" and not available():
        return "never"
    return wanted


def why_no_builds(wanted: Mode) -> str:
    """What a user can do where sdists are not built."""
    if wanted == "sandbox":
        return (
            "Source distributions are not built: there is no sandbox here. Install bubblewrap, "
            'or set sdists = "host" under [pip] to run their code on this machine.'
        )
    return 'Source distributions are not built: the settings say sdists = "never".'


def write_settings(room: Path, config: PipConfig) -> None:
    """Write uv.toml, readable by its owner alone: it may hold credentials."""
    urls = (config.index_url, *config.extra_index_urls)
    path = room / "uv.toml"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(uv_settings(config, Credentials(urls)))


def connection(config: PipConfig) -> dict[str, str]:
    """Certificates and patience as environment variables."""
    env = {"UV_HTTP_RETRIES": os.environ.get("UV_HTTP_RETRIES", RETRIES)}
    if config.cert:
        directory = Path(config.cert).is_dir()
        env["SSL_CERT_DIR" if directory else "SSL_CERT_FILE"] = config.cert
    if config.client_cert:
        env["SSL_CLIENT_CERT"] = config.client_cert
    if config.timeout:
        env["UV_HTTP_TIMEOUT"] = str(int(config.timeout))
    return env


def find_uv() -> str:
    """The program of uv. Raises MissingToolError."""
    try:
        from uv import find_uv_bin

        return str(find_uv_bin())
    except (ImportError, FileNotFoundError):
        found = shutil.which("uv")
    if found is None:
        raise MissingToolError(
            "uv is not on this machine.",
            hint='Install it (pip install uv), or set resolver = "pip" under [pip].',
        )
    return found


def said(stderr: Iterable[str]) -> str:
    """The last words of uv, without credentials, for an error message."""
    lines = [masked(line) for line in stderr if not line.startswith(("Using ", "warning:"))]
    return "\n".join(lines[-12:])
