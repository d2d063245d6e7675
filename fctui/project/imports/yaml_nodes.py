"""YAML as nodes that know their lines; the tags of deployment tools (`!Ref`) are kept as text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from fctui.model.errors import UsageError
from fctui.project.imports.imported import Place
from fctui.project.text_file import text_of

if TYPE_CHECKING:
    import yaml

_MOST = 2_000_000
# Characters of a file that people write by hand; composing takes some 10 µs for each.

_MERGE = "tag:yaml.org,2002:merge"


@dataclass(frozen=True)
class YamlNode:
    """A value of a YAML file. Nothing is constructed: scalars are the text that stands there, so
    that the version 3.10 stays 3.10.
    """

    node: yaml.Node
    path: Path

    @property
    def place(self) -> Place:
        """Where it begins."""
        return Place(self.path, self.node.start_mark.line + 1)

    @property
    def text(self) -> str:
        """A scalar's text, "" for anything else."""
        return str(self.node.value) if self.is_scalar else ""

    @property
    def is_scalar(self) -> bool:
        """Whether it is one value."""
        return _kind(self.node) == "scalar"

    @property
    def tag(self) -> str:
        """A tag of the file's own, `!Ref`; "" where it is YAML's."""
        return self.node.tag if self.node.tag.startswith("!") else ""

    @property
    def plain(self) -> str:
        """A scalar that stands for itself: neither a tag nor `${…}` has to be filled in."""
        return "" if self.tag or "${" in self.text else self.text.strip()

    @property
    def flag(self) -> bool:
        """Whether it is YAML's true."""
        return self.text.lower() in {"true", "yes", "on"}

    def members(self) -> Iterator[tuple[YamlNode, YamlNode]]:
        """The keys and values of a mapping, merged ones (`<<`) behind its own."""
        if _kind(self.node) != "mapping":
            return
        merged: list[YamlNode] = []
        for key, value in self.node.value:
            if key.tag == _MERGE:
                merged += [YamlNode(each, self.path) for each in _merged(value)]
            elif _kind(key) == "scalar":
                yield YamlNode(key, self.path), YamlNode(value, self.path)
        for other in merged:
            if other.node is not self.node:
                for key, value in other.node.value:
                    if _kind(key) == "scalar" and key.tag != _MERGE:
                        yield YamlNode(key, self.path), YamlNode(value, self.path)

    def items(self) -> Iterator[YamlNode]:
        """The items of a sequence; a scalar is a sequence of itself."""
        if _kind(self.node) == "sequence":
            yield from (YamlNode(each, self.path) for each in self.node.value)
        elif _kind(self.node) == "scalar" and self.text:
            yield self

    def get(self, *keys: str) -> YamlNode | None:
        """What stands under keys, one below the other; their case does not matter."""
        here = self
        for key in keys:
            found = next((v for k, v in here.members() if k.text.lower() == key.lower()), None)
            if found is None:
                return None
            here = found
        return here

    def word(self, *keys: str) -> str:
        """The plain text under keys, "" where there is none."""
        found = self.get(*keys)
        return found.plain if found else ""


def read_yaml(path: Path) -> YamlNode | None:
    """The first document of a file, None where it is empty.

    Raises UsageError, with the line, for what is no YAML.
    """
    import yaml

    text = text_of(path)
    if len(text) > _MOST:
        raise UsageError(f"{path} is too large to be written by hand, and is not read.")
    try:  # not by the loader in C: deep nesting overflows its stack, and ends the process
        node = next(iter(yaml.compose_all(text, yaml.SafeLoader)), None)
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise UsageError(f"{path}:{line}: not valid YAML: {error.problem}.") from error
    except RecursionError as error:
        raise UsageError(f"{path} is nested too deeply.", hint="Is it the right file?") from error
    except yaml.YAMLError as error:
        raise UsageError(f"{path} cannot be read: {' '.join(str(error).split())}.") from error
    return YamlNode(node, path) if node is not None else None


def _kind(node: yaml.Node) -> str:
    """`scalar`, `sequence` or `mapping`."""
    return str(getattr(node, "id", ""))


def _merged(node: yaml.Node) -> list[yaml.Node]:
    if _kind(node) == "mapping":
        return [node]
    return (
        [each for each in node.value if _kind(each) == "mapping"]
        if _kind(node) == "sequence"
        else []
    )
