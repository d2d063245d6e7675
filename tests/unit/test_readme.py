"""What the README says of keys, commands, settings and pictures is so."""

from __future__ import annotations

import re
import shlex
import tomllib
from pathlib import Path

import click
import pytest

from fctui.cli.main import COMMANDS, cli
from fctui.project.load_settings import load_settings
from fctui.tui.app import FctuiApp
from fctui.tui.screens.keys import KEYS

TOP = Path(__file__).parents[2]
README = (TOP / "README.md").read_text(encoding="utf-8")
SHOWN = {"slash": "/", "question_mark": "?", "asterisk": "*", "escape": "esc", "left": "←"}
OF_THE_LISTS = {"↑", "↓", "←", "→", "enter", "backspace", "ctrl+p"}
# Keys of Textual's own lists and palette, which our table does not bind.


def section(title: str) -> str:
    found = re.search(rf"^## {title}\n(.*?)(?=^## |\Z)", README, re.MULTILINE | re.DOTALL)
    assert found, title
    return found.group(1)


def table_keys() -> set[str]:
    rows = [line.split("|")[1] for line in section("Keys").splitlines() if line.startswith("| `")]
    return {key for row in rows for key in re.findall(r"`([^`]+)`", row)}


def bound() -> dict[str, list[str]]:
    """The keys of each binding, the first as people know it."""
    return {
        str(binding.id): [SHOWN.get(key, key) for key in binding.key.split(",")] for binding in KEYS
    }


def test_every_key_is_in_the_table() -> None:
    missing = {id_: keys for id_, keys in bound().items() if keys[0] not in table_keys()}
    assert not missing


def test_every_key_of_the_table_is_bound() -> None:
    ours = {key for keys in bound().values() for key in keys}
    assert table_keys() - OF_THE_LISTS <= ours


def test_the_palette_is_where_the_readme_says() -> None:
    assert FctuiApp.COMMAND_PALETTE_BINDING == "ctrl+p"


def commands() -> list[str]:
    lines = [line for block in re.findall(r"```sh\n(.*?)```", README, re.DOTALL)
             for line in block.splitlines()]  # fmt: skip
    return [line.partition(" #")[0].strip() for line in lines if line.startswith("fctui")]


@pytest.mark.parametrize("line", commands())
def test_every_command_of_the_readme_can_be_typed(line: str) -> None:
    args = shlex.split(line)[1:]
    if not args:
        return
    command = cli.get_command(click.Context(cli), args[0])
    assert command is not None, line
    with command.make_context(args[0], args[1:]):
        pass  # options and arguments were parsed


def test_every_command_is_in_the_readme() -> None:
    table = section("Thirty seconds")
    assert {name for name in COMMANDS if f"`{name}" not in table.replace("`fctui ", "`")} == set()


def test_its_settings_are_settings(tmp_path: Path) -> None:
    (block,) = re.findall(r"```toml\n(.*?)```", README, re.DOTALL)
    (tmp_path / "fctui.toml").write_text(block)
    (tmp_path / "requirements.txt").write_text("")
    settings, _ = load_settings(tmp_path)
    assert settings.pip.resolver == "uv"
    written = tomllib.loads(block)
    for table in ("pip", "apt", "npm", "bundle"):
        known = {name.replace("_", "-") for name in getattr(settings, table).__struct_fields__}
        assert known - set(written[table]) <= {"install-option", "extras", "sources"}, table


def test_its_links_and_pictures_are_there() -> None:
    links = re.findall(r"\]\(([^)#:]+)\)", README)
    assert links
    assert [link for link in links if not (TOP / link).exists()] == []


def test_make_has_what_it_tells() -> None:
    makefile = (TOP / "Makefile").read_text()
    for name in ("demo", "test"):
        assert f"make {name}" in section("Two commands")
        assert re.search(rf"^{name}:", makefile, re.MULTILINE)
