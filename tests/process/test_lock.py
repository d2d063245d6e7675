"""Locking, and building from a lock: nothing resolves, and the environment does not matter."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests.support.wheelhouse import environment, make_project, make_wheel

NOBODY = 65534
SOMEBODY_ELSE = (
    *("setpriv", "--reuid", str(NOBODY), "--regid", str(NOBODY), "--clear-groups"),
    *("--inh-caps", "+dac_read_search", "--ambient-caps", "+dac_read_search"),
)
# Another user, who may read what is root's: the interpreter of the tests may lie in /root.

MANIFEST = ".fctui/manifest.json"


class Place:
    """A project with a directory of wheels for its index, both movable."""

    def __init__(self, top: Path) -> None:
        self.top = top
        self.project, self.wheels = top / "project", top / "wheels"
        make_wheel(self.wheels, "Top", requires=("middle",), scripts=("top = top:main",))
        make_wheel(self.wheels, "middle", requires=("leaf>=1",))
        make_wheel(self.wheels, "leaf")
        make_project(self.project, "Top\nleaf\n")
        self.env = environment(self.wheels, top / "store")

    def run(
        self, *argv: str, umask: int = -1, before: tuple[str, ...] = (), **env: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*before, sys.executable, "-m", "fctui", *argv],
            cwd=self.project,
            env={**self.env, **env},
            capture_output=True,
            text=True,
            encoding="utf-8",
            timeout=120,
            check=False,
            stdin=subprocess.DEVNULL,
            umask=umask,
        )

    def done(self, *argv: str, **env: Any) -> str:
        done = self.run(*argv, **env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *argv: str, **env: Any) -> Any:
        return json.loads(self.done(*argv, "--json", **env))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


def versions(place: Place, *argv: str) -> dict[str, str]:
    packages = place.json("tree", *argv)["managers"]["pip"]["packages"]
    return {id_: package["version"] for id_, package in packages.items()}


def test_a_frozen_build_is_what_was_locked_whatever_is_published_since(place: Place) -> None:
    told = place.json("lock")
    assert told["targets"] == {"debian12": {"pip": 3}}
    assert told["files"] == ["fctui.lock", "pylock.toml"]
    before = versions(place)
    make_wheel(place.wheels, "leaf", "2.0")
    place.done("build", "--frozen", "--refresh")
    assert versions(place, "--frozen") == before
    assert versions(place, "--refresh")["leaf"] == "2.0"
    assert place.json("plan", "--frozen")["totals"] == place.json("inspect")["totals"]


def test_frozen_shows_no_resolver_at_work(place: Place) -> None:
    place.done("lock")
    shown = place.run("build", "--frozen", "--verbose").stderr
    assert not {"uv", "lock", "resolve"} & set(shown.split()), shown


def test_the_same_lock_twice_is_the_same_file(place: Place) -> None:
    place.done("lock")
    before = (place.project / "fctui.lock").read_bytes()
    assert place.json("lock", "--refresh")["written"] == []
    assert (place.project / "fctui.lock").read_bytes() == before


def test_files_that_moved_on_are_named(place: Place) -> None:
    place.done("lock")
    requirements = place.project / "requirements.txt"
    requirements.write_text("# only said in other words\nleaf\nTOP\n")
    assert place.json("lock", "--check") == {"ok": True, "changed": {}}
    place.done("build", "--frozen")
    requirements.write_text("Top\nleaf<9\n")
    refused = place.run("build", "--frozen")
    assert refused.returncode == 4
    assert "requirements.txt (changed)" in refused.stderr
    assert refused.stderr.count("fctui.lock does not answer") == 1
    checked = place.run("lock", "--check", "--json")
    assert checked.returncode == 1
    assert json.loads(checked.stdout)["changed"] == {"requirements.txt": "changed"}


def test_without_a_lock_frozen_says_what_to_do(place: Place) -> None:
    refused = place.run("plan", "--frozen")
    assert refused.returncode == 4
    assert "has no fctui.lock" in refused.stderr
    assert "fctui lock" in refused.stderr


def test_a_target_that_was_not_locked_is_refused(place: Place) -> None:
    place.done("lock")
    refused = place.run("plan", "--frozen", "--target", "debian11")
    assert refused.returncode == 4
    assert "not for debian11" in refused.stderr


@pytest.mark.parametrize("damage", ["version = 2\n", "[[", "version = 1\n"])
def test_a_damaged_lock_is_no_traceback(place: Place, damage: str) -> None:
    place.done("lock")
    (place.project / "fctui.lock").write_text(damage)
    refused = place.run("build", "--frozen")
    assert refused.returncode == 4
    assert "fctui.lock" in refused.stderr
    assert "Traceback" not in refused.stderr


def test_another_file_under_a_locked_name_is_refused(place: Place) -> None:
    place.done("lock")
    make_wheel(place.wheels, "leaf", files={"leaf/__init__.py": b"another = 1\n"})
    refused = place.run("build", "--frozen", FCTUI_CACHE_DIR=str(place.top / "other-store"))
    assert refused.returncode == 5
    assert not (place.project / "build/bundle").exists()


def test_outdated_tells_what_a_new_lock_would_change(place: Place) -> None:
    refused = place.run("outdated")
    assert refused.returncode == 4
    assert "neither a lock for debian12 nor a bundle" in refused.stderr
    place.done("build")
    assert place.json("outdated")["base"] == "bundle"
    place.done("lock")
    make_wheel(place.wheels, "leaf", "2.0")
    make_wheel(place.wheels, "middle", "3.0", requires=("other",))
    make_wheel(place.wheels, "other")
    requirements = place.project / "requirements.txt"
    requirements.write_text("Top\nleaf<2\n")
    found = place.json("outdated")
    assert found["base"] == "fctui.lock"
    assert found["moved_on"] == ["requirements.txt"]
    told = {p["id"]: (p["change"], p["locked"], p["fits"], p["newest"]) for p in found["packages"]}
    assert told == {
        "leaf": ("held", "1.0", "1.0", "2.0"),
        "middle": ("update", "1.0", "3.0", "3.0"),
        "other": ("new", "", "1.0", "1.0"),
    }
    assert "1 to change, 1 new, 1 held back" in place.done("outdated")
    place.done("lock")
    assert {p["change"] for p in place.json("outdated")["packages"]} == {"held"}


def test_several_targets_share_a_pylock_or_have_their_own(place: Place) -> None:
    both = ("--target", "debian12", "--target", "debian11")
    assert place.json("lock", *both)["files"] == ["fctui.lock", "pylock.toml"]
    place.done("build", "--frozen", "--target", "debian11")
    assert list(place.json("lock")["targets"]) == ["debian12", "debian11"]
    alone = place.json("lock", "--target", "debian12")
    assert alone["dropped"] == ["debian11"]
    make_wheel(place.wheels, "old", "1.0")
    (place.project / "requirements.txt").write_text("Top\nold; python_version < '3.11'\n")
    files = place.json("lock", *both)["files"]
    assert files == ["fctui.lock", "pylock.debian11.toml", "pylock.debian12.toml"]
    assert not (place.project / "pylock.toml").exists()
    assert "old" in versions(place, "--frozen", "--target", "debian11")
    assert "old" not in versions(place, "--frozen", "--target", "debian12")


def test_the_environment_does_not_matter(place: Place, tmp_path: Path) -> None:
    """Another home, store, umask, locale, time zone, directory, place of the index, and user."""
    place.done("lock")
    place.done("build", "--frozen", TZ="UTC", LC_ALL="C.UTF-8", umask=0o022)
    place.done("pack", "-o", "../one.zip")
    other = Place(tmp_path / "ändere Stelle")
    shutil.rmtree(other.wheels)
    shutil.rmtree(other.project)
    other.project = other.top / "checkout 17"
    shutil.copytree(place.wheels, tmp_path / "mirror")
    shutil.copytree(place.project, other.project, ignore=shutil.ignore_patterns("build"))
    other.env = environment(tmp_path / "mirror", other.top / "cache")
    odd: dict[str, Any] = {
        "TZ": "Pacific/Kiritimati",
        "LC_ALL": "C",
        "HOME": str(other.top),
        "umask": 0o077,
    }
    if os.getuid() == 0 and shutil.which("setpriv"):
        odd["before"] = SOMEBODY_ELSE
        for path in (other.top, *other.top.rglob("*")):
            os.chown(path, NOBODY, NOBODY)
    if shutil.which("faketime"):
        odd["before"] = (*odd.get("before", ()), "faketime", "2031-05-06 07:08:09")
    other.done("build", "--frozen", **odd)
    other.done("pack", "-o", "../two.zip", **odd)
    bundle = "build/bundle"
    one, two = (each.project / bundle / MANIFEST for each in (place, other))
    assert one.read_bytes() == two.read_bytes()
    assert (place.top / "one.zip").read_bytes() == (other.top / "two.zip").read_bytes()


def test_uv_reads_the_lock(place: Place, tmp_path: Path) -> None:
    """The same packages, as another tool that knows PEP 751 installs them."""
    from uv import find_uv_bin

    place.done("lock")
    into = tmp_path / "into"
    argv = ["pip", "install", "--target", str(into), "-r", "pylock.toml", "--no-config"]
    argv += ["--python-version", "3.11", "--python-platform", "x86_64-manylinux_2_36", "--offline"]
    argv += ["--cache-dir", str(tmp_path / "uv-cache"), "--python", sys.executable]
    done = subprocess.run(
        [find_uv_bin(), *argv],
        cwd=place.project,
        env=place.env,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )
    assert done.returncode == 0, done.stderr
    installed = {path.name for path in into.glob("*.dist-info")}
    assert installed == {"Top-1.0.dist-info", "leaf-1.0.dist-info", "middle-1.0.dist-info"}
