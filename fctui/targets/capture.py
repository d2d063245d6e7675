"""Making a target of what a runtime says of itself, and writing it as TOML."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import Any

import msgspec
from msgspec import Struct, field, structs

from fctui.model.captured import Captured, Library
from fctui.model.errors import UsageError
from fctui.model.target import Certainty, Interpreter, Target
from fctui.targets.suites import suite_of

_FORMAT = 1
_DEB = re.compile(r"[a-z0-9][a-z0-9+.-]+(?==)")
_OWN_VARIABLES = frozenset({"HOME", "AWS_REGION", "AWS_DEFAULT_REGION", "FC_REGION"})
# What differs from function to function, and so is no preset of the runtime.


class Profile(Struct, frozen=True):
    """What `inside/capture.py` says."""

    format: int
    release: dict[str, str]
    arch: str
    glibc: tuple[int, int] | None
    interpreters: dict[str, list[Interpreter]]
    packages: tuple[str, ...]
    directories: tuple[str, ...]
    libraries: dict[str, Library]
    links: dict[str, str]
    programs: tuple[str, ...]
    environment: dict[str, str] = field(default_factory=dict)
    python_path: tuple[str, ...] = ()


def script() -> str:
    """The one file that captures a runtime without fctui."""
    return files("fctui.targets").joinpath("inside/capture.py").read_text(encoding="utf-8")


def capture(root: str) -> Profile:
    """The profile of a root file system that can be read here."""
    from fctui.targets.inside import capture as inside

    return msgspec.convert(inside.capture(root), Profile, strict=False)


def read_profile(data: bytes) -> Profile:
    """The profile that the script has printed, or that a function has returned as text in JSON.

    Raises UsageError for what is none.
    """
    try:
        plain = msgspec.json.decode(data)
        if isinstance(plain, str):
            plain = msgspec.json.decode(plain)
        profile = msgspec.convert(plain, Profile)
    except (msgspec.MsgspecError, UnicodeDecodeError) as error:
        raise UsageError(
            f"This is not what the script of fctui target capture prints: {error}.",
            hint="fctui target capture --script > capture.py, run it there, and keep its output.",
        ) from error
    if profile.format != _FORMAT:
        raise UsageError("The profile is of another release's script; capture it again.")
    return profile


def target_of(profile: Profile, name: str, like: Target | None = None) -> Target:
    """The target that a profile stands for; what cannot be seen on a system (limits; presets and
    the code's directory, where it did not run) is as with the target `like`.

    Raises UsageError where bundles cannot be for it.
    """
    if profile.glibc is None or profile.arch not in {"x86_64", "aarch64"}:
        raise UsageError(
            f"What was captured ({profile.arch}) cannot be a target.",
            hint="Bundles are for Linux with glibc on x86_64 or aarch64.",
        )
    release, env = profile.release, profile.environment
    distribution = {"amzn": "amazon"}.get(release.get("ID", ""), release.get("ID", "linux"))
    debian = distribution == "debian"
    first = {key: next(iter(profile.interpreters.get(key, [])), None) for key in _LANGUAGES}
    known = ["glibc", "arch", "installed", *(key for key, value in first.items() if value)]
    known += ["suite"] if debian else []
    known += ["presets", "python_path", "code_dir"] if env else []
    provider = "lambda" if "AWS_LAMBDA_FUNCTION_NAME" in env else "fc" if _is_fc(env) else "own"
    code = env.get("LAMBDA_TASK_ROOT") or env.get("FC_FUNC_CODE_PATH", "").rstrip("/") or "/code"
    named = [match[0] for each in profile.packages if (match := _DEB.match(each))]
    certainty = dict.fromkeys(known, Certainty.CAPTURED)
    unknown = ("suite", "presets", "python_path", "code_dir")
    found = Target(
        id=name,
        title=f"{release.get('PRETTY_NAME') or distribution}, captured",
        provider=provider,
        distribution=distribution,
        release=release.get("VERSION_ID", ""),
        glibc=profile.glibc,
        arch=profile.arch,
        python=first["python"],
        node=first["node"],
        java=first["java"],
        suite=suite_of(release, profile.glibc),
        installed=tuple(sorted(set(named))) if debian else (),
        code_dir=code,
        python_path=profile.python_path,
        presets={k: v for k, v in env.items() if not _own(k)},
        certainty={**dict.fromkeys(unknown, Certainty.ASSUMED), **certainty},
        sources=("fctui target capture",),
        captured=Captured(
            packages=profile.packages,
            directories=profile.directories,
            programs=profile.programs,
            links=profile.links,
            libraries=profile.libraries,
        ),
    )
    return _completed(found, like, ran=bool(env)) if like else found


def _completed(found: Target, like: Target, *, ran: bool) -> Target:
    names = ["limits", "layer_dir"]
    names += ["provider"] if found.provider == "own" else []
    names += [] if ran else ["presets", "python_path", "code_dir"]
    known = {name: like.certainty[name] for name in names if name in like.certainty}
    return structs.replace(
        found,
        **{name: getattr(like, name) for name in names},
        certainty={**found.certainty, **known},
        sources=(*found.sources, f"{like.id} for {', '.join(names)}"),
    )


_LANGUAGES = ("python", "node", "java")


def to_toml(target: Target) -> str:
    """The file that `--target FILE.toml` takes."""
    import tomlkit

    plain = _without_nothing(msgspec.to_builtins(target))
    return tomlkit.dumps(plain)


def _without_nothing(data: Any) -> Any:  # noqa: ANN401 - any tree of builtins
    """TOML has no null."""
    if isinstance(data, dict):
        return {key: _without_nothing(value) for key, value in data.items() if value is not None}
    return data


def _is_fc(env: dict[str, str]) -> bool:
    return any(name.startswith("FC_") for name in env)


def _own(name: str) -> bool:
    """Whether a variable is of one function, or reserved for all of them."""
    return name in _OWN_VARIABLES or name.startswith(("FC_FUNC", "AWS_LAMBDA_FUNCTION", "_HANDLER"))
