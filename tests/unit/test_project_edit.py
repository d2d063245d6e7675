"""Writing edits, and those of apt lists and package.json."""

from __future__ import annotations

import json
import os
import shutil
import stat
import subprocess
from pathlib import Path

import pytest

from fctui.model.errors import TaskError, UsageError
from fctui.project.edit import add, remove
from fctui.project.project import load_project


def after(root: Path, name: str, text: str, action: str) -> str:
    """A file after `add MANAGER REQUIREMENT` or `remove MANAGER NAME`."""
    (root / name).write_bytes(text.encode())
    verb, manager, what = action.split(" ", 2)
    edit = (add if verb == "add" else remove)(load_project(root), manager, what)
    assert edit.path == root / name
    return edit.after.decode()


@pytest.mark.parametrize(
    ("before", "action", "expected"),
    [
        ("", "add apt libgl1", "libgl1\n"),
        ("# x\nlibc6 # y\n", "add apt libgl1", "# x\nlibc6 # y\nlibgl1\n"),
        ("libc6\r\n", "add apt libgl1", "libc6\r\nlibgl1\r\n"),
        ("a1 libgl1  b2 # x\n", "add apt libgl1=1.6", "a1 libgl1=1.6  b2 # x\n"),
        ("libgl1\n", "add apt libgl1:i386", "libgl1\nlibgl1:i386\n"),
        ("a1 libgl1 b2 # x\nlibgl1-mesa\n", "remove apt libgl1", "a1 b2 # x\nlibgl1-mesa\n"),
        ("libgl1 b2\n", "remove apt libgl1", "b2\n"),
        ("a1\nlibgl1=1.6\nb2", "remove apt libgl1", "a1\nb2"),
        ("libgl1 # for cv2\nb2\n", "remove apt libgl1", "b2\n"),
        ("libc6:i386\nlibc6\n", "remove apt libc6:i386", "libc6\n"),
        ("libc6:i386\nlibc6\n", "remove apt libc6", "libc6:i386\n"),
        ("libc6:amd64\nb2\n", "remove apt libc6", "b2\n"),
        ("libc6:i386\n", "add apt libc6=2", "libc6:i386\nlibc6=2\n"),
    ],
)
def test_apt_list(tmp_path: Path, before: str, action: str, expected: str) -> None:
    assert after(tmp_path, "apt.txt", before, action) == expected


def test_apt_same_again_and_none(tmp_path: Path) -> None:
    (tmp_path / "apt.txt").write_text("libgl1\n")
    project = load_project(tmp_path)
    with pytest.raises(UsageError, match="declares libgl1 already"):
        add(project, "apt", "libgl1")
    with pytest.raises(UsageError, match="'zlib1g' is not declared"):
        remove(project, "apt", "zlib1g")
    with pytest.raises(UsageError, match="not the name of a Debian package"):
        add(project, "apt", "a[/b]")


def test_apt_package_of_the_settings(tmp_path: Path) -> None:
    (tmp_path / "fctui.toml").write_text('# mine\n[apt]\npackages = ["curl", "libgl1"] # x\n')
    edit = remove(load_project(tmp_path), "apt", "curl")
    assert edit.after.decode() == '# mine\n[apt]\npackages = ["libgl1"] # x\n'
    (tmp_path / "fctui.toml").rename(tmp_path / "pyproject.toml")
    (tmp_path / "pyproject.toml").write_text('[tool.fctui.apt]\npackages = [\n  "curl",\n]\n')
    edit = remove(load_project(tmp_path), "apt", "curl")
    assert edit.after.decode() == "[tool.fctui.apt]\npackages = [\n]\n"


PACKAGE = """{
    "name": "x",
    "files": ["a", "b"],
    "dependencies": {
        "express": "^4",
        "sharp": "^0.33"
    },
    "devDependencies": {
        "jest": "29"
    },
    "price": 1.0
}
"""


