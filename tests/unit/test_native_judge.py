"""From ELF files to findings."""

from __future__ import annotations

from pathlib import Path

from fctui.model.finding import Finding, Kind, Remedy
from fctui.native.elf import ElfFile
from fctui.native.judge import judge
from fctui.native.survey import Survey, may_be_elf, survey, survey_root, survey_tree
from fctui.native.system import System, configured_directories
from fctui.targets.load import load_target
from tests.support.elves import elf_file
from tests.unit.test_native_search import LIBC, elf

TARGET = load_target("debian12")
SYSTEM = System(
    {LIBC: elf("libc.so.6", defines=("GLIBC_2.2.5", "GLIBC_2.36", "GLIBC_PRIVATE"))},
    {},
    configured_directories([], "x86_64-linux-gnu"),
)


def findings(elves: dict[str, ElfFile], links: dict[str, str] | None = None) -> list[Finding]:
    read = Survey(elves, links or {}, {})
    judged = judge(
        TARGET, SYSTEM, read, lambda path: ("pip", path.partition("/")[0]), library_path=("/code",)
    )
    return list(judged.findings)


def test_a_module_that_misses_a_library_breaks_the_function() -> None:
    found = findings({"cv2/cv2.abi3.so": elf("", "libc.so.6", "libGL.so.1")})
    assert [(f.kind, f.subject, f.breaks) for f in found] == [
        (Kind.MISSING_LIBRARY, "libGL.so.1", True)
    ]
    assert found[0].needed_by == ("cv2",)
    assert found[0].files == ("cv2/cv2.abi3.so",)


def test_a_plugin_that_misses_one_is_worth_knowing() -> None:
    found = findings({"qt/plugins/libqxcb.so": elf("", "libSM.so.6")})
    assert [(f.subject, f.breaks) for f in found] == [("libSM.so.6", False)]


def test_a_library_is_judged_by_those_that_load_it() -> None:
    """A wheel's inner library without a RUNPATH is found, for its module has loaded it before."""
    found = findings(
        {
            "a/_a.cpython-311-x86_64-linux-gnu.so": elf(
                "", "libone.so", "libtwo.so", runpath=("$ORIGIN/../a.libs",)
            ),
            "a.libs/libone.so": elf("libone.so", "libtwo.so"),
            "a.libs/libtwo.so": elf("libtwo.so"),
        }
    )
    assert found == []


def test_what_lies_where_it_is_not_looked_for_is_named() -> None:
    found = findings({"a/a.abi3.so": elf("", "libz.so.1"), "b/libz.so.1": elf("libz.so.1")})
    assert "lies in the bundle at b/libz.so.1" in found[0].message
    assert found[0].remedies == (Remedy("bundle", "b/libz.so.1"),)


def test_a_plugin_of_the_package_that_brings_it_is_loaded_after_it() -> None:
    jvm = "usr/lib/jvm"
    found = findings(
        {
            f"{jvm}/lib/libnet.so": elf("libnet.so", "libjvm.so"),
            f"{jvm}/lib/server/libjvm.so": elf("libjvm.so"),
        }
    )
    assert found == []


def test_libraries_that_need_only_each_other_are_not_forgotten() -> None:
    one, other = elf("liba.so", "libb.so", "libgone.so"), elf("libb.so", "liba.so")
    found = findings({"x/liba.so": one, "x/libb.so": other})
    assert {f.subject for f in found} >= {"libgone.so"}


def test_a_glibc_that_is_too_new_is_told_with_the_highest_version() -> None:
    asked = ("GLIBC_2.2.5", "GLIBC_2.9", "GLIBC_2.38")
    found = findings({"x/x.abi3.so": elf("", "libc.so.6", requires={"libc.so.6": asked})})
    assert [(f.kind, f.breaks) for f in found] == [(Kind.GLIBC_TOO_NEW, True)]
    assert "GLIBC_2.38" in found[0].message
    assert "2.36" in found[0].message


def test_another_version_than_glibcs_is_of_its_own_kind() -> None:
    elves = {
        "x/x.abi3.so": elf("", "libs.so", runpath=("$ORIGIN",), requires={"libs.so": ("S_2",)}),
        "x/libs.so": elf("libs.so", defines=("S_1",)),
    }
    assert [f.kind for f in findings(elves)] == [Kind.SYMBOL_VERSION_MISSING]


def test_files_for_others_are_ballast_beside_the_right_one_and_fatal_alone() -> None:
    arm = elf("", machine="aarch64")
    musl = elf("", "libc.musl-x86_64.so.1")
    alone = findings({"a/a.node": arm, "b/b.node": musl})
    assert {(f.kind, f.breaks) for f in alone} == {
        (Kind.WRONG_ARCHITECTURE, True),
        (Kind.WRONG_PLATFORM, True),
    }
    beside = findings({"a/a.node": arm, "a/c.node": musl, "a/b.node": elf("", "libc.so.6")})
    assert [f.breaks for f in beside] == [False, False]


def test_damaged_files_are_named(tmp_path: Path) -> None:
    (tmp_path / "x.abi3.so").write_bytes(elf_file(needed=["libc.so.6"])[:100])
    (tmp_path / "gone.abi3.so").symlink_to("nowhere")
    read = survey(tmp_path, ["x.abi3.so", "gone.abi3.so"])
    judged = judge(TARGET, SYSTEM, read, lambda _: ("pip", "x"))
    assert {f.subject for f in judged.findings} == {"x.abi3.so", "gone.abi3.so"}
    assert all(f.breaks for f in judged.findings)


def test_a_tree_is_surveyed_with_its_links(tmp_path: Path) -> None:
    (tmp_path / "lib").mkdir()
    (tmp_path / "lib/libx.so.1.2").write_bytes(elf_file(soname="libx.so.1"))
    (tmp_path / "lib/libx.so.1").symlink_to("libx.so.1.2")
    (tmp_path / "lib/readme.txt").write_bytes(elf_file())
    read = survey_tree(tmp_path)
    assert list(read.elves) == ["lib/libx.so.1.2"]
    assert read.links == {"lib/libx.so.1": "libx.so.1.2"}
    assert not may_be_elf("a/b.py", 1000)
    assert not may_be_elf("a/b", 10)
    assert may_be_elf("bin/.hidden", 1000)


def test_a_root_before_merged_usr_is_read_as_if_it_were(tmp_path: Path) -> None:
    for place in ("lib/x86_64-linux-gnu", "usr/lib", "bin", "etc/ld.so.conf.d", "opt/x"):
        (tmp_path / place).mkdir(parents=True)
    (tmp_path / "lib/x86_64-linux-gnu/libc.so.6").write_bytes(elf_file(soname="libc.so.6"))
    (tmp_path / "opt/x/libx.so.1").write_bytes(elf_file(soname="libx.so.1"))
    (tmp_path / "bin/sh").write_bytes(b"#!")
    (tmp_path / "etc/ld.so.conf.d/x.conf").write_text("# ours\n/opt/x\n")
    system = survey_root(tmp_path, "x86_64-linux-gnu")
    assert set(system.elves) == {LIBC, "/opt/x/libx.so.1"}
    assert system.directories[0] == "/opt/x"
    assert system.programs == ("/usr/bin/sh",)
