"""Finding other tools' files in a project, and reading each into the functions it is about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fctui.model.errors import UsageError
from fctui.project.imports.aptfile import read_aptfile
from fctui.project.imports.conda import read_environment
from fctui.project.imports.dockerfile import read_dockerfile, read_funfile
from fctui.project.imports.fun_yml import read_fun_yml
from fctui.project.imports.functions import Functions, read_serverless_devs, read_template
from fctui.project.imports.imported import Imported, Place
from fctui.project.imports.pipfile_lock import read_pipfile_lock
from fctui.project.imports.python_locks import read_poetry_lock, read_uv_lock
from fctui.project.imports.serverless_yml import read_serverless
from fctui.project.load_settings import SHARED_FILE, read_toml

_Reader = Callable[[Path, Imported], None]

_TEMPLATES: tuple[tuple[tuple[str, ...], Callable[[Path, Functions], None]], ...] = (
    (("s.yaml", "s.yml"), read_serverless_devs),
    (("template.yml", "template.yaml"), read_template),
    (("serverless.yml", "serverless.yaml"), read_serverless),
)
TEMPLATE_NAMES = tuple(name for names, _ in _TEMPLATES for name in names)
"""The files that tell of functions in other directories."""

_IN_DIRECTORY: tuple[tuple[tuple[str, ...], _Reader], ...] = (
    (("Funfile", "fun.yml"), read_funfile),
    (("Aptfile",), read_aptfile),
    (("apt-get.list",), read_aptfile),
    (("uv.lock", "poetry.lock", "Pipfile.lock"), read_uv_lock),
    (("environment.yml", "environment.yaml"), read_environment),
    (("Dockerfile",), read_dockerfile),
)
_WITHOUT_LOCK = (
    ("Pipfile", "Pipfile.lock", "pipenv lock"),
    (SHARED_FILE, "poetry.lock", "poetry lock"),
)
_BY_NAME: dict[str, _Reader] = {
    "fun.yml": read_fun_yml,
    "poetry.lock": read_poetry_lock,
    "Pipfile.lock": read_pipfile_lock,
}


def read_imports(root: Path) -> list[Imported]:
    """What other tools' files in a directory say, for each function that they tell of; the first
    is of the directory itself, and has what belongs to none of the others.

    Raises UsageError for a file that cannot be read.
    """
    if not root.is_dir():
        raise UsageError(f"{root} is no directory.", hint="Name a function's directory.")
    root = root.resolve()
    functions = read_templates(root)
    here = functions.found.setdefault(root, Imported(root))
    here.said[:0] = functions.outside.said
    for directory, into in functions.found.items():
        _read_directory(directory, into)
    others = [each for directory, each in functions.found.items() if directory != root]
    return [here, *others]


def foreign_files(root: Path) -> list[str]:
    """The names of other tools' files in a directory, whatever they say."""
    names = [*TEMPLATE_NAMES, *(name for names, _ in _IN_DIRECTORY for name in names)]
    found = [name for name in names if (root / name).is_file()]
    own = [name for name, lock, _ in _WITHOUT_LOCK if lock not in found]
    return [*found, *(n for n in own if (root / n).is_file() and _asks_for_lock(root / n))]


def read_templates(root: Path) -> Functions:
    """The functions that the templates in a directory tell of, with nothing else of theirs read.

    Raises UsageError for a template that cannot be read.
    """
    functions = Functions(root)
    for names, read in _TEMPLATES:
        for name in names:
            if (root / name).is_file():
                read(root / name, functions)
    return functions


def _read_directory(directory: Path, into: Imported) -> None:
    """The files that lie with a function's code; of two that say the same the first counts."""
    for names, reader in _IN_DIRECTORY:
        found = [name for name in names if (directory / name).is_file()]
        for name in found[:1]:
            _BY_NAME.get(name, reader)(directory / name, into)
        for name in found[1:]:
            into.leave(Place(directory / name), name, f"{found[0]} is read instead")
    for name, lock, how in _WITHOUT_LOCK:
        path = directory / name
        if path.is_file() and not (directory / lock).is_file() and _asks_for_lock(path):
            into.leave(Place(path), name, f"there is no {lock}: {how} makes it, then it is read")


def _asks_for_lock(path: Path) -> bool:
    """Whether its dependencies stand in a tool's own spelling, which only its lock explains."""
    if path.name != SHARED_FILE:
        return True
    tool = read_toml(path).get("tool")
    poetry = tool.get("poetry") if isinstance(tool, dict) else None
    return isinstance(poetry, dict) and "dependencies" in poetry
