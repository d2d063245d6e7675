"""`fctui cache`: what the store of artifacts holds; giving up what nobody uses."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TypeVar

import click

from fctui.cli.options import as_json
from fctui.cli.output import write_json, write_lines
from fctui.cli.run import with_tasks
from fctui.present.size import counted, human
from fctui.store.store import default_store
from fctui.store.upkeep import DAY, KINDS, Freed, give_up, holdings
from fctui.tasks.task import Tasks
from fctui.tasks.threads import stoppable

_T = TypeVar("_T")

_UNUSED_DAYS = 30


@click.group("cache", invoke_without_command=True)
@as_json
@click.pass_context
def command(context: click.Context, *, as_json: bool) -> None:
    """What the store holds that all projects share: where it is, and how large.

    FCTUI_CACHE_DIR names another place for it.
    """
    if context.invoked_subcommand is not None:
        return
    store = default_store()
    found = _worked("look at the store", partial(holdings, store.root))
    total = sum(each.size for each in found)
    if as_json:
        write_json({"path": str(store.root), "size": total, "kinds": found})
        return
    rows = [(each.kind, each.entries, each.size, KINDS[each.kind]) for each in found]
    rows.append(("total", sum(each.entries for each in found), total, ""))
    lines = [
        f"{kind:<9} {n:>8,}  {human(size):>8}  {about}".rstrip() for kind, n, size, about in rows
    ]
    write_lines([str(store.root), *lines])


@command.command("prune")
@click.option(
    "--days",
    type=click.IntRange(min=1),
    default=_UNUSED_DAYS,
    show_default=True,
    help="How long nobody has used it.",
)
@as_json
def prune(*, days: int, as_json: bool) -> None:
    """Give up what nobody has used for some days. What is needed again is downloaded again."""
    _give_up(days * DAY, as_json=as_json)


@command.command("clean")
@as_json
def clean(*, as_json: bool) -> None:
    """Give up all of it. Bundles stay as they are."""
    _give_up(0, as_json=as_json)


def _give_up(unused_for: float, *, as_json: bool) -> None:
    store = default_store()
    work = partial(give_up, store.root, store.workspace, unused_for)
    freed: Freed = _worked("give up what is not used", work)
    if as_json:
        write_json({"path": str(store.root), "entries": freed.entries, "size": freed.size})
    else:
        write_lines([f"gave up {counted(freed.entries, 'item')}, {human(freed.size)}"])


def _worked(title: str, work: Callable[..., _T]) -> _T:
    """What a thread comes to, with the bytes that it has seen as progress."""

    async def run(tasks: Tasks) -> _T:
        async with tasks.open("", title) as task:
            return await stoppable(
                lambda stop: work(counted=lambda size: task.progress(size, None), stop=stop)
            )

    return with_tasks(run, quiet=False, verbose=False)
