"""Resolving a project's debs for its target: apt's own solver, remembered."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import msgspec
from msgspec import structs

from fctui.managers.apt.declared import declared_packages, foreign_architectures
from fctui.managers.apt.edges import package_id, requirements, stanza_of
from fctui.managers.apt.index import PackageIndex
from fctui.managers.apt.installed import Status, make_status, read_status, status_of
from fctui.managers.apt.requested import Request, requests
from fctui.managers.apt.root import AptRoot, Lists
from fctui.managers.apt.solver import (
    Chosen,
    UnsatisfiableError,
    explain,
    install_command,
    solve,
)
from fctui.managers.apt.sources import ARCHIVE
from fctui.managers.apt.stanza import field, number
from fctui.managers.apt.suite import root_for
from fctui.managers.interface import Context
from fctui.model.errors import ResolutionError, TaskError
from fctui.model.finding import Finding, Kind
from fctui.model.package import Package, Resolution, Root
from fctui.project.apt_file import AptPackage
from fctui.store.disk import disk_errors
from fctui.tasks.command import Command
from fctui.tasks.task import Task
from fctui.tasks.text import clean

RESOLVERS = {"apt": "apt", "own": "fctui's own"}
# Who resolved, as it is shown.

_KIND = "apt-resolution"
_FORMAT = 2
# To be raised when the meaning of a remembered resolution changes.

_CULPRITS = 25
# Packages that are tried one by one to tell which of them cannot be satisfied.


async def resolve(context: Context) -> Resolution:
    """The packages that the target lacks for what the project declares."""
    declared = declared_packages(context.project, context.settings.apt)
    if not declared:
        return Resolution(manager="apt", target=context.target.id, roots=(), packages={})
    async with context.tasks.open("apt", f"resolve for {context.target.id}") as task:
        with disk_errors(context.store.root):
            return await _resolved(context, declared, task)


async def _resolved(context: Context, declared: tuple[AptPackage, ...], task: Task) -> Resolution:
    foreign = foreign_architectures(declared, context.target.debian_arch)
    root = await root_for(context, foreign, task)
    lists = root.recorded() if context.offline else root.fresh()
    if lists is not None and not context.refresh:
        known = _recall(context, root, lists, declared, task)
        if known is not None:
            return known
    async with root.locked(task):
        try:
            lists = await root.lists(task, refresh=context.refresh, offline=context.offline)
        except TaskError as error:
            raise _out_of_reach(context, error) from error
        known = _recall(context, root, lists, declared, task)
        if known is not None:
            return known
        with root.open_index(lists) as index:
            resolution = await _solved(context, root, lists, index, declared, task)
    key = _key(context, root, lists, declared)
    context.store.keep(_KIND, key, msgspec.msgpack.encode(resolution))
    return resolution


def _out_of_reach(context: Context, error: TaskError) -> TaskError:
    """The same for a suite that only archives have: a mirror of one of them may be within reach."""
    suite = context.target.suite
    if suite is None or not suite.archived or context.offline:
        return error
    hint = (
        f"Debian {suite.release} has left the usual mirrors. Name one that still has it, by the "
        f"variable {ARCHIVE} or by [apt] mirror."
    )
    return TaskError(error.message, hint=hint)


def _recall(
    context: Context, root: AptRoot, lists: Lists, declared: Sequence[AptPackage], task: Task
) -> Resolution | None:
    data = context.store.recall(_KIND, _key(context, root, lists, declared))
    if data is None:
        return None
    try:
        known = msgspec.msgpack.decode(data, type=Resolution)
    except msgspec.DecodeError:
        return None
    for argv in known.commands:
        task.show(Command(argv))
    return known


def _key(context: Context, root: AptRoot, lists: Lists, declared: Sequence[AptPackage]) -> str:
    """Everything that the solver's answer depends on."""
    status = status_of(root, lists, context.target)
    recommends = context.settings.apt.recommends
    facts = (_FORMAT, root.key, lists.digest, status.key, recommends, context.target.id, declared)
    return hashlib.sha256(msgspec.msgpack.encode(facts)).hexdigest()


