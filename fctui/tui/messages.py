"""What goes up and down the screen: keys ask, and that rises; workers tell, and that does not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

if TYPE_CHECKING:
    from fctui.archive.pack import Packed
    from fctui.bundle.build import Built
    from fctui.explore.catalog import Catalog
    from fctui.model.advisory import Audit
    from fctui.model.errors import FctuiError
    from fctui.model.plan import Plan
    from fctui.model.verification import Verdict, Verification
    from fctui.tasks.events import Event
    from fctui.tui.exploration import Trial
    from fctui.workflow.check import Checked
    from fctui.workflow.what_if import Change
    from fctui.workflow.workflow import Workflow
    from fctui.workflow.workspace import Member


class EventsArrived(Message, bubble=False):
    """Tasks told something."""

    def __init__(self, events: tuple[Event, ...]) -> None:
        super().__init__()
        self.events = events


class WorkflowOpened(Message, bubble=False):
    """The project was read, for the first time or with other choices. `changed` are the managers
    that have to be asked again.
    """

    def __init__(self, workflow: Workflow, changed: tuple[str, ...]) -> None:
        super().__init__()
        self.workflow = workflow
        self.changed = changed


class FunctionChosen(Message):
    """Another function of the repository is to be on the screen."""

    def __init__(self, member: Member) -> None:
        super().__init__()
        self.member = member


class _OfManager(Message):
    """About one manager; "" stands for the bundle, or for all."""

    def __init__(self, manager: str) -> None:
        super().__init__()
        self.manager = manager


class WorkBegan(_OfManager, bubble=False):
    """A manager, or the bundle (""), is being worked on."""


class Resolved(_OfManager, bubble=False):
    """A manager's packages are known."""


class Listed(_OfManager, bubble=False):
    """The files of a manager's packages are known."""


class WorkFailed(Message, bubble=False):
    """Work on a manager, or on the bundle (""), ended with an error that has a remedy."""

    def __init__(self, manager: str, error: FctuiError) -> None:
        super().__init__()
        self.manager = manager
        self.error = error


class WorkCancelled(_OfManager, bubble=False):
    """Work on a manager, or on the bundle (""), was stopped."""


class Planned(Message, bubble=False):
    """All files of the bundle are known. `missing` are managers that are not in it."""

    def __init__(self, plan: Plan, catalog: Catalog, missing: tuple[str, ...]) -> None:
        super().__init__()
        self.plan = plan
        self.catalog = catalog
        self.missing = missing


class BundleFound(Message, bubble=False):
    """A bundle that was built earlier is on the disk."""

    def __init__(self, catalog: Catalog) -> None:
        super().__init__()
        self.catalog = catalog


class BundleBuilt(Message, bubble=False):
    """The bundle is on the disk."""

    def __init__(self, built: Built) -> None:
        super().__init__()
        self.built = built


class BundleChecked(Message, bubble=False):
    """The bundle on the disk was judged."""

    def __init__(self, checked: Checked) -> None:
        super().__init__()
        self.checked = checked


class VerdictsArrived(Message, bubble=False):
    """Things of the bundle were tried; there will be `expected` of them."""

    def __init__(self, verdicts: tuple[Verdict, ...], expected: int) -> None:
        super().__init__()
        self.verdicts = verdicts
        self.expected = expected


class BundleVerified(Message, bubble=False):
    """Everything of the bundle was tried."""

    def __init__(self, verification: Verification) -> None:
        super().__init__()
        self.verification = verification


class BundlePacked(Message, bubble=False):
    """The bundle on the disk was packed."""

    def __init__(self, packed: Packed) -> None:
        super().__init__()
        self.packed = packed


class PackagesAudited(Message, bubble=False):
    """The services of the managers were asked what they know against the packages."""

    def __init__(self, audit: Audit) -> None:
        super().__init__()
        self.audit = audit


class ChangeTried(Message, bubble=False):
    """It is known what a change would make of the bundle."""

    def __init__(self, trial: Trial) -> None:
        super().__init__()
        self.trial = trial


class TryRequested(Message):
    """A change is to be tried on what is explored; nothing of the project is written."""

    def __init__(self, change: Change, before: Catalog) -> None:
        super().__init__()
        self.change = change
        self.before = before


class PackRequested(Message):
    """The bundle on the disk is to be packed: with layers, compressed anew."""

    def __init__(self, *, layers: bool, smallest: bool) -> None:
        super().__init__()
        self.layers = layers
        self.smallest = smallest


class AuditRequested(Message):
    """The services are to be asked about known vulnerabilities."""


class VerifyRequested(Message):
    """The bundle on the disk is to be tried in a stand-in for its target."""


class CheckRequested(Message):
    """The bundle on the disk is to be judged."""


class RefreshRequested(_OfManager):
    """A manager's registries are to be asked again."""


class BuildRequested(Message):
    """The bundle is to be built."""


class CancelRequested(_OfManager):
    """Work is to be stopped: a manager's, or with "" all of it."""


class ChoiceRequested(Message):
    """Another target or method is to be used; "" is what the settings say, None as it is."""

    def __init__(self, *, target: str | None = None, method: str | None = None) -> None:
        super().__init__()
        self.target = target
        self.method = method


class RegistriesAsked(_OfManager):
    """A manager's registries were asked again; what they said is remembered."""


class DependenciesEdited(Message):
    """A dependency file of a manager was changed, or changed back. `told` is for the user."""

    def __init__(self, manager: str, told: str) -> None:
        super().__init__()
        self.manager = manager
        self.told = told
