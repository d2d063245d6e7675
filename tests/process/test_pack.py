"""Packing as whole processes: the same zip everywhere, whole or not there."""

from __future__ import annotations

import hashlib
import json
import os
import random
import shutil
import signal
import stat
import subprocess
import sys
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fctui.sandbox.rooted import unavailable
from tests.support.index import Index, serving
from tests.support.wheelhouse import environment, make_project, make_wheel

NOISE = random.Random(7).randbytes(99_000)
UTF8 = {**os.environ, "LC_ALL": "C.UTF-8"}
SOME = b"".join(b"%d " % (n * n % 9973) for n in range(40_000))


class Bench:
    """A wheelhouse, a project with a built bundle, and the program run on them."""

    def __init__(self, top: Path, index: Index | None = None, **variables: str) -> None:
        self.project = top / "project"
        self.bundle = self.project / "build" / "bundle"
        self.archive = top / "out.zip"
        self.before: tuple[str, ...] = ()
        self.env = {**environment(top, top / "store"), **variables}
        if index is not None:
            del self.env["PIP_NO_INDEX"], self.env["PIP_FIND_LINKS"]
            self.env["PIP_INDEX_URL"] = index.simple

    def argv(self, *args: str) -> list[str]:
        return [*self.before, sys.executable, "-m", "fctui", *args]

    def run(self, *args: str, umask: int = 0o022) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            self.argv(*args),
            cwd=self.project,
            env=self.env,
            umask=umask,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def made(self, umask: int = 0o022) -> Bench:
        make_project(self.project, "big\nspock==1\n")
        (self.project / "naïve.txt").write_text("own\n")
        (self.project / "run.sh").write_text("#!/bin/sh\n")
        (self.project / "run.sh").chmod(0o755)
        (self.project / "here").symlink_to("naïve.txt")
        done = self.run("build", "-q", umask=umask)
        assert done.returncode == 0, done.stderr
        return self

    def packed(self, *more: str, umask: int = 0o022) -> str:
        done = self.run("pack", "-q", "--json", "-o", str(self.archive), *more, umask=umask)
        assert done.returncode == 0, done.stderr
        (told,) = json.loads(done.stdout)["archives"]
        data = self.archive.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        assert (told["path"], told["size"], told["sha256"]) == (
            str(self.archive),
            len(data),
            digest,
        )
        return digest


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("wheels")
    files = {f"big/m{n}.py": f"x = {n}\n".encode() * 50 for n in range(300)}
    files |= {
        "big/__init__.py": b"",
        "big/table": SOME,
        "big/noise": NOISE,
    }
    make_wheel(place, "big", files=files, scripts=("big = big:main",))
    make_wheel(place, "spock", "1", files={"spock/__init__.py": b"", "spock/noise": NOISE})
    return place


@pytest.fixture(scope="module")
def index(wheels: Path) -> Iterator[Index]:
    with serving() as served:
        for wheel in wheels.iterdir():
            served.add_file(wheel.name, wheel.read_bytes())
        yield served


@pytest.fixture(scope="module")
def bench(index: Index, tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"), index).made()


@pytest.fixture
def copied(bench: Bench, tmp_path: Path) -> Bench:
    """The same bundle, to be edited: its files are copies."""
    other = Bench(tmp_path)
    other.env = dict(bench.env)
    shutil.copytree(bench.project, other.project, symlinks=True)
    return other


def test_the_same_zip_in_another_directory_time_zone_umask_and_locale(
    bench: Bench, index: Index, tmp_path: Path
) -> None:
    here = bench.packed()
    there = Bench(tmp_path / "elsewhere" / "déjà vu", index, TZ="Pacific/Kiritimati", LC_ALL="C")
    there.made(umask=0o077)
    assert there.packed(umask=0o077) == here
    assert bench.packed() == here  # once more, from what is remembered


@pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox")
def test_the_same_zip_by_another_user(bench: Bench, index: Index, tmp_path: Path) -> None:
    here = bench.packed()
    other = Bench(tmp_path / "other", index, HOME=str(tmp_path / "home"), LOGNAME="nobody")
    other.before = ("bwrap", "--unshare-user", "--uid", "65534", "--gid", "65534")
    other.before += ("--bind", "/", "/", "--dev-bind", "/dev", "/dev")
    assert other.made(umask=0o027).packed() == here


def test_the_streams_are_those_of_the_wheel(bench: Bench, wheels: Path) -> None:
    bench.packed()
    with zipfile.ZipFile(next(wheels.glob("big-*"))) as wheel:
        theirs = {m.filename: m.compress_size for m in wheel.infolist()}
    with zipfile.ZipFile(bench.archive) as archive:
        ours = {m.filename: m.compress_size for m in archive.infolist()}
        assert archive.testzip() is None
    assert ours["big/table"] == theirs["big/table"]
    assert ours["big/m7.py"] == theirs["big/m7.py"]


def test_it_is_what_the_bundle_holds(bench: Bench) -> None:
    bench.packed()
    with zipfile.ZipFile(bench.archive) as archive:
        names = archive.namelist()
        assert names == sorted(names, key=str.encode)
        on_disk = {p for p in bench.bundle.rglob("*") if p.is_symlink() or p.is_file()}
        assert set(names) == {str(p.relative_to(bench.bundle)) for p in on_disk}
        for member in archive.infolist():
            path = bench.bundle / member.filename
            mode = member.external_attr >> 16
            if path.is_symlink():
                assert archive.read(member).decode() == os.readlink(path)
                assert stat.S_ISLNK(mode)
            else:
                assert archive.read(member) == path.read_bytes()
                executable = bool(path.stat().st_mode & 0o111)
                assert mode == stat.S_IFREG | (0o755 if executable else 0o644)
            assert member.date_time == (1980, 1, 1, 0, 0, 0)
    assert str(bench.project).encode() not in bench.archive.read_bytes()


@pytest.mark.skipif(shutil.which("unzip") is None, reason="unzip is not installed")
def test_unzip_restores_links_and_modes(bench: Bench, tmp_path: Path) -> None:
    bench.packed()
    subprocess.run(
        ["unzip", "-q", str(bench.archive), "-d", str(tmp_path)],
        check=True,
        env=UTF8,
    )
    assert os.readlink(tmp_path / "here") == "naïve.txt"
    assert (tmp_path / "here").read_text() == "own\n"
    assert (tmp_path / "run.sh").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "bin" / "big").stat().st_mode & 0o111
    assert (tmp_path / "index.py").stat().st_mode & 0o777 == 0o644


