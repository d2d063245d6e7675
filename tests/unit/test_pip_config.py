"""pip's configuration: places, sections, variables, and the same answer as pip's own."""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

from fctui.managers.pip.config import PipConfig, in_force, merged, options, read_config
from fctui.managers.pip.credentials import Credentials, masked
from fctui.managers.pip.uv_config import with_uv_configuration
from fctui.model.errors import UsageError
from fctui.store.access import bare


def home(tmp_path: Path, text: str, place: str = ".config/pip/pip.conf") -> dict[str, str]:
    path = tmp_path / place
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return {"HOME": str(tmp_path), "XDG_CONFIG_DIRS": str(tmp_path / "none")}


def test_sections_and_lists(tmp_path: Path) -> None:
    environ = home(
        tmp_path,
        "[global]\nindex-url = https://one.example.invalid/simple\ntimeout = 7\n"
        "extra-index-url =\n    https://two.example.invalid/simple\n"
        "    https://three.example.invalid/simple\n"
        "[install]\nfind_links = /a /b\npre = yes\nno-index = false\n",
    )
    config = read_config(environ)
    assert config.index_url == "https://one.example.invalid/simple"
    assert config.extra_index_urls == (
        "https://two.example.invalid/simple",
        "https://three.example.invalid/simple",
    )
    assert config.find_links == ("/a", "/b")
    assert config.timeout == 7
    assert config.pre
    assert not config.no_index


def test_the_command_wins_over_global_and_the_environment_over_both(tmp_path: Path) -> None:
    environ = home(
        tmp_path, "[install]\nindex-url = https://i/\n[global]\nindex-url = https://g/\n"
    )
    assert read_config(environ).index_url == "https://i/"
    environ["PIP_INDEX_URL"] = "https://e/"
    assert read_config(environ).index_url == "https://e/"
    environ["PIP_INDEX_URL"] = ""
    assert read_config(environ).index_url == "https://i/"


def test_a_named_file_replaces_the_users_own(tmp_path: Path) -> None:
    environ = home(tmp_path, "[global]\nindex-url = https://user/\nproxy = http://user/\n")
    named = tmp_path / "named.conf"
    named.write_text("[global]\nindex-url = https://named/\n", encoding="utf-8")
    environ["PIP_CONFIG_FILE"] = str(named)
    assert read_config(environ).index_url == "https://named/"
    assert read_config(environ).proxy == ""
    environ["PIP_CONFIG_FILE"] = os.devnull
    assert read_config(environ).index_url == ""


def test_a_malformed_file_is_named(tmp_path: Path) -> None:
    environ = home(tmp_path, "index-url = https://x/\n")
    with pytest.raises(UsageError, match=r"pip\.conf is malformed"):
        read_config(environ)


def test_the_same_as_pip_says(tmp_path: Path) -> None:
    """Against the real `pip config list`, with a legacy file, a user file and variables."""
    home(tmp_path, "[global]\nproxy = http://old.example.invalid\n", ".pip/pip.conf")
    environ = home(
        tmp_path,
        "[global]\nindex-url = https://one.example.invalid/simple\nTrusted_Host =\n    a\n    b\n"
        "[install]\nno-index = true\n[list]\nformat = json\n",
    )
    environ |= {"PIP_FIND_LINKS": "/x /y", "PIP_DEFAULT_TIMEOUT": "9", "PATH": os.environ["PATH"]}
    argv = [sys.executable, "-m", "pip", "config", "list"]
    said = subprocess.run(argv, env=environ, capture_output=True, check=True, text=True).stdout
    theirs = {}
    for line in said.splitlines():
        name, _, value = line.partition("=")
        theirs[name] = ast.literal_eval(value)
    assert theirs
    assert options(environ) == theirs


def test_options_of_files_add_to_lists_and_replace_values() -> None:
    config = PipConfig(index_url="https://a/", extra_index_urls=("https://b/",))
    over = merged(config, index_url="", extra_index_urls=("https://c/",), pre=True)
    assert over.index_url == "https://a/"
    assert over.extra_index_urls == ("https://b/", "https://c/")
    assert over.pre


def test_credentials_are_found_and_never_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "netrc"
    file.write_text("machine n.example.invalid login nina password se/cret\n", encoding="utf-8")
    file.chmod(0o600)
    monkeypatch.setenv("NETRC", str(file))
    known = Credentials(["https://u%40x:p%3Aq@h.example.invalid:8443/simple"])
    assert known.of("https://h.example.invalid:8443/files/a.whl") == ("u@x", "p:q")
    assert known.of("https://h.example.invalid/files/a.whl") is None
    assert known.of("https://n.example.invalid/x") == ("nina", "se/cret")
    assert known.complete("https://n.example.invalid/x") == (
        "https://nina:se%2Fcret@n.example.invalid/x"
    )
    assert known.header("https://other.example.invalid/") == {}
    shown = masked("uv lock --index https://u:p@h/simple https://h/plain")
    assert shown == "uv lock --index https://****@h/simple https://h/plain"
    assert bare("https://u:p@h:1/x?y#z") == "https://h:1/x?y#z"


def test_uvs_own_indexes_where_pip_names_none(tmp_path: Path) -> None:
    environ = home(
        tmp_path,
        'index-url = "https://old.example.invalid/simple"\n'
        'extra-index-url = ["https://two.example.invalid/simple"]\n'
        '[[index]]\nname = "main"\nurl = "https://one.example.invalid/simple"\ndefault = true\n'
        '[[index]]\nname = "torch"\nurl = "https://torch.example.invalid"\nexplicit = true\n',
        ".config/uv/uv.toml",
    )
    environ["UV_INDEX"] = "named=https://three.example.invalid/simple"
    found = with_uv_configuration(PipConfig(), environ)
    assert found.index_url == "https://one.example.invalid/simple"
    assert found.extra_index_urls == (
        "https://two.example.invalid/simple",
        "https://three.example.invalid/simple",
    )
    environ["UV_DEFAULT_INDEX"] = "https://env.example.invalid/simple?a=b"
    env = with_uv_configuration(PipConfig(), environ)
    assert env.index_url == "https://env.example.invalid/simple?a=b"
    pips = PipConfig(index_url="https://pip.example.invalid/simple")
    assert with_uv_configuration(pips, environ) == pips


@pytest.mark.parametrize(
    ("only", "no", "allowed"),
    [
        ((), (), (True, True)),
        ((":all:",), (), (True, False)),
        ((":all:",), ("A_b",), (False, True)),
        (("a-b",), (":all:",), (True, False)),
        ((), (":all:", ":none:"), (True, True)),
        ((), ("a.b", ":none:", "c"), (True, True)),
    ],
)
def test_formats_are_those_of_pips_own_rule(
    only: tuple[str, ...], no: tuple[str, ...], allowed: tuple[bool, bool]
) -> None:
    from pip._internal.models.format_control import FormatControl

    config = PipConfig(only_binary=only, no_binary=no)
    assert config.formats("a-b") == allowed
    control = FormatControl(set(in_force(no)), set(in_force(only)))
    theirs = control.get_allowed_formats("a-b")
    assert ("binary" in theirs, "source" in theirs) == allowed
