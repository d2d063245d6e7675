"""Known vulnerabilities of a project's or a bundle's packages, as their own services tell them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import structs

from fctui.managers.interface import Context
from fctui.managers.registry import MANAGERS
from fctui.model.advisory import WORST_FIRST, Advisory, Audit, Ignored, Severity, Told
from fctui.model.finding import Finding, Kind
from fctui.model.graph import chains
from fctui.model.names import some
from fctui.model.package import Resolution
from fctui.project.settings import IgnoredAdvisory
from fctui.workflow.together import all_or_first_error

CHAINS = 5
# Ways that an advisory tells: whoever has more than that knows who brings the package.


async def audit(context: Context, resolutions: Mapping[str, Resolution]) -> Audit:
    """Ask the services of all managers about their packages, at once.

    Raises FctuiError where one cannot be reached: nobody is to take silence for an all-clear.
    """
    managers = [manager for manager in MANAGERS if resolutions.get(manager.id)]
    asking = [manager.advisories(context, resolutions[manager.id]) for manager in managers]
    told = dict(
        zip((manager.id for manager in managers), await all_or_first_error(asking), strict=True)
    )
    found = [
        structs.replace(advisory, chains=_chains(advisory, resolutions[manager]))
        for manager, answer in told.items()
        for advisory in answer.advisories
    ]
    found.sort(key=_order)
    kept, ignored, needless = sorted_out(found, context.settings.audit.ignore)
    return Audit(
        vulnerabilities=kept,
        ignored=ignored,
        untold=tuple(untold for answer in told.values() for untold in answer.untold),
        asked={name: _asked(resolutions[name], answer) for name, answer in told.items()},
        needless=needless,
    )


def sorted_out(
    found: Iterable[Advisory], settings: Iterable[IgnoredAdvisory]
) -> tuple[tuple[Advisory, ...], tuple[Ignored, ...], tuple[str, ...]]:
    """The advisories that stay, those that the settings ignore, and names in the settings that
    nothing has any more.
    """
    wanted = list(settings)
    used: set[int] = set()
    kept, ignored = [], []
    for advisory in found:
        matching = [
            (number, each)
            for number, each in enumerate(wanted)
            if each.id.upper() in advisory.names and each.package in {"", advisory.name}
        ]
        used.update(number for number, _ in matching)
        if matching:
            ignored.append(Ignored(advisory, matching[0][1].reason))
        else:
            kept.append(advisory)
    needless = (each.id for number, each in enumerate(wanted) if number not in used)
    return tuple(kept), tuple(ignored), tuple(needless)


def findings_of(found: Audit) -> tuple[Finding, ...]:
    """The vulnerabilities as findings: they do not keep a function from running."""
    return tuple(
        Finding(
            kind=Kind.VULNERABLE,
            subject=f"{each.name} {each.version} {each.id}",
            message=message_of(each),
            needed_by=(each.package,),
            chains=each.chains,
            breaks=False,
        )
        for each in found.vulnerabilities
    )


def message_of(advisory: Advisory) -> str:
    """One sentence: what, how bad, and which version does not have it."""
    words = f"{advisory.name} {advisory.version}: {advisory.id}"
    if advisory.severity is not Severity.UNKNOWN:
        words += f" ({advisory.severity})"
    if advisory.summary:
        words += f", {advisory.summary.rstrip('.')}"
    fixed = f" Fixed in {some(advisory.fixed)}." if advisory.fixed else " No version is fixed."
    return f"{words}.{fixed}"


def _chains(advisory: Advisory, resolution: Resolution) -> tuple[tuple[str, ...], ...]:
    places = {root.id: f"{root.source}:{root.line}" for root in resolution.roots if root.source}
    return tuple(
        (places[chain[0]], *chain) if chain[0] in places else chain
        for chain in chains(resolution, advisory.package, limit=CHAINS)
    )


def _order(advisory: Advisory) -> tuple[int, str, str, str]:
    worst = WORST_FIRST.index(advisory.severity)
    return worst, advisory.manager, advisory.package, advisory.id


def _asked(resolution: Resolution, answer: Told) -> int:
    return len(resolution.packages) - sum(len(each.packages) for each in answer.untold)
