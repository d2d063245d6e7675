"""Reading and overriding settings; every mistake is named with its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.project.load_settings import load_settings
from fctui.project.settings import Settings, override


def test_defaults_without_a_file(tmp_path: Path) -> None:
    assert load_settings(tmp_path) == (Settings(), None)


def test_own_file_and_shared_file_say_the_same(tmp_path: Path) -> None:
    text = """target = ["debian12", "fc-python3.10"]
[{0}pip]
method = "install-option"
resolver = "pip"
[{0}pip.install-option]
lib = "python"
[{0}apt]
recommends = true
[{0}npm]
allow-scripts = ["sharp"]
[{0}bundle]
exclude = ["*.md"]
"""
    own, shared = tmp_path / "own", tmp_path / "shared"
    for root in (own, shared):
        root.mkdir()
    (own / "fctui.toml").write_text("\ufeff" + text.format(""))
    (shared / "pyproject.toml").write_text("[tool.fctui]\n" + text.format("tool.fctui."))
    settings, path = load_settings(own)
    assert path == own / "fctui.toml"
    assert load_settings(shared) == (settings, shared / "pyproject.toml")
    assert settings.target == ("debian12", "fc-python3.10")
    assert settings.pip.install_option.lib == "python"
    assert settings.npm.allow_scripts == ("sharp",)


def test_settings_in_two_places(tmp_path: Path) -> None:
    (tmp_path / "fctui.toml").write_text("")
    (tmp_path / "pyproject.toml").write_text("[tool.fctui]")
    with pytest.raises(UsageError, match=r"both in fctui\.toml"):
        load_settings(tmp_path)


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ('target="x"\n[pip]\nmetod = "target"', ":3: unknown setting 'pip.metod'", "'method'"),
        ("[bundel]", ":1: unknown setting 'bundel'", "'bundle'"),
        ("\nzzz = 1", ":2: unknown setting 'zzz'", "Known here: target, pip"),
        (
            "[pip.install-option]\n\nlibs = ''",
            ":3: unknown setting 'pip.install-option.libs'",
            "lib",
        ),
        ('pip.methd = "x"', ":1: unknown setting 'pip.methd'", "method"),
        ('pip = { methd = "x" }', ":1: unknown setting 'pip.methd'", "method"),
        ('[pip]\nmethod = "targt"', ":2: pip.method cannot be 'targt'", "'target'"),
        ("[apt]\nrecommends = 'yes'", ":2: apt.recommends: this has to be true or false", ""),
        ("[apt]\npackages = [\n1]", ":2: apt.packages: every item has to be a string", ""),
        ("target = 3", ":1: target: this has to be a string or a list, not an integer", ""),
        ("target = []", ":1: target: no target is named", "fctui targets"),
        ("[pip\n\n", ":1:5: not valid TOML", ""),
        ("a = 1\na = 2", ":2: not valid TOML: Cannot overwrite", ""),
        ('[bundle]\noutput = "./"', ":2: bundle.output: './' would replace", "build/bundle"),
        (
            '[pip]\nrequirements = [\n"a.txt",\n"../b.txt"]',
            ":4: pip.requirements: '../b.txt'",
            "-r",
        ),
        ('[pip.install-option]\nlib = "/usr"', ":2: pip.install-option.lib: '/usr'", "python"),
    ],
)
def test_mistakes(tmp_path: Path, text: str, message: str, hint: str) -> None:
    (tmp_path / "fctui.toml").write_text(text)
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path)
    assert f"fctui.toml{message}" in caught.value.message
    assert hint in caught.value.hint


def test_mistake_in_the_shared_file_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "pyproject.toml").write_text(
        '[project]\nname = "x"\n[tool.other]\nmethod = 1\n[tool.fctui.pip]\nmethod = 1\n'
    )
    with pytest.raises(UsageError, match=r"pyproject.toml:6: pip.method: this has to be a string"):
        load_settings(tmp_path)


def test_key_with_escape_codes_is_shown_safely(tmp_path: Path) -> None:
    (tmp_path / "fctui.toml").write_text('"\\u001b[31m" = 1')
    with pytest.raises(UsageError) as caught:
        load_settings(tmp_path)
    assert "\x1b" not in caught.value.message


def test_not_utf8(tmp_path: Path) -> None:
    (tmp_path / "fctui.toml").write_bytes(b"# \xe9\n")
    with pytest.raises(UsageError, match="not UTF-8"):
        load_settings(tmp_path)


def test_override() -> None:
    changed = override(Settings(), target="debian11", method="user", resolver="pip")
    assert (changed.target, changed.pip.method, changed.pip.resolver) == ("debian11", "user", "pip")
    assert override(Settings()) == Settings()
    with pytest.raises(UsageError, match="no method 'x'"):
        override(Settings(), method="x")
    with pytest.raises(UsageError, match="no resolver 'x'"):
        override(Settings(), resolver="x")
