"""Lists of Debian packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.project.apt_file import parse_apt_package, read_apt_file


def test_list(tmp_path: Path) -> None:
    path = tmp_path / "apt.txt"
    path.write_text("\ufeff# graphics\r\nlibgl1\r\n\r\n  libx11-6:amd64   g++ # both\r\n")
    assert [(p.text, p.line) for p in read_apt_file(path)] == [
        ("libgl1", 2),
        ("libx11-6:amd64", 4),
        ("g++", 4),
    ]


@pytest.mark.parametrize(
    ("text", "name", "arch", "version", "suite"),
    [
        ("libstdc++6", "libstdc++6", "", "", ""),
        ("0ad", "0ad", "", "", ""),
        ("libc6:i386", "libc6", "i386", "", ""),
        ("curl=7.88.1-10+deb12u5", "curl", "", "7.88.1-10+deb12u5", ""),
        ("vim=2:9.0.1378-2", "vim", "", "2:9.0.1378-2", ""),
        ("libc6:amd64=2.36-9~x", "libc6", "amd64", "2.36-9~x", ""),
        ("curl/bookworm-backports", "curl", "", "", "bookworm-backports"),
    ],
)
def test_forms(text: str, name: str, arch: str, version: str, suite: str) -> None:
    made = parse_apt_package(text)
    assert (made.name, made.arch, made.version, made.suite) == (name, arch, version, suite)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("LibGL", "'LibGL' is not the name of a Debian package"),
        ("x", "'x' is not the name"),
        ("-o", "'-o' is not the name"),
        ("lib_x", "'lib_x' is not the name"),
        ("a[/b]", r"'a\[/b\]' is not the name"),
        ("ab=", "'ab=' is not the name"),
        ("ab;rm", "'ab;rm' is not the name"),
        ("ok\x1b[31m", r"'ok\\x1b\[31m' is not the name"),
        ("ab\u202ecd", r"'ab\\u202ecd' is not the name"),
        (":repo:deb http://example.invalid x main", "':repo:deb http.* not supported"),
        ("https://example.invalid/x.deb", "not in a repository are not supported"),
        ("./x.deb", "not in a repository are not supported"),
    ],
)
def test_wrong_lines_are_named_safely(tmp_path: Path, line: str, message: str) -> None:
    path = tmp_path / "Aptfile"
    path.write_text(f"libgl1\n\n{line}\n")
    with pytest.raises(UsageError, match=message) as caught:
        read_apt_file(path)
    assert f"{path}:3: " in caught.value.message
    assert caught.value.message.isprintable()
    assert caught.value.hint


def test_unreadable(tmp_path: Path) -> None:
    path = tmp_path / "apt.txt"
    path.write_bytes(b"lib\xff")
    with pytest.raises(UsageError, match="not UTF-8"):
        read_apt_file(path)
    with pytest.raises(UsageError, match="cannot be read"):
        read_apt_file(tmp_path / "gone")
