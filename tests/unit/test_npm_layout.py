"""npm tarballs unpacked, and the place of each file in the bundle."""

from __future__ import annotations

import io
import json
import tarfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fctui.managers.npm.bundled import carrier, split_bundled
from fctui.managers.npm.facts import (
    TEXT,
    Facts,
    decode_facts,
    encode_facts,
    is_manifest,
    normalized_bin,
)
from fctui.managers.npm.layout import layout
from fctui.managers.npm.scripts import script_findings
from fctui.managers.npm.tarball import unpack_tarball
from fctui.model.contents import Contents, Entry, Listing
from fctui.model.errors import TaskError
from fctui.model.package import Artifact, Package, Resolution, Root
from fctui.model.plan import Category, Link, PlannedFile, StoreFile
from tests.support.registry import make_tarball


def unpacked(tmp_path: Path, data: bytes) -> tuple[Contents, Path]:
    archive, into = tmp_path / "a.tgz", tmp_path / "tree"
    archive.write_bytes(data)
    into.mkdir()
    return unpack_tarball(archive, into, "sha512:00", name="a 1.0.0"), into


def on_disk(top: Path) -> dict[str, int]:
    found = (path for path in top.rglob("*") if not path.is_dir())
    return {path.relative_to(top).as_posix(): path.lstat().st_size for path in found}


def test_files_are_listed_as_they_are_written(tmp_path: Path) -> None:
    manifest = {"name": "a", "bin": "cli.js", "scripts": {"install": "x", "test": "y"}}
    data = make_tarball(
        {
            "package.json": json.dumps(manifest),
            "cli.js": "#!/usr/bin/env node\r\n1\r\n",
            "b/c": b"2",
        },
        executable=("b/c",),
    )
    contents, tree = unpacked(tmp_path, data)
    assert {e.path: e.size for e in contents.entries} == on_disk(tree)
    # npm takes the carriage return out of a program's first line, and only there.
    assert (tree / "cli.js").read_bytes() == b"#!/usr/bin/env node\n1\r\n"
    modes = {e.path: e.mode for e in contents.entries}
    assert modes == {"package.json": 0o644, "cli.js": 0o644, "b/c": 0o755}
    facts = decode_facts(contents.texts[TEXT])
    assert (facts.bin, facts.scripts) == ({"a": "cli.js"}, {"install": "x"})


def test_gitignore_becomes_npmignore_unless_there_is_one(tmp_path: Path) -> None:
    files = {"package.json": "{}", ".gitignore": "a", "x/.gitignore": "b", "x/.npmignore": "cc"}
    contents, tree = unpacked(tmp_path, make_tarball(files))
    assert on_disk(tree) == {"package.json": 2, ".npmignore": 1, "x/.npmignore": 2}
    assert {e.path for e in contents.entries} == set(on_disk(tree))


def special(change: Callable[[tarfile.TarInfo], None]) -> bytes:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as tar:
        plain = tarfile.TarInfo("package/package.json")
        plain.size = 2
        tar.addfile(plain, io.BytesIO(b"{}"))
        member = tarfile.TarInfo("package/x")
        change(member)
        tar.addfile(member)
    return raw.getvalue()


def test_links_in_a_tarball_are_left_out(tmp_path: Path) -> None:
    def link(member: tarfile.TarInfo) -> None:
        member.type, member.linkname = tarfile.SYMTYPE, "/etc/passwd"

    contents, tree = unpacked(tmp_path, special(link))
    assert [e.path for e in contents.entries] == ["package.json"]
    assert set(on_disk(tree)) == {"package.json"}


def test_a_member_that_climbs_out_is_refused(tmp_path: Path) -> None:
    def climb(member: tarfile.TarInfo) -> None:
        member.name = "package/../../../evil"

    with pytest.raises(TaskError, match="leads out"):
        unpacked(tmp_path, special(climb))
    assert not (tmp_path / "evil").exists()


def test_a_truncated_tarball_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(TaskError, match=r"a 1\.0\.0"):
        unpacked(tmp_path, make_tarball({"package.json": "{}", "b": b"x" * 9000})[:60])


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"name": "@s/tool", "bin": "./bin/x.js"}, {"tool": "bin/x.js"}),
        ({"bin": {"a": "x.js", "../../b": "../../y.js"}}, {"a": "x.js", "b": "y.js"}),
        ({"bin": {"a": 1, "": "x", "..": "y"}}, {}),
        ({"bin": ["bin/a", "b"]}, {"a": "bin/a", "b": "b"}),
        ({"bin": "x.js"}, {}),
        ({"bin": {"c:\\d": "e\\f.js"}}, {"d": "e/f.js"}),
        ({"directories": {"bin": "./bin"}}, {"one": "bin/one", "two": "bin/sub/two"}),
        ({"directories": {"bin": "../.."}}, {}),
    ],
)
def test_programs_are_named_as_npm_normalizes_them(
    data: dict[str, Any], expected: dict[str, str]
) -> None:
    paths = ["bin/one", "bin/sub/two", "bin/.hidden", "other"]
    assert normalized_bin(data, paths) == expected


