"""What of a bundle can be tried in a sandbox: modules, libraries, Node packages, programs."""

from __future__ import annotations

import posixpath
from collections.abc import Iterable, Iterator, Sequence

from msgspec import Struct, structs

from fctui.bundle.environment import PROGRAM_DIRECTORIES
from fctui.bundle.manifest import Manifest, ManifestFile
from fctui.bundle.python_modules import handlers, main_names, modules, node_handlers
from fctui.model.paths import MOST_LINKS
from fctui.model.plan import Category
from fctui.model.target import Target
from fctui.model.verification import Subject
from fctui.sandbox.execute import TOOLS
from fctui.sandbox.trial import Answer, Trial, Way

LOADERS = {"x86_64": "/lib64/ld-linux-x86-64.so.2", "aarch64": "/lib/ld-linux-aarch64.so.1"}
# The program loader of each architecture: its psABI.

_LOAD_LIMIT, _IMPORT_LIMIT, _RUN_LIMIT = 30.0, 60.0, 10.0
# Seconds. A program that still runs after that has started; what takes longer to import does not
# answer its first request in time either.

_LISTED = """problems=$("$1" --list "$2" 2>&1 | grep -E 'not found|cannot|wrong|invalid')
[ -z "$problems" ] || { echo "$problems"; exit 1; }"""
# ld.so(8) has no option that only complains.


class Candidate(Struct, frozen=True):
    """One thing to try, and whose it is. With `optional` its failure need not matter. `needs`
    is the interpreter without which it cannot be tried.
    """

    trial: Trial
    kind: Subject
    subject: str
    manager: str = ""
    owner: str = ""
    optional: bool = False
    needs: str = ""


def candidates(
    manifest: Manifest, target: Target, node: str, *, declared: frozenset[str] | None = None
) -> tuple[Candidate, ...]:
    """All that can be tried, numbered; `node` is the path of Node in the sandbox, or "". `declared`
    are the packages of npm's that the project asks for itself; unless told, those of the manifest.
    """
    if declared is None:
        declared = declared_in([manifest])
    found = [
        *_python(manifest),
        *_libraries(manifest.files, target),
        *_node_handlers(manifest, target, node),
        *_node_packages(manifest, target, node, declared),
        *_programs(manifest.files, target),
    ]
    return numbered(found)


def declared_in(manifests: Iterable[Manifest]) -> frozenset[str]:
    """The packages of npm's that the project asks for itself."""
    return frozenset(
        origin.id
        for manifest in manifests
        for origin in manifest.origins
        if origin.manager == "npm" and origin.declared
    )


def in_layers(
    manifest: Manifest, target: Target, node: str, declared: frozenset[str]
) -> tuple[Candidate, ...]:
    """The same of what lies in a layer, whose manifest has the paths below the layers' directory
    and knows of no other layer's packages: `declared` are those of all. What the project asks for
    of Node's packages is required by the code, through NODE_PATH.
    """
    below = structs.replace(target, code_dir=target.layer_dir)
    nodes = f"{target.layer_dir}/nodejs"
    found = []
    for each in candidates(manifest, below, node, declared=declared):
        if each.kind is Subject.NODE_PACKAGE:
            *before, directory, name = each.trial.argv
            asked = directory == target.layer_dir and not each.optional
            directory = target.code_dir if asked else nodes + directory[len(target.layer_dir) :]
            trial = structs.replace(each.trial, argv=(*before, directory, name))
            found.append(structs.replace(each, trial=trial))
        else:
            found.append(each)
    return tuple(found)


def numbered(found: Sequence[Candidate]) -> tuple[Candidate, ...]:
    """With a number each, from 1."""
    return tuple(
        structs.replace(each, trial=structs.replace(each.trial, id=number))
        for number, each in enumerate(found, 1)
    )


def _python(manifest: Manifest) -> Iterator[Candidate]:
    for name, file in handlers(manifest.files):
        trial = Trial(0, "import", name, limit=_IMPORT_LIMIT)
        yield Candidate(trial, Subject.HANDLER, name, file.manager, file.owner, needs="python")
    for module in modules(manifest.files):
        yield Candidate(
            Trial(0, "import", module.name, limit=_IMPORT_LIMIT),
            Subject.MODULE,
            module.name,
            "pip",
            module.owner,
            optional=module.optional,
            needs="python",
        )


