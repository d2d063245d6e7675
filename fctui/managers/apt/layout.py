"""Where the files of debs lie in a bundle: at their own paths, below the bundle instead of `/`."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import structs

from fctui.managers.apt.alternative_links import alternative_links
from fctui.managers.apt.deb import LD_SO_CONF
from fctui.managers.apt.links import Tree, destination, relative
from fctui.managers.interface import Context
from fctui.model.contents import Contents, Entry, Listing
from fctui.model.package import Resolution
from fctui.model.paths import ancestors
from fctui.model.plan import (
    Category,
    Layout,
    Link,
    PlannedFile,
    Saving,
    StoreFile,
    is_shared_library,
)
from fctui.model.target import Target
from fctui.pruning.match import RuleOf, matcher
from fctui.pruning.prune import paths_digest, with_links
from fctui.pruning.rules import Choice, choice

_MEMORY = "apt-layout"


@dataclass
class Share:
    """What one package brings: its files, and those that are left out of it, by rule."""

    files: list[PlannedFile] = field(default_factory=list)
    left_out: dict[str, list[PlannedFile]] = field(default_factory=dict)


@dataclass(frozen=True)
class LaidOut:
    """The shares of all packages that are listed, by id, and where a loader searches."""

    shares: Mapping[str, Share]
    library_dirs: tuple[str, ...]

    def layout(self, ids: Iterable[str]) -> Layout:
        """The layout of some of the packages."""
        files: list[PlannedFile] = []
        gone: dict[str, list[PlannedFile]] = {}
        for id_ in ids:
            share = self.shares[id_]
            files += share.files
            for rule, them in share.left_out.items():
                gone.setdefault(rule, []).extend(them)
        return Layout(
            files=tuple(files),
            savings=tuple(_saving(rule, them) for rule, them in sorted(gone.items())),
            library_dirs=self.library_dirs,
        )


def layout(context: Context, resolution: Resolution, listing: Listing) -> Layout:
    """The layout of the packages that are in the listing.

    All that the context has seen of the resolution is laid out together, once, so that a package
    asked for alone gets the very files that the whole plan has of it.
    """
    bundle = context.settings.bundle
    chosen = choice(bundle.prune, bundle.keep)
    known = context.memory.get(_MEMORY)
    if (
        not isinstance(known, _Known)
        or known.resolution is not resolution
        or known.chosen != chosen
    ):
        known = _Known(resolution, chosen)
        context.memory[_MEMORY] = known
    new = {id_: each for id_, each in listing.contents.items() if known.contents.get(id_) != each}
    if new or known.laid_out is None:
        known.contents = {**known.contents, **new}
        known.laid_out = lay_out(resolution, known.contents, context.target, chosen)
    return known.laid_out.layout(id_ for id_ in resolution.packages if id_ in listing.contents)


class _Known:
    """What a context has seen of a resolution's contents, and the layout of it."""

    def __init__(self, resolution: Resolution, chosen: Choice) -> None:
        self.resolution = resolution
        self.chosen = chosen
        self.contents: Mapping[str, Contents] = {}
        self.laid_out: LaidOut | None = None


def lay_out(
    resolution: Resolution, contents: Mapping[str, Contents], target: Target, chosen: Choice
) -> LaidOut:
    """Lay out all packages of `contents` together, for links lead from one package to another.

    Links are made relative within the bundle. One that leads to what the bundle does not have is
    absolute: to the target's own file, which is there if the target has that package. One that
    leads to what a rule leaves out is left out too.

    What is left out are the files that would be there if no rule were in force, and are not.
    """
    ids = [id_ for id_ in resolution.packages if id_ in contents]
    rule_of = matcher("apt", chosen)
    shares, gone = _shares(ids, contents, target, rule_of)
    if gone:
        whole, _ = _shares(ids, contents, target, lambda _: "")
        _note_left_out(shares, whole, gone, rule_of)
    return LaidOut(shares, library_dirs((contents[id_] for id_ in ids), target.multiarch))


def _shares(
    ids: Sequence[str], contents: Mapping[str, Contents], target: Target, rule_of: RuleOf
) -> tuple[dict[str, Share], dict[str, str]]:
    """What each package brings, and the rule of each path of a deb that is left out for itself and
    of the directories above such.
    """
    shares = {id_: Share() for id_ in ids}
    links: list[tuple[str, Entry]] = []
    left_out: dict[str, str] = {}
    for id_ in ids:
        links += _share_out(id_, contents[id_], shares[id_], rule_of, left_out)
    files = {file.path for share in shares.values() for file in share.files}
    tree = Tree(files, {entry.path: entry.link for _, entry in links})
    made = tuple(alternative_links(ids, contents, target, tree, rule_of))
    for each in made:
        tree.add_link(each.path, each.to)
    left_out |= _directories(left_out)
    wanted = set()
    for id_, entry in links:
        to = destination(entry.path, entry.link)
        wanted.add(to)
        link = _link_target(entry, to, tree)
        if not (link.startswith("/") and to in left_out):
            shares[id_].files.append(_link(id_, entry.path, link, Category.SYSTEM))
    for each in made:
        found = tree.find(each.to)
        if found is not None and (not each.indirect or each.path in wanted):
            link = relative(each.path, found)
            shares[each.owner].files.append(_link(each.owner, each.path, link, Category.LINK))
    return shares, left_out


