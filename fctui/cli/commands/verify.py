"""`fctui verify`: the proof that a bundle runs on its target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from fctui.archive.opened import packed_manifest
from fctui.bundle.manifest import read_manifest
from fctui.cli.options import as_json, bundle_or_archive, running, sandboxed
from fctui.cli.output import exit_code, write_json, write_lines
from fctui.cli.places import bundle_directory, bundle_target
from fctui.cli.run import run_workflow
from fctui.model.verification import Verification
from fctui.workflow.verify import verify, verify_archive
from fctui.workflow.workflow import Workflow


@click.command("verify")
@bundle_or_archive
@sandboxed
@click.option("--all", "every", is_flag=True, help="List what works as well.")
@running
@as_json
def command(
    bundle: Path | None,
    *,
    sandbox: str,
    env: dict[str, str],
    target: str | None,
    every: bool,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `running`
) -> None:
    """Import, load and start everything of a bundle in a stand-in for its target. Of an archive of
    fctui pack, with the layers beside it laid out in /opt.
    """
    packed = bundle is not None and bundle.is_file()
    place = bundle if bundle is not None and packed else bundle_directory(bundle)
    manifest = packed_manifest(place) if packed else read_manifest(place)
    chosen = {"target": bundle_target(target, manifest), "method": manifest.method, **options}

    async def work(workflow: Workflow) -> Verification:
        how = verify_archive if packed else verify
        return await how(workflow.context, place, sandbox=sandbox, env=env)

    _, found = run_workflow(Path(), chosen, work)
    if as_json:
        write_json(
            {
                "ok": found.ok,
                "sandbox": found.sandbox,
                "results": [_result(each) for each in found.results],
                "findings": found.findings,
                "notes": found.notes,
            }
        )
    else:
        write_lines(_text(found, every=every))
    raise click.exceptions.Exit(exit_code(found.findings) or (0 if found.ok else 1))


def _result(verdict: Any) -> dict[str, Any]:  # noqa: ANN401 - JSON
    import msgspec

    plain: dict[str, Any] = msgspec.to_builtins(verdict)
    return {
        "subject": plain.pop("subject"),
        "ok": verdict.ok,
        "message": plain.pop("message"),
    } | plain


def _text(found: Verification, *, every: bool) -> list[str]:
    from fctui.present.files import finding_lines
    from fctui.present.verification import verification_lines

    return [*finding_lines(found.findings), *verification_lines(found, every=every)]
