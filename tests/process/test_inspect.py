"""`fctui inspect` as it is typed: on bundles, on directories, with every way to look."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from fctui.cli.main import cli
from tests.support.catalogs import make_bundle, origin


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    return make_bundle(
        tmp_path / "bundle",
        {
            "numpy/core.py": b"x" * 3000,
            "numpy/copy.py": b"x" * 3000,
            "six/six.py": b"y" * 500,
            "numpy.libs/libq-0123abcd.so.0.0": b"1" * 90,
            "other.libs/libq-ffffffff.so.0.1": b"2" * 60,
        },
        [origin("numpy", "six", declared="requirements.txt:1"), origin("six")],
    )


def run(*args: str | Path) -> str:
    done = CliRunner().invoke(cli, ["inspect", *map(str, args)])
    assert done.exit_code == 0, done.output
    return done.output


def test_packages_with_what_goes_with_them(bundle: Path) -> None:
    lines = run(bundle).splitlines()
    numpy = next(line for line in lines if line.endswith(" numpy"))
    assert numpy.split() == ["6.0", "K", "6.5", "K", "2", "pip", "numpy"]
    assert any(line.endswith("files") for line in lines)


@pytest.mark.parametrize(
    ("by", "text"),
    [
        ("owner", "numpy"),
        ("manager", "pip"),
        ("category", "platlib"),
        ("type", "shared library"),
        ("directory", "numpy/"),
    ],
)
def test_sums_by_anything(bundle: Path, by: str, text: str) -> None:
    assert text in run(bundle, "--by", by)
    told = json.loads(run(bundle, "--by", by, "--json"))
    sums = told["directories" if by == "directory" else "groups"]
    assert sum(each["size"] for each in sums) == told["totals"]["size"]
    assert sum(each["files"] for each in sums) == told["totals"]["files"] == len(told["files"])


def test_json_of_packages_has_their_costs(bundle: Path) -> None:
    told = json.loads(run(bundle, "--by", "owner", "--json"))
    groups = {each["name"]: each for each in told["groups"]}
    assert groups["numpy"]["size"] == 6000
    assert groups["numpy"]["exclusive_size"] == 6500
    assert groups["numpy"]["declared"] == "requirements.txt:1"


def test_largest_and_duplicates(bundle: Path) -> None:
    assert "numpy/copy.py" in run(bundle, "--largest", "2")
    told = json.loads(run(bundle, "--largest", "2", "--duplicates", "--json"))
    assert [each["size"] for each in told["largest"]] == [3000, 3000]
    assert told["duplicates"]["wasted"] == 3000
    assert told["duplicates"]["identical"][0]["paths"] == ["numpy/copy.py", "numpy/core.py"]
    assert told["duplicates"]["libraries"][0]["name"] == "libq.so.0"
    assert "wasting 3.0 K" in run(bundle, "--duplicates")


def test_filtered(bundle: Path) -> None:
    told = json.loads(run(bundle, "--filter", "owner:six", "--json"))
    assert [each["path"] for each in told["files"]] == ["six/six.py"]
    assert told["totals"] == {"files": 1, "size": 500}


def test_differences(bundle: Path, tmp_path: Path) -> None:
    newer = make_bundle(
        tmp_path / "newer",
        {"numpy/core.py": b"x" * 4000, "six/six.py": b"y" * 500},
        [origin("numpy", "six", declared="requirements.txt:1", version="2"), origin("six")],
    )
    text = run(newer, "--diff", bundle)
    assert "numpy 1 → 2" in text
    assert "- numpy/copy.py" in text
    told = json.loads(run(newer, "--diff", bundle, "--json"))["difference"]
    assert {f["path"]: f["what"] for f in told["files"]}["numpy/core.py"] == "changed"
    assert told["after"] - told["before"] == sum(p["after"] - p["before"] for p in told["packages"])


def test_an_edited_bundle_says_so(bundle: Path) -> None:
    assert "edited" not in run(bundle)
    assert json.loads(run(bundle, "--json"))["edits"] == []
    (bundle / "hello.py").write_bytes(b"1" * 20)
    (bundle / "six" / "six.py").unlink()
    lines = run(bundle).splitlines()
    at = lines.index("edited since it was built: 1 file added, 1 removed (-480 B)")
    assert [line.split() for line in lines[at + 1 :]] == [
        ["-500", "B", "-", "six/six.py"],
        ["+20", "B", "+", "hello.py"],
    ]
    told = json.loads(run(bundle, "--json"))
    assert {(e["path"], e["what"], e["before"], e["after"]) for e in told["edits"]} == {
        ("hello.py", "added", None, 20),
        ("six/six.py", "removed", 500, None),
    }
    assert {file["path"] for file in told["files"]} >= {"hello.py"}
    disk = [path.lstat().st_size for path in bundle.rglob("*") if not path.is_dir()]
    assert told["totals"] == {"files": len(disk), "size": sum(disk)}
    built = json.loads(run(bundle, "--json", "--built"))
    assert built["edits"] is None
    assert "six/six.py" in {file["path"] for file in built["files"]}


def test_any_directory(tmp_path: Path) -> None:
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "\x1b[31mred").write_bytes(b"12345")
    told = json.loads(run(tmp_path / "a", "--json"))
    assert told["totals"] == {"files": 1, "size": 5}
    assert "\x1b" not in run(tmp_path / "a", "--largest", "1")
    assert "red" in run(tmp_path / "a", "--largest", "1")


def test_the_current_directory_has_to_be_a_bundle(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(cli, ["inspect"])
    assert "is not a bundle" in str(done.exception)
