"""Loading targets: the built-in TOML files, a user's own file, or this machine."""

from __future__ import annotations

import difflib
import functools
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import msgspec

from fctui.model.errors import UsageError
from fctui.model.target import Target

_ARM = "-arm64"
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}


def load_target(name: str, *, arch: str | None = None) -> Target:
    """The target of a name, alias or TOML file; `-arm64` behind a name chooses the architecture.

    Raises UsageError for a name that is unknown, with those that are like it, and for a file that
    is not a target.
    """
    if name == "local":
        from fctui.targets.local import local_target

        return local_target()
    if name.endswith(".toml"):
        return _own_file(Path(name))
    wanted, asked = name, arch
    if name.endswith(_ARM):
        wanted, asked = name.removesuffix(_ARM), "aarch64"
    known = _names()
    id_ = known.get(wanted)
    if id_ is None:
        near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
        raise UsageError(
            f"There is no target named {name!r}.",
            hint=f"Did you mean {', '.join(near)}?" if near else "fctui targets lists them all.",
        )
    return _with_arch(id_, _built_in(id_), asked)


def list_targets() -> tuple[Target, ...]:
    """Every built-in target that is no mere base, by id, and this machine."""
    found = []
    for id_ in sorted(_files()):
        data = _built_in(id_)
        if not data.get("abstract"):
            found.append(_with_arch(id_, data, None))
            if "aarch64" in data.get("architectures", ()):
                found.append(_with_arch(id_, data, "aarch64"))
    return (*found, load_target("local"))


@functools.cache
def _files() -> dict[str, Any]:
    data = files("fctui.targets") / "data"
    return {
        entry.name.removesuffix(".toml"): entry
        for entry in data.iterdir()
        if entry.name.endswith(".toml")
    }


@functools.cache
def _names() -> dict[str, str]:
    """Names and aliases to ids."""
    found = {}
    for id_ in _files():
        data = _read(id_)
        if data.get("abstract"):
            continue
        found[id_] = id_
        for alias in data.get("aliases", ()):
            found[alias] = id_
    return found


@functools.cache
def _read(id_: str) -> dict[str, Any]:
    return tomllib.loads(_files()[id_].read_text(encoding="utf-8"))


def _built_in(id_: str) -> dict[str, Any]:
    """A file's facts over those of the files it extends."""
    data = dict(_read(id_))
    base = data.pop("extends", None)
    if base is None:
        return data
    below = _built_in(base)
    below.pop("abstract", None)
    return _over(below, data)


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inner = merged.get(key)
        both = isinstance(value, dict) and isinstance(inner, dict)
        merged[key] = _over(inner, value) if both and inner is not None else value
    return merged


def _with_arch(id_: str, data: dict[str, Any], asked: str | None) -> Target:
    arch = _ARCHITECTURES.get(asked or data["arch"], asked)
    supported = data.get("architectures", [data["arch"]])
    if arch not in supported:
        raise UsageError(
            f"{data['title']} does not run on {asked}.",
            hint=f"It runs on {', '.join(supported)}.",
        )
    changed = arch != data["arch"]
    facts = {key: value for key, value in data.items() if key not in _NOT_FACTS}
    facts |= {"id": f"{id_}{_ARM}" if changed else id_, "arch": arch}
    if changed:
        facts["title"] = f"{data['title']}, arm64"
    return _convert(facts, id_)


_NOT_FACTS = frozenset({"abstract", "aliases", "architectures", "extends"})


def _own_file(path: Path) -> Target:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"There is no target file {path}.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as a target: {error}.") from error
    base = data.pop("extends", None)
    if base is not None:
        known = _names()
        if base not in known:
            raise UsageError(f"{path} extends {base!r}, which is no target.")
        data = _over(_built_in(known[base]), data)
    data.setdefault("id", path.stem)
    return _convert({k: v for k, v in data.items() if k not in _NOT_FACTS}, str(path))


def _convert(facts: dict[str, Any], where: str) -> Target:
    try:
        return msgspec.convert(facts, Target, strict=True)
    except msgspec.ValidationError as error:
        raise UsageError(f"The target {where} is wrong: {error}.") from error
