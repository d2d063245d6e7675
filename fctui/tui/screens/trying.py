"""The main screen's what-ifs: another version, a sibling, a method; tried, then kept or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fctui.model.errors import FctuiError
from fctui.tui import messages
from fctui.tui.jobs import TRY
from fctui.tui.screens.exploring import Exploring

if TYPE_CHECKING:
    from fctui.tui.screens.what_if import Answer
    from fctui.workflow.what_if import Change


class Trying(Exploring):
    """Tries changes on the limits; what is kept is written to the project's own files."""

    def action_what_if(self) -> None:
        """Ask what to try."""
        if not self.may("what_if"):
            return
        from fctui.tui.screens.what_if import WhatIfScreen
        from fctui.workflow.what_if import suggestions

        pane = self.bundle_pane
        owner, explored = pane.selected_owner, pane.explored
        manager, text, declared = self._asked_about(owner)
        trial = explored.trial if explored else None
        offered = tuple(suggestions(self.workflow, owner))
        tried = trial.tried.change if trial else None
        screen = WhatIfScreen(manager, text, offered, tried, declared)
        self.app.push_screen(screen, self._answered)

    def on_change_tried(self, message: messages.ChangeTried) -> None:
        """Show the limits as the change would have them."""
        self.busy.discard(TRY)
        self.bundle_pane.show_trial(message.trial)
        self.show_state()
        self.show_details()

    def _asked_about(self, owner: tuple[str, str] | None) -> tuple[str, str, str]:
        """Whose requirement one would type, its beginning, and the name that it would replace."""
        explored = self.bundle_pane.explored
        origin = explored.catalog.origins.get(owner) if explored and owner else None
        if origin is not None:
            name = origin.id if origin.manager == "maven" else origin.name
            sign = {"npm": "@", "pip": "==", "maven": ":"}.get(origin.manager, "=")
            return origin.manager, name + sign, name if origin.declared else ""
        return (self.workflow.managers or ("pip",))[0], "", ""

    def _answered(self, answer: Answer | None) -> None:
        explored = self.bundle_pane.explored
        if answer is None or explored is None:
            return
        if answer.do == "forget":
            self.bundle_pane.show_trial(None)
            self.show_details()
        elif answer.do == "keep" and answer.change is not None:
            self._keep(answer.change)
        elif answer.change is not None and self.may("what_if"):
            self.post_message(messages.TryRequested(answer.change, explored.catalog))

    def _keep(self, change: Change) -> None:
        """Write it, as it was tried; u undoes it."""
        from fctui.workflow.what_if import Method, Requirement, write

        try:
            edits = write(self.workflow.project, change)
        except FctuiError as error:
            self.tell(error)
            return
        manager = change.manager if isinstance(change, Requirement) else ""
        self.edits += [(manager, edit) for edit in edits]
        told = "\n".join(edit.summary for edit in edits)
        self.post_message(messages.DependenciesEdited(manager, f"{told}\nu undoes it"))
        if isinstance(change, Method):
            self.post_message(messages.ChoiceRequested(method=""))