def _note_left_out(
    shares: Mapping[str, Share],
    whole: Mapping[str, Share],
    rules: Mapping[str, str],
    rule_of: RuleOf,
) -> None:
    """Note in the shares what is not in them and would be: by its own rule, or by that of what a
    link leads to. What else is gone is so because of any of these.
    """
    kept = {file.path for share in shares.values() for file in share.files}
    every = [file for share in whole.values() for file in share.files if file.path not in kept]
    own = {file.path: rule for file in every if (rule := rule_of(file.path))}
    gone = with_links(every, {**rules, **own})
    other = min(rules.values())
    for id_, share in whole.items():
        for file in share.files:
            if file.path not in kept:
                shares[id_].left_out.setdefault(gone.get(file.path, other), []).append(file)


def _share_out(
    id_: str,
    contents: Contents,
    share: Share,
    rule_of: RuleOf,
    left_out: dict[str, str],
) -> list[tuple[str, Entry]]:
    """Plan a package's files, note what is left out of it; its links are returned.

    Hard links become symbolic ones: a zip knows no hard links, and Mesa's drivers are one file of
    30 MB under twenty names.
    """
    links = []
    for entry in contents.entries:
        rule = rule_of(entry.path)
        if rule:
            left_out[entry.path] = rule
        elif entry.link:
            links.append((id_, entry))
        elif entry.same_as and not rule_of(entry.same_as):
            link = f"/{entry.same_as}"
            links.append((id_, structs.replace(entry, link=link, size=len(link), sha256="")))
        else:
            share.files.append(_file(id_, contents.digest, entry))
    return links


def _saving(rule: str, them: Sequence[PlannedFile]) -> Saving:
    paths = paths_digest(file.path for file in them)
    return Saving(rule, "apt", len(them), sum(file.size for file in them), paths)


def _directories(left_out: Mapping[str, str]) -> dict[str, str]:
    """The directories above what is left out, each with the first rule that does."""
    found: dict[str, str] = {}
    for rule in dict.fromkeys(left_out.values()):
        for path in ancestors(path for path, its in left_out.items() if its == rule):
            found.setdefault(path, rule)
    return {path: rule for path, rule in found.items() if path not in left_out}


def library_dirs(contents: Iterable[Contents], multiarch: str) -> tuple[str, ...]:
    """The directories that a system's loader would search, in the order of ldconfig(8).

    Files of `ld.so.conf.d` count in the order of their names; Debian's own are `libc.conf` and one
    named after the architecture. `lib` and `usr/lib` come last.
    """
    files = {
        "libc.conf": "/usr/local/lib",
        f"{multiarch}.conf": f"/usr/local/lib/{multiarch}\n/lib/{multiarch}\n/usr/lib/{multiarch}",
    }
    for each in contents:
        for path, text in each.texts.items():
            if path.startswith(LD_SO_CONF) and path.endswith(".conf"):
                files[path.removeprefix(LD_SO_CONF)] = text
    text = "\n".join(files[name] for name in sorted(files))
    lines = [line.split("#", 1)[0].strip() for line in text.split("\n")]
    named = [posixpath.normpath(line).lstrip("/") for line in lines if line.startswith("/")]
    return tuple(dict.fromkeys([*named, "lib", "usr/lib"]))


def _file(owner: str, digest: str, entry: Entry) -> PlannedFile:
    return PlannedFile(
        path=entry.path,
        size=entry.size,
        category=Category.SYSTEM,
        owner=owner,
        manager="apt",
        source=StoreFile(digest, entry.path),
        mode=entry.mode,
        shared_library=is_shared_library(entry.path),
    )


def _link(owner: str, path: str, target: str, category: Category) -> PlannedFile:
    return PlannedFile(
        path=path,
        size=len(target.encode()),
        category=category,
        owner=owner,
        manager="apt",
        source=Link(target),
        mode=0o777,
        shared_library=is_shared_library(path),
    )


def _link_target(entry: Entry, to: str, tree: Tree) -> str:
    """A link's target in the bundle; absolute where the bundle does not have it."""
    found = tree.find(to)
    if found is None:
        return f"/{to}"
    stays = posixpath.normpath(posixpath.join(posixpath.dirname(entry.path), entry.link)) == found
    if stays:
        return entry.link
    return relative(entry.path, found)
