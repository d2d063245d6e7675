"""Changing requirements in pyproject.toml by tomlkit, which keeps comments and layout."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from fctui.model.errors import UsageError
from fctui.model.names import normalized
from fctui.project.edit_file import Document, Edit
from fctui.project.requirements import Requirement, parse_requirement
from fctui.project.settings import PipSettings

if TYPE_CHECKING:
    from tomlkit import TOMLDocument
    from tomlkit.items import Array


def add_to_pyproject(
    document: Document, wanted: Requirement, text: str, settings: PipSettings, *, new: bool
) -> Edit | None:
    """Put a requirement in the place of one of its name; with `new` add it where there is none."""
    import tomlkit

    parsed = parsed_toml(document)
    for array in _arrays(parsed, settings):
        for at, declared in _requirements(array, document):
            if wanted.name and declared.name == wanted.name and declared.marker == wanted.marker:
                if str(array[at]) == text:
                    raise UsageError(f"{document.path.name} declares {text} already.")
                old = str(array[at])
                array[at] = text
                return document.edit(
                    dumped_toml(parsed, document), f"change {old} to {text} in {document.path.name}"
                )
    if not new:
        return None
    table = parsed.setdefault("project", tomlkit.table())
    if "dependencies" in table.get("dynamic", ()):
        return None
    table.setdefault("dependencies", tomlkit.array()).append(text)
    return document.edit(dumped_toml(parsed, document), f"add {text} to {document.path.name}")


def remove_from_pyproject(document: Document, name: str, settings: PipSettings) -> Edit | None:
    """Take every requirement of a normalized name out of the first array that has it."""
    parsed = parsed_toml(document)
    for array in _arrays(parsed, settings):
        found = [at for at, r in _requirements(array, document) if r.name == name]
        for at in reversed(found):
            del array[at]
        if found:
            return document.edit(
                dumped_toml(parsed, document), f"remove {name} from {document.path.name}"
            )
    return None


def parsed_toml(document: Document) -> TOMLDocument:
    """A document as TOML that can be changed. Raises UsageError where it is none."""
    import tomlkit
    from tomlkit.exceptions import TOMLKitError

    try:
        return tomlkit.parse(document.text)
    except TOMLKitError as error:
        raise UsageError(f"{document.path} is not valid TOML: {error}.") from error


def dumped_toml(parsed: TOMLDocument, document: Document) -> str:
    """The text, with the file's own line ends also in the lines that were made."""
    text = parsed.as_string()
    if document.text.count("\r\n") == document.text.count("\n"):
        text = text.replace("\r\n", "\n").replace("\n", document.newline)
    return text


def _arrays(parsed: TOMLDocument, settings: PipSettings) -> Iterator[Array]:
    """The arrays of requirements that are in use: dependencies, then chosen extras and groups."""
    from tomlkit.items import Array

    project = parsed.get("project", {})
    candidates = [project.get("dependencies")]
    optional = project.get("optional-dependencies", {})
    groups = parsed.get("dependency-groups", {})
    for table, names in ((optional, settings.extras), (groups, settings.groups)):
        chosen = {normalized(name) for name in names}
        candidates += [value for key, value in table.items() if normalized(key) in chosen]
    yield from (each for each in candidates if isinstance(each, Array))


def _requirements(array: Array, document: Document) -> Iterator[tuple[int, Requirement]]:
    """Each string of an array with its index; tables (`include-group`) are passed over."""
    for at, item in enumerate(array):
        if isinstance(item, str):
            yield at, parse_requirement(item, document.path, 0)
