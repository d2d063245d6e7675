"""What every package manager answers. Adding a fifth is adding one folder that does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from fctui.model.advisory import Told
from fctui.model.contents import Listing
from fctui.model.lock import Pinned, Pins, Statement
from fctui.model.outdated import Sizes
from fctui.model.package import Package, Resolution
from fctui.model.plan import Layout
from fctui.model.target import Target
from fctui.project.project import Project
from fctui.project.settings import Settings
from fctui.store.store import Store
from fctui.tasks.task import Tasks


@dataclass(frozen=True, slots=True)
class Context:
    """What a manager works with. `refresh` asks the registries again where a remembered answer
    would do; `offline` asks them nothing; `frozen` is set for builds from a lock; with `upgrade`
    a lock that the ecosystem keeps in the project does not count.
    """

    project: Project
    target: Target
    settings: Settings
    store: Store
    tasks: Tasks
    refresh: bool = False
    offline: bool = False
    frozen: bool = False
    upgrade: bool = False
    memory: dict[str, object] = field(default_factory=dict)


class Manager(Protocol):
    """One package manager. Every method is safe to call again; slow ones are coroutines that open
    tasks, report progress and leave nothing behind when they are cancelled.

    They raise `FctuiError` for what a user can cause; a package that cannot be listed or built
    *here* is a value (`Listing.unknown`, a finding), not an error.
    """

    id: str

    def declared(self, project: Project) -> bool:
        """Whether the project declares anything for this manager."""

    async def resolve(self, context: Context) -> Resolution:
        """The exact packages for the target."""

    async def contents(
        self, context: Context, resolution: Resolution, ids: Sequence[str] | None = None
    ) -> Listing:
        """The files of the packages (all, or `ids`), without installing anything.

        Prefers what the store has; then the smallest reads that the registry allows; the download
        last. A package that has to be built and has not been is in `Listing.unknown`.
        """

    async def fetch(self, context: Context, resolution: Resolution) -> Listing:
        """Every artifact verified and unpacked in the store, built where it has to be."""

    def layout(
        self, context: Context, resolution: Resolution, listing: Listing, method: str
    ) -> Layout:
        """Where each file lies in the bundle. Pure: no I/O. Only packages in the listing."""

    async def advisories(self, context: Context, resolution: Resolution) -> Told:
        """What the manager's own services know against the packages, and of which they say
        nothing. Only name and version of each package count.
        """

    def statements(self, context: Context) -> Iterable[Statement]:
        """What the project declares, normalized, by file: while it stays the same, so do its
        locks. Runs no tool.
        """

    async def pin(self, made: Sequence[tuple[Context, Resolution]]) -> Pins:
        """What is resolved for one target or several, for a lock."""

    async def pinned(self, context: Context, pin: Pinned) -> Resolution:
        """The reverse, without any resolver. Raises LockError where the lock does not suffice."""

    async def newest(self, context: Context, resolution: Resolution) -> Mapping[str, str]:
        """The newest version that there is of each package, by id, whether it fits or not. Of
        which nobody tells is not in it.
        """

    async def sizes(
        self, context: Context, packages: Iterable[Package]
    ) -> Mapping[tuple[str, str], Sizes]:
        """The sizes by name and version, of packages of which no resolution tells them."""
