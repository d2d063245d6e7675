"""Reading requirement files in pip's format ("Requirements File Format", pip documentation)."""

from __future__ import annotations

import os
import re
from pathlib import Path

from msgspec import Struct
from packaging.requirements import InvalidRequirement
from packaging.requirements import Requirement as Parsed

from fctui.model.errors import UsageError
from fctui.model.names import normalized
from fctui.project.requirement_lines import expanded, logical_lines, read_text, split_options
from fctui.tasks.text import clean


class Requirement(Struct, frozen=True, kw_only=True):
    """One requirement as declared.

    `text` is PEP 508, or a path or URL as pip takes it; `name` is normalized (PEP 503) and "" where
    only the thing itself can tell it. `specifier` is its version part, `marker` its environment
    marker, `url` the place that it names, `index` the only one that it may come from, "" for any.
    `hashes` are `algorithm:hex`. `source` is the file, `line` counts from 1, 0 where it is unknown.
    """

    text: str
    name: str = ""
    specifier: str = ""
    extras: tuple[str, ...] = ()
    marker: str = ""
    url: str = ""
    hashes: tuple[str, ...] = ()
    editable: bool = False
    index: str = ""
    source: Path
    line: int


class Requirements(Struct, frozen=True, kw_only=True):
    """All that requirement files say: requirements, constraints, and options by their long name.

    `files` are all that were read, in the order of reading.
    """

    requirements: tuple[Requirement, ...] = ()
    constraints: tuple[Requirement, ...] = ()
    options: tuple[tuple[str, str], ...] = ()
    files: tuple[Path, ...] = ()

    def option(self, name: str) -> tuple[str, ...]:
        """The values of an option in the order in which they were given."""
        return tuple(value for known, value in self.options if known == name)


_DEEPEST = 50
# Circles are seen; this bounds what a chain of very many files can cost.

_IGNORED = frozenset({"--use-feature"})
# Switches of pip itself, which say nothing about what is required.

_PLACE = re.compile(
    r"^(?P<place>[A-Za-z][A-Za-z0-9+.-]*://\S+?|file:\S+?|\.{0,2}/\S*?|~/\S*?|\.{1,2}"
    r"|[^\s@\[]+/[^\s\[]*|[^\s@\[]+\.(?:whl|zip|tar\.gz|tgz|tar|tar\.bz2|tbz|tar\.xz|txz))"
    r"\s*(?P<extras>\[[^\[\]]*\])?$"
)
# A place without a name before it, which is pip's own extension of PEP 508: URL, path, archive.


def read_requirements(paths: list[Path]) -> Requirements:
    """Read files and all that they include with `-r` and `-c`.

    Raises UsageError naming file and line for a line that pip would refuse too, and for a file that
    cannot be read.
    """
    reader = _Reader()
    for path in paths:
        reader.read(path, constraint=False, within=(), asked_by="")
    return Requirements(
        requirements=tuple(reader.requirements),
        constraints=tuple(reader.constraints),
        options=tuple(reader.options),
        files=tuple(dict.fromkeys(path for path, _ in reader.files)),
    )


def parse_requirement(text: str, source: Path, line: int) -> Requirement:
    """One requirement: PEP 508, a URL, a path; with pip's own options (`--hash`) behind it.

    Raises UsageError for what is none of them; its message names no file where `source` is empty.
    """
    at = "" if source == Path() else f"{source}:{line}: " if line else f"{source}: "
    plain, options = split_options(text.strip(), at)
    if not plain:
        raise UsageError(f"{at}{text!r} names no requirement.")
    hashes = tuple(_hash(value, at) for option, value in options if option == "--hash")
    before, _, marker = plain.partition("; " if "://" in plain else ";")
    direct = _PLACE.match(before.strip())
    if direct:
        return _direct(plain, direct, marker.strip(), hashes, source, line)
    try:
        parsed = Parsed(plain)
    except InvalidRequirement as error:
        said = clean(str(error).splitlines()[0])
        raise UsageError(
            f"{at}{plain!r} is not a requirement: {said}.",
            hint="Write a name with an optional version, for example requests>=2.31.",
        ) from error
    return Requirement(
        text=plain,
        name=normalized(parsed.name),
        specifier=str(parsed.specifier),
        extras=tuple(sorted(parsed.extras)),
        marker=str(parsed.marker or ""),
        url=parsed.url or "",
        hashes=hashes,
        source=source,
        line=line,
    )


