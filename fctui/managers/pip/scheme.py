"""Where a method puts a wheel's five kinds of files: the seam between the four ways to install.

Sources: PEP 427 and `sysconfig` (posix_home, posix_user, posix_prefix), pip's `--target`.
"""

from __future__ import annotations

import posixpath

from msgspec import Struct

from fctui.managers.pip.tags import python_of
from fctui.model.errors import UsageError
from fctui.model.target import Target
from fctui.project.settings import METHODS, InstallOption, Settings


class Scheme(Struct, frozen=True):
    """Directories relative to the bundle; "" is the bundle itself. Headers of a distribution go
    to a directory of its name below `headers`, unless the user named the place itself
    (`--install-headers`).
    """

    purelib: str
    platlib: str
    headers: str
    scripts: str
    data: str
    headers_by_name: bool = True

    def directory(self, key: str, name: str) -> str:
        """The directory of a scheme key for a distribution."""
        match key:
            case "purelib":
                return self.purelib
            case "platlib":
                return self.platlib
            case "headers":
                return posixpath.join(self.headers, name) if self.headers_by_name else self.headers
            case "scripts":
                return self.scripts
        return self.data


def scheme(method: str, target: Target, settings: Settings) -> Scheme:
    """The directories of a method. Raises UsageError for a method without a layout."""
    major, minor = python_of(target)
    python = f"python{major}.{minor}"
    match method:
        case "target":
            return Scheme("", "", "include/python", "bin", "")
        case "user":
            site = f"lib/{python}/site-packages"
            return Scheme(site, site, f"include/{python}", "bin", "")
        case "virtualenv":
            site = f"lib/{python}/site-packages"
            return Scheme(site, site, f"include/site/{python}", "bin", "")
        case "install-option":
            return _install_option(settings.pip.install_option, python)
    raise UsageError(
        f"Packages cannot be laid out by the method {method!r}.",
        hint=f"Choose one of {', '.join(METHODS)}.",
    )


def _install_option(given: InstallOption, python: str) -> Scheme:
    """The article's directories; what is not named follows the prefix, as distutils has it."""
    prefix = _clean(given.prefix, "prefix")
    lib = (
        _clean(given.lib, "lib")
        if given.lib
        else posixpath.join(prefix, f"lib/{python}/site-packages")
    )
    return Scheme(
        purelib=_clean(given.purelib, "purelib") if given.purelib else lib,
        platlib=_clean(given.platlib, "platlib") if given.platlib else lib,
        headers=_clean(given.headers, "headers")
        if given.headers
        else posixpath.join(prefix, f"include/{python}"),
        scripts=_clean(given.scripts, "scripts")
        if given.scripts
        else posixpath.join(prefix, "bin"),
        data=_clean(given.data, "data") if given.data else prefix,
        headers_by_name=not given.headers,
    )


def _clean(path: str, name: str) -> str:
    """A directory of the bundle. Raises UsageError for one outside of it."""
    normal = posixpath.normpath(path) if path else ""
    if normal.startswith(("/", "..")) or "\0" in normal:
        raise UsageError(
            f"[pip.install-option] {name} = {path!r} lies outside of the bundle.",
            hint="Write it relative to the bundle, for example python.",
        )
    return "" if normal == "." else normal
