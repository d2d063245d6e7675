"""The main screen's keys of the bundle pane, and the bundle that is there already."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from fctui.explore.read import of_bundle
from fctui.model.errors import FctuiError
from fctui.tui import messages
from fctui.tui.lines.diff import diff_lines
from fctui.tui.screens.checking import Checking
from fctui.tui.screens.choose import ChooseScreen
from fctui.tui.screens.confirm import ConfirmScreen
from fctui.tui.screens.options import WAYS, pack_options
from fctui.tui.widgets.bundle_pane import BundlePane

if TYPE_CHECKING:
    from fctui.explore.budget import Gauge
    from fctui.project.edit import Edit


class Exploring(Checking):
    """Looks into the bundle in every way."""

    def on_mount(self) -> None:
        """A bundle that was built earlier is there before anything is resolved."""
        self.run_worker(self._look_for_bundle(), group="bundle found", exit_on_error=False)

    @property
    def bundle_pane(self) -> BundlePane:
        """The pane of the bundle."""
        return self.query_one(BundlePane)

    def action_look(self) -> None:
        """Show the files in the next way."""
        if self.may("look"):
            self.bundle_pane.look()
            self.show_details()

    def action_sum_by(self) -> None:
        """Sum by the next thing."""
        if self.may("sum_by"):
            self.bundle_pane.sum_by()
            self.show_details()

    def action_without(self) -> None:
        """As if a package were not there. Nothing is changed but the gauges."""
        if self.may("without"):
            self.bundle_pane.turn_without()
            self.show_details()

    def action_pack(self) -> None:
        """Choose how, then pack."""
        if not self.may("pack"):
            return
        options = pack_options(self.workflow.target, self.workflow.archive)
        screen = ChooseScreen("Pack the bundle", options, WAYS[0])
        self.app.push_screen(screen, self._way_chosen)

    def action_prune(self) -> None:
        """Choose what is left out; nothing is written before the change has been seen."""
        if not self.may("prune"):
            return
        from fctui.tui.screens.prune import PruneScreen

        def gauges() -> list[Gauge]:
            explored = self.bundle_pane.explored
            return [now for now, _ in explored.gauges()] if explored else []

        self.app.push_screen(PruneScreen(self.workflow, gauges), self._prune_chosen)

    def _prune_chosen(self, edit: Edit | None) -> None:
        if edit is None:
            return
        lines = list(diff_lines(edit))

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - what the dialog answers
            if yes:
                self.write("", edit)

        self.app.push_screen(ConfirmScreen("Leave out", lines, "writes it"), answered)

    def on_bundle_found(self, message: messages.BundleFound) -> None:
        """Show the bundle until there is a plan; then it is what the plan is compared with."""
        self.bundle_pane.show_standing(message.catalog, self.workflow.target)
        self.show_state()
        self.show_details()

    def _way_chosen(self, way: str | None) -> None:
        if way is not None and self.may("pack"):
            layers, smallest = "layers" in way, "smallest" in way
            self.post_message(messages.PackRequested(layers=layers, smallest=smallest))

    async def _look_for_bundle(self) -> None:
        """Read the manifest of the bundle where the settings put it, if there is one; then look
        whether it was edited since.
        """
        output = self.workflow.output
        if not output.is_dir():
            return
        try:
            built = await asyncio.to_thread(of_bundle, output, now=False)
            await asyncio.to_thread(lambda: built.hashes)  # the next build replaces it
            self.post_message(messages.BundleFound(built))
            catalog = await asyncio.to_thread(of_bundle, output, now=True)
            if catalog.about.edits or catalog.about.unread:
                await asyncio.to_thread(lambda: catalog.hashes)
                self.post_message(messages.BundleFound(catalog))
        except FctuiError:
            return  # no bundle of ours