def _direct(
    text: str,
    found: re.Match[str],
    marker: str,
    hashes: tuple[str, ...],
    source: Path,
    line: int,
) -> Requirement:
    place = found["place"]
    egg = re.search(r"#(?:.*&)?egg=([A-Za-z0-9._-]+)", place)
    return Requirement(
        text=text,
        name=normalized(egg.group(1)) if egg else _name_of_file(place),
        extras=tuple(e.strip() for e in (found["extras"] or "")[1:-1].split(",") if e.strip()),
        marker=marker,
        url=place,
        hashes=hashes,
        source=source,
        line=line,
    )


def _hash(value: str, at: str) -> str:
    algorithm, colon, digest = value.partition(":")
    if not colon or algorithm not in {"sha256", "sha384", "sha512"}:
        raise UsageError(
            f"{at}--hash {value!r} is not ALGORITHM:HEX.",
            hint="pip takes sha256, sha384 and sha512.",
        )
    return f"{algorithm}:{digest}"


def _name_of_file(url: str) -> str:
    """The distribution's name in a wheel's or sdist's file name, "" where it has none."""
    file = url.partition("#")[0].partition("?")[0].rpartition("/")[2]
    if file.endswith(".whl"):
        return normalized(file.split("-")[0]) if "-" in file else ""
    sdist = re.match(r"^(.+)-\d[^-]*\.(?:tar\.gz|zip|tar\.bz2)$", file)
    return normalized(sdist.group(1)) if sdist else ""


class _Reader:
    def __init__(self) -> None:
        self.requirements: list[Requirement] = []
        self.constraints: list[Requirement] = []
        self.options: list[tuple[str, str]] = []
        self.files: list[tuple[Path, bool]] = []

    def read(
        self, path: Path, *, constraint: bool, within: tuple[Path, ...], asked_by: str
    ) -> None:
        path = Path(os.path.normpath(path))
        if path in within:
            circle = " → ".join(file.name for file in (*within[within.index(path) :], path))
            raise UsageError(f"{asked_by}: requirement files include one another: {circle}.")
        if len(within) > _DEEPEST:
            raise UsageError(f"{asked_by}: files include one another more than {_DEEPEST} deep.")
        if (path, constraint) in self.files:
            return
        self.files.append((path, constraint))
        for line in logical_lines(_text(path, asked_by)):
            self._line(
                expanded(line.text), path, line.first, constraint=constraint, within=(*within, path)
            )

    def _line(
        self, line: str, path: Path, number: int, *, constraint: bool, within: tuple[Path, ...]
    ) -> None:
        where = f"{path}:{number}"
        into = self.constraints if constraint else self.requirements
        plain, options = split_options(line, f"{where}: ")
        if plain:
            into.append(parse_requirement(line, path, number))
            return
        for option, value in options:
            if option in {"--requirement", "--constraint"}:
                if re.match(r"^(https?|file):", value, re.IGNORECASE):
                    raise UsageError(
                        f"{where}: requirement files are read from this machine only, not from "
                        f"{value!r}.",
                        hint="Save it beside this file and name it here.",
                    )
                inner = option == "--constraint"
                self.read(path.parent / value, constraint=inner, within=within, asked_by=where)
            elif option == "--editable":
                into.append(_editable(value, path, number))
            elif option == "--find-links" and (path.parent / value).exists():
                self.options.append((option, str((path.parent / value).resolve())))
            elif option not in _IGNORED:
                self.options.append((option, value))


def _editable(value: str, path: Path, number: int) -> Requirement:
    """What stands behind -e: a VCS URL or a directory, `src` as well as `./src`."""
    plain = "://" not in value and " @ " not in value and not value.startswith(("/", ".", "~"))
    made = parse_requirement(f"./{value}" if plain else value, path, number)
    return Requirement(
        text=made.text,
        name=made.name,
        extras=made.extras,
        marker=made.marker,
        url=made.url,
        editable=True,
        source=path,
        line=number,
    )


def _text(path: Path, asked_by: str) -> str:
    at = f"{asked_by}: " if asked_by else ""
    try:
        return read_text(path)
    except OSError as error:
        raise UsageError(
            f"{at}{path} cannot be read: {error.strerror}.",
            hint="Mend the line that names it." if asked_by else "",
        ) from error
    except (UnicodeError, LookupError) as error:
        raise UsageError(
            f"{at}{path} is not in an encoding that pip reads: {error}.",
            hint="Save it as UTF-8.",
        ) from error
