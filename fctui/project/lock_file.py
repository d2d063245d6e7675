"""Reading and writing `fctui.lock`, and saying which declarations it does not answer for."""

from __future__ import annotations

import hashlib
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path

import msgspec

from fctui.model.errors import LockError
from fctui.model.lock import VERSION, Declared, Lock, Statement

LOCK_NAME = "fctui.lock"
AGAIN = "Run fctui lock, look at what changed, and commit it."

_HEAD = """\
# Written by fctui lock: what fctui build --frozen installs. Do not edit it; commit it.
"""


def read_lock(root: Path) -> Lock:
    """The lock of a project. Raises LockError where there is none, or none that is understood."""
    path = root / LOCK_NAME
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise LockError(
            f"{root} has no {LOCK_NAME}.", hint="fctui lock writes it; commit it."
        ) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise LockError(f"{path} cannot be read: {error}.", hint=AGAIN) from error
    if data.get("version") != VERSION:
        raise LockError(
            f"{path} has version {data.get('version')!r}, which is not understood.",
            hint="Use the fctui that wrote it, or run fctui lock.",
        )
    try:
        return msgspec.convert(data, Lock)
    except msgspec.ValidationError as error:
        raise LockError(f"{path} is damaged: {error}.", hint=AGAIN) from error


def lock_text(lock: Lock) -> bytes:
    """The lock as TOML; the same lock has the same bytes."""
    import tomlkit

    return (_HEAD + tomlkit.dumps(msgspec.to_builtins(lock))).encode()


def declarations(manager: str, statements: Iterable[Statement]) -> tuple[Declared, ...]:
    """What a manager is asked for, hashed by file."""
    by_file: dict[str, set[str]] = {}
    for statement in statements:
        by_file.setdefault(statement.source, set()).add(statement.text)
    return tuple(
        Declared(path, manager, hashlib.sha256("\0".join(sorted(texts)).encode()).hexdigest())
        for path, texts in sorted(by_file.items())
    )


def moved_on(locked: Iterable[Declared], now: Iterable[Declared]) -> Mapping[str, str]:
    """The files that say something else than when they were locked, and how: `changed`, `new`
    or `gone`.
    """
    before = {(each.manager, each.path): each.sha256 for each in locked}
    after = {(each.manager, each.path): each.sha256 for each in now}
    found: dict[str, str] = {}
    for key in sorted({*before, *after}, key=lambda key: key[1]):
        if key not in before:
            found[key[1]] = "new"
        elif key not in after:
            found[key[1]] = "gone"
        elif before[key] != after[key]:
            found[key[1]] = "changed"
    return found
