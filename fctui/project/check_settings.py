"""What settings may not say although their types are right: paths that lead out."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fctui.project.settings import Settings

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*", re.ASCII)

Problem = tuple[tuple[str, ...], str, str, str]
"""(keys, the string at fault, what is wrong, what to do)"""


def problems(settings: Settings) -> Iterator[Problem]:
    """What is wrong, in the order of the settings."""
    if not settings.target:
        yield ("target",), "", "no target is named.", "fctui targets lists them."
    for name in settings.pip.requirements:
        if not _inside(name):
            yield (
                ("pip", "requirements"),
                name,
                f"{name!r} does not lie in the project.",
                "Include it with -r from a file in the project.",
            )
    yield from _install_option(settings)
    if settings.bundle.output.strip("/. ") == "":
        yield (
            ("bundle", "output"),
            settings.bundle.output,
            f"{settings.bundle.output!r} would replace the project itself.",
            "Name a directory of its own, for example build/bundle.",
        )
    yield from _environment(settings)
    for ignored in settings.audit.ignore:
        if not ignored.reason.strip():
            yield (
                ("audit", "ignore"),
                ignored.id,
                f"{ignored.id!r} is ignored without a reason.",
                "Say why it does not concern this function: somebody will ask.",
            )


def _environment(settings: Settings) -> Iterator[Problem]:
    """Names as POSIX has them (Base Definitions, 8.1), and values that take one line."""
    for name, value in settings.bundle.environment.items():
        if not _VARIABLE.fullmatch(name):
            yield (
                ("bundle", "environment"),
                name,
                f"{name!r} is no name of a variable.",
                "Letters, digits and _ make one, and no digit stands first.",
            )
        if not value.isprintable():
            yield (
                ("bundle", "environment", name),
                value,
                f"{value!r} has control characters in it.",
                "Providers take text of one line.",
            )


def _install_option(settings: Settings) -> Iterator[Problem]:
    chosen = settings.pip.install_option
    for key in ("purelib", "platlib", "lib", "scripts", "data", "headers", "prefix"):
        value: str = getattr(chosen, key)
        if value and not _inside(value):
            yield (
                ("pip", "install-option", key),
                value,
                f"{value!r} does not lie in the bundle.",
                "Name a directory in the bundle, for example python.",
            )


def _inside(path: str) -> bool:
    """Whether a relative path stays below where it starts."""
    return bool(path.strip()) and not path.startswith(("/", "~")) and ".." not in path.split("/")
