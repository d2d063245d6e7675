"""Requirement files, held against pip's own reader by pip-api."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from packaging.utils import canonicalize_name

from fctui.model.errors import UsageError
from fctui.project.requirements import parse_requirement, read_requirements

REALISTIC = """\
# -*- coding: utf-8 -*-
--index-url https://example.invalid/simple
-i https://example.invalid/other   # the last one wins
--extra-index-url=https://example.invalid/extra
--trusted-host example.invalid
--pre --prefer-binary

requests[security,socks] >= 2.8.1, == 2.* ; python_version > "2.7"   # why
Flask_Login==0.6.3 \\
    --hash=sha256:{a} \\
    --hash=sha256:{b}
zope.interface>=5 ; \\
  python_version >= "3"
urllib3 @ https://example.invalid/urllib3-1.26.8.zip#sha256={a}
numpy#notacomment
""".format(a="a" * 64, b="b" * 64)


SEMICOLON = "https://example.invalid/a;b=1/p-1.0.tar.gz"


def names(path: Path) -> list[str]:
    return [requirement.name for requirement in read_requirements([path]).requirements]


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_realistic_file(tmp_path: Path) -> None:
    text = REALISTIC.replace("numpy#notacomment", "numpy # a comment")
    read = read_requirements([written(tmp_path / "requirements.txt", text)])
    assert [(r.name, r.line) for r in read.requirements] == [
        ("requests", 8),
        ("flask-login", 9),
        ("zope-interface", 12),
        ("urllib3", 14),
        ("numpy", 15),
    ]
    requests, flask, zope, urllib3, _ = read.requirements
    assert requests.extras == ("security", "socks")
    assert requests.marker == 'python_version > "2.7"'
    assert flask.hashes == (f"sha256:{'a' * 64}", f"sha256:{'b' * 64}")
    assert flask.text == "Flask_Login==0.6.3"
    assert zope.marker == 'python_version >= "3"'
    assert urllib3.url.startswith("https://example.invalid/urllib3-1.26.8.zip")
    assert read.option("--index-url") == (
        "https://example.invalid/simple",
        "https://example.invalid/other",
    )
    assert read.option("--extra-index-url") == ("https://example.invalid/extra",)
    assert read.option("--pre") == read.option("--prefer-binary") == ("",)


def test_as_pip_reads_it(tmp_path: Path) -> None:
    """Names, specifiers, extras, markers and lines equal those of pip's own reader."""
    from pip_api._parse_requirements import Requirement, parse_requirements

    lines = [line for line in REALISTIC.splitlines() if "@" not in line and "#not" not in line]
    path = written(tmp_path / "requirements.txt", "\n".join([*lines, "-r sub/more.txt"]))
    written(tmp_path / "sub/more.txt", "six<2\n-r ../last.txt\n")
    written(tmp_path / "last.txt", "attrs ~= 23.1 ; sys_platform == 'linux'\n\\\nidna\\\n>=3\n")
    theirs = parse_requirements(path)
    ours = {r.name: r for r in read_requirements([path]).requirements}
    for name, their in theirs.items():
        assert isinstance(their, Requirement)
        mine = ours.pop(canonicalize_name(name))
        assert mine.specifier == str(their.specifier)
        assert set(mine.extras) == set(their.extras)
        assert mine.marker == str(their.marker or "")
    assert ours == {}


@pytest.mark.parametrize(
    ("text", "name", "url", "marker"),
    [
        ("./downloads/numpy-1.9.2-cp34-none-win32.whl", "numpy", "", ""),
        ("thing-1.0.tar.gz", "thing", "", ""),
        (".", "", "", ""),
        (".[dev]", "", ".", ""),
        ('../x ; python_version<"3.12"', "", "../x", 'python_version<"3.12"'),
        ("libs/foo", "", "", ""),
        ("git+https://example.invalid/r.git@main#egg=Foo_Bar", "foo-bar", "", ""),
        (f"{SEMICOLON} ; os_name=='nt'", "p", SEMICOLON, "os_name=='nt'"),
        ("requests@https://example.invalid/x.whl", "requests", "https://example.invalid/x.whl", ""),
        ("foo @ file:./x", "foo", "file:./x", ""),
    ],
)
def test_places(text: str, name: str, url: str, marker: str) -> None:
    made = parse_requirement(text, Path("r.txt"), 1)
    assert (made.name, made.url, made.marker, made.text) == (name, url or text, marker, text)


