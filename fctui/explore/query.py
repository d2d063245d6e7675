"""What a filter means: words of a path, sizes, and `owner:`, `manager:`, `category:`, `type:`."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterable, Sequence
from itertools import compress
from math import ceil, floor

from msgspec import Struct

from fctui.explore.catalog import Catalog
from fctui.explore.groups import column
from fctui.explore.positions import Positions
from fctui.explore.selection import Selection

_LIMIT = re.compile(r"([<>])(\d+(?:\.\d+)?)([kmg]?)b?")
_FACTORS = {"": 1, "k": 1_000, "m": 1_000_000, "g": 1_000_000_000}
_FIELDS = {
    "owner": "owner", "o": "owner", "package": "owner", "manager": "manager", "m": "manager",
    "category": "category", "c": "category", "type": "type", "t": "type",
}  # fmt: skip

LIBRARY = "so"
# `type:so` are the shared libraries, by whatever name.


class Query(Struct, frozen=True):
    """What all hold: parts of the path or the owner; bytes; parts of a group's name."""

    words: tuple[str, ...] = ()
    least: float = -1
    most: float = float("inf")
    fields: tuple[tuple[str, str], ...] = ()


def parse(text: str) -> Query:
    """The query that somebody types; what means nothing special is a word."""
    words, fields = [], []
    least, most = -1.0, float("inf")
    for word in text.casefold().split():
        limit = _LIMIT.fullmatch(word)
        name, colon, value = word.partition(":")
        if limit is not None:
            count = float(limit[2]) * _FACTORS[limit[3]]
            if limit[1] == ">":
                least = max(least, count)
            else:
                most = min(most, count)
        elif colon and name in _FIELDS:
            if value:
                fields.append((_FIELDS[name], value))
        elif word not in {"<", ">"}:
            words.append(word)
    return Query(tuple(words), least, most, tuple(fields))


def matching(selection: Selection, query: Query) -> Selection:
    """The files of a selection that a query is met by."""
    for name, value in query.fields:
        selection = _marked(selection, _by_field(selection, name, value))
    if query.least >= 0 or query.most < float("inf"):
        least, most = floor(query.least), ceil(min(query.most, sys.maxsize))
        sizes = _facts(selection, selection.catalog.sizes)
        selection = _marked(selection, [least < size < most for size in sizes])
    for word in query.words:
        selection = _marked(selection, _by_word(selection, word))
    return selection


def _by_word(selection: Selection, word: str) -> list[bool]:
    """Files that have the word in their path or their owner's name."""
    catalog, chosen = selection.catalog, selection.chosen
    folded, owners = catalog.folded, catalog.owners
    of = [word in name.casefold() for _, name in catalog.owner_table]
    if not chosen.inverted:
        return [word in folded[at] or of[owners[at]] for at in chosen]
    flags: list[bool] = []
    for owner, first, last in catalog.stretches:
        if of[owner]:
            flags += [True] * (last - first)
        else:
            flags += [word in path for path in folded[first:last]]
    return flags


def _by_field(selection: Selection, name: str, value: str) -> list[bool]:
    catalog = selection.catalog
    if name == "type" and value in {LIBRARY, ".so"}:
        return list(map(bool, _facts(selection, catalog.libraries)))
    labels, numbers = column(catalog, name)  # type: ignore[arg-type]  # one of the four
    wanted = [value in label[1].casefold() for label in labels]
    return list(map(wanted.__getitem__, _facts(selection, numbers)))


def _facts(selection: Selection, column_: Sequence[int]) -> Iterable[int]:
    """A column's entries for the chosen files; for all where most are chosen."""
    chosen = selection.chosen
    return column_ if chosen.inverted else map(column_.__getitem__, chosen.named)


def _marked(selection: Selection, flags: list[bool]) -> Selection:
    """What is true of the chosen files; `flags` are for all where most are chosen."""
    catalog, chosen = selection.catalog, selection.chosen
    if not chosen.inverted:
        return Selection(catalog, list(compress(chosen.named, flags)))
    for at in chosen.named:
        flags[at] = False
    return Selection(catalog, Positions.where(flags))


def narrows(query: Query, before: Query) -> bool:
    """Whether a query is met by nothing but what the one before was met by."""
    return (
        query.least >= before.least
        and query.most <= before.most
        and len(query.words) >= len(before.words)
        and all(old in new for old, new in zip(before.words, query.words, strict=False))
        and all(
            any(name == other and old in new for other, new in query.fields)
            for name, old in before.fields
        )
    )


Matcher = Callable[[str], Selection]


def matcher(catalog: Catalog) -> Matcher:
    """Matches what is typed letter by letter: each text within what a shorter one left, so that
    neither a letter more nor one less has to look at everything again.
    """
    trail = [(Query(), Selection(catalog))]

    def match(text: str) -> Selection:
        query = parse(text)
        while not narrows(query, trail[-1][0]):
            trail.pop()  # the first one is narrowed by everything
        before, among = trail[-1]
        if query != before:
            found = matching(among, query)
            trail.append((query, among if len(found) == len(among) else found))
        return trail[-1][1]

    return match
