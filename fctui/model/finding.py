"""One thing that is wrong with a plan or a bundle, or worth knowing, with its remedies."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct


class Kind(StrEnum):
    """What kind of finding it is; the names are part of the JSON contract."""

    MISSING_LIBRARY = "missing-library"
    GLIBC_TOO_NEW = "glibc-too-new"
    SYMBOL_VERSION_MISSING = "symbol-version-missing"
    WRONG_ARCHITECTURE = "wrong-architecture"
    WRONG_PLATFORM = "wrong-platform"
    OVER_BUDGET = "over-budget"
    FILE_CONFLICT = "file-conflict"
    DUPLICATE_LIBRARY = "duplicate-library"
    ENVIRONMENT_TOO_LARGE = "environment-too-large"
    UNRESOLVED = "unresolved"
    LEADS_OUT = "leads-out"
    VULNERABLE = "vulnerable"


class Remedy(Struct, frozen=True):
    """A package that, added to the project, cures a finding; with the manager "bundle" a library
    of the bundle to be linked into `lib/`.

    `instead_of` is the requirement of the same manager that it replaces, or "". `size` are the
    bytes that it would add, negative where it saves some, None where that is not known.
    """

    manager: str
    package: str
    instead_of: str = ""
    size: int | None = None


class Finding(Struct, frozen=True, kw_only=True):
    """`subject` is what it is about (a path, a soname, a package); `breaks` says that the function
    will not run with it. `needed_by` are ids of packages, `files` paths in the bundle, `chains`
    the ways from what the project declares to those packages, each beginning with the place where
    it is declared. Of several `remedies` one is enough; the best comes first.
    """

    kind: Kind
    subject: str
    message: str
    needed_by: tuple[str, ...] = ()
    remedies: tuple[Remedy, ...] = ()
    breaks: bool = True
    files: tuple[str, ...] = ()
    chains: tuple[tuple[str, ...], ...] = ()
