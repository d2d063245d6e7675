"""What is publicly known against packages of a bundle, and what nobody could be asked about."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct, field


class Severity(StrEnum):
    """How bad, in npm's words (which are GitHub's); the names are part of the JSON contract.

    `unknown` where the service does not tell, as Python's index and Debian's suites do not.
    """

    CRITICAL = "critical"
    HIGH = "high"
    MODERATE = "moderate"
    LOW = "low"
    INFO = "info"
    UNKNOWN = "unknown"


WORST_FIRST: tuple[Severity, ...] = (
    Severity.CRITICAL,
    Severity.HIGH,
    Severity.UNKNOWN,
    Severity.MODERATE,
    Severity.LOW,
    Severity.INFO,
)
# One of unknown severity may be anything: it stands above those that are known to be less.


class Advisory(Struct, frozen=True, kw_only=True):
    """One vulnerability of one package. `package` is the package's id, `aliases` other names of
    the same (CVE, GHSA, PYSEC), `fixed` the versions that do not have it as the service words
    them, nearest first. `chains` are the ways from the project's requirements to the package.
    """

    manager: str
    package: str
    name: str
    version: str
    id: str
    aliases: tuple[str, ...] = ()
    severity: Severity = Severity.UNKNOWN
    summary: str = ""
    fixed: tuple[str, ...] = ()
    url: str = ""
    chains: tuple[tuple[str, ...], ...] = ()

    @property
    def names(self) -> frozenset[str]:
        """All names of the vulnerability, as they are compared."""
        return frozenset(name.upper() for name in (self.id, *self.aliases))


class Untold(Struct, frozen=True):
    """Packages (ids) that no service said anything about, good or bad, and why."""

    manager: str
    packages: tuple[str, ...]
    reason: str


class Told(Struct, frozen=True):
    """What the service of one manager said."""

    advisories: tuple[Advisory, ...] = ()
    untold: tuple[Untold, ...] = ()


class Ignored(Struct, frozen=True):
    """An advisory that the settings say does not concern this function, and their reason."""

    advisory: Advisory
    reason: str


class Audit(Struct, frozen=True, kw_only=True):
    """What came of asking about all packages. `asked` counts, by manager, the packages that a
    service knew an answer for; `needless` are ignored names that matched nothing.
    """

    vulnerabilities: tuple[Advisory, ...]
    ignored: tuple[Ignored, ...] = ()
    untold: tuple[Untold, ...] = ()
    asked: dict[str, int] = field(default_factory=dict)
    needless: tuple[str, ...] = ()


def at_least(advisory: Advisory, level: Severity) -> bool:
    """Whether an advisory is as bad as a level, or may be: nobody said how bad."""
    if advisory.severity is Severity.UNKNOWN:
        return True
    return WORST_FIRST.index(advisory.severity) <= WORST_FIRST.index(level)
