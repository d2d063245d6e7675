"""The links that update-alternatives(1) would make for a set of debs."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import NamedTuple

from fctui.managers.apt.alternatives import Alternative, read_alternatives
from fctui.managers.apt.links import Tree
from fctui.model.contents import Contents
from fctui.model.target import Target


class AlternativeLink(NamedTuple):
    """A link in the bundle: its path, the absolute path that it leads to, and whose it is.

    `indirect` are those in `etc/alternatives`: only for links of debs that lead there; the others
    lead to the file itself.
    """

    path: str
    to: str
    owner: str
    indirect: bool


def alternative_links(
    ids: Iterable[str],
    contents: Mapping[str, Contents],
    target: Target,
    tree: Tree,
    rule_of: Callable[[str], str],
) -> Iterator[AlternativeLink]:
    """For each name the candidate of the highest priority, the first of equal ones, with its
    slaves. A candidate or slave that the bundle does not have is none; a link that is left out by
    rule, or where a file stands already, is not made.
    """
    best: dict[str, tuple[Alternative, str]] = {}
    for id_ in ids:
        script = contents[id_].texts.get("postinst", "")
        for each in read_alternatives(script, target.debian_arch, target.multiarch):
            present = tree.find(each.path) is not None
            if present and (each.name not in best or each.priority > best[each.name][0].priority):
                best[each.name] = each, id_
    taken: set[str] = set()
    for alternative, owner in best.values():
        for link in alternative.links:
            where = link.link.lstrip("/")
            if tree.find(link.path) is None or where in taken:
                continue
            taken.add(where)
            yield AlternativeLink(f"etc/alternatives/{link.name}", link.path, owner, indirect=True)
            if not rule_of(where) and tree.find(where) is None:
                yield AlternativeLink(where, link.path, owner, indirect=False)
