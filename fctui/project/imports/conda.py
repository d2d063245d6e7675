"""Reading conda's environment.yml: the section that pip installs, and which Python it names."""

from __future__ import annotations

import re
from pathlib import Path

from fctui.project.imports.imported import Imported
from fctui.project.imports.install_lines import take_requirement_line
from fctui.project.imports.variables import take_variables
from fctui.project.imports.yaml_nodes import read_yaml
from fctui.targets.load import load_target

_NAME = re.compile(r"(?:\S+::)?([\w.-]+)\s*(.*)")
_OF_CONDA = "is a conda package: fctui takes wheels and debs, so name what brings the same"


def read_environment(path: Path, into: Imported) -> None:
    """Packages of conda are named and left: their names are not those of the Python index."""
    root = read_yaml(path)
    if root is None:
        return
    listed = root.get("dependencies")
    for item in listed.items() if listed else ():
        if item.is_scalar:
            found = _NAME.fullmatch(item.text)
            if found and found[1] == "python":
                into.leave(item.place, item.text, _about_python(into, found[2].strip("= ")))
            elif not found or found[1] not in {"pip", "setuptools", "wheel"}:
                into.leave(item.place, item.text, _OF_CONDA)
            continue
        pip = item.get("pip")
        for line in pip.items() if pip else ():
            take_requirement_line(into, line.place, line.text)
    take_variables(into, root.get("variables"))


def _about_python(into: Imported, wanted: str) -> str:
    """Whether the target has the Python that is asked for: it decides, not the environment."""
    has = load_target(into.target).python if into.target else None
    if has is None:
        return "the target decides it: choose one with --target, fctui targets lists them"
    same = not wanted or f"{has}.".startswith(f"{wanted.rstrip('.*')}.")
    return f"the target has Python {has}" + ("" if same else ", which decides")