def test_smallest_needs_no_wheel_and_unpacks_to_the_same(bench: Bench, tmp_path: Path) -> None:
    usual = bench.packed()
    size = bench.archive.stat().st_size
    alone = Bench(tmp_path)
    shutil.copytree(bench.bundle, alone.bundle, symlinks=True)
    smallest = alone.packed("--smallest", str(alone.bundle))
    assert smallest != usual
    assert alone.archive.stat().st_size < size
    assert bench.packed("--smallest") == smallest
    with zipfile.ZipFile(alone.archive) as archive:
        assert archive.read("big/table") == SOME


def test_without_the_wheel_it_says_what_to_do(bench: Bench, tmp_path: Path) -> None:
    alone = Bench(tmp_path)
    shutil.copytree(bench.bundle, alone.bundle, symlinks=True)
    done = alone.run("pack", "-o", str(alone.archive), str(alone.bundle))
    assert done.returncode == 5
    assert "big-1.0-py3-none-any.whl is not in the store" in done.stderr
    assert "--smallest" in done.stderr
    assert not alone.archive.exists()


def test_a_damaged_wheel_in_the_store_is_found_and_fetched_again(
    index: Index, tmp_path: Path
) -> None:
    own = Bench(tmp_path, index).made()
    before = own.packed()
    (wheel,) = (tmp_path / "store" / "archives").rglob("big-*.whl")
    content = bytearray(wheel.read_bytes())
    with zipfile.ZipFile(wheel) as opened:
        content[opened.getinfo("big/table").header_offset + 2000] ^= 1
    wheel.write_bytes(content)
    done = own.run("pack", "-q", "-o", str(own.archive))
    assert done.returncode == 5
    assert "is not what was packed" in done.stderr
    assert hashlib.sha256(own.archive.read_bytes()).hexdigest() == before
    assert own.run("build", "-q").returncode == 0
    assert own.packed() == before


def test_an_edited_bundle_is_refused_and_packed_when_asked(copied: Bench) -> None:
    before = copied.packed()
    (copied.bundle / "index.py").write_text("changed = True\n")
    (copied.bundle / "new.py").write_text("new = True\n")
    (copied.bundle / "naïve.txt").unlink()
    (copied.bundle / "run.sh").chmod(0o644)
    done = copied.run("pack", "-o", str(copied.archive))
    assert done.returncode == 2
    for line in ("changed index.py", "added new.py", "missing naïve.txt", "changed run.sh"):
        assert line in done.stderr
    assert hashlib.sha256(copied.archive.read_bytes()).hexdigest() == before
    copied.packed("--edited")
    with zipfile.ZipFile(copied.archive) as archive:
        assert archive.read("index.py") == b"changed = True\n"
        listed = json.loads(archive.read(".fctui/manifest.json"))["files"]
        hashes = {file["path"]: file["sha256"] for file in listed}
        assert hashes["new.py"] == hashlib.sha256(b"new = True\n").hexdigest()
        assert set(archive.namelist()) == {*hashes, ".fctui/manifest.json"}


def test_an_edit_that_keeps_size_and_time_is_found(copied: Bench) -> None:
    copied.packed()
    path = copied.bundle / "big" / "table"
    status = path.stat()
    content = bytearray(path.read_bytes())
    content[77] ^= 1
    path.chmod(0o644)
    path.write_bytes(content)
    os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))
    done = copied.run("pack", "-o", str(copied.archive))
    assert done.returncode == 2
    assert "changed big/table" in done.stderr


