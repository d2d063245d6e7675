"""Reading requirement files in pip's format ("Requirements File Format", pip documentation)."""

from __future__ import annotations

import codecs
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed
from packaging.utils import canonicalize_name

from fctui.model.errors import UsageError
from fctui.tasks.text import clean


class Requirement(Struct, frozen=True, kw_only=True):
    """One requirement as declared. `text` is PEP 508 (or a path or URL where `name` is "").

    `hashes` are `algorithm:hex`; `source` is the file, `line` counts from 1.
    """

    text: str
    name: str = ""
    hashes: tuple[str, ...] = ()
    editable: bool = False
    source: Path
    line: int


class Requirements(Struct, frozen=True, kw_only=True):
    """All that requirement files say: requirements, constraints, and options by their long name."""

    requirements: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    files: tuple[Path, ...] = ()

    def option(self, name: str) -> tuple[str, ...]:
        """The values of an option in the order in which they were given."""
        return tuple(value for known, value in self.options if known == name)


_LONG = {
    "-i": "--index-url",
    "--pypi-url": "--index-url",
    "-f": "--find-links",
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
}
_WITH_VALUE = frozenset(
    {"--index-url", "--extra-index-url", "--find-links", "--requirement", "--constraint"}
    | {"--editable", "--no-binary", "--only-binary", "--trusted-host", "--use-feature"}
)
_FLAGS = frozenset({"--no-index", "--pre", "--prefer-binary", "--require-hashes"})
_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_DEEPEST = 20
# Files that include one another in a circle are read once; this bounds what a mistake can cost.


def read_requirements(paths: list[Path]) -> Requirements:
    """Read files and all that they include with `-r` and `-c`.

    Raises UsageError naming file and line for a line that pip would refuse too.
    """
    reader = _Reader()
    for path in paths:
        reader.read(path, constraint=False, depth=0, asked_by="")
    return Requirements(
        requirements=tuple(reader.requirements),
        constraints=tuple(reader.constraints),
        options=tuple(reader.options),
        files=tuple(reader.files),
    )


def parse_requirement(text: str, source: Path, line: int) -> Requirement:
    """One requirement: PEP 508, a URL, a path; with pip's `--hash` options behind it."""
    hashes = tuple(value.replace("=", ":", 1) for value in re.findall(r"--hash[= ](\S+)", text))
    rest = re.split(r"\s--(?:hash|global-option|config-settings?)\b", text, maxsplit=1)[0].strip()
    direct = bool(re.match(r"^([a-z+]+://|\.{0,2}/|file:)", rest)) or rest.endswith(
        (".whl", ".tar.gz", ".zip")
    )
    if direct and " @ " not in rest:
        egg = re.search(r"#(?:.*&)?egg=([A-Za-z0-9._-]+)", rest)
        name = canonicalize_name(egg.group(1)) if egg else _name_of_file(rest)
        return Requirement(text=rest, name=name, hashes=hashes, source=source, line=line)
    try:
        parsed = Parsed(rest)
    except InvalidRequirement as error:
        said = clean(str(error).splitlines()[0])
        raise UsageError(
            f"{source}:{line}: {clean(rest)!r} is not a requirement: {said}.",
            hint="Write a name with an optional version, for example requests>=2.31.",
        ) from error
    name = canonicalize_name(parsed.name)
    return Requirement(text=rest, name=name, hashes=hashes, source=source, line=line)


def logical_lines(text: str) -> Iterator[tuple[int, str]]:
    """(line number, text) with continuations joined and comments taken off, as pip does."""
    begun, joined = 0, ""
    for number, raw in enumerate(text.splitlines(), 1):
        begun = begun or number
        if raw.endswith("\\") and not raw.lstrip().startswith("#"):
            joined += raw[:-1].strip() + " "
            continue
        line = _COMMENT.sub("", joined + raw.strip() if joined else raw).strip()
        if line:
            yield begun, line
        begun, joined = 0, ""
    if joined.strip():
        yield begun, _COMMENT.sub("", joined).strip()


