"""npm: packages by its own resolver and lock, files by their tarballs, laid out as npm would."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path

from fctui.managers.interface import Context
from fctui.managers.npm.layout import layout
from fctui.managers.npm.packages import MANAGER
from fctui.managers.npm.resolve import manifest_path, resolve
from fctui.managers.npm.scripts import script_findings
from fctui.managers.npm.sources import list_packages
from fctui.model.contents import Listing
from fctui.model.package import Resolution
from fctui.model.plan import Layout
from fctui.project.project import Project


class Npm:
    """The npm manager. No lifecycle script runs but those that `[npm] allow-scripts` names."""

    id = MANAGER

    def declared(self, project: Project) -> bool:
        """Whether there is a package.json."""
        return manifest_path(project) is not None

    async def resolve(self, context: Context) -> Resolution:
        """The exact packages for the target."""
        async with context.tasks.open(self.id, "resolve") as task:
            return await resolve(context, task)

    async def contents(
        self, context: Context, resolution: Resolution, ids: Sequence[str] | None = None
    ) -> Listing:
        """The files of the packages, from their tarballs: a registry has no listing to ask for."""
        async with context.tasks.open(self.id, "list files") as task:
            return await list_packages(context, resolution, ids, _directory(context.project), task)

    async def fetch(self, context: Context, resolution: Resolution) -> Listing:
        """Every tarball verified and unpacked in the store."""
        directory = _directory(context.project)
        async with context.tasks.open(self.id, "fetch") as task:
            return await list_packages(context, resolution, None, directory, task, verify=True)

    def layout(
        self,
        context: Context,
        resolution: Resolution,
        listing: Listing,
        method: str,  # noqa: ARG002 - a method is pip's
    ) -> Layout:
        """Where the files lie: `node_modules` beside the place of package.json."""
        prefix = os.path.relpath(_directory(context.project), context.project.root)
        code = context.settings.bundle.code
        laid = layout(resolution, listing, "" if prefix == "." else prefix, code=code)
        found = script_findings(resolution, listing, context.settings.npm.allow_scripts)
        return Layout(files=laid.files, findings=(*laid.findings, *found))


def _directory(project: Project) -> Path:
    path = manifest_path(project)
    return path.parent if path else project.root
