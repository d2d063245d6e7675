"""What-ifs: what is tried is what is written, and until then nothing of the project changes."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from fctui.explore.read import of_plan
from fctui.model.errors import FctuiError, ResolutionError, UsageError
from fctui.model.plan import Plan
from fctui.store.store import Store
from fctui.workflow import remedies
from fctui.workflow.remedies import Variant
from fctui.workflow.what_if import (
    Method,
    Relinking,
    Requirement,
    steps,
    suggestions,
    what_if,
    write,
)
from fctui.workflow.workflow import Workflow
from tests.support.index import Index, serving
from tests.support.wheelhouse import environment, make_project, make_wheel


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Index]:
    """Two versions of a package, a sibling of it, and what needs them."""
    wheels = tmp_path / "wheels"
    for name, version, size, requires in (
        ("lib", "1.0", 1000, ()),
        ("lib", "2.0", 5000, ("more",)),
        ("lib-slim", "2.0", 200, ()),
        ("more", "1.0", 300, ()),
        ("top", "1.0", 10, ("lib",)),
    ):
        module = name.replace("-", "_")
        made = {f"{module}/__init__.py": b"", f"{module}/data.bin": os.urandom(size)}
        made[f"{module}/tests/test_it.py"] = b"assert True\n"
        make_wheel(wheels, name, version, files=made, requires=requires)
    with serving() as index:
        for wheel in wheels.iterdir():
            index.add_file(wheel.name, wheel.read_bytes())
        for name in [name for name in os.environ if name.startswith(("PIP_", "UV_"))]:
            monkeypatch.delenv(name)
        monkeypatch.setenv("PIP_CONFIG_FILE", environment(wheels, tmp_path)["PIP_CONFIG_FILE"])
        monkeypatch.setenv("PIP_INDEX_URL", index.simple)
        yield index


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = make_project(tmp_path / "project", "-r requirements/base.txt\nlib  # the library\n")
    (root / "requirements").mkdir()
    (root / "requirements" / "base.txt").write_text("top\n")
    with (root / "fctui.toml").open("a", encoding="utf-8") as settings:
        settings.write('[bundle]\nprune = ["default"]\n')
    (root / "data").mkdir()
    (root / "data" / "table.csv").write_text("1,2\n")
    (root / "link").symlink_to("data/table.csv")
    return root


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    store = Store(tmp_path / "store")
    yield store
    store.workspace.close()


async def planned(root: Path, store: Store) -> tuple[Workflow, Plan]:
    workflow = Workflow.open(root, store=store)
    return workflow, await workflow.plan()


def state(root: Path, *, times: bool = True) -> dict[str, object]:
    """Everything of a directory that a change would change."""
    found: dict[str, object] = {}
    for path in root.rglob("*"):
        content = os.readlink(path) if path.is_symlink() else path.is_file() and path.read_bytes()
        when = path.lstat().st_mtime_ns if times else 0
        found[path.relative_to(root).as_posix()] = (when, content)
    return found


def in_bundle(plan: Plan) -> dict[str, int]:
    """Its files that are not made of the project's own declarations."""
    own = {"requirements.txt", ".fctui/manifest.json", "fctui.toml"}
    return {file.path: file.size for file in plan.files if file.path not in own}


@pytest.mark.parametrize(
    "change",
    [
        Requirement("pip", "lib==1.0"),
        Requirement("pip", "more==1.0"),
        Requirement("pip", "lib-slim", instead_of="lib"),
        Method("user"),
        Method("virtualenv"),
    ],
    ids=lambda change: change.title,
)
async def test_what_was_tried_is_what_is_written(
    index: Index, project: Path, store: Store, change: Requirement | Method
) -> None:
    assert index.files
    workflow, _ = await planned(project, store)
    before, text = state(project), state(project, times=False)
    tried = await what_if(workflow, change)
    assert state(project) == before
    assert not list((store.root / "trials").glob("*/*"))
    edits = write(workflow.project, change)
    _, after = await planned(project, store)
    assert in_bundle(tried.plan) == in_bundle(after)
    assert not any("/tests/" in path for path in in_bundle(tried.plan))
    for edit in reversed(edits):
        edit.undo()
    assert state(project, times=False) == text


