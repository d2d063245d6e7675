"""pylock.toml: what is written is what is read, by us and by packaging; files found elsewhere."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from packaging.pylock import Pylock

from fctui.managers.interface import Context
from fctui.managers.pip.declared import EDITABLE
from fctui.managers.pip.manager import Pip
from fctui.managers.pip.markers import judge
from fctui.managers.pip.pylock import agree, name_for, pylock, read_pylock
from fctui.model.errors import LockError, TaskError
from fctui.model.lock import Pinned, Statement
from fctui.model.package import Artifact, Package, Resolution
from fctui.project.lock_file import declarations, moved_on
from fctui.store.store import Store
from tests.support.index import Index, serving
from tests.support.pip_project import make_context, make_target
from tests.support.wheels import Wheel

SHA = "sha256:" + "ab" * 32
INDEX = "https://example.invalid/simple/"


@pytest.fixture(autouse=True)
def _no_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """The tester's own pip and uv are not asked."""
    for name in list(os.environ):
        if name.startswith(("PIP_", "UV_")):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)


@pytest.fixture
def index() -> Iterator[Index]:
    with serving() as served:
        served.add(Wheel("top", requires=("leaf",), files={"top.py": b"import leaf\n"}))
        served.add(Wheel("leaf", files={"leaf.py": b""}))
        yield served


def package(name: str, artifact: Artifact, *requires: str, **more: Any) -> Package:
    build = not artifact.filename.endswith(".whl")
    return Package(
        manager="pip",
        id=name,
        name=name,
        version="1.0",
        artifact=artifact,
        requires=requires,
        needs_build=build,
        **more,
    )


def resolution(*packages: Package) -> Resolution:
    return Resolution(manager="pip", target="made", roots=(), packages={p.id: p for p in packages})


def wheel(name: str, tag: str = "py3-none-any", index: str = INDEX) -> Artifact:
    filename = f"{name}-1.0-{tag}.whl"
    return Artifact(filename, f"https://example.invalid/files/{filename}", 7, SHA, index)


def test_every_kind_of_package_comes_back(tmp_path: Path) -> None:
    root = tmp_path / "project"
    root.mkdir()
    there = [
        package("wheel", wheel("wheel"), "sdist", extras=("fast",)),
        package(
            "sdist",
            Artifact("sdist-1.0.tar.gz", "https://example.invalid/sdist-1.0.tar.gz", 9, SHA, INDEX),
            note="has to be built: it is published as source only",
        ),
        package("archive", wheel("archive", index="")),
        package("inside", Artifact("", (root / "lib").as_uri(), None, ""), note=EDITABLE),
        package(
            "git",
            Artifact(
                "", "git+https://example.invalid/x?rev=v1&subdirectory=a#" + "c" * 40, None, ""
            ),
            note="has to be built: it is a repository",
        ),
    ]
    target = make_target()
    text = pylock([resolution(*there)], [target], root)
    assert Pylock.from_dict(tomllib.loads(text.decode())).created_by == "fctui"
    assert str(root) not in text.decode()
    (root / "pylock.toml").write_bytes(text)
    found = read_pylock(root / "pylock.toml", target, judge(target))
    assert found == {p.id: p for p in there}


def test_what_packaging_selects_is_what_is_installed(tmp_path: Path) -> None:
    from packaging.tags import Tag

    from fctui.managers.pip.tags import marker_environment, supported_tags

    old, new = make_target(glibc=(2, 24)), make_target(glibc=(2, 36))
    ours = [
        resolution(package("fast", wheel("fast", "cp311-cp311-manylinux_2_17_x86_64"))),
        resolution(package("fast", wheel("fast", "cp311-cp311-manylinux_2_28_x86_64"))),
    ]
    assert agree(ours)
    text = pylock(ours, [old, new], tmp_path)
    (tmp_path / "pylock.toml").write_bytes(text)
    lock = Pylock.from_dict(tomllib.loads(text.decode()))
    for target, mine in zip((old, new), ours, strict=True):
        read = read_pylock(tmp_path / "pylock.toml", target, judge(target))
        assert read == mine.packages
        ranks = supported_tags(target)
        tags = [Tag(*tag.split("-")) for tag in sorted(ranks, key=lambda tag: ranks[tag])]
        environment = {**marker_environment(target), "extra": ""}
        ((_, chosen),) = lock.select(environment=environment, tags=tags)  # type: ignore[arg-type]
        artifact = read["fast"].artifact
        assert artifact is not None
        assert chosen.name == artifact.filename  # type: ignore[union-attr]


def test_no_file_for_the_target_says_why(tmp_path: Path) -> None:
    made = resolution(package("fast", wheel("fast", "cp311-cp311-manylinux_2_28_x86_64")))
    (tmp_path / "pylock.toml").write_bytes(pylock([made], [make_target()], tmp_path))
    old = make_target(glibc=(2, 24))
    with pytest.raises(LockError, match=r"need glibc 2\.28, the target has 2\.24"):
        read_pylock(tmp_path / "pylock.toml", old, judge(old))


