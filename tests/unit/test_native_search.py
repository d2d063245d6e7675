"""The loader's search, rule by rule of ld.so(8), on systems made up for it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fctui.native.elf import ElfFile
from fctui.native.search import Loaded, Loader, Missing
from fctui.native.system import Files, System, configured_directories, merged

LIBC = "/usr/lib/x86_64-linux-gnu/libc.so.6"


def elf(soname: str = "", *needed: str, **more: object) -> ElfFile:
    return ElfFile(
        **{
            "machine": "x86_64",
            "bits": 64,
            "kind": "shared",
            "soname": soname,
            "needed": needed,
            **more,
        }  # type: ignore[arg-type]
    )


def system(**libraries: ElfFile) -> System:
    place = "/usr/lib/x86_64-linux-gnu"
    elves = {f"{place}/{each.soname}": each for each in libraries.values()}
    elves[LIBC] = elf("libc.so.6", defines=("GLIBC_2.2.5", "GLIBC_2.28", "GLIBC_PRIVATE"))
    return System(elves, {}, configured_directories(["/usr/local/lib\n"], "x86_64-linux-gnu"))


def load(
    path: str,
    elves: Mapping[str, ElfFile],
    *,
    links: Mapping[str, str] | None = None,
    has: System | None = None,
    library_path: Sequence[str] = ("/code", "/code/lib"),
    program: str = "",
    glibc: tuple[int, int] = (2, 28),
) -> Loaded:
    loader = Loader(
        has or system(),
        elves,
        links or {},
        arch="x86_64",
        glibc=glibc,
        library_path=library_path,
    )
    return loader.load(path, program)


def sonames(loaded: Loaded) -> list[str]:
    return [each.soname for each in loaded.missing]


def test_what_the_system_has_is_found_and_the_rest_is_missing() -> None:
    loaded = load("/code/a.so", {"/code/a.so": elf("", "libc.so.6", "libx.so.1")})
    assert loaded.objects == ("/code/a.so", LIBC)
    assert loaded.missing == (Missing("libx.so.1", "/code/a.so"),)


def test_the_library_path_comes_before_the_system() -> None:
    ours = {"/code/a.so": elf("", "libz.so.1"), "/code/lib/libz.so.1": elf("libz.so.1")}
    loaded = load("/code/a.so", ours, has=system(z=elf("libz.so.1")))
    assert loaded.objects[1] == "/code/lib/libz.so.1"


def test_the_system_comes_before_nothing_else_than_runpath() -> None:
    ours = {
        "/code/p/a.so": elf("", "libz.so.1", runpath=("$ORIGIN/../p.libs",)),
        "/code/p.libs/libz.so.1": elf("libz.so.1"),
    }
    loaded = load("/code/p/a.so", ours, has=system(z=elf("libz.so.1")))
    assert loaded.objects[1] == "/code/p.libs/libz.so.1"


def test_a_runpath_holds_for_its_own_needs_alone_an_rpath_for_those_below_too() -> None:
    below = {
        "/code/x/libb.so": elf("libb.so", "libc2.so"),
        "/code/x/libc2.so": elf("libc2.so"),
    }
    with_runpath = {"/code/a.so": elf("", "libb.so", runpath=("$ORIGIN/x",)), **below}
    assert sonames(load("/code/a.so", with_runpath)) == ["libc2.so"]
    with_rpath = {"/code/a.so": elf("", "libb.so", rpath=("${ORIGIN}/x",)), **below}
    assert sonames(load("/code/a.so", with_rpath)) == []


def test_an_rpath_beside_a_runpath_is_ignored() -> None:
    ours = {
        "/code/a.so": elf("", "libb.so", rpath=("/code/x",), runpath=("/code/y",)),
        "/code/x/libb.so": elf("libb.so"),
    }
    assert sonames(load("/code/a.so", ours)) == ["libb.so"]


def test_what_is_loaded_already_is_found_and_said_to_be_luck() -> None:
    ours = {
        "/code/a.so": elf("", "libb.so", "libc2.so", runpath=("/code/x",)),
        "/code/x/libb.so": elf("libb.so", "libc2.so"),
        "/code/x/libc2.so": elf("libc2.so"),
    }
    loaded = load("/code/a.so", ours)
    assert loaded.missing == ()
    assert loaded.lucky == (Missing("libc2.so", "/code/x/libb.so"),)


def test_origin_is_where_the_link_lies_through_which_it_was_found() -> None:
    ours = {
        "/code/a.so": elf("", "libb.so.1"),
        "/code/usr/lib/libb.so.1.0": elf("libb.so.1", "libc2.so", runpath=("$ORIGIN/private",)),
        "/code/usr/lib/private/libc2.so": elf("libc2.so"),
    }
    links = {"/code/lib/libb.so.1": "../usr/lib/libb.so.1.0"}
    assert sonames(load("/code/a.so", ours, links=links)) == ["libc2.so"]
    links["/code/lib/private"] = "../usr/lib/private"
    assert sonames(load("/code/a.so", ours, links=links)) == []


def test_a_file_for_another_machine_is_passed_over() -> None:
    ours = {"/code/a.so": elf("", "libz.so.1"), "/code/libz.so.1": elf(machine="aarch64")}
    assert load("/code/a.so", ours).missing[0].other == "/code/libz.so.1"
    assert sonames(load("/code/a.so", ours, has=system(z=elf("libz.so.1")))) == []


def test_versions_are_asked_of_the_library_that_was_found() -> None:
    ours = {"/code/a.so": elf("", "libc.so.6", requires={"libc.so.6": ("GLIBC_2.34",)})}
    assert [each.version for each in load("/code/a.so", ours).unversioned] == ["GLIBC_2.34"]
    # A system that is not Debian may have a newer glibc than the packages it is judged by.
    assert not load("/code/a.so", ours, glibc=(2, 34)).unversioned


def test_a_library_without_versions_is_only_warned_about() -> None:
    ours = {"/code/a.so": elf("", "libx.so.1", requires={"libx.so.1": ("X_1",)})}
    assert not load("/code/a.so", ours, has=system(x=elf("libx.so.1"))).unversioned
    has = system(x=elf("libx.so.1", defines=("X_0",)))
    assert [each.version for each in load("/code/a.so", ours, has=has).unversioned] == ["X_1"]


def test_an_interpreters_libraries_are_there_before_a_module_is_opened() -> None:
    has = system(e=elf("libe.so.1"))
    elves = dict(has.elves)
    elves["/usr/bin/python"] = elf("", "libe.so.1", runpath=("/opt/e",), interpreter="/lib64/ld")
    del elves["/usr/lib/x86_64-linux-gnu/libe.so.1"]
    elves["/opt/e/libe.so.1"] = elf("libe.so.1")
    has = System(elves, {}, has.directories)
    ours = {"/code/a.so": elf("", "libe.so.1")}
    assert sonames(load("/code/a.so", ours, has=has)) == ["libe.so.1"]
    assert sonames(load("/code/a.so", ours, has=has, program="/usr/bin/python")) == []


def test_circles_end() -> None:
    ours = {"/code/a.so": elf("a.so", "b.so"), "/code/b.so": elf("b.so", "a.so")}
    assert load("/code/a.so", ours).objects == ("/code/a.so", "/code/b.so")
    files = Files({}, {"/x/a": "b", "/x/b": "a", "/y": "y"})
    assert files.find("/x/a") is None
    assert files.find("/y/z") is None


def test_ten_thousand_needs_are_answered_at_once() -> None:
    names = [f"lib{number}.so" for number in range(10_000)]
    loaded = load("/code/a.so", {"/code/a.so": elf("", *names)})
    assert len(loaded.missing) == 10_000


def test_directories_through_links_and_merged_usr() -> None:
    files = Files({"/usr/lib/x/liba.so": elf("liba.so")}, {"/code/usr/lib64": "/lib/x"})
    found = files.find("/code/usr/lib64/liba.so")
    assert found is not None
    assert found[0] == "/usr/lib/x/liba.so"
    assert merged("/lib/x/y") == "/usr/lib/x/y"
    assert merged("/library/x") == "/library/x"
