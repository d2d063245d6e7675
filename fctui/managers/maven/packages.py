"""Maven's tree as packages: their ids, what they require, and why a version was taken."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

from fctui.managers.maven.jar import Jar
from fctui.managers.maven.poms import About
from fctui.managers.maven.repository import Place
from fctui.managers.maven.tree import Chosen, Key, Tree
from fctui.model.finding import Finding, Kind
from fctui.model.names import some
from fctui.model.package import Artifact, Package, Root
from fctui.project.maven_file import Coordinate
from fctui.project.xml_nodes import Node

MANAGER = "maven"

_MOST_NAMES = 3
# Packages named in a note.


def ids_of(tree: Tree) -> dict[Key, str]:
    """`group:artifact[:classifier]`; of two that differ in type alone the later has it as well."""
    found: dict[Key, str] = {}
    taken: set[str] = set()
    for group, artifact, type_, classifier in tree.chosen:
        plain = ":".join(filter(None, (group, artifact, classifier)))
        id_ = plain if plain not in taken else f"{plain}@{type_}"
        taken.add(id_)
        found[group, artifact, type_, classifier] = id_
    return found


def managed_versions(model: Node) -> dict[Key, str]:
    """What dependency management of the effective model says: of the POM, parents and BOMs."""
    return {
        (
            each.value("groupId"),
            each.value("artifactId"),
            each.value("type") or "jar",
            each.value("classifier"),
        ): each.value("version")
        for each in model.all("dependencyManagement", "dependencies", "dependency")
    }


def packages_of(
    tree: Tree,
    managed: Mapping[Key, str],
    artifacts: Mapping[Place, Artifact],
    about: Mapping[Place, About],
    inside: Mapping[Place, Jar],
) -> dict[str, Package]:
    """The packages by id, in the tree's order."""
    ids = ids_of(tree)
    found = {}
    for key, chosen in tree.chosen.items():
        place = chosen.place
        artifact = artifacts.get(place)
        known = about.get(place, About())
        found[ids[key]] = Package(
            manager=MANAGER,
            id=ids[key],
            name=ids[key].partition(":")[2],
            version=chosen.node.version,
            requires=tuple(ids[each] for each in chosen.requires),
            artifact=artifact,
            installed_size=artifact.size if artifact else 0,
            summary=known.summary,
            licenses=known.licenses,
            note="; ".join(
                (
                    f"scope {chosen.node.scope}",
                    f"group {key[0]}",
                    *_choice(key, chosen, tree, managed),
                    *_inside(inside.get(place, Jar())),
                )
            ),
        )
    return found


def _inside(jar: Jar) -> Iterator[str]:
    """What of a jar's contents decides where it runs."""
    if jar.java:
        yield f"needs Java {jar.java}"
    if jar.natives:
        machines = sorted({native.machine for native in jar.natives} - {"", "other"})
        count = len(jar.natives)
        built = f" ({', '.join(machines)})" if machines else ""
        yield f"{count} native {'library' if count == 1 else 'libraries'} inside{built}"


def _choice(key: Key, chosen: Chosen, tree: Tree, managed: Mapping[Key, str]) -> Iterator[str]:
    """Why this version, and which others were asked for."""
    if chosen.node.type == "pom":
        yield "a POM: it brings what it requires, and no file of its own"
    if key not in tree.roots and managed.get(key) == chosen.node.version:
        yield "its version is set by dependency management"
    elif key in tree.roots and chosen.lost:
        yield "what the project declares wins"
    elif chosen.lost:
        yield "the version nearest to the project wins"
    for other, parents in chosen.lost.items():
        yield f"{other} omitted, which {_names(parents)} asked for"


def _names(keys: Iterable[Key]) -> str:
    return some((artifact for _, artifact, _, _ in keys), _MOST_NAMES)


def roots_of(tree: Tree, declared: Iterable[Coordinate], source: str) -> tuple[Root, ...]:
    """What the project declares, as Maven understood it: parents and profiles may add to the file,
    and an artifact may have moved to another name.
    """
    ids = ids_of(tree)
    lines = {each.same: each for each in declared}
    left = [each for each in lines.values() if each.bundled and each.same not in tree.chosen]
    found = []
    for key in tree.roots:
        node = tree.chosen[key].node
        own = lines.get(key)
        if own is None:  # one that moved keeps its version or its name
            own = next(
                (e for e in left if node.version == e.version or node.artifact_id == e.artifact),
                None,
            )
            left = [each for each in left if each is not own]
        text = own.text if own is not None else f"{ids[key]}:{node.version}"
        found.append(Root(ids[key], text, source, own.line if own is not None else 0))
    return tuple(found)


def findings_of(tree: Tree) -> Iterator[Finding]:
    """What is left out though it may be needed at run time."""
    for (group, artifact, _, _), (scope, parents) in tree.outside.items():
        yield Finding(
            kind=Kind.UNRESOLVED,
            subject=f"{group}:{artifact}",
            needed_by=tuple(":".join(parent[:2]) for parent in parents),
            message=f"{artifact} is not in the bundle: its scope is {scope}, though "
            f"{_names(parents)} may need it at run time.",
            breaks=False,
        )
    for group, artifact, _, _ in tree.system:
        yield Finding(
            kind=Kind.UNRESOLVED,
            subject=f"{group}:{artifact}",
            message=f"{artifact} has scope system, a file of this machine: it is not in the "
            "bundle. Put it into the project's own lib directory.",
            breaks=False,
        )