def test_only_manifests_of_packages_are_read() -> None:
    assert is_manifest("package.json")
    assert is_manifest("node_modules/a/package.json")
    assert is_manifest("node_modules/@s/a/node_modules/b/package.json")
    assert not is_manifest("test/fixtures/package.json")
    assert not is_manifest("node_modules/a/lib/package.json")
    assert not is_manifest("node_modules/@s/package.json")


def package(id_: str, *requires: str, url: str = "https://r.invalid/x.tgz") -> Package:
    return Package(
        manager="npm",
        id=id_,
        name=id_.rpartition("node_modules/")[2],
        version="1.0.0",
        requires=requires,
        artifact=Artifact("x.tgz", url, None, f"sha512:{id_}") if url else None,
    )


def contents_of(id_: str, *paths: str, facts: Facts | None = None) -> Contents:
    text = encode_facts(facts or Facts())
    entries = tuple(Entry(path, len(path)) for path in paths)
    return Contents(f"sha512:{id_}", entries, {TEXT: text})


def laid_out(
    packages: list[Package], contents: list[Contents], prefix: str = "", *, code: bool = True
) -> dict[str, PlannedFile]:
    resolution = Resolution(
        manager="npm", target="t", roots=(), packages={p.id: p for p in packages}
    )
    listing = Listing({p.id: c for p, c in zip(packages, contents, strict=True)})
    return {file.path: file for file in layout(resolution, listing, prefix, code=code).files}


def test_files_lie_at_their_install_path_below_the_manifests_directory() -> None:
    a = package("node_modules/a")
    files = laid_out([a], [contents_of(a.id, "index.js", "build/x.node")], "helper")
    assert set(files) == {"helper/node_modules/a/index.js", "helper/node_modules/a/build/x.node"}
    native = files["helper/node_modules/a/build/x.node"]
    assert native.shared_library
    assert native.category is Category.NODE_MODULE
    assert native.source == StoreFile(f"sha512:{a.id}", "build/x.node")
    assert not files["helper/node_modules/a/index.js"].shared_library


def test_programs_are_linked_and_executable() -> None:
    a = package("node_modules/@s/a")
    facts = Facts(name="@s/a", bin={"tool": "bin/tool.js", "gone": "bin/gone.js"})
    files = laid_out([a], [contents_of(a.id, "bin/tool.js", facts=facts)])
    link = files["node_modules/.bin/tool"]
    assert link.source == Link("../@s/a/bin/tool.js")
    assert link.size == len("../@s/a/bin/tool.js")
    assert link.category is Category.LINK
    assert files["node_modules/@s/a/bin/tool.js"].mode == 0o755
    assert "node_modules/.bin/gone" not in files


def test_of_two_programs_of_one_name_the_first_in_npms_order_is_linked() -> None:
    both = [package("node_modules/zeta"), package("node_modules/@s/zeta-next")]
    facts = Facts(bin={"run": "run.js"})
    files = laid_out(both, [contents_of(p.id, "run.js", facts=facts) for p in both])
    # localeCompare sorts punctuation before letters.
    assert files["node_modules/.bin/run"].source == Link("../@s/zeta-next/run.js")
    assert files["node_modules/@s/zeta-next/run.js"].mode == 0o755
    assert files["node_modules/zeta/run.js"].mode == 0o644


def test_nested_programs_are_linked_beside_their_package() -> None:
    inner = package("node_modules/a/node_modules/b")
    files = laid_out([inner], [contents_of(inner.id, "b.js", facts=Facts(bin={"b": "b.js"}))])
    assert files["node_modules/a/node_modules/.bin/b"].source == Link("../b/b.js")


