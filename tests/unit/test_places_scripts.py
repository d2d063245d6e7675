"""Scripts of a bundle whose interpreter is not there."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from fctui.bundle.manifest import Manifest, ManifestFile
from fctui.bundle.scripts import interpreter_of, script_findings
from fctui.model.finding import Finding, Kind, Remedy
from fctui.model.plan import Category
from fctui.model.target import Interpreter
from fctui.workflow.remedies import chosen_remedies
from tests.support.targets import debian

TARGET = debian(
    title="The target",
    provider="fc",
    python=Interpreter("3.11", "/usr/bin/python3"),
)
PROGRAMS = frozenset({"/usr/bin/sh", "/usr/bin/env"})


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        (b"#!/usr/bin/perl -w\nuse x;", "/usr/bin/perl"),
        (b"#! /bin/sh", "/bin/sh"),
        (b"#!/usr/bin/env node\n", "node"),
        (b"#!/usr/bin/env -S A=b perl -w\n", "perl"),
        (b"#!/usr/bin/env\n", "/usr/bin/env"),
        (b"#!\n", ""),
        (b"\x7fELF#!/bin/sh", ""),
        (b"", ""),
    ],
)
def test_what_a_first_line_names(start: bytes, expected: str) -> None:
    assert interpreter_of(start) == expected


def found(
    tmp_path: Path,
    texts: dict[str, str],
    *,
    manager: str = "apt",
    category: Category = Category.SYSTEM,
    environment: dict[str, str] | None = None,
) -> tuple[Finding, ...]:
    """The findings of a bundle of executables; a text that begins with > is a link."""
    files = []
    for path, text in texts.items():
        place = tmp_path / path
        place.parent.mkdir(parents=True, exist_ok=True)
        link = text[1:] if text.startswith(">") else ""
        if link:
            os.symlink(link, place)
        else:
            place.write_text(text)
        files.append(
            ManifestFile(
                path=path,
                size=len(text),
                mode=0o755,
                sha256="",
                category=Category.LINK if link else category,
                owner="owner",
                manager=manager,
                link=link,
                shared_library=False,
            )
        )
    manifest = Manifest(
        format=1,
        target="t",
        method="target",
        environment=environment or {},
        findings=(),
        unknown=(),
        files=tuple(files),
    )
    return script_findings(TARGET, tmp_path, manifest, PROGRAMS)


def test_what_the_target_has_is_no_finding(tmp_path: Path) -> None:
    texts = {
        "bin/a": "#!/bin/sh\n",
        "bin/b": "#!/usr/bin/python3\n",
        "bin/c": "#!/usr/bin/env python3\n",
        "share/not-a-program": "#!/usr/bin/perl\n",
    }
    assert found(tmp_path, texts) == ()


def test_scripts_of_one_missing_interpreter_make_one_finding_with_its_deb(tmp_path: Path) -> None:
    texts = {
        "usr/bin/a": "#!/usr/bin/perl\n",
        "usr/bin/b": ">../share/tool/b",
        "usr/share/tool/b": "#!/usr/bin/perl -w\n",
        "usr/bin/c": ">b",
        "usr/bin/d": ">gone",
    }
    (finding,) = found(tmp_path, texts)
    assert (finding.kind, finding.subject) == (Kind.WRONG_PLATFORM, "/usr/bin/perl")
    assert finding.files == ("usr/bin/a", "usr/share/tool/b")
    assert finding.remedies == (Remedy("apt", "perl-base"),)
    assert finding.needed_by == ("owner",)
    assert not finding.breaks
    assert chosen_remedies([finding]) == ()


def test_an_interpreter_elsewhere_in_the_bundle_is_told(tmp_path: Path) -> None:
    texts = {"usr/bin/perl": ">perl5", "usr/bin/perl5": "ELF", "bin/a": "#!/usr/bin/perl\n"}
    (finding,) = found(tmp_path, texts)
    assert "/code/usr/bin/perl" in finding.message
    assert finding.remedies == ()


def test_the_bundle_is_searched_at_the_path_that_it_has_on_the_target(tmp_path: Path) -> None:
    texts = {
        "usr/bin/perl": "ELF",
        "usr/bin/a": "#!/code/usr/bin/perl\n",
        "usr/bin/b": "#!/usr/bin/env perl\n",
        "bin/python": ">/usr/bin/python3",
        "bin/c": "#!/code/bin/python\n",
    }
    assert found(tmp_path, texts, environment={"PATH": "/code/usr/bin:/usr/bin"}) == ()
    (finding,) = found(tmp_path / "again", texts)
    assert finding.subject == "perl"


def test_a_console_script_of_pip_breaks_the_function(tmp_path: Path) -> None:
    texts = {"tools/run": "#!/opt/python\n"}
    (finding,) = found(tmp_path, texts, manager="pip", category=Category.SCRIPTS)
    assert finding.breaks
