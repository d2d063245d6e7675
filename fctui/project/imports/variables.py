"""Which variables of another tool's file become the function's own, and which fctui sets itself."""

from __future__ import annotations

import re

from fctui.project.imports.imported import Imported, Place
from fctui.project.imports.yaml_nodes import YamlNode

_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)
_SECRET = re.compile(
    r"secret|token|passw(?:or)?d|credential|private|(?:^|_|access|api)key", re.IGNORECASE
)
_SEARCHES = frozenset(
    {"PATH", "LD_LIBRARY_PATH", "PYTHONPATH", "PYTHONUSERBASE", "PYTHONHOME", "NODE_PATH"}
)
# They say where the other tool put things. Where they lie in the bundle, `fctui env` says.

_OF_BUILDS = re.compile(r"DEBIAN_FRONTEND$|PIP_|POETRY_|UV_|NPM_CONFIG_|CPPFLAGS$|CFLAGS$|LDFLAGS$")


def take_variable(into: Imported, place: Place, name: str, value: str) -> None:
    """A variable of the function, unless it is a secret, a search path, or of the build alone."""
    shown = f"{name}={value}"
    if not _NAME.fullmatch(name):
        into.leave(place, name, "is no name of a variable")
    elif name in _SEARCHES:
        into.leave(place, shown, "fctui env tells what the bundle needs")
    elif _OF_BUILDS.match(name):
        into.leave(place, shown, "is for installing, not for the function")
    elif _SECRET.search(name):
        into.leave(place, name, "looks like a secret: it stays where it is, and in no other file")
    elif "$" in value:
        into.leave(place, shown, "only the deployment knows its value")
    elif not value.isprintable():
        into.leave(place, name, "has control characters in it")
    else:
        table = into.settings.setdefault(("bundle", "environment"), {})
        if table.setdefault(name, value) == value:
            into.took(place, shown, "[bundle] environment")
        else:
            into.leave(place, shown, f"{name} is {table[name]!r} already")


def take_variables(into: Imported, node: YamlNode | None) -> None:
    """A mapping of variables."""
    for name, value in node.members() if node else ():
        if not value.is_scalar or value.tag:
            into.leave(name.place, name.text, "only the deployment knows its value")
        else:
            flag = value.node.tag.endswith(":bool")
            take_variable(into, name.place, name.text, value.text.lower() if flag else value.text)