async def test_what_changes_for_each_package(index: Index, project: Path, store: Store) -> None:
    assert index.files
    workflow, plan = await planned(project, store)
    tried = await what_if(workflow, Requirement("pip", "lib==1.0"))
    found = {step.owner[1]: step for step in steps(of_plan(plan), tried.catalog)}
    assert found["lib"].versions == ("2.0", "1.0")
    assert found["more"].versions == ("1.0", "")
    assert found["more"].after == 0
    own = {"lib", "more"}
    assert sum(found[name].grown for name in own) == sum(
        sign * file.size
        for sign, files in ((1, tried.plan.files), (-1, plan.files))
        for file in files
        if file.owner in own
    )
    assert "top" not in found


async def test_the_workflow_goes_on_with_what_it_had(
    index: Index, project: Path, store: Store
) -> None:
    assert index.files
    workflow, plan = await planned(project, store)
    await what_if(workflow, Requirement("pip", "lib==1.0"))
    assert workflow.planned() == plan


@pytest.mark.parametrize(
    ("text", "kind"),
    [("lib==9", ResolutionError), ("lib", UsageError), ("no such [thing", UsageError)],
)
async def test_what_cannot_be_tried_says_why_and_leaves_nothing(
    index: Index, project: Path, store: Store, text: str, kind: type[FctuiError]
) -> None:
    assert index.files
    workflow, _ = await planned(project, store)
    before = state(project)
    with pytest.raises(kind):
        await what_if(workflow, Requirement("pip", text))
    assert state(project) == before
    assert not list((store.root / "trials").glob("*/*"))


async def test_stopped_it_leaves_nothing(index: Index, project: Path, store: Store) -> None:
    workflow, _ = await planned(project, store)
    index.delay = 2
    trying = asyncio.ensure_future(what_if(workflow, Requirement("pip", "lib==1.0")))
    while not list((store.root / "trials").glob("*/*")):  # noqa: ASYNC110 - a directory tells nobody
        await asyncio.sleep(0.01)
    trying.cancel()
    with pytest.raises(asyncio.CancelledError):
        await trying
    assert not list((store.root / "trials").glob("*/*"))


async def test_what_a_killed_one_left_does_not_disturb(
    index: Index, project: Path, store: Store
) -> None:
    assert index.files
    workflow, _ = await planned(project, store)
    first = await what_if(workflow, Requirement("pip", "lib==1.0"))
    places: list[Path] = []

    def left(directory: Path) -> None:
        places.append(directory)
        directory.mkdir(parents=True)
        (directory / "requirements.txt").write_text("nonsense ===\n")

    from fctui.managers.pip.uv_tool import project_key

    left(store.root / "trials" / project_key(workflow.project.root) / "project")
    again = await what_if(workflow, Requirement("pip", "lib==1.0"))
    assert again.plan == first.plan
    assert not places[0].exists()


async def test_rpath_is_a_setting(index: Index, project: Path, store: Store) -> None:
    assert index.files
    workflow, plan = await planned(project, store)
    text = state(project, times=False)
    assert list(suggestions(workflow, None))[-1] == Relinking(on=True)
    (edit,) = write(workflow.project, Relinking(on=True))
    on = Workflow.open(project, store=store)
    assert on.settings.bundle.rpath
    assert list(suggestions(on, None))[-1] == Relinking(on=False)
    on.take_facts(workflow)
    on.resolutions, on.listings = dict(workflow.resolutions), dict(workflow.listings)
    off = await what_if(on, Relinking(on=False))
    assert in_bundle(off.plan) == in_bundle(plan)
    edit.undo()
    assert state(project, times=False) == text


async def test_siblings_and_methods_are_offered(
    index: Index, project: Path, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert index.files
    workflow, _ = await planned(project, store)
    known = (Variant("pip", "lib", "lib-slim", "its own documentation"),)
    monkeypatch.setattr("fctui.workflow.what_if.variants", lambda: known)
    assert remedies.variants() != known
    offered = list(suggestions(workflow, ("pip", "lib")))
    assert offered[0] == Requirement("pip", "lib-slim", instead_of="lib")
    assert {change.id for change in offered if isinstance(change, Method)} == {
        "install-option",
        "user",
        "virtualenv",
    }
    assert not [c for c in suggestions(workflow, ("pip", "top")) if isinstance(c, Requirement)]
