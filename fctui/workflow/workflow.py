"""One project on its way from what it declares to a bundle, for command line and screen alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Coroutine, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from msgspec import structs

from fctui.managers.interface import Context, Manager
from fctui.managers.registry import MANAGERS
from fctui.model.contents import Listing
from fctui.model.errors import FctuiError, UsageError
from fctui.model.finding import Finding
from fctui.model.package import Resolution
from fctui.model.plan import Layout, Plan, PlannedFile
from fctui.model.target import Target
from fctui.project.project import Project, load_project
from fctui.project.settings import Settings, override
from fctui.store.store import Store, default_store
from fctui.targets.load import load_target
from fctui.tasks.events import Reporter, Silent
from fctui.tasks.task import Tasks

if TYPE_CHECKING:
    from fctui.bundle.build import Built
    from fctui.model.verification import Verification
    from fctui.workflow.check import Checked
    from fctui.workflow.verify import Heard

_T = TypeVar("_T")


class Workflow:
    """Holds what is known so far; every coroutine works in tasks and may be cancelled.

    `resolutions`, `listings` and `failures` fill as answers arrive; nothing in them is changed in
    place afterwards, so a screen may show them at any moment.
    """

    def __init__(self, context: Context) -> None:
        self.context = context
        self.managers: tuple[str, ...] = tuple(
            manager.id for manager in MANAGERS if manager.declared(context.project)
        )
        self.resolutions: dict[str, Resolution] = {}
        self.listings: dict[str, Listing] = {}
        self.failures: dict[str, FctuiError] = {}
        self._by_id: dict[str, Manager] = {manager.id: manager for manager in MANAGERS}

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        target: str | None = None,
        method: str | None = None,
        resolver: str | None = None,
        reporter: Reporter | None = None,
        store: Store | None = None,
        refresh: bool = False,
        offline: bool = False,
    ) -> Self:
        """Read a project and its settings; arguments win over settings.

        Raises UsageError for a directory, file, setting or target that is wrong.
        """
        project = load_project(root)
        settings = override(project.settings, target=target, method=method, resolver=resolver)
        name = settings.target if isinstance(settings.target, str) else settings.target[0]
        context = Context(
            project=project,
            target=load_target(name),
            settings=settings,
            store=store or default_store(),
            tasks=Tasks(reporter or Silent()),
            refresh=refresh,
            offline=offline,
        )
        return cls(context)

    @property
    def project(self) -> Project:
        """The project as it was read."""
        return self.context.project

    @property
    def target(self) -> Target:
        """The runtime that everything is resolved for."""
        return self.context.target

    @property
    def _target_name(self) -> str:
        """What the target was loaded by: its id, or its file where it is the user's own."""
        named = self.settings.target
        return named if isinstance(named, str) else named[0]

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

    def reopened(
        self, *, target: str | None = None, method: str | None = None, refresh: bool = False
    ) -> Workflow:
        """The same project read again from its files, with other choices. What was chosen for
        this one stays chosen.
        """
        return Workflow.open(
            self.project.root,
            target=target or self._target_name,
            method=method or self.method,
            resolver=self.settings.pip.resolver,
            reporter=self.tasks.reporter,
            store=self.store,
            refresh=refresh,
            offline=self.context.offline,
        )

    def with_method(self, method: str) -> Workflow:
        """The same project and the answers so far, laid out by another method."""
        settings = override(self.settings, method=method)
        other = Workflow(replace(self.context, settings=settings))
        other.resolutions, other.listings = dict(self.resolutions), dict(self.listings)
        return other

    async def resolve(self, manager: str) -> Resolution:
        """The exact packages of one manager."""
        if manager in self.resolutions:
            return self.resolutions[manager]
        self.failures.pop(manager, None)
        try:
            resolution = await self._by_id[manager].resolve(self.context)
        except FctuiError as error:
            self.failures[manager] = error
            raise
        self.resolutions[manager] = resolution
        return resolution

    async def contents(self, manager: str, ids: Sequence[str] | None = None) -> Listing:
        """The files of one manager's packages (all, or `ids`), without installing anything."""
        resolution = await self.resolve(manager)
        listing = await self._by_id[manager].contents(self.context, resolution, ids)
        return self._know(manager, listing)

    async def fetch(self, manager: str) -> Listing:
        """Everything of one manager verified and unpacked in the store."""
        resolution = await self.resolve(manager)
        listing = await self._by_id[manager].fetch(self.context, resolution)
        return self._know(manager, listing)

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
        return layout.files

    def layout_of(self, manager: str) -> Layout:
        """Where the files of one manager lie, of what is listed by now."""
        resolution, listing = self.resolutions[manager], self.listings[manager]
        return self._by_id[manager].layout(self.context, resolution, listing, self.method)

    async def plan(self) -> Plan:
        """Every file that the bundle will have, read with as little traffic as possible."""
        await _all_or_first_error([self.contents(manager) for manager in self.managers])
        return await asyncio.to_thread(self.planned)

    def planned(self, output: Path | None = None) -> Plan:
        """The plan of what is listed by now, for a bundle at `output` or where the settings say."""
        from fctui.bundle.code import planned_code
        from fctui.bundle.places.stored import StoreReader
        from fctui.bundle.plan import Share, make_plan

        shares = {}
        findings: list[Finding] = []
        for manager in self.managers:
            resolution, listing = self.resolutions.get(manager), self.listings.get(manager)
            if resolution is None or listing is None:
                continue
            shares[manager] = Share(
                self.layout_of(manager), listing, resolution.packages, resolution.roots
            )
            findings.extend(resolution.findings)
        return make_plan(
            self.target,
            self.method,
            shares,
            code=planned_code(self.project, output or self.output),
            python_dirs=self._python_dirs(),
            findings=findings,
            read=StoreReader(self.store),
            variables=self.settings.bundle.environment,
            links=self.settings.bundle.links,
        )

    async def build(self, output: Path | None = None) -> Built:
        """Make the bundle: fetch everything, plan, stage, swap."""
        from fctui.bundle.build import build, check_output

        begun = time.monotonic()
        output = output or self.output
        check_output(output, self.project.root)
        await _all_or_first_error([self.fetch(manager) for manager in self.managers])
        async with self.tasks.open("", "put files in place") as task:
            plan = await asyncio.to_thread(self.planned, output)
            how = self.settings.bundle.files
            built = await build(
                plan, self.project.root, output, store=self.store, how=how, task=task
            )
        return structs.replace(built, seconds=time.monotonic() - begun)

    def has_bundle(self) -> bool:
        """Whether a bundle stands where the settings put it, and was made for the target."""
        from fctui.bundle.manifest import read_manifest

        try:
            return read_manifest(self.output).target == self.target.id
        except UsageError:
            return False

    async def check(self, bundle: Path | None = None) -> Checked:
        """What is wrong with the bundle at `bundle` or where the settings put it."""
        from fctui.workflow.check import check

        return await check(self.context, bundle or self.output)

    async def verify(self, *, heard: Heard) -> Verification:
        """Try everything of the bundle where the settings put it, on a stand-in for the target.
        `heard` takes each verdict as it comes, and how many there will be.
        """
        from fctui.workflow.verify import verify

        return await verify(self.context, self.output, heard=heard)

    def search(self, manager: str, query: str) -> tuple[tuple[str, str, str], ...]:
        """Packages that could be added: (name, version, summary), best first."""
        searching = getattr(self._by_id[manager], "search", None)
        return tuple(searching(self.context, query)) if searching else ()

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

    def _python_dirs(self) -> tuple[str, ...]:
        if "pip" not in self.managers:
            return ()
        from fctui.managers.pip.scheme import scheme

        where = scheme(self.method, self.target, self.settings)
        return tuple(dict.fromkeys((where.purelib, where.platlib)))


async def _all_or_first_error(work: list[Coroutine[Any, Any, _T]]) -> list[_T]:
    """Run all to their end, so that each manager tells its own failure; then raise the first."""
    tasks = [asyncio.ensure_future(coroutine) for coroutine in work]
    try:
        outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    except asyncio.CancelledError:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        raise
    for outcome in outcomes:
        if isinstance(outcome, BaseException):
            raise outcome
    return [outcome for outcome in outcomes if not isinstance(outcome, BaseException)]


def no_dependencies(workflow: Workflow) -> UsageError:
    """The error of a directory that declares nothing."""
    return UsageError(
        f"{workflow.project.root} declares no dependencies.",
        hint="Add a requirements.txt, pyproject.toml, apt.txt, package.json, pom.xml or maven.txt.",
    )
