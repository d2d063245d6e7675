"""Loading targets: the built-in TOML files, a user's own file, or this machine."""

from __future__ import annotations

import functools
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING, Any

import msgspec

from fctui.model.errors import UsageError
from fctui.model.target import Target

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

LOCAL = "local"
_ARM = "-arm64"
_DEFAULT_PROVIDER = "fc-"  # the names of Function Compute's own documents need no prefix
_ARCHITECTURES = {"x86_64": "x86_64", "amd64": "x86_64", "aarch64": "aarch64", "arm64": "aarch64"}
_NOT_FACTS = frozenset({"abstract", "aliases", "architectures", "extends"})
_OPTIONAL_FACTS = frozenset({"python", "node", "java", "python_path"})
_DEEPEST = 8  # files that extend one another; the built-in ones need one


def load_target(name: str, *, arch: str | None = None) -> Target:
    """The target of a name, an alias or a TOML file; `-arm64` behind a name, or `arch`, chooses
    the architecture where the runtime has several.

    Raises UsageError for a name that is unknown, with those that are like it, for an architecture
    that the runtime does not have, and for a file that is not a target.
    """
    if name == LOCAL:
        from fctui.targets.local import local_target

        return _checked_arch(local_target(), arch)
    if name.endswith(".toml"):
        return _checked_arch(_own_file(Path(name)), arch)
    wanted = name.removesuffix(_ARM)
    id_ = _find(wanted)
    if id_ is None:
        raise _unknown(name, wanted)
    asked = _architecture(arch) if arch else None
    if wanted != name:
        if asked == "x86_64":
            raise UsageError(f"{name!r} is for arm64, not for {arch}.")
        asked = "aarch64"
    return _with_arch(id_, _built_in(id_), asked)


def list_targets() -> tuple[Target, ...]:
    """Every built-in target by id, for each architecture, and this machine if it can be one."""
    found = []
    for id_ in sorted(_files()):
        data = _built_in(id_)
        if not data.get("abstract"):
            found += [_with_arch(id_, data, arch) for arch in _supported(data)]
    try:
        found.append(load_target(LOCAL))
    except UsageError:
        return tuple(found)  # not Linux, another libc or processor: nothing is bundled for it
    return tuple(found)


def _find(name: str) -> str | None:
    """The id of a name or alias. Files are read for aliases only, as all of them have to be."""
    for id_ in (name, f"{_DEFAULT_PROVIDER}{name}"):
        if id_ in _files() and not _read(id_).get("abstract"):
            return id_
    return _aliases().get(name)


def _unknown(name: str, wanted: str) -> UsageError:
    import difflib

    known = [id_ for id_ in _files() if not _read(id_).get("abstract")]
    known += [*_aliases(), LOCAL]
    near = difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)
    return UsageError(
        f"There is no target named {name!r}.",
        hint=f"Did you mean {', '.join(near)}?" if near else "fctui targets lists them all.",
    )


@functools.cache
def _files() -> dict[str, Traversable]:
    """The built-in files by id. A directory is read as one: importlib.resources takes 20 ms."""
    data: Traversable = Path(__file__).with_name("data")
    if not data.is_dir():
        from importlib.resources import files

        data = files("fctui.targets") / "data"
    return {
        entry.name.removesuffix(".toml"): entry
        for entry in data.iterdir()
        if entry.name.endswith(".toml")
    }


@functools.cache
def _aliases() -> dict[str, str]:
    return {alias: id_ for id_ in _files() for alias in _read(id_).get("aliases", ())}


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
    below.pop("aliases", None)
    return _over(below, data)


def _over(below: dict[str, Any], above: dict[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        inner = merged.get(key)
        both = isinstance(value, dict) and isinstance(inner, dict)
        merged[key] = _over(inner, value) if both and inner is not None else value
    return merged


def _supported(data: dict[str, Any]) -> list[str]:
    return list(data.get("architectures", [data["arch"]]))


def _architecture(name: str) -> str:
    try:
        return _ARCHITECTURES[name]
    except KeyError:
        known = ", ".join(_ARCHITECTURES)
        raise UsageError(f"There is no architecture {name!r}.", hint=f"One of {known}.") from None


def _with_arch(id_: str, data: dict[str, Any], asked: str | None) -> Target:
    """The target for an architecture; any but the file's own is told by the id."""
    arch = asked or data["arch"]
    if arch not in _supported(data):
        raise UsageError(
            f"{data['title']} does not run on {arch}.",
            hint=f"It runs on {', '.join(_supported(data))}.",
        )
    facts = {**data, "id": id_, "arch": arch}
    if arch != data["arch"]:
        facts |= {"id": f"{id_}{_ARM}", "title": f"{data['title']}, arm64"}
    return _convert(facts, id_)


def _checked_arch(target: Target, arch: str | None) -> Target:
    if arch is not None and _architecture(arch) != target.arch:
        raise UsageError(f"{target.title} is {target.arch}, not {arch}.")
    return target


def _own_file(path: Path) -> Target:
    """A user's own target, which may extend a built-in one or another file beside it."""
    data = _own_facts(path, 0)
    data.setdefault("id", path.stem)
    data.setdefault("title", data["id"])
    data.setdefault("provider", "own")
    target = _convert(data, str(path))
    if target.arch not in _ARCHITECTURES.values():
        raise UsageError(f"{path}: arch has to be x86_64 or aarch64, not {target.arch!r}.")
    return target


def _own_facts(path: Path, depth: int) -> dict[str, Any]:
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UsageError(f"There is no target file {path}.") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"{path} cannot be read as a target: {error}.") from error
    base = data.pop("extends", None)
    if base is None:
        return data
    if depth > _DEEPEST:
        raise UsageError(f"{path}: targets extend one another too deeply.")
    if str(base).endswith(".toml"):
        return _over(_own_facts(path.parent / str(base), depth + 1), data)
    id_ = _find(str(base))
    if id_ is None:
        raise _unknown(str(base), str(base))
    below = _built_in(id_)
    return _over(below, {"title": f"{below['title']}, changed", **data})


def _convert(facts: dict[str, Any], where: str) -> Target:
    """The record, without the certainty of languages that it has not; unknown keys are refused."""
    facts = {key: value for key, value in facts.items() if key not in _NOT_FACTS}
    unknown = sorted(set(facts) - set(Target.__struct_fields__))
    if unknown:
        raise UsageError(
            f"The target {where} has {unknown[0]!r}, which is no fact of a target.",
            hint=f"Known are {', '.join(Target.__struct_fields__)}.",
        )
    certainty = facts.get("certainty", {})
    if isinstance(certainty, dict):
        facts["certainty"] = {
            key: value
            for key, value in certainty.items()
            if key in facts or key not in _OPTIONAL_FACTS
        }
    try:
        return msgspec.convert(facts, Target, strict=True)
    except msgspec.ValidationError as error:
        raise UsageError(f"The target {where} is wrong: {error}.") from error
