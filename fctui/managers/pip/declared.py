"""What a project declares for pip, as requirements that a resolver takes."""

from __future__ import annotations

import os
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from fctui.managers.pip.config import PipConfig, merged
from fctui.model.errors import UsageError
from fctui.model.names import normalized
from fctui.project.declared import pip_requirements
from fctui.project.load_settings import read_toml
from fctui.project.project import Project
from fctui.project.requirements import Requirement, Requirements

EDITABLE = "declared with -e: a wheel is built of it, so that nothing leads out of the bundle"
"""The note on a package that pip would only have pointed at."""

_PLACE = re.compile(r"^(?P<place>[^;\[]+?)(?P<extras>\[[^\]]*\])?\s*(?P<marker>;.*)?$")
_BARE = re.compile(r"^([a-z+]+://|\.{0,2}/|\.$|file:|~)")
_ARCHIVE = re.compile(r"^[^;]+\.(whl|tar\.gz|zip)\s*(;|$)")
# A bare path or URL, which is pip's own extension of PEP 508.

_NAMED_URL = re.compile(r"^(?P<name>[\w.\-]+(\s*\[[^\]]*\])?)\s*@\s*(?P<rest>.+)$")


UV_LOCK = "uv.lock"


class Declared(Struct, frozen=True):
    """One requirement: `specifier` is PEP 508 text, `name` normalized, `text` as the file has it.

    `source` is relative to the project, `hashes` are `algorithm:hex`, `constraint` lines only
    limit versions. `path` is what it names on this machine, "" for the others; `editable` stood
    behind -e; `index` is the URL of the only one that it may come from, "" for any.
    """

    name: str
    specifier: str
    text: str
    source: str
    line: int
    hashes: tuple[str, ...] = ()
    constraint: bool = False
    path: str = ""
    editable: bool = False
    index: str = ""


class Declaration(Struct, frozen=True):
    """All requirements of a project, and the pip configuration with the files' options over it.
    `lock` is the name of a lock of uv's own beside a pyproject.toml that is in use, "" for none.
    """

    requirements: tuple[Declared, ...]
    config: PipConfig
    require_hashes: bool = False
    lock: str = ""


def read_declaration(project: Project, config: PipConfig) -> Declaration:
    """Read every file that declares something for pip.

    Raises UsageError, with file and line, for what cannot be read.
    """
    read = pip_requirements(project)
    declared = [_declared(requirement, project.root) for requirement in read.requirements]
    declared += [_declared(r, project.root, constraint=True) for r in read.constraints]
    hashed = "--require-hashes" in dict(read.options) or any(r.hashes for r in declared)
    shared = any(file.kind == "pyproject" for file in project.of("pip"))
    lock = UV_LOCK if shared and (project.root / UV_LOCK).is_file() else ""
    return Declaration(tuple(declared), _with_options(config, read), hashed, lock)


def local_places(declared: Declared) -> list[str]:
    """The directories and files of this machine that a requirement is read from."""
    found = re.search(r"git\+file://([^\s@#?;]+)", declared.specifier)
    return [place for place in (declared.path, unquote(found[1]) if found else "") if place]


def _with_options(config: PipConfig, read: Requirements) -> PipConfig:
    index = read.option("--index-url")
    flags = dict(read.options)
    formats = {
        name: tuple(name for value in read.option(option) for name in value.split(","))
        for name, option in (("only_binary", "--only-binary"), ("no_binary", "--no-binary"))
    }
    return merged(
        config,
        index_url=index[-1] if index else "",
        extra_index_urls=read.option("--extra-index-url"),
        find_links=read.option("--find-links"),
        trusted_hosts=read.option("--trusted-host"),
        no_index="--no-index" in flags,
        pre="--pre" in flags,
        prefer_binary="--prefer-binary" in flags,
        **formats,
    )


def _declared(requirement: Requirement, root: Path, *, constraint: bool = False) -> Declared:
    name, specifier, path = _specifier(requirement)
    return Declared(
        name=normalized(name),
        specifier=specifier,
        text=requirement.text,
        source=os.path.relpath(requirement.source, root),
        line=requirement.line,
        hashes=requirement.hashes,
        constraint=constraint,
        path=str(path or ""),
        editable=requirement.editable,
        index=requirement.index,
    )


def _specifier(requirement: Requirement) -> tuple[str, str, Path | None]:
    """Name, PEP 508 text with absolute paths, and the local path that is named."""
    text, directory = requirement.text, requirement.source.parent
    named = _NAMED_URL.match(text)
    if named:
        url, semicolon, marker = named["rest"].partition(" ;")
        path = _local(url.strip(), directory)
        whole = f"{named['name']} @ {path.as_uri()}{semicolon}{marker}" if path else text
        return requirement.name, whole, path
    found = _PLACE.match(text)
    if found is None or not (_BARE.match(text) or _ARCHIVE.match(text) or not requirement.name):
        return requirement.name, text, None
    place, extras, marker = found["place"], found["extras"] or "", found["marker"] or ""
    path = _local(place, directory)
    name = requirement.name or _name_of(path, requirement)
    url = path.as_uri() if path else place
    return name, f"{name}{extras} @ {url}{f' {marker}' if marker else ''}", path


def _local(place: str, directory: Path) -> Path | None:
    """The path on this machine that a requirement names, if it does."""
    if place.startswith("git+file:"):
        return None
    if place.startswith("file:"):
        return Path(unquote(urlsplit(place).path))
    if "://" in place:
        return None
    return Path(os.path.normpath(directory / os.path.expanduser(place)))


def _name_of(path: Path | None, requirement: Requirement) -> str:
    """The name of a project directory, as its own files have it."""
    where = f"{requirement.source}:{requirement.line}"
    if path is not None and not path.exists():
        raise UsageError(
            f"{where}: {requirement.text!r} is neither a requirement nor a path that is there."
        )
    if path is not None and path.is_dir():
        found = _name_in_project(path)
        if found:
            return found
    raise UsageError(
        f"{where}: {requirement.text!r} does not tell the package's name.",
        hint="Write it before the place: NAME @ PLACE",
    )


def _name_in_project(directory: Path) -> str:
    import configparser

    path = directory / "pyproject.toml"
    if path.is_file():
        data = read_toml(path)
        poetry = data.get("tool", {}).get("poetry", {})
        name = data.get("project", {}).get("name") or poetry.get("name")
        if name:
            return str(name)
    parser = configparser.RawConfigParser()
    try:
        parser.read_string((directory / "setup.cfg").read_text(encoding="utf-8"))
    except (configparser.Error, OSError, UnicodeDecodeError):
        return ""
    return parser.get("metadata", "name", fallback="")
