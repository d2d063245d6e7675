"""What rules leave out, and what stays because somebody needs it."""

from __future__ import annotations

import shutil
import subprocess
import threading
import time
from collections.abc import Mapping
from pathlib import Path

import pytest

from fctui.model.errors import UsageError
from fctui.model.globs import Globs
from fctui.model.plan import Category, Layout, Link, PlannedFile, ProjectFile, StoreFile
from fctui.pruning.evidence import gather, of_code
from fctui.pruning.match import matcher
from fctui.pruning.prune import Facts, prune
from fctui.pruning.rules import choice, rules
from fctui.pruning.strip import difference
from fctui.store.store import Store
from fctui.targets.load import load_target

DIGEST = "sha256:" + "5" * 64
DEFAULT = choice("default", ())


def elf(machine: int) -> bytes:
    head = bytearray(64)
    head[:7] = b"\x7fELF\x02\x01\x01"
    head[16:20] = (3).to_bytes(2, "little") + machine.to_bytes(2, "little")
    return bytes(head)


def planned(path: str, inside: str, size: int, owner: str = "one") -> PlannedFile:
    return PlannedFile(
        path=path,
        size=size,
        category=Category.PURELIB,
        owner=owner,
        manager="pip",
        source=StoreFile(DIGEST, inside),
    )


def left_of(
    tmp_path: Path,
    files: Mapping[str, str | bytes],
    *,
    manager: str = "pip",
    prefix: str = "",
    prune_: str | tuple[str, ...] = "default",
    keep: tuple[str, ...] = (),
    code: tuple[str, ...] = (),
    links: dict[str, str] | None = None,
) -> tuple[set[str], Layout]:
    """The paths, relative to the package, that stay of a package with these files."""
    store = Store(tmp_path / "store")
    tree = store.tree(DIGEST)
    for path, text in files.items():
        (tree / path).parent.mkdir(parents=True, exist_ok=True)
        (tree / path).write_bytes(text if isinstance(text, bytes) else text.encode())
    listing = store.place("listings", DIGEST)
    listing.parent.mkdir(parents=True, exist_ok=True)
    listing.touch()
    every = tuple(planned(f"{prefix}{path}", path, len(text)) for path, text in files.items())
    made = tuple(
        PlannedFile(path=path, size=len(to), category=Category.LINK, owner="one", manager=manager,
                    source=Link(to)) for path, to in (links or {}).items()
    )  # fmt: skip
    found = gather(store, manager, every, threading.Event())
    facts = Facts(found, code)
    target = load_target("debian12")
    pruned = prune(manager, Layout((*every, *made)), facts, target, choice(prune_, keep))
    return {file.path.removeprefix(prefix) for file in pruned.files}, pruned


def test_tests_go_and_what_is_left_out_is_told(tmp_path: Path) -> None:
    files = {"one/__init__.py": "x = 1", "one/tests/test_x.py": "import one", "one/LICENSE": "free"}
    left, pruned = left_of(tmp_path, files)
    assert left == {"one/__init__.py", "one/LICENSE"}
    (saving,) = pruned.savings
    assert (saving.rule, saving.files, saving.size) == ("tests", 1, len("import one"))
    assert len(saving.sha256) == 64


@pytest.mark.parametrize(
    "importing",
    [
        "from one.tests import run",
        "from .tests.runner import run",
        "from . import tests",
        "import one.tests.runner",
        "def f():\n    from one.tests import (\n        run,\n    )",
        "import importlib\nimportlib.import_module('one.tests.runner')",
    ],
)
def test_tests_that_a_module_imports_stay_as_a_whole(tmp_path: Path, importing: str) -> None:
    files = {
        "one/__init__.py": importing,
        "one/tests/__init__.py": "",
        "one/tests/runner.py": "run = 1",
        "one/tests/data.txt": "data",
        "two/tests/test_y.py": "from one.tests import runner",
    }
    left, _ = left_of(tmp_path, files)
    assert left == files.keys() - {"two/tests/test_y.py"}


def test_what_an_extension_module_names_stays(tmp_path: Path) -> None:
    compiled = elf(62) + b"\0one.tests.runner\0see two.testsuite\0"
    files = {"one/a.so": compiled, "one/tests/runner.py": b"", "two/tests/b.py": b""}
    left, _ = left_of(tmp_path, files)
    assert left == {"one/a.so", "one/tests/runner.py"}


