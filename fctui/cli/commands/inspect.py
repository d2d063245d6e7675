"""`fctui inspect`: what is in a bundle."""

from __future__ import annotations

from pathlib import Path

import click

from fctui.bundle.manifest import read_manifest
from fctui.cli.options import as_json, bundle
from fctui.cli.output import write_json, write_lines
from fctui.cli.places import bundle_directory
from fctui.present.files import by_category, by_manager, by_owner, file_json
from fctui.present.size import counted, human


@click.command("inspect")
@bundle
@click.option("--files", "show_files", is_flag=True, help="List every file.")
@as_json
def command(bundle: Path | None, *, show_files: bool, as_json: bool) -> None:
    """The files of a bundle with owner, category and size."""
    manifest = read_manifest(bundle_directory(bundle))
    if as_json:
        files = [file_json(f) | {"sha256": f.sha256, "link": f.link} for f in manifest.files]
        write_json({"files": files, "totals": manifest.totals})
        return
    totals = manifest.totals
    write_lines(
        [
            *(by_category(manifest.files) if show_files else by_owner(manifest.files, 30)),
            "",
            *by_manager(manifest.files),
            f"{'total':<8} {counted(totals.files, 'file'):>14}  {human(totals.size):>8}",
        ]
    )
