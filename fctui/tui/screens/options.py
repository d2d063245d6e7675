"""What can be chosen: targets, and why some of them cannot."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from msgspec import Struct

from fctui.model.target import Certainty, Target
from fctui.present.workspace import STATES, budget, place
from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.sizes import size
from fctui.tui.lines.title import limit_of
from fctui.tui.signs import SIGNS
from fctui.workflow.workspace import Member

WAYS = ("zip", "zip smallest", "layers", "layers smallest")
"""How a bundle can be packed."""


class Option(Struct, frozen=True):
    """One line to choose. `why_not` is why it cannot be, or ""; `note` is what else to say."""

    id: str
    line: Line
    why_not: str = ""
    note: str = ""


def target_options(
    targets: Iterable[Target], current: str, managers: tuple[str, ...]
) -> list[Option]:
    """The targets, with what decides between them."""
    options = []
    for target in targets:
        why_not = ""
        if "pip" in managers and target.python is None:
            why_not = "it has no Python, and pip packages are declared"
        elif managers == ("npm",) and target.node is None:
            why_not = "it has no Node, and nothing but npm packages is declared"
        limit = limit_of(target.limits)
        python = f"py {target.python.minor}" if target.python else ""
        node = f"node {target.node.version}" if target.node else ""
        if target.java and not node:
            node = f"java {target.java.version}"
        glibc = ".".join(map(str, target.glibc))
        assumed = [fact for fact, how in target.certainty.items() if how is Certainty.ASSUMED]
        style = "off" if why_not else "name"
        line = Line(
            (
                Span(f" {SIGNS.done if target.id == current else ' '} ", "good"),
                Span(f"{target.id:<24} ", style),
                Span(f"{target.arch:<8} ", "dim"),
                Span(f"{python:<8} {node:<8}", "off" if why_not else "text"),
            ),
            (Span(f"glibc {glibc} ", "dim"),),
            key=target.id,
        )
        parts = [target.title]
        if limit is not None:
            parts.append(f"{size(limit[0])} {limit[1]}")
        if assumed:
            parts.append(f"assumed: {', '.join(assumed)}")
        note = f" {SIGNS.dot} ".join(parts)
        options.append(Option(target.id, line, why_not, note))
    return options


def function_options(members: Iterable[Member], top: Path, current: Path) -> list[Option]:
    """The functions of a workspace: where they lie, for what, how large, how far."""
    every = list(members)
    options = []
    names = max((len(member.name) for member in every), default=0)
    targets = max((len(member.target) for member in every), default=0)
    states = max((len(STATES[member.state]) for member in every), default=0)
    for member in every:
        key = place(member, top)
        here = member.directory == current
        shown = "" if member.size is None else size(member.size)
        line = Line(
            (
                Span(f" {SIGNS.done if here else ' '} ", "good"),
                Span(f"{member.name:<{names}}  ", "off" if member.problem else "name"),
                Span(f"{member.target:<{targets}} ", "dim"),
            ),
            (Span(f"{shown:>8} {STATES[member.state]:<{states}} ", "dim"),),
            key=key,
        )
        declared = ", ".join(member.managers) or "nothing"
        parts = [key, f"declares {declared}"]
        if member.size is not None:
            parts.append(budget(member))
        note = f" {SIGNS.dot} ".join(parts)
        problem = member.problem.replace(f"{member.directory}/", "")
        options.append(Option(key, line, problem, note))
    return options


def pack_options(target: Target, archive: Path) -> list[Option]:
    """The ways to pack, and where the archives will lie."""
    about = {
        WAYS[0]: "everything in one zip",
        WAYS[1]: "everything in one zip, compressed anew: slow, a little smaller",
        WAYS[2]: "the code in a zip, the dependencies in layers",
        WAYS[3]: "code and layers, compressed anew: slow, a little smaller",
    }
    options = []
    for way in WAYS:
        layered = way.startswith("layers")
        why_not = f"{target.title} has no layers" if layered and not target.limits.layers else ""
        line = Line(
            (Span(f" {way:<16} ", "off" if why_not else "name"), Span(about[way], "dim")), key=way
        )
        beside = f" and {archive.stem}-layer-1.zip, ..." if layered else ""
        options.append(Option(way, line, why_not, f"{archive}{beside}"))
    return options
