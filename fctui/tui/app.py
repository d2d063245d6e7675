"""The App: owns the tasks, turns requests into workers and hands on what these tell."""

from __future__ import annotations

import os
from collections.abc import Callable, Coroutine, Iterable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.screen import Screen
from textual.scrollbar import ScrollBar
from textual.worker import Worker, WorkerState

from fctui.model.errors import TaskError
from fctui.tui import jobs, messages
from fctui.tui.screens.keys import KEYS
from fctui.tui.screens.main import MainScreen
from fctui.tui.signs import ASCII, SIGNS
from fctui.tui.styles import style_sheet
from fctui.tui.theme import theme_for
from fctui.tui.widgets.ascii_scroll_bar import AsciiScrollBar

if TYPE_CHECKING:
    from fctui.tasks.events import Event
    from fctui.tui.bridge import Bridge
    from fctui.workflow.workflow import Workflow
    from fctui.workflow.workspace import Member

_BUILD, _PLAN, _OPEN, _CHECK = "build", "plan", "open", "check"
_SOON = 0.05  # seconds
_BESIDE = (_CHECK, jobs.PACK, jobs.AUDIT, jobs.TRY)
# They work on what is there already: nothing that lists packages waits for them.

_OURS = "fctui-"
# Worker groups of package tasks start with it; a group per manager, and one for each of these.


