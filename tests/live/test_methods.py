"""Each method's preview against what the real tools leave on disk, on distributions chosen for
their oddness.
"""

from __future__ import annotations

import os
import platform
import subprocess
import sys
from pathlib import Path

import pytest

from fctui.managers.interface import Context
from fctui.managers.pip.manager import Pip
from fctui.managers.pip.wheel import unpack_wheel
from fctui.model.contents import Contents, Listing
from fctui.model.package import Artifact, Package, Resolution, Root
from fctui.model.plan import PlannedFile
from fctui.project.settings import PipSettings
from tests.support.pip_project import make_context, make_target

pytestmark = [pytest.mark.live, pytest.mark.xdist_group("methods")]  # the wheels are built once

ODD = (
    *("requests", "flask", "click"),  # plain, launchers
    *("PyMySQL", "ruamel.yaml", "Flask-SQLAlchemy", "backports.tarfile"),  # names to normalize
    *("zope.interface", "zope.event", "sphinxcontrib-htmlhelp", "google-cloud-core"),  # namespaces
    *("googleapis-common-protos", "jaraco.functools"),
    *("greenlet", "pybind11"),  # headers
    *("jupyterlab-pygments", "jupyter-core", "ipykernel", "notebook-shim"),  # data files
    *("setuptools", "coverage"),  # .pth, several launchers
    *("attrs", "python-dateutil", "pyyaml", "pkginfo"),  # several top-level packages
    *("ninja", "docutils", "black", "uvicorn", "cryptography", "numpy", "awscli"),
)  # programs as scripts, `.data` directories, #!python scripts, extras, abi3, libraries beside

DELIBERATE = {
    "INSTALLER": "says fctui",
    "RECORD": "follows what differs",
    "launcher": "starts the target's interpreter",
}
HERE = platform.python_version()
HEADERS = {"target": "include/python", "install-option": "include/python{xy}"}
# Where pip puts headers; inside of a virtual environment, as here, it says include/site/pythonX.Y.


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The newest wheel of each, for this Python."""
    place = tmp_path_factory.mktemp("wheels")
    argv = [sys.executable, "-m", "pip", "download", "-q", "--no-deps", "--only-binary=:all:"]
    subprocess.run([*argv, "-d", str(place), *ODD], check=True, capture_output=True)
    return place


def planned(wheels: Path, tmp_path: Path, method: str) -> dict[str, PlannedFile]:
    """Our preview: path to file."""
    settings = PipSettings(method=method)  # type: ignore[arg-type]
    project = tmp_path / "project"
    project.mkdir()
    target = make_target(HERE)
    context = make_context(project, tmp_path / "store", ["requests"], target=target, pip=settings)
    contents: dict[str, Contents] = {}
    packages: dict[str, Package] = {}
    for wheel in _wanted(wheels, method):
        name, version = wheel.name.split("-")[:2]
        into = tmp_path / "unpacked" / wheel.name
        into.mkdir(parents=True)
        contents[name] = unpack_wheel(wheel, into, f"sha256:{len(contents):064x}")
        artifact = Artifact(wheel.name, wheel.as_uri(), None, contents[name].digest)
        packages[name] = Package(
            manager="pip", id=name, name=name, version=version, artifact=artifact
        )
    roots = tuple(Root(id=name, requirement=name) for name in packages)
    resolution = Resolution(manager="pip", target=target.id, roots=roots, packages=packages)
    listing = _seeded(context, resolution, Listing(contents=contents))
    layout = Pip().layout(context, resolution, listing, method)
    assert len({file.path for file in layout.files}) == len(layout.files)
    return {file.path: file for file in layout.files}


def _wanted(wheels: Path, method: str) -> list[Path]:
    """The wheels to install. A virtual environment has setuptools already, so pip leaves it."""
    seeded = "setuptools-" if method == "virtualenv" else "-"
    return [wheel for wheel in sorted(wheels.glob("*.whl")) if not wheel.name.startswith(seeded)]


def _seeded(context: Context, resolution: Resolution, listing: Listing) -> Listing:
    import asyncio

    from fctui.managers.pip.seeds import with_seeds

    return asyncio.run(with_seeds(context, resolution, listing))


def installed(wheels: Path, place: Path, method: str) -> dict[str, int]:
    """What the real tool leaves: path to bytes, directories and byte code left out."""
    names = ["==".join(wheel.name.split("-")[:2]) for wheel in _wanted(wheels, method)]
    common = ["install", "-q", "--no-deps", "--no-index", "--no-compile", "--ignore-installed"]
    common += ["--disable-pip-version-check", "--no-warn-script-location"]
    common += ["--find-links", str(wheels)]
    python, environment = sys.executable, {**os.environ, "PIP_ROOT_USER_ACTION": "ignore"}
    if method == "target":
        common += ["--target", str(place)]
    elif method == "install-option":
        common += ["--prefix", str(place)]
    elif method == "user":
        # --user needs a Python outside of any virtual environment; pip may be only in ours.
        import pip

        python = os.path.realpath(sys.executable)
        environment |= {
            "PYTHONUSERBASE": str(place),
            "PYTHONPATH": str(Path(pip.__file__).parents[1]),
            "PIP_BREAK_SYSTEM_PACKAGES": "1",
        }
        common += ["--user"]
    else:
        virtualenv = [sys.executable, "-m", "virtualenv", "-q", "--no-periodic-update"]
        subprocess.run([*virtualenv, str(place)], check=True, capture_output=True)
        python = str(place / "bin" / "python")
        common.remove("--ignore-installed")  # pip replaces its seeds, as a user's run would
    argv = [python, "-m", "pip", *common, *names]
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = {}
    for directory, inner, files in os.walk(place):
        inner[:] = [name for name in inner if name != "__pycache__"]
        for name in files:
            path = os.path.join(directory, name)
            found[_placed(os.path.relpath(path, place), method)] = os.lstat(path).st_size
    return found


def _placed(path: str, method: str) -> str:
    """The path as pip has it outside of a virtual environment."""
    xy = ".".join(HERE.split(".")[:2])
    inside = f"include/site/python{xy}/"
    if method not in HEADERS or not path.startswith(inside):
        return path
    return f"{HEADERS[method].format(xy=xy)}/{path.removeprefix(inside)}"


def deliberate(path: str, file: PlannedFile) -> bool:
    """Whether a file's bytes differ on purpose; its place never does."""
    name = path.rpartition("/")[2]
    return (
        name in DELIBERATE
        or path.startswith("bin/")
        or file.owner == "virtualenv"  # written for another place, by another version's templates
    )


@pytest.mark.parametrize("method", ["target", "user", "install-option", "virtualenv"])
def test_the_preview_is_what_the_tool_leaves(
    wheels: Path, tmp_path: Path, method: str, capsys: pytest.CaptureFixture[str]
) -> None:
    ours = planned(wheels, tmp_path, method)
    theirs = installed(wheels, tmp_path / "real", method)
    missing, extra = sorted(theirs.keys() - ours.keys()), sorted(ours.keys() - theirs.keys())
    sizes = [
        path
        for path in sorted(ours.keys() & theirs.keys())
        if ours[path].size != theirs[path] and not deliberate(path, ours[path])
    ]
    with capsys.disabled():
        owners = sorted({file.owner for file in ours.values()})
        print(
            f"\n{method}: {len(owners)} distributions, {len(theirs)} files on disk, "
            f"{len(missing)} not foreseen, {len(extra)} not there, {len(sizes)} of other size"
        )
    assert (missing, extra, sizes) == ([], [], [])
