"""Going from one function of a repository to another."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fctui.tui import launch
from fctui.tui.app import FctuiApp
from tests.tui.conftest import Opening


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    for name in ("alpha", "beta [x"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "requirements.txt").write_text("six\n")
        (tmp_path / name / "fctui.toml").write_text('target = "debian12"\n')
    (tmp_path / "wrong").mkdir()
    (tmp_path / "wrong/fctui.toml").write_text("targt = 1\n")
    return tmp_path


async def test_a_function_is_chosen(opened: Opening, repository: Path) -> None:
    async with opened() as screen:
        screen.app.main.workspace = repository
        await screen.press("ctrl+o")
        await screen.until_shown("beta [x")
        assert "not built" in screen.line_with("alpha")
        assert "cannot be read" in screen.line_with("wrong")
        await screen.type("beta")
        await screen.until(lambda: "alpha" not in screen.text)
        await screen.press("enter")
        await screen.until(lambda: screen.app.elsewhere is not None)
        chosen = screen.app.elsewhere
        assert chosen is not None
        assert chosen.directory.name == "beta [x"


async def test_one_that_is_wrong_cannot_be_chosen(opened: Opening, repository: Path) -> None:
    async with opened() as screen:
        screen.app.main.workspace = repository
        await screen.press("ctrl+o")
        await screen.until_shown("wrong")
        await screen.type("wrong")
        await screen.press("enter")
        await screen.until_shown("unknown setting")
        assert screen.app.elsewhere is None
        await screen.press("escape")
        await screen.until(lambda: "unknown setting" not in screen.text)


def test_the_next_one_is_opened(repository: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[tuple[str, Path | None]] = []

    def run(app: FctuiApp, **_: Any) -> int:
        shown.append((app.workflow.project.root.name, app.main.workspace))
        if len(shown) == 1:
            from fctui.workflow.workspace import find_members

            app.elsewhere = find_members(repository)[1]
        return 0

    monkeypatch.setattr(FctuiApp, "run", run)
    assert launch.run(repository) == 0
    top = repository.resolve()
    assert shown == [("alpha", top), ("beta [x", top)]
