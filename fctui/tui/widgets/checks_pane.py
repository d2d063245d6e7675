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
from fctui.tui.screens.keys import KEYS
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.lines_view import LinesView
from fctui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from fctui.workflow.check import Checked


class ChecksPane(Pane):
    """The findings, those that break the function first."""

    BINDINGS: ClassVar[list[BindingType]] = [
        replace(key, action=f"screen.{key.action}", show=True)
        for key in KEYS
        if key.action in {"cure", "cure_all", "go_to_package"}
    ]
    # What is done here most; the screen has these keys too, and tells why not where they are none.

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.findings: Sequence[Finding] | None = None
        self.checked: Checked | None = None
        self._planned: Sequence[Finding] | None = None

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
        line = self.findings_view.current
        return self.findings[int(line.key)] if line and self.findings else None

    @property
    def total(self) -> int | None:
        """The number of findings."""
        return len(self.findings) if self.findings is not None else None

    def show_plan(self, findings: Sequence[Finding]) -> None:
        """Show the findings of a plan, beside those of the bundle that stands."""
        self._planned = findings
        self._show()

    def show_checked(self, checked: Checked) -> None:
        """Show what a check of the bundle on the disk has found."""
        self.checked = checked
        self._show()

    def forget(self) -> None:
        """Nothing is known any more."""
        self.findings = self.checked = self._planned = None
        self.remove_class("-ready")

    def filter(self, query: str) -> str:
        """Keep the findings that have every word."""
        self.filtered_by = query
        words = query.casefold().split()
        lines = [finding_line(finding, i) for i, finding in enumerate(self.findings or ())]
        kept = [line for line in lines if all(word in line.plain.casefold() for word in words)]
        self.findings_view.highlight = query
        self.findings_view.show(kept)
        self.post_message(LineView.Moved(self.findings_view))
        return f"{len(kept):,} of {len(lines):,}"

    def details(self, width: int, folded: Mapping[str, bool], query: str) -> list[Line]:  # noqa: ARG002 - nothing folds here
        """The finding under the cursor."""
        return list(finding_lines(self.selected, width)) if self.selected else []

    def _show(self) -> None:
        found = [*(self.checked.findings if self.checked else ()), *(self._planned or ())]
        unique = {(f.kind, f.subject, f.message): f for f in found}
        self.findings = sorted(unique.values(), key=lambda finding: not finding.breaks)
        self.filter(self.filtered_by)
        if self.findings:
            self.show_list()
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
