"""Capturing a system: what the script says, the target that it becomes, and its file."""

from __future__ import annotations

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest
from msgspec import structs

from fctui.model.errors import UsageError
from fctui.model.target import Certainty
from fctui.native.survey import survey_root
from fctui.native.system import captured_system
from fctui.targets.capture import capture, read_profile, script, target_of, to_toml
from fctui.targets.load import load_target
from fctui.workflow.target_diff import Side, compare_targets
from tests.support.elves import elf_file

STATUS = """\
Package: libc6
Status: install ok installed
Version: 2.36-9

Package: gone
Status: deinstall ok config-files
Version: 1

Package: python3.11-minimal
Status: install ok installed
Version: 3.11.2-6+deb12u3
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    top = tmp_path / "root"
    libraries = top / "usr/lib/x86_64-linux-gnu"
    for directory in (libraries, top / "usr/bin", top / "etc/ld.so.conf.d", top / "var/lib/dpkg"):
        directory.mkdir(parents=True)
    (top / "lib").symlink_to("usr/lib")
    (top / "etc/os-release").write_text(
        'ID=debian\nVERSION_ID="12"\nVERSION_CODENAME=bookworm\nPRETTY_NAME="Debian 12"\n'
    )
    (top / "etc/ld.so.conf.d/x.conf").write_text("# own\n/opt/own/lib\n")
    (top / "opt/own/lib").mkdir(parents=True)
    (top / "var/lib/dpkg/status").write_text(STATUS)
    defines = ("GLIBC_2.2.5", "GLIBC_2.9", "GLIBC_2.36", "GLIBC_PRIVATE")
    (libraries / "libc.so.6").write_bytes(elf_file(soname="libc.so.6", defines=defines))
    one = elf_file(
        soname="libone.so.1",
        needed=("libc.so.6",),
        runpath="$ORIGIN/x:/y",
        requires={"libc.so.6": ("GLIBC_2.9",)},
        defines=("ONE_1",),
    )
    (libraries / "libone.so.1.2").write_bytes(one)
    (libraries / "libone.so.1").symlink_to("libone.so.1.2")
    (top / "opt/own/lib/libown.so").write_bytes(elf_file(soname="libown.so"))
    (libraries / "broken.so").write_bytes(b"\x7fELF" + b"\xff" * 200)
    for name in ("python3.11", "tool"):
        (top / "usr/bin" / name).write_text("#!\n")
    return top


def test_the_script_reads_what_the_survey_of_a_root_reads(root: Path) -> None:
    profile = capture(str(root))
    target = target_of(profile, "mine")
    assert target.captured is not None
    system = captured_system(target.captured, "")
    assert "/usr/lib/x86_64-linux-gnu/libone.so.1.2" in system.elves
    assert "/opt/own/lib/libown.so" in system.elves
    assert system == survey_root(root, "x86_64-linux-gnu")


def test_the_survey_of_this_machine_is_the_same_too() -> None:
    """Every library of a real system, read by both."""
    profile = capture("/")
    target = target_of(profile, "here")
    assert target.captured is not None
    system = captured_system(target.captured, "")
    known = survey_root(Path("/"), target.multiarch)
    assert len(known.elves) > 20
    assert {path: system.elves.get(path) for path in known.elves} == known.elves
    assert set(known.programs) <= set(system.programs)


def test_a_profile_has_the_facts_of_the_system(root: Path) -> None:
    target = target_of(capture(str(root)), "mine")
    assert (target.id, target.arch, target.glibc) == ("mine", "x86_64", (2, 36))
    assert target.suite is not None
    assert target.suite.name == "bookworm"
    assert target.installed == ("libc6", "python3.11-minimal")
    assert target.python is not None
    assert (target.python.version, target.python.executable) == ("3.11.2", "/usr/bin/python3.11")
    assert target.node is None
    assert target.presets == {}
    assert target.certainty["glibc"] is Certainty.CAPTURED
    assert target.certainty["presets"] is Certainty.ASSUMED
    assert target.captured is not None
    assert target.captured.packages == ("libc6=2.36-9", "python3.11-minimal=3.11.2-6+deb12u3")


def test_a_file_is_the_target_again(root: Path, tmp_path: Path) -> None:
    target = target_of(capture(str(root)), "mine", load_target("fc-custom.debian12"))
    file = tmp_path / "mine.toml"
    file.write_text(to_toml(target))
    assert load_target(str(file)) == target
    assert target.limits == load_target("fc-custom.debian12").limits
    assert target.presets["PYTHONPATH"] == "/code"
    assert target.provider == "fc"


def test_the_script_runs_alone_in_old_pythons_and_as_a_function(root: Path, tmp_path: Path) -> None:
    ast.parse(script(), feature_version=(3, 6))
    file = tmp_path / "alone.py"
    file.write_text(script())
    env = {
        "LD_LIBRARY_PATH": "/code:/usr/lib/own",
        "AWS_SECRET_ACCESS_KEY": "x",
        "FC_FUNC_CODE_PATH": "/code/",
    }
    done = subprocess.run(
        [sys.executable, "-I", str(file), str(root)], capture_output=True, check=True, env=env
    )
    assert read_profile(done.stdout) == capture(str(root))
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
    code += "import alone; print(alone.handler(1, 2))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, env=env)
    profile = read_profile(done.stdout)
    assert "AWS_SECRET_ACCESS_KEY" not in profile.environment
    target = target_of(profile, "run")
    assert target.presets["LD_LIBRARY_PATH"] == "/code:/usr/lib/own"
    assert "FC_FUNC_CODE_PATH" not in target.presets
    assert (target.provider, target.code_dir) == ("fc", "/code")
    assert read_profile(json.dumps(done.stdout.decode()).encode()) == profile


@pytest.mark.parametrize("data", [b"", b"{}", b"[1]", b'"x"', b"\xff", b'{"format": 99}'])
def test_what_is_no_profile_is_refused(data: bytes) -> None:
    with pytest.raises(UsageError):
        read_profile(data)


def test_glibc_is_what_it_says_of_itself(root: Path) -> None:
    """Not every release defines symbols of its own: those of Debian 11's 2.31 end at 2.30."""
    libc = root / "usr/lib/x86_64-linux-gnu/libc.so.6"
    text = elf_file(soname="libc.so.6", defines=("GLIBC_2.4", "GLIBC_2.30", "GLIBC_PRIVATE"))
    libc.write_bytes(text)
    assert target_of(capture(str(root)), "mine").glibc == (2, 30)
    libc.write_bytes(
        text + b"\0GNU C Library (Debian GLIBC 2.31-13+deb11u14) stable release version 2.31.\n\0"
    )
    assert target_of(capture(str(root)), "mine").glibc == (2, 31)


