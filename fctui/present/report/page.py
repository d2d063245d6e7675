"""The facts of a report as one HTML file that asks nobody for anything.

Everything goes through Jinja's escaping and loses its control characters: names of files and
packages, descriptions and messages come from outside.
"""

from __future__ import annotations

from collections.abc import Sequence
from importlib.resources import files

from jinja2 import Environment, StrictUndefined

from fctui import __version__
from fctui.present.report.facts import Facts
from fctui.present.report.picture import HEIGHT, WIDTH, Box
from fctui.tasks.text import clean

TEMPLATE = "page.html.jinja"


def page(facts: Facts, boxes: Sequence[Box], when: str = "") -> bytes:
    """The file, UTF-8. The same facts give the same bytes; `when` is a time as text, or ""."""
    source = files("fctui.present.report").joinpath(TEMPLATE).read_text(encoding="utf-8")
    environment = Environment(
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        finalize=_printable,
    )
    text = environment.from_string(source).render(
        facts=facts, boxes=boxes, width=WIDTH, height=HEIGHT, version=__version__, when=when
    )
    return text.encode("utf-8", "replace")  # a file name may be no UTF-8


def _printable(value: object) -> object:
    """Strings without what moves a cursor or turns a line; markup that we made passes."""
    if type(value) is str:
        return "\n".join(map(clean, value.split("\n")))
    return value
