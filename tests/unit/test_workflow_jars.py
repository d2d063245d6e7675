"""Native libraries in jars, judged as those beside them; and which Java the jars need."""

from __future__ import annotations

import hashlib
from pathlib import Path

import pytest
from msgspec import structs

from fctui.bundle.manifest import Manifest, ManifestFile
from fctui.model.finding import Finding, Kind
from fctui.model.plan import Category
from fctui.native.elf import ElfFile
from fctui.store.workspace import Workspace
from fctui.workflow.jars import Jars, look_into_jars, softened
from tests.support.maven_project import maven_target
from tests.support.maven_repository import JAVA_17, make_jar

LIBRARY = Path("/bin/true").read_bytes()
AARCH64 = LIBRARY[:18] + (183).to_bytes(2, "little") + LIBRARY[20:]
# e_machine is the half word at offset 18: System V gABI, "ELF Header".


def looked_into(tmp_path: Path, jars: dict[str, bytes], java: str = "11") -> Jars:
    (tmp_path / "lib").mkdir()
    files = []
    for name, data in jars.items():
        (tmp_path / "lib" / name).write_bytes(data)
        digest = hashlib.sha256(data).hexdigest()
        files.append(
            ManifestFile(
                f"lib/{name}", len(data), 0o644, digest, Category.JAR, name, "maven", "", False
            )
        )
    manifest = Manifest(
        format=1,
        target="test",
        method="target",
        environment={},
        findings=(),
        unknown=(),
        files=tuple(files),
    )
    found = look_into_jars(
        tmp_path, manifest, maven_target(java=java), Workspace(tmp_path / "work")
    )
    assert not list((tmp_path / "work").glob("*/*/*")) if jars else True
    return found


def test_only_what_is_for_the_target_of_a_jar_for_many(tmp_path: Path) -> None:
    files = {"linux/a.so": LIBRARY, "arm/a.so": AARCH64, "win/a.dll": b"MZ", "cut.so": LIBRARY[:90]}
    found = looked_into(tmp_path, {"many.jar": make_jar(files)})
    assert list(found.elves) == ["lib/many.jar!/linux/a.so"]
    assert found.elves["lib/many.jar!/linux/a.so"].needed == ("libc.so.6",)
    assert (found.damaged, found.findings) == ({}, ())


def test_a_jar_for_another_machine_alone(tmp_path: Path) -> None:
    found = looked_into(tmp_path, {"arm.jar": make_jar({"a.so": AARCH64})})
    assert [elf.machine for elf in found.elves.values()] == ["aarch64"]
    foreign = Finding(
        kind=Kind.WRONG_ARCHITECTURE, subject="a", message="m", files=("lib/arm.jar!/a.so",)
    )
    beside = structs.replace(foreign, files=("lib/arm.jar!/a.so", "b.so"))
    assert [f.breaks for f in softened([foreign, beside])] == [False, True]


@pytest.mark.parametrize(
    ("needed", "kept"),
    [
        (("libjvm.so", "libc.so.6"), ("libc.so.6",)),
        (("libc.so.7",), None),
        (("libc.so", "liblog.so"), None),
        (("libGL.so.1",), ("libGL.so.1",)),
    ],
)
def test_libraries_of_java_and_of_other_systems(
    needed: tuple[str, ...],
    kept: tuple[str, ...] | None,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    elf = ElfFile("x86_64", 64, "shared", needed=needed)
    monkeypatch.setattr("fctui.managers.maven.jar.read_elf", lambda _: elf)
    found = looked_into(tmp_path, {"a.jar": make_jar({"a.so": b"it"})})
    assert [each.needed for each in found.elves.values()] == ([] if kept is None else [kept])


def test_java_and_damage(tmp_path: Path) -> None:
    jars = {"new.jar": make_jar(version=JAVA_17), "bad.jar": b"none", "old.jar": make_jar()}
    found = looked_into(tmp_path, jars)
    assert [(f.subject, f.kind) for f in found.findings] == [("new.jar", Kind.WRONG_PLATFORM)]
    assert list(found.damaged) == ["lib/bad.jar"]


def test_a_target_without_java(tmp_path: Path) -> None:
    (finding,) = looked_into(tmp_path, {"a.jar": make_jar()}, java="").findings
    assert "no Java of its own" in finding.message
    assert not finding.breaks


def test_no_jars(tmp_path: Path) -> None:
    assert looked_into(tmp_path, {}) == Jars({}, {}, ())