@pytest.mark.parametrize(
    ("action", "old", "new"),
    [
        ("add npm sharp@^0.34", '"^0.33"', '"^0.34"'),
        ("add npm axios", '"express"', '"axios": "*",\n        "express"'),
        (
            "add npm @aws-sdk/client-s3@^3 || ^4",
            '"express"',
            '"@aws-sdk/client-s3": "^3 || ^4",\n        "express"',
        ),
        ("remove npm express", '"express": "^4",\n        ', ""),
        ("remove npm node_modules/express", '"express": "^4",\n        ', ""),
    ],
)
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_package_json_keeps_everything_else(
    tmp_path: Path, action: str, old: str, new: str, newline: str
) -> None:
    text = after(tmp_path, "package.json", PACKAGE.replace("\n", newline), action)
    assert text == PACKAGE.replace(old, new).replace("\n", newline)


def test_dev_dependency_moves(tmp_path: Path) -> None:
    data = json.loads(after(tmp_path, "package.json", PACKAGE, "add npm jest"))
    assert data["dependencies"]["jest"] == "29"
    assert data["devDependencies"] == {}


def test_optional_dependency_stays_optional(tmp_path: Path) -> None:
    text = '{\n\t"optionalDependencies": {\n\t\t"a": "1"\n\t}\n}'
    assert after(tmp_path, "package.json", text, "add npm a@2") == text.replace('"1"', '"2"')


@pytest.mark.parametrize(
    ("before", "expected"),
    [
        ("{}", '{\n  "dependencies": {\n    "a": "*"\n  }\n}\n'),
        ('{"x":1}', '{\n  "x": 1,\n  "dependencies": {\n    "a": "*"\n  }\n}\n'),
        ('{\n  "x": 1\n}\n', '{\n  "x": 1,\n  "dependencies": {\n    "a": "*"\n  }\n}\n'),
        ('\ufeff{\n  "x": 1\n}', '\ufeff{\n  "x": 1,\n  "dependencies": {\n    "a": "*"\n  }\n}'),
    ],
)
def test_section_is_made(tmp_path: Path, before: str, expected: str) -> None:
    assert after(tmp_path, "package.json", before, "add npm a") == expected


def test_no_package_json_yet(tmp_path: Path) -> None:
    edit = add(load_project(tmp_path), "npm", "sharp@^0.34")
    edit.apply()
    assert json.loads((tmp_path / "package.json").read_text()) == {
        "dependencies": {"sharp": "^0.34"}
    }


@pytest.mark.parametrize(
    "name", ["a b", "../x", ".x", "a[/b]", "a@\x1b[31m", "@x", "a@", "x" * 215, "git+ssh://x/y"]
)
def test_what_is_no_npm_package(tmp_path: Path, name: str) -> None:
    with pytest.raises(UsageError, match="not the name of an npm package"):
        add(load_project(tmp_path), "npm", name)


def test_npm_same_again(tmp_path: Path) -> None:
    (tmp_path / "package.json").write_text(PACKAGE)
    project = load_project(tmp_path)
    for requirement in ("sharp", "sharp@^0.33"):
        with pytest.raises(UsageError, match=r"declares sharp@\^0.33 already"):
            add(project, "npm", requirement)
    with pytest.raises(UsageError, match="not declared"):
        remove(project, "npm", "jest")


@pytest.mark.skipif(shutil.which("node") is None, reason="npm sorts by Node's localeCompare")
def test_order_is_that_of_npm(tmp_path: Path) -> None:
    names = ["b", "a-b", "a.b", "a_b", "ab", "@z/x", "@a/y", "1x", "JSONStream", "json", "a1", "~t"]
    (tmp_path / "package.json").write_text('{\n"dependencies": {}\n}')
    for name in names:
        add(load_project(tmp_path), "npm", name).apply()
    ours = list(json.loads((tmp_path / "package.json").read_text())["dependencies"])
    script = (
        "console.log(JSON.stringify(process.argv.slice(1).sort((a,b)=>a.localeCompare(b,'en'))))"
    )
    theirs = subprocess.run(["node", "-e", script, *names], capture_output=True, check=True)
    assert ours == json.loads(theirs.stdout)


