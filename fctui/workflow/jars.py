"""The jars of a bundle for the check against its target: native libraries in them, and their Java.

What JNI loads lies inside jars, and is unpacked at run time by the jar's own code. It is judged
like any other library, at `lib/x.jar!/path`, as java.net.JarURLConnection writes such places.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

from msgspec import Struct, structs

from fctui.bundle.manifest import Manifest, ManifestFile
from fctui.managers.maven.jar import read_jar
from fctui.managers.maven.layout import java_finding, no_java
from fctui.model.errors import TaskError
from fctui.model.finding import Finding, Kind
from fctui.model.plan import Category
from fctui.model.target import Target
from fctui.native.elf import ElfFile
from fctui.native.judge import is_foreign
from fctui.store.workspace import Workspace

INSIDE = "!/"

_OF_JAVA = frozenset(
    {"libjvm.so", "libjava.so", "libjawt.so", "libawt.so", "libnet.so", "libnio.so", "libzip.so"}
    | {"libverify.so", "libjli.so", "libjimage.so"}
)
# Libraries of the Java that loads a JNI library: they are in the process already.


class Jars(Struct, frozen=True):
    """ELF files by their places, damaged jars with the reason, and findings of the jars' Java."""

    elves: dict[str, ElfFile]
    damaged: dict[str, str]
    findings: tuple[Finding, ...]


def look_into_jars(bundle: Path, manifest: Manifest, target: Target, workspace: Workspace) -> Jars:
    """Read every jar that Maven brought. Blocks its thread."""
    jars = [f for f in manifest.files if f.category is Category.JAR and not f.link]
    versions = {origin.id: origin.version for origin in manifest.origins}
    elves: dict[str, ElfFile] = {}
    damaged: dict[str, str] = {}
    findings = [no_java(target)] if target.java is None else []
    if not jars:
        return Jars({}, {}, ())
    room = workspace.room()
    try:
        for file in jars:
            found = _read(bundle, file, room / "native")
            if found is None:
                damaged[file.path] = "it is no sound jar"
                continue
            java, inside = found
            elves |= {f"{file.path}{INSIDE}{p}": elf for p, elf in _of(target, inside)}
            version = versions.get(file.owner, "")
            if finding := java_finding(file.owner, version, java, target):
                findings.append(finding)
    finally:
        workspace.clear(room)
    return Jars(elves, damaged, tuple(findings))


def _read(bundle: Path, file: ManifestFile, scratch: Path) -> tuple[int, dict[str, ElfFile]] | None:
    try:
        facts, elves = read_jar(bundle / file.path, scratch)
    except (OSError, TaskError):
        return None
    return facts.java, elves


def _of(target: Target, elves: dict[str, ElfFile]) -> Iterator[tuple[str, ElfFile]]:
    """The libraries for the target; of a jar that has none for it, what it has instead. Jars bring
    those of many systems and choose among them, which is nothing to find fault with.
    """
    linux = {path: elf for path, elf in elves.items() if _for_linux(elf)}
    fitting = {path: elf for path, elf in linux.items() if not is_foreign(elf, target)}
    for path, elf in (fitting or linux).items():
        needed = tuple(name for name in elf.needed if name not in _OF_JAVA)
        yield path, structs.replace(elf, needed=needed)


def _for_linux(elf: ElfFile) -> bool:
    """Whether a file is not for another system with ELF: the BSDs and Solaris have C libraries of
    other numbers, Android's has none.
    """
    return all(name == "libc.so.6" for name in elf.needed if name.startswith("libc.so"))


def softened(findings: Iterable[Finding]) -> Iterator[Finding]:
    """The findings, none of which breaks a function only for a jar that is for other machines: its
    neighbour may be the one for this.
    """
    for finding in findings:
        foreign = finding.kind in {Kind.WRONG_ARCHITECTURE, Kind.WRONG_PLATFORM}
        if foreign and finding.files and all(INSIDE in path for path in finding.files):
            yield structs.replace(finding, breaks=False)
        else:
            yield finding
