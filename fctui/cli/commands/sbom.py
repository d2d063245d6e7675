"""`fctui sbom`: a bill of what is in a bundle."""

from __future__ import annotations

import os
from pathlib import Path

import click

from fctui.archive.choices import archive_time
from fctui.bundle.manifest import Manifest, project_name, read_manifest
from fctui.cli.options import as_json, bundle
from fctui.cli.output import write_lines
from fctui.cli.places import bundle_directory
from fctui.model.errors import UsageError
from fctui.model.target import Target
from fctui.targets.load import load_target


@click.command("sbom")
@bundle
@click.option(
    "-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="A file, not stdout."
)
@as_json
def command(bundle: Path | None, output: Path | None, *, as_json: bool) -> None:  # noqa: ARG001 - it always is JSON
    """The packages of a bundle as CycloneDX 1.6, JSON: purls, hashes, licences, what needs what.

    The same bundle gives the same bill; it has a time where SOURCE_DATE_EPOCH is set.
    """
    from fctui.sbom.cyclonedx import bill_of_materials
    from fctui.sbom.licences import licences

    where = bundle_directory(bundle)
    manifest = read_manifest(where)
    when = archive_time() if os.environ.get("SOURCE_DATE_EPOCH") else None
    name = project_name(manifest, where)
    text = bill_of_materials(name, manifest, licences(where, manifest), _target(manifest), when)
    if output is None:
        write_lines(text.splitlines())
        return
    try:
        output.write_text(text, encoding="utf-8")
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}.") from error


def _target(manifest: Manifest) -> Target | None:
    """None for a target in a file of its own, whose place a bundle does not tell."""
    try:
        return load_target(manifest.target)
    except UsageError:
        return None
