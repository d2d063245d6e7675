"""The pane of the bundle: everything in it, in every way one can look at it, and its limits."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.message import Message

from fctui.explore.budget import Gauge
from fctui.explore.catalog import Catalog, Owner
from fctui.explore.twice import Twins
from fctui.model.errors import FctuiError
from fctui.model.plan import Plan
from fctui.tui.exploration import Exploration, Trial, View, Weighed, find_twins, weigh
from fctui.tui.lines import explored as lines_of
from fctui.tui.lines.budget import gauge_lines
from fctui.tui.lines.bundle import edit_lines, state_line, whole_lines
from fctui.tui.lines.line import Line
from fctui.tui.lines.packed import packed_lines
from fctui.tui.lines.trial import trial_lines
from fctui.tui.outline.explored import Inside
from fctui.tui.screens.keys import KEYS
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.budget_bar import BudgetBar
from fctui.tui.widgets.explorer_view import ExplorerView
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.notice import Notice
from fctui.tui.widgets.pane import Pane
from fctui.tui.widgets.treemap_view import TreemapView

if TYPE_CHECKING:
    from fctui.archive.pack import Packed
    from fctui.bundle.build import Built
    from fctui.explore.compare import Difference
    from fctui.model.target import Target
    from fctui.store.store import Store


class BundlePane(Pane):
    """Every file of the plan, where it will lie; once built, where it lies."""

    BINDINGS: ClassVar[list[BindingType]] = [
        replace(key, action=f"screen.{key.action}", show=True)
        for key in KEYS
        if key.action in {"look", "sum_by", "without", "what_if", "trace", "pack"}
    ]

    class Found(Message):
        """A thread has found something out about a catalog."""

        def __init__(
            self,
            catalog: Catalog,
            *,
            weighed: Weighed | None = None,
            twins: list[tuple[str, Twins]] | None = None,
            difference: Difference | None = None,
        ) -> None:
            super().__init__()
            self.catalog = catalog
            self.weighed = weighed
            self.twins = twins
            self.difference = difference

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.plan: Plan | None = None
        self.missing: tuple[str, ...] = ()
        self.built: Built | None = None
        self.packed: Packed | None = None
        self.explored: Exploration | None = None
        self.standing: Catalog | None = None  # what lies on the disk
        self._owner: tuple[object, Owner | None] = (None, None)
        self._whole: tuple[object, list[Line]] = (None, [])

    def compose(self) -> ComposeResult:
        """A notice; the limits, the list and the map hidden."""
        yield Notice()
        yield BudgetBar()
        yield ExplorerView()
        yield TreemapView()

    @property
    def view(self) -> LineView:
        """The list or the map."""
        return self.query_one(TreemapView if self.has_class("-map") else ExplorerView)

    @property
    def total(self) -> int | None:
        """The number of files."""
        return len(self.explored.catalog) if self.explored else None

    @property
    def zipped(self) -> Gauge | None:
        """What it will take in a zip, once that is known."""
        gauges = self.explored.gauges() if self.explored else []
        return next((now for now, _ in gauges if now.name.startswith("zip")), None)

    def show(
        self, catalog: Catalog, target: Target, *, plan: Plan | None = None,
        missing: tuple[str, ...] = (), store: Store | None = None,
    ) -> None:  # fmt: skip
        """Show a plan or a bundle. `missing` are the managers that could not take part."""
        shown, self.explored = self.explored, Exploration(catalog)
        if shown is not None:
            self.explored.like(shown)
        if catalog is not self.standing:
            self.explored.before = self.standing
        self.plan, self.missing = plan, missing
        self.redraw()
        self.show_list()
        self._find("weighed", lambda: weigh(catalog, target, store))
        self._find_for_view()

    def show_standing(self, catalog: Catalog, target: Target) -> None:
        """A bundle lies on the disk: show it, or, where there is a plan, compare that with it."""
        self.standing = catalog
        if self.explored is None:
            self.show(catalog, target)
        elif self.explored.before is None:
            self.explored.before = catalog

    def forget(self, *, plan: bool) -> None:
        """The bundle on the disk is another's now; with `plan`, so is the list of files."""
        self.built = self.packed = None
        if plan:
            self.plan = self.explored = None
            self.remove_class("-ready")

    def show_built(self, built: Built) -> None:
        """Say that the bundle is on the disk: what comes next is compared with it."""
        self.built, self.packed = built, None
        if self.explored is not None:
            self.standing = self.explored.catalog

    def redraw(self, *, filtering: bool = False) -> None:
        """Show what is explored as it is to be looked at now."""
        explored = self.explored
        if explored is None:
            return
        focused = self.view.has_focus
        self.set_class(explored.view is View.MAP, "-map")
        if explored.view is View.MAP:
            self.query_one(TreemapView).show(explored.selection)
        else:
            view, query = self.query_one(ExplorerView), explored.query
            view.highlight = query if query and not set(query) & set("<>: ") else ""
            note = f" {SIGNS.down} by {explored.order}" if explored.order != "name" else ""
            view.show(explored.source(), explored.about, open_some=bool(query), note=note)
            if filtering and query and explored.by is None:
                view.to_first_leaf()
        self.query_one(BudgetBar).show(explored.gauges())
        if focused:
            self.view.focus(scroll_visible=False)

    def look(self) -> None:
        """Look at it in the next way."""
        if self.explored is not None:
            self.explored.next_view()
            self.redraw()
            self._find_for_view()

    def sum_by(self) -> None:
        """Sum by the next thing."""
        if self.explored is not None:
            self.explored.next_by()
            self.explored.view = View.TREE
            self.redraw()

    @property
    def is_tree(self) -> bool:
        """The map is none."""
        return self.explored is not None and self.explored.view is not View.MAP

    def toggle_all(self) -> None:
        """Open everything, or close it."""
        self.query_one(ExplorerView).toggle_all()

    def toggle_order(self) -> None:
        """The next order."""
        if self.explored is not None:
            self.explored.next_order()
            self.redraw()

    def turn_without(self) -> None:
        """As if the package under the cursor were not there, or there again."""
        owner = self.selected_owner
        if self.explored is not None and owner is not None:
            self.explored.turn_without(owner)
            self.redraw()

    def show_trial(self, trial: Trial | None) -> None:
        """Let the limits stand as a change would have them; None as they are."""
        if self.explored is not None:
            self.explored.trial = trial
            self.redraw()

    @property
    def selected_owner(self) -> Owner | None:
        """The package that the cursor's row is of, where it is of one alone."""
        explored = self.explored
        if explored is None:
            return None
        about = (explored.selection, explored.view, explored.by, self.view.cursor_key)
        if self._owner[0] != about:
            self._owner = (about, explored.owner_of(self.item()))
        return self._owner[1]

    def filter(self, query: str) -> str:
        """Keep the files that match, and their directories."""
        self.filtered_by = query
        if self.explored is None:
            return ""
        self.explored.filter(query)
        self.redraw(filtering=True)
        chosen = self.explored.selection
        return f"{len(chosen):,} of {self.total or 0:,}"

    def details(self, width: int, folded: Mapping[str, bool], query: str) -> list[Line]:  # noqa: ARG002 - nothing folds here
        """What is under the cursor, then the limits and the totals."""
        explored = self.explored
        if explored is None:
            return []
        lines = [*lines_of.item_lines(explored, self.item(), width), Line()]
        lines.append(state_line(explored.catalog.about.place, self.built))
        edits = self.standing.about.edits if self.standing else ()
        lines += edit_lines(edits, width, planned=self.plan is not None)
        lines += [] if self.packed is None else [Line(), *packed_lines(self.packed, width)]
        if explored.without:
            lines += lines_of.without_lines(explored, width)
        if explored.trial is not None:
            lines += trial_lines(explored.trial, width)
        gauges = explored.gauges()
        lines += [Line(), *gauge_lines(gauges, width)] if gauges else []
        lines.append(Line())
        about = (explored.catalog, self.plan, width, self.missing)
        if self._whole[0] != about:
            self._whole = (
                about,
                list(whole_lines(explored.catalog, self.plan, width, self.missing)),
            )
        return [*lines, *self._whole[1]]

    def on_bundle_pane_found(self, message: Found) -> None:
        """Show what a thread has found out, if it is about what is shown."""
        explored = self.explored
        if explored is None or message.catalog is not explored.catalog:
            return
        if message.weighed is not None:
            explored.weighed = message.weighed
        if message.twins is not None:
            explored.twins = message.twins
        if message.difference is not None:
            explored.difference = message.difference
        self.redraw()
        self.post_message(LineView.Moved(self.view))

    def item(self) -> object:
        """What the cursor is on."""
        view = self.view
        if isinstance(view, TreemapView):
            if view.current is None or view.selection is None:
                return None
            return Inside(view.selection, view.current)
        row = self.query_one(ExplorerView).current
        return row.item if row else None

    def _find_for_view(self) -> None:
        """Find out what the view in force needs and is not known yet."""
        explored = self.explored
        if explored is None:
            return
        if explored.view is View.TWICE and explored.twins is None:
            self._find("twins", lambda: find_twins(explored.catalog))
        if explored.view is View.CHANGES and explored.difference is None:
            self._find("difference", explored.differ)

    def _find(self, what: str, work: Callable[[], Any]) -> None:
        """Let a thread find something out about what is shown."""
        if self.explored is None:
            return
        catalog = self.explored.catalog

        async def find() -> None:
            try:
                found = await asyncio.to_thread(work)
            except FctuiError as error:
                self.notify(error.message, severity="warning", markup=False)
            else:
                self.post_message(self.Found(catalog, **{what: found}))

        self.run_worker(find(), group=what, exclusive=True, exit_on_error=False)
