"""`fctui tree`: transitive trees."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fctui.cli.options import as_json, directory, only_manager, resolving
from fctui.cli.output import columns, exit_code, write_json, write_lines
from fctui.cli.run import raise_after_others, resolve_all, with_workflow
from fctui.model.finding import Finding
from fctui.model.package import Package, Resolution
from fctui.workflow.workflow import Workflow


@click.command("tree")
@directory
@only_manager
@click.option(
    "--depth", type=click.IntRange(0), help="How deep the text goes; 0 shows what is declared."
)
@click.option("--no-sizes", is_flag=True, help="Do not ask for sizes that are not known yet.")
@resolving
@as_json
def command(
    directory: Path,
    manager: str | None,
    depth: int | None,
    *,
    no_sizes: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `resolving`
) -> None:
    """What brings what, with sizes, for each package manager."""

    async def work(workflow: Workflow) -> None:
        await resolve_all(workflow, manager, sizes=not no_sizes)

    workflow, _ = with_workflow(directory, options, work)
    resolutions = _in_order(workflow)
    findings = [f for r in resolutions.values() for f in r.findings]
    if as_json:
        managers = {name: _json(workflow, resolution) for name, resolution in resolutions.items()}
        failed = {name: error.message for name, error in workflow.failures.items()}
        failures = {"failures": failed} if failed else {}
        write_json({"target": workflow.target.id, "managers": managers, **failures})
    else:
        write_lines(_text(workflow, depth, findings))
    for failure in workflow.failures.values():
        raise_after_others(workflow, failure)
    raise click.exceptions.Exit(exit_code(findings))


def _in_order(workflow: Workflow) -> dict[str, Resolution]:
    """As the screen has them, not as their answers came."""
    known = workflow.resolutions
    return {name: known[name] for name in workflow.managers if name in known}


def _text(workflow: Workflow, depth: int | None, findings: list[Finding]) -> list[str]:
    from fctui.present.files import finding_lines
    from fctui.present.size import counted, human
    from fctui.present.tree import tree_lines

    lines = [f"{workflow.project.name} → {workflow.target.title}"]
    for name, resolution in _in_order(workflow).items():
        sizes = workflow.sizes(name)
        known = sizes or not resolution.packages
        total = human(sum(sizes.values())) if known else "size not known yet"
        by = f"  by {resolution.resolver}" if resolution.resolver else ""
        lines += ["", f"{name}  {counted(len(resolution.packages), 'package')}  {total}{by}"]
        lines += tree_lines(resolution, sizes, depth, columns())
    return [*lines, *([""] if findings else []), *finding_lines(findings)]


def _json(workflow: Workflow, resolution: Resolution) -> dict[str, Any]:
    sizes = workflow.sizes(resolution.manager)
    resolver = {"resolver": resolution.resolver} if resolution.resolver else {}
    return {
        **resolver,
        "roots": list(dict.fromkeys(root.id for root in resolution.roots)),
        "packages": {
            package.id: _package_json(package, sizes.get(package.id))
            for package in resolution.packages.values()
        },
    }


def _package_json(package: Package, size: int | None) -> dict[str, Any]:
    made: dict[str, Any] = {
        "name": package.name,
        "version": package.version,
        "requires": list(package.requires),
        "artifact": None,
        "installed_size": size,
    }
    if package.artifact is not None:
        made["artifact"] = {
            "filename": package.artifact.filename,
            "url": package.artifact.url,
            "size": package.artifact.size,
            "sha256": package.artifact.sha256 or None,
            "digest": package.artifact.digest,
        }
    if package.note:
        made["note"] = package.note
    if package.needs_build:
        made["needs_build"] = True
    return made
