"""A bundle's packages as a CycloneDX 1.6 bill of materials.

Sources: CycloneDX 1.6 (ECMA-424), the purl types pypi, npm, deb and maven of the package-url
specification, and the property taxonomy `cdx:npm`.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import uuid
import warnings
from collections.abc import Iterable, Mapping

from cyclonedx.model import HashAlgorithm, HashType, Property
from cyclonedx.model.bom import Bom, BomMetaData
from cyclonedx.model.bom_ref import BomRef
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.model.dependency import Dependency
from cyclonedx.model.license import DisjunctiveLicense, LicenseExpression
from cyclonedx.model.tool import ToolRepository
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL

from fctui import __version__
from fctui.bundle.manifest import Manifest
from fctui.model.plan import Origin
from fctui.model.target import Target
from fctui.sbom.licences import Licence
from fctui.sbom.spdx import of_debian

_SPACE = uuid.UUID("4b1d8f0e-6a0d-5c3a-9d0a-2f1c6a7b8e90")
# The name space of our serial numbers, made once for this; RFC 9562, section 5.5.

_ALGORITHMS = {"sha256": HashAlgorithm.SHA_256, "sha512": HashAlgorithm.SHA_512}
_ALGORITHMS |= {"sha1": HashAlgorithm.SHA_1, "sha384": HashAlgorithm.SHA_384}

Key = tuple[str, str]
"""Manager and package id."""


def bill_of_materials(
    name: str,
    manifest: Manifest,
    licences: Mapping[Key, Licence],
    target: Target | None,
    when: int | None,
) -> str:
    """The bill as JSON. The same bundle gives the same one: its serial number comes from what is
    in it, and `when` (seconds) is the only time that it has, if any.
    """
    purls = {(o.manager, o.id): purl_of(o, target) for o in manifest.origins}
    places: dict[str, list[Origin]] = {}
    for origin in manifest.origins:
        places.setdefault(str(purls[origin.manager, origin.id]), []).append(origin)
    components = [
        _component(ref, group, purls[group[0].manager, group[0].id], licences)
        for ref, group in places.items()
    ]
    top = Component(name=name, type=ComponentType.APPLICATION, bom_ref=f"function:{name}")
    own = Component(name="fctui", version=__version__, type=ComponentType.APPLICATION)
    bom = Bom(
        components=components,
        metadata=BomMetaData(
            component=top,
            tools=ToolRepository(components=[own]),
            properties=[
                Property(name="fctui:target", value=manifest.target),
                Property(name="fctui:method", value=manifest.method),
            ],
        ),
        dependencies=_dependencies(manifest, purls, places, f"function:{name}"),
        serial_number=_serial(manifest),
    )
    bom.metadata.timestamp = _time(when)  # type: ignore[assignment]  # else the library says now
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore"
        )  # a bundle of nothing but what others need is none to warn of
        return str(JsonV1Dot6(bom).output_as_string(indent=2)) + "\n"


def purl_of(origin: Origin, target: Target | None) -> PackageURL:
    """The package URL of a package, for what it is made for where that is part of it."""
    match origin.manager:
        case "pip":
            return PackageURL("pypi", None, origin.name.lower().replace("_", "-"), origin.version)
        case "npm":
            scope, _, bare = origin.name.rpartition("/")
            return PackageURL("npm", scope or None, bare, origin.version)
        case "maven":
            group, artifact, *classifier = origin.id.split(":")
            qualifiers = {"type": "jar"} | ({"classifier": classifier[0]} if classifier else {})
            return PackageURL("maven", group, artifact, origin.version, qualifiers)
        case "apt":
            package, _, arch = origin.id.partition(":")
            qualifiers = _debian(arch, target)
            return PackageURL("deb", "debian", package, origin.version, qualifiers)
    return PackageURL("generic", None, origin.name, origin.version)


def _debian(arch: str, target: Target | None) -> dict[str, str]:
    if target is None:
        return {"arch": arch} if arch else {}
    found = {"arch": arch or target.debian_arch}
    if target.suite is not None:
        found["distro"] = f"debian-{target.suite.release}"
    return found


def _component(
    ref: str, group: list[Origin], purl: PackageURL, licences: Mapping[Key, Licence]
) -> Component:
    """One package; npm may have it in several places."""
    first = group[0]
    algorithm, _, value = first.digest.partition(":")
    hashes = (
        [HashType(alg=_ALGORITHMS[algorithm], content=value)] if algorithm in _ALGORITHMS else []
    )
    properties = [Property(name="fctui:manager", value=first.manager)]
    if first.filename:
        properties.append(Property(name="fctui:artifact", value=first.filename))
    if first.manager == "npm":
        properties += [Property(name="cdx:npm:package:path", value=o.id) for o in group]
    scope, _, bare = first.name.rpartition("/") if first.manager == "npm" else ("", "", first.name)
    return Component(
        name=bare,
        group=purl.namespace if first.manager == "maven" else scope or None,
        version=first.version,
        type=ComponentType.LIBRARY,
        bom_ref=ref,
        purl=purl,
        hashes=hashes,
        licenses=_licences(first.manager, licences.get((first.manager, first.id), Licence())),
        properties=properties,
    )


def _licences(manager: str, licence: Licence) -> list[LicenseExpression | DisjunctiveLicense]:
    if licence.expression:
        return [LicenseExpression(licence.expression)]
    found: list[LicenseExpression | DisjunctiveLicense] = []
    for name in licence.names:
        id_ = of_debian(name) if manager == "apt" else ""
        found.append(DisjunctiveLicense(id=id_) if id_ else DisjunctiveLicense(name=name))
    return found


def _dependencies(
    manifest: Manifest,
    purls: Mapping[Key, PackageURL],
    places: Mapping[str, list[Origin]],
    top: str,
) -> Iterable[Dependency]:
    """The graph that brought the packages; what the project declares hangs from the function."""
    declared = {str(purls[o.manager, o.id]) for o in manifest.origins if o.declared}
    yield Dependency(BomRef(top), [Dependency(BomRef(ref)) for ref in sorted(declared)])
    for ref, group in places.items():
        wanted = {
            str(purls[origin.manager, id_])
            for origin in group
            for id_ in origin.requires
            if (origin.manager, id_) in purls
        }
        yield Dependency(BomRef(ref), [Dependency(BomRef(each)) for each in sorted(wanted - {ref})])


def _serial(manifest: Manifest) -> uuid.UUID:
    """A number that is the same for the same files."""
    own = next((f.sha256 for f in manifest.files if f.path == ".fctui/manifest.json"), "")
    return uuid.uuid5(_SPACE, own or hashlib.sha256(repr(manifest).encode()).hexdigest())


def _time(when: int | None) -> dt.datetime | None:
    return None if when is None else dt.datetime.fromtimestamp(when, dt.UTC)
