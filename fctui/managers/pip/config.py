"""The user's pip configuration, read in this process as pip documents it.

Source: pip's user guide, "Configuration" (locations, precedence, names of environment variables),
and `pip._internal.configuration`. Starting `pip config list` would cost half a second.
"""

from __future__ import annotations

import configparser
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

from msgspec import Struct, structs

from fctui.model.errors import UsageError
from fctui.model.names import normalized

_FILE = "pip.conf"
_TRUE = frozenset({"1", "true", "yes", "on", "t", "y"})
# What pip's strtobool takes for true.


class PipConfig(Struct, frozen=True):
    """The options that decide what is resolved and how it is downloaded.

    Index URLs may carry credentials: show them through `fctui.managers.pip.credentials.masked`
    only. `index_url` is "" where the tool's own default holds. `timeout` is in seconds.
    """

    index_url: str = ""
    extra_index_urls: tuple[str, ...] = ()
    find_links: tuple[str, ...] = ()
    no_index: bool = False
    cert: str = ""
    client_cert: str = ""
    proxy: str = ""
    trusted_hosts: tuple[str, ...] = ()
    timeout: float = 0.0
    pre: bool = False
    prefer_binary: bool = False
    only_binary: tuple[str, ...] = ()
    no_binary: tuple[str, ...] = ()

    def formats(self, name: str) -> tuple[bool, bool]:
        """Whether wheels and whether sdists of a distribution may be taken: pip's FormatControl,
        where its own name goes before `:all:`.
        """
        for wanted in (normalized(name), ":all:"):
            if wanted in in_force(self.only_binary):
                return True, False
            if wanted in in_force(self.no_binary):
                return False, True
        return True, True


def in_force(names: tuple[str, ...]) -> list[str]:
    """What is left of such a list: `:none:` empties what comes before it."""
    left = names[names.index(":none:") + 1 :] if ":none:" in names else names
    return [name if name.startswith(":") else normalized(name) for name in left]


def read_config(environ: Mapping[str, str] | None = None, *, command: str = "install") -> PipConfig:
    """The configuration in force for a pip command: files, then the `PIP_*` variables.

    Raises UsageError for a file that is not in the format.
    """
    values = settled(options(environ), command)
    find_links = tuple(map(_expanded, _words(values, "find-links")))
    return PipConfig(
        index_url=values.get("index-url", values.get("pypi-url", "")),
        extra_index_urls=_words(values, "extra-index-url"),
        find_links=find_links,
        no_index=_flag(values, "no-index"),
        cert=_expanded(values.get("cert", "")),
        client_cert=_expanded(values.get("client-cert", "")),
        proxy=values.get("proxy", ""),
        trusted_hosts=_words(values, "trusted-host"),
        timeout=_seconds(values.get("timeout", values.get("default-timeout", ""))),
        pre=_flag(values, "pre"),
        prefer_binary=_flag(values, "prefer-binary"),
        only_binary=_names(values, "only-binary"),
        no_binary=_names(values, "no-binary"),
    )


def options(environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """All options by `section.name` (`:env:.name` for variables), as `pip config list` has them."""
    environ = os.environ if environ is None else environ
    found: dict[str, str] = {}
    if environ.get("PIP_CONFIG_FILE") != os.devnull:
        for path in config_files(environ):
            found.update(_read(path))
    for name, value in environ.items():
        if name.startswith("PIP_") and name not in {"PIP_VERSION", "PIP_HELP"}:
            found[f":env:.{_normal(name[4:])}"] = value
    return found


def settled(found: Mapping[str, str], command: str) -> dict[str, str]:
    """The values that win: the command's section over `global`, the environment over both.

    An empty value counts as none, as in pip.
    """
    values: dict[str, str] = {}
    for section in ("global", command, ":env:"):
        prefix = f"{section}."
        for key, value in found.items():
            if key.startswith(prefix) and value:
                values[key.removeprefix(prefix)] = value
    return values


def config_files(environ: Mapping[str, str]) -> Iterator[Path]:
    """The places of configuration files, in the order in which later ones win."""
    home = Path(environ.get("HOME") or Path.home())
    for directory in (environ.get("XDG_CONFIG_DIRS") or "/etc/xdg").split(os.pathsep):
        yield Path(directory) / "pip" / _FILE
    yield Path("/etc") / _FILE
    named = environ.get("PIP_CONFIG_FILE", "")
    if not (named and Path(named).exists()):
        yield home / ".pip" / _FILE
        yield Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "pip" / _FILE
    yield Path(sys.prefix) / _FILE
    if named:
        yield Path(named)


def merged(config: PipConfig, **values: object) -> PipConfig:
    """The configuration with the options of a requirements file over it; lists are added to."""
    changed: dict[str, object] = {}
    for name, value in values.items():
        if isinstance(value, tuple):
            before: tuple[str, ...] = getattr(config, name)
            changed[name] = tuple(dict.fromkeys((*before, *value)))
        elif value:
            changed[name] = value
    return structs.replace(config, **changed)


def _read(path: Path) -> dict[str, str]:
    parser = configparser.RawConfigParser()
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError, PermissionError, IsADirectoryError):
        return {}
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"pip's configuration {path} cannot be read: {error}.") from error
    try:
        parser.read_string(text)
    except configparser.Error as error:
        reason = str(error).replace("\n", " ")
        raise UsageError(
            f"pip's configuration {path} is malformed: {reason}",
            hint="Correct the file; pip itself would refuse it as well.",
        ) from error
    return {
        f"{section}.{_normal(name)}": value
        for section in parser.sections()
        for name, value in parser.items(section)
    }


def _normal(name: str) -> str:
    return name.lower().replace("_", "-").removeprefix("--")


def _words(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(values.get(name, "").split())


def _names(values: Mapping[str, str], name: str) -> tuple[str, ...]:
    return tuple(values.get(name, "").replace(",", " ").split())


def _flag(values: Mapping[str, str], name: str) -> bool:
    return values.get(name, "").lower() in _TRUE


def _seconds(text: str) -> float:
    try:
        return float(text) if text else 0.0
    except ValueError:
        return 0.0


def _expanded(path: str) -> str:
    return os.path.expanduser(path) if path.startswith("~") else path
