"""pip: Python packages resolved for the target, listed from their wheels, laid out by a method."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fctui.managers.interface import Context
from fctui.model.advisory import Told
from fctui.model.contents import Contents, Listing
from fctui.model.lock import Pinned, Pins, Statement
from fctui.model.outdated import Sizes
from fctui.model.package import Package, Resolution
from fctui.model.plan import Layout
from fctui.project.project import Project


class Pip:
    """The pip manager. Whichever engine resolves, nothing is ever installed to find out."""

    id = "pip"

    def declared(self, project: Project) -> bool:
        """Whether there is a requirements file, or a pyproject.toml with dependencies."""
        return bool(project.of(self.id))

    async def resolve(self, context: Context) -> Resolution:
        """The exact packages for the target."""
        from fctui.managers.pip.resolve import resolve

        return await resolve(context)

    async def contents(
        self, context: Context, resolution: Resolution, ids: Sequence[str] | None = None
    ) -> Listing:
        """The files of the packages: from the store, by ranges, by downloads, in this order."""
        from fctui.managers.pip.listing import list_contents
        from fctui.managers.pip.resolve import declaration_of

        listing = await list_contents(context, declaration_of(context).config, resolution, ids)
        if ids is not None:
            return listing
        from fctui.managers.pip.bytecode import with_bytecode
        from fctui.managers.pip.seeds import with_seeds

        listing = await with_seeds(context, resolution, listing)
        return await with_bytecode(context, listing, make=False)

    async def fetch(self, context: Context, resolution: Resolution) -> Listing:
        """Every wheel verified and unpacked in the store, every source built."""
        from fctui.managers.pip.bytecode import with_bytecode
        from fctui.managers.pip.listing import fetch_all
        from fctui.managers.pip.resolve import declaration_of
        from fctui.managers.pip.seeds import with_seeds

        listing = await fetch_all(context, declaration_of(context).config, resolution)
        listing = await with_seeds(context, resolution, listing)
        return await with_bytecode(context, listing, make=True)

    def layout(
        self, context: Context, resolution: Resolution, listing: Listing, method: str
    ) -> Layout:
        """Where each file lies in the bundle."""
        from fctui.managers.pip.layout import layout

        return layout(context, resolution, listing, method)

    def describe(self, contents: Contents) -> tuple[str, str]:
        """(summary, licence) of a listed package."""
        from fctui.managers.pip.wheel import describe

        return describe(contents)

    async def advisories(self, context: Context, resolution: Resolution) -> Told:
        """What the index knows against the packages."""
        from fctui.managers.pip.advisories import advisories

        return await advisories(context, resolution)

    def statements(self, context: Context) -> Iterable[Statement]:
        """The project's requirements, by file."""
        from fctui.managers.pip.pin import statements

        return statements(context)

    async def pin(self, made: Sequence[tuple[Context, Resolution]]) -> Pins:
        """In pylock.toml."""
        from fctui.managers.pip.pin import pin

        return await pin(made)

    async def pinned(self, context: Context, pin: Pinned) -> Resolution:
        """What is locked, for the target."""
        from fctui.managers.pip.pin import pinned

        return await pinned(context, pin)

    async def newest(self, context: Context, resolution: Resolution) -> Mapping[str, str]:
        """As the index has it, pre-releases left out."""
        from fctui.managers.pip.newest import newest

        return await newest(context, resolution)

    async def sizes(
        self,
        context: Context,  # noqa: ARG002 - nothing is asked
        packages: Iterable[Package],  # noqa: ARG002 - the same
    ) -> Mapping[tuple[str, str], Sizes]:
        """None: the index and the lock tell those of the artifacts."""
        return {}