def test_bundled_packages_own_their_part_of_the_tarball() -> None:
    outer = package("node_modules/o", "node_modules/o/node_modules/in")
    inner = package("node_modules/o/node_modules/in", url="")
    own = package("node_modules/o/node_modules/own")
    resolution = Resolution(
        manager="npm", target="t", roots=(), packages={p.id: p for p in (outer, inner, own)}
    )
    whole = Contents(
        "sha512:o",
        tuple(
            Entry(path, 1)
            for path in (
                "index.js",
                "node_modules/in/in.js",
                "node_modules/own/stale.js",
                "node_modules/unlisted/u.js",
            )
        ),
        {
            TEXT: encode_facts(Facts(name="o")),
            f"node_modules/in/{TEXT}": encode_facts(Facts(name="in", bin={"in": "in.js"})),
        },
    )
    assert carrier(resolution, inner.id) == outer.id
    own_contents = contents_of(own.id, "own.js")
    parts = split_bundled(resolution, {outer.id: whole, own.id: own_contents})
    files = {f.path: f for f in layout(resolution, Listing(parts)).files}
    assert {path: file.owner for path, file in files.items()} == {
        "node_modules/o/index.js": outer.id,
        "node_modules/o/node_modules/unlisted/u.js": outer.id,
        "node_modules/o/node_modules/in/in.js": inner.id,
        "node_modules/o/node_modules/.bin/in": inner.id,
        "node_modules/o/node_modules/own/own.js": own.id,
    }
    source = files["node_modules/o/node_modules/in/in.js"].source
    assert source == StoreFile("sha512:o", "node_modules/in/in.js")
    assert sum(c.size for c in parts.values()) == 3 + len("own.js")


def test_links_lead_into_the_projects_own_files() -> None:
    link = package("node_modules/@s/w", url="link:packages/w")
    facts = Facts(bin={"w": "w.js"})
    contents = Contents("link:packages/w", (), {TEXT: encode_facts(facts)})
    files = laid_out([link], [contents])
    assert files["node_modules/@s/w"].source == Link("../../packages/w")
    assert files["node_modules/.bin/w"].source == Link("../@s/w/w.js")


@pytest.mark.parametrize(("url", "code"), [("link:../w", True), ("link:packages/w", False)])
def test_a_link_to_what_is_not_in_the_bundle_is_a_finding(url: str, code: bool) -> None:
    link = package("node_modules/w", url=url)
    resolution = Resolution(manager="npm", target="t", roots=(), packages={link.id: link})
    listing = Listing({link.id: Contents("link:w", (), {})})
    laid = layout(resolution, listing, code=code)
    assert laid.files == ()
    assert [(f.subject, f.breaks) for f in laid.findings] == [(link.id, True)]


def scripted(*paths: str, script: str = "node-gyp rebuild", requires: str = "") -> list[str]:
    id_ = "node_modules/native"
    packages = {id_: package(id_, *([requires] if requires else []))}
    if requires:
        packages[requires] = package(requires)
    resolution = Resolution(manager="npm", target="t", roots=(), packages=packages)
    facts = Facts(scripts={"install": script})
    listing = Listing({id_: contents_of(id_, *paths, facts=facts)})
    return [finding.message for finding in script_findings(resolution, listing, (), "x64")]


@pytest.mark.parametrize(
    ("paths", "declared", "breaks"),
    [
        (("binding.gyp", "index.js"), True, True),
        (("binding.gyp", "index.js"), False, False),
        (("lib/binding.gyp", "index.js"), True, False),
    ],
)
def test_an_addon_that_was_not_compiled_breaks_the_function_that_asks_for_it(
    paths: tuple[str, ...], declared: bool, breaks: bool
) -> None:
    id_ = "node_modules/native"
    roots = (Root(id_, "native@1", "package.json", 1),) if declared else ()
    resolution = Resolution(manager="npm", target="t", roots=roots, packages={id_: package(id_)})
    facts = Facts(scripts={"install": "node-gyp rebuild"})
    listing = Listing({id_: contents_of(id_, *paths, facts=facts)})
    (finding,) = script_findings(resolution, listing, (), "x64")
    assert finding.breaks is breaks
    assert ("compiled code is not there" in finding.message) is breaks


def test_an_install_script_that_was_not_run_is_told_where_it_matters() -> None:
    (message,) = scripted("index.js")
    assert 'allow-scripts = ["native"]' in message
    assert scripted("prebuilds/linux-arm64/n.node") != []
    assert scripted("prebuilds/linux-x64+arm64/n.node") == []
    assert scripted("build/Release/n.node") == []
    assert scripted("index.js", script="node check-version") == []
    assert scripted("index.js", requires="node_modules/@native/linux-x64") == []


def test_binding_gyp_alone_means_node_gyp(tmp_path: Path) -> None:
    contents, _ = unpacked(
        tmp_path, make_tarball({"package.json": '{"name": "n"}', "binding.gyp": "{}"})
    )
    assert decode_facts(contents.texts[TEXT]).installs == "node-gyp rebuild"
