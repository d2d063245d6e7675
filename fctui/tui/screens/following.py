"""The main screen following its workers: what they tell is shown where it belongs."""

from __future__ import annotations

import asyncio

from fctui.model.errors import FctuiError
from fctui.present.audit import audit_sum, untold_line
from fctui.present.size import counted, duration
from fctui.tasks.text import clean
from fctui.tui import messages
from fctui.tui.jobs import AUDIT, CHECKS, PACK
from fctui.tui.lines.packed import packed_sentence
from fctui.tui.lines.sizes import size
from fctui.tui.lines.title import Stage
from fctui.tui.save_log import save_log
from fctui.tui.screens.board import Board
from fctui.tui.screens.keys import MANAGERS
from fctui.tui.signs import SIGNS
from fctui.tui.widgets.bundle_pane import BundlePane
from fctui.tui.widgets.checks_pane import ChecksPane
from fctui.tui.widgets.log_line import LogLine
from fctui.tui.widgets.task_strip import TaskStrip

_FILES = {
    "pip": "requirements.txt or pyproject.toml",
    "apt": "apt.txt",
    "npm": "package.json",
    "maven": "pom.xml, or maven.txt for coordinates alone",
}


class Following(Board):
    """Shows resolutions, listings, plans, bundles and failures as they arrive."""

    def on_mount(self) -> None:
        """Show at once what is known without asking anybody; a bundle that is there is judged."""
        self.show_workflow(self.workflow.managers)
        self.focus_pane()
        self.post_message(messages.CheckRequested())

    def on_workflow_opened(self, message: messages.WorkflowOpened) -> None:
        """Show another choice of target or method, or an edited project."""
        fresh = message.workflow.target.id != self.workflow.target.id
        self.workflow = message.workflow
        self.plan = None
        self.query_one(BundlePane).forget(plan=fresh)
        self.query_one(ChecksPane).show_audited(())
        if fresh:  # what was listed for another target would be wrong, not old
            self.query_one(ChecksPane).forget()
            for manager in message.changed:
                self.manager_pane(manager).resolution = None
        self.show_workflow(message.changed)

    def show_workflow(self, changed: tuple[str, ...]) -> None:
        """Prepare the panes: those in `changed` will be filled by workers."""
        workflow = self.workflow
        for name in MANAGERS:
            pane = self.manager_pane(name)
            if name not in workflow.managers:
                sentence = f"{workflow.project.name} declares no {name} packages."
                pane.resolution = None
                pane.say(
                    Stage.UNDECLARED,
                    sentence,
                    f"They are declared in {_FILES[name]}.",
                    "a adds one",
                )
            elif name in changed and pane.resolution is None:
                self._say_loading(name)
        waiting = f"The plan is made once every package is listed {SIGNS.ellipsis}"
        if not workflow.managers:
            waiting = "There is nothing to bundle yet: no dependencies are declared."
        if not self.query_one(BundlePane).has_class("-ready"):
            self.query_one(BundlePane).say(Stage.LOADING, waiting, keys="b builds without waiting")
            self.query_one(ChecksPane).say(Stage.LOADING, waiting)
        self.show_state()
        self.show_details()

    def on_events_arrived(self, message: messages.EventsArrived) -> None:
        """Follow the tasks."""
        view = self.log_panel.view
        followed = view.follows
        self.book.take(message.events)
        self.query_one(TaskStrip).take(message.events)
        self.query_one(LogLine).refresh()
        if self.log_panel.has_class("-open"):
            view.grown(followed=followed)
        for manager in self.workflow.managers:
            if self.manager_pane(manager).stage is Stage.LOADING:
                self._say_loading(manager)

    def on_work_began(self, message: messages.WorkBegan) -> None:
        """Note who is at work."""
        self.busy.add(message.manager)
        if message.manager in MANAGERS and self.manager_pane(message.manager).resolution is None:
            self._say_loading(message.manager)
        self.show_state()

    def on_resolved(self, message: messages.Resolved) -> None:
        """Show the tree, with the sizes that the registry tells."""
        self._show_manager(message.manager)

    def on_listed(self, message: messages.Listed) -> None:
        """Show the sizes and the files that are known now."""
        self.busy.discard(message.manager)
        self._show_manager(message.manager)

    def on_work_failed(self, message: messages.WorkFailed) -> None:
        """Show what failed: in its pane where that has nothing better to show."""
        self.busy.discard(message.manager)
        manager, error = message.manager, message.error
        self.book.say(f"{SIGNS.failed} {error.message}", "bad", manager or "bundle")
        self.query_one(LogLine).refresh()
        if manager in MANAGERS and self.manager_pane(manager).resolution is None:
            self.manager_pane(manager).fail(error, f"r tries again {SIGNS.dot} l shows the log")
        else:
            self.tell(error)
        self._say_no_plan()
        self.show_state()
        self.show_details()

    def on_work_cancelled(self, message: messages.WorkCancelled) -> None:
        """Say that it was stopped, and how to go on."""
        self.busy.discard(message.manager)
        if message.manager in MANAGERS:
            pane = self.manager_pane(message.manager)
            if pane.resolution is None:
                pane.say(
                    Stage.STOPPED,
                    "Stopped before the packages were resolved.",
                    keys="r starts again",
                )
        elif message.manager == PACK:
            self.notify("Stopped. No archive was written.", title="pack", markup=False)
        elif not message.manager:
            self.notify(
                "Stopped. The old bundle, if there is one, still stands.",
                title="build",
                markup=False,
            )
        self._say_no_plan()
        self.show_state()
        self.show_details()

    def on_planned(self, message: messages.Planned) -> None:
        """Show every file, and what is wrong."""
        self.plan = message.plan
        self.complete = not (message.missing or message.plan.unknown)
        self.query_one(BundlePane).show(
            message.catalog,
            self.workflow.target,
            plan=message.plan,
            missing=message.missing,
            store=self.workflow.store,
        )
        self.query_one(ChecksPane).show_plan(message.plan.findings, message.missing)
        self.show_state()
        self.show_details()

    def on_bundle_pane_found(self) -> None:
        """What it takes in a zip is known now."""
        self.show_state()

    def on_bundle_built(self, message: messages.BundleBuilt) -> None:
        """Say where the bundle stands."""
        self.busy.discard("")
        built = message.built
        self.query_one(BundlePane).show_built(built)
        what = f"{counted(built.files, 'file')}, {size(built.size)}, {duration(built.seconds)}"
        verb = "Nothing had changed" if built.unchanged else "Built"
        self.notify(f"{verb}: {what}\n{built.bundle}", title=f"{SIGNS.done} bundle", markup=False)
        self.book.say(
            f"{SIGNS.done} {verb.lower()}: {what} {SIGNS.arrow} {built.bundle}", "good", "bundle"
        )
        self.query_one(LogLine).refresh()
        self.show_state()
        self.show_details()
        self.post_message(messages.CheckRequested())

    def on_bundle_checked(self, message: messages.BundleChecked) -> None:
        """Show what is wrong with the bundle on the disk."""
        self.busy.discard(CHECKS)
        self.query_one(ChecksPane).show_checked(message.checked)
        self.show_state()
        self.show_details()

    def on_bundle_packed(self, message: messages.BundlePacked) -> None:
        """Say what was packed and where it lies."""
        self.busy.discard(PACK)
        packed = message.packed
        self.query_one(BundlePane).packed = packed
        told = packed_sentence(packed)
        too_large = any(finding.breaks for finding in packed.findings)
        sign, style = (SIGNS.failed, "bad") if too_large else (SIGNS.done, "good")
        lines = [told, *(finding.message for finding in packed.findings)]
        self.notify(
            "\n".join(lines), title=f"{sign} packed", markup=False, timeout=8,
            severity="error" if too_large else "information",
        )  # fmt: skip
        for archive in packed.archives:
            self.book.say(f"{sign} {archive.path} sha256 {archive.sha256}", style, "bundle")
        self.query_one(LogLine).refresh()
        self.show_state()
        self.show_details()

    def on_packages_audited(self, message: messages.PackagesAudited) -> None:
        """Show the vulnerabilities as findings, and say of whom nothing is known."""
        self.busy.discard(AUDIT)
        from fctui.workflow.audit import findings_of

        audit = message.audit
        self.query_one(ChecksPane).show_audited(findings_of(audit))
        sign, style = (SIGNS.warning, "warn") if audit.vulnerabilities else (SIGNS.done, "good")
        told, untold = audit_sum(audit), [untold_line(each) for each in audit.untold]
        for line in (*untold, told):
            self.book.say(line if line != told else f"{sign} {line}", style, "checks")
        self.notify("\n".join([told, *untold]), title="audit", markup=False, timeout=10)
        self.query_one(LogLine).refresh()
        self.show_state()
        self.show_details()

    def on_verdicts_arrived(self, message: messages.VerdictsArrived) -> None:
        """Show what was tried so far."""
        self.query_one(ChecksPane).show_verdicts(message.verdicts, message.expected)
        self.show_state()
        self.show_details()

    def on_bundle_verified(self, message: messages.BundleVerified) -> None:
        """Show how the proof ended."""
        self.busy.discard(CHECKS)
        verification = message.verification
        self.query_one(ChecksPane).show_verified(verification)
        failed = sum(not verdict.ok for verdict in verification.results)
        where = verification.sandbox or "no sandbox"
        told = f"{counted(failed, 'failure')} in {where}" if failed else f"all works in {where}"
        if verification.lacking:
            failed += len(verification.lacking)
            told += "".join(f"\nlacking: {clean(f.message)}" for f in verification.lacking)
        self.notify("\n".join((told, *verification.notes)), title="verify", markup=False)
        sign, style = (SIGNS.failed, "bad") if failed else (SIGNS.done, "good")
        self.book.say(f"{sign} verify: {told}", style, "checks")
        self.query_one(LogLine).refresh()
        self.show_state()
        self.show_details()

    async def on_log_panel_save_requested(self) -> None:
        """Write the log to a file, and say where."""
        try:
            path = await asyncio.to_thread(save_log, self.book.text(), self.workflow.project.name)
        except FctuiError as error:
            self.tell(error)
        else:
            self.notify(str(path), title="The log is saved", markup=False, timeout=8)

    def tell(self, error: FctuiError) -> None:
        """Show an error beside what is there."""
        text = f"{error.message}\n{error.hint}" if error.hint else error.message
        self.notify(
            text, title=f"{SIGNS.failed} failed", severity="error", markup=False, timeout=10
        )

    def _show_manager(self, manager: str) -> None:
        resolution = self.workflow.resolutions.get(manager)
        if resolution is None:
            return
        pane = self.manager_pane(manager)
        if resolution.packages:
            pane.show(resolution, self.workflow.sizes(manager))
        else:
            pane.resolution = resolution
            sentence = f"Nothing of {manager} is needed on {self.workflow.target.id}."
            pane.say(
                Stage.READY, sentence, "Everything declared is there already.", "a adds a package"
            )
        self.show_state()
        self.show_details()

    def _say_no_plan(self) -> None:
        """Once nobody is at work and nothing is listed, there is nothing to wait for."""
        if self.busy or self.plan is not None or self.workflow.listings:
            return
        sentence = "There is no plan: no package could be listed."
        hint = "The panes of the package managers say why."
        for pane in (self.query_one(BundlePane), self.query_one(ChecksPane)):
            pane.say(Stage.FAILED, sentence, hint, "1, 2, 3 show them")

    def _say_loading(self, manager: str) -> None:
        target = self.workflow.target
        shown = self.query_one(TaskStrip).board.running_for(manager)
        how_far = " ".join(part for part in (shown.title, shown.progress) if part) if shown else ""
        sentence = f"Resolving the {manager} packages for {target.title} {SIGNS.ellipsis}"
        self.manager_pane(manager).say(Stage.LOADING, sentence, how_far, "c stops it")
