"""Adding and removing requirements in the project's own files; all else in them stays as it is."""

from __future__ import annotations

import contextlib
import difflib
import json
import os
import re
import stat
import tempfile
from pathlib import Path

from msgspec import Struct
from packaging.utils import canonicalize_name

from fctui.model.errors import UsageError
from fctui.project.apt_file import parse_apt_package
from fctui.project.project import DependencyFile, Project
from fctui.project.requirements import logical_lines, parse_requirement, read_requirements
from fctui.tasks.text import clean


class Edit(Struct, frozen=True):
    """A change of one file, not yet made. `before` is None where there is no file yet."""

    path: Path
    before: bytes | None
    after: bytes
    summary: str

    @property
    def diff(self) -> tuple[str, ...]:
        """The change as lines of a unified diff, without its headers."""
        old = (self.before or b"").decode("utf-8", "replace").splitlines()
        new = self.after.decode("utf-8", "replace").splitlines()
        lines = list(difflib.unified_diff(old, new, lineterm="", n=1))
        return tuple(clean(line) for line in lines[2:])

    def apply(self) -> None:
        """Write the file in one step. Raises UsageError if it has changed since it was read."""
        _write(self.path, self.before, self.after)

    def undo(self) -> None:
        """Put back what stood there before, unless somebody has changed it since."""
        if self.before is None:
            with contextlib.suppress(FileNotFoundError):
                if self.path.read_bytes() == self.after:
                    self.path.unlink()
            return
        _write(self.path, self.after, self.before)


def add(project: Project, manager: str, requirement: str) -> Edit:
    """Declare a requirement, in the place of one of the same name if there is one.

    Raises UsageError for what is not a requirement of this manager.
    """
    requirement = requirement.strip()
    if manager == "pip":
        return _add_pip(project, requirement)
    if manager == "apt":
        return _add_apt(project, requirement)
    if manager == "npm":
        return _add_npm(project, requirement)
    raise UsageError(f"Requirements of {manager} cannot be added here.")


def remove(project: Project, manager: str, name: str) -> Edit:
    """Take a declared requirement away, wherever it stands.

    Raises UsageError where it is not declared by the project itself.
    """
    for file in project.of(manager):
        edit = _REMOVERS[file.kind](file, name) if file.kind in _REMOVERS else None
        if edit is not None:
            return edit
    for edit in _remove_included(project, manager, name):
        return edit
    raise UsageError(
        f"{clean(name)} is not declared by this project itself.",
        hint="Another package needs it; fctui why says which.",
    )


def _add_pip(project: Project, requirement: str) -> Edit:
    wanted = parse_requirement(requirement, project.root / "requirements.txt", 0)
    files = project.of("pip")
    for file in files:
        if file.kind == "requirements":
            text, before = _read(file.path)
            for first, last, old in _requirement_spans(text, file.path):
                if wanted.name and old == wanted.name:
                    lines = text.splitlines(keepends=True)
                    kept = _comment(lines[last - 1])
                    lines[first - 1 : last] = [f"{requirement}{kept}{_newline(text)}"]
                    return _edit(file.path, before, "".join(lines), f"change {requirement}")
    pyproject = next((file for file in files if file.kind == "pyproject"), None)
    if pyproject is not None and all(file.kind == "pyproject" for file in files):
        return _pyproject(pyproject, wanted.name, requirement)
    path = next((f.path for f in files if f.kind == "requirements"), None)
    return _append(path or project.root / "requirements.txt", requirement)


def _add_apt(project: Project, requirement: str) -> Edit:
    wanted = parse_apt_package(requirement, None, 0)
    files = project.of("apt")
    path = files[0].path if files else project.root / "apt.txt"
    text, before = _read(path)
    changed = _without_word(text, wanted.name, wanted.text)
    if changed is not None:
        return _edit(path, before, changed, f"change {requirement}")
    return _append(path, requirement)


def _add_npm(project: Project, requirement: str) -> Edit:
    match = re.fullmatch(r"((?:@[\w.~-]+/)?[\w.~-]+)(?:@(.+))?", requirement)
    if match is None:
        raise UsageError(
            f"{requirement!r} is not the name of an npm package.",
            hint="Write a name, with @ and a range behind it if you like: sharp@^0.34.",
        )
    name, version = match.group(1), match.group(2) or "*"
    files = [file for file in project.of("npm") if file.kind == "package.json"]
    path = files[0].path if files else project.root / "package.json"
    text, before = _read(path)
    data = _json(path, text or "{}")
    declared = data.get("dependencies")
    declared = dict(declared) if isinstance(declared, dict) else {}
    declared[name] = version
    data["dependencies"] = dict(sorted(declared.items()))
    return _edit(path, before, _dump(data, text), f"add {name}@{version}")


def _remove_pip(file: DependencyFile, name: str) -> Edit | None:
    text, before = _read(file.path)
    wanted = canonicalize_name(name)
    for first, last, found in _requirement_spans(text, file.path):
        if found == wanted:
            lines = text.splitlines(keepends=True)
            del lines[first - 1 : last]
            return _edit(file.path, before, "".join(lines), f"remove {name}")
    return None


def _remove_pyproject(file: DependencyFile, name: str) -> Edit | None:
    try:
        return _pyproject(file, canonicalize_name(name), None)
    except KeyError:
        return None


def _remove_apt(file: DependencyFile, name: str) -> Edit | None:
    text, before = _read(file.path)
    changed = _without_word(text, name.partition(":")[0], "")
    return None if changed is None else _edit(file.path, before, changed, f"remove {name}")


