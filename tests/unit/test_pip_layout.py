"""Layouts: held against what `pip install --target` leaves on disk, and the other methods."""

from __future__ import annotations

import base64
import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from fctui.managers.pip.build import built_before
from fctui.managers.pip.layout import INSTALLER
from fctui.managers.pip.listing import FAILED
from fctui.managers.pip.manager import Pip
from fctui.managers.pip.scheme import scheme
from fctui.managers.pip.wheel import unpack_wheel
from fctui.model.contents import Contents, Listing
from fctui.model.errors import TaskError, UsageError
from fctui.model.package import Artifact, Package, Resolution, Root
from fctui.model.plan import Category, Generated, Layout, Link, PlannedFile, StoreFile
from fctui.project.settings import InstallOption, PipSettings
from tests.support.pip_project import make_context
from tests.support.wheels import Wheel

FULL = Wheel(
    "Full.Wheel",
    tag="cp311-cp311-linux_x86_64",
    files={
        "full/__init__.py": b"",
        "full/native.cpython-311-x86_64-linux-gnu.so": b"\x7fELF",
        "full/run.sh": b"#!/bin/sh\n",
        "top.py": b"top = 1\n",
    },
    data={
        "purelib/pure/__init__.py": b"",
        "platlib/plat/__init__.py": b"",
        "headers/full.h": b"int full;\n",
        "scripts/own": b"#!python\nprint('own')\n",
        "scripts/shell": b"#!/bin/sh\necho\n",
        "data/share/full/data.txt": b"data\n",
    },
    entry_points=(
        "[console_scripts]\nfull = full:main\nFull-deep = full.sub:Tool.run [extra]\n"
        "[gui_scripts]\nfull-gui = full:gui\n"
    ),
    executable=("full/run.sh",),
)


class Made:
    """One wheel in a store, as a resolution."""

    def __init__(self, wheel: Wheel, tmp_path: Path, *, url: str = "", root: str = "") -> None:
        project = tmp_path / "project"
        project.mkdir(exist_ok=True)
        self.context = make_context(project, tmp_path / "store", [wheel.name])
        archive = tmp_path / wheel.filename.lower()
        archive.write_bytes(wheel.build())
        tree = tmp_path / f"{wheel.escaped}.tree"
        tree.mkdir()
        digest = f"sha256:{hashlib.sha256(archive.read_bytes()).hexdigest()}"
        self.contents: Contents = unpack_wheel(archive, tree, digest)
        self.archive, self.tree = archive, tree
        self.id = "full-wheel"
        artifact = Artifact(wheel.filename, url or archive.as_uri(), None, digest)
        self.package = Package(
            manager="pip", id=self.id, name=self.id, version=wheel.version, artifact=artifact
        )
        roots = (Root(self.id, root or wheel.name),) if root != "-" else ()
        self.resolution = Resolution(
            manager="pip", target="made", roots=roots, packages={self.id: self.package}
        )

    def layout(self, method: str = "target") -> Layout:
        listing = Listing(contents={self.id: self.contents})
        return Pip().layout(self.context, self.resolution, listing, method)

    def bytes_of(self, file: PlannedFile) -> bytes:
        if isinstance(file.source, Generated):
            return file.source.data
        assert isinstance(file.source, StoreFile)
        assert file.source.digest == self.contents.digest
        return (self.tree / file.source.path).read_bytes()


def by_path(layout: Layout) -> dict[str, PlannedFile]:
    return {file.path: file for file in layout.files}


def pip_installed(archive: Path, into: Path) -> dict[str, tuple[bytes, bool]]:
    """What pip leaves: (bytes, whether executable) by path."""
    argv = [sys.executable, "-m", "pip", "install", "--isolated", "--no-index", "--no-deps"]
    argv += ["--no-compile", "--quiet", "--disable-pip-version-check", "--target", str(into)]
    subprocess.run([*argv, str(archive)], check=True, capture_output=True)
    found = {}
    for directory, _, names in os.walk(into):
        for name in names:
            path = Path(directory) / name
            # pip names headers by its own environment and the file's name, not the target's and
            # the distribution's
            key = re.sub(
                r"^include/(site/)?python[\d.]*/full\.wheel/",
                "include/python/Full.Wheel/",
                path.relative_to(into).as_posix(),
            )
            found[key] = (path.read_bytes(), bool(path.stat().st_mode & 0o111))
    return found


