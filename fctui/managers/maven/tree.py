"""Maven's dependency trees as JSON: who won, who was omitted for whom, and who asked for what.

`dependency:tree` gives each artifact once, where it won. Its verbose form has every edge that was
looked at; what was omitted stands there without children and without a word why. Held against each
other they tell: the same version is a duplicate, another one lost a conflict.
"""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from fctui.managers.maven.repository import Place

RUNTIME = frozenset({"compile", "runtime"})
# The scopes of the run-time class path: "Introduction to the Dependency Mechanism".

_EXTENSIONS = {
    "test-jar": "jar",
    "maven-plugin": "jar",
    "ejb": "jar",
    "ejb-client": "jar",
    "java-source": "jar",
    "javadoc": "jar",
    "bundle": "jar",
    "eclipse-plugin": "jar",
}
# File name extensions of Maven's types ("Default Artifact Handlers"), where they differ from the
# type, and of two that extensions bring, which are not loaded.

Key = tuple[str, str, str, str]
"""What Maven holds one version of: group, artifact, type, classifier."""


class Written(Struct, frozen=True, rename="camel"):
    """A node as the plugin writes it."""

    group_id: str
    artifact_id: str
    version: str
    type: str = "jar"
    scope: str = ""
    classifier: str = ""
    optional: str = "false"
    children: tuple[Written, ...] = ()

    @property
    def key(self) -> Key:
        """What this is a version of."""
        return self.group_id, self.artifact_id, self.type, self.classifier


class Chosen(Struct):
    """An artifact that won: what it requires, and which other versions were asked for by whom."""

    node: Written
    requires: dict[Key, None] = field(default_factory=dict)
    lost: dict[str, dict[Key, None]] = field(default_factory=dict)

    @property
    def place(self) -> Place:
        """Where it lies in a repository."""
        node = self.node
        extension = _EXTENSIONS.get(node.type, node.type)
        return Place(node.group_id, node.artifact_id, node.version, node.classifier, extension)


class Tree(Struct, frozen=True):
    """The artifacts at run time, roots first to last as declared.

    `outside` are those that win in another scope: by key, the scope and who needs them at run time.
    """

    roots: tuple[Key, ...]
    chosen: dict[Key, Chosen]
    outside: dict[Key, tuple[str, tuple[Key, ...]]]
    system: tuple[Key, ...] = ()


def read_tree(plain: Written, verbose: Written) -> Tree:
    """Put the two forms of one tree together."""
    winners = {node.key: node for _, node in _edges(plain)}
    chosen = {key: Chosen(node) for key, node in winners.items() if node.scope in RUNTIME}
    needed: dict[Key, dict[Key, None]] = {}
    for tree in (verbose, plain):
        for parent, node in _edges(tree):
            if parent is not None and parent.key not in chosen:
                continue
            found = chosen.get(node.key)
            if found is None:
                if parent is not None and node.scope in RUNTIME and node.key in winners:
                    needed.setdefault(node.key, {})[parent.key] = None
                continue
            if parent is not None:
                chosen[parent.key].requires[node.key] = None
                if node.version != found.node.version:
                    found.lost.setdefault(node.version, {})[parent.key] = None
    outside = {
        key: (winners[key].scope, tuple(parents))
        for key, parents in needed.items()
        if winners[key].scope not in RUNTIME
    }
    roots = dict.fromkeys(node.key for node in plain.children if node.key in chosen)
    system = tuple(key for key, node in winners.items() if node.scope == "system")
    return Tree(tuple(roots), chosen, outside, system)


def _edges(root: Written) -> Iterator[tuple[Written | None, Written]]:
    """(parent, node) from the top down, in order; the parent of what is declared is None."""
    waiting: list[tuple[Written | None, Written]] = [(None, n) for n in reversed(root.children)]
    while waiting:
        parent, node = waiting.pop()
        yield parent, node
        waiting.extend((node, child) for child in reversed(node.children))
