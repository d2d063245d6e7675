"""The main screen's questions: what to add, what to remove, which target."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fctui.model.errors import FctuiError
from fctui.model.graph import exclusive
from fctui.present.size import counted
from fctui.tui import messages
from fctui.tui.lines.diff import diff_lines
from fctui.tui.lines.line import Line, Span, row
from fctui.tui.lines.sizes import size
from fctui.tui.screens.add import AddScreen
from fctui.tui.screens.choose import ChooseScreen
from fctui.tui.screens.confirm import ConfirmScreen
from fctui.tui.screens.following import Following
from fctui.tui.screens.options import target_options
from fctui.tui.screens.reasons import Situation, why_not
from fctui.tui.widgets.bundle_pane import BundlePane
from fctui.tui.widgets.checks_pane import ChecksPane

if TYPE_CHECKING:
    from fctui.project.edit import Edit
    from fctui.workflow.workflow import Workflow


class Changing(Following):
    """Asks before anything is written, and can take it back."""

    def __init__(self, workflow: Workflow) -> None:
        super().__init__(workflow)
        self.edits: list[tuple[str, Edit]] = []

    def may(self, action: str) -> bool:
        """Whether an action can be done now; tells why not."""
        reason = self.why_not(action)
        if reason:
            self.notify(reason, severity="warning", markup=False, timeout=4)
        return not reason

    def why_not(self, action: str) -> str:
        """Why an action cannot be done now; "" where it can."""
        pane, manager = self.pane, self.dependency_pane
        now = Situation(
            pane=pane.pane,
            managers=self.workflow.managers,
            busy=frozenset(self.busy),
            is_manager=manager is not None,
            is_tree=pane.is_tree,
            ready=pane.has_class("-ready"),
            edited=bool(self.edits),
            cannot_remove=manager.cannot_remove() if manager else "",
            finding=self.query_one(ChecksPane).selected,
            has_bundle=self.query_one(ChecksPane).checked is not None,
            of_one_package=action == "without"
            and self.query_one(BundlePane).selected_owner is not None,
            listed=frozenset(self.workflow.listings),
            on_file=self.file_under_cursor is not None,
            curable=any(f.remedies for f in self.query_one(ChecksPane).findings or ()),
        )
        return why_not(action, now)

    def action_add(self) -> None:
        """Search, show the change, write it."""
        if not self.may("add"):
            return
        from fctui.project.edit import add

        manager = self.pane.pane
        search = partial(self.workflow.search, manager) if manager == "apt" else None
        make_edit = partial(add, self.workflow.project, manager)

        def answered(edit: Edit | None) -> None:
            if edit is not None:
                self.write(manager, edit)

        self.app.push_screen(AddScreen(manager, search, make_edit), answered)

    def action_remove(self) -> None:
        """Show the line and what goes with it, then remove it."""
        pane = self.dependency_pane
        if not self.may("remove") or pane is None or pane.resolution is None:
            return
        from fctui.project.edit import remove

        package = pane.resolution.packages[pane.selected]
        try:
            edit = remove(self.workflow.project, pane.pane, package.id)
        except FctuiError as error:
            self.tell(error)
            return
        sizes = self.workflow.sizes(pane.pane)
        going = exclusive(pane.resolution, package.id)
        saved = sum(sizes.get(id_, 0) for id_ in going)
        above = pane.forest.users(package.id) if pane.forest else []
        lines = [*diff_lines(edit), Line()]
        if above:
            lines.append(row(f"It saves nothing: {', '.join(above[:3])} bring it too.", "warn"))
        else:
            lines.append(
                Line((Span("It saves "), Span(size(saved), "size"), Span(_going(len(going) - 1))))
            )

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - what the dialog answers
            if yes:
                self.write(pane.pane, edit)

        self.app.push_screen(ConfirmScreen(f"Remove {package.name}", lines, "removes it"), answered)

    def action_undo(self) -> None:
        """Write the file back as it was."""
        if not self.may("undo"):
            return
        manager, edit = self.edits.pop()
        try:
            edit.undo()
        except FctuiError as error:
            self.tell(error)
            return
        self.post_message(messages.DependenciesEdited(manager, f"Undone: {edit.summary}."))

    def action_choose_target(self) -> None:
        """Choose among the targets."""
        from fctui.targets.load import list_targets

        options = target_options(list_targets(), self.workflow.target.id, self.workflow.managers)
        screen = ChooseScreen("Target", options, self.workflow.target.id)
        self.app.push_screen(screen, self._target_chosen)

    def _target_chosen(self, target: str | None) -> None:
        if target is not None and target != self.workflow.target.id:
            self.post_message(messages.ChoiceRequested(target=target))

    def write(self, manager: str, edit: Edit) -> bool:
        """Write a change, and read the project again; "" stands for its settings."""
        try:
            edit.apply()
        except FctuiError as error:
            self.tell(error)
            return False
        self.edits.append((manager, edit))
        self.post_message(messages.DependenciesEdited(manager, f"{edit.summary}\nu undoes it"))
        return True


def _going(others: int) -> str:
    return f", with {counted(others, 'package')} that only it brings." if others else "."
