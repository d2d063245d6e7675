"""`fctui init`: what other tools' files say, taken into the project's own."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import click

from fctui.cli.options import as_json, directory
from fctui.cli.output import write_json, write_lines
from fctui.model.errors import UsageError
from fctui.present.imports import proposal_lines
from fctui.present.size import counted
from fctui.project.edit_file import Edit
from fctui.project.imports.propose import Proposal, propose
from fctui.project.imports.read import read_imports
from fctui.project.project import load_project


@click.command("init")
@directory
@click.option("--target", metavar="TARGET", default="", help="The runtime; see fctui targets.")
@click.option("-y", "--yes", is_flag=True, help="Write without asking.")
@click.option("-n", "--dry-run", is_flag=True, help="Write nothing; say what would be written.")
@as_json
def command(directory: Path, target: str, *, yes: bool, dry_run: bool, as_json: bool) -> None:
    """Take what other tools' files say of a function into its own: requirements.txt, apt.txt,
    package.json and fctui.toml.

    Read are Funfile, fun.yml, template.yml (funcraft, SAM), s.yaml, serverless.yml, Aptfile,
    apt-get.list, Pipfile.lock, poetry.lock, uv.lock, environment.yml and Dockerfile. For each
    line it says where it went, or why it was left. Nothing in the files read is run; what the
    project's own files say already stays.
    """
    if target:
        from fctui.targets.load import load_target

        load_target(target)
    proposals = list(_proposals(directory, target))
    edits = [edit for proposal in proposals for edit in proposal.edits]
    wanted = _may_write(proposals, edits, directory, yes=yes, dry_run=dry_run, as_json=as_json)
    written = _apply(edits) if wanted else []
    if as_json:
        write_json(_document(proposals, written, directory))
    elif written:
        write_lines([f"wrote {', '.join(_shown(path, directory) for path in written)}"])
    if edits and not wanted and not dry_run:
        raise UsageError(
            "Nothing was written: there is no terminal to ask on.",
            hint="--yes writes without asking, --dry-run only says what would be written.",
        )


def _proposals(directory: Path, target: str) -> Iterator[Proposal]:
    """Those that say something. A project without anything of other tools gets its settings."""
    imports = read_imports(directory)
    for at, imported in enumerate(imports):
        plain = at == 0 and len(imports) == 1
        if imported.said or plain or imported.name:
            settled = target
            if plain and not (target or imported.target):
                settled = _default_target(imported.directory)
            yield propose(imported, target=settled)


def _default_target(directory: Path) -> str:
    """The target that holds where none is named, to be written down; "" where one is."""
    project = load_project(directory)
    declares = any(file.used for file in project.files)
    return "" if project.settings_file or not declares else str(project.settings.target)


def _may_write(
    proposals: Sequence[Proposal],
    edits: Sequence[Edit],
    directory: Path,
    *,
    yes: bool,
    dry_run: bool,
    as_json: bool,
) -> bool:
    """Show what would be done, then ask on a terminal."""
    if not as_json:
        for proposal in proposals:
            write_lines(proposal_lines(proposal, directory))
        if not edits:
            found = any(proposal.said for proposal in proposals)
            said = "there is nothing to write" if found else "there is nothing to import here"
            write_lines([said])
    if dry_run or not edits or yes:
        return bool(edits) and not dry_run
    if as_json or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return False
    files = counted(len(edits), "file")
    click.confirm(f"Write {files}?", default=True, abort=True, err=True)
    return True


def _apply(edits: Sequence[Edit]) -> list[Path]:
    """All files or none: where one cannot be written, those before it are put back."""
    done: list[Edit] = []
    try:
        for edit in edits:
            edit.apply()
            done.append(edit)
    except BaseException:
        for edit in reversed(done):
            edit.undo()
        raise
    return [edit.path for edit in edits]


def _document(proposals: Sequence[Proposal], written: Sequence[Path], root: Path) -> Any:  # noqa: ANN401 - JSON
    return {
        "functions": [
            {
                "name": proposal.name,
                "directory": _shown(proposal.directory, root),
                "target": proposal.target or None,
                "taken": [
                    {"file": _shown(s.place.path, root), "line": s.place.line, "text": s.text}
                    | {"into": s.into}
                    for s in proposal.said
                    if not s.reason
                ],
                "left": [
                    {"file": _shown(s.place.path, root), "line": s.place.line, "text": s.text}
                    | {"reason": s.reason}
                    for s in proposal.left
                ],
                "files": [
                    {"path": _shown(e.path, root), "new": e.before is None, "diff": list(e.diff)}
                    for e in proposal.edits
                ],
            }
            for proposal in proposals
        ],
        "written": [_shown(path, root) for path in written],
    }


def _shown(path: Path, root: Path) -> str:
    return os.path.relpath(path, root.resolve())