def test_other_managers(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="conda cannot be added"):
        add(load_project(tmp_path), "conda", "a")
    with pytest.raises(UsageError, match="not declared"):
        remove(load_project(tmp_path), "conda", "a")


def test_apply_and_undo_keep_mode_and_bytes(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    before = b"\xef\xbb\xbfa # \xc3\xbc\r\n"
    path.write_bytes(before)
    path.chmod(0o640)
    edit = add(load_project(tmp_path), "pip", "b")
    edit.apply()
    assert path.read_bytes() == before + b"b\r\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    edit.undo()
    assert path.read_bytes() == before
    assert stat.S_IMODE(path.stat().st_mode) == 0o640
    assert os.listdir(tmp_path) == ["requirements.txt"]


def test_new_file_has_the_umask(tmp_path: Path) -> None:
    old = os.umask(0o027)
    try:
        add(load_project(tmp_path), "apt", "libgl1").apply()
    finally:
        os.umask(old)
    assert stat.S_IMODE((tmp_path / "apt.txt").stat().st_mode) == 0o640


def test_somebody_else_changed_the_file(tmp_path: Path) -> None:
    path = tmp_path / "requirements.txt"
    path.write_text("a\n")
    edit = add(load_project(tmp_path), "pip", "b")
    path.write_text("a\nc\n")
    with pytest.raises(UsageError, match="has changed since it was read"):
        edit.apply()
    assert path.read_text() == "a\nc\n"
    with pytest.raises(UsageError, match="has changed since it was read"):
        edit.undo()


def test_somebody_else_made_or_changed_the_new_file(tmp_path: Path) -> None:
    edit = add(load_project(tmp_path), "apt", "libgl1")
    path = tmp_path / "apt.txt"
    path.write_text("mine\n")
    with pytest.raises(UsageError, match="has changed"):
        edit.apply()
    with pytest.raises(UsageError, match="has changed"):
        edit.undo()
    assert path.read_text() == "mine\n"


def test_links_are_not_followed(tmp_path: Path) -> None:
    root = tmp_path / "function"
    root.mkdir()
    elsewhere = tmp_path / "elsewhere.txt"
    elsewhere.write_text("libgl1\n")
    (root / "apt.txt").write_text("libgl1\n")
    edit = remove(load_project(root), "apt", "libgl1")
    (root / "apt.txt").unlink()
    (root / "apt.txt").symlink_to(elsewhere)
    with pytest.raises(UsageError, match="not a plain file any more"):
        edit.apply()
    with pytest.raises(UsageError, match="is a symbolic link"):
        remove(load_project(root), "apt", "libgl1")
    assert elsewhere.read_text() == "libgl1\n"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_directory_that_cannot_be_written(tmp_path: Path) -> None:
    edit = add(load_project(tmp_path), "apt", "libgl1")
    tmp_path.chmod(0o555)
    try:
        with pytest.raises(TaskError, match="cannot be written"):
            edit.apply()
    finally:
        tmp_path.chmod(0o755)


def test_full_disk_leaves_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "apt.txt"
    path.write_text("libc6\n")
    edit = add(load_project(tmp_path), "apt", "libgl1")

    def full(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(TaskError, match="No space left") as caught:
        edit.apply()
    assert caught.value.hint
    assert os.listdir(tmp_path) == ["apt.txt"]
    assert path.read_text() == "libc6\n"


def test_diff_is_short_and_safe(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("# \x1b[31mred\na\n\n\n\nz\n")
    edit = add(load_project(tmp_path), "pip", "a==1")
    assert edit.diff == ("@@ -1,3 +1,3 @@", " # red", "-a", "+a==1", " ")
    assert edit.summary == "change a to a==1 in requirements.txt"
