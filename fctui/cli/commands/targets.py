"""`fctui targets`: the runtimes."""

from __future__ import annotations

import click

from fctui.cli.options import as_json
from fctui.cli.output import write_json, write_lines
from fctui.model.target import Target
from fctui.targets.load import list_targets


@click.command("targets")
@as_json
def command(*, as_json: bool) -> None:
    """The runtimes that bundles are made for."""
    targets = list_targets()
    if as_json:
        write_json({"targets": targets})
        return
    rows = [_row(target) for target in targets]
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    write_lines("  ".join(c.ljust(w) for c, w in zip(row, widths, strict=True)) for row in rows)


def _row(target: Target) -> tuple[str, ...]:
    languages = [
        f"{name} {interpreter.version}"
        for name, interpreter in (
            ("Python", target.python),
            ("Node", target.node),
            ("Java", target.java),
        )
        if interpreter
    ]
    glibc = ".".join(map(str, target.glibc))
    return target.id, target.title, target.arch, f"glibc {glibc}", ", ".join(languages)
