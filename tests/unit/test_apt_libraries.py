"""Which deb brings a library, from the archive's Contents lists."""

from __future__ import annotations

from pathlib import Path

from fctui.managers.apt.libraries import Libraries, shared_objects
from fctui.native.system import default_directories

CONTENTS = b"""\
bin/busybox                                             utils/busybox
usr/lib/primus/libGL.so.1                               contrib/libs/primus-libs
usr/lib/x86_64-linux-gnu/libGL.so.1                     libs/libgl1
usr/lib/x86_64-linux-gnu/libmagic.so                    libdevel/libmagic-dev
usr/lib/x86_64-linux-gnu/libmagic.so.1                  libs/libmagic1
usr/lib/x86_64-linux-gnu/libmagic.so.1.0.0              libs/libmagic1
usr/lib/x86_64-linux-gnu/blas/libblas.so.3              libs/libblas3
usr/lib/x86_64-linux-gnu/atlas/libblas.so.3             math/libatlas3-base
usr/lib/debug/.dwz/dbg/libx.so.1                        debug/libx-dbg
lib/x86_64-linux-gnu/libtwo.so.1                        libs/libtwo1,libs/libtwo1-alternative
"""


def owners(tmp_path: Path, name: str) -> list[tuple[str, bool]]:
    table = Libraries(tmp_path / "libraries", whole=True)
    table.write(shared_objects(CONTENTS))
    found = table.owners([name], default_directories("x86_64-linux-gnu"))
    return [(owner.package, owner.public) for owner in found[name]]


def test_where_every_loader_looks_comes_first(tmp_path: Path) -> None:
    assert owners(tmp_path, "libGL.so.1") == [("libgl1", True), ("primus-libs", False)]


def test_a_name_without_a_version_means_the_runtime_library(tmp_path: Path) -> None:
    assert owners(tmp_path, "libmagic.so") == [("libmagic1", True)]


def test_in_subdirectories_the_package_of_that_name_is_first(tmp_path: Path) -> None:
    assert [name for name, _ in owners(tmp_path, "libblas.so.3")] == ["libblas3", "libatlas3-base"]


def test_files_of_several_packages_and_none(tmp_path: Path) -> None:
    assert [name for name, _ in owners(tmp_path, "libtwo.so.1")] == [
        "libtwo1",
        "libtwo1-alternative",
    ]
    assert owners(tmp_path, "libx.so.1") == []
    assert owners(tmp_path, "busybox") == []
