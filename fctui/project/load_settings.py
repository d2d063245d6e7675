"""Reading settings from `fctui.toml` or `[tool.fctui]`; what is wrong is named with its line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any, get_args

import msgspec

from fctui.model.errors import UsageError
from fctui.project.check_settings import problems
from fctui.project.settings import Settings
from fctui.project.text_file import text_of
from fctui.project.toml_lines import toml_line

OWN_FILE = "fctui.toml"
SHARED_FILE = "pyproject.toml"
_TABLE = ("tool", "fctui")


def load_settings(root: Path) -> tuple[Settings, Path | None]:
    """The settings of a directory and the file they came from; the defaults where there is none.

    Raises UsageError for two places of settings, TOML that cannot be read, an unknown key, a
    value of the wrong type, a path that leads where it must not; with the line.
    """
    own, shared = root / OWN_FILE, root / SHARED_FILE
    in_own = read_toml(own) if own.is_file() else None
    tools = read_toml(shared).get("tool") if shared.is_file() else None
    in_shared = tools.get("fctui") if isinstance(tools, dict) else None
    if in_own is not None and in_shared is not None:
        raise UsageError(
            f"Settings stand both in {OWN_FILE} and in [tool.fctui] of {SHARED_FILE}.",
            hint="Keep one of them.",
        )
    if in_own is not None:
        return _convert(in_own, own), own
    if in_shared is not None:
        return _convert(in_shared, shared), shared
    return Settings(), None


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file's contents; UsageError with its line where it cannot be read."""
    try:
        return tomllib.loads(text_of(path))
    except tomllib.TOMLDecodeError as error:
        raise UsageError(_toml_error(str(error), path)) from error
    except RecursionError as error:
        raise UsageError(f"{path} is nested too deeply.", hint="Is it the right file?") from error


def _toml_error(said: str, path: Path) -> str:
    """The sentence of tomllib, which ends with the place, with the place before it."""
    found = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", said)
    if found is None:
        return f"{path}: not valid TOML: {said}."
    last = len(path.read_bytes().splitlines()) or 1
    place = f"{found[1]}:{found[2]}" if found[1] else f"{last}"
    return f"{path}:{place}: not valid TOML: {said[: found.start()]}."


def setting_line(path: Path, keys: Sequence[str], value: str = "") -> int:
    """The line of a setting in either kind of file, or of a string in its list; 0 if not found."""
    return toml_line(path, (*_prefix(path), *keys), value)


def _prefix(path: Path) -> tuple[str, ...]:
    return _TABLE if path.name == SHARED_FILE else ()


def _convert(data: object, path: Path) -> Settings:
    try:
        settings = msgspec.convert(data, Settings, strict=True)
    except msgspec.ValidationError as error:
        raise _explained(str(error), path) from error
    for keys, value, said, hint in problems(settings):
        line = setting_line(path, keys, value)
        raise UsageError(f"{_at(path, line)}: {'.'.join(keys)}: {said}", hint=hint)
    return settings


def _at(path: Path, line: int) -> str:
    return f"{path}:{line}" if line else str(path)


def _explained(problem: str, path: Path) -> UsageError:
    """What the validator found in the words of the file: the key, its line, its neighbours."""
    said, _, place = problem.partition(" - at `$")
    parts = [part for part in re.sub(r"\[[^\]]*\]|`$", "", place).split(".") if part]
    unknown = re.search(r"unknown field `(.*)`$", said, re.DOTALL)
    choice = re.search(r"[Ii]nvalid enum value '?(.*?)'?$", said, re.DOTALL)
    if unknown:
        known = list(_fields(parts))
        parts.append(unknown[1])
        sentence = f"unknown setting {'.'.join(parts)!r}."
        hint = _near(unknown[1], known)
    elif choice:
        known = [str(value) for value in get_args(_type(parts))]
        sentence = f"{'.'.join(parts)} cannot be {choice[1]!r}."
        hint = _near(choice[1], known)
    else:
        subject = "every item" if place.endswith("]`") else "this"
        sentence = f"{'.'.join(parts) or 'the settings'}: {subject} {_in_toml_words(said)}."
        hint = ""
    return UsageError(f"{_at(path, setting_line(path, parts))}: {sentence}", hint=hint)


def _near(name: str, known: list[str]) -> str:
    import difflib

    near = difflib.get_close_matches(name, known, n=1)
    return f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(known)}."


def _in_toml_words(said: str) -> str:
    """`Expected `str`, got `int`` with the names that TOML has for these types."""
    names = {"str": "a string", "bool": "true or false", "int": "an integer", "float": "a float"}
    names |= {"object": "a table", "array": "a list", "null": "nothing"}
    kinds = re.findall(r"`([^`]+)`", said)
    if len(kinds) != 2:
        return f"{said[:1].lower()}{said[1:]}"
    wanted, given = (" or ".join(names.get(k, k) for k in kind.split(" | ")) for kind in kinds)
    return f"has to be {wanted}, not {given}"


def _fields(parts: Sequence[str]) -> dict[str, object]:
    """The names that a table of the settings may have, and their types."""
    kind = _type(parts)
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return {}
    return {field.encode_name: field.type for field in msgspec.structs.fields(kind)}


def _type(parts: Sequence[str]) -> object:
    """The type of a setting, None where there is none of this name."""
    return _fields(parts[:-1]).get(parts[-1]) if parts else Settings
