"""apt: Debian packages for the target, chosen by apt's own solver, unpacked, never installed."""

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


class Apt:
    """The manager of Debian packages. Its methods are told in `managers.interface.Manager`."""

    id = "apt"

    def declared(self, project: Project) -> bool:
        """Whether there is an apt.txt (Aptfile, apt-get.list) or the settings name packages."""
        return bool(project.settings.apt.packages) or bool(project.of("apt"))

    async def resolve(self, context: Context) -> Resolution:
        """The packages that the target lacks for what is declared."""
        from fctui.managers.apt.resolve import resolve

        return await resolve(context)

    async def contents(
        self, context: Context, resolution: Resolution, ids: Sequence[str] | None = None
    ) -> Listing:
        """The files of the packages. No archive tells a deb's sizes and links without the deb, so
        what the store does not have is downloaded into it; a build needs it anyway.
        """
        from fctui.managers.apt.fetch import list_debs

        return await list_debs(context, resolution, ids)

    async def fetch(self, context: Context, resolution: Resolution) -> Listing:
        """All debs verified and unpacked in the store."""
        from fctui.managers.apt.fetch import fetch_debs

        return await fetch_debs(context, resolution)

    def layout(
        self,
        context: Context,
        resolution: Resolution,
        listing: Listing,
        method: str,  # noqa: ARG002 - a method is pip's
    ) -> Layout:
        """Where the files lie: at their own paths, less what no function needs."""
        from fctui.managers.apt.layout import layout

        return layout(context, resolution, listing)

    def search(
        self, context: Context, query: str, limit: int = 100
    ) -> tuple[tuple[str, str, str], ...]:
        """(name, version, summary) of the suite's packages, best first; () before the first
        resolution has loaded the lists.
        """
        from fctui.managers.apt.search import search

        return tuple((hit.name, hit.version, hit.summary) for hit in search(context, query, limit))

    async def advisories(self, context: Context, resolution: Resolution) -> Told:
        """The packages that the security archive has newer versions of."""
        from fctui.managers.apt.advisories import advisories

        return await advisories(context, resolution)

    def statements(self, context: Context) -> Iterable[Statement]:
        """The declared packages, by file."""
        from fctui.managers.apt.pin import statements

        return statements(context)

    async def pin(self, made: Sequence[tuple[Context, Resolution]]) -> Pins:
        """In fctui's lock."""
        from fctui.managers.apt.pin import pin

        return await pin(made)

    async def pinned(self, context: Context, pin: Pinned) -> Resolution:
        """What is locked, for the target."""
        from fctui.managers.apt.pin import pinned

        return await pinned(context, pin)

    async def newest(self, context: Context, resolution: Resolution) -> Mapping[str, str]:
        """Of all suites that the sources name."""
        from fctui.managers.apt.newest import newest

        return await newest(context, resolution)

    async def sizes(
        self,
        context: Context,  # noqa: ARG002 - nothing is asked
        packages: Iterable[Package],  # noqa: ARG002 - the same
    ) -> Mapping[tuple[str, str], Sizes]:
        """None: the archive tells them with each package."""
        return {}
