"""Which of the project's own files go into the bundle."""

from __future__ import annotations

import os
import socket
import zipfile
from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.project.code import Code, code_files, find_code
from fctui.project.not_taken import why_not_taken
from fctui.project.project import load_project


def touch(root: Path, *paths: str) -> None:
    for path in paths:
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text("x")


def found(root: Path, output: str = "build/bundle") -> list[str]:
    return [path for path, *_ in code_files(load_project(root), Path(output))]


def all_found(root: Path) -> Code:
    return find_code(load_project(root), Path("build/bundle"))


def test_everything_but_what_no_function_needs(tmp_path: Path) -> None:
    kept = [".env", "app/handler.py", "app/lib/libx.so", "index.py", "package.json", "README.md"]
    touch(tmp_path, *kept)
    touch(
        tmp_path,
        ".git/config",
        "app/.git",
        "app/__pycache__/handler.cpython-311.pyc",
        "old.pyc",
        "index.py~",
        ".index.py.swp",
        ".DS_Store",
        ".gitignore",
        "node_modules/a/index.js",
        "app/node_modules/a/index.js",
        ".venv/bin/python",
        "environment/pyvenv.cfg",
        "environment/bin/python",
        "somecache/CACHEDIR.TAG",
        "somecache/data",
        ".fctui/lock",
        ".s/cache",
        "build/bundle/numpy/core.py",
        "build/.bundle.fctui-abc/numpy/core.py",
        "build/log.txt",
    )
    assert found(tmp_path) == sorted(kept)


def test_sizes_and_modes(tmp_path: Path) -> None:
    (tmp_path / "run.sh").write_text("12345")
    (tmp_path / "run.sh").chmod(0o750)
    assert all_found(tmp_path).files == (("run.sh", 5, 0o750, ""),)


def test_outputs_are_left_out_wherever_they_are(tmp_path: Path) -> None:
    touch(tmp_path, "a.py", "out/numpy.py", ".out.fctui-x1/numpy.py", "output.py")
    touch(tmp_path, "build/bundle/x.py", "dist/other/.fctui/manifest.json", "dist/other/y.py")
    assert found(tmp_path, "out") == ["a.py", "output.py"]
    assert found(tmp_path, str(tmp_path / "out")) == ["a.py", "output.py"]
    assert "out/numpy.py" in found(tmp_path, "/elsewhere/bundle")
    assert "build/bundle/x.py" not in found(tmp_path, "/elsewhere/bundle")


