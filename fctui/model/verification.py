"""What came of running a bundle's parts in a stand-in for its target."""

from __future__ import annotations

from enum import StrEnum

from msgspec import Struct

from fctui.model.finding import Finding, Kind


class Subject(StrEnum):
    """What kind of thing was tried; the names are part of the JSON contract."""

    HANDLER = "handler"
    MODULE = "module"
    LIBRARY = "library"
    NODE_PACKAGE = "node-package"
    PROGRAM = "program"


class Outcome(StrEnum):
    """How a trial ended. `optional` is a failure that need not concern the function: a package's
    own tests, a library that another program loads. `skipped` could not be tried here.
    """

    PASSED = "passed"
    FAILED = "failed"
    OPTIONAL = "optional"
    SKIPPED = "skipped"


class Verdict(Struct, frozen=True, kw_only=True):
    """One trial. `subject` is a module's name or a path in the bundle, `owner` the package that
    brings it, `seconds` how long it took. `message` says why it failed, in one line.
    """

    kind: Subject
    subject: str
    outcome: Outcome
    message: str = ""
    manager: str = ""
    owner: str = ""
    seconds: float = 0.0

    @property
    def ok(self) -> bool:
        """Whether nothing is known against it."""
        return self.outcome is not Outcome.FAILED


class Verification(Struct, frozen=True, kw_only=True):
    """All trials of a bundle. `sandbox` says in what ("" where none was possible), `notes` what
    could not be tried and why. Of the `findings` some were known when the bundle was made: what
    is not in it cannot fail here.
    """

    sandbox: str
    results: tuple[Verdict, ...]
    findings: tuple[Finding, ...] = ()
    notes: tuple[str, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether nothing failed that the function needs, and nothing of it is lacking."""
        return all(result.ok for result in self.results) and not self.lacking

    @property
    def lacking(self) -> tuple[Finding, ...]:
        """What could not be put into the bundle, and the function will not run without."""
        return tuple(f for f in self.findings if f.breaks and f.kind is Kind.UNRESOLVED)
