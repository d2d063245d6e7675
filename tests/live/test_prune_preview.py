"""What `fctui prune` and the screen say that rules leave out of real packages, against the plan."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fctui.model.plan import Plan, PlannedFile
from fctui.pruning.rules import rules
from fctui.workflow.prunable import Prunable
from fctui.workflow.workflow import Workflow

pytestmark = pytest.mark.live

SETS = {
    "imagemagick": "imagemagick",
    "java": "default-jre-headless",
    "blas": "libblas3\nliblapack3\npython3-numpy",
    "editors": "vim-tiny\nnano\nman-db\nless",
}
# Alternatives with manual pages as slaves, with priorities, with whole directories of links.

CHOICES: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    ((), ()),
    (("all",), ()),
    ((), ("docs",)),
    (("default",), ("manuals", "usr/share/doc/*/copyright")),
    (("usr/share/man/man1/*", "locales"), ("docs", "manuals")),
)
# `prune` and `keep` of the settings.


@pytest.mark.parametrize("name", SETS)
def test_the_preview_is_what_the_plan_leaves_out(name: str, tmp_path: Path) -> None:
    (tmp_path / "apt.txt").write_text(SETS[name])
    whole, _, _ = planned(tmp_path, (), tuple(rule.name for rule in rules()))
    assert not whole.savings
    without = by_path(whole)
    for prune, keep in CHOICES:
        plan, found, workflow = planned(tmp_path, prune, keep)
        kept = by_path(plan)
        gone = [file for path, file in without.items() if path not in kept]
        told = {(saving.rule, saving.files, saving.size) for saving in plan.savings if saving.files}
        assert sum(files for _, files, _ in told) == len(gone)
        assert sum(size for _, _, size in told) == sum(file.size for file in gone)
        saved = found.saved(workflow.chosen)
        assert (saved.files, saved.size) == (len(gone), sum(file.size for file in gone))
        rows = {
            (row.rule, row.files, row.size)
            for row in found.rows(workflow.chosen)
            if row.on and row.files
        }
        assert {each for each in told if each[0] != "project"} == rows


def planned(
    project: Path, prune: tuple[str, ...], keep: tuple[str, ...]
) -> tuple[Plan, Prunable, Workflow]:
    """The plan, and what is told of the rules."""
    (project / "fctui.toml").write_text(f"[bundle]\nprune = {list(prune)}\nkeep = {list(keep)}\n")
    workflow = Workflow.open(project, target="debian12")
    found = asyncio.run(workflow.prunable())
    return found.plan, found, workflow


def by_path(plan: Plan) -> dict[str, PlannedFile]:
    """The files of debs."""
    return {file.path: file for file in plan.files if file.manager == "apt"}