class FctuiApp(App[int]):
    """Package tasks run here and not on a screen: leaving a screen must not cancel a build."""

    CSS_PATH = str(style_sheet("app"))
    TITLE = "fctui"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(
            "ctrl+q,ctrl+c",
            "quit",
            "quit",
            show=False,
            priority=True,
            id="quit-always",
            tooltip="Leave",
        ),
    ]

    def __init__(self, workflow: Workflow, bridge: Bridge) -> None:
        super().__init__()
        self.workflow = workflow
        self.main = MainScreen(workflow)
        self.elsewhere: Member | None = None  # the function that is wanted after this one
        self._bridge = bridge
        self._pending: dict[str, str] | None = None  # choices, while the project is read again
        self._changed: set[str] = set()  # managers whose answers are out of date

    def on_mount(self) -> None:
        """Paint first, then ask."""
        self.theme = theme_for(os.environ, self.console.color_system)
        if SIGNS is ASCII:
            self.add_class("-ascii")
            ScrollBar.renderer = AsciiScrollBar
        self._bridge.deliver = self._deliver
        self.push_screen(self.main)
        self.main.call_after_refresh(self._begin, self.workflow.managers)

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: every key's action by name, and Textual's own."""
        if screen is self.main:
            for key in KEYS:
                reason = self.main.why_not(key.action)
                title = key.tooltip + (f" (not now: {reason})" if reason else "")
                yield SystemCommand(f"{key.description}", title, partial(self._act, key.action))
        for command in super().get_system_commands(screen):
            if command.title in ("Theme", "Screenshot"):
                yield command

    async def action_quit(self) -> None:
        """Stop everything, wait until it has left nothing behind, then leave."""
        workers = self._working()
        for worker in workers:
            worker.cancel()
        if workers:
            self.notify("Stopping what runs.", markup=False)
        await jobs.ended(workers)
        self.exit(0)

    async def on_function_chosen(self, message: messages.FunctionChosen) -> None:
        """Leave this function for another one: whoever runs the App opens that."""
        self.elsewhere = message.member
        await self.action_quit()

    def on_refresh_requested(self, message: messages.RefreshRequested) -> None:
        """Ask a manager's registries again."""
        manager = message.manager
        work = jobs.work_on if manager in self.workflow.failures else jobs.refresh
        self._run(partial(work, self.workflow, manager, self._teller()), manager)

    def on_build_requested(self) -> None:
        """Build; what is being listed meanwhile is fetched by the build itself."""
        if self._pending is not None:  # the project is being read again: build that
            self.set_timer(_SOON, partial(self.post_message, messages.BuildRequested()))
            return
        before = self._stop(*self.workflow.managers, _PLAN, *_BESIDE)
        self._run(partial(jobs.build, self.workflow, self._teller(), before), _BUILD)

    def on_cancel_requested(self, message: messages.CancelRequested) -> None:
        """Stop a manager's work, or all."""
        everything = (*self.workflow.managers, _BUILD, *_BESIDE)
        self._stop(*([message.manager] if message.manager else everything))

    def on_check_requested(self) -> None:
        """Judge the bundle that is on the disk."""
        self._run(partial(jobs.check, self.workflow, self._teller()), _CHECK)

    def on_verify_requested(self) -> None:
        """Try everything of the bundle that is on the disk."""
        self._run(partial(jobs.verify, self.workflow, self._teller()), _CHECK)

    def on_pack_requested(self, message: messages.PackRequested) -> None:
        """Pack the bundle that is on the disk."""
        ways = {"layers": message.layers, "smallest": message.smallest}
        self._run(partial(jobs.pack, self.workflow, self._teller(), **ways), jobs.PACK)

    def on_try_requested(self, message: messages.TryRequested) -> None:
        """Find out what a change would make of the bundle."""
        change, before = message.change, message.before
        work = partial(jobs.try_change, self.workflow, before, change, self._teller())
        self._run(work, jobs.TRY)

    def on_audit_requested(self) -> None:
        """Ask the managers' services about the packages."""
        self._run(partial(jobs.audit, self.workflow, self._teller()), jobs.AUDIT)

    def on_choice_requested(self, message: messages.ChoiceRequested) -> None:
        """Open the project again with another target or method."""
        self._reopen(target=message.target, method=message.method)

    def on_dependencies_edited(self, message: messages.DependenciesEdited) -> None:
        """Open the project again, since one of its files has changed."""
        self.notify(message.told, markup=False)
        self._reopen(changed=message.manager)

    def on_registries_asked(self, message: messages.RegistriesAsked) -> None:
        """Open the project again: a manager has another answer now."""
        self._reopen(changed=message.manager)

    def on_workflow_opened(self, message: messages.WorkflowOpened) -> None:
        """Go on with the project as it is now."""
        self.workflow = message.workflow
        self._pending = None
        self._changed.clear()
        self.main.post_message(messages.WorkflowOpened(message.workflow, message.changed))
        self._begin(message.changed)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Plan once nothing is being listed; show what nobody foresaw."""
        worker = event.worker
        if not worker.group.startswith(_OURS) or not worker.is_finished:
            return
        name = worker.group.removeprefix(_OURS)
        if worker.state is WorkerState.ERROR:
            manager = name if name in self.workflow.managers else ""
            what = f"{type(worker.error).__name__}: {worker.error}"
            error = TaskError(f"This should not have happened: {what}", hint="Please report it.")
            self.main.post_message(messages.WorkFailed(manager, error))
        if name in self.workflow.managers and not self._working(apart_from=_BESIDE):
            self._plan()

    def _begin(self, managers: Iterable[str]) -> None:
        """Start the work on managers; where there is none to do, plan."""
        asked = tuple(managers)
        for manager in asked:
            self._run(partial(jobs.work_on, self.workflow, manager, self._teller()), manager)
        if not asked:
            self._plan()

    def _plan(self) -> None:
        if self.workflow.listings:
            self._run(partial(jobs.plan, self.workflow, self._teller()), _PLAN)

    def _reopen(
        self, *, target: str | None = None, method: str | None = None, changed: str = ""
    ) -> None:
        """Stop what works on the old choices, then open the project with the new ones. What was
        asked for and is not in force yet is not forgotten.
        """
        asked_for = {"target": target, "method": method}
        chosen = {name: each for name, each in asked_for.items() if each is not None}
        self._pending = (self._pending or {}) | chosen
        self._changed |= {changed} if changed else set()
        before = self._stop(*self.workflow.managers, _BUILD, _PLAN, *_BESIDE)
        asked = frozenset(self._changed)
        work = partial(
            jobs.reopen, self.workflow, self._tell_app, before, changed=asked, **self._pending
        )
        self._run(work, _OPEN)

    def _stop(self, *groups: str) -> list[Worker[None]]:
        """Cancel the workers of groups; the result has not ended yet."""
        names = {_OURS + group for group in groups}
        workers = [worker for worker in self._working() if worker.group in names]
        for worker in workers:
            worker.cancel()
        return workers

    def _run(self, work: Callable[[], Coroutine[Any, Any, None]], group: str) -> None:
        self.run_worker(work, name=group, group=_OURS + group, exclusive=True, exit_on_error=False)  # type: ignore[arg-type]  # its overloads do not know partial

    def _working(self, *, apart_from: Iterable[str] = ()) -> list[Worker[None]]:
        ours = [w for w in self.workers if w.group.startswith(_OURS) and not w.is_finished]
        others = {_OURS + group for group in apart_from}
        return [w for w in ours if w.group not in others]

    def _teller(self) -> jobs.Tell:
        """Tells the screen, as long as the workflow that was worked on is the one in view."""
        workflow = self.workflow

        def tell(message: Message) -> None:
            if workflow is not self.workflow:
                return
            to_app = isinstance(message, messages.RegistriesAsked)
            (self if to_app else self.main).post_message(message)

        return tell

    def _tell_app(self, message: Message) -> None:
        if isinstance(message, messages.WorkFailed):
            self._pending = None
            self.main.post_message(message)
        else:
            self.post_message(message)

    def _deliver(self, events: tuple[Event, ...]) -> None:
        if self.main.is_attached:
            self.main.post_message(messages.EventsArrived(events))

    async def _act(self, action: str) -> None:
        await self.main.run_action(action)
