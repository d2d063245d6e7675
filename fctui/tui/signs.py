"""The signs that stand beside colours, and their ASCII forms for terminals without UTF-8."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import NamedTuple


class Signs(NamedTuple):
    """One character each (`arrow`, `ellipsis` and `dots` may be longer in ASCII)."""

    opened: str = "▾"
    closed: str = "▸"
    again: str = "″"
    cycle: str = "↻"
    guide: str = "│"
    times: str = "×"
    library: str = "◆"
    best: str = "★"
    done: str = "✔"
    failed: str = "✖"
    warning: str = "⚠"
    stopped: str = "■"
    dot: str = "·"
    arrow: str = "→"
    up: str = "↑"
    down: str = "↓"
    ellipsis: str = "…"
    none: str = "–"
    rule: str = "─"
    full: str = "█"
    bar: str = " ▏▎▍▌▋▊▉"
    ends: str = "▕▏"
    spinner: str = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"


ASCII = Signs(
    opened="v",
    closed=">",
    again='"',
    cycle="@",
    guide="|",
    times="x",
    library="*",
    best="*",
    done="+",
    failed="x",
    warning="!",
    stopped="#",
    dot="-",
    arrow="->",
    up="up",
    down="down",
    ellipsis="~",
    none="-",
    rule="-",
    full="#",
    bar=" ",
    ends="[]",
    spinner="|/-\\",
)


def choose(environment: Mapping[str, str]) -> Signs:
    """The signs for a terminal, by its locale (locale(7)) and `TERM`.

    `FCTUI_ASCII=1` or `0` decides where the locale says the wrong thing. Python itself turns the
    C locale into C.UTF-8 (PEP 538), so that an unset locale counts as UTF-8 here.
    """
    forced = environment.get("FCTUI_ASCII", "")
    if forced:
        return Signs() if forced == "0" else ASCII
    if environment.get("TERM") == "linux":
        return ASCII  # the console's font has 512 glyphs, without these
    if environment.get("LC_ALL"):
        locale = environment["LC_ALL"]
    else:
        locale = environment.get("LANG") or environment.get("LC_CTYPE") or "C.UTF-8"
    return Signs() if "utf" in locale.lower() else ASCII


SIGNS = choose(os.environ)
