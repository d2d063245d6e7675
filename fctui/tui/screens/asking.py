"""The main screen's ways into the details: the methods compared, updates, a file traced."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from fctui.tui import messages
from fctui.tui.screens.trying import Trying

if TYPE_CHECKING:
    from fctui.tui.screens.methods import MethodChoice, MethodsScreen
    from fctui.workflow.which import Found
    from fctui.workflow.workflow import Workflow


class Asking(Trying):
    """Opens the screens that answer questions, and does what was chosen there."""

    def __init__(self, workflow: Workflow) -> None:
        super().__init__(workflow)
        self._comparing: MethodsScreen | None = None

    def action_choose_method(self) -> None:
        """Compare the methods."""
        if self.may("choose_method"):
            from fctui.tui.screens.methods import MethodsScreen

            self._comparing = MethodsScreen(self.workflow, partial(self.write, ""))
            self.app.push_screen(self._comparing, self._method_chosen)

    def action_outdated(self) -> None:
        """Show what would change if all were resolved afresh."""
        if self.may("outdated"):
            from fctui.tui.screens.outdated import OutdatedScreen

            self.app.push_screen(OutdatedScreen(self.workflow))

    def action_trace(self) -> None:
        """Show the way of the file under the cursor."""
        file = self.file_under_cursor
        if self.may("trace") and file is not None:
            from fctui.tui.screens.trace import TraceScreen

            self.app.push_screen(TraceScreen(self.workflow, file))

    def action_which(self) -> None:
        """Search who brings an import name or a file."""
        if self.may("which"):
            from fctui.tui.screens.which import WhichScreen

            self.app.push_screen(WhichScreen(self.workflow, self.plan), self._found)

    def on_workflow_opened(self, message: messages.WorkflowOpened) -> None:
        """Compare anew where the settings are others now."""
        if self._comparing is not None:
            self._comparing.compare(message.workflow)

    def _method_chosen(self, choice: MethodChoice | None) -> None:
        self._comparing = None
        if choice is None or (choice.edit is not None and not self.write("", choice.edit)):
            return
        if choice.method != self.workflow.method:
            self.post_message(messages.ChoiceRequested(method=choice.method))

    def _found(self, found: Found | None) -> None:
        """Go to the package that was chosen; what none brings is in the bundle's pane."""
        if found is None:
            return
        resolution = self.workflow.resolutions.get(found.manager)
        if resolution is not None and found.package in resolution.packages:
            self.open_pane(found.manager)
            self.manager_pane(found.manager).outline_view.reveal(found.package)
        else:
            self.open_pane("bundle")