def archive(path: Path, *names: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as file:
        for name in names:
            file.writestr(name, name * 100)


def test_what_was_packed_is_left_out_wherever_it_is(tmp_path: Path) -> None:
    archive(tmp_path / "dist" / "f.zip", ".env", ".fctui/manifest.json", "index.py")
    archive(tmp_path / "f-layer-1.zip", ".fctui/f-layer-1.json", "python/x.py")
    archive(tmp_path / "data.zip", ".env", "a.csv", "z.csv")
    touch(tmp_path, "broken.zip", "index.py")
    (tmp_path / "short.zip").write_bytes(b"PK\3\4" + bytes(20))
    (tmp_path / "gone.zip").symlink_to("dist/nowhere.zip")
    assert found(tmp_path) == ["broken.zip", "data.zip", "gone.zip", "index.py", "short.zip"]
    why = why_not_taken(load_project(tmp_path), tmp_path / "build", "dist/f.zip")
    assert "packed" in why


def test_a_build_directory_stays_where_the_output_is_elsewhere(tmp_path: Path) -> None:
    (tmp_path / "fctui.toml").write_text('[bundle]\noutput = "out"\n')
    touch(tmp_path, "build/index.js")
    assert found(tmp_path, "out") == ["build/index.js", "fctui.toml"]


def test_patterns_of_settings_and_ignore_files(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[tool.fctui.bundle]\nexclude = ["*.md", "!KEEP.md", "/docs"]\n'
    )
    (tmp_path / ".fcignore").write_text("# tests\ntests/\n")
    (tmp_path / ".funignore").write_text("**/*.log\n")
    (tmp_path / ".fctuiignore").write_text("data/*\n!data/model.bin\n")
    (tmp_path / ".gitignore").write_text("generated.py\n")
    touch(tmp_path, "README.md", "KEEP.md", "docs/a.txt", "app/docs/a.txt", "tests/t.py")
    touch(tmp_path, "app/tests/t.py", "deep/er/x.log", "data/raw.csv", "data/model.bin")
    touch(tmp_path, "generated.py")
    assert found(tmp_path) == [
        "KEEP.md",
        "app/docs/a.txt",
        "data/model.bin",
        "generated.py",
        "pyproject.toml",
    ]


@pytest.mark.parametrize("name", ["fctui.toml", ".fcignore"])
def test_wrong_pattern_is_named_with_its_line(tmp_path: Path, name: str) -> None:
    text = '[bundle]\nexclude = [\n"a",\n"!"]\n' if name == "fctui.toml" else "a\n\n\n!\n"
    (tmp_path / name).write_text(text)
    with pytest.raises(UsageError, match=rf"{name}:4: '!' is not a pattern"):
        found(tmp_path)


def test_links(tmp_path: Path) -> None:
    root = tmp_path / "function"
    touch(root, "lib/libx.so.1", "a.py")
    touch(tmp_path, "secret")
    links = {
        "lib/libx.so": "libx.so.1",
        "lib/absolute.so": str(root / "lib/libx.so.1"),
        "lib/around": "../../function/a.py",
        "directory": "lib",
        "dangling": "gone",
        "lib/out": "../../secret",
        "etc": "/etc",
        "itself": str(root),
    }
    for name, target in links.items():
        (root / name).symlink_to(target)
    code = all_found(root)
    assert {path: link for path, _, _, link in code.files if link} == {
        "lib/libx.so": "libx.so.1",
        "lib/absolute.so": "libx.so.1",
        "lib/around": "../a.py",
        "directory": "lib",
        "dangling": "gone",
    }
    assert [path for path, _ in code.left_out] == ["etc", "itself", "lib/out"]
    assert "directory/libx.so.1" not in [path for path, *_ in code.files]


def test_what_is_neither_file_nor_link_is_told(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
    (tmp_path / os.fsdecode(b"caf\xe9")).touch()
    (tmp_path / "link").symlink_to(os.fsdecode(b"/caf\xe9"))
    code = all_found(tmp_path)
    assert code.files == ()
    assert code.left_out == (
        ("caf\\xe9", "its name is not UTF-8"),
        ("link", "it is a link out of the project, to /caf\\xe9"),
        ("pipe", "it is neither a file nor a link"),
        ("socket", "it is neither a file nor a link"),
    )


def test_unreadable_directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    touch(tmp_path, "secret/x")
    scandir = os.scandir

    def forbidding(path: str | int) -> object:  # a descriptor where something is being removed
        if str(path).endswith("secret/"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    project = load_project(tmp_path)
    monkeypatch.setattr(os, "scandir", forbidding)
    with pytest.raises(UsageError, match="'secret/' of the project cannot be read"):
        code_files(project, Path("out"))


def test_each_file_that_is_not_taken_has_its_reason(tmp_path: Path) -> None:
    touch(
        tmp_path,
        *("handler.py", "keep/a.log", "data/b.log", "old.pyc", "fctui.lock", ".DS_Store"),
        *("node_modules/x/index.js", "env/pyvenv.cfg", "env/bin/python", "build/bundle/x"),
        *("notes/todo", "notes/deep/todo"),
    )
    (tmp_path / "fctui.toml").write_text('[bundle]\nexclude = ["*.log", "!keep/*.log"]\n')
    (tmp_path / ".fcignore").write_text("# ours\nnotes/\n")
    (tmp_path / "out").symlink_to("/etc/hostname")
    project = load_project(tmp_path)

    def why(path: str) -> str:
        return why_not_taken(project, Path("build/bundle"), path)

    taken = set(found(tmp_path))
    for path in tmp_path.rglob("*"):
        if path.is_symlink() or not path.is_dir():
            name = str(path.relative_to(tmp_path))
            assert (why(name) == "") == (name in taken), name
    assert why("data/b.log") == "'*.log' in fctui.toml:2 leaves it out"
    assert why("notes/deep/todo") == "'notes/' in .fcignore:2 leaves it out"
    assert why("node_modules/x/index.js").startswith("directories with the name node_modules")
    assert why("env/bin/python").startswith("env/ is a virtual environment")
    assert why("build/bundle/x") == "build/ is where bundles are made"
    assert why("old.pyc") == "files that end with .pyc are left out of every bundle"
    assert why("out") == "it is a link out of the project, to /etc/hostname"
    assert why("not/there") == why("../elsewhere") == why("/etc/hostname") == ""


def test_no_file_where_the_settings_take_no_code(tmp_path: Path) -> None:
    touch(tmp_path, "handler.py")
    (tmp_path / "fctui.toml").write_text("[bundle]\ncode = false\n")
    reason = why_not_taken(load_project(tmp_path), Path("out"), "handler.py")
    assert reason.startswith("[bundle] code = false")