@pytest.mark.parametrize(
    "damage",
    ["[[", "", 'lock-version = "1.0"\n', 'lock-version = "2.0"\ncreated-by = "x"\npackages = []\n'],
)
def test_damage_is_told(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(damage)
    with pytest.raises(LockError, match=r"pylock\.toml"):
        read_pylock(path, make_target(), judge(make_target()))


def test_names_of_targets_have_no_dot() -> None:
    assert name_for("fc-python3.12") == "pylock.fc-python3_12.toml"


async def locked(context: Context) -> Resolution:
    """Resolve, pin, and write the file."""
    made = await Pip().resolve(context)
    pins = await Pip().pin([(context, made)])
    for name, text in pins.files.items():
        (context.project.root / name).write_bytes(text)
    return made


async def test_the_same_files_from_another_mirror(tmp_path: Path, index: Index) -> None:
    root = tmp_path / "project"
    root.mkdir()
    context = make_context(root, tmp_path / "store", [f"-i {index.simple}", "top"])
    made = await locked(context)
    with serving() as mirror:
        mirror.files = dict(index.files)
        mirror.html = True
        index.requests.clear()
        lines = [f"-i {mirror.simple}", "top"]
        other = replace(make_context(root, tmp_path / "other", lines), frozen=True)
        found = await Pip().pinned(other, Pinned(file="pylock.toml"))
        assert {p.id: p.version for p in found.packages.values()} == {
            p.id: p.version for p in made.packages.values()
        }
        assert found.roots == made.roots
        listing = await Pip().fetch(other, found)
        assert listing.contents.keys() == {"top", "leaf"}
        assert index.requests == []
    # What is in the store by now needs no index at all.
    again = await Pip().pinned(other, Pinned(file="pylock.toml"))
    assert (await Pip().fetch(replace(other, offline=True), again)).contents == listing.contents


async def test_another_file_of_that_name_is_refused(tmp_path: Path, index: Index) -> None:
    root = tmp_path / "project"
    root.mkdir()
    await locked(make_context(root, tmp_path / "store", [f"-i {index.simple}", "top"]))
    index.add(Wheel("leaf", files={"leaf.py": b"evil = True\n"}))
    other = replace(
        make_context(root, tmp_path / "other", [f"-i {index.simple}", "top"]), frozen=True
    )
    found = await Pip().pinned(other, Pinned(file="pylock.toml"))
    with pytest.raises(TaskError):
        await Pip().fetch(other, found)
    artifact = found.packages["leaf"].artifact
    assert artifact is not None
    assert not Store(tmp_path / "other").unpacked(artifact.digest)


async def test_a_file_without_a_hash_is_hashed_to_be_locked(tmp_path: Path, index: Index) -> None:
    index.hashes = False
    root = tmp_path / "project"
    root.mkdir()
    await locked(make_context(root, tmp_path / "store", [f"-i {index.simple}", "leaf"]))
    data = tomllib.loads((root / "pylock.toml").read_text())
    assert len(data["packages"][0]["wheels"][0]["hashes"]["sha256"]) == 64


async def test_newest_leaves_out_what_is_early(tmp_path: Path, index: Index) -> None:
    index.add(Wheel("leaf", "2.0"), Wheel("leaf", "3.0rc1"))
    root = tmp_path / "project"
    root.mkdir()
    context = make_context(root, tmp_path / "store", [f"-i {index.simple}", "top", "leaf<2"])
    made = await Pip().resolve(context)
    assert made.packages["leaf"].version == "1.0"
    assert await Pip().newest(context, made) == {"leaf": "2.0", "top": "1.0"}


def test_statements_are_about_what_is_asked(tmp_path: Path) -> None:
    def said(*lines: str) -> set[Statement]:
        return set(Pip().statements(make_context(tmp_path, tmp_path / "store", lines)))

    plain = said("Requests[socks] >= 2 ; python_version > '3'", "numpy")
    assert plain == said("# why", "numpy", "requests[socks]>=2; python_version>'3'  # this")
    assert plain == said(
        "-i https://example.invalid/simple", "numpy", *["requests[socks]>=2; python_version>'3'"]
    )
    assert plain != said("requests[socks]>=2.1; python_version>'3'", "numpy")
    assert plain != said("--pre", "numpy", "requests[socks]>=2; python_version>'3'")


def test_moved_on_tells_how() -> None:
    before = declarations("pip", [Statement("a.txt", "x"), Statement("b.txt", "y")])
    after = declarations("pip", [Statement("a.txt", "z"), Statement("c.txt", "y")])
    assert moved_on(before, after) == {"a.txt": "changed", "b.txt": "gone", "c.txt": "new"}
    assert moved_on(before, before) == {}