async def _solved(
    context: Context,
    root: AptRoot,
    lists: Lists,
    index: PackageIndex,
    declared: Sequence[AptPackage],
    task: Task,
) -> Resolution:
    target, recommends = context.target, context.settings.apt.recommends
    asked = requests(declared, index, root.arch, target)
    status = status_of(root, lists, target)
    await make_status(root, index, status, target, task)
    arguments = list(dict.fromkeys(each.argument for each in asked))
    try:
        chosen = await solve(task, root, arguments, status.path, recommends=recommends)
    except UnsatisfiableError as error:
        raise await _unsatisfiable(root, asked, status, error, task, recommends) from error
    stanzas = {
        package_id(each.name, each.arch, root.arch): stanza_of(each, index, root.arch)
        for each in chosen
    }
    ids = set(stanzas)
    roots = _roots(asked, ids, chosen)
    requires = requirements(
        chosen,
        stanzas,
        read_status(status.path),
        [each.id for each in roots],
        native=root.arch,
        recommends=recommends,
    )
    packages = [_package(each, stanzas, requires, root.arch) for each in chosen]
    return Resolution(
        manager="apt",
        target=target.id,
        roots=roots,
        packages={package.id: package for package in sorted(packages, key=lambda p: p.id)},
        findings=_already_there(asked, ids, target.id),
        commands=_commands(root, arguments, status, recommends=recommends),
        resolver=RESOLVERS[root.engine],
    )


def _package(
    chosen: Chosen, stanzas: dict[str, str], requires: dict[str, tuple[str, ...]], native: str
) -> Package:
    id_ = package_id(chosen.name, chosen.arch, native)
    stanza = stanzas[id_]
    named = structs.replace(chosen, sha256=chosen.sha256 or field(stanza, "SHA256"))
    kib = number(stanza, "Installed-Size")
    return Package(
        manager="apt",
        id=id_,
        name=chosen.name,
        version=chosen.version,
        requires=requires[id_],
        artifact=named.artifact,
        installed_size=None if kib is None else kib * 1024,
        summary=clean(field(_first_line(stanza, "Description"), "Description")),
    )


def _first_line(stanza: str, name: str) -> str:
    """The line of a field without its continuation lines."""
    return next((line for line in stanza.split("\n") if line.startswith(f"{name}:")), "")


def _roots(asked: Sequence[Request], ids: set[str], chosen: Sequence[Chosen]) -> tuple[Root, ...]:
    """What is declared and not on the target already."""
    all_arch = {each.name for each in chosen if each.arch == "all"}
    found = []
    for each in asked:
        name = each.id.partition(":")[0]
        id_ = name if name in all_arch else each.id
        if id_ in ids:
            found.append(Root(id_, each.declared.text, each.declared.source, each.declared.line))
    return tuple(found)


def _already_there(asked: Sequence[Request], ids: set[str], target: str) -> tuple[Finding, ...]:
    return tuple(
        Finding(
            kind=Kind.UNRESOLVED,
            subject=each.declared.name,
            message=f"{each.declared.where}: {each.id} is on {target} already and not bundled.",
            breaks=False,
        )
        for each in asked
        if each.id not in ids and each.id.partition(":")[0] not in ids
    )


async def _unsatisfiable(
    root: AptRoot,
    asked: Sequence[Request],
    status: Status,
    error: UnsatisfiableError,
    task: Task,
    recommends: bool,  # noqa: FBT001 - the setting, passed through
) -> ResolutionError:
    """Tells which packages cannot be had, each tried alone, or that they exclude each other."""
    guilty: list[str] = []
    arguments = [each.argument for each in asked]
    for each in asked[:_CULPRITS]:
        try:
            await solve(task, root, [each.argument], status.path, recommends=recommends)
        except UnsatisfiableError:
            arguments = arguments if guilty else [each.argument]
            guilty.append(f"{each.declared.where}: {each.declared.text}")
    why = await explain(task, root, arguments, status.path, recommends=recommends)
    lines = [*why, *error.lines]
    subject = "; ".join(guilty) or ", ".join(each.declared.text for each in asked)
    problem = "cannot be satisfied" if guilty else "cannot be satisfied together"
    return ResolutionError(
        f"{subject} {problem} on the target:\n" + "\n".join(lines[:12]),
        hint="Name other versions, or take out one of the packages.",
    )


def _commands(
    root: AptRoot, arguments: Sequence[str], status: Status, *, recommends: bool
) -> tuple[tuple[str, ...], ...]:
    """What was run, if it was apt."""
    if root.engine == "own":
        return ()
    command = install_command(root, arguments, status.path, recommends=recommends)
    return _by_hand(root.command("apt-get", "update")), _by_hand(command)


def _by_hand(command: Command) -> tuple[str, ...]:
    variables = (f"{name}={value}" for name, value in sorted(command.env.items()))
    return ("env", *variables, *command.argv)
