"""One file of a package: from its artifact to its place under each method, and to who finds it."""

from __future__ import annotations

import posixpath

from msgspec import Struct

from fctui.bundle.python_modules import module_name
from fctui.managers.pip.scheme import Scheme, scheme
from fctui.managers.pip.seeds import OWNER as OVERHEAD
from fctui.model.plan import Category, Generated, Link, PlannedFile, ProjectFile, StoreFile
from fctui.model.target import Target
from fctui.project.settings import METHODS
from fctui.workflow.difference import below, identity
from fctui.workflow.what_works import on_sys_path
from fctui.workflow.workflow import Workflow

LIBRARIES = frozenset({Category.PURELIB, Category.PLATLIB})


class Placement(Struct, frozen=True):
    """Where a file lies under a method ("" for managers that have none). `directory` is the
    scheme's, `entry` the sys.path entry or other place of search that leads to it ("" where none
    does), `found` how it is found or why not.
    """

    method: str
    path: str
    directory: str
    entry: str
    found: str


class Trace(Struct, frozen=True, kw_only=True):
    """A file's whole way. `member` is its path in the artifact, "" for a file that is made;
    `origin` says in words where it comes from; `module` is what `import` calls it, or "".
    """

    path: str
    size: int
    manager: str
    package: str
    name: str
    version: str
    artifact: str
    member: str
    origin: str
    category: Category
    shared_library: bool
    module: str
    places: tuple[Placement, ...]


def trace(workflow: Workflow, file: PlannedFile) -> Trace:
    """The way of a file of the plan, under the workflow's own method, and its other places."""
    resolution = workflow.resolutions.get(file.manager)
    package = resolution.packages.get(file.owner) if resolution else None
    artifact = package.artifact.filename if package and package.artifact else ""
    return Trace(
        path=file.path,
        size=file.size,
        manager=file.manager,
        package=file.owner,
        name=package.name if package else file.owner,
        version=package.version if package else "",
        artifact=artifact,
        member=file.source.path if isinstance(file.source, StoreFile) else "",
        origin=_origin(file, built=bool(package and package.needs_build)),
        category=file.category,
        shared_library=file.shared_library,
        module=_module(workflow, file),
        places=tuple(_places(workflow, file, traced=package is not None)),
    )


def dotted(path: str) -> str:
    """The name that a file below a sys.path entry is imported by; "" for what is no module."""
    *packages, name = path.split("/")
    module = module_name(name)
    if not module or not all(part.isidentifier() for part in packages):
        return ""
    return ".".join(packages if module == "__init__" else [*packages, module])


def _module(workflow: Workflow, file: PlannedFile) -> str:
    if file.category is Category.CODE:
        return dotted(file.path)
    if file.manager != "pip" or file.category not in LIBRARIES:
        return ""
    return dotted(below(file, scheme(workflow.method, workflow.target, workflow.settings)))


def _places(workflow: Workflow, file: PlannedFile, *, traced: bool) -> list[Placement]:
    """Its place under the method in force first, then under the others."""
    target = workflow.target
    if file.manager != "pip" or not traced:
        entry, found = _elsewhere(file, target)
        return [Placement("", file.path, posixpath.dirname(file.path), entry, found)]
    own = scheme(workflow.method, target, workflow.settings)
    wanted = identity(file, own)
    places = []
    for method in sorted(METHODS, key=lambda method: method != workflow.method):
        where = scheme(method, target, workflow.settings)
        files = workflow.package_files("pip", file.owner, method)
        same = next((each for each in files if identity(each, where) == wanted), None)
        if same is not None:
            places.append(_placement(method, same, where, target))
    return places


def _placement(method: str, file: PlannedFile, where: Scheme, target: Target) -> Placement:
    rest = below(file, where)
    directory = file.path[: len(file.path) - len(rest)].strip("/")
    place = posixpath.normpath(posixpath.join(target.code_dir, directory))
    entry, found = _found(method, file, rest, place, target)
    return Placement(method, file.path, directory, entry, found)


def _found(
    method: str, file: PlannedFile, rest: str, place: str, target: Target
) -> tuple[str, str]:
    """(entry, how it is found) below a directory of the scheme."""
    covered = on_sys_path(target, place)
    environment = f"{target.code_dir}/bin/python"
    if covered:
        covered = f"in {place}, {covered}"
    else:
        covered = f"if PYTHONPATH has {place}"
        covered += f", or by {environment}" if method == "virtualenv" else ""
    match file.category:
        case Category.PURELIB | Category.PLATLIB:
            return _beside(rest, place, covered) or ("", _path_file(method, place, target))
        case Category.METADATA:
            return place, f"by importlib.metadata, {covered}"
        case Category.SCRIPTS:
            return place, f"by its path, or by name if PATH has {place}"
        case Category.HEADERS:
            return "", "by compilers that are told of it; by nothing at run time"
    if method == "virtualenv":
        return place, f"below sys.prefix where {environment} is started, else by its path"
    return "", "by its path: sys.prefix is that of the target's own Python"


def _beside(rest: str, place: str, covered: str) -> tuple[str, str] | None:
    """A file among the modules; None for one that Python reads when it starts."""
    if rest.endswith(".pth") and "/" not in rest:
        return None
    if dotted(rest):
        return place, covered
    if ".libs/" in rest:
        return "", "by the run path of the package's extension modules"
    return place, f"with its package, {covered}"


def _path_file(method: str, place: str, target: Target) -> str:
    if method == "virtualenv":
        return f"read by {target.code_dir}/bin/python when it starts"
    if method == "user":
        return f"read where PYTHONUSERBASE={target.code_dir} makes {place} a site directory"
    return f"not read: {place} is no site directory"


def _elsewhere(file: PlannedFile, target: Target) -> tuple[str, str]:
    """(entry, how it is found) of what pip's methods do not place."""
    code = target.code_dir
    at = posixpath.normpath(posixpath.join(code, posixpath.dirname(file.path)))
    match file.category:
        case Category.NODE_MODULE:
            top = file.path.partition("node_modules/")[0]
            place = posixpath.join(code, f"{top}node_modules")
            return place, f"in {place}: Node looks there from every directory below"
        case Category.JAR:
            return at, "on the class path"
        case Category.CODE if dotted(file.path):
            return code, f"in {code}, {on_sys_path(target, code) or 'as the function itself'}"
        case Category.LINK if file.shared_library:
            return at, "by its soname, where LD_LIBRARY_PATH has this directory"
    if file.owner == OVERHEAD:
        return "", "by nothing: it belongs to the environment itself"
    if file.shared_library:
        return f"{code}/lib", "by its soname, through the link in lib/ that stands for it"
    return "", "by its path"


def _origin(file: PlannedFile, *, built: bool) -> str:
    match file.source:
        case Generated():
            return "written by the installer"
        case Link(target=target):
            return f"a link to {target}"
        case ProjectFile():
            return "a file of the project"
    return "from the wheel that the sdist was built to" if built else "from the artifact, as it is"
