"""`fctui lock`: write down exactly what a project resolves to, for its targets."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any

import click

from fctui.cli.options import as_json, directory, running
from fctui.cli.output import write_json, write_lines
from fctui.cli.run import with_workflow
from fctui.present.size import counted
from fctui.project.lock_file import LOCK_NAME
from fctui.workflow.lock import Locked, changed_files, for_targets, make_lock, write_lock
from fctui.workflow.workflow import Workflow


@click.command("lock")
@directory
@click.option(
    "--target",
    "targets",
    multiple=True,
    metavar="TARGET",
    help="A runtime; may be given several times. Else those of the settings and "
    "of the lock that is there.",
)
@click.option("--upgrade", is_flag=True, help="Replace an npm lock that still answers, too.")
@click.option("--check", is_flag=True, help="Write nothing; say whether the lock still answers.")
@click.option("--resolver", type=click.Choice(["uv", "pip"]), help="Who resolves pip.")
@running
@as_json
def command(
    directory: Path,
    targets: tuple[str, ...],
    *,
    check: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `running`
) -> None:
    """Write down exactly what the project resolves to: pylock.toml for pip, package-lock.json for
    npm, and fctui.lock for apt and Maven.

    Commit these files. fctui build --frozen installs what is in them, and nothing else. --check
    asks nobody, and exits with 1 where a file of the project has moved on.
    """
    chosen = {**options, "target": targets[0] if targets else None}
    if check:
        _check(directory, chosen, as_json=as_json)

    async def work(workflow: Workflow) -> tuple[Locked, list[str]]:
        locked = await make_lock(for_targets(workflow, targets))
        return locked, await asyncio.to_thread(write_lock, locked, workflow.project.root)

    _, (locked, written) = with_workflow(directory, chosen, work)
    if as_json:
        write_json(
            {
                "files": locked.names,
                "written": written,
                "targets": locked.packages,
                "dropped": locked.dropped,
            }
        )
        return
    lines = []
    for target, counts in locked.packages.items():
        told = (f"{manager} {counted(count, 'package')}" for manager, count in counts.items())
        lines.append(f"{target}  {', '.join(told)}")
    kept = sorted(set(locked.names) - set(written))
    lines += [f"{target}  not locked any more: name all targets" for target in locked.dropped]
    lines += [f"wrote {', '.join(written)}"] if written else []
    lines += [f"{', '.join(kept)} as before"] if kept else []
    write_lines([*lines, "fctui build --frozen installs exactly that"])


def _check(directory: Path, options: dict[str, Any], *, as_json: bool) -> None:
    """Whether the lock answers for the project's files."""

    async def work(workflow: Workflow) -> dict[str, str]:
        return dict(await asyncio.to_thread(changed_files, workflow.context))

    _, changed = with_workflow(directory, options, work)
    if as_json:
        write_json({"ok": not changed, "changed": changed})
    elif changed:
        write_lines([f"{path}: {how} since fctui lock" for path, how in changed.items()])
    else:
        write_lines([f"{LOCK_NAME} answers for the project"])
    raise click.exceptions.Exit(1 if changed else 0)
