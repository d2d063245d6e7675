"""A lock comes with a project, from whoever wrote that."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from fctui.managers.pinning import checked, findings_from
from fctui.managers.pip.markers import judge
from fctui.managers.pip.pylock import read_pylock
from fctui.model.errors import LockError
from fctui.model.lock import PinnedFinding, PinnedPackage
from fctui.project.lock_file import read_lock
from tests.support.pip_project import make_target

GOOD: dict[str, Any] = {
    "id": "x",
    "version": "1",
    "path": "pool/x.deb",
    "filename": "x.deb",
    "digest": f"sha256:{'a' * 64}",
}


@pytest.mark.parametrize(
    "change",
    [
        {"path": "../x.deb"},
        {"path": "/etc/x.deb"},
        {"path": "pool/../../x.deb"},
        {"path": "pool/\0x"},
        {"filename": "../x.deb"},
        {"filename": "a/x.deb"},
        {"filename": ".."},
        {"digest": ""},
        {"digest": "md5:00"},
        {"digest": "sha256:../../../x"},
    ],
)
def test_what_leads_out_or_has_no_hash_is_refused(change: dict[str, str]) -> None:
    assert checked(PinnedPackage(**GOOD)).id == "x"
    with pytest.raises(LockError):
        checked(PinnedPackage(**{**GOOD, **change}))


def test_nothing_controls_the_terminal() -> None:
    package = checked(
        PinnedPackage(**{**GOOD, "id": "x\x1b[31m", "note": "n\x07", "name": "\x1bc"})
    )
    finding = PinnedFinding("unresolved", "s\x1b[2J", "m\x1b]0;t\x07")
    (found,) = findings_from([finding, PinnedFinding("no-such-kind", "s", "m")])
    for text in (package.id, package.name, package.note, found.subject, found.message):
        assert text.isprintable()


@pytest.mark.parametrize(
    "text",
    [
        "version = 1\ndeclared = 3\ntargets = {}\n",
        "version = 1\ndeclared = []\n[targets.a.apt]\npackages = [{id = 'x'}]\n",
        "version = 1\ndeclared = []\ntargets = {a = {facts = {arch = 3}}}\n",
        "version = true\n",
        "\x00",
    ],
)
def test_a_lock_of_another_shape_is_told(tmp_path: Path, text: str) -> None:
    (tmp_path / "fctui.lock").write_text(text)
    with pytest.raises(LockError, match=r"fctui\.lock"):
        read_lock(tmp_path)


WHEEL = "x-1.0-py3-none-any.whl"


def pylock(package: str) -> str:
    return f'lock-version = "1.0"\ncreated-by = "x"\n[[packages]]\nname = "x"\n{package}'


def wheel(name: str = WHEEL, hashes: str = f'{{sha256 = "{"a" * 64}"}}') -> str:
    return f'version = "1.0"\nwheels = [{{name = "{name}", url = "u", hashes = {hashes}}}]'


def test_that_shape_is_read(tmp_path: Path) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(pylock(wheel()))
    assert list(read_pylock(path, make_target(), judge(make_target()))) == ["x"]


@pytest.mark.parametrize(
    "package",
    [
        wheel(hashes='{md5 = "00"}'),
        wheel(hashes='{sha256 = "../../x"}'),
        wheel() + '\n[[packages]]\nname = "x"\n' + wheel(),
        wheel(f"../{WHEEL}"),
        'version = "1.0"\nwheels = [{name = "x-1.0-py3-none-any.whl", url = "u"}]',
        'version = "1.0"\nsdist = {name = "y-1.0.tar.gz", url = "u", hashes = {sha256 = "0"}}',
        'vcs = {type = "git", url = "u"}',
        'dependencies = [{no = "name"}]\ndirectory = {path = "lib"}',
        'dependencies = [3]\ndirectory = {path = "lib"}',
        'directory = {path = "lib"}\n[packages.tool]\nfctui = 3',
    ],
)
def test_a_pylock_of_another_shape_is_told(tmp_path: Path, package: str) -> None:
    path = tmp_path / "pylock.toml"
    path.write_text(pylock(package))
    with pytest.raises(LockError, match=r"pylock\.toml"):
        read_pylock(path, make_target(), judge(make_target()))
