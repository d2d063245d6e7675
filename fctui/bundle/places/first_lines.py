"""Scripts of debs that name an interpreter which the bundle brings: execve(2), "Interpreter
scripts".

Where debs bring an interpreter the target has none, or they would not have been needed. So the
script's first line is made to name the one in the bundle.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import structs

from fctui.bundle.places.work import Work
from fctui.model.plan import Generated, PlannedFile, StoreFile

LONGEST = 255
# Bytes of a first line that the kernel reads: BINPRM_BUF_SIZE, less the one that ends it.

_MOST = 1 << 20
# Bytes of a script; nobody writes longer ones, and a plan holds the whole text.


def retold(work: Work) -> Iterator[PlannedFile]:
    """The scripts whose first line has to be another one in the bundle, with it."""
    for file in list(work.tree.files()):
        source = file.source
        if file.manager != "apt" or not isinstance(source, StoreFile):
            continue
        if not file.mode & 0o111 or file.shared_library or file.size > _MOST:
            continue
        if work.read(source, 2) != b"#!":
            continue
        line, newline, rest = work.read(source).partition(b"\n")
        interpreter = first_word(line)
        found = work.tree.absolute(interpreter) if interpreter.startswith("/") else ""
        if not found:
            continue
        place = work.on_target(found)
        new = line.replace(interpreter.encode(), place.encode(), 1)
        if len(new) <= LONGEST:
            content = new + newline + rest
            yield structs.replace(file, source=Generated(content), size=len(content))


def first_word(line: bytes) -> str:
    """The interpreter that a script's first line names, "" where it names none."""
    words = line.removeprefix(b"#!").split(maxsplit=1)
    return words[0].decode("utf-8", "surrogateescape") if words else ""