@pytest.mark.parametrize(
    ("name", "hostile"),
    [
        ("a.py", b"from x (\n" * 100_000),
        ("a.py", b"import" + b" " * 1_000_000 + b"tests"),
        ("a.py", b"'" + b"a.tests" * 100_000),
        ("a.py", b"(" * 100_000 + b"\nimport tests"),
        ("a.py", b".md" * 300_000),
        ("a.js", b"import" + b" " * 1_000_000),
        ("a.js", b"require(" * 200_000),
        ("package.json", b'{"main":' * 100_000),
        ("package.json", b'{"exports":' + b"[" * 900 + b"]" * 900 + b"}"),
        ("a.so", b"\x7fELF\x02\x01\x01" + b".tests" * 200_000),
    ],
    ids=range(10),
)
def test_what_is_made_to_be_slow_is_read_in_time(tmp_path: Path, name: str, hostile: bytes) -> None:
    begun = time.process_time()
    left_of(tmp_path, {name: hostile, "one/tests/a.py": hostile})
    assert time.process_time() - begun < 5


def test_words_in_texts_and_comments_keep_nothing(tmp_path: Path) -> None:
    said = '"""See one.tests for more."""\n# from one.tests import x\nrun("tests")\nx = "a/tests"'
    left, _ = left_of(tmp_path, {"one/a.py": said, "one/tests/x.py": ""})
    assert left == {"one/a.py"}


def test_what_kept_tests_import_stays_too(tmp_path: Path) -> None:
    files = {
        "one/__init__.py": "from one.a.tests import shared",
        "one/a/tests/shared.py": "from one.b.tests.more import thing",
        "one/b/tests/more.py": "thing = 1",
        "one/c/tests/alone.py": "from one.b.tests import more",
    }
    left, _ = left_of(tmp_path, files)
    assert left == files.keys() - {"one/c/tests/alone.py"}


def test_what_the_function_imports_stays(tmp_path: Path) -> None:
    (tmp_path / "handler.py").write_text("from one.tests.sample import data\n")
    code = [
        PlannedFile(path="handler.py", size=35, category=Category.CODE, owner="p",
                    manager="project", source=ProjectFile("handler.py"))
    ]  # fmt: skip
    imported = of_code(str(tmp_path), code)
    left, _ = left_of(tmp_path, {"one/tests/sample.py": "data = 1"}, code=imported)
    assert left == {"one/tests/sample.py"}


def test_metadata_stays_whatever_is_asked(tmp_path: Path) -> None:
    files = {
        "one-1.dist-info/RECORD": "",
        "one-1.dist-info/entry_points.txt": "",
        "one-1.dist-info/docs/README.md": "",
        "one-1.dist-info/tests/x": "",
        "one.egg-info/tests/x": "",
    }
    left, _ = left_of(tmp_path, files, prune_=("all", "**/*"))
    assert left == files.keys()


def test_a_text_that_a_module_names_stays(tmp_path: Path) -> None:
    files = {"one/a.py": "open('README.md')", "one/README.md": "", "one/CHANGELOG.md": ""}
    left, _ = left_of(tmp_path, files)
    assert left == {"one/a.py", "one/README.md"}


def test_stubs_stay_where_they_are_read_at_run_time(tmp_path: Path) -> None:
    left, _ = left_of(tmp_path / "a", {"one/a.py": "", "one/a.pyi": ""})
    assert left == {"one/a.py"}
    lazy = "import lazy_loader\nlazy_loader.attach_stub(__name__, __file__)"
    left, _ = left_of(tmp_path / "b", {"one/__init__.py": lazy, "one/__init__.pyi": ""})
    assert left == {"one/__init__.py", "one/__init__.pyi"}


def test_keep_and_globs_of_ones_own(tmp_path: Path) -> None:
    files = {"one/tests/a.py": "", "one/big.bin": "", "one/docs/a.md": "", "one/tests/b.py": ""}
    asked = ("default", "one/*.bin")
    left, pruned = left_of(tmp_path, files, prune_=asked, keep=("docs", "**/tests/b.py"))
    assert left == {"one/docs/a.md", "one/tests/b.py"}
    assert [saving.rule for saving in pruned.savings] == ["project", "tests"]


def test_a_package_that_nobody_has_read_stays(tmp_path: Path) -> None:
    files = (planned("one/tests/a.py", "one/tests/a.py", 1),)
    layout = prune("pip", Layout(files), Facts({}), load_target("debian12"), DEFAULT)
    assert layout.files == files
    assert tmp_path.is_dir()


