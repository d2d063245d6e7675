"""What a workflow knows by now: resolutions, listings, failures, and what follows from them."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct, structs

from fctui.managers.interface import Context, Manager
from fctui.managers.registry import MANAGERS
from fctui.model.contents import Listing
from fctui.model.errors import FctuiError
from fctui.model.package import Resolution
from fctui.model.plan import Layout, PlannedFile
from fctui.model.target import Target
from fctui.project.project import Project
from fctui.project.settings import Settings
from fctui.pruning.prune import Facts, prune
from fctui.pruning.rules import Choice, choice
from fctui.store.store import Store
from fctui.tasks.task import Tasks

FACTS = "pruning"
# Where the context remembers what was read.


class ByHand(Struct, frozen=True):
    """What was chosen for now and counts instead of the settings; None is as they say."""

    target: str | None = None
    method: str | None = None
    resolver: str | None = None
    prune: str | tuple[str, ...] | None = None


class Answers:
    """Holds what is known so far of one project.

    `resolutions`, `listings` and `failures` fill as answers arrive; nothing in them is changed in
    place afterwards, so a screen may show them at any moment.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        bundle = context.settings.bundle
        choice(bundle.prune, bundle.keep)  # names of rules are known here first
        self.managers: tuple[str, ...] = tuple(
            manager.id for manager in MANAGERS if manager.declared(context.project)
        )
        self.by_hand = ByHand()
        self.resolutions: dict[str, Resolution] = {}
        self.listings: dict[str, Listing] = {}
        self.failures: dict[str, FctuiError] = {}
        self._by_id: dict[str, Manager] = {manager.id: manager for manager in MANAGERS}

    @property
    def project(self) -> Project:
        """The project as it was read."""
        return self.context.project

    @property
    def target(self) -> Target:
        """The runtime that everything is resolved for."""
        return self.context.target

    @property
    def settings(self) -> Settings:
        """The settings in force."""
        return self.context.settings

    @property
    def method(self) -> str:
        """The way that pip packages are laid out."""
        return self.settings.pip.method

    @property
    def store(self) -> Store:
        """Where artifacts are kept."""
        return self.context.store

    @property
    def tasks(self) -> Tasks:
        """Where work is reported."""
        return self.context.tasks

    @property
    def output(self) -> Path:
        """Where the settings put the bundle."""
        return self.project.root / self.settings.bundle.output

    def sizes(self, manager: str) -> dict[str, int]:
        """Installed bytes by package id, as far as they are known by now."""
        resolution = self.resolutions.get(manager)
        if resolution is None:
            return {}
        listing = self.listings.get(manager)
        known = listing.contents if listing else {}
        sizes = {}
        for package in resolution.packages.values():
            contents = known.get(package.id)
            size = contents.size if contents else package.installed_size
            if size is not None:
                sizes[package.id] = size
        return sizes

    def package_files(
        self, manager: str, id_: str, method: str | None = None
    ) -> tuple[PlannedFile, ...]:
        """The files that one package brings, in their places; () while its contents are unknown."""
        resolution, listing = self.resolutions.get(manager), self.listings.get(manager)
        if resolution is None or listing is None or id_ not in listing.contents:
            return ()
        parts = (id_, f"bytecode:{id_}")  # a manager may list what it adds to a package beside it
        one = Listing(contents={p: listing.contents[p] for p in parts if p in listing.contents})
        layout = self._by_id[manager].layout(self.context, resolution, one, method or self.method)
        return self._pruned(manager, layout).files

    def layout_of(self, manager: str) -> Layout:
        """Where the files of one manager lie, of what is listed by now, without what is pruned."""
        return self._pruned(manager, self.whole_layout(manager))

    def whole_layout(self, manager: str) -> Layout:
        """The same with what the project's rules leave out; apt's leave out what they do at once,
        for links lead there.
        """
        resolution, listing = self.resolutions[manager], self.listings[manager]
        return self._by_id[manager].layout(self.context, resolution, listing, self.method)

    @property
    def chosen(self) -> Choice:
        """What is left out of the bundle, as the settings say."""
        bundle = self.settings.bundle
        chosen = choice(bundle.prune, bundle.keep)
        if bundle.bytecode:  # who asks for it wants to have it
            return structs.replace(chosen, kept=chosen.kept | {"bytecode"})
        return chosen

    @property
    def facts(self) -> Facts:
        """What has been read by now of packages that something may be left out of."""
        known = self.context.memory.get(FACTS)
        return known if isinstance(known, Facts) else Facts({})

    def take_facts(self, other: Answers) -> None:
        """Take over what another one has read: it is true of the artifacts, whatever is chosen."""
        self.context.memory[FACTS] = other.facts

    def _pruned(self, manager: str, layout: Layout) -> Layout:
        if self.chosen.always_only or manager == "apt":
            return layout
        return prune(manager, layout, self.facts, self.target, self.chosen)

    def _know(self, manager: str, listing: Listing) -> Listing:
        before = self.listings.get(manager, Listing(contents={}))
        contents = {**before.contents, **listing.contents}
        unknown = {**before.unknown, **listing.unknown}
        unknown = {id_: why for id_, why in unknown.items() if id_ not in contents}
        self.listings[manager] = Listing(contents=contents, unknown=unknown)
        self._describe(manager)
        return self.listings[manager]

    def _describe(self, manager: str) -> None:
        """Take over the summaries that only a package's contents tell."""
        describing = getattr(self._by_id[manager], "describe", None)
        resolution = self.resolutions.get(manager)
        if describing is None or resolution is None:
            return
        known = self.listings[manager].contents
        described = {
            id_: structs.replace(package, summary=describing(known[id_])[0])
            for id_, package in resolution.packages.items()
            if not package.summary and id_ in known
        }
        if described:
            packages = {**resolution.packages, **described}
            self.resolutions[manager] = structs.replace(resolution, packages=packages)

    def python_dirs(self) -> tuple[str, ...]:
        """The directories of the bundle that have to be on `sys.path`."""
        if "pip" not in self.managers:
            return ()
        from fctui.managers.pip.scheme import scheme

        where = scheme(self.method, self.target, self.settings)
        return tuple(dict.fromkeys((where.purelib, where.platlib)))
