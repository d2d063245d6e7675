"""Install scripts of dependencies: which packages have some, and which of those likely need them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from fctui.managers.npm.facts import TEXT, decode_facts
from fctui.managers.npm.layout import link_target
from fctui.model.contents import Contents, Listing
from fctui.model.finding import Finding, Kind
from fctui.model.package import Package, Resolution
from fctui.model.plan import is_shared_library

_BUILDS = re.compile(r"gyp|prebuild|cmake|\bmake\b|install|download|build|cargo|napi|fetch|\bcurl\b")
# Words of a script that brings something which is not in the tarball. Others print thanks or check
# the version of Node.

_PREBUILT = re.compile(r"linux")
# Packages for one platform name it: @img/sharp-linux-x64, @esbuild/linux-x64, @next/swc-linux-x64-gnu.


def script_findings(
    resolution: Resolution, listing: Listing, allowed: Collection[str]
) -> Iterator[Finding]:
    """The packages whose install scripts were not run and likely matter, each a finding."""
    for id_, package in resolution.packages.items():
        contents = listing.contents.get(id_)
        if contents is None or package.name in allowed or link_target(package) is not None:
            continue
        script = decode_facts(contents.texts.get(TEXT, "")).installs
        if script and _matters(resolution, listing, package, contents, script):
            yield Finding(
                kind=Kind.UNRESOLVED,
                subject=id_,
                breaks=False,
                message=f"{package.name} {package.version} has an install script ({script}) that "
                f'was not run; allow it with [npm] allow-scripts = ["{package.name}"].',
            )


def _matters(
    resolution: Resolution, listing: Listing, package: Package, contents: Contents, script: str
) -> bool:
    """Not where native code is in the tarball already, or in a package for this platform."""
    if not _BUILDS.search(script) or _has_native(contents):
        return False
    for required in package.requires:
        if _PREBUILT.search(required) and required in listing.contents:
            return False
        if required in resolution.packages and _PREBUILT.search(resolution.packages[required].name):
            return False
    return True


def _has_native(contents: Contents) -> bool:
    return any(is_shared_library(entry.path) for entry in contents.entries)
