"""Where debs' files lie: links, leave-outs, alternatives, library directories."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from fctui.managers.apt.layout import LaidOut, lay_out, library_dirs
from fctui.model.contents import Contents, Entry
from fctui.model.errors import UsageError
from fctui.model.package import Package, Resolution
from fctui.model.plan import Category, Link, StoreFile
from fctui.pruning.match import matcher, matchers
from fctui.pruning.prune import paths_digest
from fctui.pruning.rules import choice
from tests.support.apt_project import apt_target


def contents(files: Mapping[str, str | int], **texts: str) -> Contents:
    """A listing: a size for a file, a target for a link."""
    entries = [
        Entry(path, len(to), 0o777, to) if isinstance(to, str) else Entry(path, to)
        for path, to in files.items()
    ]
    return Contents("sha256:0", tuple(entries), texts)


def laid_out(keep: tuple[str, ...] = (), **packages: Contents) -> LaidOut:
    made = {id_: Package(manager="apt", id=id_, name=id_, version="1") for id_ in packages}
    resolution = Resolution(manager="apt", target="test", roots=(), packages=made)
    return lay_out(resolution, packages, apt_target(), choice((), keep))


def links(laid: LaidOut, *ids: str) -> dict[str, str]:
    files = laid.layout(ids or laid.shares).files
    return {file.path: file.source.target for file in files if isinstance(file.source, Link)}


def test_files_keep_their_paths() -> None:
    laid = laid_out(one=contents({"usr/lib/x86_64-linux-gnu/libone.so.1": 7, "etc/one.conf": 3}))
    library, config = laid.layout(["one"]).files
    assert library.path == "usr/lib/x86_64-linux-gnu/libone.so.1"
    assert library.source == StoreFile("sha256:0", library.path)
    assert (library.category, library.owner, library.manager) == (Category.SYSTEM, "one", "apt")
    assert (library.size, library.shared_library, config.shared_library) == (7, True, False)


def test_absolute_links_become_relative() -> None:
    laid = laid_out(
        one=contents({"etc/fonts/conf.d/1.conf": "/usr/share/fontconfig/1.conf"}),
        two=contents({"usr/share/fontconfig/1.conf": 5, "usr/lib/data": "/usr/share/fontconfig"}),
    )
    assert links(laid) == {
        "etc/fonts/conf.d/1.conf": "../../../usr/share/fontconfig/1.conf",
        "usr/lib/data": "../share/fontconfig",
    }
    for file in laid.layout(["one"]).files:
        assert file.size == len("../../../usr/share/fontconfig/1.conf")


def test_a_link_out_of_the_bundle_leads_to_the_targets_own_file() -> None:
    laid = laid_out(
        one=contents({"usr/lib/libz.so": "libz.so.1", "usr/lib/ssl/certs": "/etc/ssl/certs"})
    )
    assert links(laid) == {
        "usr/lib/libz.so": "/usr/lib/libz.so.1",
        "usr/lib/ssl/certs": "/etc/ssl/certs",
    }


def test_a_link_cannot_climb_out_of_the_bundle() -> None:
    laid = laid_out(one=contents({"usr/lib/a": "../../../../etc/passwd", "etc/passwd": 4}))
    assert links(laid) == {"usr/lib/a": "../../etc/passwd"}


def test_links_through_links_and_cycles() -> None:
    laid = laid_out(
        one=contents(
            {
                "usr/share/gs/9": "/var/lib/gs",
                "var/lib/gs/CMap/H": 1,
                "usr/lib/H": "/usr/share/gs/9/CMap/H",
                "usr/lib/a": "b",
                "usr/lib/b": "a",
            }
        )
    )
    found = links(laid)
    assert found["usr/lib/H"] == "../share/gs/9/CMap/H"
    assert found["usr/lib/a"] == "/usr/lib/b"


def test_a_merged_usr_is_seen_through() -> None:
    laid = laid_out(
        one=contents({"lib/x86_64-linux-gnu/libz.so.1.2": 9}),
        two=contents({"usr/lib/x86_64-linux-gnu/libz.so": "libz.so.1.2", "bin/z": "/bin/zz"}),
        three=contents({"usr/bin/zz": 1}),
    )
    assert links(laid) == {
        "usr/lib/x86_64-linux-gnu/libz.so": "../../../lib/x86_64-linux-gnu/libz.so.1.2",
        "bin/z": "../usr/bin/zz",
    }


def test_leave_outs_are_counted_and_can_be_kept() -> None:
    package = contents(
        {
            "usr/share/man/man1/one.1.gz": 10,
            "usr/share/man/de/man1/one.1.gz": "../../man1/one.1.gz",
            "usr/share/doc/one/copyright": 20,
            "usr/share/doc/one/changelog.gz": 30,
            "usr/lib/one/manual": "../../share/man/man1/one.1.gz",
            "usr/bin/one": 1,
        }
    )
    whole = laid_out(one=package).layout(["one"])
    assert [file.path for file in whole.files] == ["usr/share/doc/one/copyright", "usr/bin/one"]
    target = len("../../man1/one.1.gz")
    assert [(each.rule, each.files, each.size) for each in whole.savings] == [
        ("docs", 1, 30),
        ("manuals", 3, 10 + target + len("../../share/man/man1/one.1.gz")),
    ]
    kept = laid_out(("manuals",), one=package).layout(["one"])
    assert len(kept.files) == 5
    assert [each.rule for each in kept.savings] == ["docs"]


def test_a_rule_that_does_not_exist_is_named() -> None:
    with pytest.raises(UsageError, match="'manual', which is no rule") as caught:
        choice((), ("manual",))
    assert "manuals" in caught.value.hint


def test_every_rule_has_a_reason_and_leaves_libraries_alone() -> None:
    rule_of = matcher("apt", choice((), ()))
    for each in matchers("apt"):
        assert each.rule.reason
        assert each.rule.apt
        assert each.rule.apt.leave_out
    for path in ("usr/lib/x86_64-linux-gnu/libc.so.6", "usr/bin/man", "usr/share/fonts/a.ttf"):
        assert rule_of(path) == ""
    assert rule_of("usr/share/doc/x/y/copyright") == "docs"


SCRIPT = (
    "update-alternatives --install /usr/lib/libblas.so.3 libblas.so.3 /usr/lib/{0}/libblas.so.3 {1}"
    " --slave /usr/share/man/man1/{0}.1.gz {0}.1.gz /usr/share/man/man1/real.1.gz"
    " --slave /usr/lib/libblas.so libblas.so /usr/lib/{0}/libblas.so\n"
)


def test_the_alternative_of_the_highest_priority_is_linked() -> None:
    slow = contents({"usr/lib/slow/libblas.so.3": 1}, postinst=SCRIPT.format("slow", 10))
    fast = contents(
        {"usr/lib/fast/libblas.so.3": 1, "usr/lib/fast/libblas.so": "libblas.so.3"},
        postinst=SCRIPT.format("fast", 100),
    )
    gone = contents({"usr/lib/other": 1}, postinst=SCRIPT.format("gone", 1000))
    laid = laid_out(slow=slow, fast=fast, gone=gone)
    assert links(laid) == {
        "usr/lib/fast/libblas.so": "libblas.so.3",
        "usr/lib/libblas.so.3": "fast/libblas.so.3",
        "usr/lib/libblas.so": "fast/libblas.so",
    }
    files = {file.path: file for file in laid.layout(["slow", "fast"]).files}
    made = files["usr/lib/libblas.so.3"]
    assert (made.category, made.owner, made.shared_library) == (Category.LINK, "fast", True)
    assert links(laid, "slow") == {}
    assert links(laid_out(slow=slow)) == {"usr/lib/libblas.so.3": "slow/libblas.so.3"}


def test_a_file_that_stands_there_is_no_alternative() -> None:
    package = contents(
        {"usr/lib/libblas.so.3": 1, "usr/lib/slow/libblas.so.3": 1},
        postinst=SCRIPT.format("slow", 10),
    )
    assert links(laid_out(one=package)) == {}


def test_a_link_to_etc_alternatives_leads_on() -> None:
    laid = laid_out(
        one=contents({"usr/bin/awk": "/etc/alternatives/libblas.so.3"}),
        two=contents({"usr/lib/slow/libblas.so.3": 1}, postinst=SCRIPT.format("slow", 10)),
    )
    assert links(laid) == {
        "usr/bin/awk": "../../etc/alternatives/libblas.so.3",
        "etc/alternatives/libblas.so.3": "../../usr/lib/slow/libblas.so.3",
        "usr/lib/libblas.so.3": "slow/libblas.so.3",
    }


def test_library_directories_are_in_ldconfigs_order() -> None:
    conf = {
        "etc/ld.so.conf.d/fakeroot.conf": "# x\n/usr/lib/fakeroot # here\ninclude x\nrelative\n"
    }
    late = {"etc/ld.so.conf.d/zz.conf": "/opt/zz/../yy/"}
    found = library_dirs([Contents("d", (), conf), Contents("e", (), late)], "x86_64-linux-gnu")
    assert found == (
        "usr/lib/fakeroot",
        "usr/local/lib",
        "usr/local/lib/x86_64-linux-gnu",
        "lib/x86_64-linux-gnu",
        "usr/lib/x86_64-linux-gnu",
        "opt/yy",
        "lib",
        "usr/lib",
    )


def test_what_is_left_out_is_what_would_be_there_without_rules() -> None:
    script = """
