"""The pane of checks: what is wrong with the plan and with the bundle, or worth knowing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, ClassVar

from textual.binding import BindingType

from fctui.model.finding import Finding
from fctui.tui.lines.findings import finding_line, finding_lines
from fctui.tui.lines.line import Line
from fctui.tui.lines.title import Stage
from fctui.tui.lines.verdicts import heading_line, in_order, verdict_line, verdict_lines
from fctui.tui.screens.keys import KEYS
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.lines_view import LinesView
from fctui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from fctui.model.verification import Verdict, Verification
    from fctui.workflow.check import Checked


_FINDING, _VERDICT = "f", "v"
# What a line's key begins with, before its number.


class ChecksPane(Pane):
    """The findings, those that break the function first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        replace(key, action=f"screen.{key.action}", show=True)
        for key in KEYS
        if key.action in {"verify", "audit", "cure", "cure_all", "go_to_package"}
    ]
    # What is done here most; the screen has these keys too, and tells why not where they are none.

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.findings: Sequence[Finding] | None = None
        self.checked: Checked | None = None
        self._planned: Sequence[Finding] | None = None
        self._missing: Sequence[str] = ()
        self._audited: Sequence[Finding] = ()
        self._verdicts: list[Verdict] | None = None
        self._expected = 0
        self.proved: Verification | None = None

    def make_view(self) -> LineView:
        """A list."""
        return LinesView()

    @property
    def findings_view(self) -> LinesView:
        """The list."""
        return self.query_one(LinesView)

    @property
    def selected(self) -> Finding | None:
        """The finding under the cursor."""
        kind, _, number = self.findings_view.cursor_key.partition(":")
        return self.findings[int(number)] if kind == _FINDING and self.findings else None

    @property
    def tried(self) -> Verdict | None:
        """The trial under the cursor."""
        kind, _, number = self.findings_view.cursor_key.partition(":")
        return (
            in_order(self._verdicts)[int(number)] if kind == _VERDICT and self._verdicts else None
        )

    @property
    def total(self) -> int | None:
        """The number of findings."""
        return len(self.findings) if self.findings is not None else None

    def show_plan(self, findings: Sequence[Finding], missing: Sequence[str] = ()) -> None:
        """Show the findings of a plan, beside those of the bundle that stands; `missing` are the
        managers that are not in it.
        """
        self._planned, self._missing = findings, missing
        self._show()

    def show_checked(self, checked: Checked) -> None:
        """Show what a check of the bundle on the disk has found; a proof before it was of another
        bundle.
        """
        self.checked = checked
        self._verdicts = self.proved = None
        self._show()

    def show_audited(self, findings: Sequence[Finding]) -> None:
        """Show what is publicly known against the packages; () once they are others."""
        if findings or self._audited:
            self._audited = findings
            self._show()

    def expect_verdicts(self) -> None:
        """A proof begins."""
        self._verdicts, self._expected, self.proved = [], 0, None
        self._show()

    def show_verdicts(self, verdicts: Sequence[Verdict], expected: int) -> None:
        """Show some more of a proof's verdicts, of so many that are expected."""
        self._verdicts = [*(self._verdicts or ()), *verdicts]
        self._expected = expected
        self._show()

    def show_verified(self, verification: Verification) -> None:
        """Show a whole proof."""
        self._verdicts = list(verification.results)
        self.proved = verification
        self._show()

    def forget(self) -> None:
        """Nothing is known any more."""
        self.findings = self.checked = self._planned = None
        self._audited = ()
        self._verdicts = self.proved = None
        self.remove_class("-ready")

    def filter(self, query: str) -> str:
        """Keep the findings and trials that have every word."""
        self.filtered_by = query
        words = query.casefold().split()
        lines = [finding_line(f, f"{_FINDING}:{i}") for i, f in enumerate(self.findings or ())]
        if self._verdicts is not None:
            ordered = in_order(self._verdicts)
            lines += [verdict_line(v, f"{_VERDICT}:{i}") for i, v in enumerate(ordered)]
        kept = [line for line in lines if all(word in line.plain.casefold() for word in words)]
        self.findings_view.highlight = query
        self.findings_view.show(self._headed(kept))
        self.post_message(LineView.Moved(self.findings_view))
        return f"{len(kept):,} of {len(lines):,}"

    def details(self, width: int, folded: Mapping[str, bool], query: str) -> list[Line]:  # noqa: ARG002 - nothing folds here
        """The finding or the trial under the cursor."""
        if self.selected:
            return list(finding_lines(self.selected, width))
        return list(verdict_lines(self.tried, width)) if self.tried else []

    def _headed(self, lines: list[Line]) -> list[Line]:
        """With the proof's state between findings and trials."""
        if self._verdicts is None:
            return lines
        first = next((i for i, line in enumerate(lines) if line.key[0] == _VERDICT), len(lines))
        ended = self.proved is not None
        heading = heading_line(self._verdicts, self._expected, ended=ended)
        return [*lines[:first], *([Line()] if first else []), heading, *lines[first:]]

    def _show(self) -> None:
        proved = self.proved.findings if self.proved else ()
        checked = self.checked.findings if self.checked else ()
        found = [*checked, *proved, *(self._planned or ()), *self._audited]
        unique: dict[tuple[str, str], Finding] = {}
        for each in found:
            unique.setdefault((each.kind, each.subject), each)
        self.findings = sorted(unique.values(), key=lambda finding: not finding.breaks)
        self.filter(self.filtered_by)
        if self.findings or self._verdicts is not None:
            self.show_list()
        elif self.checked is None and self._missing:
            without = ", ".join(self._missing)
            self.say(
                Stage.READY,
                "Nothing is wrong with what is known of the plan.",
                f"It is without {without} so far.",
            )
        elif self.checked is None:
            self.say(
                Stage.READY,
                "Nothing is wrong with the plan.",
                "Libraries are judged once the bundle is there.",
                keys="b builds it",
            )
        else:
            files = f"{self.checked.native.files:,} ELF files"
            self.say(
                Stage.READY,
                f"Nothing is wrong: all that {files} need is there.",
                f"Judged against {self.checked.source}.",
                keys="v proves it in the sandbox",
            )
