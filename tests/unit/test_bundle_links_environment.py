"""Links in lib/ and the environment that is left to set."""

from __future__ import annotations

import posixpath

from fctui.bundle.environment import environment, environment_findings
from fctui.bundle.links import library_links
from fctui.model.contents import Contents, Elf, Entry
from fctui.model.plan import Category, Link, PlannedFile, Source, StoreFile, is_shared_library
from fctui.model.target import Limits, Target
from tests.support.targets import debian


def system(path: str, source: Source | None = None, mode: int = 0o644) -> PlannedFile:
    return PlannedFile(
        path=path,
        size=1,
        category=Category.LINK if isinstance(source, Link) else Category.SYSTEM,
        owner="libx",
        manager="apt",
        source=source or StoreFile("d", path),
        mode=mode,
        shared_library=is_shared_library(path),
    )


def target(**presets: str) -> Target:
    return debian(
        provider="fc",
        presets=presets,
        limits=Limits(environment=4096),
    )


def leads(link: PlannedFile) -> str:
    assert isinstance(link.source, Link)
    return posixpath.normpath(posixpath.join(posixpath.dirname(link.path), link.source.target))


def test_each_library_gets_a_link_to_the_file_itself() -> None:
    files = [
        system("usr/lib/x86_64-linux-gnu/libx.so.1", Link("libx.so.1.2")),
        system("usr/lib/x86_64-linux-gnu/libx.so.1.2"),
        system("usr/lib/x86_64-linux-gnu/private/liby.so"),
    ]
    links = library_links(files, ["usr/lib/x86_64-linux-gnu"])
    assert [link.path for link in links] == ["lib/libx.so.1", "lib/libx.so.1.2"]
    assert {leads(link) for link in links} == {"usr/lib/x86_64-linux-gnu/libx.so.1.2"}


def test_a_soname_that_no_file_is_named_after_gets_its_link() -> None:
    contents = Contents(
        digest="d",
        entries=(Entry("usr/lib/libz-1.so", 1),),
        elf={"usr/lib/libz-1.so": Elf(soname="libz.so.1", needed=())},
    )
    links = library_links([system("usr/lib/libz-1.so")], ["usr/lib"], [contents])
    assert [link.path for link in links] == ["lib/libz-1.so", "lib/libz.so.1"]


def test_a_private_directory_in_an_absolute_runpath_is_searched() -> None:
    contents = Contents(
        digest="d",
        entries=(),
        elf={"usr/bin/p": Elf(soname="", needed=("libq.so",), runpath=("/usr/lib/p",))},
    )
    links = library_links([system("usr/lib/p/libq.so")], ["usr/lib"], [contents])
    assert [link.path for link in links] == ["lib/libq.so"]


def test_a_library_that_another_needs_is_linked_wherever_it_lies() -> None:
    contents = Contents(
        digest="d",
        entries=(),
        elf={"usr/bin/p": Elf(soname="", needed=("libinner.so.2",))},
    )
    files = [system("usr/lib/p/inner/libinner.so.2"), system("usr/lib/p/inner/libplugin.so")]
    assert [link.path for link in library_links(files, ["usr/lib"], [contents])] == [
        "lib/libinner.so.2"
    ]


def test_what_the_project_asks_for_is_linked() -> None:
    files = [system("native/libmine.so.1"), system("native/libother.so.1")]
    links = library_links(files, [], [], ["native/libmine.so.1", "native/gone.so"])
    assert [(link.path, leads(link)) for link in links] == [
        ("lib/libmine.so.1", "native/libmine.so.1")
    ]


def test_a_dangling_link_and_a_taken_name_get_none() -> None:
    files = [
        system("lib/liba.so.1"),
        system("usr/lib/liba.so.1"),
        system("usr/lib/libb.so", Link("gone")),
    ]
    assert library_links(files, ["usr/lib"]) == ()


def test_presets_that_cover_a_directory_leave_nothing_to_set() -> None:
    files = [system("lib/libx.so.1", Link("../usr/lib/libx.so.1"))]
    covered = target(LD_LIBRARY_PATH="/code/:/code//lib:/usr/local/lib", PYTHONPATH="/code")
    assert environment(covered, files, [""]) == {}
    assert environment(target(), files, [""]) == {
        "LD_LIBRARY_PATH": "/code/lib",
        "PYTHONPATH": "/code",
    }


def test_programs_go_before_the_path_that_the_target_has() -> None:
    files = [system("usr/bin/convert", mode=0o755), system("usr/sbin/notes.txt")]
    assert environment(target(PATH="/usr/bin:/bin"), files) == {
        "PATH": "/code/usr/bin:/usr/bin:/bin"
    }
    assert environment(target(), files)["PATH"].startswith("/code/usr/bin:/usr/local/sbin:")


def test_an_environment_over_the_limit_is_a_finding() -> None:
    assert environment_findings(target(), {"PATH": "x" * 100}) == ()
    assert len(environment_findings(target(), {"PATH": "x" * 5000})) == 1
