"""Scripts of a bundle whose interpreter is not there: execve(2), env(1)."""

from __future__ import annotations

import functools
import posixpath
import tomllib
from collections.abc import Container, Iterator, Mapping
from pathlib import Path

from msgspec import Struct

from fctui.bundle.environment import DEFAULT_PATH, PROGRAM_DIRECTORIES
from fctui.bundle.manifest import Manifest, ManifestFile
from fctui.bundle.places.first_lines import LONGEST
from fctui.bundle.places.rules import data
from fctui.model.finding import Finding, Kind, Remedy
from fctui.model.names import some
from fctui.model.paths import MOST_LINKS
from fctui.model.plan import Category
from fctui.model.target import Target
from fctui.native.system import merged


class Script(Struct, frozen=True):
    """A script of the bundle and what starts it: an absolute path, or a name on PATH by env(1)."""

    file: ManifestFile
    interpreter: str


def script_findings(
    target: Target, bundle: Path, manifest: Manifest, programs: Container[str]
) -> tuple[Finding, ...]:
    """A finding for each interpreter that neither the target has nor the bundle at that path.

    `programs` are the absolute paths of what the target has, `/usr` merged. Only what a console
    script of pip names breaks the function; nobody may ever start the others.
    """
    files = {file.path: file for file in manifest.files}
    missing: dict[str, list[Script]] = {}
    for script in _scripts(bundle, files):
        if not _there(script.interpreter, target, manifest, files, programs):
            missing.setdefault(script.interpreter, []).append(script)
    return tuple(
        _finding(interpreter, scripts, target, files)
        for interpreter, scripts in sorted(missing.items())
    )


def _scripts(bundle: Path, files: Mapping[str, ManifestFile]) -> Iterator[Script]:
    """The scripts among the bundle's programs, each once, links followed."""
    seen = set()
    for named in files.values():
        directory = posixpath.dirname(named.path)
        if directory not in PROGRAM_DIRECTORIES and named.category is not Category.SCRIPTS:
            continue
        file = _final(named.path, files)
        if file is None or file.path in seen or not file.mode & 0o111:
            continue
        seen.add(file.path)
        with (bundle / file.path).open("rb") as opened:
            start = opened.read(LONGEST + 1)
        interpreter = interpreter_of(start)
        if interpreter:
            yield Script(file, interpreter)


def interpreter_of(start: bytes) -> str:
    """What a file's first line names, the program itself where that is env(1); "" for no script."""
    if not start.startswith(b"#!"):
        return ""
    words = start[2:].partition(b"\n")[0].decode("utf-8", "replace").split()
    if words and posixpath.basename(words[0]) == "env":
        named = (word for word in words[1:] if not word.startswith("-") and "=" not in word)
        return next(named, words[0])
    return words[0] if words else ""


def _there(
    interpreter: str,
    target: Target,
    manifest: Manifest,
    files: Mapping[str, ManifestFile],
    programs: Container[str],
) -> bool:
    own = [each.executable for each in (target.python, target.node, target.java) if each]
    if "/" in interpreter:
        places = [interpreter]
    else:
        path = manifest.environment.get("PATH") or target.presets.get("PATH", DEFAULT_PATH)
        places = [posixpath.join(directory, interpreter) for directory in path.split(":")]
        if interpreter in {posixpath.basename(program) for program in own}:
            return True
    for place in places:
        if place in own or merged(place) in programs:
            return True
        inside = posixpath.relpath(place, target.code_dir) if place.startswith("/") else ".."
        if not inside.startswith("..") and _final(inside, files, to_target=True) is not None:
            return True
    return False


def _final(
    path: str, files: Mapping[str, ManifestFile], *, to_target: bool = False
) -> ManifestFile | None:
    """The file at the end of links; with `to_target` one that leads out of the bundle counts."""
    for _ in range(MOST_LINKS):
        file = files.get(path)
        if file is None or not file.link:
            return file
        if file.link.startswith("/"):
            return file if to_target else None
        path = posixpath.normpath(posixpath.join(posixpath.dirname(path), file.link))
    return None


def _finding(
    interpreter: str, scripts: list[Script], target: Target, files: Mapping[str, ManifestFile]
) -> Finding:
    paths = [script.file.path for script in scripts]
    name = posixpath.basename(interpreter)
    inside = next(
        (f"{each}/{name}" for each in PROGRAM_DIRECTORIES if f"{each}/{name}" in files), ""
    )
    where = f" The bundle has it at {target.code_dir}/{inside}: start them by it." if inside else ""
    deb = _debs().get(name, "")
    return Finding(
        kind=Kind.WRONG_PLATFORM,
        subject=interpreter,
        message=(
            f"{some(paths)} cannot be started: what runs them, {interpreter}, is not on "
            f"{target.title}.{where}"
        ),
        needed_by=tuple(dict.fromkeys(script.file.owner for script in scripts)),
        remedies=(Remedy("apt", deb),) if deb and not inside else (),
        breaks=any(_is_console_script(script.file) for script in scripts),
        files=tuple(paths),
    )


def _is_console_script(file: ManifestFile) -> bool:
    return file.manager == "pip" and file.category is Category.SCRIPTS


@functools.cache
def _debs() -> dict[str, str]:
    found: dict[str, str] = tomllib.loads(data("interpreters.toml"))["debs"]
    return found
