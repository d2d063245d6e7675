"""What the loader of the GNU C library says when it cannot load something: dlerror(3).

These sentences are the library's interface: `ldd`, package managers and Python pass them on as
they are, in English, since the sandbox has the locale C.UTF-8.
"""

from __future__ import annotations

import re

from msgspec import Struct

from fctui.model.finding import Kind

_ABSENT = re.compile(r"([^\s:'\"]+): cannot open shared object file: No such file or directory")
_NOT_FOUND = re.compile(r"^\s*(\S+) => not found$", re.MULTILINE)
_VERSION = re.compile(r"([^\s:]+): version `([^']+)' not found \(required by ([^)]+)\)")
_FOREIGN = re.compile(r"([^\s:]+): (?:wrong ELF class: \w+|invalid ELF header)|Exec format error")
_SYMBOL = re.compile(r"([^\s:]+): undefined symbol: ([^\s,]+)")


class Complaint(Struct, frozen=True):
    """One thing that the loader complains of. `name` is a soname, for versions `library` the one
    that lacks the version `name`; `needer` the path of the file that asks for it, where it is said.
    """

    kind: Kind | None
    name: str
    library: str = ""
    needer: str = ""

    @property
    def sentence(self) -> str:
        """It in one line."""
        if self.kind is Kind.MISSING_LIBRARY:
            return f"{self.name} is not there"
        if self.kind in {Kind.GLIBC_TOO_NEW, Kind.SYMBOL_VERSION_MISSING}:
            return f"{self.needer} needs {self.name} of {self.library.rpartition('/')[2]}"
        if self.kind is Kind.WRONG_ARCHITECTURE:
            return f"{self.name or 'it'} is for another machine"
        return f"the symbol {self.name} is nowhere"


def complaints(text: str) -> tuple[Complaint, ...]:
    """All that the loader complains of in a text, each once, in order."""
    found: dict[Complaint, None] = {}
    for match in _ABSENT.finditer(text):
        found[Complaint(Kind.MISSING_LIBRARY, match[1])] = None
    for match in _NOT_FOUND.finditer(text):
        found[Complaint(Kind.MISSING_LIBRARY, match[1])] = None
    for match in _VERSION.finditer(text):
        glibc = match[2].startswith("GLIBC_")
        kind = Kind.GLIBC_TOO_NEW if glibc else Kind.SYMBOL_VERSION_MISSING
        found[Complaint(kind, match[2], match[1], match[3])] = None
    for match in _FOREIGN.finditer(text):
        found[Complaint(Kind.WRONG_ARCHITECTURE, match[1] or "")] = None
    for match in _SYMBOL.finditer(text):
        found[Complaint(None, match[2], "", match[1])] = None
    return tuple(found)