@pytest.mark.skipif(sys.version_info[:2] != (3, 11), reason="the wheel is for CPython 3.11")
def test_the_files_that_pip_leaves(tmp_path: Path) -> None:
    made = Made(FULL, tmp_path)
    archive = tmp_path / FULL.filename
    archive.write_bytes(FULL.build())
    theirs = pip_installed(archive, tmp_path / "theirs")
    ours = by_path(made.layout())
    direct = "full.wheel-1.0.dist-info/direct_url.json"
    assert set(theirs) - {direct} == set(ours)
    differ = set()
    for path, (data, executable) in theirs.items():
        if path == direct:
            continue
        if path not in {"bin/own", "bin/shell"}:  # PEP 427: an installer may have to set the bit
            assert (ours[path].mode & 0o111 != 0) == executable, path
        assert ours[path].size == len(made.bytes_of(ours[path]))
        if made.bytes_of(ours[path]) != data:
            differ.add(path)
    launchers = {"bin/full", "bin/Full-deep", "bin/full-gui"}
    assert differ == {
        "full.wheel-1.0.dist-info/INSTALLER",  # says who installed
        "full.wheel-1.0.dist-info/RECORD",  # names the places where the files are
        "bin/own",  # starts the target's interpreter
        *launchers,
    }
    for path in (*launchers, "bin/own"):
        mine, other = made.bytes_of(ours[path]), theirs[path][0]
        assert mine.startswith(b"#!/usr/bin/python3\n")
        assert not other.startswith(b"#!/usr/bin/python3\n")
    assert (
        made.bytes_of(ours["bin/own"]).partition(b"\n")[2]
        == theirs["bin/own"][0].partition(b"\n")[2]
    )


def test_record_is_true(tmp_path: Path) -> None:
    made = Made(FULL, tmp_path)
    for method in ("target", "user"):
        files = by_path(made.layout(method))
        place = next(path for path in files if path.endswith("/RECORD"))
        root = Path(place).parent.parent
        rows = list(csv.reader(made.bytes_of(files[place]).decode().splitlines()))
        recorded = {}
        for path, digest, size in rows:
            recorded[os.path.normpath(root / path)] = (digest, size)
        assert set(recorded) == set(files)
        for path, (digest, size) in recorded.items():
            if path == place:
                assert (digest, size) == ("", "")
                continue
            data = made.bytes_of(files[path])
            encoded = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode()
            assert digest == "sha256=" + encoded.rstrip("=")
            assert size == str(len(data)) == str(files[path].size)
        assert rows == sorted(rows)


def test_categories_and_shared_libraries(tmp_path: Path) -> None:
    files = by_path(Made(FULL, tmp_path).layout())
    native = files["full/native.cpython-311-x86_64-linux-gnu.so"]
    assert (native.category, native.shared_library) == (Category.PLATLIB, True)
    assert files["pure/__init__.py"].category is Category.PURELIB
    assert files["include/python/Full.Wheel/full.h"].category is Category.HEADERS
    assert files["bin/own"].category is Category.SCRIPTS
    assert files["bin/full"].category is Category.SCRIPTS
    assert files["share/full/data.txt"].category is Category.DATA
    assert files["full.wheel-1.0.dist-info/METADATA"].category is Category.METADATA
    assert {file.owner for file in files.values()} == {"full-wheel"}


