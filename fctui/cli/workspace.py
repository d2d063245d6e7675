"""Building all functions of a workspace from the command line."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fctui.cli.output import exit_code, write_error, write_json, write_lines
from fctui.cli.run import with_tasks
from fctui.model.errors import FctuiError, UsageError
from fctui.present.size import counted, duration, human
from fctui.present.workspace import columns, facts
from fctui.tasks.text import clean
from fctui.workflow.workspace import Member, find_members

if TYPE_CHECKING:
    from fctui.tasks.task import Tasks
    from fctui.workflow.build_all import Outcome


def members_of(directory: Path) -> tuple[Member, ...]:
    """The functions of a workspace; UsageError where there are none."""
    members = find_members(directory)
    if members:
        return members
    raise UsageError(
        f"There are no functions below {directory.resolve()}.",
        hint="A function is a directory with dependency files or a fctui.toml.",
    )


def build_workspace(directory: Path, options: dict[str, Any], *, as_json: bool) -> int:
    """Build every function, tell what came of each, and return the worst of their exit codes."""
    from fctui.workflow.build_all import build_all

    members = members_of(directory)
    quiet, verbose = options.pop("quiet", False), options.pop("verbose", False)

    async def work(tasks: Tasks) -> list[Outcome]:
        return await build_all(members, reporter=tasks.reporter, **options)

    outcomes = with_tasks(work, quiet=quiet, verbose=verbose)
    if as_json:
        write_json({"functions": [_told(outcome, directory) for outcome in outcomes]})
    else:
        write_lines(columns([_row(outcome) for outcome in outcomes]))
    for outcome in outcomes:
        for error in outcome.errors:
            message = f"{outcome.member.name}: {error.message}"
            write_error(FctuiError(message, hint=error.hint))
    return max(map(_status, outcomes))


def _status(outcome: Outcome) -> int:
    codes = [error.exit_code for error in outcome.errors]
    return max([*codes, exit_code(outcome.built.findings) if outcome.built else 0])


def _row(outcome: Outcome) -> Sequence[str]:
    built = outcome.built
    name, target = outcome.member.name, outcome.member.target
    if built is None:
        return name, target, "failed", "", "", ""
    did = "as it was" if built.unchanged else f"made in {duration(built.seconds)}"
    wrong = sum(finding.breaks for finding in built.findings)
    said = f"{counted(wrong, 'finding')} that will break it" if wrong else ""
    return name, target, did, counted(built.files, "file"), human(built.size), said


def _told(outcome: Outcome, root: Path) -> dict[str, Any]:
    told = facts(outcome.member, root)
    built = outcome.built
    if built is not None:
        return told | {
            "bundle": str(built.bundle),
            "files": built.files,
            "size": built.size,
            "seconds": round(built.seconds, 3),
            "findings": built.findings,
            "unchanged": built.unchanged,
        }
    errors = [
        {"message": clean(e.message), "hint": clean(e.hint), "exit_code": e.exit_code}
        for e in outcome.errors
    ]
    return told | {"errors": errors}
