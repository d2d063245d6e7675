"""Changing settings: comments stay, tables come and go, the result is read back."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.project.edit import add
from fctui.project.edit_settings import set_install_option, set_method
from fctui.project.project import Project, load_project
from fctui.project.settings import InstallOption


def project(root: Path, name: str, text: str) -> Project:
    (root / "requirements.txt").write_text("one\n")
    (root / name).write_bytes(text.encode())
    return load_project(root)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("fctui.toml", '# ours\ntarget = "debian12"  # new\n[pip]\nmethod = "user"  # why\n'),
        ("fctui.toml", 'pip = {method = "user", install-option = {lib = "a"}}\n'),
        ("fctui.toml", '# ours\r\ntarget = "debian12"\r\n'),
        ("fctui.toml", '[pip.install-option]\nlib = "a"  # theirs\nscripts = "b"\n'),
        ("fctui.toml", ""),
        ("pyproject.toml", '[project]\nname = "x"\n[tool.fctui]\n[tool.other]\na = 1\n'),
        ("pyproject.toml", '[tool.fctui.pip]\nresolver = "uv"  # fast\n[tool.other]\na = 1\n'),
        ("other.txt", "no settings at all\n"),
    ],
)
def test_what_is_written_is_what_is_read(tmp_path: Path, name: str, text: str) -> None:
    before = project(tmp_path, name, text)
    method = set_method(before, "virtualenv")
    method.apply()
    assert load_project(tmp_path).settings.pip.method == "virtualenv"
    given = InstallOption(purelib="python", platlib="python", scripts="bin")
    option = set_install_option(load_project(tmp_path), given)
    option.apply()
    read = load_project(tmp_path)
    assert read.settings.pip.install_option == given
    written = (read.settings_file or Path()).read_bytes().decode()
    comments = [part.partition("\n")[0].strip() for part in text.split("#")[1:]]
    assert all(comment in written for comment in comments if comment != "theirs")
    assert ("\r\n" in written) == ("\r\n" in text)
    nothing = set_install_option(read, InstallOption())
    nothing.apply()
    assert load_project(tmp_path).settings.pip.install_option == InstallOption()
    assert "install-option" not in nothing.after.decode()
    for edit in (nothing, option, method):
        edit.undo()
    assert not (tmp_path / name).exists() or (tmp_path / name).read_bytes() == text.encode()


def test_a_comment_on_a_key_that_stays_is_kept(tmp_path: Path) -> None:
    found = project(tmp_path, "fctui.toml", '[pip.install-option]\nlib = "a"  # theirs\n')
    edit = set_install_option(found, InstallOption(lib="b"))
    assert edit.after == b'[pip.install-option]\nlib = "b"  # theirs\n'


def test_a_directory_outside_of_the_bundle_is_refused(tmp_path: Path) -> None:
    found = project(tmp_path, "fctui.toml", "")
    with pytest.raises(UsageError, match=r"scripts: '\.\./bin' does not lie in the bundle"):
        set_install_option(found, InstallOption(scripts="../bin"))
    with pytest.raises(UsageError, match="no method"):
        set_method(found, "egg")


def test_a_link_is_added_to_those_that_are_there(tmp_path: Path) -> None:
    settings = tmp_path / "fctui.toml"
    settings.write_text('# ours\n[bundle]\nlinks = ["native/liba.so.1"]  # first\n')
    add(load_project(tmp_path), "bundle", "native/libb.so.2").apply()
    assert load_project(tmp_path).settings.bundle.links == ("native/liba.so.1", "native/libb.so.2")
    assert settings.read_text().startswith("# ours\n[bundle]\n")
    with pytest.raises(UsageError, match=r"has native/libb\.so\.2 already"):
        add(load_project(tmp_path), "bundle", "native/libb.so.2")
