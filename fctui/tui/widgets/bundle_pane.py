"""The pane of the bundle: its directories with their sizes, and the whole in numbers."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from fctui.model.plan import Plan
from fctui.present.size import duration
from fctui.tui.lines.bundle import entry_lines, plan_lines
from fctui.tui.lines.line import Line, Span
from fctui.tui.outline.directories import DirectoryForest
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.outline_view import OutlineView
from fctui.tui.widgets.pane import Pane

if TYPE_CHECKING:
    from fctui.bundle.build import Built


class BundlePane(Pane):
    """Every file of the plan, where it will lie; once built, where it lies."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.plan: Plan | None = None
        self.missing: tuple[str, ...] = ()
        self.built: Built | None = None

    def make_view(self) -> LineView:
        """A tree of directories."""
        return OutlineView()

    @property
    def outline_view(self) -> OutlineView:
        """The tree."""
        return self.query_one(OutlineView)

    @property
    def total(self) -> int | None:
        """The number of files."""
        return len(self.plan.files) if self.plan else None

    def show(self, plan: Plan, missing: tuple[str, ...]) -> None:
        """Show a plan. `missing` are the managers that could not take part."""
        self.plan, self.missing = plan, missing
        self.outline_view.show(DirectoryForest(plan.files))
        self.show_list()

    def forget(self, *, plan: bool) -> None:
        """The bundle on the disk is another's now; with `plan`, so is the list of files."""
        self.built = None
        if plan:
            self.plan = None
            self.remove_class("-ready")

    def show_built(self, built: Built) -> None:
        """Say that the bundle is on the disk."""
        self.built = built

    def filter(self, query: str) -> str:
        """Keep the files that match, and their directories."""
        self.filtered_by = query
        self.outline_view.filter(query)
        outline = self.outline_view.outline
        return f"{len(outline.matches) if outline else 0:,} of {self.total or 0:,}"

    def details(self, width: int, folded: Mapping[str, bool], query: str) -> list[Line]:  # noqa: ARG002 - nothing folds here
        """What is under the cursor, then the totals."""
        if self.plan is None:
            return []
        lines: list[Line] = []
        outline, row = self.outline_view.outline, self.outline_view.current
        if row and outline and isinstance(outline.forest, DirectoryForest):
            lines += [*entry_lines(outline.forest, row.key, width), Line()]
        lines.append(self._state())
        return [*lines, Line(), *plan_lines(self.plan, width, self.missing)]

    def _state(self) -> Line:
        if self.built is None:
            return Line((Span(f"planned {SIGNS.dot} b builds it", "accent"),))
        verb = "stands as planned" if self.built.unchanged else "built"
        text = f"{SIGNS.done} {verb} in {duration(self.built.seconds)}: {self.built.bundle}"
        return Line((Span(text, "good"),))
