"""A workflow that answers from the example: the surface of the real one, no I/O but files."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, cast

from msgspec import structs

from fctui.archive.pack import Archive, Packed
from fctui.bundle.build import Built
from fctui.bundle.manifest import Manifest
from fctui.managers.pip.scheme import Scheme, scheme
from fctui.model.advisory import Advisory, Audit, Severity, Untold
from fctui.model.contents import Contents, Entry, Listing
from fctui.model.errors import FctuiError, LockError
from fctui.model.finding import Finding, Kind, Remedy
from fctui.model.outdated import Comparison
from fctui.model.package import Artifact, Package, Resolution, Root
from fctui.model.plan import (
    Category,
    Generated,
    Layout,
    Link,
    Origin,
    Plan,
    PlannedFile,
    ProjectFile,
    Saving,
    StoreFile,
    is_shared_library,
)
from fctui.model.target import Target
from fctui.model.verification import Outcome, Subject, Verdict, Verification
from fctui.native.judge import Native
from fctui.project.project import Project, load_project
from fctui.project.settings import Settings
from fctui.pruning.rules import Choice, choice
from fctui.store.store import Store
from fctui.targets.load import load_target
from fctui.tasks.events import Event, Reporter, Silent, TaskFinished
from fctui.tasks.task import Tasks
from fctui.tui.app import FctuiApp
from fctui.tui.bridge import Bridge
from fctui.workflow.check import Checked
from fctui.workflow.prunable import Cell, Prunable
from fctui.workflow.verify import Heard
from tests.tui.example import (
    APT,
    APT_ROOTS,
    INDEX,
    NPM,
    NPM_ROOTS,
    PIP,
    PIP_ROOTS,
    SUMMARIES,
)

if TYPE_CHECKING:
    from fctui.workflow.workflow import Workflow

TABLES = {"pip": (PIP, PIP_ROOTS), "apt": (APT, APT_ROOTS), "npm": (NPM, NPM_ROOTS)}
SOURCES = {"pip": "requirements.txt", "apt": "apt.txt", "npm": "package.json"}
COMMANDS = {
    "pip": ("uv", "lock", "--python", "3.11", "--no-config"),
    "apt": ("apt-get", "--no-install-recommends", "-s", "install", "libgl1"),
    "npm": ("npm", "install", "--package-lock-only", "--ignore-scripts"),
}


def make_project(root: Path) -> Path:
    """The example's files in a directory named thumbnail."""
    directory = root / "thumbnail"
    directory.mkdir()
    pip = "# what the handler imports\n" + "\n".join(PIP_ROOTS.split()) + "\n"
    (directory / "requirements.txt").write_text(pip)
    (directory / "apt.txt").write_text("libgl1  # for opencv\n")
    (directory / "package.json").write_text(
        '{\n  "dependencies": {\n    "express": "^5",\n    "sharp": "^0.34"\n  }\n}\n'
    )
    (directory / "handler.py").write_text("def handler(event, context):\n    return 'ok'\n")
    return directory


def parse(manager: str, target: str) -> Resolution:
    """A resolution from the example's table."""
    table, roots = TABLES[manager]
    packages = {}
    for line in table.strip().splitlines():
        name, version, size, *requires = line.split()
        id_ = _id(manager, name)
        filename = f"{name.replace('/', '-')}-{version}{'.deb' if manager == 'apt' else '.whl'}"
        packages[id_] = Package(
            manager=manager,
            id=id_,
            name=name,
            version=version,
            requires=tuple(_id(manager, required) for required in requires),
            artifact=Artifact(
                filename,
                f"https://example.invalid/{filename}",
                int(size) // 3,
                f"sha256:{size:0>64}",
            ),
            installed_size=int(size),
            summary=SUMMARIES.get(name, ""),
            needs_build=name == "crcmod",
        )
    declared = []
    for number, requirement in enumerate(roots.split(), 2):
        cut = min(
            (requirement.find(c) for c in "=><@" if c in requirement), default=len(requirement)
        )
        declared.append(
            Root(_id(manager, requirement[:cut]), requirement, SOURCES[manager], number)
        )
    return Resolution(manager=manager, target=target, roots=tuple(declared), packages=packages)


