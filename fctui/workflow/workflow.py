"""One project on its way from what it declares to a bundle, for command line and screen alike."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Self

from msgspec import structs

from fctui.managers.interface import Context, Manager
from fctui.model.contents import Listing
from fctui.model.errors import FctuiError, TaskError, UsageError
from fctui.model.package import Resolution
from fctui.model.plan import Plan
from fctui.project.project import load_project
from fctui.project.settings import override
from fctui.store.store import Store, default_store
from fctui.targets.load import load_target
from fctui.tasks.events import Reporter, Silent
from fctui.tasks.task import Tasks
from fctui.workflow.answers import Answers, ByHand
from fctui.workflow.pruning import READ, read_for_pruning
from fctui.workflow.relinking import relink, relinked
from fctui.workflow.together import all_or_first_error

if TYPE_CHECKING:
    from fctui.archive.pack import Packed
    from fctui.bundle.build import Built
    from fctui.model.advisory import Audit
    from fctui.model.outdated import Comparison
    from fctui.model.verification import Verification
    from fctui.workflow.check import Checked
    from fctui.workflow.prunable import Prunable
    from fctui.workflow.verify import Heard


class Workflow(Answers):
    """What is known so far, and the work that adds to it: every coroutine works in tasks and may
    be cancelled.
    """

    @classmethod
    def open(
        cls,
        root: Path,
        *,
        target: str | None = None,
        method: str | None = None,
        resolver: str | None = None,
        prune: str | tuple[str, ...] | None = None,
        reporter: Reporter | None = None,
        store: Store | None = None,
        refresh: bool = False,
        offline: bool = False,
        frozen: bool = False,
        upgrade: bool = False,
    ) -> Self:
        """Read a project and its settings; arguments win over settings.

        Raises UsageError for a directory, file, setting or target that is wrong.
        """
        project = load_project(root)
        settings = override(
            project.settings, target=target, method=method, resolver=resolver, prune=prune
        )
        name = settings.target if isinstance(settings.target, str) else settings.target[0]
        if target is None and name.endswith(".toml"):
            name = str(project.root / name)  # a file of the project's, wherever one works
            settings = override(settings, target=name)
        context = Context(
            project=project,
            target=load_target(name),
            settings=settings,
            store=store or default_store(),
            tasks=Tasks(reporter or Silent()),
            refresh=refresh,
            offline=offline,
            frozen=frozen,
            upgrade=upgrade,
        )
        workflow = cls(context)
        workflow.by_hand = ByHand(target, method, resolver, prune)
        return workflow

    def reopened(
        self, *, target: str | None = None, method: str | None = None, refresh: bool = False
    ) -> Workflow:
        """The same project read again from its files, with other choices. What was chosen for
        this one stays chosen; "" is what the settings say.
        """
        return Workflow.open(
            self.project.root,
            target=(self.by_hand.target if target is None else target) or None,
            method=(self.by_hand.method if method is None else method) or None,
            resolver=self.by_hand.resolver,
            prune=self.by_hand.prune,
            reporter=self.tasks.reporter,
            store=self.store,
            refresh=refresh,
            offline=self.context.offline,
            frozen=self.context.frozen,
            upgrade=self.context.upgrade,
        )

    def with_method(self, method: str) -> Workflow:
        """The same project and the answers so far, laid out by another method."""
        settings = override(self.settings, method=method)
        other = Workflow(replace(self.context, settings=settings))
        other.by_hand = structs.replace(self.by_hand, method=method)
        other.resolutions, other.listings = dict(self.resolutions), dict(self.listings)
        return other

    async def resolve(self, manager: str) -> Resolution:
        """The exact packages of one manager."""
        if manager in self.resolutions:
            return self.resolutions[manager]
        self.failures.pop(manager, None)
        try:
            resolution = await self._resolution(self._by_id[manager])
        except FctuiError as error:
            self.failures[manager] = error
            raise
        self.resolutions[manager] = resolution
        return resolution

    async def _resolution(self, manager: Manager) -> Resolution:
        if not self.context.frozen:
            return await manager.resolve(self.context)
        from fctui.workflow.lock import locked_resolution

        return await locked_resolution(self.context, manager)

    async def contents(self, manager: str, ids: Sequence[str] | None = None) -> Listing:
        """The files of one manager's packages (all, or `ids`), without installing anything. Where
        rules leave something out, the packages are fetched: their modules tell what has to stay.
        So they are where libraries are to find each other.
        """
        rpath = self.settings.bundle.rpath
        if ids is None and (rpath or (manager in READ and not self.chosen.always_only)):
            listing = await self.fetch(manager)
            await relink(self)
            return listing
        resolution = await self.resolve(manager)
        listing = await self._by_id[manager].contents(self.context, resolution, ids)
        return self._know(manager, listing)

    async def fetch(self, manager: str) -> Listing:
        """Everything of one manager verified and unpacked in the store."""
        resolution = await self.resolve(manager)
        listing = self._know(manager, await self._by_id[manager].fetch(self.context, resolution))
        if manager in READ and not self.chosen.always_only:
            await read_for_pruning(self, manager)
        return listing

    async def plan(self) -> Plan:
        """Every file that the bundle will have, read with as little traffic as possible."""
        await all_or_first_error([self.contents(manager) for manager in self.managers])
        return await asyncio.to_thread(self.planned)

    def planned(self, output: Path | None = None) -> Plan:
        """The plan of what is listed by now, for a bundle at `output` or where the settings say."""
        from fctui.workflow.planning import planned

        return planned(self, output or self.output, relinked(self))

    async def build(self, output: Path | None = None) -> Built:
        """Make the bundle: fetch everything, plan, stage, swap."""
        from fctui.bundle.build import build, check_output

        begun = time.monotonic()
        output = output or self.output
        check_output(output, self.project.root)
        await all_or_first_error([self.fetch(manager) for manager in self.managers])
        await relink(self, output)
        async with self.tasks.open("", "put files in place") as task:
            plan = await asyncio.to_thread(self.planned, output)
            if self.context.frozen:
                _refuse_less(plan)
            how = self.settings.bundle.files
            built = await build(
                plan, self.project.root, output, store=self.store, how=how, task=task
            )
        return structs.replace(built, seconds=time.monotonic() - begun)

    async def prunable(self) -> Prunable:
        """What each rule leaves out, or would; fetches and reads every package."""
        from fctui.workflow.prunable import prunable

        return await prunable(self)

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

    async def audit(self) -> Audit:
        """What is publicly known against the packages that are resolved by now."""
        from fctui.workflow.audit import audit

        return await audit(self.context, dict(self.resolutions))

    @property
    def archive(self) -> Path:
        """Where the bundle is packed when no other place is named: beside it, under its name."""
        return self.output.with_name(f"{self.output.name}.zip")

    async def pack(self, *, layers: bool = False, smallest: bool = False) -> Packed:
        """Write the bundle where the settings put it as a zip beside it, or as one of the code and
        layers. What is larger than the target takes is among the findings.
        """
        from fctui.archive.budget import over_budget
        from fctui.archive.choices import Choices, archive_time
        from fctui.archive.pack import pack
        from fctui.archive.pack_layers import pack_layers

        choices = Choices(smallest=smallest, when=archive_time())
        store, tasks = self.store, self.tasks
        if layers:
            packed = await pack_layers(
                self.output, self.archive, self.target, store=store, tasks=tasks, choices=choices
            )
        else:
            packed = await pack(
                self.output, self.archive, store=store, tasks=tasks, choices=choices
            )
        findings = (*packed.findings, *over_budget(self.target, packed.archives))
        return structs.replace(packed, findings=findings)

    async def outdated(self) -> Comparison:
        """What would change if all were resolved afresh, against the lock or else the bundle."""
        from fctui.workflow.outdated import outdated

        return await outdated(self)

    async def lock(self) -> list[str]:
        """Lock the newest that fits, for all targets of the settings; the names of the files that
        were written.
        """
        from fctui.workflow.lock import for_targets, make_lock, write_lock

        context = replace(self.context, frozen=False, upgrade=True, refresh=True)
        locked = await make_lock(await asyncio.to_thread(for_targets, Workflow(context)))
        return await asyncio.to_thread(write_lock, locked, self.project.root)

    def search(self, manager: str, query: str) -> tuple[tuple[str, str, str], ...]:
        """Packages that could be added: (name, version, summary), best first."""
        searching = getattr(self._by_id[manager], "search", None)
        return tuple(searching(self.context, query)) if searching else ()


def _refuse_less(plan: Plan) -> None:
    """A bundle of a lock has all that is locked, or is not made."""
    for unknown in plan.unknown:
        raise TaskError(
            f"{unknown.package} is locked, and it is not here: {unknown.reason}",
            hint="Without --frozen the bundle is made without it.",
        )


def no_dependencies(workflow: Workflow) -> UsageError:
    """The error of a directory that declares nothing; what other tools' files say can be taken."""
    from fctui.project.imports.read import foreign_files

    root = workflow.project.root
    others = foreign_files(root)
    return UsageError(
        f"{root} declares no dependencies.",
        hint=f"fctui init takes over what {' and '.join(others)} can tell."
        if others
        else "Add a requirements.txt, pyproject.toml, apt.txt, package.json, pom.xml or maven.txt.",
    )
