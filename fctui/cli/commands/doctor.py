"""`fctui doctor`: which tools this host has."""

from __future__ import annotations

import asyncio

import click

from fctui.cli.options import as_json
from fctui.cli.output import write_json, write_lines
from fctui.cli.tools import Tool, find_tools


@click.command("doctor")
@as_json
def command(*, as_json: bool) -> None:
    """Which tools this host has and what each is for."""
    tools = asyncio.run(find_tools())
    if as_json:
        write_json({"tools": tools})
    else:
        write_lines(_text(tools))


def _text(tools: list[Tool]) -> list[str]:
    name = max(len(tool.name) for tool in tools)
    version = max(len(tool.version) for tool in tools)
    purpose = max(len(tool.purpose) for tool in tools)
    return [
        f"{'✔' if t.ok else '–'} {t.name:<{name}}  {t.version:<{version}}  {t.purpose:<{purpose}}  "
        + (t.path if t.ok else t.hint)
        for t in tools
    ]
