"""Reading what a project asks of Maven: pom.xml (POM reference), or a list of coordinates.

`maven.txt` is for projects without a POM: `group:artifact[:packaging[:classifier]]:version` on
each line, as Maven's own tools write them, with comments behind `#`.
"""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.project.text_file import text_of
from fctui.project.xml_nodes import Node, parse_xml

_PART = r"[A-Za-z0-9_.-]+"  # maven-model-builder, DefaultModelValidator: ID_REGEX
_VERSION = r"[^\s:<>&\"'|?*\\/${}#]+"  # its ILLEGAL_VERSION_CHARS, less those of ranges
_COORDINATE = re.compile(
    rf"(?P<group>{_PART}):(?P<artifact>{_PART})"
    rf"(?::(?P<packaging>{_PART})(?::(?P<classifier>{_PART}))?)?:(?P<version>{_VERSION})"
)
_BARE = re.compile(rf"(?P<group>{_PART}):(?P<artifact>{_PART})")
_EXPRESSION = re.compile(r"\$\{([^${}]+)\}")
_OUT_OF_THE_BUNDLE = frozenset({"test", "provided", "system", "import"})

HINT = "Write group:artifact:version, or group:artifact:packaging:classifier:version."


class Coordinate(Struct, frozen=True):
    """One artifact as declared; parts that are not said are "". `line` counts from 1."""

    group: str
    artifact: str
    version: str = ""
    packaging: str = ""
    classifier: str = ""
    scope: str = ""
    line: int = 0

    @property
    def name(self) -> str:
        """`group:artifact[:classifier]`, as its package is called."""
        return ":".join(filter(None, (self.group, self.artifact, self.classifier)))

    @property
    def text(self) -> str:
        """The coordinate as in a list, with its scope where it is not the usual one."""
        packaging = self.packaging or ("jar" if self.classifier else "")
        parts = (self.group, self.artifact, packaging, self.classifier, self.version)
        scope = f" ({self.scope})" if self.scope not in {"", "compile"} else ""
        return ":".join(filter(None, parts)) + scope

    @property
    def same(self) -> tuple[str, str, str, str]:
        """What Maven tells dependencies apart by: the POM reference, dependency management."""
        return self.group, self.artifact, self.packaging or "jar", self.classifier

    @property
    def bundled(self) -> bool:
        """Whether its scope is one of those that are there at run time."""
        return self.scope not in _OUT_OF_THE_BUNDLE


def parse_coordinate(text: str, at: str = "", line: int = 0, *, bare: bool = False) -> Coordinate:
    """A coordinate of a list; with `bare` the version may be missing. Raises UsageError."""
    match = _COORDINATE.fullmatch(text) or (_BARE.fullmatch(text) if bare else None)
    if match is None:
        raise UsageError(f"{at}{text!r} is not the coordinate of a Maven artifact.", hint=HINT)
    parts = {key: value or "" for key, value in match.groupdict().items()}
    return Coordinate(**parts, line=line)


def read_maven_list(path: Path) -> tuple[Coordinate, ...]:
    """The coordinates of a maven.txt, each once. Raises UsageError with file and line."""
    found: dict[tuple[str, ...], Coordinate] = {}
    for number, whole in enumerate(text_of(path).splitlines(), 1):
        if text := whole.partition("#")[0].strip():
            wanted = parse_coordinate(text, f"{path}:{number}: ", number)
            known = found.setdefault(wanted.same, wanted)
            if known.version != wanted.version:
                raise UsageError(
                    f"{path}:{number}: {wanted.name} stands on line {known.line} already, with "
                    f"version {known.version}.",
                    hint="Leave one of them.",
                )
    return tuple(found.values())


def read_pom(path: Path) -> tuple[bytes, Node]:
    """A POM's bytes and its `project` element. Raises UsageError for what is none."""
    try:
        data = path.read_bytes()
    except OSError as error:
        raise UsageError(f"{path} cannot be read: {error.strerror}.") from error
    root = parse_xml(data, str(path))
    if root.name != "project":
        raise UsageError(f"{path} is not a POM: it begins with <{root.name}>.")
    return data, root


def pom_dependencies(project: Node) -> tuple[Coordinate, ...]:
    """The dependencies that a POM has itself, with the properties of its own put in."""
    properties = own_properties(project)
    return tuple(
        coordinate_of(node, properties) for node in project.all("dependencies", "dependency")
    )


def coordinate_of(node: Node, properties: dict[str, str]) -> Coordinate:
    """One `<dependency>`."""
    value = {
        key: expanded(node.value(key), properties)
        for key in ("groupId", "artifactId", "version", "type", "classifier", "scope")
    }
    return Coordinate(
        value["groupId"],
        value["artifactId"],
        value["version"],
        "" if value["type"] == "jar" else value["type"],
        value["classifier"],
        value["scope"],
        node.line,
    )


def own_properties(project: Node) -> dict[str, str]:
    """What `${…}` means within a POM as far as the POM itself says it."""
    listed = project.child("properties")
    found = {each.name: each.text.strip() for each in listed.children} if listed else {}
    for key in ("groupId", "artifactId", "version"):
        own = project.value(key) or project.value("parent", key)
        found[f"project.{key}"] = own
        found[f"project.parent.{key}"] = project.value("parent", key)
    return found


def expanded(text: str, properties: dict[str, str]) -> str:
    """Text with `${…}` put in; what is not known stays. Properties may name others, to a depth."""
    for _ in range(10):
        put = _EXPRESSION.sub(lambda found: properties.get(found[1]) or found[0], text)
        if put == text:
            break
        text = put
    return text