def _remove_npm(file: DependencyFile, name: str) -> Edit | None:
    text, before = _read(file.path)
    data = _json(file.path, text)
    plain = name.rpartition("node_modules/")[2] or name
    found = False
    for table in ("dependencies", "optionalDependencies", "peerDependencies"):
        declared = data.get(table)
        if isinstance(declared, dict) and plain in declared:
            data[table] = {key: value for key, value in declared.items() if key != plain}
            found = True
    return _edit(file.path, before, _dump(data, text), f"remove {plain}") if found else None


_REMOVERS = {
    "requirements": _remove_pip,
    "pyproject": _remove_pyproject,
    "apt": _remove_apt,
    "package.json": _remove_npm,
}


def _remove_included(project: Project, manager: str, name: str) -> list[Edit]:
    """A requirement of a file that another one includes with `-r`."""
    if manager != "pip":
        return []
    paths = [file.path for file in project.of("pip") if file.kind == "requirements"]
    included = [path for path in read_requirements(paths).files if path not in paths]
    found = (_remove_pip(DependencyFile("pip", "requirements", p), name) for p in included)
    return [edit for edit in found if edit is not None]


def _requirement_spans(text: str, path: Path) -> list[tuple[int, int, str]]:
    """(first line, last line, normalized name) of the requirements in a file."""
    starts = [number for number, _ in logical_lines(text)]
    found = []
    lines = text.splitlines()
    for number, line in logical_lines(text):
        if line.startswith("-"):
            continue
        last = number
        while last < len(lines) and lines[last - 1].endswith("\\"):
            last += 1
        found.append((number, last, parse_requirement(line, path, number).name))
    return [span for span in found if span[0] in starts]


def _pyproject(file: DependencyFile, name: str, requirement: str | None) -> Edit:
    """Change `[project] dependencies`; KeyError where a name to remove is not there."""
    import tomlkit
    from tomlkit.items import Array

    text, before = _read(file.path)
    document = tomlkit.parse(text)
    declared = document.get("project", {}).get("dependencies")
    if not isinstance(declared, Array):
        if requirement is None:
            raise KeyError(name)
        declared = tomlkit.array()
        document.setdefault("project", tomlkit.table())["dependencies"] = declared
    for at, item in enumerate(list(declared)):
        if parse_requirement(str(item), file.path, 0).name == name:
            if requirement is None:
                del declared[at]
                return _edit(file.path, before, tomlkit.dumps(document), f"remove {name}")
            declared[at] = requirement
            break
    else:
        if requirement is None:
            raise KeyError(name)
        if "\n" in declared.as_string():
            declared.add_line(requirement)
        else:
            declared.append(requirement)
    return _edit(file.path, before, tomlkit.dumps(document), f"add {requirement}")


def _without_word(text: str, name: str, instead: str) -> str | None:
    """A list of packages with one replaced or taken away; None where it is not there."""
    lines, found = [], False
    for line in text.splitlines(keepends=True):
        code, hash_, comment = line.partition("#")
        words = code.split()
        kept = []
        for word in words:
            if re.split(r"[:=/]", word)[0] == name:
                found = True
                if instead:
                    kept.append(instead)
            else:
                kept.append(word)
        if kept == words:
            lines.append(line)
        elif kept or hash_:
            end = "\n" if line.endswith("\n") and not hash_ else ""
            gap = " " if kept and hash_ else ""
            lines.append(" ".join(kept) + gap + hash_ + comment + end)
    return "".join(lines) if found else None


def _append(path: Path, line: str) -> Edit:
    text, before = _read(path)
    gap = _newline(text) if text and not text.endswith("\n") else ""
    return _edit(path, before, f"{text}{gap}{line}{_newline(text)}", f"add {line}")


def _read(path: Path) -> tuple[str, bytes | None]:
    try:
        before = path.read_bytes()
    except FileNotFoundError:
        return "", None
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    try:
        return before.decode("utf-8"), before
    except UnicodeDecodeError as error:
        raise UsageError(
            f"{path} is not UTF-8, so it is not changed here.", hint="Edit it by hand."
        ) from error


def _edit(path: Path, before: bytes | None, text: str, summary: str) -> Edit:
    return Edit(path, before, text.encode("utf-8"), clean(f"{summary} in {path.name}"))


def _newline(text: str) -> str:
    return "\r\n" if "\r\n" in text else "\n"


def _comment(line: str) -> str:
    found = re.search(r"\s+#.*$", line.rstrip("\r\n"))
    return found.group(0) if found else ""


def _json(path: Path, text: str) -> dict[str, object]:
    try:
        data = json.loads(text)
    except json.JSONDecodeError as error:
        raise UsageError(f"{path}:{error.lineno}:{error.colno}: {error.msg}.") from error
    if not isinstance(data, dict):
        raise UsageError(f"{path} is not a JSON object.")
    return data


def _dump(data: dict[str, object], like: str) -> str:
    """JSON with the indentation and the last line end of the text that it replaces."""
    found = re.search(r"^([ \t]+)\S", like, re.MULTILINE)
    text = json.dumps(data, indent=found.group(1) if found else "  ", ensure_ascii=False)
    text = text.replace("\n", _newline(like))
    return text + (_newline(like) if like.endswith("\n") or not like else "")


def _write(path: Path, expected: bytes | None, data: bytes) -> None:
    now = path.read_bytes() if path.exists() else None
    if now != expected:
        raise UsageError(
            f"{path.name} has changed since it was read; nothing was written.",
            hint="Look at it again, then repeat.",
        )
    where = path.resolve()
    descriptor, name = tempfile.mkstemp(prefix=f".{where.name}.", dir=where.parent)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
            mode = stat.S_IMODE(where.stat().st_mode) if where.exists() else 0o644
            os.fchmod(file.fileno(), mode)
        os.replace(name, where)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(name)
        raise
