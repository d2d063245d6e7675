"""Launchers of each method, started in a clean root file system with the bundle at its place."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fctui.bundle.manifest import read_manifest
from fctui.managers.apt.stand_in import stand_in
from fctui.model.verification import Outcome, Subject
from fctui.project.settings import METHODS
from fctui.sandbox.rooted import RootedSandbox, unavailable
from fctui.workflow.verify import function_environment, verify
from fctui.workflow.workflow import Workflow

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox"),
]

LAUNCHERS = {
    "black": ("black", "--version"),
    "chardet": ("chardetect", "--version"),
    "httpie": ("http", "--version"),
    "pyjokes": ("pyjokes",),
    "tabulate": ("tabulate", "--help"),
}
# Requirement, and what is typed: found on the PATH of the function.


@pytest.mark.parametrize("method", METHODS)
def test_launchers_work_in_a_clean_root(method: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("".join(f"{name}\n" for name in LAUNCHERS))
    (tmp_path / "index.py").write_text("import black, chardet, httpie, pyjokes, tabulate\n")
    workflow = Workflow.open(tmp_path, target="debian12", method=method)

    async def work() -> None:
        built = await workflow.build()
        manifest = read_manifest(built.bundle)
        root = (await stand_in(workflow.context)).root
        environment = function_environment(workflow.target, manifest, {})
        sandbox = RootedSandbox("clean", root, built.bundle, workflow.target.code_dir, environment)
        tools = tmp_path / "tools"
        tools.mkdir()
        async with workflow.tasks.open("", "launch") as task:
            for argv in LAUNCHERS.values():
                done = await sandbox.run(("/usr/bin/env", *argv), tools, task, lambda *_: None)
                assert done.returncode == 0
                assert done.stdout.strip(), argv
        found = await verify(workflow.context, built.bundle)
        assert found.ok, [result for result in found.results if not result.ok]
        started = {r.subject for r in found.results if r.kind is Subject.PROGRAM}
        assert {path.rpartition("/")[2] for path in started} >= {a[0] for a in LAUNCHERS.values()}
        assert not any(result.outcome is Outcome.SKIPPED for result in found.results)

    asyncio.run(work())
