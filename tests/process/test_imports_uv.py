"""What is taken of a uv.lock is what uv itself exports of it."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path

import pytest
import uv
from packaging.requirements import Requirement

from fctui.project.imports.read import read_imports

EXAMPLE = Path(__file__).parents[1] / "imports/hello-uv"
HASH = "0" * 64
URL = "https://example.invalid/setuptools-80.9.0-py3-none-any.whl"
LOCKED = f"""
[[package]]
name = "setuptools"
version = "80.9.0"
source = {{ registry = "https://example.invalid/simple" }}
wheels = [
    {{ url = "{URL}", hash = "sha256:{HASH}" }},
]
"""


def chosen(texts: list[str], python: str, system: str) -> set[str]:
    known = {"python_full_version": f"{python}.4", "python_version": python}
    known |= {"sys_platform": system, "platform_system": system.title()}
    found = set()
    for text in texts:
        requirement = Requirement(text)
        if requirement.marker is None or requirement.marker.evaluate(known):
            found.add(f"{requirement.name}{requirement.specifier}")
    return found


@pytest.mark.parametrize(("python", "system"), [("3.10", "linux"), ("3.12", "linux")])
def test_the_same_as_uv(tmp_path: Path, python: str, system: str) -> None:
    place = tmp_path / "hello"
    shutil.copytree(EXAMPLE, place)
    lock = (place / "uv.lock").read_text()
    asked = '    { name = "jinja2" },\n]'
    assert asked in lock
    lock = lock.replace(asked, asked.replace("]", '    { name = "setuptools" },\n]')) + LOCKED
    (place / "uv.lock").write_text(lock)
    argv = [uv.find_uv_bin(), "export", "--frozen", "--no-dev", "--no-hashes", "--no-header"]
    argv += ["--no-annotate", "--no-emit-project", "--offline", "--directory", str(place)]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60, check=True)
    theirs = chosen([line for line in done.stdout.splitlines() if line], python, system)
    (imported,) = read_imports(place)
    assert chosen([each.text for each in imported.pip], python, system) == theirs
    assert "setuptools==80.9.0" in theirs