def test_interrupted_it_leaves_nothing_behind(copied: Bench, tmp_path: Path) -> None:
    for number in range(24):
        noise = random.Random(number).randbytes(3 << 20).hex()
        (copied.bundle / f"heavy{number}").write_text(noise)
    for wait in (0.4, 0.7, 1.0):
        process = subprocess.Popen(
            copied.argv("pack", "-q", "--edited", "--smallest", "-o", str(copied.archive)),
            cwd=copied.project,
            env=copied.env,
            stderr=subprocess.PIPE,
            text=True,
        )
        time.sleep(wait)
        process.send_signal(signal.SIGINT)
        _, told = process.communicate(timeout=60)
        assert process.returncode in {130, -signal.SIGINT}, told
        left = [p.name for p in tmp_path.iterdir() if "zip" in p.name]
        assert left == []


def test_an_archive_over_its_budget_ends_with_one(copied: Bench, tmp_path: Path) -> None:
    target = tmp_path / "small.toml"
    target.write_text(
        'extends = "debian12"\n[limits]\nzip_api = 10\nzip_storage = 20\nunzipped = 30\n'
    )
    done = copied.run("pack", "-q", "--json", "-o", str(copied.archive), "--target", str(target))
    assert done.returncode == 1, done.stderr
    findings = json.loads(done.stdout)["findings"]
    assert [finding["kind"] for finding in findings] == ["over-budget", "over-budget"]
    assert copied.archive.exists()


SPLIT = 'id = "debian12"\nextends = "debian12"\n[limits]\nlayers = 3\nzip_api = 310000\n'
OPT = """
import big, spock, os, sys
assert big.__file__ == "/opt/python/big/__init__.py", big.__file__
assert spock.__file__ == "/opt/python/spock/__init__.py", spock.__file__
assert os.path.samefile("/code/here", "/code/na\u00efve.txt")
assert os.access("/opt/bin/big", os.X_OK)
import index
print(index.handler("seen", None))
"""


def test_layers_work_when_they_lie_in_opt(bench: Bench, tmp_path: Path) -> None:
    target = tmp_path / "split.toml"
    target.write_text(SPLIT)
    archive = tmp_path / "f.zip"
    argv = ("pack", "-q", "--json", "--layers", "-o", str(archive), "--target", str(target))
    done = bench.run(*argv)
    assert done.returncode == 0, done.stderr
    told = json.loads(done.stdout)
    paths = [Path(each["path"]) for each in told["archives"]]
    assert [path.name for path in paths] == ["f.zip", "f-layer-1.zip", "f-layer-2.zip"]
    assert "layers:" in told["fragment"]
    seen: list[str] = []
    for path in paths:
        place = tmp_path / ("code" if path == archive else "opt")
        with zipfile.ZipFile(path) as opened:
            seen += [f"{place.name}/{name}" for name in opened.namelist()]
        subprocess.run(["unzip", "-q", "-o", str(path), "-d", str(place)], check=True, env=UTF8)
        assert path.stat().st_size <= 310_000
    assert len(seen) == len(set(seen))
    built = json.loads((bench.bundle / ".fctui" / "manifest.json").read_text())["files"]
    assert len(seen) == len(built) + len(paths)  # each archive has a manifest of its own
    again = bench.run(*argv)
    assert json.loads(again.stdout)["archives"] == told["archives"]
    if shutil.which("bwrap") is None:
        pytest.skip("bubblewrap is not installed")
    shown = ["--ro-bind", "/usr", "/usr", "--symlink", "usr/lib", "/lib"]
    shown += ["--symlink", "usr/lib64", "/lib64", "--symlink", "usr/bin", "/bin"]
    shown += ["--ro-bind", sys.base_prefix, sys.base_prefix]
    shown += ["--ro-bind", str(tmp_path / "code"), "/code"]
    shown += ["--ro-bind", str(tmp_path / "opt"), "/opt", "--clearenv", "--chdir", "/code"]
    for name, value in told["environment"].items():
        shown += ["--setenv", name, value]
    python = str(Path(sys.executable).resolve())
    run = subprocess.run(
        ["bwrap", *shown, python, "-X", "utf8", "-c", OPT],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (run.returncode, run.stdout) == (0, "seen\n"), run.stderr


def test_layers_of_another_target_are_refused(bench: Bench, tmp_path: Path) -> None:
    output = tmp_path / "f.zip"
    done = bench.run("pack", "--layers", "-o", str(output), "--target", "lambda-python3.12")
    assert done.returncode == 2
    assert "was built for debian12" in done.stderr
    assert not output.exists()


def test_only_the_fragment_is_on_stdout(bench: Bench) -> None:
    done = bench.run("pack", "-q", "-o", str(bench.archive), "--fragment", "s.yaml")
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("props:\n")


def test_outputs_that_cannot_be(copied: Bench) -> None:
    for output in (copied.project, copied.bundle / "in.zip", Path("/proc/none/out.zip")):
        done = copied.run("pack", "-o", str(output))
        assert done.returncode == 2, (output, done.stderr)
        assert "Traceback" not in done.stderr
