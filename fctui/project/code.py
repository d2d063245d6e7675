"""The function's own files: everything in its directory but what no function needs."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.project.load_settings import setting_line
from fctui.project.project import Project

IGNORE_FILES = (".fcignore", ".funignore", ".fctuiignore")
# Files of patterns that people have already: Serverless Devs', funcraft's, and our own.

SKIPPED_DIRECTORIES = frozenset(
    {".git", ".hg", ".svn", ".bzr", "CVS"}  # version control
    | {"__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", ".tox", ".nox"}
    | {"node_modules", ".venv", "venv", ".eggs", "__pypackages__"}  # what a bundle brings itself
    | {".npm", ".yarn", ".pnpm-store", ".uv-cache", ".cache", ".parcel-cache"}
    | {".idea", ".vscode", ".vs"}
    | {".fctui", ".s", ".fun", ".serverless", ".aws-sam", ".chalice", ".terraform"}
)
# Of any depth. Beside these: a virtual environment by its pyvenv.cfg (PEP 405), a cache by its
# CACHEDIR.TAG (Cache Directory Tagging Specification), a bundle by its manifest.

SKIPPED_ENDINGS = (".pyc", ".pyo", ".swp", ".swo", "~", ".orig", ".rej")
SKIPPED_NAMES = frozenset(
    {".DS_Store", "Thumbs.db", "desktop.ini", ".gitignore", ".gitattributes", ".gitmodules"}
    | {".git", ".coverage", *IGNORE_FILES}
)

_MANIFEST = "manifest.json"
LOCKS = re.compile(r"fctui\.lock|pylock(\.[^.]+)?\.toml")
# What `fctui lock` writes: a bundle does not depend on whether it is there.

STAGING = re.compile(r"\..+\.fctui-")
# How the names of staging directories begin, whichever output they are for.

_HEADER = struct.Struct("<4s2xH10xI4xHH")
_ENTRY, _SIZE_BEHIND, _TOLD = b"PK\3\4", 8, b".fctui/"
# Of an entry in a zip: signature, flags, compressed size, lengths of the name and what follows it.

CodeFile = tuple[str, int, int, str]
"""(path relative to the project, bytes, permission bits, link target or "")"""


class Code(Struct, frozen=True):
    """The files that go into the bundle, sorted by path, and what had to be left out and why.

    `left_out` has (path, reason) of what a user would miss; what the rules leave out is not told.
    """

    files: tuple[CodeFile, ...]
    left_out: tuple[tuple[str, str], ...] = ()


def code_files(project: Project, output: Path) -> tuple[CodeFile, ...]:
    """The files that go into the bundle beside the dependencies; see `find_code`."""
    return find_code(project, output).files


def find_code(project: Project, output: Path) -> Code:
    """Everything in the project directory that goes into a bundle made at `output`.

    Left out are SKIPPED_* at any depth, virtual environments, caches, bundles, their staging
    directories and what was packed of them, the output and the output that the settings name (with
    a directory `build` that it lies in), and what `[bundle] exclude` or one of IGNORE_FILES
    matches: gitignore patterns, where as in git a file cannot be taken in again below a directory
    that is left out. `.gitignore` is not read: what is built is often ignored there, and needed.

    A symbolic link is kept as one, with a relative target; one that leads out of the project, and
    what is neither file nor link, is left out and told. Raises UsageError for a directory that
    cannot be read and for a wrong pattern.
    """
    return _Walk(project, output).run()


class _Walk:
    def __init__(self, project: Project, output: Path) -> None:
        self.root = str(project.root)
        self.ignored = _ignored(project)
        outputs = (output, Path(project.settings.bundle.output))
        self.skipped = {path for each in outputs for path in output_paths(project.root, each)}
        self.files: list[CodeFile] = []
        self.left_out: list[tuple[str, str]] = []

    def run(self) -> Code:
        waiting = [""]
        while waiting:
            prefix = waiting.pop()
            entries = self._listed(prefix)
            if not prefix or not is_foreign(entries):
                waiting += self._take(prefix, entries)
        return Code(tuple(sorted(self.files)), tuple(sorted(self.left_out)))

    def _listed(self, prefix: str) -> list[os.DirEntry[str]]:
        try:
            with os.scandir(f"{self.root}/{prefix}") as entries:
                return list(entries)
        except FileNotFoundError:
            return []  # gone while we walked
        except OSError as error:
            raise UsageError(
                f"The directory {prefix!r} of the project cannot be read: {error.strerror}.",
                hint="Make it readable, or leave it out with [bundle] exclude.",
            ) from error

    def _take(self, prefix: str, entries: list[os.DirEntry[str]]) -> list[str]:
        """Take the files of one directory; returns the directories in it to walk."""
        below = []
        ignored, skipped = self.ignored, self.skipped
        for entry in entries:
            name = entry.name
            path = prefix + name
            if path in skipped:
                continue
            if entry.is_dir(follow_symlinks=False):
                if (
                    name not in SKIPPED_DIRECTORIES
                    and not STAGING.match(name)
                    and not (ignored and ignored(f"{path}/"))
                ):
                    below.append(f"{path}/")
            elif not (
                name in SKIPPED_NAMES
                or LOCKS.fullmatch(name)
                or name.endswith(SKIPPED_ENDINGS)
                or (ignored and ignored(path))
                or (name.endswith(".zip") and is_packed(entry.path))
            ):
                self._take_file(entry, path)
        return below

    def _take_file(self, entry: os.DirEntry[str], path: str) -> None:
        if not path.isascii() and not _is_utf8(path):
            self.left_out.append((_shown(path), "its name is not UTF-8"))
        elif entry.is_symlink():
            self._take_link(entry, path)
        elif not entry.is_file(follow_symlinks=False):
            self.left_out.append((path, "it is neither a file nor a link"))
        else:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                return
            self.files.append((path, status.st_size, status.st_mode & 0o777, ""))

    def _take_link(self, entry: os.DirEntry[str], path: str) -> None:
        directory = os.path.dirname(entry.path)
        target = os.readlink(entry.path)
        leads = os.path.normpath(os.path.join(directory, target))
        if leads == self.root or not leads.startswith(f"{self.root}/"):
            self.left_out.append((path, f"it is a link out of the project, to {_shown(target)}"))
            return
        inside = os.path.normpath(os.path.join(os.path.dirname(path), target))
        stays = not os.path.isabs(target) and inside.split("/")[0] != ".."
        relative = target if stays else os.path.relpath(leads, directory)
        self.files.append((path, len(os.fsencode(relative)), 0o777, relative))


def _shown(path: str) -> str:
    return os.fsencode(path).decode("utf-8", "backslashreplace")


def is_foreign(entries: list[os.DirEntry[str]]) -> bool:
    """Whether a directory is a virtual environment, a cache or a bundle."""
    for entry in entries:
        name = entry.name
        if name in {"pyvenv.cfg", "CACHEDIR.TAG"}:
            return True
        if name == ".fctui" and os.path.isfile(os.path.join(entry.path, _MANIFEST)):
            return True
    return False


def is_packed(path: str) -> bool:
    """Whether an archive was packed of a bundle: one of its first entries, which are sorted, tells
    what is in it. Looks at their local headers: APPNOTE.TXT 4.3.7.
    """
    try:
        with open(path, "rb") as file:
            while len(header := file.read(_HEADER.size)) == _HEADER.size:
                signature, flags, size, name_length, extra = _HEADER.unpack(header)
                name = file.read(name_length)
                if signature != _ENTRY:
                    return False
                if name.startswith(_TOLD):
                    return True
                if name > _TOLD or flags & _SIZE_BEHIND:
                    return False
                file.seek(extra + size, os.SEEK_CUR)
    except OSError:
        pass  # a file that cannot be read is told of when it is to be taken
    return False


def output_paths(root: Path, output: Path) -> list[str]:
    """The output's path relative to the project, and that of a `build` that it lies in."""
    where = os.path.normpath(root / output)
    relative = os.path.relpath(where, root)
    if relative.startswith("..") or relative == ".":
        return []
    parent, _, _ = relative.rpartition("/")
    return [relative, parent] if parent.rpartition("/")[2] == "build" else [relative]


