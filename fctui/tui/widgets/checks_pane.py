"""The pane of checks: what is wrong with the plan, or worth knowing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fctui.model.finding import Finding
from fctui.tui.lines.findings import finding_line, finding_lines
from fctui.tui.lines.line import Line
from fctui.tui.lines.title import Stage
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.lines_view import LinesView
from fctui.tui.widgets.pane import Pane


class ChecksPane(Pane):
    """The findings, those that break the function first."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.findings: Sequence[Finding] | None = None

    def make_view(self) -> LineView:
        """A list."""
        return LinesView()

    @property
    def findings_view(self) -> LinesView:
        """The list."""
        return self.query_one(LinesView)

    @property
    def total(self) -> int | None:
        """The number of findings."""
        return len(self.findings) if self.findings is not None else None

    def show(self, findings: Sequence[Finding]) -> None:
        """Show findings."""
        self.findings = sorted(findings, key=lambda finding: not finding.breaks)
        self.filter(self.filtered_by)
        if self.findings:
            self.show_list()
        else:
            self.say(Stage.READY, "Nothing is wrong with the plan.", keys="b builds it")

    def forget(self) -> None:
        """Nothing is known any more."""
        self.findings = None
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
        line = self.findings_view.current
        if line is None or not self.findings:
            return []
        return list(finding_lines(self.findings[int(line.key)], width))
