"""Searching the packages of a suite as one types."""

from __future__ import annotations

from fctui.managers.apt.index import Hit, PackageIndex
from fctui.managers.apt.root import AptRoot
from fctui.managers.apt.suite import root_of
from fctui.managers.interface import Context
from fctui.model.errors import FctuiError

_MEMORY = "apt-index"


def search(context: Context, query: str, limit: int) -> list[Hit]:
    """The best matches of the lists that were loaded last; none where there are none yet.

    The open index is kept in the context's memory, so that a key press costs a search only.
    """
    index = open_index(context)
    return index.search(query, limit) if index is not None else []


def open_index(context: Context) -> PackageIndex | None:
    """The index of the target's suite, opened once for the context; anew after an update."""
    known = context.memory.get(_MEMORY)
    if isinstance(known, _Opened):
        lists = known.root.recorded()
        if lists is not None and lists.index == known.path:
            return known.index
        known.index.close()
        del context.memory[_MEMORY]
        root = known.root
    else:
        try:
            root = root_of(context)
        except FctuiError:
            return None
        lists = root.recorded()
    if lists is None:
        return None
    try:
        opened = _Opened(root, lists.index, root.open_index(lists))
    except FctuiError:
        return None
    context.memory[_MEMORY] = opened
    return opened.index


class _Opened:
    """An index in use; it closes with the context."""

    def __init__(self, root: AptRoot, path: str, index: PackageIndex) -> None:
        self.root = root
        self.path = path
        self.index = index
