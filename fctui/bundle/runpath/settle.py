"""Which files get a RUNPATH and which links stay, tried on the loader's search beforehand."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from msgspec import Struct

from fctui.bundle.links import LINK_DIRECTORY
from fctui.bundle.runpath.wanted import Bundle, Wish, wishes
from fctui.model.plan import Link
from fctui.model.target import Target
from fctui.native.elf import ElfFile
from fctui.native.search import Loaded, Loader
from fctui.native.system import System

_ROUNDS = 16
# A link that stays may ask for another RUNPATH, and that is tried again; in the end all stay.

_NOTHING = System({})
# What the target has is the same before and after: a search that knows nothing of it tells what
# changes.


class Settled(Struct, frozen=True):
    """The wishes by path, and the paths of the links that nobody needs then."""

    wishes: Mapping[str, Wish]
    dropped: frozenset[str]


@dataclass
class Settling:
    """What is known of a bundle while it is being settled: `fixed` are paths of files that stay as
    they are, `kept` names whose links stay.
    """

    target: Target
    bundle: Bundle
    elves: Mapping[str, ElfFile]
    opened: Mapping[str, Collection[str]]
    library_path: Sequence[str]
    kept: set[str]
    fixed: set[str] = field(default_factory=set)

    def settle(self) -> Settled:
        """Whatever a file found through the links, it finds afterwards, and the same: what would
        be lost keeps its link, and who would lose what no link leads to stays as it is.
        """
        every = frozenset(self.bundle.links)
        code = self.target.code_dir.rstrip("/")
        before = self._load({}, every, every, (f"{code}/{LINK_DIRECTORY}", *self.library_path))
        for _ in range(_ROUNDS):
            wished = self._wishes()
            path = self.library_path if self.kept & every else ()
            after = self._load(wished, frozenset(self.kept), every, path)
            lost, worse = self._compare(before, after)
            if lost <= self.kept and worse <= self.fixed:
                dropped = {
                    path for name, path in self.bundle.links.items() if name not in self.kept
                }
                return Settled(wished, frozenset(dropped))
            self.kept |= lost
            self.fixed |= worse
        return Settled({}, frozenset())

    def _wishes(self) -> dict[str, Wish]:
        free = {path: elf for path, elf in self.elves.items() if path not in self.fixed}
        return wishes(self.bundle, free, self.opened, self.kept)

    def _load(
        self,
        wished: Mapping[str, Wish],
        names: frozenset[str],
        every: frozenset[str],
        library_path: Sequence[str],
    ) -> dict[str, Loaded]:
        code = self.target.code_dir.rstrip("/")
        elves = {
            f"{code}/{path}": wished[path].on(elf) if path in wished else elf
            for path, elf in self.elves.items()
        }
        gone = {self.bundle.links[name] for name in every - names}
        links = {
            f"{code}/{file.path}": file.source.target
            for file in self.bundle.by_path.values()
            if isinstance(file.source, Link) and file.path not in gone
        }
        loader = Loader(
            _NOTHING,
            elves,
            links,
            arch=self.target.arch,
            glibc=self.target.glibc,
            library_path=library_path,
        )
        found = {path: loader.load(f"{code}/{path}") for path in self.elves}
        for name in self.kept & every:
            found[f"{LINK_DIRECTORY}/{name}"] = loader.load(f"{code}/{LINK_DIRECTORY}/{name}")
        return found

    def _compare(
        self, before: Mapping[str, Loaded], after: Mapping[str, Loaded]
    ) -> tuple[set[str], set[str]]:
        """The names that are not found any more, or found elsewhere, and the files that lose what
        no link leads to.
        """
        code = self.target.code_dir.rstrip("/") + "/"
        lost: set[str] = set()
        worse: set[str] = set()
        ends = {self.bundle.end(name): name for name in self.bundle.links}
        for path, now in after.items():
            then = before.get(path)
            if then is None:
                continue
            known, loaded = set(_missed(then)), set(then.objects)
            # What is loaded only now misses what the target has, which is not searched here.
            missed = {e for e in _missed(now) if e not in known and e[1] in loaded}
            for soname, needer in missed:
                if soname in self.bundle.links and soname not in self.kept:
                    lost.add(soname)
                else:
                    worse.add(needer.removeprefix(code))
            if missed:
                continue  # what is not loaded then was needed by what is missing
            gone = {each.removeprefix(code) for each in set(then.objects) - set(now.objects)}
            names = {ends[each] for each in gone if each in ends}
            if names - self.kept:
                lost |= names
            elif gone:
                worse.add(path)
        return lost, worse


def _missed(loaded: Loaded) -> Iterator[tuple[str, str]]:
    """(name, who needs it) of what is not there, or there by accident."""
    for each in (*loaded.missing, *loaded.lucky):
        yield each.soname, each.needer
