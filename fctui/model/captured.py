"""What was seen on a runtime itself, where a target's profile is made from that."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field


class Library(Struct, frozen=True, omit_defaults=True):
    """The header and dynamic section of a library: the fields of `native.elf.ElfFile`."""

    machine: str
    bits: int = 64
    kind: Literal["relocatable", "executable", "shared", "core", "other"] = "shared"
    interpreter: str = ""
    soname: str = ""
    needed: tuple[str, ...] = ()
    runpath: tuple[str, ...] = ()
    rpath: tuple[str, ...] = ()
    requires: dict[str, tuple[str, ...]] = field(default_factory=dict)
    defines: tuple[str, ...] = ()


class Captured(Struct, frozen=True, omit_defaults=True):
    """`packages` are `name=version` of dpkg or rpm, `directories` those of the loader in their
    order, `programs` paths that a script may name, `links` and `libraries` by absolute path with
    `/usr` merged.
    """

    packages: tuple[str, ...] = ()
    directories: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    links: dict[str, str] = field(default_factory=dict)
    libraries: dict[str, Library] = field(default_factory=dict)
