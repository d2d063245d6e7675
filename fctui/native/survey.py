"""Finding and reading the ELF files of a directory tree."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct, field

from fctui.native.elf import ElfFile, read_elf
from fctui.native.system import (
    PROGRAM_DIRECTORIES,
    System,
    configured_directories,
    merged,
)

NEVER_ELF = frozenset(
    (
        *("c", "cc", "cfg", "cjs", "conf", "cpp", "crt", "css", "csv", "dat", "desktop", "gif"),
        *("gz", "h", "hpp", "htm", "html", "hxx", "ico", "ini", "jar", "jpeg", "jpg", "js", "json"),
        *("list", "lua", "map", "md", "mjs", "mo", "otf", "pem", "pl", "pm", "png", "po", "pxd"),
        *("py", "pyc", "pyi", "pyx", "rb", "rst", "sh", "svg", "tcl", "toml", "ts", "ttf", "txt"),
        *("typed", "whl", "woff", "woff2", "xml", "xz", "yaml", "yml", "zip"),
    )
)
# Suffixes of files that no loader is ever given, so that most of a bundle need not be opened.

_SMALLEST = 64
# Bytes of an ELF header.


class Survey(Struct, frozen=True):
    """The ELF files and links of a tree, by path relative to it; `damaged` tells what is wrong
    with files that cannot be read or begin like ELF and are not.
    """

    elves: dict[str, ElfFile] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)


def may_be_elf(path: str, size: int) -> bool:
    """Whether a file is worth opening."""
    name = path.rpartition("/")[2]
    suffix = name.rpartition(".")[2] if "." in name[1:] else ""
    return size >= _SMALLEST and suffix.lower() not in NEVER_ELF


def survey(top: Path, paths: Iterable[str]) -> Survey:
    """Read the files that are ELF among `paths`, which are relative to `top`; those that are gone
    or cannot be read count as damaged.
    """
    elves: dict[str, ElfFile] = {}
    damaged: dict[str, str] = {}
    base = str(top)
    for path in paths:
        try:
            elf = read_elf(f"{base}/{path}")
        except ValueError as error:
            damaged[path] = str(error)
        except OSError as error:
            damaged[path] = error.strerror or str(error)
        else:
            if elf is not None:
                elves[path] = elf
    return Survey(elves, {}, damaged)


def survey_tree(top: Path) -> Survey:
    """The same for every file below a directory, with its links."""
    paths: list[str] = []
    links: dict[str, str] = {}
    for directory, directories, names in os.walk(top):
        for name in (*names, *directories):
            place = os.path.join(directory, name)
            path = os.path.relpath(place, top)
            if os.path.islink(place):
                links[path] = os.readlink(place)
            elif name in names and may_be_elf(path, os.lstat(place).st_size):
                paths.append(path)
    read = survey(top, paths)
    return Survey(read.elves, links, read.damaged)


def survey_root(root: Path, multiarch: str, source: str = "") -> System:
    """The native side of a root file system that can be read here: this machine, or a stand-in."""
    texts = [_text(root / "etc/ld.so.conf")]
    texts += [_text(path) for path in sorted((root / "etc/ld.so.conf.d").glob("*.conf"))]
    directories = configured_directories(texts, multiarch)
    elves: dict[str, ElfFile] = {}
    links: dict[str, str] = {}
    for directory in directories:
        found = _flat(root, directory)
        read = survey(root, [path for path, _, link in found if not link])
        elves |= {merged(f"/{path}"): elf for path, elf in read.elves.items()}
        links |= {place: link for _, place, link in found if link}
    programs = []
    for directory in dict.fromkeys(map(merged, PROGRAM_DIRECTORIES)):
        programs += [place for _, place, _ in _flat(root, directory)]
    return System(elves, links, directories, tuple(sorted(programs)), source)


def _flat(root: Path, directory: str) -> list[tuple[str, str, str]]:
    """(path relative to the root, absolute path with `/usr` merged, link target or "") of what
    lies directly in a directory, or in the one of that name outside of `/usr`.
    """
    found: list[tuple[str, str, str]] = []
    outside = directory.removeprefix("/usr")
    for name in dict.fromkeys((directory, outside)):
        relative = name.strip("/")
        if (root / relative.partition("/")[0]).is_symlink():
            continue  # merged: it is what has been looked into
        try:
            with os.scandir(root / relative) as entries:
                for entry in sorted(entries, key=lambda entry: entry.name):
                    link = os.readlink(entry.path) if entry.is_symlink() else ""
                    if link or entry.is_file():
                        place = f"{directory}/{entry.name}"
                        found.append((f"{relative}/{entry.name}", place, link))
        except OSError:
            continue
    return found


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
