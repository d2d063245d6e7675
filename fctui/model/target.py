"""A function runtime as data: what it runs on, what it already has, where code lies, its limits."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field

from fctui.model.captured import Captured


class Certainty(StrEnum):
    """How well a fact of a target is known."""

    DOCUMENTED = "documented"
    CAPTURED = "captured"
    ASSUMED = "assumed"


class Interpreter(Struct, frozen=True):
    """A language runtime on the target: version "X.Y[.Z]" and the absolute path of its program."""

    version: str
    executable: str

    @property
    def minor(self) -> str:
        """The version as X.Y: what decides where files lie and which wheels fit."""
        return ".".join(self.version.split(".")[:2])


class Suite(Struct, frozen=True):
    """The Debian suite that debs are taken from.

    For a target that is not Debian it is the newest release whose glibc is not newer.
    `archived` suites have left the mirrors and their `Valid-Until` has passed.
    """

    name: str
    release: str
    archived: bool = False


class Limits(Struct, frozen=True):
    """What the provider accepts, in bytes and counts; None where there is no such limit."""

    zip_api: int | None = None
    zip_storage: int | None = None
    unzipped: int | None = None
    environment: int | None = None
    layers: int | None = None


class Target(Struct, frozen=True, kw_only=True):
    """One runtime that a bundle is made for.

    `arch` is the kernel's name (`x86_64`, `aarch64`). `presets` are the environment
    variables that the runtime sets before the function starts. `installed` names the Debian
    packages that the runtime has beyond the release's minimal set, `python_path` the directories
    that it puts on `sys.path` by itself. `certainty` maps the names
    of facts (`glibc`, `python`, `presets`, ...) to how well they are known. `captured` is what was
    seen there, instead of what its release's packages tell.
    """

    id: str
    title: str
    provider: str
    distribution: str
    release: str
    glibc: tuple[int, int]
    arch: str = "x86_64"
    python: Interpreter | None = None
    node: Interpreter | None = None
    java: Interpreter | None = None
    suite: Suite | None = None
    installed: tuple[str, ...] = ()
    code_dir: str = "/code"
    layer_dir: str = "/opt"
    python_path: tuple[str, ...] = ()
    presets: dict[str, str] = field(default_factory=dict)
    limits: Limits = Limits()
    certainty: dict[str, Certainty] = field(default_factory=dict)
    sources: tuple[str, ...] = ()
    captured: Captured | None = None

    @property
    def debian_arch(self) -> str:
        """The architecture as dpkg names it."""
        return {"x86_64": "amd64", "aarch64": "arm64"}[self.arch]

    @property
    def multiarch(self) -> str:
        """The directory name under `/usr/lib`, e.g. `x86_64-linux-gnu`."""
        return f"{self.arch}-linux-gnu"

    @property
    def node_arch(self) -> str:
        """The architecture as npm's `cpu` names it."""
        return {"x86_64": "x64", "aarch64": "arm64"}[self.arch]

    @property
    def python_xy(self) -> tuple[int, int] | None:
        """(major, minor) of the target's Python, if it has one."""
        if self.python is None:
            return None
        major, minor, *_ = self.python.version.split(".")
        return int(major), int(minor)
