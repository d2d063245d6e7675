"""A look into one file: what a loader reads of it, or the beginning of its text."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import Literal

from msgspec import Struct

from fctui.explore.catalog import Where
from fctui.native.elf import MAGIC, ElfFile, read_elf
from fctui.tasks.text import clean

MOST = 32 << 10
# Bytes of a text that are read: more than anybody reads beside a list.

_LINES, _COLUMNS = 400, 400


class Peek(Struct, frozen=True):
    """What was seen. `lines` are safe for a terminal; `cut` says that there is more."""

    kind: Literal["elf", "text", "binary", "empty", "gone"]
    elf: ElfFile | None = None
    lines: tuple[str, ...] = ()
    cut: bool = False
    problem: str = ""


def peek(where: Where) -> Peek:
    """Look into a file; never more than a little of it, and nothing but regular files."""
    if where is None:
        return Peek("gone", problem="It is not on this machine yet.")
    if isinstance(where, bytes):
        return _text(where[:MOST], cut=len(where) > MOST)
    try:
        return _file(where)
    except OSError as error:
        return Peek("gone", problem=f"It cannot be read: {error.strerror}.")


def _file(path: Path) -> Peek:
    descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with open(descriptor, "rb", buffering=0) as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            return Peek("binary", problem="It is no regular file.")
        head = file.read(MOST) or b""
    if head.startswith(MAGIC):
        try:
            return Peek("elf", elf=read_elf(path))
        except ValueError as error:
            return Peek("binary", problem=f"{error}.")
    return _text(head, cut=status.st_size > len(head))


def _text(data: bytes, *, cut: bool) -> Peek:
    if not data:
        return Peek("empty")
    if b"\0" in data:
        return Peek("binary")
    text = data.decode("utf-8", "replace")
    if cut:
        text = text.rstrip("\ufffd")  # a character that was cut in two
    if text.count("\ufffd") > len(text) // 10:
        return Peek("binary")
    lines = text.splitlines()
    shown = tuple(clean(line[: 4 * _COLUMNS])[:_COLUMNS] for line in lines[:_LINES])
    return Peek("text", lines=shown, cut=cut or len(lines) > _LINES)
