"""Reading settings from `fctui.toml` or `[tool.fctui]`; what is wrong is named with its line."""

from __future__ import annotations

import difflib
import re
import tomllib
from pathlib import Path
from typing import Any

import msgspec

from fctui.model.errors import UsageError
from fctui.project.settings import Settings

OWN_FILE = "fctui.toml"
_SHARED_FILE = "pyproject.toml"


def load_settings(root: Path) -> tuple[Settings, Path | None]:
    """The settings of a directory and the file they came from; the defaults where there is none.

    Raises UsageError for two places of settings, TOML that cannot be read, an unknown key, a
    value of the wrong type.
    """
    own, shared = root / OWN_FILE, root / _SHARED_FILE
    in_own = read_toml(own) if own.is_file() else None
    in_shared = read_toml(shared).get("tool", {}).get("fctui") if shared.is_file() else None
    if in_own is not None and in_shared is not None:
        raise UsageError(
            f"Settings stand both in {OWN_FILE} and in [tool.fctui] of {_SHARED_FILE}.",
            hint="Keep one of them.",
        )
    if in_own is not None:
        return _convert(in_own, own, ""), own
    if in_shared is not None:
        return _convert(in_shared, shared, "tool.fctui"), shared
    return Settings(), None


def read_toml(path: Path) -> dict[str, Any]:
    """A TOML file's contents; UsageError with its line where it cannot be read."""
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except UnicodeDecodeError as error:
        raise UsageError(f"{path} is not UTF-8: {error.reason} at byte {error.start}.") from error
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"{path} is not TOML: {error}.") from error
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error


def _convert(data: object, path: Path, table: str) -> Settings:
    try:
        return msgspec.convert(data, Settings, strict=True)
    except msgspec.ValidationError as error:
        raise _explained(str(error), path, table) from error


def _explained(problem: str, path: Path, table: str) -> UsageError:
    """What the validator found in the words of the file: the key, its line, its neighbours."""
    where = re.search(r" - at `\$\.?([^`]*)`", problem)
    inside = where.group(1) if where else ""
    inside = re.sub(r"\[\.\.\.\]|\[\d+\]", "", inside)
    unknown = re.search(r"unknown field `([^`]+)`", problem)
    parts = [part for part in inside.split(".") if part]
    hint = ""
    if unknown:
        parts.append(unknown.group(1))
        near = difflib.get_close_matches(parts[-1], _keys(parts[:-1]), n=1)
        hint = (
            f"Did you mean {near[0]!r}?" if near else f"Known here: {', '.join(_keys(parts[:-1]))}."
        )
    key = ".".join(parts)
    line = _line_of(path, [*([table] if table else []), *parts])
    at = f"{path}:{line}" if line else str(path)
    if unknown:
        return UsageError(f"{at}: unknown setting {key!r}.", hint=hint)
    said = problem.partition(" - at ")[0]
    return UsageError(f"{at}: {key or 'the settings'}: {said[0].lower()}{said[1:]}.")


def _keys(parts: list[str]) -> list[str]:
    """The names that a table of the settings may have."""
    kind: Any = Settings
    for part in parts:
        fields = {field.encode_name: field.type for field in msgspec.structs.fields(kind)}
        kind = fields.get(part, Settings)
        if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
            return []
    return [field.encode_name for field in msgspec.structs.fields(kind)]


def _line_of(path: Path, parts: list[str]) -> int:
    """The line that a key or table stands on, 0 when it is not found."""
    key = re.escape(parts[-1]) if parts else ""
    table = ".".join(parts[:-1])
    current = ""
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
        header = re.match(r"\s*\[+\s*([^\]]+?)\s*\]+", line)
        if header:
            current = header.group(1).replace('"', "").replace(" ", "")
            if current == ".".join(parts):
                return number
        elif current == table and re.match(rf"\s*[\"']?{key}[\"']?\s*[=.]", line):
            return number
    return 0
