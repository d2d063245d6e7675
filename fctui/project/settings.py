"""A project's settings: `fctui.toml` or `[tool.fctui]` in pyproject.toml, validated."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct, field, structs

from fctui.model.errors import UsageError

Method = Literal["install-option", "target", "user", "virtualenv"]


class InstallOption(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """The article's five directories, relative to the bundle; `lib` is purelib and platlib."""

    purelib: str = ""
    platlib: str = ""
    lib: str = ""
    scripts: str = ""
    data: str = ""
    headers: str = ""
    prefix: str = ""


class PipSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """`[pip]`: how Python packages are resolved and laid out. `build_packages` are debs that
    compiling sdists takes, beside a compiler and Python's headers.
    """

    method: Method = "target"
    resolver: Literal["uv", "pip"] = "uv"
    requirements: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()
    extras: tuple[str, ...] = ()
    sdists: Literal["sandbox", "host", "never"] = "sandbox"
    build_packages: tuple[str, ...] = ()
    install_option: InstallOption = InstallOption()


class AptSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """`[apt]`. `resolver` chooses apt's, which hosts without apt do not have and do without, or our
    own. `sources` are deb822 or one-line files that replace the target's own sources.
    """

    packages: tuple[str, ...] = ()
    recommends: bool = False
    resolver: Literal["apt", "own"] = "apt"
    mirror: str = ""
    sources: tuple[str, ...] = ()


class NpmSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """`[npm]`: which packages may run their lifecycle scripts, in the sandbox."""

    allow_scripts: tuple[str, ...] = ()


class BundleSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """`[bundle]`. `code` puts the function's own files into the bundle, less `exclude`
    (gitignore patterns). `files` chooses how files come from the store, `bytecode` brings `.pyc`
    of the pip packages' modules. `environment` are the function's own variables: they stand as
    they are, where fctui would set others. `links` are libraries by their paths in the bundle
    that are to be found by their names, `rpath` lets libraries find each other by where they lie.
    `prune` are rules of what is left out, "default" for those that break nothing, or globs; `keep`
    are rules and globs of what stays.
    """

    output: str = "build/bundle"
    code: bool = True
    exclude: tuple[str, ...] = ()
    files: Literal["auto", "reflink", "link", "copy"] = "auto"
    bytecode: bool = False
    environment: dict[str, str] = field(default_factory=dict)
    links: tuple[str, ...] = ()
    rpath: bool = False
    prune: str | tuple[str, ...] = ()
    keep: tuple[str, ...] = ()


class IgnoredAdvisory(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """`[[audit.ignore]]`: an advisory (by any of its names) that does not concern this function,
    and why not; with `package` only where that package has it.
    """

    id: str
    reason: str
    package: str = ""


class AuditSettings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """`[audit]`: which known vulnerabilities are no news."""

    ignore: tuple[IgnoredAdvisory, ...] = ()


class Settings(Struct, frozen=True, forbid_unknown_fields=True, rename="kebab"):
    """All settings; every one is optional."""

    target: str | tuple[str, ...] = "debian12"
    pip: PipSettings = field(default_factory=PipSettings)
    apt: AptSettings = field(default_factory=AptSettings)
    npm: NpmSettings = field(default_factory=NpmSettings)
    bundle: BundleSettings = field(default_factory=BundleSettings)
    audit: AuditSettings = field(default_factory=AuditSettings)


METHODS: tuple[Method, ...] = ("install-option", "target", "user", "virtualenv")


def override(
    settings: Settings,
    *,
    target: str | None = None,
    method: str | None = None,
    resolver: str | None = None,
    prune: str | tuple[str, ...] | None = None,
) -> Settings:
    """The settings with what the command line chose; None leaves a setting as it is.

    Raises UsageError for a method or resolver that does not exist.
    """
    if method is not None and method not in METHODS:
        raise UsageError(f"There is no method {method!r}.", hint=f"One of {', '.join(METHODS)}.")
    if resolver not in {None, "uv", "pip"}:
        raise UsageError(f"There is no resolver {resolver!r}.", hint="One of uv, pip.")
    pip = structs.replace(
        settings.pip,
        method=method or settings.pip.method,
        resolver=resolver or settings.pip.resolver,
    )
    if prune is None:
        prune = settings.bundle.prune
    bundle = structs.replace(settings.bundle, prune=prune)
    return structs.replace(settings, pip=pip, bundle=bundle, target=target or settings.target)
