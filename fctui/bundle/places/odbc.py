"""odbcinst.ini as the maintainer scripts of ODBC drivers fill it, for drivers in a bundle.

Source: odbcinst.ini(5).
"""

from __future__ import annotations

import configparser
import posixpath
import tomllib
from collections.abc import Sequence

from fctui.bundle.places.rules import data
from fctui.bundle.places.work import Work
from fctui.model.finding import Finding, Kind

_LIBRARIES = ("Driver", "Driver64", "Setup", "Setup64")
_DIRECTORIES = ("usr/lib/{multiarch}/odbc", "usr/lib/{multiarch}", "usr/lib/odbc", "usr/lib")


def drivers(work: Work, paths: Sequence[str]) -> bytes:
    """The templates that drivers bring, in one file, with the places that the drivers have in the
    bundle. A driver whose deb has no template (it is in its script) is known by its file's name.
    """
    merged = _parser()
    for path in paths:
        if not path.endswith(".so"):
            _merge(work, path, merged)
    named = {section["Driver"] for section in merged.values() if "Driver" in section}
    known: dict[str, str] = tomllib.loads(data("odbc.toml"))["drivers"]
    for path in paths:
        name = posixpath.basename(path)
        if name in known and work.on_target(path) not in named:
            merged[known[name]] = {"Driver": work.on_target(path)}
    lines = []
    for section in merged.sections():
        lines += [f"[{section}]", *(f"{key} = {value}" for key, value in merged[section].items())]
        lines.append("")
    return "\n".join(lines).encode()


def _merge(work: Work, path: str, merged: configparser.RawConfigParser) -> None:
    read = _parser()
    try:
        read.read_string(work.data(path).decode("utf-8", "replace"))
    except configparser.Error as error:
        work.findings.append(
            Finding(
                kind=Kind.UNRESOLVED,
                subject=path,
                files=(path,),
                message=f"{path} is no template of an ODBC driver: {error.message}.",
                breaks=False,
            )
        )
        return
    for name in read.sections():
        section = dict(read[name])
        for key in _LIBRARIES:
            if key in section:
                section[key] = _place(work, section[key])
        merged[name] = section


def _place(work: Work, library: str) -> str:
    """Where the bundle has a library that a template names, with or without its directory."""
    candidates = [library] if library.startswith("/") else [f"{d}/{library}" for d in _DIRECTORIES]
    for each in candidates:
        found = work.tree.absolute(work.tree.fill(each))
        if found:
            return work.on_target(found)
    return library


class _Parser(configparser.RawConfigParser):
    def optionxform(self, optionstr: str) -> str:
        """Keys keep their case."""
        return optionstr


def _parser() -> _Parser:
    return _Parser(strict=False, delimiters=("=",), default_section="")
