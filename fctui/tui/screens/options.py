"""What can be chosen: targets, and why some of them cannot."""

from __future__ import annotations

from collections.abc import Iterable

from msgspec import Struct

from fctui.model.target import Certainty, Target
from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.sizes import size
from fctui.tui.lines.title import limit_of
from fctui.tui.signs import SIGNS


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
