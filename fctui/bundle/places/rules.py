"""The rules of compiled-in places, as `data/places.toml` has them."""

from __future__ import annotations

import functools
import tomllib
from importlib.resources import files

import msgspec
from msgspec import Struct, field


class Replacement(Struct, frozen=True, forbid_unknown_fields=True):
    """A piece of text, and what stands in its place in the bundle."""

    text: str
    by: str


class Rewrite(Struct, frozen=True, forbid_unknown_fields=True):
    """Files of debs that are in the bundle with other text. The store's own stay as they are."""

    files: tuple[str, ...]
    replace: tuple[Replacement, ...]


class Make(Struct, frozen=True, forbid_unknown_fields=True):
    """A file that a maintainer script would have written: by which maker, from which files.

    It is made where one of `of` is in the plan and nothing stands at `path` already.
    """

    path: str
    maker: str
    of: tuple[str, ...]


class Rule(Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """What one program needs to run from another place than `/`.

    Patterns are paths of files, directories or links in the bundle: `*` is anything within a
    directory, and `{multiarch}`, `{arch}` (dpkg's) and `{python}` ("3.11") are the target's.
    `when` has to match, all of it, `unless` must not, any of it. `paths` are variables that list
    directories or files, all that the patterns match; `path` those that name one, the first that
    is there. In `paths` an entry with a leading `/`, or an empty one, stands for itself, behind
    the others. `values` are set as they are as soon as anything else of the rule applies, with
    `{code}` for the code directory. Lists in `behind` come after the target's own value, all
    others before. `python` says that the files are for the target's Python, if it is Debian's.
    `cannot` is the sentence for what nothing makes run.
    """

    name: str
    reason: str
    source: str
    when: tuple[str, ...] = ()
    unless: tuple[str, ...] = ()
    python: bool = False
    cannot: str = ""
    paths: dict[str, tuple[str, ...]] = field(default_factory=dict)
    path: dict[str, tuple[str, ...]] = field(default_factory=dict)
    values: dict[str, str] = field(default_factory=dict)
    behind: tuple[str, ...] = ()
    rewrite: tuple[Rewrite, ...] = ()
    make: tuple[Make, ...] = ()


class _File(Struct, frozen=True, forbid_unknown_fields=True):
    rule: tuple[Rule, ...]


@functools.cache
def rules() -> tuple[Rule, ...]:
    """All rules, in the order in which they are applied."""
    text = data("places.toml")
    return msgspec.convert(tomllib.loads(text), _File).rule


def data(name: str) -> str:
    """The text of one of this room's data files."""
    return (files(__package__) / "data" / name).read_text(encoding="utf-8")
