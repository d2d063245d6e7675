"""Solving over a private root's index: from names to debs, without a process."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import Sequence
from functools import partial

from fctui.managers.apt.own.choose import choose_set
from fctui.managers.apt.own.reasons import NoSetError
from fctui.managers.apt.own.universe import Universe, Version, parsed
from fctui.managers.apt.root import AptRoot, Lists
from fctui.managers.apt.solver import Chosen, UnsatisfiableError
from fctui.model.errors import TaskError
from fctui.tasks.text import clean
from fctui.tasks.threads import stoppable

_ODD = re.compile(r"[^!-$&-*,-}]")


async def solve_here(
    root: AptRoot, packages: Sequence[str], status: str, *, recommends: bool
) -> tuple[Chosen, ...]:
    """The debs of an install set. Raises UnsatisfiableError."""
    lists = await asyncio.to_thread(root.recorded)
    if lists is None:
        raise TaskError("The package lists have not been loaded.", hint="Use --refresh.")
    return await stoppable(partial(_solve, root, lists, packages, status, recommends))


def _solve(
    root: AptRoot,
    lists: Lists,
    packages: Sequence[str],
    status: str,
    recommends: bool,  # noqa: FBT001 - a thread gets no keywords
    stop: threading.Event,
) -> tuple[Chosen, ...]:
    with root.open_index(lists) as index:
        universe = Universe(index, root.sources.architectures, status, lists.pins, lists.suites)
        try:
            versions = choose_set(universe, packages, recommends=recommends, stop=stop)
        except NoSetError as error:
            raise UnsatisfiableError(error.lines) from error
    return tuple(_chosen(version, lists) for version in versions)


def _chosen(version: Version, lists: Lists) -> Chosen:
    fields = parsed(version.stanza)
    size = fields.get("Size", "")
    if "Filename" not in fields or not size.isdigit() or "SHA256" not in fields:
        raise TaskError(f"The lists do not tell where {clean(version.name)} lies, or its SHA256.")
    return Chosen(
        name=version.name,
        version=version.version,
        arch=version.arch,
        uri=f"{lists.bases[version.list]}/{_quoted(fields['Filename'].removeprefix('./'))}",
        size=int(size),
        sha256=fields["SHA256"].lower(),
    )


def _quoted(path: str) -> str:
    """A path in a URL as apt writes it (pkgAcquire::URIEncode), so that both name a deb alike."""
    return _ODD.sub(lambda match: "".join(f"%{byte:02x}" for byte in match[0].encode()), path)
