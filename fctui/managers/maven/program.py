"""Which mvn is run, and what it is told."""

from __future__ import annotations

import os
import platform
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from fctui.model.errors import MissingToolError
from fctui.model.target import Target
from fctui.tasks.command import Command
from fctui.tasks.missing import how_to_install

DEPENDENCY_PLUGIN = ("org.apache.maven.plugins", "maven-dependency-plugin", "3.8.1")
HELP_PLUGIN = ("org.apache.maven.plugins", "maven-help-plugin", "3.5.1")
# Named with their versions: the project's own POM has no say in what runs. The first writes its
# tree as JSON since 3.7.

QUICK_START = "-XX:TieredStopAtLevel=1"
# The better compiler never pays in the seconds that a resolution takes: a third of them less.

_JAVA_ARCH = {"x86_64": "amd64", "aarch64": "aarch64"}
# os.arch as OpenJDK has it on Linux.

_DETECTED_ARCH = {"x86_64": "x86_64", "aarch64": "aarch_64"}
# os.detected.arch of the os-maven-plugin extension, whose names native classifiers are made of.


def find_mvn() -> str:
    """The mvn of PATH. Raises MissingToolError where there is none."""
    program = shutil.which("mvn")
    if program is None:
        raise MissingToolError(
            "mvn is not on this machine: Maven packages cannot be resolved without it.",
            hint=f"To have it: {how_to_install('maven')}.",
        )
    return program


def identity(program: str) -> str:
    """The mvn that is installed; another one may resolve otherwise."""
    real = os.path.realpath(program)
    about = os.stat(real)
    return f"{real} {about.st_size} {about.st_mtime_ns}"


def installation(program: str) -> Path:
    """Maven's own directory, where its global settings lie."""
    return Path(os.path.realpath(program)).parent.parent


def goal(plugin: Sequence[str], name: str, execution: str) -> str:
    """One goal of a plugin with the configuration of an execution in the room's POM."""
    return f"{':'.join(plugin)}:{name}@{execution}"


def target_properties(target: Target) -> dict[str, str]:
    """System properties that make profiles and classifiers those of the target.

    `os.detected.*` are what the os-maven-plugin extension would set, which is not loaded.
    """
    arch = _DETECTED_ARCH[target.arch]
    found = {
        "os.detected.name": "linux",
        "os.detected.arch": arch,
        "os.detected.bitness": "64",
        "os.detected.classifier": f"linux-{arch}",
    }
    if target.java is not None:
        found["java.version"] = java_version(target.java.version)
    return found


def java_version(version: str) -> str:
    """`java.version` as that Java tells it: `1.8.0` before 9, JEP 223 from there."""
    major = version.removeprefix("1.").partition(".")[0]
    return f"1.{major}.0" if major.isdecimal() and int(major) < 9 else f"{major}.0.0"


def java_major(version: str) -> int:
    """8 for "8", "1.8" and "1.8.0", 11 for "11.0.2"; 0 for what is none."""
    major = version.removeprefix("1.").partition(".")[0]
    return int(major) if major.isdecimal() else 0


def maven_command(
    program: str,
    room: Path,
    goals: Sequence[str],
    target: Target,
    options: Sequence[str] = (),
    *,
    offline: bool = False,
    refresh: bool = False,
) -> Command:
    """Run goals on the POM in `room`; options are those of the project's `.mvn/maven.config`."""
    properties = {**target_properties(target), "style.color": "never"}
    argv = [
        program,
        "--batch-mode",
        "--errors",
        *(["--offline"] if offline else []),
        *(["--update-snapshots"] if refresh and not offline else []),
        *(f"-D{name}={value}" for name, value in properties.items()),
        *options,
        *goals,
    ]
    return Command(tuple(argv), env=_environment(target), cwd=room, ok=tuple(range(256)))


def _environment(target: Target) -> Mapping[str, str]:
    """`os.arch` has to be there when Java starts; it is only said where it is not the host's."""
    options = [QUICK_START, os.environ.get("MAVEN_OPTS", "")]
    if target.arch != platform.machine():
        options.append(f"-Dos.arch={_JAVA_ARCH[target.arch]}")
    return {"MAVEN_OPTS": " ".join(filter(None, options))}
