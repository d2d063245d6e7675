"""The rules of compiled-in places on a plan: variables, and files that scripts would have made."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Iterator, Mapping, Sequence

from msgspec import Struct, field, structs

from fctui.bundle.places import certificates, mime, odbc, plugins
from fctui.bundle.places.first_lines import retold
from fctui.bundle.places.rules import Make, Rewrite, Rule, rules
from fctui.bundle.places.tree import Tree
from fctui.bundle.places.work import Read, Work
from fctui.model.finding import Finding, Kind
from fctui.model.plan import Category, Generated, Link, Place, PlannedFile, StoreFile
from fctui.model.target import Target

SYSTEM = ("usr/", "etc/", "var/", "opt/", "bin/", "sbin/", "lib/", "lib64/")
# Where debs put their files; rules are about these.

_MAKERS: dict[str, Callable[[Work, Sequence[str]], bytes]] = {
    "copy": lambda work, paths: work.data(paths[0]),
    "certificates": certificates.bundle,
    "key-store": certificates.key_store,
    "odbc-drivers": odbc.drivers,
    "pixbuf-loaders": plugins.pixbuf_loaders,
    "graphviz-plugins": plugins.graphviz_plugins,
    "mime-globs": mime.globs,
    "mime-magic": mime.magic,
    "mime-aliases": mime.aliases,
    "mime-subclasses": mime.subclasses,
}

_FIRST_LINES = Place(
    rule="first-lines",
    reason="These scripts name an interpreter that the target has not, and the bundle has.",
    source="execve(2)",
)


class Directories(Struct, frozen=True):
    """A variable that lists places of the bundle. `default` is what stands for the program's own
    places behind them where the target presets nothing, None where nothing is needed.
    """

    places: tuple[str, ...]
    default: str | None = None
    behind: bool = False


class Applied(Struct, frozen=True):
    """What the rules make of a plan: `files` are new ones, or stand in the place of planned ones.

    `directories` may have a variable several times; `reasons` are the rules that applied, with the
    variables and files of each.
    """

    files: tuple[PlannedFile, ...] = ()
    directories: tuple[tuple[str, Directories], ...] = ()
    values: dict[str, str] = field(default_factory=dict)
    reasons: tuple[Place, ...] = ()
    findings: tuple[Finding, ...] = ()


def apply_rules(target: Target, files: Sequence[PlannedFile], read: Read) -> Applied:
    """Apply all rules to a plan's files; nothing is read or set where there are no debs' files."""
    if not any(file.manager == "apt" for file in files):
        return Applied()
    system = [f for f in files if f.manager == "apt" or f.path.startswith(SYSTEM)]
    work = Work(target, Tree(target, system), read)
    changed: dict[str, PlannedFile] = {}
    reasons = []
    directories: list[tuple[str, Directories]] = []
    values: dict[str, str] = {}
    for rule in rules():
        if not _holds(rule, work):
            continue
        made = {file.path: file for file in _files_of(rule, work)}
        for file in made.values():
            work.tree.add(file)
        changed |= made
        its_directories = _directories(rule, work)
        its_values = _values(rule, work, applies=bool(made or its_directories))
        directories += its_directories.items()
        values |= its_values
        names = (*its_directories, *its_values)
        if rule.cannot:
            work.findings.append(_cannot(rule, work))
        if made or names:
            reasons.append(Place(rule.name, rule.reason, rule.source, names, tuple(made)))
    changed |= {file.path: file for file in _leading_to(changed, work)}
    scripts = {file.path: file for file in retold(work) if file.path not in changed}
    if scripts:
        reasons.append(structs.replace(_FIRST_LINES, files=tuple(scripts)))
    return Applied(
        files=(*changed.values(), *scripts.values()),
        directories=tuple(directories),
        values=values,
        reasons=tuple(reasons),
        findings=tuple(work.findings),
    )


def _holds(rule: Rule, work: Work) -> bool:
    if rule.python and not _for_its_python(work):
        return False
    there = all(any(work.tree.match(pattern)) for pattern in rule.when)
    return there and not work.tree.match_any(rule.unless)


def _cannot(rule: Rule, work: Work) -> Finding:
    files = work.tree.match_any(rule.when)
    return Finding(
        kind=Kind.UNRESOLVED,
        subject=files[-1],
        files=files,
        message=rule.cannot,
        breaks=False,
    )


def _for_its_python(work: Work) -> bool:
    """Whether Python modules of debs are for the target's Python.

    They are where it is Debian's own. Another one takes them if all their extension modules are
    for its version: PEP 3149.
    """
    python = work.target.python
    if python is None:
        return False
    place, _, name = python.executable.rpartition("/")
    if work.target.distribution == "debian" and place == "/usr/bin" and name.startswith("python3"):
        return True
    tag = ".cpython-{}{}-".format(*(work.target.python_xy or (0, 0)))
    tags = [
        f".cpython-{file.path.partition('.cpython-')[2].partition('-')[0]}-"
        for file in work.tree.files()
        if file.path.startswith("usr/lib/python3/dist-packages/") and ".cpython-" in file.path
        if file.shared_library
    ]
    return bool(tags) and all(each == tag for each in tags)


def _files_of(rule: Rule, work: Work) -> Iterator[PlannedFile]:
    for rewrite in rule.rewrite:
        for path in work.tree.match_any(rewrite.files):
            file = work.tree.file(path)
            if file is not None and isinstance(file.source, StoreFile):
                yield from _rewritten(file, file.source, rewrite, work)
    for make in rule.make:
        yield from _made(make, work)


def _rewritten(
    file: PlannedFile, source: StoreFile, rewrite: Rewrite, work: Work
) -> Iterator[PlannedFile]:
    old = work.read(source)
    new = old
    for each in rewrite.replace:
        text = work.tree.fill(each.text)
        new = new.replace(text.encode(), work.code(work.tree.fill(each.by)).encode())
    if new != old:
        yield structs.replace(file, source=Generated(new), size=len(new))


def _made(make: Make, work: Work) -> Iterator[PlannedFile]:
    path = work.tree.fill(make.path)
    sources = work.tree.match_any(make.of)
    if not sources or work.tree.file(path) is not None:
        return
    content = _MAKERS[make.maker](work, sources)
    first = work.tree.file(sources[0])
    if content and first is not None:
        yield PlannedFile(
            path=path,
            size=len(content),
            category=Category.SYSTEM,
            owner=first.owner,
            manager=first.manager,
            source=Generated(content),
        )


def _directories(rule: Rule, work: Work) -> dict[str, Directories]:
    found = {}
    for name, entries in rule.paths.items():
        own = [entry for entry in entries if not entry or entry.startswith("/")]
        places = work.tree.match_any(entry for entry in entries if entry not in own)
        if places:
            default = ":".join(own) if own else None
            found[name] = Directories(places, default, name in rule.behind)
    return found


def _values(rule: Rule, work: Work, *, applies: bool) -> dict[str, str]:
    """Variables that name one place or are set as they are; a preset of the target is left."""
    found = {}
    for name, patterns in rule.path.items():
        places = work.tree.match_any(patterns)
        if places:
            found[name] = work.on_target(places[0])
    if applies or found or (rule.when and not (rule.path or rule.paths or rule.make)):
        found |= {name: work.code(work.tree.fill(text)) for name, text in rule.values.items()}
    return {name: value for name, value in found.items() if name not in work.target.presets}


def _leading_to(made: Mapping[str, PlannedFile], work: Work) -> Iterator[PlannedFile]:
    """Links of debs to what has been made, which lead to the target's own file until then."""
    for file in list(work.tree.files()):
        if not made or not isinstance(file.source, Link) or not file.source.target.startswith("/"):
            continue
        found = work.tree.absolute(file.source.target)
        if found in made:
            to = posixpath.relpath(found, posixpath.dirname(file.path))
            yield structs.replace(file, source=Link(to), size=len(to.encode()))
