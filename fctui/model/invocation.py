"""What came of calling a function's handler once."""

from __future__ import annotations

from msgspec import Struct

from fctui.model.finding import Finding


class Failure(Struct, frozen=True):
    """Why there is no result: an exception of the function with its traceback, or what ended it
    ("Timeout", "Crash") with nothing of its own to show.
    """

    type: str
    message: str
    traceback: str = ""


class Invocation(Struct, frozen=True, kw_only=True):
    """`result` are the answer's bytes, None where there is none; `log` what the function wrote.
    `init_seconds` is the time until its module was loaded, `seconds` that of the call, None for
    what was not reached. `peak_memory` is in bytes of resident memory, the interpreter's included,
    None where nobody could tell any more..
    """

    result: bytes | None
    log: tuple[str, ...]
    error: Failure | None
    init_seconds: float | None
    seconds: float | None
    peak_memory: int | None
    handler: str
    style: str
    sandbox: str
    notes: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether the function has answered."""
        return self.error is None