def _libraries(files: Sequence[ManifestFile], target: Target) -> Iterator[Candidate]:
    """Every shared library; those for Node only by the loader, where Node is: they need its
    symbols and libraries.
    """
    loader = LOADERS.get(target.arch, "")
    for file in files:
        if not file.shared_library or file.link:
            continue
        path = posixpath.join(target.code_dir, file.path)
        listed = ("/bin/sh", "-c", _LISTED, "sh", loader, path) if loader else ()
        by_node = file.path.endswith(".node")
        way: Way = "run" if by_node else "load"
        trial = Trial(0, way, path, listed, _LOAD_LIMIT)
        needs = "node" if by_node else ""
        yield Candidate(trial, Subject.LIBRARY, file.path, file.manager, file.owner, needs=needs)


def _node_handlers(manifest: Manifest, target: Target, node: str) -> Iterator[Candidate]:
    """The function's own modules for Node, where it has packages of npm's."""
    if not any(file.manager == "npm" for file in manifest.files):
        return
    for name, file in node_handlers(manifest.files):
        argv = (node, f"{TOOLS}/require.js", target.code_dir, f"./{file.path}")
        trial = Trial(0, "run", name, argv, _IMPORT_LIMIT)
        yield Candidate(trial, Subject.HANDLER, name, file.manager, file.owner, needs="node")


def _node_packages(
    manifest: Manifest, target: Target, node: str, declared: frozenset[str]
) -> Iterator[Candidate]:
    """Every package of npm's, as the code beside it would require it. What the project does not
    ask for itself may have reasons not to load: another platform's, types, a missing peer.
    """
    owners = dict.fromkeys(f.owner for f in manifest.files if f.manager == "npm")
    for owner in owners:
        place, _, name = owner.rpartition("node_modules/")
        if not name:
            continue
        directory = posixpath.normpath(posixpath.join(target.code_dir, place))
        argv = (node, f"{TOOLS}/require.js", directory, name)
        trial = Trial(0, "run", owner, argv, _LOAD_LIMIT)
        optional = bool(declared) and owner not in declared
        yield Candidate(trial, Subject.NODE_PACKAGE, owner, "npm", owner, optional, "node")


def _programs(files: Sequence[ManifestFile], target: Target) -> Iterator[Candidate]:
    """Whatever PATH finds, once under its real name."""
    by_path = {file.path: file for file in files}
    launchers: dict[str, list[str]] = {}
    for file in files:
        if file.manager == "pip" and file.category is Category.SCRIPTS:
            launchers.setdefault(file.owner, []).append(posixpath.basename(file.path))
    for file in files:
        directory = posixpath.dirname(file.path)
        found = directory in PROGRAM_DIRECTORIES or directory.endswith("node_modules/.bin")
        if not found and file.category is not Category.SCRIPTS:
            continue
        real = by_path.get(_followed(file, by_path))
        if real is None or not real.mode & 0o111 or real.shared_library:
            continue
        if file.link and posixpath.dirname(real.path) in PROGRAM_DIRECTORIES:
            continue
        node = real.manager == "npm"
        argv = (posixpath.join(target.code_dir, file.path), "--version")
        trial = Trial(0, "run", file.path, argv, _RUN_LIMIT)
        needs = "node" if node else "python" if file.category is Category.SCRIPTS else ""
        aside = node and directory != "node_modules/.bin"
        if file.owner in launchers:
            name = posixpath.basename(file.path)
            aside = name not in main_names(file.owner, launchers[file.owner])
        yield Candidate(trial, Subject.PROGRAM, file.path, file.manager, real.owner, aside, needs)


def asked_otherwise(candidate: Candidate, answer: Answer) -> Candidate | None:
    """The same program with another harmless argument, where the first may have been the reason
    for its failure: some take what they do not know for the name of a command.
    """
    trial = candidate.trial
    asked = candidate.kind is Subject.PROGRAM and trial.argv[-1:] == ("--version",)
    if not asked or answer.status in {126, 127} or answer.status < 0:
        return None
    argv = (*trial.argv[:-1], "--help")
    return structs.replace(candidate, trial=structs.replace(trial, argv=argv))


def _followed(file: ManifestFile, by_path: dict[str, ManifestFile]) -> str:
    """The path that a file or link of the bundle leads to."""
    for _ in range(MOST_LINKS):
        if not file.link:
            return file.path
        there = posixpath.normpath(posixpath.join(posixpath.dirname(file.path), file.link))
        if there not in by_path:
            return there
        file = by_path[there]
    return file.path


def sonames(files: Iterable[ManifestFile]) -> frozenset[str]:
    """The names of all libraries and links to libraries in a bundle."""
    return frozenset(posixpath.basename(f.path) for f in files if ".so" in f.path)
