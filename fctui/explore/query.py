"""What a filter means: words of a path, sizes, and `owner:`, `manager:`, `category:`, `type:`."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from itertools import compress

from msgspec import Struct

from fctui.explore.catalog import Catalog
from fctui.explore.groups import column
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

    @property
    def narrows(self) -> bool:
        """Whether it is not met by everything."""
        return bool(self.words or self.fields) or self.least >= 0 or self.most < float("inf")


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


def matching(catalog: Catalog, query: Query, among: Sequence[int] | None = None) -> Sequence[int]:
    """The positions of the files that a query is met by, of all or `among` some, in order."""
    found: Sequence[int] = range(len(catalog)) if among is None else among
    for name, value in query.fields:
        found = _by_field(catalog, name, value, found)
    if query.least >= 0 or query.most < float("inf"):
        sizes, least, most = catalog.sizes, query.least, query.most
        found = [at for at in found if least < sizes[at] < most]
    for word in query.words:
        found = _by_word(catalog, word, found)
    return found


def _by_word(catalog: Catalog, word: str, found: Sequence[int]) -> Sequence[int]:
    """Files that have the word in their path or their owner's name."""
    folded, owners = catalog.folded, catalog.owners
    of = [word in name.casefold() for _, name in catalog.owner_table]
    if not isinstance(found, range):
        return [at for at in found if word in folded[at] or of[owners[at]]]
    if any(of):
        both = zip(folded, owners, strict=True)
        return list(compress(found, [word in path or of[owner] for path, owner in both]))
    return list(compress(found, [word in path for path in folded]))


def _by_field(catalog: Catalog, name: str, value: str, found: Sequence[int]) -> Sequence[int]:
    if name == "type" and value in {LIBRARY, ".so"}:
        libraries = catalog.libraries
        return [at for at in found if libraries[at]]
    labels, numbers = column(catalog, name)  # type: ignore[arg-type]  # one of the four
    wanted = {n for n, label in enumerate(labels) if value in label[1].casefold()}
    return [at for at in found if numbers[at] in wanted]


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
            found = matching(catalog, query, among.chosen)
            all_ = len(found) == len(among)
            trail.append((query, among if all_ else Selection(catalog, found)))
        return trail[-1][1]

    return match
