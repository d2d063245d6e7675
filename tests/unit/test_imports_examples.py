"""Public examples of other tools' files, rewritten by hand: what each line comes to."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from fctui.project.edit_file import Edit
from fctui.project.imports.propose import Proposal, propose
from fctui.project.imports.read import read_imports
from fctui.project.requirements import read_requirements
from fctui.workflow.workflow import Workflow

EXAMPLES = Path(__file__).parents[1] / "imports"


def proposals(name: str, to: Path) -> list[Proposal]:
    shutil.copytree(EXAMPLES / name, to / name)
    return [propose(each) for each in read_imports(to / name) if each.said or each.name]


def only(name: str, to: Path) -> Proposal:
    (proposal,) = proposals(name, to)
    return proposal


def written(proposal: Proposal) -> dict[str, str]:
    return {edit.path.name: edit.after.decode() for edit in proposal.edits}


def left(proposal: Proposal) -> dict[str, str]:
    return {f"{s.place.path.name}:{s.place.line} {s.text}": s.reason for s in proposal.left}


def reason(proposal: Proposal, begin: str) -> str:
    found = [why for what, why in left(proposal).items() if what.startswith(begin)]
    assert found, (begin, list(left(proposal)))
    return found[0]


def test_funfile_and_funcrafts_template(tmp_path: Path) -> None:
    proposal = only("headless-browser", tmp_path)
    assert (proposal.name, proposal.target) == ("browser", "fc-python3")
    files = written(proposal)
    assert files["requirements.txt"] == "# from Funfile\npyppeteer\n"
    assert files["apt.txt"] == "libxtst6\nlibnss3\nlibasound2\n"
    assert files["fctui.toml"] == (
        'target = "fc-python3"\n\n[bundle.environment]\nPYPPETEER_HOME = "/mnt/auto/pyppeteer"\n'
    )
    assert "fctui env" in reason(proposal, "template.yml:16 LD_LIBRARY_PATH")
    assert "runs none" in reason(proposal, "Funfile:6 unzip")


def test_fun_yml(tmp_path: Path) -> None:
    proposal = only("barcode", tmp_path)
    assert written(proposal)["requirements.txt"] == "# from fun.yml\nPillow\npyzbar\n"
    assert written(proposal)["apt.txt"] == "libzbar0\n"
    assert "runs none" in reason(proposal, "fun.yml:4 shell: ln -sf")
    assert "for building" in reason(proposal, "fun.yml:11 build-essential")


def test_serverless_devs_3(tmp_path: Path) -> None:
    proposal = only("emoji", tmp_path)
    assert proposal.target == "fc-python3.10"
    assert set(written(proposal)) == {"fctui.toml"}  # requirements and list are read as they are
    assert 'GREETING = "hello"' in written(proposal)["fctui.toml"]
    assert "secret" in reason(proposal, "s.yaml:30 API_TOKEN")
    assert "not known here" in reason(proposal, "s.yaml:26 layer")
    assert "fc3-domain" not in str(proposal.left)  # it is no function, and nobody misses it


def test_sam_with_two_functions(tmp_path: Path) -> None:
    top, api, thumbnail = proposals("two-functions", tmp_path)
    assert (top.target, len(top.edits)) == ("", 0)
    assert "container image" in reason(top, "template.yaml:32 ImageFunction")
    assert (api.name, api.target) == ("ApiFunction", "lambda-python3.12")
    assert (thumbnail.name, thumbnail.target) == ("ThumbnailFunction", "lambda-nodejs20-arm64")
    assert thumbnail.edits[0].path == tmp_path.resolve() / "two-functions/thumbnail/fctui.toml"
    assert "deployment" in reason(api, "template.yaml:13 TABLE")


def test_aptfile_with_a_repository_and_dockerfile(tmp_path: Path) -> None:
    proposal = only("ocr-heroku", tmp_path)
    assert proposal.target == "debian12"
    files = written(proposal)
    assert files["apt.txt"].split() == [
        "libsm6", "libxrender1", "libfontconfig1", "libice6", "libgl1", "tesseract-ocr",
    ]  # fmt: skip
    assert files["requirements.txt"] == "pillow\n# from Dockerfile\npytesseract==0.3.13\n"
    assert 'build-packages = ["libpq-dev"]' in files["fctui.toml"]
    assert "sources" in reason(proposal, "Aptfile:6 :repo:")
    assert "no repository" in reason(proposal, "Aptfile:7")
    assert "for building" in reason(proposal, "Dockerfile:6 gcc")


def test_serverless_framework_with_pipfile_lock(tmp_path: Path) -> None:
    proposal = only("django-pipenv", tmp_path)
    assert (proposal.name, proposal.target) == ("django-api", "lambda-python3.9")
    files = written(proposal)
    (tmp_path / "requirements.txt").write_text(files["requirements.txt"])
    read = read_requirements([tmp_path / "requirements.txt"]).requirements
    assert {r.name: r.specifier for r in read} == {
        "asgiref": "==3.7.2",
        "django": "==4.2.2",
        "django-cors-headers": "==4.0.0",
        "sqlparse": "==0.4.4",
        "typing-extensions": "==4.6.3",
    }
    assert all(r.hashes and all(h.startswith("sha256:") for h in r.hashes) for r in read)
    assert {r.name: r.marker for r in read}["typing-extensions"] == 'python_version < "3.11"'
    assert 'exclude = ["node_modules/**", "docs/**"]' in files["fctui.toml"]
    assert 'LOG_LEVEL = "info"' in files["fctui.toml"]
    assert "the requirements" in reason(proposal, "serverless.yml:28 noDeploy boto3")
    assert "of this machine" in str(left(proposal).values())


def test_conda(tmp_path: Path) -> None:
    proposal = only("notebook", tmp_path)
    files = written(proposal)
    assert files["requirements.txt"] == (
        "# from environment.yml\npython-dateutil==2.9.0.post0\ntabulate>=0.9\n"
    )
    assert files["fctui.toml"] == '[bundle.environment]\nMPLBACKEND = "Agg"\n'
    assert "conda package" in reason(proposal, "environment.yml:6 numpy=1.26")
    assert "own configuration" in reason(proposal, "environment.yml:12 --find-links")
    assert "target" in reason(proposal, "environment.yml:5 python=3.11")


def test_poetry_lock(tmp_path: Path) -> None:
    proposal = only("tables-poetry", tmp_path)
    (tmp_path / "requirements.txt").write_text(written(proposal)["requirements.txt"])
    read = read_requirements([tmp_path / "requirements.txt"]).requirements
    assert {r.name: (r.specifier, r.marker) for r in read} == {
        "click": ("==8.1.7", ""),
        "colorama": ("==0.4.6", 'platform_system == "Windows"'),
        "tabulate": ("==0.9.0", ""),
        "wcwidth": ("==0.2.13", ""),
    }
    assert all(r.hashes for r in read)
    assert "development" in reason(proposal, "poetry.lock:")
    assert len(proposal.left) == 2


def test_uv_lock(tmp_path: Path) -> None:
    proposal = only("hello-uv", tmp_path)
    (tmp_path / "requirements.txt").write_text(written(proposal)["requirements.txt"])
    read = read_requirements([tmp_path / "requirements.txt"]).requirements
    markers = {r.name: r.marker for r in read}
    assert set(markers) == {"exceptiongroup", "jinja2", "markupsafe", "typing-extensions"}
    assert markers["exceptiongroup"] == 'python_full_version < "3.11"'
    assert markers["jinja2"] == ""
    assert [s.text for s in proposal.left] == ["iniconfig 2.3.1"]


@pytest.mark.parametrize("name", sorted(path.name for path in EXAMPLES.iterdir() if path.is_dir()))
def test_what_is_written_is_read_again_and_stays(name: str, tmp_path: Path) -> None:
    def edits() -> list[Edit]:
        found = [propose(each) for each in read_imports(tmp_path / name)]
        return [edit for proposal in found for edit in proposal.edits]

    shutil.copytree(EXAMPLES / name, tmp_path / name)
    first = edits()
    assert first
    for edit in first:
        edit.apply()
    for directory in {edit.path.parent for edit in first}:
        workflow = Workflow.open(directory)
        assert workflow.managers
    assert edits() == []


def test_every_line_is_told_with_its_place(tmp_path: Path) -> None:
    for example in EXAMPLES.iterdir():
        for proposal in proposals(example.name, tmp_path):
            for said in proposal.said:
                lines = said.place.path.read_text().splitlines()
                assert 0 <= said.place.line <= len(lines)
                assert bool(said.into) != bool(said.reason)


def test_what_only_a_lock_explains(tmp_path: Path) -> None:
    (tmp_path / "Pipfile").write_text('[packages]\nflask = "*"\n')
    (tmp_path / "pyproject.toml").write_text('[tool.poetry.dependencies]\npython = "^3.10"\n')
    (imported,) = read_imports(tmp_path)
    assert [s.place.path.name for s in imported.said] == ["Pipfile", "pyproject.toml"]
    assert "pipenv lock" in imported.said[0].reason


def test_what_a_command_says_beside_the_packages(tmp_path: Path) -> None:
    """A beginning of a version is apt-get's; what changes which packages come is told."""
    (tmp_path / "Funfile").write_text(
        "RUNTIME python3\n"
        "RUN fun-install pip install -U --no-deps thing==2.*\n"
        "RUN fun-install apt-get install imagemagick=8:6* -y\n"
    )
    (proposal,) = (propose(each) for each in read_imports(tmp_path))
    assert "thing==2.*" in written(proposal)["requirements.txt"]
    assert "imagemagick=8:6*" in written(proposal)["apt.txt"]
    assert "comes with them" in reason(proposal, "Funfile:2 --no-deps")
    assert len(proposal.left) == 1
