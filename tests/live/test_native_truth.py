"""The check against the loader itself: ldd(1) in a stand-in for the target, and the proof."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from msgspec import structs

from fctui.bundle.manifest import read_manifest
from fctui.managers.apt.stand_in import stand_in
from fctui.model.finding import Kind
from fctui.sandbox.execute import TOOLS
from fctui.sandbox.rooted import RootedSandbox, unavailable
from fctui.workflow.check import Checked, check
from fctui.workflow.fix import fix
from fctui.workflow.verify import function_environment, verify
from fctui.workflow.workflow import Workflow

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox"),
]

WHEELS = """\
numpy scipy pandas scikit-learn matplotlib pillow opencv-python lxml cryptography
psycopg2-binary pyodbc grpcio pyzmq h5py shapely pyproj orjson pydantic aiohttp soundfile pycurl
gevent greenlet msgpack ujson regex tokenizers tiktoken duckdb bcrypt cffi brotli kiwisolver
markupsafe pyyaml rpds-py zstandard
"""
DEBS = "imagemagick ghostscript tesseract-ocr odbc-postgresql unixodbc libblas3 liblapack3 git"
# Libraries in subdirectories, alternatives, drivers, plugins, executables.

NODE = '{"dependencies": {"sharp": "*", "esbuild": "*"}}'

_SCRIPT = 'while read -r path; do echo "@@ $path"; ldd "$path" 2>&1; done < paths'
_NOT_FOUND = re.compile(r"^\s*(\S+) => not found$")
_VERSION = re.compile(r"version `(\S+)' not found")


async def imports(workflow: Workflow, bundle: Path, module: str, tmp_path: Path) -> bool:
    """Whether a module can be imported with no variable but those that the target presets."""
    target = workflow.target
    manifest = structs.replace(read_manifest(bundle), environment={})
    environment = function_environment(target, manifest, {})
    root = (await stand_in(workflow.context)).root
    sandbox = RootedSandbox("imports", root, bundle, target.code_dir, environment)
    place = tmp_path / "imports"
    place.mkdir()
    python = target.python.executable if target.python else ""
    async with workflow.tasks.open("", "import") as task:
        done = await sandbox.run(
            (python, "-c", f"import {module}; print('imported')"), place, task, lambda *_: None
        )
    return done.stdout.strip() == b"imported"


async def by_ldd(
    workflow: Workflow, bundle: Path, paths: list[str], tmp_path: Path
) -> dict[str, tuple[set[str], set[str]]]:
    """What ldd(1) of the target does not find, by file: sonames, versions."""
    target, manifest = workflow.target, read_manifest(bundle)
    root = (await stand_in(workflow.context)).root
    environment = function_environment(target, manifest, {})
    sandbox = RootedSandbox("ldd", root, bundle, target.code_dir, environment)
    place = tmp_path / "ldd"
    place.mkdir(exist_ok=True)
    (place / "paths").write_text("".join(f"{target.code_dir}/{path}\n" for path in paths))
    argv = ("/bin/sh", "-c", f"cd {TOOLS} && {_SCRIPT}")
    async with workflow.tasks.open("", "ldd") as task:
        done = await sandbox.run(argv, place, task, lambda *_: None)
    found: dict[str, tuple[set[str], set[str]]] = {}
    for line in done.stdout.decode().splitlines():
        if line.startswith("@@ "):
            path = line.removeprefix(f"@@ {target.code_dir}/")
            found[path] = set(), set()
        elif missing := _NOT_FOUND.match(line):
            found[path][0].add(missing[1])
        elif version := _VERSION.search(line):
            found[path][1].add(version[1])
    return found


def by_us(checked: Checked) -> dict[str, tuple[set[str], set[str]]]:
    return {
        path: (
            {each.soname for each in loaded.missing},
            {each.version for each in loaded.unversioned},
        )
        for path, loaded in checked.native.loaded.items()
    }


async def test_we_miss_what_ldd_misses(tmp_path: Path) -> None:
    """Hundreds of files of wheels, debs and Node packages: zero differences."""
    (tmp_path / "requirements.txt").write_text("\n".join(WHEELS.split()))
    (tmp_path / "apt.txt").write_text("\n".join(DEBS.split()))
    (tmp_path / "package.json").write_text(NODE)
    workflow = Workflow.open(tmp_path, target="debian12")
    bundle = (await workflow.build()).bundle
    checked = await check(workflow.context, bundle, remedies=False)
    ours = by_us(checked)
    theirs = await by_ldd(workflow, bundle, sorted(ours), tmp_path)
    owners = {file.path: (file.manager, file.owner) for file in read_manifest(bundle).files}
    brought = {owners[path] for path in ours}
    wheels = [owner for manager, owner in brought if manager == "pip"]
    debs = [owner for manager, owner in brought if manager == "apt"]
    missing = sum(len(names) for names, _ in ours.values())
    print(f"\n{len(ours)} ELF files of {len(wheels)} distributions and {len(debs)} debs")
    print(f"{missing} names not found by either")
    assert len(ours) >= 300
    assert len(wheels) >= 30
    assert len(debs) >= 30
    assert missing
    different = {
        path: (found, theirs[path]) for path, found in ours.items() if found != theirs[path]
    }
    assert different == {}


@pytest.mark.parametrize("release", ["debian11", "debian12", "debian13"])
async def test_opencv_from_the_finding_to_the_proof(release: str, tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("opencv-python\n")
    (tmp_path / "index.py").write_text("import cv2\n\nassert cv2.__version__\n")
    workflow = Workflow.open(tmp_path, target=release)
    bundle = (await workflow.build()).bundle
    checked = await check(workflow.context, bundle)
    missing = [f for f in checked.findings if f.kind is Kind.MISSING_LIBRARY]
    theirs = await by_ldd(workflow, bundle, sorted(checked.native.loaded), tmp_path)
    assert {f.subject for f in missing} == set().union(*(names for names, _ in theirs.values()))
    assert {"libxcb.so.1", "libGL.so.1"} <= {f.subject for f in missing if f.breaks}
    assert all(f.remedies and f.remedies[0].manager == "apt" for f in missing)
    assert all(f.chains == (("requirements.txt:1", "opencv-python"),) for f in missing)
    before = await verify(workflow.context, bundle)
    failed = {result.subject for result in before.results if not result.ok}
    assert {"cv2", "index"} <= failed
    assert {f.subject for f in before.findings if f.breaks} <= {f.subject for f in missing}
    cured, changes = await fix(workflow, bundle)
    print(f"\n{release}: {len(missing)} missing; {'; '.join(changes)}")
    assert not [f for f in cured.findings if f.breaks]
    assert "libxcb1" in (tmp_path / "apt.txt").read_text()
    assert await imports(workflow, bundle, "cv2", tmp_path), "with the target's presets alone"
    after = await verify(workflow.reopened().context, bundle)
    assert after.ok, [result for result in after.results if not result.ok]


async def test_a_wheel_that_is_too_new_is_found_before_it_fails(tmp_path: Path) -> None:
    """Built for one release and judged for an older one, by the files and by the proof."""
    (tmp_path / "requirements.txt").write_text("cryptography\npydantic-core\n")
    (tmp_path / "index.py").write_text("import cryptography.hazmat.bindings._rust\n")
    built_for = Workflow.open(tmp_path, target="debian12")
    bundle = (await built_for.build()).bundle
    assert "manylinux_2_34" in " ".join(o.filename for o in read_manifest(bundle).origins)
    older = Workflow.open(tmp_path, target="debian11")
    checked = await check(older.context, bundle)
    found = [f for f in checked.findings if f.kind is Kind.GLIBC_TOO_NEW]
    assert [f.needed_by for f in found] == [("cryptography",)]
    assert found[0].chains == (("requirements.txt:1", "cryptography"),)
    assert "GLIBC_2.34" in found[0].message
    lacking = {u.version for each in checked.native.loaded.values() for u in each.unversioned}
    proof = await verify(older.context, bundle)
    told = [result.message for result in proof.results if not result.ok]
    named = set(re.findall(r"GLIBC_[\d.]+\d", " ".join(told)))
    assert named
    assert named <= lacking
