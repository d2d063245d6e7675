"""Which deb brings a library, of an archive that tells, of one that does not, and of one whose list
is not the one that it promises.
"""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Literal, cast

import pytest

from fctui.managers.apt.owners import owners_of
from fctui.model.errors import TaskError
from fctui.project.settings import AptSettings
from fctui.store.store import Store
from tests.support.apt_project import apt_context
from tests.support.debs import Deb
from tests.support.suite import SUITE, Signer, served, signer, sources, write_archive

Resolver = Literal["apt", "own"]

pytestmark = pytest.mark.skipif(
    not (shutil.which("apt-get") and shutil.which("gpg")), reason="needs apt-get and gpg"
)

LIB = "usr/lib/x86_64-linux-gnu"
DEBS = (
    Deb("base", arch="amd64", fields={"Essential": "yes", "Priority": "required"}),
    Deb("libplain1", arch="amd64", files={f"{LIB}/libplain.so.1": b"plain"}),
    Deb(
        "libdotted2.0-0t64",
        arch="amd64",
        fields={"Provides": "libdotted2.0-0"},
        files={f"{LIB}/libdotted-2.0.so.0": b"dotted"},
    ),
    Deb("libempty3", arch="amd64", files={f"{LIB}/other": b"not it"}),
    Deb("odd-name", arch="amd64", files={f"{LIB}/libodd.so.4": b"odd"}),
)
CONTENTS = f"{LIB}/libodd.so.4    libs/odd-name\n{LIB}/libplain.so.1   libs/libplain1\n".encode()
SONAMES = ("libplain.so.1", "libdotted-2.0.so.0", "libempty.so.3", "libodd.so.4")


@pytest.fixture(scope="module")
def key() -> Iterator[Signer]:
    with signer() as made:
        yield made


@pytest.fixture(params=["apt", "own"])
def resolver(request: pytest.FixtureRequest) -> Resolver:
    """Lists that apt loads, and that we do."""
    return cast("Resolver", request.param)


@pytest.fixture
def archive(tmp_path: Path, key: Signer) -> Iterator[Path]:
    root = tmp_path / "archive"
    write_archive(root, DEBS, signer=key, contents=CONTENTS)
    with served(root) as uri:
        (tmp_path / "test.sources").write_text(sources(uri, key.keyring))
        yield root


def owners(tmp_path: Path, resolver: Resolver, *, offline: bool = False) -> dict[str, list[str]]:
    apt = AptSettings(sources=(str(tmp_path / "test.sources"),), resolver=resolver)
    context = apt_context(
        tmp_path / "p", "base\n", store=Store(tmp_path / "store"), apt=apt, offline=offline
    )
    found = asyncio.run(owners_of(context, SONAMES))
    return {soname: [owner.package for owner in each] for soname, each in found.items()}


def write_list(archive: Path, data: bytes) -> None:
    """Beside its Release file, which a mirror in the middle of an update does not match."""
    (archive / "dists" / SUITE / "main/Contents-amd64").write_bytes(data)


def age(tmp_path: Path, name: str) -> None:
    """Make the table so old that it is loaded again."""
    for table in (tmp_path / "store/apt").glob(f"*/{name}"):
        os.utime(table, (0, 0))


def test_the_archive_tells(tmp_path: Path, archive: Path, resolver: Resolver) -> None:
    found = owners(tmp_path, resolver)
    assert found["libodd.so.4"] == ["odd-name"]
    assert found["libplain.so.1"] == ["libplain1"]
    assert found["libdotted-2.0.so.0"] == []  # its list does not have it, and is believed


def test_where_its_list_is_another_than_promised_the_debs_themselves_tell(
    tmp_path: Path, archive: Path, resolver: Resolver
) -> None:
    write_list(archive, CONTENTS + CONTENTS)
    expected = {
        "libplain.so.1": ["libplain1"],
        "libdotted-2.0.so.0": ["libdotted2.0-0t64"],
        "libempty.so.3": [],  # a package of that name has no such file
        "libodd.so.4": [],  # no rule leads to it
    }
    assert owners(tmp_path, resolver) == expected
    assert owners(tmp_path, resolver, offline=True) == expected
    write_list(archive, CONTENTS)
    age(tmp_path, "libraries-1.part")
    assert owners(tmp_path, resolver)["libodd.so.4"] == ["odd-name"]


def test_an_archive_without_lists_of_files(tmp_path: Path, key: Signer, resolver: Resolver) -> None:
    root = tmp_path / "archive"
    write_archive(root, DEBS, signer=key)
    with served(root) as uri:
        (tmp_path / "test.sources").write_text(sources(uri, key.keyring))
        assert owners(tmp_path, resolver)["libplain.so.1"] == ["libplain1"]


def test_the_list_of_the_last_time_is_better_than_none(
    tmp_path: Path, archive: Path, resolver: Resolver
) -> None:
    assert owners(tmp_path, resolver)["libodd.so.4"] == ["odd-name"]
    write_list(archive, CONTENTS + CONTENTS)
    age(tmp_path, "libraries-1")
    assert owners(tmp_path, resolver)["libodd.so.4"] == ["odd-name"]


def test_offline_it_has_to_have_been_loaded(
    tmp_path: Path, archive: Path, resolver: Resolver
) -> None:
    with pytest.raises(TaskError, match="never been loaded"):
        owners(tmp_path, resolver, offline=True)