def read_text(path: Path) -> str:
    """A file's text: a byte order mark or a PEP 263 comment names the encoding, else UTF-8."""
    data = path.read_bytes()
    for mark, encoding in (
        (codecs.BOM_UTF8, "utf-8-sig"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if data.startswith(mark):
            return data.decode(encoding)
    for line in data.split(b"\n")[:2]:
        named = re.match(rb"^[ \t\f]*#.*?coding[:=][ \t]*([-\w.]+)", line)
        if named:
            return data.decode(named.group(1).decode("ascii"))
    return data.decode("utf-8")


class _Reader:
    def __init__(self) -> None:
        self.requirements: list[Requirement] = []
        self.constraints: list[Requirement] = []
        self.options: list[tuple[str, str]] = []
        self.files: list[Path] = []

    def read(self, path: Path, *, constraint: bool, depth: int, asked_by: str) -> None:
        path = Path(os.path.normpath(path))
        if path in self.files:
            return
        if depth > _DEEPEST:
            raise UsageError(f"{asked_by}: files include one another more than {_DEEPEST} deep.")
        self.files.append(path)
        try:
            text = read_text(path)
        except OSError as error:
            at = f"{asked_by}: " if asked_by else ""
            raise UsageError(f"{at}{path} cannot be read: {error.strerror}.") from error
        except (UnicodeError, LookupError) as error:
            raise UsageError(f"{path} is not in an encoding that pip reads: {error}.") from error
        for number, line in logical_lines(text):
            expanded = _VARIABLE.sub(lambda m: os.environ.get(m.group(1), m.group(0)), line)
            self._line(expanded, path, number, constraint=constraint, depth=depth)

    def _line(self, line: str, path: Path, number: int, *, constraint: bool, depth: int) -> None:
        into = self.constraints if constraint else self.requirements
        if not line.startswith("-"):
            into.append(parse_requirement(line, path, number))
            return
        for option, value in _options(line, path, number):
            if option in {"--requirement", "--constraint"}:
                inner = constraint or option == "--constraint"
                self.read(
                    path.parent / value,
                    constraint=inner,
                    depth=depth + 1,
                    asked_by=f"{path}:{number}",
                )
            elif option == "--editable":
                made = parse_requirement(value, path, number)
                into.append(
                    Requirement(
                        text=made.text, name=made.name, editable=True, source=path, line=number
                    )
                )
            elif option == "--find-links" and (path.parent / value).exists():
                self.options.append((option, str((path.parent / value).resolve())))
            else:
                self.options.append((option, value))


def _options(line: str, path: Path, number: int) -> Iterator[tuple[str, str]]:
    try:
        words = shlex.split(line)
    except ValueError as error:
        raise UsageError(f"{path}:{number}: {clean(line)!r}: {error}.") from error
    while words:
        word = words.pop(0)
        name, given, value = word.partition("=")
        if not given and word[:2] in _LONG and len(word) > 2 and not word.startswith("--"):
            name, given, value = word[:2], "=", word[2:]
        name = _LONG.get(name, name)
        if name in _FLAGS:
            yield name, ""
        elif name in _WITH_VALUE:
            if not given:
                if not words:
                    raise UsageError(f"{path}:{number}: {name} needs a value.")
                value = words.pop(0)
            yield name, value
        else:
            raise UsageError(
                f"{path}:{number}: {clean(name)} is no option of a requirements file.",
                hint="See pip's documentation of the requirements file format.",
            )


def _name_of_file(url: str) -> str:
    """The distribution's name in a wheel's or sdist's file name, "" where it has none."""
    file = url.partition("#")[0].rpartition("/")[2]
    if file.endswith(".whl"):
        return canonicalize_name(file.split("-")[0])
    sdist = re.match(r"^(.+)-\d[^-]*\.(?:tar\.gz|zip|tar\.bz2)$", file)
    return canonicalize_name(sdist.group(1)) if sdist else ""
