"""The line above the bundle's files: the target's limits, and what a try would change."""

from __future__ import annotations

from fctui.tui.lines.budget import Gauges, budget_line
from fctui.tui.lines.line import Line
from fctui.tui.widgets.drawing import OneLine


class BudgetBar(OneLine):
    """Shows gauges."""

    gauges: Gauges = ()

    def show(self, gauges: Gauges) -> None:
        """Show others."""
        self.gauges = gauges
        self.refresh()

    def line(self, width: int) -> Line:
        """As many as there is room for."""
        return budget_line(self.gauges, width) if self.gauges else Line()
