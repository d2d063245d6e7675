"""`fctui pack`: an archive of a bundle."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from fctui.archive.budget import over_budget
from fctui.archive.pack import Archive, Choices, Packed, archive_time, pack
from fctui.cli.options import as_json, bundle
from fctui.cli.output import exit_code, write_json, write_lines
from fctui.cli.places import bundle_directory
from fctui.cli.run import with_tasks
from fctui.model.errors import UsageError
from fctui.model.finding import Finding
from fctui.model.target import Target
from fctui.present.files import finding_lines
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

    async def work(tasks: Tasks) -> Packed:
        return await pack(where, written, store=default_store(), tasks=tasks, choices=choices)

    packed = with_tasks(work, quiet=quiet, verbose=verbose)
    findings = _findings(packed, target)
    if as_json:
        write_json({"archives": [_json(each) for each in packed.archives], "findings": findings})
    else:
        write_lines(_lines(packed, findings))
    raise click.exceptions.Exit(exit_code(findings))


def _findings(packed: Packed, named: str | None) -> tuple[Finding, ...]:
    """What exceeds the limits of the target, as far as it is known here."""
    target = _target(packed, named)
    if target is None:
        return ()
    return tuple(
        finding
        for archive in packed.archives
        for finding in over_budget(target, archive.path.name, archive.size, archive.unpacked)
    )


def _target(packed: Packed, named: str | None) -> Target | None:
    """The target of the bundle; None where that was a file of its own and is not named again."""
    if named is not None:
        return load_target(named)
    try:
        return load_target(packed.manifest.target)
    except UsageError:
        return None


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
        lines.append("  packed as it is now, not as it was built")
    return [*lines, *finding_lines(findings)]