def _is_utf8(text: str) -> bool:
    try:
        text.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _ignored(project: Project) -> Callable[[str], bool] | None:
    """What tells whether a path is to be left out; None where there are no patterns."""
    patterns = patterns_of(project)
    if not any(line.strip() and not line.startswith("#") for line, _ in patterns):
        return None
    import pathspec

    try:
        return pathspec.GitIgnoreSpec.from_lines([line for line, _ in patterns]).match_file
    except ValueError:
        raise _wrong_pattern(patterns) from None


def patterns_of(project: Project) -> list[tuple[str, str]]:
    """What is to be left out, as (pattern, where it stands), in the order in which they count."""
    where = project.settings_file
    patterns = [
        (pattern, f"{where}:{setting_line(where, ['bundle', 'exclude'], pattern)}" if where else "")
        for pattern in project.settings.bundle.exclude
    ]
    for name in IGNORE_FILES:
        path = project.root / name
        if path.is_file():
            lines = path.read_text(encoding="utf-8-sig", errors="replace").splitlines()
            patterns += [(line, f"{path}:{number}") for number, line in enumerate(lines, 1)]
    return patterns


def _wrong_pattern(patterns: list[tuple[str, str]]) -> UsageError:
    import pathspec

    for pattern, where in patterns:
        try:
            pathspec.GitIgnoreSpec.from_lines([pattern])
        except ValueError:
            return UsageError(
                f"{where}: {pattern!r} is not a pattern.", hint="Write it as in a .gitignore file."
            )
    return UsageError("The patterns of what to leave out cannot be read.")