def _id(manager: str, name: str) -> str:
    return {"pip": name.lower(), "npm": f"node_modules/{name}"}.get(manager, name)


def entries_of(package: Package) -> tuple[Entry, ...]:
    """Files that add up to the package's size."""
    name = package.name.lower().replace("-", "_")
    match package.manager:
        case "pip":
            paths = [
                f"{name}/__init__.py",
                f"{name}/core.py",
                f"{name}-{package.version}.dist-info/METADATA",
            ]
            if (package.installed_size or 0) > 1_000_000:
                paths += [
                    f"{name}/_native.cpython-311-x86_64-linux-gnu.so",
                    f"{name}.libs/lib{name}.so.3",
                ]
            if name == "numpy":
                paths += ["bin/f2py", *(f"numpy/core/part_{n:02}.py" for n in range(40))]
        case "apt":
            paths = [
                f"usr/lib/x86_64-linux-gnu/{name.rstrip('0123456789')}.so.1",
                f"usr/share/{name}/data",
            ]
        case _:
            paths = [f"{package.id}/package.json", f"{package.id}/index.js"]
    paths.sort(key=lambda path: not is_shared_library(path))
    each = (package.installed_size or 0) // len(paths)
    return tuple(Entry(path, each) for path in paths)


class SteadyClock:
    """Every task takes 0.4 seconds, on however slow a machine."""

    def __init__(self, reporter: Reporter) -> None:
        self.reporter = reporter

    def emit(self, event: Event) -> None:
        """Hand it on."""
        if isinstance(event, TaskFinished):
            event = structs.replace(event, seconds=0.4)
        self.reporter.emit(event)


class FakeContext:
    """What the screen reads of the real context."""

    offline = False


