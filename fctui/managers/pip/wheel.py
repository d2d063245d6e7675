"""What is in a wheel: its entries, and the few members that laying it out needs.

Sources: PEP 427 (binary distribution format), PEP 376 and PyPA's "Recording installed projects".
"""

from __future__ import annotations

import binascii
import csv
from collections.abc import Iterable, Mapping
from email.parser import HeaderParser
from pathlib import Path

from msgspec import structs

from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from fctui.model.names import normalized
from fctui.store.zip import unpack_zip

MEMBERS = ("WHEEL", "METADATA", "RECORD", "entry_points.txt")
# What is read of a wheel's .dist-info directory.

INTERPRETER_LINE = b"#!python"
# PEP 427: scripts that begin so get the interpreter's path as their first line.

_LARGEST_PATH_FILE = 1 << 16
# Bytes; setuptools' longest has a few hundred.

_SCHEME_KEYS = frozenset({"purelib", "platlib", "headers", "scripts", "data"})


def unpack_wheel(archive: Path, into: Path, digest: str) -> Contents:
    """A `Store` unpacker for wheels: all files written, the small texts kept with the listing."""
    listed = unpack_zip(archive, into, digest)
    paths = {entry.path for entry in listed.entries if not entry.link}
    info = dist_info(paths, archive.name)
    wanted = [f"{info}/{name}" for name in MEMBERS if f"{info}/{name}" in paths]
    read = {path: (into / path).read_bytes() for path in wanted}
    sizes = {entry.path: entry.size for entry in listed.entries if not entry.link}
    for path in path_files_of(sizes, info):
        read[path] = (into / path).read_bytes()
    for path in scripts_of(paths, info):
        with (into / path).open("rb") as file:
            head = file.read(len(INTERPRETER_LINE))
            if head == INTERPRETER_LINE:
                read[path] = head + file.read()
    return structs.replace(listed, texts=texts_of(read, archive.name))


def dist_info(paths: Iterable[str], filename: str) -> str:
    """The wheel's .dist-info directory. Raises TaskError where there is not exactly one for it."""
    found = {path.partition("/")[0] for path in paths if "/" in path}
    infos = sorted(name for name in found if name.endswith(".dist-info"))
    if len(infos) == 1:
        return infos[0]
    name = normalized(filename.partition("-")[0])
    own = [info for info in infos if normalized(info.partition("-")[0]) == name]
    if len(own) != 1:
        raise TaskError(
            f"{filename} is not a wheel: it has {len(infos)} .dist-info directories.",
            hint="Take another version of the package.",
        )
    return own[0]


def scripts_of(paths: Iterable[str], info: str) -> list[str]:
    """The members that the wheel installs as scripts."""
    prefix = f"{info.removesuffix('.dist-info')}.data/scripts/"
    return sorted(path for path in paths if path.startswith(prefix))


def path_files_of(sizes: Mapping[str, int], info: str) -> list[str]:
    """The members that Python reads when it starts (`site`): .pth files in a site directory.
    `sizes` are those of all members by path; a file that is too large to be one is left out.
    """
    data = f"{info.removesuffix('.dist-info')}.data/"
    tops = {"", f"{data}purelib", f"{data}platlib"}
    return [
        path
        for path, size in sizes.items()
        if path.endswith(".pth") and path.rpartition("/")[0] in tops and size <= _LARGEST_PATH_FILE
    ]


def texts_of(read: Mapping[str, bytes], filename: str) -> dict[str, str]:
    """The members as text, checked. Scripts are decoded byte by byte, so that none is changed."""
    texts = {
        path: data.decode("latin-1" if ".data/scripts/" in path else "utf-8", "replace")
        for path, data in read.items()
    }
    wheel = next((text for path, text in texts.items() if path.endswith("/WHEEL")), None)
    if wheel is None:
        raise TaskError(f"{filename} is not a wheel: it has no WHEEL file.")
    version = str(HeaderParser().parsestr(wheel).get("Wheel-Version", ""))
    if version.partition(".")[0] != "1":
        raise TaskError(
            f"{filename} has wheel format {version!r}; only 1.x can be installed.",
            hint="Take an older version of the package.",
        )
    return texts


def is_pure(wheel: str) -> bool:
    """Whether the root of the archive goes to purelib (`Root-Is-Purelib`)."""
    return str(HeaderParser().parsestr(wheel).get("Root-Is-Purelib", "")).lower() == "true"


def place_of(path: str, info: str, *, pure: bool) -> tuple[str, str]:
    """(scheme key, path below it) of a member: `*.data/KEY/…` or the archive's root.

    Raises TaskError for a key that is none.
    """
    data = f"{info.removesuffix('.dist-info')}.data/"
    if not path.startswith(data):
        return ("purelib" if pure else "platlib"), path
    key, _, rest = path.removeprefix(data).partition("/")
    if key not in _SCHEME_KEYS or not rest:
        raise TaskError(f"The wheel of {info.partition('-')[0]} has data of no kind: {path!r}.")
    return key, rest


def recorded_hashes(record: str) -> dict[str, str]:
    """SHA-256 in hex by path, as far as RECORD has them."""
    found: dict[str, str] = {}
    for row in csv.reader(record.splitlines()):
        if len(row) == 3 and row[1].startswith("sha256="):
            try:
                standard = row[1][7:].replace("-", "+").replace("_", "/")
                raw = binascii.a2b_base64(f"{standard}==")
            except ValueError:
                continue
            found[row[0]] = raw.hex()
    return found


def record_of(texts: Mapping[str, str]) -> str:
    """The text of RECORD."""
    return next((text for path, text in texts.items() if path.endswith(".dist-info/RECORD")), "")


def describe(contents: Contents) -> tuple[str, str]:
    """(summary, licence) from the core metadata; "" for what it does not say."""
    text = next((t for p, t in contents.texts.items() if p.endswith(".dist-info/METADATA")), "")
    headers = HeaderParser().parsestr(text, headersonly=True)
    licence = str(headers.get("License-Expression", "") or headers.get("License", ""))
    if not licence or "\n" in licence:
        classifiers = [str(value) for value in headers.get_all("Classifier", [])]
        found = [c.rpartition(" :: ")[2] for c in classifiers if c.startswith("License ::")]
        licence = found[0] if found else licence.strip().partition("\n")[0]
    from fctui.tasks.text import clean

    return clean(str(headers.get("Summary", ""))), clean(licence)


def metadata_name(contents: Contents) -> str:
    """The name as the distribution itself spells it."""
    for path, text in contents.texts.items():
        if path.endswith(".dist-info/METADATA"):
            return str(HeaderParser().parsestr(text, headersonly=True).get("Name", ""))
    return ""
