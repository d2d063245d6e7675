"""A file's way and the answers to `which`, as text."""

from __future__ import annotations

from collections.abc import Iterator

from fctui.present.size import counted, human
from fctui.tasks.text import clean
from fctui.workflow.trace import Trace
from fctui.workflow.which import Found


def found_line(found: Found) -> str:
    """One answer in a line: `import yaml  PyYAML (pip)  17 files  0.8 M`."""
    kind = {"module": "import", "package": "import", "namespace": "a part of"}.get(
        found.what, found.what
    )
    size = f"{counted(found.files, 'file')}, {human(found.size)}"
    return f"{kind} {clean(found.name)}  {clean(found.package)} ({found.manager})  {size}"


def trace_lines(trace: Trace) -> list[str]:
    """All that is known of a file: where it is from, then its place under each method."""
    lines = [f"{label:<15} {clean(text)}" for label, text in facts(trace)]
    for place in trace.places:
        lines.append(f"{place.method or 'place':<15} {clean(place.path)}")
        lines.append(f"{'':<15} {clean(place.found)}")
    return lines


def facts(trace: Trace) -> Iterator[tuple[str, str]]:
    """(label, text): the file, its package, its artifact, its category, its import name."""
    yield "file", trace.path
    yield "brought by", f"{trace.name} {trace.version}".strip() + _of(trace.manager)
    if trace.artifact:
        member = f": {trace.member}" if trace.member else ""
        yield "artifact", f"{trace.artifact}{member}"
    yield "origin", trace.origin
    kind = f"{trace.category}, a shared library" if trace.shared_library else str(trace.category)
    yield "category", f"{kind}, {trace.size:,} bytes"
    if trace.module:
        yield "import", trace.module


def _of(manager: str) -> str:
    return f" ({manager})" if manager and manager != "project" else ""