class FakeWorkflow:
    """Answers from the example. `gates` hold a manager back until they are set; `errors` make it
    fail; `built` counts the builds.
    """

    def __init__(self, root: Path, target: str = "debian12", method: str = "") -> None:
        self.root = root
        self.project: Project = load_project(root)
        self.target: Target = load_target(target)
        self._by_hand = method
        self.method: str = method or self.project.settings.pip.method
        self.context = FakeContext()
        self.managers: tuple[str, ...] = tuple(
            m for m in ("pip", "apt", "npm") if self.project.of(m)
        )
        self.resolutions: dict[str, Resolution] = {}
        self.listings: dict[str, Listing] = {}
        self.failures: dict[str, FctuiError] = {}
        self.tasks = Tasks(Silent())
        self.gates: dict[str, asyncio.Event] = {}
        self.errors: dict[str, FctuiError] = {}
        self.asked: list[str] = []
        self.cancelled: list[str] = []
        self.too_large: tuple[Finding, ...] = ()
        self.extra: dict[str, Resolution] = {}
        self.made: list[FakeWorkflow] = []
        self.comparison: Comparison | FctuiError = LockError("There is no lock.", hint="Lock it.")

    store: Store | None = None

    @property
    def output(self) -> Path:
        """As the real one."""
        return self.root / "build" / "bundle"

    @property
    def settings(self) -> Settings:
        """The project's own."""
        return self.project.settings

    @property
    def chosen(self) -> Choice:
        """As the real one."""
        return choice(self.settings.bundle.prune, self.settings.bundle.keep)

    def take_facts(self, _other: object) -> None:
        """It reads nothing."""

    async def prunable(self) -> Prunable:
        """Some files that rules are about."""
        cells = [
            Cell("pip", "numpy/tests/a.py", 40_000_000, 9_000_000, ("tests",)),
            Cell("pip", "numpy/a.pyi", 2_000, 500, ("type-stubs",)),
            Cell("apt", "usr/share/man/man1/a.1", 3_000, 1_000, ("manuals",)),
            Cell("pip", "numpy/a.so", 9_000_000, 3_000_000, (), symbols=1_000_000),
        ]
        return Prunable(self.planned(), cells, self.managers)

    def hears(self, reporter: Reporter) -> None:
        """Report to it."""
        self.tasks = Tasks(SteadyClock(reporter))

    def reopened(
        self, *, target: str | None = None, method: str | None = None, refresh: bool = False
    ) -> FakeWorkflow:
        """As the real one."""
        method = self._by_hand if method is None else method
        fresh = FakeWorkflow(self.root, target or self.target.id, method)
        fresh.tasks, fresh.errors, fresh.gates, fresh.asked = (
            self.tasks,
            self.errors,
            self.gates,
            self.asked,
        )
        fresh.cancelled = self.cancelled
        fresh.extra = self.extra
        self.made.append(fresh)
        if refresh:
            self.asked.append("refresh")
        return fresh

    async def resolve(self, manager: str) -> Resolution:
        """As the real one."""
        if manager in self.resolutions:
            return self.resolutions[manager]
        self.asked.append(f"resolve {manager}")
        async with self.tasks.open(manager, f"{manager} resolve") as task:
            task.show(" ".join(COMMANDS[manager]))
            task.log("Reading package lists")
            await self._gate(f"resolve {manager}")
            if manager in self.errors:
                self.failures[manager] = self.errors[manager]
                raise self.errors[manager]
            self.failures.pop(manager, None)
        self.resolutions[manager] = self.extra.get(manager) or self._declared(manager)
        return self.resolutions[manager]

    async def contents(self, manager: str, ids: Sequence[str] | None = None) -> Listing:
        """As the real one."""
        resolution = await self.resolve(manager)
        async with self.tasks.open(manager, f"{manager} list files") as task:
            total = len(resolution.packages)
            task.progress(total // 2, total, "packages")
            await self._gate(f"contents {manager}")
            task.progress(total, total, "packages")
        packages = resolution.packages.values()
        self.listings[manager] = Listing(
            {
                p.id: Contents(f"sha256:{p.id}", entries_of(p))
                for p in packages
                if not p.needs_build
            },
            {p.id: "It has to be built first, in the sandbox." for p in packages if p.needs_build},
        )
        return self.listings[manager]

    async def outdated(self) -> Comparison:
        """What `comparison` says, or the error that it is."""
        await self._gate("outdated")
        if isinstance(self.comparison, FctuiError):
            raise self.comparison
        return self.comparison

    async def lock(self) -> list[str]:
        """Count it, and leave nothing to change."""
        self.asked.append("lock")
        self.comparison = Comparison("fctui.lock", self.target.id, (), 3)
        return ["fctui.lock", "pylock.toml"]

    def sizes(self, manager: str) -> dict[str, int]:
        """As the real one."""
        resolution = self.resolutions.get(manager)
        packages = resolution.packages.values() if resolution else ()
        return {p.id: p.installed_size for p in packages if p.installed_size is not None}

    def package_files(
        self, manager: str, id_: str, method: str | None = None
    ) -> tuple[PlannedFile, ...]:
        """As the real one."""
        listing, resolution = self.listings.get(manager), self.resolutions[manager]
        if listing is None or id_ not in listing.contents:
            return ()
        where = scheme(method or self.method, self.target, self.settings)
        native = any(is_shared_library(entry.path) for entry in listing.contents[id_].entries)
        return tuple(
            PlannedFile(
                path=_placed(entry.path, where) if manager == "pip" else entry.path,
                size=entry.size,
                category=_category(manager, entry.path, native=native),
                owner=id_ if manager == "pip" else resolution.packages[id_].name,
                manager=manager,
                source=StoreFile(f"sha256:{id_}", entry.path),
                shared_library=is_shared_library(entry.path),
            )
            for entry in listing.contents[id_].entries
        )

    def with_method(self, method: str) -> FakeWorkflow:
        """As the real one."""
        other = self.reopened(method=method)
        self.made.remove(other)
        other.resolutions, other.listings = dict(self.resolutions), dict(self.listings)
        return other

    def layout_of(self, manager: str) -> Layout:
        """As the real one; the environment of a virtualenv has two files of its own."""
        ids = self.listings[manager].contents
        files = [f for id_ in ids for f in self.package_files(manager, id_)]
        if manager == "pip" and self.method == "virtualenv":
            files += [_own("bin/activate", 2_100), _own("pyvenv.cfg", 310)]
        return Layout(tuple(files))

    def planned(self) -> Plan:
        """As the real one."""
        files = [
            file
            for manager in self.managers
            for id_ in (self.listings[manager].contents if manager in self.listings else ())
            for file in self.package_files(manager, id_)
        ]
        files.append(
            PlannedFile(
                path="handler.py",
                size=48,
                category=Category.CODE,
                owner="thumbnail",
                manager="",
                source=ProjectFile("handler.py"),
            )
        )
        files.append(
            PlannedFile(
                path="lib/libGL.so.1",
                size=37,
                category=Category.LINK,
                owner="libgl1",
                manager="apt",
                source=Link("../usr/lib/x86_64-linux-gnu/libgl.so.1"),
                shared_library=True,
            )
        )
        return Plan(
            target=self.target.id,
            method=self.method,
            files=tuple(sorted(files, key=lambda file: file.path)),
            findings=FINDINGS,
            savings=(
                Saving("documentation", "apt", 412, 3_100_000),
                Saving("locales", "apt", 96, 812_000),
            ),
            environment={"LD_LIBRARY_PATH": "/code/lib:/code/usr/lib/x86_64-linux-gnu"},
            origins=tuple(self._origins()),
        )

    def _origins(self) -> Iterator[Origin]:
        for manager, resolution in self.resolutions.items():
            names = {id_: package.name for id_, package in resolution.packages.items()}
            declared = {root.id: f"{root.source}:{root.line}" for root in resolution.roots}
            for package in resolution.packages.values():
                yield Origin(
                    manager=manager,
                    id=package.name,
                    name=package.name,
                    version=package.version,
                    filename="",
                    digest="",
                    requires=tuple(names[id_] for id_ in package.requires),
                    declared=declared.get(package.id, ""),
                )

    async def plan(self) -> Plan:
        """As the real one."""
        for manager in self.managers:
            await self.contents(manager)
        return self.planned()

    def has_bundle(self) -> bool:
        """Once it was built."""
        return "build" in self.asked

    async def check(self, bundle: Path | None = None) -> Checked:
        """The story of opencv: what it needs is missing until the deb is declared."""
        self.asked.append("check")
        missing = Finding(
            kind=Kind.MISSING_LIBRARY,
            subject="libxcb.so.1",
            message="libxcb.so.1 is neither in the bundle nor on Debian 12 (bookworm).",
            needed_by=("opencv-python",),
            files=("cv2/cv2.abi3.so",),
            chains=(("requirements.txt:2", "opencv-python"),),
            remedies=(
                Remedy("apt", "libxcb1", size=607_232),
                Remedy("pip", "opencv-python-headless", instead_of="opencv-python"),
            ),
        )
        declared = (self.project.root / "apt.txt").read_text(encoding="utf-8")
        findings = () if "libxcb1" in declared else (missing,)
        return Checked(findings, Native(findings, {}, 64), "118 packages")

    async def verify(self, *, heard: Heard) -> Verification:
        """Two things that work, one that does not."""
        self.asked.append("verify")
        results = [
            Verdict(kind=Subject.MODULE, subject="cv2", outcome=Outcome.PASSED, owner="opencv"),
            Verdict(kind=Subject.PROGRAM, subject="bin/f2py", outcome=Outcome.PASSED),
            Verdict(
                kind=Subject.MODULE,
                subject="magic",
                outcome=Outcome.FAILED,
                message="ImportError: failed to find libmagic [/x].",
                owner="python-magic",
            ),
        ]
        for verdict in results:
            heard(verdict, len(results))
            await asyncio.sleep(0)
        return Verification(sandbox="bubblewrap, bookworm", results=tuple(results))

    @property
    def archive(self) -> Path:
        """As the real one."""
        return self.root / "build" / "bundle.zip"

    async def audit(self) -> Audit:
        """One vulnerability, and a manager that nobody can be asked about."""
        self.asked.append("audit")
        known = Advisory(
            manager="pip",
            package="pillow",
            name="pillow",
            version="9.0.0",
            id="CVE-1",
            severity=Severity.HIGH,
            summary="Reads [too] much",
            fixed=("9.0.1",),
            chains=(("requirements.txt:4", "pillow"),),
        )
        untold = Untold("npm", ("node_modules/express",), "the registry tells no advisories")
        return Audit(vulnerabilities=(known,), untold=(untold,), asked={"pip": 9, "npm": 0})

    async def pack(self, *, layers: bool = False, smallest: bool = False) -> Packed:
        """As the real one, without writing."""
        self.asked.append(f"pack{' layers' * layers}{' smallest' * smallest}")
        async with self.tasks.open("", "compress") as task:
            task.progress(50_000_000, 90_000_000, "bytes")
            await self._gate("pack")
        manifest = Manifest(1, self.target.id, self.method, {}, (), (), ())
        names = ["bundle.zip", *(["bundle-layer-1.zip"] if layers else [])]
        archives = (Archive(self.archive.with_name(n), 41_234_567, "ab" * 32, 240, 90_000_000)
                    for n in names)  # fmt: skip
        return Packed(manifest, tuple(archives), findings=self.too_large)

    async def build(self, output: Path | None = None) -> Built:
        """As the real one, without writing."""
        self.asked.append("build")
        async with self.tasks.open("", "bundle") as task:
            task.show("ln store/… build/bundle/…")
            task.log(*(f"link {number}" for number in range(60)))
            task.progress(120, 240, "files")
            try:
                await self._gate("build")
            except asyncio.CancelledError:
                self.cancelled.append("build")
                raise
            if "build" in self.errors:
                raise self.errors["build"]
        for manager in self.managers:
            if manager not in self.listings:
                await self.contents(manager)
        totals = self.planned().totals
        return Built(Path("build/bundle"), totals.files, totals.size, 0.31, FINDINGS)

    def search(self, manager: str, query: str) -> tuple[tuple[str, str, str], ...]:
        """As the real one."""
        if manager != "apt":
            return ()
        words = query.casefold().split()
        return tuple(p for p in INDEX if all(word in " ".join(p).casefold() for word in words))

    async def _gate(self, name: str) -> None:
        await asyncio.sleep(0)
        if name in self.gates:
            await self.gates[name].wait()

    def _declared(self, manager: str) -> Resolution:
        """The example less what the project's file no longer has."""
        full = parse(manager, self.target.id)
        text = (self.root / SOURCES[manager]).read_text().casefold()
        roots = tuple(r for r in full.roots if full.packages[r.id].name.casefold() in text)
        seen: dict[str, Package] = {}
        waiting = [root.id for root in roots]
        while waiting:
            id_ = waiting.pop(0)
            if id_ not in seen:
                seen[id_] = full.packages[id_]
                waiting.extend(full.packages[id_].requires)
        return Resolution(manager=manager, target=self.target.id, roots=roots, packages=seen)


FINDINGS = (
    Finding(
        kind=Kind.MISSING_LIBRARY,
        subject="libgthread-2.0.so.0",
        message="No file of the bundle or of the target provides libgthread-2.0.so.0.",
        needed_by=("opencv_python.libs/libopencv_python.so.3",),
        remedies=(Remedy("apt", "libglib2.0-0"),),
    ),
    Finding(
        kind=Kind.FILE_CONFLICT,
        subject="bin/f2py",
        message="numpy and numpy-extra both bring bin/f2py; numpy's is kept.",
        breaks=False,
    ),
)


def _placed(path: str, where: Scheme) -> str:
    """Scripts lie in the same place by every method, all else below the site directory."""
    return path if path.startswith("bin/") or not where.purelib else f"{where.purelib}/{path}"


def _own(path: str, size: int) -> PlannedFile:
    return PlannedFile(
        path=path,
        size=size,
        category=Category.SCRIPTS if path.startswith("bin/") else Category.METADATA,
        owner="virtualenv",
        manager="pip",
        source=Generated(b""),
    )


def _category(manager: str, path: str, *, native: bool) -> Category:
    if manager == "npm":
        return Category.NODE_MODULE
    if manager == "apt":
        return Category.SYSTEM
    if ".dist-info/" in path:
        return Category.METADATA
    if path.startswith("bin/"):
        return Category.SCRIPTS
    return Category.PLATLIB if native else Category.PURELIB


def make_app(root: Path, workflow: FakeWorkflow | None = None) -> FctuiApp:
    """The real App over a fake workflow."""
    bridge = Bridge()
    fake = workflow or FakeWorkflow(make_project(root))
    fake.hears(bridge)
    return FctuiApp(cast("Workflow", fake), bridge)
