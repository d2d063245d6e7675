"""Who resolves: apt where this host has it, else a resolver of our own."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import Literal

from fctui.managers.apt.host import Host
from fctui.managers.apt.root import AptRoot
from fctui.managers.apt.sources import Sources


def root_in(
    below: Path, sources: Sources, host: Host, resolver: Literal["apt", "own"] = "apt"
) -> AptRoot:
    """A private root in a directory, of the kind that was chosen and works here."""
    if resolver == "own" or shutil.which("apt-get") is None:
        from fctui.managers.apt.own.root import OwnRoot

        return OwnRoot(below, sources, host)
    return AptRoot(below, sources, host)
