"""What is inside a jar that matters outside of it: native libraries, and which Java it needs.

A jar stays one file in store and bundle. What JNI loads from it is unpacked at run time by the
jar's own code, so the libraries are only listed here, with what the loader reads of them.
"""

from __future__ import annotations

import shutil
import zipfile
import zlib
from collections.abc import Iterable
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from fctui.model.plan import is_shared_library
from fctui.native.elf import ElfFile, read_elf
from fctui.store.bounds import Stopped, current
from fctui.store.paths import safe_path
from fctui.store.writer import TreeWriter

TEXT = "jar.json"
"""Under which name `Contents.texts` has the facts of a jar."""

_CLASS_MAGIC = b"\xca\xfe\xba\xbe"
_FIRST_JAVA = 44  # class file versions: JVM specification, table 4.1-A; Java 8 is 52
_CHUNK = 1 << 20
_MOST_NATIVES = 500
_LARGEST_NATIVE = 1 << 29
# Bytes of a library that is unpacked to be looked at.

_JNI_ENDINGS = (".jnilib", ".dylib", ".dll")
# Libraries of other systems: they are not for any target, and take their space.


class Native(Struct, frozen=True, omit_defaults=True):
    """A library inside a jar. `machine` is the kernel's name for what it is built for, "" until
    the jar has been fetched, and `other` for one that is not ELF.
    """

    path: str
    size: int
    machine: str = ""
    soname: str = ""
    needed: tuple[str, ...] = ()
    requires: dict[str, tuple[str, ...]] = {}


class Jar(Struct, frozen=True, omit_defaults=True):
    """`files` counts the members, `java` is the Java release that its classes need, see
    `telling_class`; 0 where there are none.
    """

    files: int = 0
    java: int = 0
    natives: tuple[Native, ...] = ()


def facts_of(contents: Contents) -> Jar:
    """What a listing says of a jar; nothing of what is none."""
    text = contents.texts.get(TEXT, "")
    return _decoder.decode(text) if text else Jar()


def texts_of(facts: Jar) -> dict[str, str]:
    """Facts as they are kept in a listing."""
    return {TEXT: msgspec.json.encode(facts).decode()}


_decoder = msgspec.json.Decoder(Jar)


def java_of(head: bytes) -> int:
    """The Java release that a class file needs, from its first bytes; 0 for what is none."""
    if len(head) < 8 or not head.startswith(_CLASS_MAGIC):
        return 0
    return max(0, int.from_bytes(head[6:8], "big") - _FIRST_JAVA)


def telling_class(names: Iterable[str]) -> str:
    """The class that is looked at for the whole jar: the first of the package with the most, so
    that a listing by ranges and the jar itself tell the same. "" where there is none.

    Those that only newer Javas look at (JEP 238) do not count, nor does the descriptor of a module,
    which has the version of the module system.
    """
    found: dict[str, list[str]] = {}
    for name in names:
        directory, _, base = name.rpartition("/")
        if base.endswith(".class") and base != "module-info.class" and name[:9] != "META-INF/":
            found.setdefault(directory, []).append(name)
    most = max(found.values(), key=len, default=[])
    return most[0] if most else ""


def is_native(path: str) -> bool:
    """Whether a member is a library of whatever system."""
    return is_shared_library(path) or path.endswith(_JNI_ENDINGS)


def unpack_jar(archive: Path, into: Path, digest: str) -> Contents:
    """Put an artifact into the store as the one file that it is, and look into it; an Unpacker.

    Raises TaskError for a damaged or hostile jar.
    """
    writer = TreeWriter(into, archive.name)
    with archive.open("rb") as file:
        chunks = iter(lambda: file.read(_CHUNK), b"")
        writer.file(safe_path(archive.name, archive.name), chunks, 0o644)
    scratch = into / ".fctui-native"
    texts = texts_of(inspect(archive, scratch)) if archive.suffix == ".jar" else {}
    return Contents(digest=digest, entries=tuple(writer.entries.values()), texts=texts)


def inspect(archive: Path, scratch: Path) -> Jar:
    """The facts of a jar on disk; see `read_jar`."""
    return read_jar(archive, scratch)[0]


def read_jar(archive: Path, scratch: Path) -> tuple[Jar, dict[str, ElfFile]]:
    """The facts of a jar on disk, and its ELF files by their paths in it.

    `scratch` is a path for one file at a time, gone afterwards. Raises TaskError for a damaged or
    hostile jar.
    """
    elves: dict[str, ElfFile] = {}
    natives = []
    try:
        with zipfile.ZipFile(archive) as jar:
            members = {m.filename: m for m in jar.infolist() if not m.is_dir()}
            java = 0
            if name := telling_class(members):
                with jar.open(members[name]) as opened:
                    java = java_of(opened.read(8))
            for name in [name for name in members if is_native(name)][:_MOST_NATIVES]:
                path, size = safe_path(name, archive.name), members[name].file_size
                elf = _elf(jar, members[name], scratch)
                if elf is None:
                    natives.append(Native(path, size, "other"))
                else:
                    elves[path] = elf
                    natives.append(
                        Native(path, size, elf.machine, elf.soname, elf.needed, elf.requires)
                    )
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
        raise TaskError(
            f"{archive.name} is damaged: {error}.", hint="Download it again with --refresh."
        ) from error
    except RuntimeError as error:  # zipfile's own for an encrypted member
        raise TaskError(f"{archive.name} is encrypted.") from error
    return Jar(len(members), java, tuple(natives)), elves


def _elf(jar: zipfile.ZipFile, member: zipfile.ZipInfo, scratch: Path) -> ElfFile | None:
    """What a loader reads of a member; None for what is no sound ELF file."""
    if not is_shared_library(member.filename) or member.file_size > _LARGEST_NATIVE:
        return None
    if current().stop.is_set():
        raise Stopped
    try:
        with jar.open(member) as opened, scratch.open("wb") as copy:
            shutil.copyfileobj(opened, copy, _CHUNK)
        return read_elf(scratch)
    except ValueError:
        return None
    finally:
        scratch.unlink(missing_ok=True)
