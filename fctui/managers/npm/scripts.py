"""Install scripts of dependencies: which packages have some, and which likely need them."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator

from fctui.managers.npm.facts import TEXT, decode_facts
from fctui.managers.npm.layout import link_target
from fctui.model.contents import Contents, Listing
from fctui.model.finding import Finding, Kind
from fctui.model.package import Package, Resolution
from fctui.model.plan import is_shared_library

_BUILDS = re.compile(
    r"gyp|prebuild|cmake|\bmake\b|install|download|build|cargo|napi|fetch|\bcurl\b"
)
# Words of a script that brings something which is not in the tarball. Others print thanks or check
# the version of Node.

_PREBUILT = re.compile(r"linux")
# Packages for one platform name it: @img/sharp-linux-x64, @esbuild/linux-x64.

_RECIPE = "binding.gyp"
# A package that has it at its top is an addon of compiled code: npm, "install" of package.json.


def script_findings(
    resolution: Resolution, listing: Listing, allowed: Collection[str], cpu: str
) -> Iterator[Finding]:
    """The packages whose install scripts were not run and likely matter, each a finding.

    `cpu` is the target's architecture as npm names it.
    """
    declared = {root.id for root in resolution.roots}
    for id_, package in resolution.packages.items():
        contents = listing.contents.get(id_)
        if contents is None or package.name in allowed or link_target(package) is not None:
            continue
        script = decode_facts(contents.texts.get(TEXT, "")).installs
        native = _has_native(contents, cpu)
        if script and not native and _matters(resolution, package, script):
            breaks = id_ in declared and _is_addon(contents)
            lacks = ", so its compiled code is not there" if breaks else ""
            yield Finding(
                kind=Kind.UNRESOLVED,
                subject=id_,
                breaks=breaks,
                message=f"{package.name} {package.version} has an install script ({script}) that "
                f'was not run{lacks}; allow it with [npm] allow-scripts = ["{package.name}"].',
            )


def _is_addon(contents: Contents) -> bool:
    """Whether the package is its compiled code. It may well be required without: many look for
    their addon when they are first used. What only others bring they may do without.
    """
    return any(entry.path == _RECIPE for entry in contents.entries)


def _matters(resolution: Resolution, package: Package, script: str) -> bool:
    """Not where what it would bring is in a package of its own for this platform."""
    if not _BUILDS.search(script):
        return False
    required = (resolution.packages[id_].name for id_ in package.requires)
    return not any(_PREBUILT.search(name) for name in required)


def _has_native(contents: Contents, cpu: str) -> bool:
    """Whether the tarball has native code for the target already (prebuildify, node-pre-gyp)."""
    for entry in contents.entries:
        if is_shared_library(entry.path):
            _, prebuilt, rest = entry.path.partition("prebuilds/")
            platform = rest.partition("/")[0]
            if not prebuilt or ("linux" in platform and cpu in platform):
                return True
    return False