def test_a_system_without_glibc_is_no_target(root: Path) -> None:
    (root / "usr/lib/x86_64-linux-gnu/libc.so.6").unlink()
    with pytest.raises(UsageError, match="cannot be a target"):
        target_of(capture(str(root)), "mine")


def test_the_difference_of_a_target_and_itself_is_nothing(root: Path) -> None:
    target = target_of(capture(str(root)), "mine")
    assert target.captured is not None
    system = captured_system(target.captured, "")
    side = Side(target, system, {"libc6": "2.36-9"})
    assert compare_targets(side, side).same
    path = "/usr/lib/x86_64-linux-gnu/libc.so.6"
    older = structs.replace(system.elves[path], defines=("GLIBC_2.2.5", "GLIBC_2.9"))
    rest = {p: e for p, e in system.elves.items() if "libone" not in p}
    system = structs.replace(system, elves={**rest, path: older}, programs=("/usr/bin/other",))
    changed = structs.replace(target, glibc=(2, 31), presets={"A": "b"})
    found = compare_targets(side, Side(changed, system, {"libc6": "2.31", "new": "1"}))
    assert [(c.what, c.before, c.after) for c in found.facts] == [("glibc", "2.36", "2.31")]
    assert [(c.what, c.after) for c in found.presets] == [("A", "b")]
    assert [c.what for c in found.packages] == ["libc6", "new"]
    assert [c.what for c in found.libraries] == ["libone.so.1"]
    assert found.versions[0].lost == ("GLIBC_2.36", "GLIBC_PRIVATE")
    assert {c.what for c in found.programs} >= {"/usr/bin/other", "/usr/bin/tool"}
