"""The details of a package that has yet to be built."""

from __future__ import annotations

import errno
from pathlib import Path

import pytest

from fctui.model.package import Package, Resolution, Root
from fctui.store.materialize import unwritten
from fctui.tui.lines.package import Facts, package_lines


@pytest.mark.parametrize(
    ("sizes", "said"), [({}, "saves what is not known yet"), ({"crcmod": 2000}, "saves 2.0 K")]
)
def test_what_removing_saves_is_only_told_where_it_is_known(
    sizes: dict[str, int], said: str
) -> None:
    package = Package(id="crcmod", name="crcmod", version="1.7", manager="pip", requires=())
    roots = (Root("crcmod", "crcmod", "requirements.txt", 1),)
    resolution = Resolution(
        manager="pip", target="debian12", roots=roots, packages={package.id: package}
    )
    lines = package_lines(Facts(resolution, "crcmod", sizes), 60, {})
    text = "\n".join("".join(span.text for span in line.left) for line in lines)
    assert said in text


def test_a_place_that_cannot_be_written_says_what_to_do() -> None:
    error = unwritten(OSError(errno.EROFS, "Read-only file system", "/x/y"), Path("/x"))
    assert error.message == "/x/y cannot be written: Read-only file system."
    assert "-o" in error.hint
