"""What a container engine is asked for; it is a program of our own that notes it and obeys.

There is no engine where tests run. The stand-in understands the words that docker(1) documents for
these commands, and runs on this machine what an engine would run in the image.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path

import pytest

from fctui.model.errors import FctuiError
from fctui.model.verification import Outcome
from fctui.workflow.verify import verify
from fctui.workflow.workflow import Workflow
from tests.support.bundles import Bundle

ENGINE = '''#!{python}
import json, os, pathlib, subprocess, sys
here = pathlib.Path({here!r})
words = sys.argv[1:]
with open(here / "asked", "a") as file:
    file.write(json.dumps(words) + "\\n")
verb, words = words[0], words[1:]


def image(words):
    """What is to be run where: the arguments behind the image, and what is bound."""
    entry, bound, variables, rest = "", dict(), dict(), []
    single = {{"--rm", "--read-only", "--init"}}
    while words:
        word = words.pop(0)
        if word in single:
            continue
        if word.startswith("--env="):
            name, _, value = word[6:].partition("=")
            variables[name] = value
        elif word == "--entrypoint":
            entry = words.pop(0)
            words.pop(0)  # the image
            return [entry, *words], bound, variables
        elif word.startswith("-"):
            value = words.pop(0)
            if word == "-v" and ":" in value:
                source, place, *_ = value.split(":")
                bound[place] = source
        else:
            raise SystemExit(f"what is {{word}}?")


def run(argv, bound, variables):
    if argv[0] == "/bin/sh":
        print("/usr/local/bin/python3")
        return 0
    argv = [sys.executable if argv[0].endswith("python3") else argv[0], *argv[1:]]
    argv = [bound["/.fctui"] + word[7:] if word.startswith("/.fctui") else word for word in argv]
    variables = {{**variables, "PYTHONPATH": bound["/code"]}}
    return subprocess.run(argv, env=variables, cwd=bound["/code"]).returncode


if verb == "run":
    raise SystemExit(run(*image(words)))
if verb == "create":
    (here / "created").write_text(json.dumps(words))
if verb == "cp":
    source, place = words[-2], words[-1].partition(":")[2]
    with open(here / "copied", "a") as file:
        file.write(json.dumps([place, source]) + "\\n")
if verb == "start":
    argv, _, variables = image(json.loads((here / "created").read_text()))
    lines = (here / "copied").read_text().splitlines()
    raise SystemExit(run(argv, dict(map(json.loads, lines)), variables))
'''


@pytest.fixture
def asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A docker and a podman on PATH; the file of what they are asked."""
    place = tmp_path / "programs"
    place.mkdir()
    for name in ("docker", "podman"):
        (place / name).write_text(ENGINE.format(python=sys.executable, here=str(place)))
        (place / name).chmod(0o755)
    monkeypatch.setenv("PATH", f"{place}:{os.environ['PATH']}")
    monkeypatch.delenv("DOCKER_HOST", raising=False)
    return place / "asked"


@pytest.fixture
def workflow(tmp_path: Path) -> Workflow:
    bundle = Bundle(tmp_path / "bundle")
    bundle.distribution("good", {"good.py": "import os\nassert os.environ['PATH']"})
    bundle.distribution("bad", {"bad.py": "import nowhere_fctui"})
    bundle.write("debian12")
    return Workflow.open(tmp_path, target="debian12", offline=True)


def outcomes(workflow: Workflow, sandbox: str) -> dict[str, Outcome]:
    bundle = workflow.project.root / "bundle"
    found = asyncio.run(verify(workflow.context, bundle, sandbox=sandbox))
    assert found.sandbox == sandbox.replace(":", ", ", 1)
    return {result.subject: result.outcome for result in found.results}


@pytest.mark.parametrize("engine", ["docker", "podman"])
def test_in_an_image(engine: str, workflow: Workflow, asked: Path) -> None:
    found = outcomes(workflow, f"{engine}:runtime:3.11")
    assert found == {"good": Outcome.PASSED, "bad": Outcome.FAILED}
    commands = [json.loads(line) for line in asked.read_text().splitlines()]
    assert [words[0] for words in commands] == ["run", "run", "rm"]
    words = commands[1]
    assert words[words.index("--network") + 1] == "none"
    assert words[words.index("--cap-drop") + 1] == "ALL"
    assert words[words.index("--user") + 1] == "65534:65534"
    assert {"--read-only", "runtime:3.11"} <= set(words)
    assert f"{workflow.project.root}/bundle:/code:ro" in words
    assert commands[2][-1] == words[words.index("--name") + 1]


def test_on_another_machine(
    workflow: Workflow, asked: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is bound there: it is copied."""
    monkeypatch.setenv("DOCKER_HOST", "ssh://somebody@builder.invalid")
    found = outcomes(workflow, "docker:runtime")
    assert found == {"good": Outcome.PASSED, "bad": Outcome.FAILED}
    commands = [json.loads(line) for line in asked.read_text().splitlines()]
    assert [words[0] for words in commands] == ["run", "create", "cp", "cp", "start", "rm"]
    assert not [word for words in commands for word in words if word.endswith(":ro")]


def test_an_engine_that_fails_is_an_error(workflow: Workflow, asked: Path) -> None:
    (asked.parent / "docker").write_text("#!/bin/sh\necho 'no such daemon' >&2\nexit 125\n")
    with pytest.raises(FctuiError, match="no such daemon"):
        outcomes(workflow, "docker:runtime")
