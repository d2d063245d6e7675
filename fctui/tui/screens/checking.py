"""The main screen's cures: what a finding names is added to the project, and built."""

from __future__ import annotations

from collections.abc import Iterable

from fctui.model.errors import FctuiError
from fctui.model.finding import Remedy
from fctui.tui import messages
from fctui.tui.lines.line import Line, Span
from fctui.tui.lines.sizes import size
from fctui.tui.screens.changing import Changing
from fctui.tui.screens.confirm import ConfirmScreen
from fctui.tui.widgets.checks_pane import ChecksPane


class Checking(Changing):
    """Cures one finding or all, judges again, and leads from a finding to its package."""

    def action_verify(self) -> None:
        """Prove the bundle in a stand-in for its target."""
        if self.may("verify"):
            self.open_pane("checks")
            self.query_one(ChecksPane).expect_verdicts()
            self.post_message(messages.VerifyRequested())

    def action_audit(self) -> None:
        """Ask which vulnerabilities are known."""
        if self.may("audit"):
            self.open_pane("checks")
            self.post_message(messages.AuditRequested())

    def action_cure(self) -> None:
        """Cure the finding under the cursor."""
        finding = self.query_one(ChecksPane).selected
        if self.may("cure") and finding is not None:
            self._ask(finding.remedies[:1])

    def action_cure_all(self) -> None:
        """Cure every finding that can be."""
        if not self.may("cure_all"):
            return
        from fctui.workflow.remedies import chosen_remedies

        self._ask(chosen_remedies(self.query_one(ChecksPane).findings or ()))

    def action_go_to_package(self) -> None:
        """Show the package that a finding is about in its own pane."""
        finding = self.query_one(ChecksPane).selected
        if not self.may("go_to_package") or finding is None:
            return
        for manager, resolution in self.workflow.resolutions.items():
            for id_ in finding.needed_by:
                if id_ in resolution.packages:
                    self.open_pane(manager)
                    self.manager_pane(manager).outline_view.reveal(id_)
                    return

    def _ask(self, remedies: Iterable[Remedy]) -> None:
        """Show what would be written, then write it and build."""
        from fctui.project.edit import add
        from fctui.workflow.remedies import one_for_several

        wanted = tuple(remedies)
        lines: list[Line] = []
        try:
            for remedy in wanted:
                if remedy.instead_of:
                    lines.append(Line((Span(f"- {remedy.instead_of}", "removed"),)))
                edit = add(self.workflow.project, remedy.manager, remedy.package)
                adds = "" if remedy.size is None else f"+{size(remedy.size)} "
                lines.append(
                    Line(
                        (Span(f"+ {remedy.package}", "added"),),
                        (Span(adds, "size"), Span(edit.path.name, "dim")),
                    )
                )
        except FctuiError as error:
            self.tell(error)
            return
        lines += [Line(), Line((Span("Then the bundle is built and judged again.", "dim"),))]
        if (one := one_for_several(self.query_one(ChecksPane).findings or ())) and len(wanted) > 1:
            told = f"Alone {one[0].package} would cure {one[1]} of them."
            lines.append(Line((Span(told, "dim"),)))

        def answered(yes: bool | None) -> None:  # noqa: FBT001 - what the dialog answers
            if yes:
                self._cure(wanted)

        title = "Cure" if len(wanted) == 1 else f"Cure by {len(wanted)} packages"
        self.app.push_screen(ConfirmScreen(title, lines, "adds and builds"), answered)

    def _cure(self, remedies: tuple[Remedy, ...]) -> None:
        from fctui.workflow.fix import apply

        try:
            edits = apply(self.workflow.project.root, remedies)
        except FctuiError as error:
            self.tell(error)
            return
        managers = [remedy.manager for remedy in remedies]
        self.edits += [(managers[0], edit) for edit in edits]
        told = "\n".join(edit.summary for edit in edits[:4])
        for manager in dict.fromkeys(managers):
            self.post_message(messages.DependenciesEdited(manager, f"{told}\nu undoes it"))
        self.post_message(messages.BuildRequested())
