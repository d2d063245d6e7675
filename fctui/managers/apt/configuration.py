"""The configuration of a private apt root: apt.conf(5)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import unquote

from fctui.managers.apt.host import Host
from fctui.managers.apt.sources import Sources

_FROM_HOST = re.compile(r"Acquire::(https?|socks|ftp|Retries|ForceIPv[46])(::.*)?", re.IGNORECASE)
# The host's settings that say how the network is reached: proxies, certificates, timeouts.


def configuration(
    root: Path, sources: Sources, host: Host, network: Sequence[tuple[str, str]]
) -> str:
    """The text of a file that `APT_CONFIG` names. apt reads it before all others, and as it moves
    `Dir::Etc` none of the host's is read after it; `network` are the host's settings to keep.
    """
    settings = [
        # Somebody waits: apt's own three retries and 30 seconds are for machines.
        ("Acquire::Retries", "1"),
        ("Acquire::http::Timeout", "15"),
        ("Acquire::https::Timeout", "15"),
        *network,
        ("Dir", f"{root}/"),
        ("Dir::State", "state"),
        ("Dir::State::status", sources.status or f"{root}/status"),
        ("Dir::Cache", "cache"),
        ("Dir::Log", "log"),
        ("Dir::Etc", "etc"),
        # Archives of ours name their keyring; a source of the project's that names none is
        # verified with the keys that the host trusts, and credentials are the host's.
        ("Dir::Etc::trusted", f"{host.etc}/trusted.gpg"),
        ("Dir::Etc::trustedparts", f"{host.etc}/trusted.gpg.d"),
        ("Dir::Etc::netrc", f"{host.etc}/auth.conf"),
        ("Dir::Etc::netrcparts", f"{host.etc}/auth.conf.d"),
        *_pins(sources, host),
        ("APT::Architecture", sources.architectures[0]),
        *(("APT::Architectures::", arch) for arch in sources.architectures),
        # Dropping to _apt would lose the right to read a root in somebody's home.
        ("APT::Sandbox::User", "root"),
        ("APT::Get::AllowUnauthenticated", "false"),
        ("APT::Update::Error-Mode", "any"),
        ("Acquire::AllowInsecureRepositories", "false"),
        ("Acquire::AllowWeakRepositories", "false"),
        ("Acquire::AllowDowngradeToInsecureRepositories", "false"),
        ("Acquire::Languages::", "none"),
        ("Acquire::PDiffs", "false"),
        ("Acquire::GzipIndexes", "false"),
        ("Acquire::ForceHash", "SHA256"),
        ("Debug::NoLocking", "true"),
    ]
    return "".join(f'{name} "{value}";\n' for name, value in settings)


def _pins(sources: Sources, host: Host) -> list[tuple[str, str]]:
    """The host's preferences, where the host is the target: apt_preferences(5)."""
    if not sources.status:
        return []
    return [
        ("Dir::Etc::preferences", f"{host.etc}/preferences"),
        ("Dir::Etc::preferencesparts", f"{host.etc}/preferences.d"),
    ]


def host_settings(dump: str) -> list[tuple[str, str]]:
    """The network settings in `apt-config dump --format '%F %V%n'`, names and values decoded."""
    found = []
    for line in dump.splitlines():
        name, _, value = (unquote(part.strip('"')) for part in line.partition(" "))
        if _FROM_HOST.fullmatch(name) and value and not {'"', "\n", ";"} & set(name + value):
            found.append((name, value))
    return found
