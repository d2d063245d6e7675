"""What a project declares for apt, taken apart as the solver needs it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from fctui.project.apt_file import AptPackage, parse_apt_package, read_apt_file
from fctui.project.project import Project
from fctui.project.settings import AptSettings


class Declared(Struct, frozen=True):
    """One package that is asked for: `arch`, `version` and `suite` are "" where none is named.

    `source` is the file relative to the project, `line` counts from 1 (0: not a line).
    """

    text: str
    name: str
    arch: str
    version: str
    suite: str
    source: str
    line: int

    @property
    def where(self) -> str:
        """The place as an error message names it."""
        return f"{self.source}:{self.line}" if self.line else self.source

    @property
    def chosen(self) -> str:
        """What of the declaration chooses a version, as apt-get takes it behind the name."""
        if self.version:
            return f"={self.version}"
        return f"/{self.suite}" if self.suite else ""


def declared_packages(project: Project, settings: AptSettings) -> tuple[Declared, ...]:
    """All packages that are declared, each once, the lists before the settings.

    Raises UsageError with file and line for what is no package name.
    """
    found: dict[str, Declared] = {}
    for each in _all(project, settings):
        source = _relative(each.source, project.root)
        found.setdefault(
            each.text,
            Declared(each.text, each.name, each.arch, each.version, each.suite, source, each.line),
        )
    return tuple(found.values())


def foreign_architectures(declared: tuple[Declared, ...], native: str) -> tuple[str, ...]:
    """The architectures that are asked for beside the target's own."""
    ours = {"", native, "any", "all", "native"}
    return tuple(sorted({each.arch for each in declared} - ours))


def _all(project: Project, settings: AptSettings) -> Iterator[AptPackage]:
    for file in project.of("apt"):
        yield from read_apt_file(file.path)
    for text in settings.packages:
        yield parse_apt_package(text, project.settings_file, 0)


def _relative(path: Path | None, root: Path) -> str:
    if path is None:
        return "[apt] packages"
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
