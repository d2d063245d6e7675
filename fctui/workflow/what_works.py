"""What of a layout works on the target as it is, what has to be set first, what does not; and why.

Sources: the Python Setup and Usage manual (PYTHONPATH, PYTHONUSERBASE), the Library Reference
(`site`: .pth files are read in site directories alone; `sys.prefix`), PEP 405.
"""

from __future__ import annotations

import posixpath
from collections.abc import Mapping, Sequence
from typing import Literal

from msgspec import Struct

from fctui.managers.pip.scheme import Scheme
from fctui.managers.pip.seeds import OWNER as OVERHEAD
from fctui.model.names import some
from fctui.model.plan import Category, PlannedFile
from fctui.model.target import Certainty, Target

State = Literal["yes", "set", "part", "no", "none"]
"""Works as it is; after setting something; only in part; not at all; there is nothing of it."""


class Aspect(Struct, frozen=True):
    """One thing that may work or not. `how` says what to do for it, `why` the reason."""

    what: str
    state: State
    how: str
    why: str = ""


class Need(Struct, frozen=True):
    """A directory that a variable must name. `covered_by` is what of the target does so already,
    "" where it has to be set.
    """

    variable: str
    directory: str
    covered_by: str = ""


def needs(
    target: Target, files: Sequence[PlannedFile], where: Scheme, environment: Mapping[str, str]
) -> tuple[Need, ...]:
    """The directories that have to be on sys.path and on PATH, and whether the target's presets
    cover them. `environment` is what is left to set.
    """
    found = [
        Need("PYTHONPATH", place, on_sys_path(target, place)) for place in _libraries(target, where)
    ]
    if any(_is_script(file) for file in files):
        place = _at(target, where.scripts)
        is_set = place in environment.get("PATH", "").split(":")
        found.append(Need("PATH", place, "" if is_set else "by the preset PATH"))
    return tuple(found)


def on_sys_path(target: Target, place: str) -> str:
    """By what a directory of the target is on the function's sys.path; "" where it is not."""
    if place in _preset(target):
        sure = target.certainty.get("presets") is not Certainty.ASSUMED
        return "by the preset PYTHONPATH" + ("" if sure else " (assumed)")
    if place in map(posixpath.normpath, target.python_path):
        return "by the runtime itself"
    return ""


def aspects(
    method: str,
    target: Target,
    files: Sequence[PlannedFile],
    where: Scheme,
    environment: Mapping[str, str],
) -> tuple[Aspect, ...]:
    """Imports, console scripts, .pth files, data files, headers. `environment` as for `needs`."""
    own = [file for file in files if file.owner != OVERHEAD]
    return (
        _imports(method, target, where, environment),
        _scripts(method, target, own, where),
        _path_files(method, target, own, where),
        _data(method, target, own, where),
        _headers(target, own, where),
    )


def _imports(method: str, target: Target, where: Scheme, environment: Mapping[str, str]) -> Aspect:
    places = _libraries(target, where)
    missing = [place for place in places if not on_sys_path(target, place)]
    if not missing:
        place = places[0]
        why = f"{place} is on sys.path {on_sys_path(target, place)}."
        return Aspect("import", "yes", "as it is", why)
    other = {
        "user": f", or PYTHONUSERBASE={target.code_dir}",
        "virtualenv": f", or start {target.code_dir}/bin/python",
    }.get(method, "")
    value = environment.get("PYTHONPATH", ":".join(missing))
    how = f"set PYTHONPATH={value}{other}"
    return Aspect("import", "set", how, f"Nothing puts {' or '.join(missing)} on sys.path.")


def _scripts(method: str, target: Target, files: Sequence[PlannedFile], where: Scheme) -> Aspect:
    names = [file.path for file in files if _is_script(file)]
    if not names:
        return Aspect("console scripts", "none", "none here")
    by_path = f"by path ({_at(target, names[0])})"
    place = _at(target, where.scripts)
    by_name = f"by name with {place} on PATH"
    if method == "virtualenv":
        why = f"Their first line starts {target.code_dir}/bin/python, which knows its own packages."
        return Aspect("console scripts", "part", f"{by_path} as it is, {by_name}", why)
    lacking = [p for p in _libraries(target, where) if p not in _preset(target)]
    program = target.python.executable if target.python else "python3"
    if lacking:
        why = (
            f"Their first line starts {program}: a process of its own, whose sys.path has "
            f"{' and '.join(lacking)} only by PYTHONPATH."
        )
        how = f"set PYTHONPATH={':'.join(lacking)}; then {by_path}, {by_name}"
        return Aspect("console scripts", "set", how, why)
    return Aspect(
        "console scripts",
        "part",
        f"{by_path} as it is, {by_name}",
        f"Their first line starts {program}.",
    )


def _path_files(method: str, target: Target, files: Sequence[PlannedFile], where: Scheme) -> Aspect:
    roots = {where.purelib, where.platlib}
    found = [f for f in files if f.path.endswith(".pth") and posixpath.dirname(f.path) in roots]
    if not found:
        return Aspect(".pth files", "none", "none here")
    names = some(posixpath.basename(file.path) for file in found)
    if method == "virtualenv":
        why = f"{names}: read where {target.code_dir}/bin/python is started."
        return Aspect(".pth files", "set", f"start {target.code_dir}/bin/python", why)
    if method == "user":
        why = f"{names}: Python reads them in its user site, not in what PYTHONPATH names."
        return Aspect(".pth files", "set", f"set PYTHONUSERBASE={target.code_dir}", why)
    place = _at(target, posixpath.dirname(found[0].path))
    why = f"{names}: Python reads them in site directories, not in what PYTHONPATH names."
    return Aspect(".pth files", "no", f"site.addsitedir({place!r}) in the function reads them", why)


def _data(method: str, target: Target, files: Sequence[PlannedFile], where: Scheme) -> Aspect:
    found = [file for file in files if file.category is Category.DATA]
    if not found:
        return Aspect("data files", "none", "none here")
    owners = some(file.owner for file in found)
    place = _at(target, where.data)
    if method == "virtualenv":
        why = f"{owners}: below sys.prefix, which is {place} for {place}/bin/python alone."
        return Aspect(
            "data files", "set", f"start {place}/bin/python, or by path below {place}", why
        )
    why = f"{owners}: what looks below sys.prefix looks in the target's own Python, not in {place}."
    return Aspect("data files", "part", f"by path below {place}", why)


def _headers(target: Target, files: Sequence[PlannedFile], where: Scheme) -> Aspect:
    if not any(file.category is Category.HEADERS for file in files):
        return Aspect("headers", "none", "none here")
    why = "They serve compilers; nothing reads them while the function runs."
    return Aspect("headers", "yes", f"in {_at(target, where.headers)}", why)


def _libraries(target: Target, where: Scheme) -> list[str]:
    return list(dict.fromkeys(_at(target, d) for d in (where.purelib, where.platlib)))


def _preset(target: Target) -> set[str]:
    value = target.presets.get("PYTHONPATH", "")
    return {posixpath.normpath(place) for place in value.split(":") if place}


def _is_script(file: PlannedFile) -> bool:
    return file.category is Category.SCRIPTS and file.owner != OVERHEAD


def _at(target: Target, place: str) -> str:
    return posixpath.normpath(posixpath.join(target.code_dir, place))
