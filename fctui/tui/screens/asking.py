"""The main screen's ways into the details: the methods compared, updates, a file traced."""

from __future__ import annotations

import asyncio
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from fctui.model.errors import FctuiError
from fctui.tasks.text import clean
from fctui.tui import messages
from fctui.tui.screens.trying import Trying

if TYPE_CHECKING:
    from fctui.tui.screens.methods import MethodChoice, MethodsScreen
    from fctui.workflow.which import Found
    from fctui.workflow.workflow import Workflow
    from fctui.workflow.workspace import Member


class Asking(Trying):
    """Opens the screens that answer questions, and does what was chosen there."""

    def __init__(self, workflow: Workflow) -> None:
        super().__init__(workflow)
        self.workspace: Path | None = None  # where its functions are looked for, if that is known
        self._comparing: MethodsScreen | None = None
        self._members: tuple[tuple[Member, str], ...] = ()

    def action_choose_method(self) -> None:
        """Compare the methods."""
        if self.may("choose_method"):
            from fctui.tui.screens.methods import MethodsScreen

            self._comparing = MethodsScreen(self.workflow, partial(self.write, ""))
            self.app.push_screen(self._comparing, self._method_chosen)

    def action_go_to_function(self) -> None:
        """Look for the functions of the repository, then let one be chosen."""
        self.run_worker(self._ask_function(), group="functions", exclusive=True)

    async def _ask_function(self) -> None:
        from fctui.tui.screens.choose import ChooseScreen
        from fctui.tui.screens.options import function_options
        from fctui.workflow.workspace import find_members, workspace_of

        here = self.workflow.project.root
        top = self.workspace
        if top is None:
            top = await asyncio.to_thread(workspace_of, here)
        try:
            members = await asyncio.to_thread(find_members, top)
        except FctuiError as error:
            self.tell(error)
            return
        options = function_options(members, top, here)
        self._members = tuple(zip(members, (option.id for option in options), strict=True))
        if not options:
            self.notify(f"There are no functions below {top}.", markup=False, timeout=4)
            return
        title = f"Functions of {clean(top.name)}"
        of_here = (
            option.id
            for member, option in zip(members, options, strict=True)
            if member.directory == here
        )
        self.app.push_screen(ChooseScreen(title, options, next(of_here, "")), self._function_chosen)

    def _function_chosen(self, chosen: str | None) -> None:
        here = self.workflow.project.root
        for member, key in self._members:
            if key == chosen and member.directory != here:
                self.post_message(messages.FunctionChosen(member))

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
        if choice.edit is not None or choice.method != self.workflow.method:
            method = choice.method if choice.edit is None else ""
            self.post_message(messages.ChoiceRequested(method=method))

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
