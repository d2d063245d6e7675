"""What cures a finding: the deb that brings a library, or a variant that does not need it."""

from __future__ import annotations

import functools
import tomllib
from collections import Counter
from collections.abc import Mapping, Sequence
from importlib.resources import files

import msgspec
from msgspec import Struct, structs

from fctui.bundle.manifest import Manifest
from fctui.managers.apt.cost import Cost, costs
from fctui.managers.apt.libraries import Owner
from fctui.managers.apt.owners import owners_of
from fctui.managers.interface import Context
from fctui.model.errors import FctuiError
from fctui.model.finding import Finding, Kind, Remedy

MOST = 3
# Candidates for one library whose cost is computed: the first is nearly always the one.


class Variant(Struct, frozen=True):
    """A sibling of a package that can take its place, and who says so."""

    manager: str
    package: str
    instead: str
    source: str


class _Variants(Struct, frozen=True):
    variant: tuple[Variant, ...]


async def with_remedies(
    context: Context, manifest: Manifest, findings: tuple[Finding, ...]
) -> tuple[Finding, ...]:
    """The findings with what cures them, the best first; as they are where the archive cannot be
    asked.
    """
    if not findings or (context.target.suite is None and context.target.id != "local"):
        return findings
    present = [origin.id for origin in manifest.origins if origin.manager == "apt"]
    sonames = [f.subject for f in findings if f.kind is Kind.MISSING_LIBRARY]
    try:
        owners = {
            soname: tuple(owner for owner in found if owner.package not in present)
            for soname, found in (await owners_of(context, sonames)).items()
        }
        names = [owner.package for found in owners.values() for owner in found[:MOST]]
        prices = await costs(context, names, present)
    except FctuiError as error:
        async with context.tasks.open("apt", "which deb has a library") as task:
            task.log(f"no cures are known: {error.message}")
        return findings
    return tuple(_cured(finding, owners, prices) for finding in findings)


def chosen_remedies(findings: Sequence[Finding]) -> tuple[Remedy, ...]:
    """The first remedy of each finding, each package once. An interpreter for scripts that nobody
    may ever start is not added unasked.
    """
    first = [
        finding.remedies[0]
        for finding in findings
        if finding.remedies and (finding.breaks or finding.kind is not Kind.WRONG_PLATFORM)
    ]
    return tuple({(each.manager, each.package): each for each in first}.values())


def one_for_several(findings: Sequence[Finding]) -> tuple[Remedy, int] | None:
    """The variant that alone cures the most findings, and how many; None where none cures two."""
    cured = Counter(
        structs.replace(remedy, size=None)
        for finding in findings
        for remedy in finding.remedies
        if remedy.instead_of
    )
    best = cured.most_common(1)
    return best[0] if best and best[0][1] > 1 else None


@functools.cache
def variants() -> tuple[Variant, ...]:
    """The variants that are known, from `native/data/variants.toml`."""
    text = files("fctui.native").joinpath("data/variants.toml").read_text(encoding="utf-8")
    return msgspec.convert(tomllib.loads(text), _Variants).variant


def _cured(
    finding: Finding, owners: Mapping[str, tuple[Owner, ...]], prices: Mapping[str, Cost]
) -> Finding:
    debs = [
        Remedy("apt", owner.package, size=prices[owner.package].size)
        for owner in owners.get(finding.subject, ())[:MOST]
        if owner.package in prices
    ]
    siblings = [
        Remedy(each.manager, each.instead, instead_of=each.package)
        for each in variants()
        if each.package
        in {
            Kind.MISSING_LIBRARY: finding.needed_by,
            Kind.UNRESOLVED: (finding.subject,),
        }.get(finding.kind, ())
    ]
    return structs.replace(finding, remedies=(*finding.remedies, *debs, *siblings))
