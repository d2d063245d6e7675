"""npm: packages by its own resolver and lock, files by their tarballs, laid out as npm would."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fctui.managers.interface import Context
from fctui.model.advisory import Told
from fctui.model.contents import Listing
from fctui.model.lock import Pinned, Pins, Statement
from fctui.model.outdated import Sizes
from fctui.model.package import Package, Resolution
from fctui.model.plan import Layout
from fctui.project.project import Project


class Npm:
    """The npm manager. No lifecycle script runs but those that `[npm] allow-scripts` names."""

    id = "npm"

    def declared(self, project: Project) -> bool:
        """Whether there is a package.json."""
        return any(file.kind == "package.json" for file in project.of(self.id))

    async def resolve(self, context: Context) -> Resolution:
        """The exact packages for the target."""
        from fctui.managers.npm.remembered import enrich
        from fctui.managers.npm.resolve import resolve

        async with context.tasks.open(self.id, "resolve") as task:
            return enrich(context, await resolve(context, task))

    async def contents(
        self, context: Context, resolution: Resolution, ids: Sequence[str] | None = None
    ) -> Listing:
        """The files of the packages, from their tarballs: a registry has no listing to ask for."""
        from fctui.managers.npm.listing import list_packages

        return await list_packages(context, resolution, ids)

    async def fetch(self, context: Context, resolution: Resolution) -> Listing:
        """Every tarball verified and unpacked in the store, allowed install scripts run."""
        from fctui.managers.npm.listing import fetch_packages

        return await fetch_packages(context, resolution)

    def layout(
        self,
        context: Context,
        resolution: Resolution,
        listing: Listing,
        method: str,  # noqa: ARG002 - a method is pip's
    ) -> Layout:
        """Where the files lie: `node_modules` beside the place of package.json."""
        from fctui.managers.npm.listing import lay_out

        return lay_out(context, resolution, listing)

    async def advisories(self, context: Context, resolution: Resolution) -> Told:
        """What the registries know against the packages."""
        from fctui.managers.npm.advisories import advisories

        return await advisories(context, resolution)

    def statements(self, context: Context) -> Iterable[Statement]:
        """What each package.json asks for."""
        from fctui.managers.npm.pin import statements

        return statements(context)

    async def pin(self, made: Sequence[tuple[Context, Resolution]]) -> Pins:
        """In npm's own lock."""
        from fctui.managers.npm.pin import pin

        return await pin(made)

    async def pinned(self, context: Context, pin: Pinned) -> Resolution:
        """What is locked, for the target."""
        from fctui.managers.npm.pin import pinned

        return await pinned(context, pin)

    async def newest(self, context: Context, resolution: Resolution) -> Mapping[str, str]:
        """What the registry's tag latest is."""
        from fctui.managers.npm.newest import newest

        return await newest(context, resolution)

    async def sizes(
        self, context: Context, packages: Iterable[Package]
    ) -> Mapping[tuple[str, str], Sizes]:
        """What the registry says that a version's files take, or else how large its tarball is."""
        from fctui.managers.npm.sizes import sizes

        return await sizes(context, packages)
