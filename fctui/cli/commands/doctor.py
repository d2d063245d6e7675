"""`fctui doctor`: which tools this host has."""

from __future__ import annotations

import click

from fctui.cli.options import as_json
from fctui.cli.output import write_json, write_lines
from fctui.cli.tools import find_tools


@click.command("doctor")
@as_json
def command(*, as_json: bool) -> None:
    """Which tools this host has and what each is for."""
    tools = find_tools()
    if as_json:
        write_json({"tools": tools})
        return
    width = max(len(tool.name) for tool in tools)
    version = max(len(tool.version) for tool in tools)
    write_lines(
        f"{'✔' if t.ok else '–'} {t.name:<{width}}  {t.version:<{version}}  {t.purpose}"
        + ("" if t.ok else f"  ({t.hint})")
        for t in tools
    )
