"""The pane of one package manager: its tree, and the details of the package under the cursor."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fctui.model.names import some
from fctui.model.package import Resolution
from fctui.model.plan import PlannedFile
from fctui.tui.lines.line import Line
from fctui.tui.lines.package import Facts, package_lines
from fctui.tui.outline.packages import PackageForest
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.line_view import LineView
from fctui.tui.widgets.outline_view import OutlineView
from fctui.tui.widgets.pane import Pane

FilesOf = Callable[[str, str], tuple[tuple[PlannedFile, ...] | None, str]]
"""`files_of(manager, id)`: the files of a package and where they were built, "" for this machine;
or None and why they are not known.
"""


class DependencyPane(Pane):
    """pip, apt, npm: whatever has a resolution."""

    def __init__(self, manager: str, files_of: FilesOf) -> None:
        super().__init__(manager)
        self.resolution: Resolution | None = None
        self.inverted = False
        self._sizes: Mapping[str, int] = {}
        self._files_of = files_of

    def make_view(self) -> LineView:
        """A tree."""
        return OutlineView()

    @property
    def outline_view(self) -> OutlineView:
        """The tree."""
        return self.query_one(OutlineView)

    @property
    def forest(self) -> PackageForest | None:
        """What the tree shows."""
        outline = self.outline_view.outline
        return outline.forest if outline and isinstance(outline.forest, PackageForest) else None

    @property
    def total(self) -> int | None:
        """The number of packages."""
        return len(self.resolution.packages) if self.resolution else None

    @property
    def selected(self) -> str:
        """The id of the package under the cursor, or ""."""
        row = self.outline_view.current
        return row.key if row and self.has_class("-ready") else ""

    def show(self, resolution: Resolution, sizes: Mapping[str, int]) -> None:
        """Show a resolution, with the sizes that are known by now."""
        self.resolution, self._sizes = resolution, sizes
        self.outline_view.show(PackageForest(resolution, sizes, inverted=self.inverted))
        self.show_list()

    @property
    def is_tree(self) -> bool:
        """It is."""
        return True

    def toggle_all(self) -> None:
        """Open everything, or close it."""
        self.outline_view.toggle_all()

    def toggle_order(self) -> None:
        """Order by size, or as declared."""
        self.outline_view.toggle_order()

    def invert(self) -> None:
        """Show who needs each package, or again what each one brings."""
        if self.resolution is None:
            return
        self.inverted = not self.inverted
        key = self.selected
        self.show(self.resolution, self._sizes)
        outline = self.outline_view.outline
        if outline is None or not key:
            return
        self.outline_view.reveal(key)
        row = self.outline_view.current
        if self.inverted and row is not None and row.openable and not row.opened:
            self.outline_view.action_open()

    def filter(self, query: str) -> str:
        """Keep the packages that match, and what leads to them."""
        self.filtered_by = query
        self.outline_view.filter(query)
        outline = self.outline_view.outline
        return f"{len(outline.matches) if outline else 0:,} of {self.total or 0:,}"

    def details(self, width: int, folded: Mapping[str, bool], query: str) -> list[Line]:
        """The package under the cursor."""
        if self.resolution is None or not self.selected:
            return []
        files, about = self._files_of(self.pane, self.selected)
        facts = Facts(self.resolution, self.selected, self._sizes, files, about)
        return package_lines(facts, width, folded, query)

    def cannot_remove(self) -> str:
        """Why the package under the cursor cannot be removed, or ""."""
        if self.resolution is None or not self.selected:
            return "nothing is selected"
        if self.forest is None or self.forest.is_declared(self.selected):
            return ""
        name = self.resolution.packages[self.selected].name
        above = self.forest.users(self.selected)
        return f"{name} is not declared: {some(above, 2)} brought it {SIGNS.dot} i shows who"
