"""The archives that a target's debs come from, as the private root's sources: sources.list(5)."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.managers.apt.host import Host, debian_archives, plain_uri
from fctui.model.errors import MissingToolError, TaskError, UsageError
from fctui.model.target import Suite, Target
from fctui.project.settings import AptSettings
from fctui.tasks.text import clean

KEYRING = "debian-archive-keyring"
REMOVED_KEYS = "debian-archive-removed-keys"
# Stems of the keyring files; archived suites are signed by keys that have been retired.


MIRROR = "FCTUI_APT_MIRROR"
# The variable that names a mirror where no setting does: it is a machine's matter, not a project's.

ARCHIVE = "FCTUI_APT_ARCHIVE"
# The same for the suites that have left the mirrors, as no mirror has these and the others.


class Sources(Struct, frozen=True):
    """File names and texts for `sources.list.d`, the architectures, the dpkg status.

    `status` is the path of the host's own for this machine as the target; "": computed.
    """

    files: tuple[tuple[str, str], ...]
    architectures: tuple[str, ...]
    status: str = ""

    @property
    def key(self) -> str:
        """Names the private root: another source or architecture is another root."""
        return hashlib.sha256(msgspec.msgpack.encode(self)).hexdigest()[:24]


class NoMirrorError(TaskError):
    """No mirror is known for an archived suite; where to look for one may be."""


def sources_for(
    target: Target,
    settings: AptSettings,
    project: Path,
    foreign: tuple[str, ...] = (),
    host: Host | None = None,
) -> Sources:
    """Where the target's debs come from.

    The settings' own files win; then the host's sources for this machine; then Debian's archives
    with the target's suite. `foreign` are further architectures that the project asks for.
    """
    host = host or Host()
    local = target.id == "local"
    try:
        architectures = tuple(dict.fromkeys((target.debian_arch, *foreign)))
    except KeyError:
        raise UsageError(
            f"{target.title} has the architecture {target.arch}, for which there are no debs here.",
            hint="Targets are x86_64 or aarch64.",
        ) from None
    status = str(host.status) if local else ""
    if settings.sources:
        files = tuple(_own(project / name, number) for number, name in enumerate(settings.sources))
        return Sources(files, architectures, status)
    if local:
        return host_sources(host, architectures, status)
    if target.suite is None:
        raise UsageError(
            f"{target.title} has no Debian suite that debs could be taken from.",
            hint="Choose another target, or set [apt] sources.",
        )
    mirror = settings.mirror or (target.suite.archived and os.environ.get(ARCHIVE)) or ""
    mirror = mirror or os.environ.get(MIRROR, "")
    text = _debian(target.suite, mirror, host)
    return Sources((("debian.sources", text),), architectures, status)


def host_sources(host: Host, architectures: tuple[str, ...], status: str = "") -> Sources:
    """The host's own sources, as they stand. Raises TaskError where it has none."""
    files = tuple(_host_file(path, number) for number, path in enumerate(host.source_files()))
    if not files:
        raise TaskError(
            "This machine has no apt sources.",
            hint="Set [apt] sources, or name a target whose debs are Debian's: fctui targets.",
        )
    return Sources(files, architectures, status)


def _own(path: Path, number: int) -> tuple[str, str]:
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "it is not UTF-8"
        raise UsageError(
            f"The apt source {path} cannot be read: {reason}.",
            hint="[apt] sources are paths relative to the project.",
        ) from error
    return f"{number:02}-project{'.sources' if _is_deb822(path, text) else '.list'}", text


def _host_file(path: Path, number: int) -> tuple[str, str]:
    text = path.read_text(encoding="utf-8", errors="replace")
    return f"{number:02}-host{'.sources' if path.suffix == '.sources' else '.list'}", text


def _is_deb822(path: Path, text: str) -> bool:
    if path.suffix in {".sources", ".list"}:
        return path.suffix == ".sources"
    return any(line.lower().startswith("types:") for line in text.splitlines())


