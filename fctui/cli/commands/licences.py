"""`fctui licences`: under which licences a bundle's packages are."""

from __future__ import annotations

from pathlib import Path

import click

from fctui.bundle.manifest import read_manifest
from fctui.cli.options import as_json, bundle
from fctui.cli.output import write_json, write_lines
from fctui.cli.places import bundle_directory
from fctui.present.licences import licence_lines


@click.command("licences")
@bundle
@as_json
def command(bundle: Path | None, *, as_json: bool) -> None:
    """The licence that each package of a bundle states, and the file that states it."""
    from fctui.sbom.licences import licences, table

    where = bundle_directory(bundle)
    manifest = read_manifest(where)
    found = licences(where, manifest)
    rows = table(manifest, found)
    if not as_json:
        write_lines(licence_lines((text, o.manager, o.name, o.version) for text, o in rows))
        return
    packages = []
    for _, origin in rows:
        licence = found[origin.manager, origin.id]
        packages.append(
            {
                "manager": origin.manager,
                "id": origin.id,
                "name": origin.name,
                "version": origin.version,
                "expression": licence.expression,
                "names": licence.names,
                "source": licence.source,
            }
        )
    write_json({"packages": packages})
