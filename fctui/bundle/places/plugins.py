"""Lists of plugins that a program would make by loading each: known beforehand, for nothing of a
deb is run. What each plugin says of itself is recorded, see `data/`.
"""

from __future__ import annotations

import functools
import posixpath
from collections.abc import Sequence

from fctui.bundle.places.rules import data
from fctui.bundle.places.work import Work
from fctui.model.finding import Finding, Kind


def pixbuf_loaders(work: Work, paths: Sequence[str]) -> bytes:
    """loaders.cache of gdk-pixbuf, as gdk-pixbuf-query-loaders(1) writes it."""
    blocks = []
    for path in sorted(paths):
        known = _loaders().get(posixpath.basename(path))
        if known is None:
            work.findings.append(_unknown(path, "gdk-pixbuf"))
        else:
            blocks.append(f'"{work.on_target(path)}"\n{known}\n\n')  # a blank line ends each
    return "".join(blocks).encode()


def graphviz_plugins(work: Work, paths: Sequence[str]) -> bytes:
    """config6a of Graphviz, as `dot -c` writes it: dot(1)."""
    blocks = []
    for path in sorted(paths):
        name = posixpath.basename(path)
        known = _plugins().get(name)
        if known is None:
            work.findings.append(_unknown(path, "Graphviz"))
        else:
            blocks.append(known)
    return "".join(blocks).encode()


def _unknown(path: str, program: str) -> Finding:
    return Finding(
        kind=Kind.UNRESOLVED,
        subject=path,
        files=(path,),
        message=(
            f"{program} will not use {path}: what it can do is only known by running it, and no "
            f"code of a deb is run."
        ),
        breaks=False,
    )


@functools.cache
def _loaders() -> dict[str, str]:
    """What follows a loader's own line, by the file name in it."""
    found = {}
    for block in data("pixbuf_loaders.txt").split("\n\n"):
        first, _, rest = block.strip().partition("\n")
        if rest:
            found[first.strip('"')] = rest
    return found


@functools.cache
def _plugins() -> dict[str, str]:
    """A plugin's block by its file name; only a block's own first and last line have no tab."""
    found: dict[str, str] = {}
    name = ""
    for line in data("graphviz_plugins.txt").splitlines(keepends=True):
        if line.startswith("lib"):
            name = line.partition(" ")[0]
            found[name] = ""
        if name:
            found[name] += line
        if line.startswith("}"):
            name = ""
    return found
