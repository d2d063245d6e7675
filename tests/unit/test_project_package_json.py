"""Reading package.json with the lines of what it declares."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.project.package_json import parse_package_json, read_package_json

TEXT = """{
  "name": "thumb",
  "dependencies": {
    "sharp": "^0.34",
    "express": "*"
  },
  "optionalDependencies": { "fsevents": "2",
    "express": "4" },
  "files": [1, {"dependencies": {}}],
  "devDependencies": {"jest": "29"}
}
"""


def test_requirements_with_lines(tmp_path: Path) -> None:
    path = tmp_path / "package.json"
    path.write_text("\ufeff" + TEXT)
    file = read_package_json(path)
    assert file.name == "thumb"
    assert [(r.name, r.spec, r.section, r.line) for r in file.requirements()] == [
        ("sharp", "^0.34", "dependencies", 4),
        ("fsevents", "2", "optionalDependencies", 7),
        ("express", "4", "optionalDependencies", 8),
        ("jest", "29", "devDependencies", 10),
    ]


def test_offsets_are_those_of_the_text() -> None:
    text = '{ "a\\"b": [1,\n{"x": "}"}] , "dependencies" : {"ü": "\\u0031"} }'
    file = parse_package_json(text, Path("package.json"))
    first, second = file.members
    assert text[first.start : first.end] == '[1,\n{"x": "}"}]'
    assert text[second.start : second.end] == '{"ü": "\\u0031"}'
    assert file.section("dependencies") == {"ü": "1"}


def test_the_last_of_equal_keys_counts() -> None:
    file = parse_package_json('{"name": "a", "name": "b"}', Path("package.json"))
    assert file.name == "b"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('{\n  "a": 1,\n}', r"package.json:3:1: not valid JSON|package.json:2:9: not valid JSON"),
        ('{\n // c\n"a": 1}', r"package.json:2:2: not valid JSON"),
        ("", r"package.json:1:1: not valid JSON"),
        ("[]", r"package.json:1:1: not a JSON object"),
        ('{\n"dependencies": ["a"]}', r"package.json:2: 'dependencies' is not an object"),
        ('{"dependencies": {\n"a": 1}}', r"package.json:2: the version of 'a' is not a string"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_malformed(text: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        parse_package_json(text, Path("package.json"))


def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "package.json"
    path.write_bytes(b'{"a": "\xff"}')
    with pytest.raises(UsageError, match="not UTF-8"):
        read_package_json(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_package_json(tmp_path / "gone.json")
