"""Maven: artifacts by mvn's own resolver, jars out of the repositories that it names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from fctui.managers.interface import Context
from fctui.model.advisory import Told, Untold
from fctui.model.contents import Listing
from fctui.model.lock import Pinned, Pins, Statement
from fctui.model.outdated import Sizes
from fctui.model.package import Package, Resolution
from fctui.model.plan import Layout
from fctui.project.project import Project
from fctui.tasks.command import Command

COPY = (
    "mvn",
    "dependency:copy-dependencies",
    "-DincludeScope=runtime",
    "-DoutputDirectory=lib",
)
"""What puts the same jars on disk, run by hand in the project."""


class Maven:
    """The Maven manager. Nothing of the project's build runs; see `chain`."""

    id = "maven"

    def declared(self, project: Project) -> bool:
        """Whether there is a pom.xml or a maven.txt."""
        return bool(project.of(self.id))

    async def resolve(self, context: Context) -> Resolution:
        """The artifacts of the run-time class path."""
        from fctui.managers.maven.resolve import resolve

        async with context.tasks.open(self.id, "resolve") as task:
            return await resolve(context, task)

    async def contents(
        self, context: Context, resolution: Resolution, ids: Sequence[str] | None = None
    ) -> Listing:
        """What is in the jars, read from their ends where a repository answers ranges."""
        from fctui.managers.maven.fetching import listed
        from fctui.managers.maven.resolve import source_of

        wanted = list(resolution.packages if ids is None else ids)
        return await listed(context, resolution, wanted, source_of(context))

    async def fetch(self, context: Context, resolution: Resolution) -> Listing:
        """Every jar verified and in the store."""
        from fctui.managers.maven.fetching import fetch
        from fctui.managers.maven.resolve import source_of

        async with context.tasks.open(self.id, "fetch") as task:
            task.show(Command(COPY, cwd=context.project.root))
            wanted = list(resolution.packages)
            return await fetch(context, resolution, wanted, source_of(context), task)

    def layout(
        self,
        context: Context,
        resolution: Resolution,
        listing: Listing,
        method: str,  # noqa: ARG002 - a method is pip's
    ) -> Layout:
        """Where the jars lie: in `lib`."""
        from fctui.managers.maven.layout import layout

        return layout(resolution, listing, context.target)

    async def advisories(
        self,
        context: Context,  # noqa: ARG002 - there is nobody to ask
        resolution: Resolution,
    ) -> Told:
        """Nothing: Maven's repositories tell no advisories, and its resolver asks for none."""
        reason = "Maven repositories tell no advisories"
        return Told(untold=(Untold(self.id, tuple(resolution.packages), reason),))

    def statements(self, context: Context) -> Iterable[Statement]:
        """What the POM, or the list, asks for."""
        from fctui.managers.maven.pin import statements

        return statements(context)

    async def pin(self, made: Sequence[tuple[Context, Resolution]]) -> Pins:
        """In fctui's lock."""
        from fctui.managers.maven.pin import pin

        return await pin(made)

    async def pinned(self, context: Context, pin: Pinned) -> Resolution:
        """What is locked, for the target."""
        from fctui.managers.maven.pin import pinned

        return await pinned(context, pin)

    async def newest(self, context: Context, resolution: Resolution) -> Mapping[str, str]:
        """What the repository calls its release."""
        from fctui.managers.maven.newest import newest

        return await newest(context, resolution)

    async def sizes(
        self,
        context: Context,  # noqa: ARG002 - nothing is asked
        packages: Iterable[Package],  # noqa: ARG002 - the same
    ) -> Mapping[tuple[str, str], Sizes]:
        """None: a repository tells the size of a jar, which is not unpacked."""
        return {}
