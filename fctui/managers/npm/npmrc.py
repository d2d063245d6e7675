"""Reading `.npmrc` files and npm's variables without starting npm: npmrc(5), config(7)."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
from pathlib import Path

from fctui.model.errors import UsageError

_LINE = re.compile(r"^([^=]+)(?:=(.*))?$")
_VARIABLE = re.compile(r"(?<!\\)(\\*)\$\{([^${}?]+)(\?)?\}")
_ENVIRONMENT = re.compile(r"^npm_config_", re.IGNORECASE)


def expand(text: str, environ: Mapping[str, str]) -> str:
    """Replace `${NAME}`; an unset one stays as it stands, `${NAME?}` becomes empty."""

    def value(match: re.Match[str]) -> str:
        escapes, name, optional = match[1], match[2], match[3]
        if len(escapes) % 2:
            return match[0][(len(escapes) + 1) // 2 :]
        fallback = "" if optional else f"${{{name}}}"
        return escapes[len(escapes) // 2 :] + environ.get(name, fallback)

    return _VARIABLE.sub(value, text)


def parse_npmrc(text: str, environ: Mapping[str, str]) -> dict[str, str]:
    """The settings of one file; of `name[] = value` lines the values are joined by newlines."""
    found: dict[str, str] = {}
    for raw in text.splitlines():
        line = raw.strip()
        if not line or line[0] in ";#[":
            continue
        match = _LINE.match(line)
        if match is None:
            continue
        key = expand(_unquote(match[1]), environ)
        value = "true" if match[2] is None else expand(_unquote(match[2]), environ)
        if key.endswith("[]"):
            key = key[:-2]
            value = f"{found[key]}\n{value}" if key in found else value
        found[key] = value
    return found


def _unquote(text: str) -> str:
    """A key or value as the `ini` package reads it: quotes, escapes, comments after the value."""
    text = text.strip()
    if len(text) > 1 and text[0] == text[-1] and text[0] in "\"'":
        inner = text[1:-1] if text[0] == "'" else text
        try:
            value = json.loads(inner)
        except ValueError:
            return inner
        return value if isinstance(value, str) else inner
    kept: list[str] = []
    escaped = False
    for letter in text:
        if escaped:
            kept.append(letter if letter in "\\;#" else "\\" + letter)
            escaped = False
        elif letter in ";#":
            break
        elif letter == "\\":
            escaped = True
        else:
            kept.append(letter)
    return "".join(kept).strip() + ("\\" if escaped else "")


def environment_settings(environ: Mapping[str, str]) -> dict[str, str]:
    """The settings in `npm_config_*` variables, whatever their case."""
    found: dict[str, str] = {}
    for name, value in environ.items():
        if value and _ENVIRONMENT.match(name):
            key = name[len("npm_config_") :]
            if not key.startswith("//"):
                key = key[:1].lower() + key[1:].replace("_", "-").lower()
            found[key] = value
    return found


def effective_settings(directory: Path, environ: Mapping[str, str] | None = None) -> dict[str, str]:
    """What npm would go by in a directory: global, user, project file and environment, last wins.

    npm's own defaults are not in it. Raises UsageError for a file that cannot be read.
    """
    environ = os.environ if environ is None else environ
    above = environment_settings(environ)
    home = Path(environ.get("HOME") or Path.home())
    user = Path(above.get("userconfig") or home / ".npmrc")
    user_settings = _read(user, environ)
    prefix = above.get("prefix") or user_settings.get("prefix") or environ.get("PREFIX")
    named = above.get("globalconfig") or user_settings.get("globalconfig")
    settings: dict[str, str] = {}
    for path in [Path(named)] if named else _global_files(prefix, environ):
        settings |= _read(path, environ)
    project = directory / ".npmrc"
    settings |= user_settings
    if project.absolute() != user.absolute():
        settings |= _read(project, environ)
    return settings | above


def _global_files(prefix: str | None, environ: Mapping[str, str]) -> list[Path]:
    """Where the global npmrc may lie: `etc` under the prefix, which is that of node; Debian's npm
    has its own place.
    """
    if prefix:
        return [Path(prefix) / "etc" / "npmrc"]
    found = [Path("/etc/npmrc")]
    for directory in environ.get("PATH", "").split(os.pathsep):
        node = os.path.join(directory, "node")
        if directory and os.access(node, os.X_OK):
            found.append(Path(os.path.realpath(node)).parent.parent / "etc" / "npmrc")
            break
    return found


def _read(path: Path, environ: Mapping[str, str]) -> dict[str, str]:
    try:
        text = path.read_text("utf-8", "replace")
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except OSError as error:
        raise UsageError(
            f"{path} cannot be read: {error.strerror}.",
            hint="npm takes its registry and tokens from there; make it readable.",
        ) from error
    return parse_npmrc(text, environ)