def _debian(suite: Suite, mirror: str, host: Host) -> str:
    """Debian's archives for a suite, in deb822; hosts are those of the machine's own sources."""
    main, security = _archives(suite, mirror, host)
    keys = " ".join(_keyrings(suite, host))
    names = [suite.name]
    rolling = suite.name in {"sid", "unstable"}
    if not suite.archived and not rolling:
        names.append(f"{suite.name}-updates")
    stanzas = [_stanza(main, names, keys, suite)]
    if security and not rolling:
        stanzas.append(_stanza(security, [security_suite(suite)], keys, suite))
    return "\n".join(stanzas)


def security_suite(suite: Suite) -> str:
    """What the security archive calls the suite: `-security` since bullseye, before `/updates`."""
    old = suite.release.isdigit() and int(suite.release) < 11
    return f"{suite.name}/updates" if old else f"{suite.name}-security"


def _archives(suite: Suite, mirror: str, host: Host) -> tuple[str, str]:
    """The URIs of the main and of the security archive."""
    if mirror:
        uri = _uri(mirror)
        return uri, _beside(uri)
    if suite.archived:
        archive = host.archive_mirror(suite.name)
        if not archive:
            raise NoMirrorError(
                f"{suite.name} has left Debian's mirrors, and no archive of old suites is known.",
                hint="Install debootstrap, whose scripts name one, or name one by the variable "
                f"{ARCHIVE} or by [apt] mirror.",
            )
        return archive, _beside(archive)
    main, security = debian_archives(host.sources())
    if main is None:
        named = "apt sources name no Debian archive"
        has = (
            f"This machine's {named}" if host.source_files() else "This machine has no apt sources"
        )
        raise TaskError(
            f"{has}, so it is not known where Debian packages are to come from.",
            hint="Name a Debian mirror near you: [apt] mirror in the settings, or the variable "
            f"{MIRROR}.",
        )
    uri = plain_uri(main.uri)
    return uri, plain_uri(security.uri) if security else _beside(uri)


def _uri(mirror: str) -> str:
    """A mirror as it may be named: by its URI, or a directory by its absolute path."""
    if mirror.startswith("/"):
        return Path(mirror).as_uri()
    if not mirror.isprintable() or " " in mirror or ":/" not in mirror:
        raise UsageError(
            f"The apt mirror {clean(mirror)!r} is no URI.",
            hint="[apt] mirror and the variables for it take http://HOST/debian or a directory's "
            "absolute path.",
        )
    return mirror


def _beside(uri: str) -> str:
    """Mirrors keep `debian-security` beside `debian`; another layout has to be set by hand."""
    bare = uri.rstrip("/")
    return f"{bare}-security" if bare.endswith("/debian") else ""


def _keyrings(suite: Suite, host: Host) -> list[str]:
    main, _ = debian_archives(host.sources())
    named = [key for key in main.signed_by if Path(key).is_file()] if main else []
    wanted = (KEYRING, REMOVED_KEYS) if suite.archived else (KEYRING,)
    found = [str(path) for stem in wanted if (path := host.keyring(stem))]
    keys = list(dict.fromkeys([*named, *found]))
    if not keys:
        raise MissingToolError(
            "Debian's archive keys are not on this machine, so no package can be verified.",
            hint=f"Install the package {KEYRING}, or set [apt] sources with a Signed-By.",
        )
    return keys


def _stanza(uri: str, suites: list[str], keys: str, suite: Suite) -> str:
    fields = {
        "Types": "deb",
        "URIs": uri,
        "Suites": " ".join(suites),
        "Components": "main",
        "Signed-By": keys,
    }
    if suite.archived:
        # The Release file of a suite that gets no more updates is past its date for ever.
        fields["Check-Valid-Until"] = "no"
    return "".join(f"{name}: {value}\n" for name, value in fields.items())