def test_what_the_installer_adds(tmp_path: Path) -> None:
    root = "full @ https://user:pw@example.invalid/full.whl"
    made = Made(FULL, tmp_path, url="https://user:pw@example.invalid/full.whl", root=root)
    files = by_path(made.layout())
    info = "full.wheel-1.0.dist-info"
    assert made.bytes_of(files[f"{info}/INSTALLER"]) == INSTALLER
    assert made.bytes_of(files[f"{info}/REQUESTED"]) == b""
    direct = json.loads(made.bytes_of(files[f"{info}/direct_url.json"]))
    digest = made.contents.digest.removeprefix("sha256:")
    assert direct == {
        "url": "https://example.invalid/full.whl",
        "archive_info": {"hash": f"sha256={digest}", "hashes": {"sha256": digest}},
    }
    second = tmp_path / "second"
    second.mkdir()
    transitive = by_path(Made(FULL, second, root="-").layout())
    assert f"{info}/REQUESTED" not in transitive
    assert f"{info}/direct_url.json" not in transitive


def test_user_and_install_option(tmp_path: Path) -> None:
    made = Made(FULL, tmp_path)
    user = set(by_path(made.layout("user")))
    assert {
        "lib/python3.11/site-packages/top.py",
        "bin/full",
        "include/python3.11/Full.Wheel/full.h",
        "share/full/data.txt",
    } <= user
    given = InstallOption(lib="python", platlib="native", headers="include", data="data")
    settings = make_context(
        made.context.project.root, tmp_path / "store", pip=PipSettings(install_option=given)
    ).settings
    where = scheme("install-option", made.context.target, settings)
    assert (where.purelib, where.platlib) == ("python", "native")
    assert where.directory("headers", "x") == "include"
    assert (where.scripts, where.data) == ("bin", "data")
    assert scheme("install-option", made.context.target, made.context.settings).purelib == (
        "lib/python3.11/site-packages"
    )


@pytest.mark.parametrize("lib", ["/etc", "../x", "a/../../x"])
def test_directories_outside_of_the_bundle(tmp_path: Path, lib: str) -> None:
    made = Made(FULL, tmp_path)
    pip = PipSettings(install_option=InstallOption(lib=lib))
    settings = make_context(made.context.project.root, tmp_path / "store", pip=pip).settings
    with pytest.raises(UsageError, match="outside of the bundle"):
        scheme("install-option", made.context.target, settings)


def test_a_method_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="'else'"):
        Made(FULL, tmp_path).layout("else")


@pytest.mark.parametrize(
    "line", ["../evil = a:b", "x/y = a:b", "ok = a:b; import os", "ok = nothing", ".. = a:b"]
)
def test_hostile_entry_points(tmp_path: Path, line: str) -> None:
    wheel = Wheel("Full.Wheel", entry_points=f"[console_scripts]\n{line}\n")
    with pytest.raises(TaskError, match="full-wheel declares the script"):
        Made(wheel, tmp_path).layout()


def test_a_failed_build_is_a_finding(tmp_path: Path) -> None:
    made = Made(FULL, tmp_path)
    listing = Listing(contents={}, unknown={made.id: "The build failed."})
    assert Pip().layout(made.context, made.resolution, listing, "target").findings == ()
    made.context.memory[FAILED] = {made.id: "The build failed."}
    finding = Pip().layout(made.context, made.resolution, listing, "target").findings[0]
    assert (finding.kind, finding.subject, finding.breaks) == ("unresolved", made.id, True)
    assert built_before(made.context, made.package) is None


def test_the_environments_python_is_the_targets(tmp_path: Path) -> None:
    context = make_context(tmp_path, tmp_path / "store")
    nothing = Resolution(manager="pip", target="made", roots=(), packages={})
    layout = Pip().layout(context, nothing, Listing(contents={}), "virtualenv")
    files = {file.path: file for file in layout.files}
    assert files["bin/python"].source == Link("/usr/bin/python3")
    configuration = files["pyvenv.cfg"].source
    assert isinstance(configuration, Generated)
    assert b"home = /usr/bin\n" in configuration.data
