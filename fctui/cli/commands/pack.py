"""`fctui pack`: an archive of a bundle, or one of its code and layers of its dependencies."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from fctui.archive.budget import over_budget
from fctui.archive.choices import Choices, archive_time
from fctui.archive.pack import Archive, Packed, pack
from fctui.bundle.manifest import read_manifest
from fctui.cli.options import as_json, bundle
from fctui.cli.output import exit_code, write_json, write_lines
from fctui.cli.places import bundle_directory
from fctui.cli.run import with_tasks
from fctui.model.errors import UsageError
from fctui.model.finding import Finding
from fctui.model.target import Target
from fctui.present.files import finding_lines
from fctui.present.fragments import S_YAML, TEMPLATE_YAML, fragment, usual_form
from fctui.present.size import counted, human
from fctui.store.store import default_store
from fctui.targets.load import load_target
from fctui.tasks.task import Tasks


@click.command("pack")
@bundle
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path),
    metavar="FILE.zip",
    help="Where; else beside the bundle, under its name.",
)
@click.option("--layers", is_flag=True, help="The dependencies as layers, the code by itself.")
@click.option(
    "--fragment",
    "form",
    type=click.Choice([S_YAML, TEMPLATE_YAML]),
    help="On stdout only what that file needs to say.",
)
@click.option("--smallest", is_flag=True, help="Compress everything anew: slow, a little smaller.")
@click.option("--edited", is_flag=True, help="Pack the bundle as it is, though it was edited.")
@click.option("--target", metavar="TARGET", help="Whose limits hold; else the bundle's target.")
@click.option("-q", "--quiet", is_flag=True, help="No progress on stderr.")
@click.option("-v", "--verbose", is_flag=True, help="Show what is done in full.")
@as_json
def command(
    bundle: Path | None,
    output: Path | None,
    *,
    layers: bool,
    form: str | None,
    smallest: bool,
    edited: bool,
    target: str | None,
    quiet: bool,
    verbose: bool,
    as_json: bool,
) -> None:
    """Write a bundle as a zip that depends on its files alone: the same on every machine.

    All entries have the time of SOURCE_DATE_EPOCH, or else the beginning of 1980.
    """
    where = bundle_directory(bundle)
    written = output or where.resolve().with_name(f"{where.resolve().name}.zip")
    choices = Choices(smallest=smallest, edited=edited, when=archive_time())
    needed = layers or form is not None
    runtime = _target(read_manifest(where).target, target, needed=needed)

    async def work(tasks: Tasks) -> Packed:
        store = default_store()
        if not layers or runtime is None:
            return await pack(where, written, store=store, tasks=tasks, choices=choices)
        from fctui.archive.pack_layers import pack_layers

        return await pack_layers(where, written, runtime, store=store, tasks=tasks, choices=choices)

    packed = with_tasks(work, quiet=quiet, verbose=verbose)
    findings = (*packed.findings, *_over(runtime, packed))
    text = _fragment(form, runtime, packed, asked=needed)
    if as_json:
        write_json(
            {
                "archives": [_json(each) for each in packed.archives],
                "environment": packed.manifest.environment,
                "findings": findings,
                **({"fragment": "\n".join([*text, ""])} if text else {}),
            }
        )
    elif form is not None:
        write_lines(text)
        write_lines(finding_lines(findings), sys.stderr)
    else:
        write_lines([*_lines(packed, findings), *(["", *text] if text else [])])
    raise click.exceptions.Exit(exit_code(findings))


def _target(of_bundle: str, named: str | None, *, needed: bool) -> Target | None:
    """The target of the bundle; None where that was a file of its own, is not named again, and
    can be done without.
    """
    if named is not None:
        target = load_target(named)
        if needed and target.id != of_bundle:
            raise UsageError(
                f"The bundle was built for {of_bundle}: its files and variables are those of that "
                f"target, not of {target.id}.",
                hint=f"Build it for {target.id}, then pack it.",
            )
        return target
    try:
        return load_target(of_bundle)
    except UsageError as error:
        if not needed:
            return None
        raise UsageError(
            f"The bundle's target {of_bundle} is not known here.",
            hint="Name its file with --target.",
        ) from error


def _over(target: Target | None, packed: Packed) -> tuple[Finding, ...]:
    return () if target is None else over_budget(target, packed.archives)


def _fragment(form: str | None, target: Target | None, packed: Packed, *, asked: bool) -> list[str]:
    if target is None or not asked:
        return []
    paths = [archive.path for archive in packed.archives]
    return fragment(form or usual_form(target), target, paths, packed.manifest.environment)


def _json(archive: Archive) -> dict[str, object]:
    return {
        "path": str(archive.path),
        "size": archive.size,
        "sha256": archive.sha256,
        "files": archive.files,
        "unpacked": archive.unpacked,
    }


def _lines(packed: Packed, findings: Sequence[Finding]) -> list[str]:
    """What was written, what it is, and what is wrong with it."""
    lines = []
    for archive in packed.archives:
        lines += [
            f"{archive.path}  {human(archive.size)}",
            f"  {counted(archive.files, 'file')}, {human(archive.unpacked)} unpacked",
            f"  sha256 {archive.sha256}",
        ]
    if packed.edits:
        lines.append("packed as the bundle is now, not as it was built")
    return [*lines, *finding_lines(findings)]
