"""`fctui report`: what is in a bundle, as one HTML file."""

from __future__ import annotations

import asyncio
import datetime as dt
import hashlib
import os
from pathlib import Path
from typing import Any

import click
from msgspec import structs

from fctui.archive.choices import archive_time
from fctui.bundle.manifest import Manifest, project_name, read_manifest
from fctui.bundle.resolutions import resolutions_of
from fctui.cli.options import as_json, bundle, running
from fctui.cli.output import write_json, write_lines
from fctui.cli.places import bundle_directory, bundle_target
from fctui.cli.run import run_workflow
from fctui.model.errors import FctuiError, UsageError
from fctui.model.names import some
from fctui.present.explore import edits_text
from fctui.present.report.facts import Asked, facts_of
from fctui.workflow.workflow import Workflow

_NAMED = 12
# Edited files that are named.


@click.command("report")
@bundle
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, dir_okay=False),
    default="report.html",
    show_default=True,
    metavar="FILE.html",
    help="Where.",
)
@click.option("--verify", "verifying", is_flag=True, help="Try everything in the sandbox first.")
@click.option("--audit", "auditing", is_flag=True, help="Ask about known vulnerabilities.")
@click.option("--target", metavar="TARGET", help="Another runtime than it was built for.")
@running
@as_json
def command(
    bundle: Path | None,
    output: Path,
    *,
    verifying: bool,
    auditing: bool,
    target: str | None,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `running`
) -> None:
    """One HTML file for people who were not there: limits, findings, a map, tables, licences.

    It needs nothing beside it and has no time in it, unless SOURCE_DATE_EPOCH is set.
    """
    where = bundle_directory(bundle)
    manifest = read_manifest(where)
    chosen = {"target": bundle_target(target, manifest), "method": manifest.method, **options}

    async def work(workflow: Workflow) -> bytes:
        asked = await _ask(workflow, where, manifest, verifying=verifying, auditing=auditing)
        async with workflow.tasks.open("", "write the report"):
            return await asyncio.to_thread(_page, workflow, where, manifest, asked)

    _, data = run_workflow(Path(), chosen, work)
    try:
        output.write_bytes(data)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.") from error
    digest = hashlib.sha256(data).hexdigest()
    if as_json:
        write_json({"report": str(output), "size": len(data), "sha256": digest})
    else:
        write_lines([str(output)])


async def _ask(
    workflow: Workflow, bundle: Path, manifest: Manifest, *, verifying: bool, auditing: bool
) -> Asked:
    """What takes time. Where the check cannot be done, the findings of the build stand, and the
    report says so.
    """
    from fctui.workflow.audit import audit
    from fctui.workflow.check import check
    from fctui.workflow.known_methods import known_methods
    from fctui.workflow.verify import verify

    notes: tuple[str, ...] = ()
    try:
        findings = (await check(workflow.context, bundle)).findings
    except FctuiError as error:
        findings = manifest.findings
        notes = (f"The libraries were not checked against the target: {error.message}",)
    return Asked(
        findings=findings,
        verification=await verify(workflow.context, bundle) if verifying else None,
        audit=await audit(workflow.context, resolutions_of(manifest)) if auditing else None,
        methods=await known_methods(workflow, bundle, manifest),
        notes=notes,
    )


def _page(workflow: Workflow, bundle: Path, manifest: Manifest, asked: Asked) -> bytes:
    from fctui.explore.budget import Budget
    from fctui.explore.read import of_bundle
    from fctui.explore.zipped import zipped
    from fctui.present.report.page import page
    from fctui.present.report.picture import boxes
    from fctui.sbom.licences import licences

    catalog = of_bundle(bundle, now=True)
    packed = zipped(catalog, workflow.store)
    edits = catalog.about.edits
    if edits:
        named = some([edit.path for edit in edits], _NAMED)
        asked = structs.replace(asked, notes=(*asked.notes, f"{edits_text(edits)}: {named}"))
    facts = facts_of(
        project_name(manifest, bundle),
        manifest,
        catalog,
        workflow.target,
        Budget(catalog, workflow.target, packed).gauges(),
        packed,
        licences(bundle, manifest),
        asked,
    )
    return page(facts, boxes(catalog), _when())


def _when() -> str:
    if not os.environ.get("SOURCE_DATE_EPOCH"):
        return ""
    return dt.datetime.fromtimestamp(archive_time(), dt.UTC).strftime("%Y-%m-%d %H:%M UTC")
