"""What a project declares for apt."""

from __future__ import annotations

from pathlib import Path

from fctui.project.apt_file import AptPackage, parse_apt_package, read_apt_file
from fctui.project.load_settings import setting_line
from fctui.project.project import Project
from fctui.project.settings import AptSettings


def declared_packages(project: Project, settings: AptSettings) -> tuple[AptPackage, ...]:
    """All packages that are declared, each text once, the lists before the settings.

    Raises UsageError with file and line for what is no package name.
    """
    found: dict[str, AptPackage] = {}
    for file in project.of("apt"):
        for package in read_apt_file(file.path, _relative(file.path, project.root)):
            found.setdefault(package.text, package)
    path = project.settings_file
    source = _relative(path, project.root) if path else "[apt] packages"
    for text in settings.packages:
        line = setting_line(path, ["apt", "packages"], text) if path else 0
        at = f"{path or source}:{line}: " if line else f"{path or source}: "
        found.setdefault(text, parse_apt_package(text, at, line, source))
    return tuple(found.values())


def foreign_architectures(declared: tuple[AptPackage, ...], native: str) -> tuple[str, ...]:
    """The architectures that are asked for beside the target's own."""
    ours = {"", native, "any", "all", "native"}
    return tuple(sorted({each.arch for each in declared} - ours))


def _relative(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else str(path)
