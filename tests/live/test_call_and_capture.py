"""A handler is called in a release, and what is captured of one is what its packages say."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from fctui.managers.apt.stand_in import stand_in
from fctui.sandbox.rooted import unavailable
from fctui.targets.capture import capture, target_of, to_toml
from fctui.workflow.call import Wish, call_handler
from fctui.workflow.target_diff import compare_targets, side_of
from fctui.workflow.workflow import Workflow
from tests.support.bundles import Bundle

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox"),
]


@pytest.mark.parametrize("target", ["debian12", "debian12-arm64"])
def test_a_captured_root_differs_in_nothing_that_a_root_has(tmp_path: Path, target: str) -> None:
    workflow = Workflow.open(tmp_path, target=target)
    root = asyncio.run(stand_in(workflow.context)).root
    file = tmp_path / "captured.toml"
    file.write_text(to_toml(target_of(capture(str(root)), "captured", workflow.target)))
    known = asyncio.run(side_of(workflow.context))
    captured = asyncio.run(side_of(Workflow.open(tmp_path, target=str(file)).context))
    found = compare_targets(known, captured)
    assert len(known.system.elves) > 50
    assert (found.packages, found.libraries, found.versions, found.programs) == ((), (), (), ())
    assert {each.what for each in found.facts} <= {"node", "python"}
    assert captured.target.python is not None
    assert known.target.python is not None
    assert captured.target.python.minor == known.target.python.minor


def test_handlers_are_called_by_the_releases_own_interpreters(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path / "bundle")
    bundle.add("index.py", "import sys\ndef handler(event, context): return sys.executable\n")
    bundle.add("other.js", "exports.handler = async () => process.execPath;\n")
    place = bundle.write(target="debian12")
    context = Workflow.open(tmp_path, target="debian12").context
    done = asyncio.run(call_handler(context, place, Wish()))
    assert done.result == b"/usr/bin/python3", done
    done = asyncio.run(call_handler(context, place, Wish(handler="other.handler")))
    assert done.result == b"/usr/bin/node", done