def test_npm_files_that_are_required_or_started_stay(tmp_path: Path) -> None:
    files = {
        "package.json": '{"main": "./docs/main.js", "bin": {"x": "examples/cli.js"},'
        '"types": "a.d.ts"}',
        "lib/a.js": "const u = require('../test/util'); require('two/test/x')",
        "test/util.js": "module.exports = require('./more')",
        "test/more.js": "",
        "docs/main.js": "",
        "docs/guide.md": "",
        "examples/cli.js": "",
        "benchmark/run.js": "",
        "a.d.ts": "",
        "a.js.map": "",
    }
    left, _ = left_of(tmp_path, files, manager="npm", prefix="node_modules/one/",
                      links={"node_modules/.bin/run": "../one/benchmark/run.js"})  # fmt: skip
    gone = {"docs/guide.md", "benchmark/run.js", "a.d.ts", "a.js.map"}
    assert left == files.keys() - gone


def test_deeper_directories_of_npm_are_code(tmp_path: Path) -> None:
    files = {"dist/test/a.js": "", "dist/doc/b.js": "", "node_modules/two/test/c.js": ""}
    left, _ = left_of(tmp_path, files, manager="npm", prefix="node_modules/one/")
    assert left == {"dist/test/a.js", "dist/doc/b.js"}


def test_binaries_of_other_systems_go_by_what_is_in_them(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "prebuilds/linux-x64/a.node": elf(62),
        "prebuilds/linux-arm64/a.node": elf(183),
        "prebuilds/win32-x64/a.node": b"MZ" + bytes(62),
        "prebuilds/darwin-x64/a.node": bytes.fromhex("cffaedfe") + bytes(60),
        "Main.class": bytes.fromhex("cafebabe00000034") + bytes(60),
    }
    left, _ = left_of(tmp_path, files, manager="npm", prefix="node_modules/one/")
    assert left == {"prebuilds/linux-x64/a.node", "Main.class"}


def test_every_rule_says_why_and_by_whom() -> None:
    names = [rule.name for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule.reason.endswith(".")
        assert rule.source
        parts = [part for m in ("pip", "apt", "npm", "maven") if (part := rule.part(m))]
        assert parts
        assert all(part.leave_out for part in parts) == (rule.how == "paths")


def test_a_rule_that_does_not_exist_is_named() -> None:
    with pytest.raises(UsageError, match="prune names 'test', which is no rule") as caught:
        choice(("test",), ())
    assert "tests" in caught.value.hint


def test_nothing_is_left_out_of_pip_unasked() -> None:
    rule_of = matcher("pip", choice((), ()))
    assert {rule_of(path) for path in ("a/tests/x.py", "a/b.pyi", "share/man/man1/a.1")} == {""}


@pytest.mark.parametrize(
    ("glob", "yes", "no"),
    [
        ("**/tests/**", "a/b/tests/c/d.py", "a/testsuite/x"),
        ("**/tests/**", "Tests/d.py", "tests"),
        ("**/*.pyi", "a/b.pyi", "a/b.pyi/c"),
        ("usr/share/man/**", "usr/share/man/man1/a", "a/usr/share/man/x"),
        ("**/x/[!@.]*/t/**", "x/a/t/b", "x/@a/t/b"),
        ("usr/share/doc/*/copyright", "usr/share/doc/a/copyright", "usr/share/doc/a/b/copyright"),
    ],
)
def test_globs(glob: str, yes: str, no: str) -> None:
    assert Globs([glob])(yes)
    assert not Globs([glob])(no)


@pytest.mark.skipif(not (shutil.which("cc") and shutil.which("strip")), reason="no cc or strip")
def test_only_a_copy_that_loads_the_same_counts(tmp_path: Path) -> None:
    source = tmp_path / "a.c"
    source.write_text("static int hidden(void) { return 7; } int shown(void) { return hidden(); }")
    made, copy = tmp_path / "a.so", tmp_path / "b.so"
    subprocess.run(["cc", "-g", "-shared", "-fPIC", "-o", made, source], check=True)
    subprocess.run(["strip", "--strip-unneeded", "-o", copy, made], check=True)
    assert copy.stat().st_size < made.stat().st_size
    assert difference(made, copy) == ""
    data = bytearray(copy.read_bytes())
    data[0x400] ^= 1
    copy.write_bytes(data)
    assert difference(made, copy) == "what is loaded would change"
    copy.write_bytes(made.read_bytes()[:100])
    assert difference(made, copy)
