"""The small project that uv resolves: the declared requirements, closed in on one target."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from fctui.managers.pip.config import PipConfig, in_force
from fctui.managers.pip.credentials import Credentials
from fctui.managers.pip.declared import Declared
from fctui.managers.pip.tags import full_version, marker_environment, python_of
from fctui.model.target import Target

PROJECT_NAME = "fctui-resolution"
# The root package of the generated project; no index has it.


def pyproject(
    target: Target,
    requirements: Iterable[Declared],
    exclusions: Mapping[str, Sequence[str]] = {},
) -> str:
    """The pyproject.toml. `exclusions` are versions by package that have no file for the target.

    `requires-python` spans the target's Python and the one that uv runs with here, which need not
    be the same: `environments` then limits the resolution to the target's alone.
    """
    wanted = [r for r in requirements if not r.constraint]
    limits = [r.specifier for r in requirements if r.constraint]
    for name, versions in sorted(exclusions.items()):
        limits.append(name + ",".join(f"!={version}" for version in versions))
    lowest = min(python_of(target), sys.version_info[:2])
    lines = [
        "[project]",
        f"name = {_text(PROJECT_NAME)}",
        'version = "0"',
        f'requires-python = ">={lowest[0]}.{lowest[1]}"',
        f"dependencies = {_array(r.specifier for r in wanted)}",
        "[tool.uv]",
        "package = false",
        f"environments = {_array([environment(target)])}",
        f"constraint-dependencies = {_array(limits)}",
        "[tool.uv.workspace]",
        "members = []",
        *_pinned(wanted),
    ]
    return "\n".join(lines) + "\n"


def _pinned(requirements: Iterable[Declared]) -> Iterator[str]:
    """Packages that may come from one index alone: uv's `tool.uv.sources` and explicit indexes."""
    names = {each.name: each.index for each in requirements if each.index}
    indexes = list(dict.fromkeys(names.values()))
    if names:
        yield "[tool.uv.sources]"
    for name, url in names.items():
        yield f"{_text(name)} = {{ index = {_text(f'own-{indexes.index(url)}')} }}"
    for number, url in enumerate(indexes):
        yield "[[tool.uv.index]]"
        yield f"name = {_text(f'own-{number}')}"
        yield f"url = {_text(url)}"
        yield "explicit = true"


def environment(target: Target) -> str:
    """The marker that holds on the target and nowhere else that matters."""
    values = marker_environment(target)
    python = f"python_full_version == '{full_version(target)}'"
    if target.python is not None and target.python.version.count(".") < 2:
        major, minor = python_of(target)
        python = (
            f"python_full_version >= '{major}.{minor}' and "
            f"python_full_version < '{major}.{minor + 1}'"
        )
    names = ("sys_platform", "platform_machine", "implementation_name")
    return " and ".join([python, *(f"{name} == '{values[name]}'" for name in names)])


def uv_settings(config: PipConfig, credentials: Credentials) -> str:
    """A uv.toml that says what the pip configuration says. It may hold credentials.

    Indexes are searched as pip searches them: the best version of all of them wins.
    """
    lines = ['index-strategy = "unsafe-best-match"']
    if config.find_links:
        lines.append(f"find-links = {_array(existing(config.find_links))}")
    if config.no_index:
        lines.append("no-index = true")
    if config.trusted_hosts:
        lines.append(f"allow-insecure-host = {_array(config.trusted_hosts)}")
    if config.pre:
        lines.append('prerelease = "allow"')
    if config.proxy:
        proxy = config.proxy if "://" in config.proxy else f"http://{config.proxy}"
        lines += [f"http-proxy = {_text(proxy)}", f"https-proxy = {_text(proxy)}"]
    lines += _formats(config)
    for url in config.extra_index_urls:
        lines += ["[[index]]", f"url = {_text(credentials.complete(url))}"]
    if config.index_url and not config.no_index:
        url = credentials.complete(config.index_url)
        lines += ["[[index]]", f"url = {_text(url)}", "default = true"]
    return "\n".join(lines) + "\n"


def existing(find_links: Iterable[str]) -> tuple[str, ...]:
    """The places to look in, less directories that are not there: pip warns of them and goes on,
    uv would fail.
    """
    found = []
    for place in find_links:
        if "://" in place and not place.startswith("file:"):
            found.append(place)
        elif Path(place.removeprefix("file://")).exists():
            found.append(str(Path(place.removeprefix("file://")).absolute()))
    return tuple(found)


def _formats(config: PipConfig) -> list[str]:
    """`--only-binary` and `--no-binary` (pip's rule: a later `:none:` empties the list)."""
    lines = []
    for names, everything, some in (
        (config.only_binary, "no-build", "no-build-package"),
        (config.no_binary, "no-binary", "no-binary-package"),
    ):
        left = in_force(names)
        if ":all:" in left:
            lines.append(f"{everything} = true")
        elif left:
            lines.append(f"{some} = {_array(left)}")
    return lines


def _array(values: Iterable[str]) -> str:
    return f"[{', '.join(map(_text, values))}]"


def _text(value: str) -> str:
    """A TOML basic string: JSON's escapes are a subset of TOML's."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
