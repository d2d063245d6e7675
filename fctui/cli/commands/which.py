"""`fctui which`: who brings an import name or a path, and where it lies under each method."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import click

from fctui.cli.options import as_json, directory, only_manager, resolving
from fctui.cli.output import write_json, write_lines
from fctui.cli.run import for_each_manager, raise_after_others, with_workflow
from fctui.model.errors import FctuiError, UsageError
from fctui.present.trace import found_line, trace_lines
from fctui.tasks.text import clean
from fctui.workflow.trace import trace
from fctui.workflow.which import Finder, Found, finder_of
from fctui.workflow.workflow import Workflow

_TRACED = 3
# So many answers are told in full; of more there is a line each.


@click.command("which")
@click.argument("name", metavar="NAME|PATH")
@directory
@only_manager
@resolving
@as_json
def command(
    name: str,
    directory: Path,
    manager: str | None,
    *,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `resolving`
) -> None:
    """Which package brings NAME, an import name, or PATH in the bundle; where the file comes from,
    where it lies under each pip method, and how it is found there.
    """
    if not name.strip():
        raise UsageError("No name was given.", hint="Name a module, a file or a package.")

    async def work(workflow: Workflow) -> tuple[Finder, FctuiError | None]:
        failure = await for_each_manager(workflow, workflow.contents, manager)
        plan = workflow.planned() if manager is None and failure is None else None
        return finder_of(workflow, plan), failure

    workflow, (finder, failure) = with_workflow(directory, options, work)
    found = [answer for answer in finder.find(name) if answer.whole]
    if failure is not None and not found:
        raise_after_others(workflow, failure)
    if not found:
        raise _not_taken(name, workflow) or _nothing(name, finder)
    if as_json:
        write_json({"query": name, "found": [_json(workflow, answer) for answer in found]})
        return
    lines: list[str] = []
    for answer in found:
        lines.append(found_line(answer))
        if len(found) <= _TRACED:
            lines += [f"  {line}" for line in trace_lines(trace(workflow, answer.file))]
    write_lines(lines)


def _not_taken(name: str, workflow: Workflow) -> UsageError | None:
    """The error for a file of the project that its bundle does not have."""
    from fctui.bundle.code import why_not_there

    root = workflow.project.root
    path = os.path.relpath(os.path.normpath(name), root) if os.path.isabs(name) else name
    reason = why_not_there(workflow.project, workflow.output, os.path.normpath(path))
    if not reason:
        return None
    return UsageError(
        f"{clean(name)} of the project is not in the bundle: {clean(reason)}.",
        hint="fctui plan --files lists what is.",
    )


def _nothing(name: str, finder: Finder) -> UsageError:
    import sys

    if name.partition(".")[0] in sys.stdlib_module_names:
        return UsageError(
            f"No package brings {clean(name)}.", hint="It is a part of Python itself."
        )
    near = finder.near(name)
    hint = f"Did you mean {', '.join(map(clean, near))}?" if near else "fctui plan lists all files."
    return UsageError(f"No package brings {clean(name)}.", hint=hint)


def _json(workflow: Workflow, found: Found) -> dict[str, Any]:
    import msgspec

    traced: dict[str, Any] = msgspec.to_builtins(trace(workflow, found.file))
    return {
        "what": found.what,
        "name": found.name,
        "manager": found.manager,
        "package": found.package,
        "files": found.files,
        "size": found.size,
        "trace": traced,
    }
