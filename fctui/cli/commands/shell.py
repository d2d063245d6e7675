"""`fctui shell`: a shell in the sandbox of the target, with the bundle as the function sees it."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from fctui.bundle.manifest import read_manifest
from fctui.cli.options import bundle, running, sandboxed
from fctui.cli.output import write_lines
from fctui.cli.places import bundle_directory, bundle_target
from fctui.cli.run import run_workflow
from fctui.model.errors import UsageError
from fctui.sandbox.terminal import attend, is_terminal
from fctui.workflow.shell import Shell, Wish, open_shell
from fctui.workflow.workflow import Workflow

_SHOWN = 10
# Packages and files that are named of a difference.


@click.command("shell")
@bundle
@click.option("-c", "script", metavar="COMMAND", help="Run this instead, and end.")
@sandboxed
@click.option("--writable", is_flag=True, help="Let the bundle be written to, as a copy.")
@click.option("--network", is_flag=True, help="With the network, which functions' trials have not.")
@click.option("--take", is_flag=True, help="Declare what was installed by hand, unasked.")
@click.option(
    "--project",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    default=".",
    metavar="DIR",
    help="Whose files what was installed is declared in; else the current directory.",
)
@running
def command(
    bundle: Path | None,
    *,
    script: str | None,
    env: dict[str, str],
    sandbox: str,
    target: str | None,
    writable: bool,
    network: bool,
    take: bool,
    project: Path,
    **options: Any,  # noqa: ANN401 - those of `running`
) -> None:
    """Look around in a stand-in for the target, with the bundle at its place.

    With --writable it can be changed, on a copy: `pip install -t . NAME` and `npm install NAME`
    work with --network. In the end this shows what is different, and can declare it in the
    project's own files. The exit code is the shell's.
    """
    if take and not writable:
        raise UsageError("--take is for --writable: nothing else can be changed.")
    place = bundle_directory(bundle)
    manifest = read_manifest(place)
    chosen = {"target": bundle_target(target, manifest), "method": manifest.method, **options}
    wish = Wish(sandbox, env, script, writable, network, is_terminal())

    async def work(workflow: Workflow) -> Shell:
        return await open_shell(workflow.context, place, wish)

    workflow, shell = run_workflow(project, chosen, work)
    try:
        if wish.terminal and script is None:
            write_lines([f"{shell.title}. exit ends it.", *shell.notes], sys.stderr)
        status = attend(shell.command.argv, private=shell.private)
        if writable:
            _tell(shell, place, project, take=take)
    finally:
        workflow.store.workspace.clear(shell.room)
    raise click.exceptions.Exit(status)


def _tell(shell: Shell, place: Path, project: Path, *, take: bool) -> None:
    """The difference on stderr, for stdout is the shell's; then what can be declared."""
    from fctui.present.explore import difference_lines
    from fctui.workflow.shell_changes import changes, requirements
    from fctui.workflow.shell_changes import take as declare

    found = changes(shell, place)
    if not found.files:
        write_lines(["Nothing was changed."], sys.stderr)
        return
    write_lines(difference_lines(found, _SHOWN), sys.stderr)
    wanted = requirements(shell, found)
    if not wanted:
        write_lines(["No package is among it that could be declared."], sys.stderr)
        return
    named = [f"{each.manager} {each.package}" for each in wanted]
    write_lines([f"To be declared in {project}: {', '.join(named)}"], sys.stderr)
    if not take and not (is_terminal() and click.confirm("Declare them?", err=True)):
        write_lines(["Nothing was declared; --take does it unasked."], sys.stderr)
        return
    made, refused = declare(project, wanted)
    write_lines([*(edit.summary for edit in made), *refused], sys.stderr)
    if made:
        write_lines(["fctui build makes the bundle with them."], sys.stderr)
