"""What the bundle would be with one thing changed: tried beside the project, which stays as it is.

The change is made in a mirror of the project, by the edits that would be made in it afterwards. So
what was tried is what is written when somebody says so.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

from msgspec import Struct, structs

from fctui.explore.catalog import Catalog, Owner
from fctui.explore.compare import sums_of, version_in
from fctui.explore.read import of_plan
from fctui.managers.pip.uv_tool import project_key
from fctui.model.finding import Remedy
from fctui.model.plan import Plan
from fctui.project.edit import Edit
from fctui.project.edit_settings import set_method, set_rpath
from fctui.project.project import Project
from fctui.project.settings import METHODS
from fctui.store.disk import disk_errors
from fctui.store.lock import held
from fctui.tasks.threads import stoppable
from fctui.workflow.fix import apply
from fctui.workflow.relinking import relink
from fctui.workflow.remedies import variants
from fctui.workflow.together import all_or_first_error
from fctui.workflow.workflow import Workflow

_COPIED = 1 << 20
# Bytes of a file beside dependency files that is copied into the mirror; larger ones are linked.


class Requirement(Struct, frozen=True):
    """Another requirement: `instead_of` is the declared name that it takes the place of, ""
    where it has that name itself, or where it is new.
    """

    manager: str
    text: str
    instead_of: str = ""

    @property
    def title(self) -> str:
        """In a few words."""
        return f"{self.text} instead of {self.instead_of}" if self.instead_of else self.text


class Method(Struct, frozen=True):
    """Another way to lay out pip packages."""

    id: str

    @property
    def title(self) -> str:
        """In a few words."""
        return f"method {self.id}"


class Relinking(Struct, frozen=True):
    """`[bundle] rpath` on or off: how the libraries of the bundle find each other."""

    on: bool

    @property
    def title(self) -> str:
        """In a few words."""
        return "rpath: libraries lead to each other" if self.on else "no rpath: links in lib/"


Change = Requirement | Method | Relinking
"""One thing to try. A rule of pruning could be another."""


class Tried(Struct, frozen=True):
    """What came of a try."""

    change: Change
    plan: Plan
    catalog: Catalog


class PackageStep(Struct, frozen=True):
    """A package that the change brings, takes away or alters: versions and bytes on both sides
    ("" and 0: not there).
    """

    owner: Owner
    versions: tuple[str, str]
    before: int
    after: int

    @property
    def grown(self) -> int:
        """Bytes that it has more."""
        return self.after - self.before


def suggestions(workflow: Workflow, owner: Owner | None) -> Iterator[Change]:
    """What can be tried without being named: siblings of a package, the other methods."""
    for each in variants():
        if owner == (each.manager, each.package):
            yield Requirement(each.manager, each.instead, each.package)
    if "pip" in workflow.managers:
        yield from (Method(id_) for id_ in METHODS if id_ != workflow.method)
    if {"pip", "apt", "npm"} & set(workflow.managers):
        yield Relinking(not workflow.settings.bundle.rpath)


async def what_if(workflow: Workflow, change: Change) -> Tried:
    """Resolve and list what the change touches, and plan; nothing of the project is written.

    All managers have to be listed. Raises what resolving raises, and UsageError for a requirement
    that is none.
    """
    trial = workflow.with_method(change.id if isinstance(change, Method) else workflow.method)
    if isinstance(change, Relinking):
        trial = await _relinked(workflow, change)
    elif isinstance(change, Requirement):
        async with _mirror(workflow) as root:
            await asyncio.to_thread(apply, root, [remedy_of(change)])
            mirrored = await asyncio.to_thread(_opened, workflow, root)
            mirrored.take_facts(workflow)
            listing = await mirrored.contents(change.manager)
            trial.resolutions[change.manager] = mirrored.resolutions[change.manager]
            trial.listings[change.manager] = listing
            trial.take_facts(mirrored)
    elif change.id == "virtualenv":
        await trial.contents("pip")  # an environment has distributions of its own
    plan = await asyncio.to_thread(trial.planned)
    catalog = of_plan(plan, root=workflow.project.root, store=workflow.store)
    return Tried(change, plan, catalog)


async def _relinked(workflow: Workflow, change: Relinking) -> Workflow:
    """The same project with the other setting; its packages are fetched to be relinked."""
    settings = workflow.settings
    bundle = structs.replace(settings.bundle, rpath=change.on)
    context = replace(workflow.context, settings=structs.replace(settings, bundle=bundle))
    trial = Workflow(context)
    trial.resolutions, trial.listings = dict(workflow.resolutions), dict(workflow.listings)
    if change.on:
        await all_or_first_error([trial.fetch(manager) for manager in trial.managers])
        await relink(trial)
    return trial


def write(project: Project, change: Change) -> list[Edit]:
    """Make the change in the project's own files; the edits that were made, to be undone in turn.

    Raises UsageError and TaskError as edits do.
    """
    if isinstance(change, Requirement):
        return apply(project.root, [remedy_of(change)])
    if isinstance(change, Relinking):
        edit = set_rpath(project, on=change.on)
    else:
        edit = set_method(project, change.id)
    edit.apply()
    return [edit]


def steps(before: Catalog, after: Catalog) -> list[PackageStep]:
    """The packages that differ, those first that grow or shrink most."""
    old, new = sums_of(before), sums_of(after)
    found = []
    for owner in dict.fromkeys((*old, *new)):
        versions = (version_in(before, owner), version_in(after, owner))
        step = PackageStep(owner, versions, old.get(owner, 0), new.get(owner, 0))
        if step.grown or versions[0] != versions[1]:
            found.append(step)
    own = ("fctui", "fctui")  # the manifest, whose length says nothing
    found = [step for step in found if step.owner != own]
    return sorted(found, key=lambda step: (-abs(step.grown), step.owner))


def remedy_of(change: Requirement) -> Remedy:
    """The same as a cure, which is applied by the same edits."""
    return Remedy(change.manager, change.text, instead_of=change.instead_of)


@asynccontextmanager
async def _mirror(workflow: Workflow) -> AsyncIterator[Path]:
    """A directory like the project's, of which files can be edited; it goes at the end.

    It has one place for each project, so that what resolvers remember by place serves again.
    """
    store, project = workflow.store, workflow.project
    place = store.root / "trials" / project_key(project.root)
    with disk_errors(store.root):
        async with held(place.with_suffix(".lock")):
            try:
                await stoppable(lambda _stop: _fill(place / project.root.name, project))
                yield place / project.root.name
            finally:
                await asyncio.shield(asyncio.to_thread(shutil.rmtree, place, ignore_errors=True))


def _fill(mirror: Path, project: Project) -> None:
    """Copies of small files where dependency files lie; links to everything else."""
    shutil.rmtree(mirror.parent, ignore_errors=True)  # what a killed process left
    open_ = {project.root}
    for file in project.files:
        open_.update(p for p in file.path.parents if p.is_relative_to(project.root))
    for directory in sorted(open_):
        inside = mirror / directory.relative_to(project.root)
        inside.mkdir(parents=True)
        for entry in directory.iterdir():
            if entry in open_:
                continue
            copied = entry.is_file() and not entry.is_symlink() and entry.stat().st_size <= _COPIED
            if copied:
                shutil.copyfile(entry, inside / entry.name)
            else:
                (inside / entry.name).symlink_to(entry)


def _opened(workflow: Workflow, root: Path) -> Workflow:
    """The mirror, with the choices of the project."""
    named = workflow.settings.target
    return Workflow.open(
        root,
        target=named if isinstance(named, str) else named[0],
        method=workflow.method,
        resolver=workflow.settings.pip.resolver,
        prune=workflow.by_hand.prune,
        reporter=workflow.tasks.reporter,
        store=workflow.store,
        offline=workflow.context.offline,
    )
