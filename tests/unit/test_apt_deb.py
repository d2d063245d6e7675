"""Unpacking debs, sound ones and others."""

from __future__ import annotations

import contextlib
import shutil
from pathlib import Path

import pytest

from fctui.managers.apt.deb import unpack_deb
from fctui.model.contents import Contents
from fctui.model.errors import TaskError
from tests.support.debs import Deb, ar, compressed

FILES: dict[str, bytes | str] = {
    "usr/bin/tool": b"#!/bin/sh\n",
    "usr/lib/libtool.so.1": b"x" * 100_000,
    "usr/lib/libtool.so": "libtool.so.1",
    "etc/ld.so.conf.d/tool.conf": b"/usr/lib/tool\n",
}


def unpacked(data: bytes, tmp_path: Path) -> Contents:
    archive = tmp_path / "tool_1.0_amd64.deb"
    archive.write_bytes(data)
    into = tmp_path / "tree"
    into.mkdir()
    return unpack_deb(archive, into, "sha256:0")


@pytest.mark.parametrize("compression", ["xz", "gz", "bz2", "none", "zst"])
def test_every_compression_of_deb_5(tmp_path: Path, compression: str) -> None:
    if compression == "zst" and shutil.which("zstd") is None:
        pytest.skip("needs zstd")
    deb = Deb(
        "tool",
        files=FILES,
        postinst="#!/bin/sh\nexit 0\n",
        compression=compression,
        executable=("usr/bin/tool",),
    )
    found = unpacked(deb.build(), tmp_path)
    entries = {entry.path: entry for entry in found.entries}
    assert set(entries) == set(FILES)
    assert entries["usr/lib/libtool.so"].link == "libtool.so.1"
    assert entries["usr/bin/tool"].mode & 0o111
    assert (tmp_path / "tree/usr/lib/libtool.so.1").read_bytes() == b"x" * 100_000
    assert found.texts["postinst"] == "#!/bin/sh\nexit 0\n"
    assert found.texts["control"].startswith("Package: tool\n")
    assert found.texts["etc/ld.so.conf.d/tool.conf"] == "/usr/lib/tool\n"


def test_libraries_tell_what_they_need(tmp_path: Path) -> None:
    program = shutil.which("ls")
    assert program is not None
    data = Path(program).read_bytes()
    deb = Deb("tool", files={"usr/bin/ls": data}, executable=("usr/bin/ls",), compression="gz")
    assert "libc.so.6" in unpacked(deb.build(), tmp_path).elf["usr/bin/ls"].needed


def whole() -> bytes:
    return Deb("tool", files=FILES).build()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"!<arch>\n",
        b"not an archive at all",
        whole()[:-200],
        whole()[:300],
        whole()[:100],
        whole().replace(b"debian-binary", b"debian-binarx"),
        whole().replace(b"2.0\n", b"9.0\n"),
        whole().replace(b"control.tar.xz", b"control.tar.yz"),
        whole().replace(b"data.tar.xz   ", b"data.tar.qq   "),
        ar({"debian-binary": b"2.0\n"}),
        ar({"debian-binary": b"2.0\n", "control.tar.gz": b"", "data.tar.gz": b""}),
        ar({"debian-binary": b"2.0\n", "control.tar": b"x" * 1024, "data.tar": b"y" * 1024}),
    ],
    ids=range(13),
)
def test_a_damaged_deb_is_refused(tmp_path: Path, data: bytes) -> None:
    with pytest.raises(TaskError) as caught:
        unpacked(data, tmp_path)
    assert "tool_1.0_amd64.deb" in caught.value.message


@pytest.mark.parametrize("path", ["../evil", "usr/../../evil", "/evil", "usr/\x1b[31m"])
def test_nothing_is_written_outside(tmp_path: Path, path: str) -> None:
    with pytest.raises(TaskError):
        unpacked(Deb("tool", files={path: b"x"}).build(), tmp_path)
    assert not list(tmp_path.rglob("evil"))


def test_a_link_is_never_followed(tmp_path: Path) -> None:
    files: dict[str, bytes | str] = {"usr/lib/out": str(tmp_path), "usr/lib/out/evil": b"x"}
    with contextlib.suppress(TaskError):
        unpacked(Deb("tool", files=files).build(), tmp_path)
    assert not (tmp_path / "evil").exists()


def test_truncated_zstd_is_refused(tmp_path: Path) -> None:
    if shutil.which("zstd") is None:
        pytest.skip("needs zstd")
    control = compressed(b"\0" * 10240, "xz")
    data = compressed(bytes(range(256)) * 4096, "zst")
    deb = ar({"debian-binary": b"2.0\n", "control.tar.xz": control, "data.tar.zst": data[:-20]})
    with pytest.raises(TaskError):
        unpacked(deb, tmp_path)