def test_included_files_are_relative_to_the_one_that_names_them(tmp_path: Path) -> None:
    main = written(tmp_path / "requirements.txt", "-r deep/a.txt\n-c limits.txt\nlast")
    written(tmp_path / "deep/a.txt", "first\n-r ../b.txt\n-f wheels\n-f https://example.invalid/x")
    written(tmp_path / "b.txt", "second")
    written(tmp_path / "limits.txt", "first<3\n-c more-limits.txt")
    written(tmp_path / "more-limits.txt", "second<3")
    (tmp_path / "deep/wheels").mkdir()
    read = read_requirements([main])
    assert [r.name for r in read.requirements] == ["first", "second", "last"]
    assert [r.text for r in read.constraints] == ["first<3", "second<3"]
    assert read.requirements[1].source == tmp_path / "b.txt"
    assert read.option("--find-links") == (
        str(tmp_path / "deep/wheels"),
        "https://example.invalid/x",
    )
    assert [path.name for path in read.files] == [
        "requirements.txt",
        "a.txt",
        "b.txt",
        "limits.txt",
        "more-limits.txt",
    ]


def test_a_file_may_be_requirement_and_constraint(tmp_path: Path) -> None:
    main = written(tmp_path / "requirements.txt", "-c base.txt\n-r base.txt\n-r base.txt")
    written(tmp_path / "base.txt", "a==1")
    read = read_requirements([main])
    assert [r.name for r in read.requirements] == ["a"]
    assert [r.name for r in read.constraints] == ["a"]


def test_editables(tmp_path: Path) -> None:
    main = written(
        tmp_path / "requirements.txt",
        "-e src\n--editable ./lib[web]\n-e git+https://example.invalid/r.git#egg=thing\n",
    )
    read = read_requirements([main]).requirements
    assert [(r.name, r.url, r.extras) for r in read] == [
        ("", "./src", ()),
        ("", "./lib", ("web",)),
        ("thing", "git+https://example.invalid/r.git#egg=thing", ()),
    ]
    assert all(r.editable for r in read)


def test_environment_variables(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOKEN", "secret")
    monkeypatch.setenv("EMPTY", "")
    monkeypatch.delenv("UNSET", raising=False)
    text = "-i https://${TOKEN}:${EMPTY}:${UNSET}:$TOKEN:${token}@example.invalid/"
    read = read_requirements([written(tmp_path / "r.txt", text)])
    assert read.option("--index-url") == (
        "https://secret:${EMPTY}:${UNSET}:$TOKEN:${token}@example.invalid/",
    )


@pytest.mark.parametrize(
    ("mark", "encoding"),
    [
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF16_LE, "utf-16-le"),
        (codecs.BOM_UTF16_BE, "utf-16-be"),
        (codecs.BOM_UTF32_LE, "utf-32-le"),
        (b"# coding: latin-1\n", "latin-1"),
        (b"\n# vim: set fileencoding=cp1252 :\n", "cp1252"),
    ],
)
def test_encodings(tmp_path: Path, mark: bytes, encoding: str) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(mark + "requests  # für später\n".encode(encoding))
    assert names(path) == ["requests"]


@pytest.mark.parametrize("data", [b"a # f\xfcr\n", b"# coding: no-such-thing\na"])
def test_unreadable_encoding(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "r.txt"
    path.write_bytes(data)
    with pytest.raises(UsageError, match="not in an encoding that pip reads"):
        read_requirements([path])


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("a b", "'a b' is not a requirement"),
        ("a[/b]", r"'a\[/b\]' is not a requirement"),
        ("foo==", "'foo==' is not a requirement"),
        ("\x1b[31mfoo", "'\\\\x1b"),
        ("--what", "'--what' is not an option of a requirements file"),
        ("-x", "'-x' is not an option"),
        ("-r", "--requirement needs a value"),
        ("-r gone.txt", "gone.txt cannot be read: No such file"),
        ("-r https://example.invalid/r.txt", "read from this machine only"),
        ("-i 'x", "cannot be split into options"),
        ("foo==1 --hash=md5:00", "--hash 'md5:00' is not ALGORITHM:HEX"),
        ("foo==1 --hash", "--hash needs a value"),
        ("-r r.txt", "include one another: r.txt → r.txt"),
        ("--pre extra", "'extra' does not belong behind an option"),
    ],
)
def test_wrong_lines_are_named(tmp_path: Path, line: str, message: str) -> None:
    path = written(tmp_path / "r.txt", f"good\n\n{line}\n")
    with pytest.raises(UsageError, match=message) as caught:
        read_requirements([path])
    assert f"{path}:3: " in caught.value.message
    assert "\x1b" not in caught.value.message


def test_circle_over_several_files(tmp_path: Path) -> None:
    main = written(tmp_path / "a.txt", "-r b.txt")
    written(tmp_path / "b.txt", "-r a.txt")
    with pytest.raises(UsageError, match=r"b.txt:1: .*a.txt → b.txt → a.txt"):
        read_requirements([main])
