"""Known vulnerabilities as lines of text and as JSON."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from fctui.model.advisory import Advisory, Audit, Severity, Untold
from fctui.model.names import some
from fctui.present.size import counted
from fctui.tasks.text import clean

SIGNS = {Severity.CRITICAL: "✖", Severity.HIGH: "✖"}


def audit_lines(audit: Audit) -> Iterator[str]:
    """The vulnerabilities, the worst first; then what was not asked or is ignored; the sum."""
    for each in audit.vulnerabilities:
        yield from advisory_lines(each)
    for ignored in audit.ignored:
        advisory = ignored.advisory
        yield clean(
            f"ignored  {advisory.id} of {advisory.name} {advisory.version}: {ignored.reason}"
        )
    for name in audit.needless:
        yield clean(f"{name} is ignored by the settings, and nothing here has it")
    for untold in audit.untold:
        yield untold_line(untold)
    yield audit_sum(audit)


def audit_sum(audit: Audit) -> str:
    """How many are known, in how many packages that somebody told something about."""
    number = len(audit.vulnerabilities)
    found = f"{number:,} known vulnerabilit{'y' if number == 1 else 'ies'}"
    asked = counted(sum(audit.asked.values()), "package")
    return f"{found} in {asked} that could be asked about"


def advisory_lines(advisory: Advisory) -> Iterator[str]:
    """What is known in one line, who brings it and what mends it below."""
    bad = "" if advisory.severity is Severity.UNKNOWN else f" · {advisory.severity}"
    names = ", ".join((advisory.id, *advisory.aliases))
    sign = SIGNS.get(advisory.severity, "⚠")
    yield clean(f"{sign} {advisory.manager} {advisory.name} {advisory.version}{bad}  {names}")
    if advisory.summary:
        yield clean(f"  {advisory.summary}")
    for chain in advisory.chains[:2]:
        yield clean(f"  because of {' → '.join(chain)}")
    yield clean(f"  {fixed_text(advisory)}")


def fixed_text(advisory: Advisory) -> str:
    """Which version does not have it."""
    if advisory.fixed:
        return f"fixed in {some(advisory.fixed)}"
    return "no fixed version is told"


def untold_line(untold: Untold) -> str:
    """How many packages nobody said anything about, and why."""
    packages = counted(len(untold.packages), "package")
    return clean(
        f"not told  {untold.manager}: {packages} ({some(untold.packages)}): {untold.reason}"
    )


def audit_json(audit: Audit) -> dict[str, Any]:
    """The JSON contract."""
    return {
        "vulnerabilities": audit.vulnerabilities,
        "ignored": audit.ignored,
        "untold": audit.untold,
        "asked": audit.asked,
        "needless": audit.needless,
    }
