"""The licences of a bundle's packages, as the packages in it state them.

Sources: PyPA's "Core metadata specifications" (License-Expression, License, Classifier), npm's
package.json(5), "Machine-readable debian/copyright file", and the POM reference (licenses).
"""

from __future__ import annotations

import json
import zipfile
from collections.abc import Mapping
from email.parser import BytesHeaderParser
from pathlib import Path

from msgspec import Struct

from fctui.bundle.manifest import Manifest
from fctui.model.plan import Origin
from fctui.sbom.debian_copyright import stated
from fctui.sbom.spdx import expression, of_classifiers, of_debian
from fctui.tasks.text import clean

_LARGEST = 4 << 20
# Bytes of a file that is read for its licence; the longest copyright files have half of that.


class Licence(Struct, frozen=True):
    """What one package states: an SPDX `expression`, or else `names` of one or several licences,
    each as it stands there. `source` is the bundle's file that says it, "" where none does.
    """

    expression: str = ""
    names: tuple[str, ...] = ()
    source: str = ""

    @property
    def text(self) -> str:
        """For a table: the expression, the names, or that nothing is stated."""
        return self.expression or ", ".join(self.names) or ("see file" if self.source else "–")


def licences(bundle: Path, manifest: Manifest) -> dict[tuple[str, str], Licence]:
    """The licence of every package by manager and id."""
    sources = _sources(manifest)
    found = {}
    for origin in manifest.origins:
        key = (origin.manager, origin.id)
        path = sources.get(key, "")
        data = _read(bundle / path) if path else None
        found[key] = _licence(origin.manager, path, data, bundle) if data is not None else Licence()
    return found


def _sources(manifest: Manifest) -> dict[tuple[str, str], str]:
    """The file that states a package's licence, by manager and id."""
    ids = {(origin.manager, origin.id) for origin in manifest.origins}
    found: dict[tuple[str, str], str] = {}
    for file in manifest.files:
        key = (file.manager, file.owner)
        if key in ids and _states(file.path, file.manager, file.owner):
            found.setdefault(key, file.path)
    return found


def _states(path: str, manager: str, owner: str) -> bool:
    match manager:
        case "pip":
            return path.endswith(".dist-info/METADATA")
        case "npm":
            return path == f"{owner}/package.json" or path.endswith(f"/{owner}/package.json")
        case "apt":
            return path == f"usr/share/doc/{owner.partition(':')[0]}/copyright"
        case "maven":
            return path.endswith(".jar")
    return False


def _read(path: Path) -> bytes | None:
    try:
        with path.open("rb") as file:
            return file.read(_LARGEST)
    except OSError:
        return None


def _licence(manager: str, path: str, data: bytes, bundle: Path) -> Licence:
    match manager:
        case "pip":
            return _of_metadata(data, path)
        case "npm":
            return _of_package_json(data, path)
        case "apt":
            return stated_licence(data, path)
    return _of_jar(bundle / path, path)


def stated_licence(data: bytes, path: str) -> Licence:
    """Of a debian/copyright file: it names the licences of all its files, which is no choice."""
    names = stated(data)
    only = of_debian(names[0]) if len(names) == 1 else ""
    return Licence(only, () if only else names, path)


def _of_metadata(data: bytes, path: str) -> Licence:
    message = BytesHeaderParser().parsebytes(data)
    stated_expression = expression(str(message.get("License-Expression", "")))
    if stated_expression:
        return Licence(stated_expression, source=path)
    field = clean(str(message.get("License", ""))).strip()
    spdx, names = of_classifiers([str(c) for c in message.get_all("Classifier", [])])
    known = expression(field) or spdx
    if known:
        return Licence(known, source=path)
    short = (field,) if field and len(field) <= 80 and field.upper() != "UNKNOWN" else ()
    return Licence(names=tuple(map(clean, names)) or short, source=path)


def _of_package_json(data: bytes, path: str) -> Licence:
    try:
        described = json.loads(data)
    except (ValueError, RecursionError):
        return Licence()
    if not isinstance(described, dict):
        return Licence()
    told = described.get("license", described.get("licenses"))
    if isinstance(told, str):
        known = expression(told)
        return Licence(known, () if known else (clean(told)[:80],), path)
    several = told if isinstance(told, list) else [told]
    names = tuple(name for name in map(_name_of, several) if name)
    known = expression(names[0]) if len(names) == 1 else ""
    return Licence(known, () if known else names, path)


def _name_of(told: object) -> str:
    """Of the old form `{"type": "MIT", "url": …}`, or of a plain name in a list."""
    if isinstance(told, Mapping):
        told = told.get("type") or told.get("name")
    return clean(told)[:80] if isinstance(told, str) else ""


def _of_jar(path: Path, shown: str) -> Licence:
    """Of the POM that Maven puts into a jar."""
    from xml.etree.ElementTree import ParseError

    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        with zipfile.ZipFile(path) as jar:
            poms = [
                member
                for member in jar.infolist()
                if member.filename.startswith("META-INF/maven/")
                and member.filename.endswith("/pom.xml")
                and member.file_size <= _LARGEST
            ]
            if len(poms) != 1:
                return Licence()
            top = fromstring(jar.read(poms[0]))
    except (OSError, zipfile.BadZipFile, ParseError, DefusedXmlException, ValueError):
        return Licence()
    names = tuple(
        clean(name.text or "").strip()[:80]
        for name in top.findall("{*}licenses/{*}license/{*}name")
        if name.text
    )
    known = expression(names[0]) if len(names) == 1 else ""
    return Licence(known, () if known else names, shown if names else "")


def table(manifest: Manifest, found: Mapping[tuple[str, str], Licence]) -> list[tuple[str, Origin]]:
    """(licence, package) of all packages, by licence and then by name."""
    rows = [(found[origin.manager, origin.id].text, origin) for origin in manifest.origins]
    return sorted(rows, key=lambda row: (row[0].casefold(), row[1].manager, row[1].name))