update-alternatives --install /usr/bin/tool tool /usr/bin/tool.one 10 \\
  --slave /usr/share/man/man1/tool.1.gz tool.1.gz /usr/share/man/man1/tool.one.1.gz \\
  --slave /usr/share/notes tool.notes /usr/share/doc/one/notes
"""
    files: dict[str, str | int] = {
        "usr/bin/tool.one": 5,
        "usr/share/man/man1/tool.one.1.gz": 7,
        "usr/share/man/man1/other.1.gz": "tool.one.1.gz",
        "usr/share/man/man1/far.1.gz": "/etc/alternatives/tool.1.gz",
        "usr/share/doc/one/notes": 11,
        "usr/share/one/manual": "../doc/one",
    }
    packages = {"one": contents(files, postinst=script)}
    every = tuple(each.rule.name for each in matchers("apt"))
    whole = {file.path: file for file in laid_out(every, **packages).layout(["one"]).files}
    pruned = laid_out((), **packages).layout(["one"])
    gone = whole.keys() - {file.path for file in pruned.files}
    assert gone >= {"usr/share/notes", "usr/share/man/man1/tool.1.gz", "usr/share/one/manual"}
    assert {file.path for file in pruned.files} == {"usr/bin/tool.one", "usr/bin/tool"}
    told = {saving.rule: saving for saving in pruned.savings}
    assert told.keys() == {"docs", "manuals"}
    assert sum(saving.files for saving in pruned.savings) == len(gone)
    assert sum(saving.size for saving in pruned.savings) == sum(whole[p].size for p in gone)
    docs = {"usr/share/notes", "usr/share/doc/one/notes", "usr/share/one/manual"}
    assert told["docs"].sha256 == paths_digest(docs)
