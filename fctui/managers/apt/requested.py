"""Checking what a project asks for against the index, before the solver is asked."""

from __future__ import annotations

from collections.abc import Sequence

from msgspec import Struct

from fctui.managers.apt.edges import package_id
from fctui.managers.apt.index import PackageIndex
from fctui.model.errors import ResolutionError
from fctui.model.names import some
from fctui.model.target import Target
from fctui.project.apt_file import AptPackage

_MOST = 8
# Versions, providers and names that a hint has.


class Request(Struct, frozen=True):
    """A declared package as the solver gets it, and the id that it will have."""

    declared: AptPackage
    argument: str
    id: str


def requests(
    declared: Sequence[AptPackage], index: PackageIndex, native: str, target: Target
) -> tuple[Request, ...]:
    """The solver's arguments. A virtual package with one provider is that provider.

    Raises ResolutionError for packages and versions that do not exist, with those that are like
    them, and for virtual packages with several providers.
    """
    found: list[Request] = []
    problems: list[str] = []
    hints: list[str] = []
    for each in declared:
        arch = each.arch if each.arch not in {"", "any", "all"} else native
        id_ = package_id(each.name, arch, native)
        if id_ in index:
            versions = index.versions(id_) if each.version else []
            version = next((v for v in versions if _fits(v, each.version)), "")
            if each.version and not version:
                problems.append(f"{each.where}: there is no {id_} {each.version}")
                hints.append(f"{id_} has {some(versions, _MOST)}.")
                continue
            found.append(Request(each, f"{id_}={version}" if version else id_ + each.chosen, id_))
            continue
        providers = sorted({name for name, _ in index.providers(each.name)})
        if len(providers) == 1 and not each.chosen:
            found.append(Request(each, providers[0], providers[0]))
        elif providers:
            problems.append(f"{each.where}: {each.name} is a virtual package")
            hints.append(f"Name one of those that provide {each.name}: {some(providers, _MOST)}.")
        else:
            problems.append(f"{each.where}: there is no package {id_}")
            near = index.near(each.name)
            if near:
                hints.append(f"Like {each.name}: {some(near, _MOST)}.")
    if problems:
        suite = f"Debian {target.suite.name}" if target.suite else "the archives"
        raise ResolutionError(
            "; ".join(problems) + f" in {suite}.",
            hint=" ".join(hints) or "Search for it with / in the apt pane.",
        )
    return tuple(found)


def _fits(version: str, wanted: str) -> bool:
    """Whether a version is the wanted one, or begins as it does: apt-get(8) takes both."""
    return version.startswith(wanted[:-1]) if wanted.endswith("*") else version == wanted
