"""Writing and reading pylock.toml: PEP 751, "A file format to record Python dependencies".

One file has several targets as long as their packages agree; they may differ in the wheels.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from fctui.managers.pinning import is_digest
from fctui.managers.pip.candidates import Candidates, choose, why_not
from fctui.managers.pip.declared import EDITABLE
from fctui.managers.pip.tags import marker_environment
from fctui.model.errors import LockError
from fctui.model.names import normalized
from fctui.model.package import Artifact, Package, Resolution
from fctui.model.target import Target
from fctui.store.access import bare
from fctui.tasks.text import clean

NAME = "pylock.toml"
TOOL = "fctui"
_AGAIN = "Run fctui lock, or restore the file."
_GIT = re.compile(r"git\+(?P<url>[^?#]+)(\?(?P<query>[^#]*))?(#(?P<commit>.*))?")


def name_for(target: str) -> str:
    """The file of one target alone: PEP 751 allows one word without a dot between the two."""
    return f"pylock.{re.sub(r'[^A-Za-z0-9_-]', '_', target)}.toml"


def agree(resolutions: Sequence[Resolution]) -> bool:
    """Whether one file can be for all: the same versions that require the same."""
    graphs = [
        {
            p.id: (p.version, p.requires, p.extras, p.artifact is not None and p.artifact.index)
            for p in resolution.packages.values()
        }
        for resolution in resolutions
    ]
    return all(graph == graphs[0] for graph in graphs)


def pylock(resolutions: Sequence[Resolution], targets: Sequence[Target], root: Path) -> bytes:
    """The text of one file for resolutions that agree."""
    import tomlkit

    merged: dict[str, list[Package]] = {}
    for resolution in resolutions:
        for id_, package in resolution.packages.items():
            merged.setdefault(id_, []).append(package)
    document = {
        "lock-version": "1.0",
        "environments": sorted({_environment(target) for target in targets}),
        "created-by": "fctui",
        "packages": [_package(merged[id_], root) for id_ in sorted(merged)],
    }
    return tomlkit.dumps(document).encode()


def _environment(target: Target) -> str:
    """The marker of the machines that the files are for, to the minor version of Python: whoever
    develops on another patch of it may install from the lock as well.
    """
    values = marker_environment(target)
    names = ("python_version", "sys_platform", "platform_machine", "implementation_name")
    return " and ".join(f"{name} == '{values[name]}'" for name in names)


def _package(same: Sequence[Package], root: Path) -> dict[str, Any]:
    """One package as each target has it."""
    first = same[0]
    made: dict[str, Any] = {"name": first.name}
    artifacts = list(dict.fromkeys(p.artifact for p in same if p.artifact is not None))
    placed = first.artifact is not None and not first.artifact.filename
    if not placed:
        made["version"] = first.version
    if first.artifact is not None and first.artifact.index.startswith(("http:", "https:")):
        made["index"] = first.artifact.index  # a directory is none, by what the files' paths say
    if first.requires:
        made["dependencies"] = [{"name": name} for name in first.requires]
    tool: dict[str, Any] = {"extras": list(first.extras)} if first.extras else {}
    if placed and first.artifact is not None:
        made |= _place(first.artifact.url, root, editable=first.note == EDITABLE)
        tool["version"] = first.version
    elif artifacts and not artifacts[0].index:
        made["archive"] = _file(artifacts[0], root)
    else:
        made |= _files(artifacts, root)
    if tool:
        made["tool"] = {TOOL: tool}
    return made


def _files(artifacts: Iterable[Artifact], root: Path) -> dict[str, Any]:
    ordered = sorted(artifacts, key=lambda artifact: artifact.filename)
    wheels = [{"name": a.filename, **_file(a, root)} for a in ordered if _is_wheel(a)]
    sdists = [{"name": a.filename, **_file(a, root)} for a in ordered if not _is_wheel(a)]
    made: dict[str, Any] = {}
    if sdists:
        made["sdist"] = sdists[0]
    if wheels:
        made["wheels"] = wheels
    return made


def _file(artifact: Artifact, root: Path) -> dict[str, Any]:
    made: dict[str, Any] = {}
    if artifact.url.startswith("file:"):
        made["path"] = _path(artifact.url, root)
    else:
        made["url"] = bare(artifact.url)
    if artifact.size is not None:
        made["size"] = artifact.size
    algorithm, _, value = artifact.digest.partition(":")
    made["hashes"] = {algorithm: value}
    return made


def _place(url: str, root: Path, *, editable: bool) -> dict[str, Any]:
    """A source tree: a directory of this machine, or a repository at a commit."""
    found = _GIT.fullmatch(url)
    if found is None:
        made: dict[str, Any] = {"path": _path(url, root)}
        return {"directory": {**made, "editable": True} if editable else made}
    vcs: dict[str, Any] = {"type": "git", "url": bare(found["url"])}
    for pair in (found["query"] or "").split("&"):
        key, _, value = pair.partition("=")
        if key == "subdirectory":
            vcs["subdirectory"] = unquote(value)
        elif key in {"rev", "tag", "branch"}:
            vcs["requested-revision"] = unquote(value)
    vcs["commit-id"] = found["commit"] or ""
    return {"vcs": vcs}


def _path(url: str, root: Path) -> str:
    """Relative to the project where it lies in or beside it, so that it holds elsewhere too."""
    path = Path(unquote(urlsplit(url).path)) if "://" in url else Path(url)
    relative = os.path.relpath(path, root)
    return str(path) if relative.startswith("../../") else Path(relative).as_posix()


def _is_wheel(artifact: Artifact) -> bool:
    return artifact.filename.endswith(".whl")


def read_pylock(path: Path, target: Target, holds: Callable[..., bool]) -> dict[str, Package]:
    """The packages for a target, by id. Raises LockError for a file that is missing or damaged, or
    that has no file of a package for the target.
    """
    from packaging.pylock import Pylock, PylockValidationError

    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
        lock = Pylock.from_dict(data)
    except FileNotFoundError:
        raise LockError(f"{path.name} is gone.", hint=_AGAIN) from None
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError, PylockValidationError) as error:
        raise LockError(f"{path} cannot be used: {error}.", hint=_AGAIN) from error
    pairs = zip(lock.packages, data["packages"], strict=True)
    wanted = [raw for each, raw in pairs if holds(str(each.marker or ""))]
    names = {normalized(raw["name"]) for raw in wanted}
    if len(names) < len(wanted):
        raise LockError(f"{path.name} has a package twice for {target.id}.", hint=_AGAIN)
    try:
        found = [_read(raw, names, target, path) for raw in wanted]
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise LockError(f"{path.name} is damaged: {error}.", hint=_AGAIN) from error
    return {package.id: package for package in sorted(found, key=lambda package: package.id)}


def _read(data: Mapping[str, Any], names: set[str], target: Target, lock: Path) -> Package:
    tool = data.get("tool", {}).get(TOOL, {})
    name = normalized(data["name"])
    artifact, build, note = _artifact(data, target, lock)
    requires = (normalized(each["name"]) for each in data.get("dependencies", ()))
    return Package(
        manager="pip",
        id=name,
        name=name,
        version=str(data.get("version") or tool.get("version", "")),
        requires=tuple(each for each in requires if each in names),
        artifact=artifact,
        needs_build=build,
        note=note,
        extras=tuple(tool.get("extras", ())),
    )


def _artifact(data: Mapping[str, Any], target: Target, lock: Path) -> tuple[Artifact, bool, str]:
    """What is installed of a package, whether it has to be built, and a note on that."""
    if "vcs" in data:
        return _repository(data["vcs"]), True, "has to be built: it is a repository"
    if "directory" in data:
        directory = data["directory"]
        place = lock.parent / directory["path"]
        artifact = Artifact("", Path(os.path.normpath(place)).as_uri(), None, "")
        note = EDITABLE if directory.get("editable") else "has to be built: it is a directory"
        return artifact, True, note
    if "archive" in data:
        artifact = _listed(data["archive"], data, lock)
        build = not _is_wheel(artifact)
        return artifact, build, "has to be built: it is published as source" if build else ""
    wheels = tuple(_listed(each, data, lock) for each in data.get("wheels", ()))
    sdist = _listed(data["sdist"], data, lock) if "sdist" in data else None
    choice = choose(Candidates(wheels, sdist), target)
    if choice.artifact is None:
        why = why_not(wheels, target)
        raise LockError(
            f"{lock.name} has no file of {data['name']} for {target.id}: {why}.",
            hint=f"Run fctui lock --target {target.id}.",
        )
    why = choice.reason or "it is published as source only"
    return choice.artifact, choice.needs_build, f"has to be built: {why}" * choice.needs_build


def _repository(vcs: Mapping[str, Any]) -> Artifact:
    query = [("rev", vcs.get("requested-revision")), ("subdirectory", vcs.get("subdirectory"))]
    asked = "&".join(f"{key}={value}" for key, value in query if value)
    url = f"git+{vcs.get('url') or vcs.get('path')}{f'?{asked}' if asked else ''}"
    return Artifact("", f"{url}#{vcs['commit-id']}", None, "")


def _listed(file: Mapping[str, Any], package: Mapping[str, Any], lock: Path) -> Artifact:
    if "path" in file:
        url = Path(os.path.normpath(lock.parent / file["path"])).as_uri()
    else:
        url = str(file["url"])
    filename = file.get("name") or unquote(urlsplit(url).path).rpartition("/")[2]
    hashes = file["hashes"]
    algorithm = next((a for a in ("sha256", "sha512") if a in hashes), "")
    digest = f"{algorithm}:{hashes.get(algorithm, '')}"
    if not is_digest(digest):
        raise LockError(
            f"{lock.name} has neither a SHA-256 nor a SHA-512 of {clean(str(filename))}.",
            hint="Run fctui lock.",
        )
    return Artifact(str(filename), url, file.get("size"), digest, str(package.get("index", "")))
