"""`fctui audit`: what is publicly known against the packages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fctui.bundle.manifest import MANIFEST_PATH, read_manifest
from fctui.bundle.resolutions import resolutions_of
from fctui.cli.options import as_json, directory, resolving
from fctui.cli.output import write_json, write_lines
from fctui.cli.places import bundle_target
from fctui.cli.run import resolve_all, run_workflow, with_workflow
from fctui.model.advisory import Audit, Severity, at_least
from fctui.present.audit import audit_json, audit_lines
from fctui.workflow.audit import audit
from fctui.workflow.workflow import Workflow

NEVER = "never"
LEVELS = [Severity.CRITICAL, Severity.HIGH, Severity.MODERATE, Severity.LOW, Severity.INFO]


@click.command("audit")
@directory
@click.option(
    "--fail-on",
    type=click.Choice([*(str(level) for level in LEVELS), NEVER]),
    default=str(Severity.INFO),
    show_default=True,
    help="Exit with 1 from this severity on; an unknown one counts as any.",
)
@resolving
@as_json
def command(
    directory: Path,
    *,
    fail_on: str,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `resolving`
) -> None:
    """Known vulnerabilities of what a project resolves to, or of what is in a bundle.

    Asked are the configured pip index, the npm registries, and the suite's security archive; whom
    nobody can be asked about is said. [[audit.ignore]] in the settings, with id and reason, takes
    one out.
    """
    if (directory / MANIFEST_PATH).is_file():
        found = _of_bundle(directory, options)
    else:
        _, found = with_workflow(directory, options, _of_project)
    if as_json:
        write_json(audit_json(found))
    else:
        write_lines(audit_lines(found))
    bad = fail_on != NEVER and any(at_least(v, Severity(fail_on)) for v in found.vulnerabilities)
    raise click.exceptions.Exit(1 if bad else 0)


async def _of_project(workflow: Workflow) -> Audit:
    failure = await resolve_all(workflow)
    if failure is not None:
        raise failure
    return await audit(workflow.context, workflow.resolutions)


def _of_bundle(bundle: Path, options: dict[str, Any]) -> Audit:
    """Settings and indexes are those of the current directory, the target is the bundle's own."""
    manifest = read_manifest(bundle)
    chosen = {**options, "target": bundle_target(options.get("target"), manifest)}

    async def work(workflow: Workflow) -> Audit:
        return await audit(workflow.context, resolutions_of(manifest))

    _, found = run_workflow(Path(), chosen, work)
    return found
