"""Finding the package that a person means by a name."""

from __future__ import annotations

import difflib
from collections.abc import Mapping

from fctui.model.errors import FctuiError, UsageError
from fctui.model.names import normalized, some
from fctui.model.package import Package, Resolution
from fctui.tasks.text import clean

SHOWN = 5
# Ids that an error names before it says how many more there are.


def find_package(
    resolutions: Mapping[str, Resolution],
    wanted: str,
    manager: str | None = None,
    failure: FctuiError | None = None,
) -> tuple[str, str]:
    """(manager, id) of a package named by its id or by its name as it is displayed.

    Raises UsageError for a name that nothing has, with those that are like it, and for one that
    means several packages, with their ids. Where another manager's resolution is a `failure` and
    might have had the name, it is that which is raised.
    """
    asked = {
        name: resolution for name, resolution in resolutions.items() if manager in {None, name}
    }
    found = [(name, id_) for name, resolution in asked.items() for id_ in _ids(resolution, wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        raise _ambiguous(wanted, found)
    if failure is not None:
        raise failure
    names = {package.name for each in asked.values() for package in each.packages.values()}
    near = difflib.get_close_matches(wanted, sorted(names), n=3)
    raise UsageError(
        f"{clean(wanted)} is not among the resolved packages.",
        hint=f"Did you mean {', '.join(map(clean, near))}?" if near else "fctui tree lists all.",
    )


def _ids(resolution: Resolution, wanted: str) -> list[str]:
    """What the name means to one manager: an id itself, else every package of that name."""
    if wanted in resolution.packages:
        return [wanted]
    return [p.id for p in resolution.packages.values() if _is_called(p, wanted)]


def _is_called(package: Package, wanted: str) -> bool:
    if package.manager != "pip":
        return package.name == wanted
    return normalized(package.name) == normalized(wanted)


def _ambiguous(wanted: str, found: list[tuple[str, str]]) -> UsageError:
    managers = sorted({manager for manager, _ in found})
    if len(managers) > 1:
        return UsageError(
            f"{clean(wanted)} is a package of {' and '.join(managers)}.",
            hint=f"Add --manager {managers[0]} or --manager {managers[1]}.",
        )
    ids = [clean(id_) for _, id_ in found]
    return UsageError(
        f"{len(ids)} packages are called {clean(wanted)}: {some(ids, SHOWN)}.",
        hint="Name one by its id.",
    )
