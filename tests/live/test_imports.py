"""What `fctui init` makes of public examples builds, with the packages that their files name."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path

import pytest

from fctui.project.imports.propose import propose
from fctui.project.imports.read import read_imports
from fctui.workflow.workflow import Workflow
from tests.support.recorder import Recorder

pytestmark = pytest.mark.live

EXAMPLES = Path(__file__).parents[1] / "imports"

CASES = [
    ("headless-browser", "debian12", {"pip": "pyppeteer", "apt": "libnss3"}),
    ("barcode", "debian12", {"pip": "pyzbar", "apt": "libzbar0"}),
    ("php-runtime", "debian12", {"apt": "nginx"}),
    ("emoji", "debian12", {"pip": "emoji", "apt": "libgomp1"}),
    ("ocr-heroku", "", {"pip": "pytesseract", "apt": "tesseract-ocr"}),
    ("django-pipenv", "", {"pip": "django"}),
    ("notebook", "", {"pip": "tabulate"}),
    ("tables-poetry", "", {"pip": "wcwidth"}),
    ("hello-uv", "", {"pip": "jinja2"}),
]
# Where a target is named, the example's own is of an archived release, which is not everywhere.


@pytest.mark.parametrize(("name", "target", "wanted"), CASES)
def test_it_builds(name: str, target: str, wanted: dict[str, str], tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / name, tmp_path / name)
    (imported,) = read_imports(tmp_path / name)
    for edit in propose(imported, target=target).edits:
        edit.apply()
    workflow = Workflow.open(tmp_path / name, reporter=Recorder())
    built = asyncio.run(workflow.build())
    assert built.files > 1
    for manager, package in wanted.items():
        assert package in workflow.resolutions[manager].packages


def test_pins_of_a_lock_are_what_is_installed(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "django-pipenv", tmp_path / "f")
    (imported,) = read_imports(tmp_path / "f")
    for edit in propose(imported).edits:
        edit.apply()
    workflow = Workflow.open(tmp_path / "f", reporter=Recorder())
    assert workflow.target.id == "lambda-python3.9"
    packages = asyncio.run(workflow.resolve("pip")).packages
    pinned = {pin.name: pin for pin in imported.pip}
    assert set(packages) <= set(pinned)
    for id_, package in packages.items():
        assert f"=={package.version}" in pinned[id_].text
        assert package.artifact is not None
        assert f"sha256:{package.artifact.sha256}" in pinned[id_].hashes


def test_both_functions_of_a_template(tmp_path: Path) -> None:
    shutil.copytree(EXAMPLES / "two-functions", tmp_path / "f")
    functions = [each for each in read_imports(tmp_path / "f") if each.name]
    for imported in functions:
        for edit in propose(imported).edits:
            edit.apply()
        workflow = Workflow.open(imported.directory, reporter=Recorder())
        assert asyncio.run(workflow.build()).files > 1
    assert [each.target for each in functions] == ["lambda-python3.12", "lambda-nodejs20-arm64"]
