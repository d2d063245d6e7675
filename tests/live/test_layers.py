"""A function that needs layers: split, laid out as the provider does, and everything tried."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fctui.archive.pack_layers import pack_layers
from fctui.model.verification import Outcome, Subject
from fctui.sandbox.rooted import unavailable
from fctui.workflow.verify import verify_archive
from fctui.workflow.workflow import Workflow
from tests.support.recorder import Recorder

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox"),
]

TARGET = """\
extends = "fc-custom.debian12"
id = "small"
[limits]
zip_api = 30000000
zip_storage = 60000000
layers = 5
"""
# A fifth of what it is: then a bundle of a few seconds needs layers.

HANDLER = "import numpy\nimport PIL.Image\n\ndef handler(event, context):\n    return 1\n"


def test_what_lies_in_opt_works(tmp_path: Path) -> None:
    (tmp_path / "small.toml").write_text(TARGET)
    (tmp_path / "fctui.toml").write_text('target = "small.toml"\n')
    (tmp_path / "requirements.txt").write_text("numpy\npillow\npandas\nblack\n")
    (tmp_path / "apt.txt").write_text("poppler-utils\n")
    (tmp_path / "package.json").write_text('{"dependencies": {"sharp": "*"}}')
    (tmp_path / "index.py").write_text(HANDLER)
    workflow = Workflow.open(tmp_path, reporter=Recorder())
    target = workflow.target

    async def work() -> tuple[list[Path], set[str]]:
        built = await workflow.build()
        proof = await workflow.verify(heard=lambda *_: None)
        assert proof.ok
        whole = {result.subject.rpartition("/")[2] for result in proof.results if result.ok}
        packed = await pack_layers(
            built.bundle, tmp_path / "f.zip", target, store=workflow.store, tasks=workflow.tasks
        )
        assert packed.findings == ()
        return [archive.path for archive in packed.archives], whole

    archives, whole = asyncio.run(work())
    code, *layers = archives
    assert 2 <= len(layers) <= 5
    assert all(path.stat().st_size <= (target.limits.zip_storage or 0) for path in layers)
    assert code.stat().st_size < 100_000
    proof = asyncio.run(verify_archive(workflow.context, code))
    assert proof.ok, [result for result in proof.results if result.outcome is Outcome.FAILED]
    assert {result.subject.rpartition("/")[2] for result in proof.results if result.ok} == whole
    assert {Subject.HANDLER, Subject.MODULE, Subject.LIBRARY, Subject.NODE_PACKAGE} <= {
        result.kind for result in proof.results
    }
