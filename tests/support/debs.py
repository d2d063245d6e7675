"""Making debs without dpkg: deb(5), an ar archive of two tar archives."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import subprocess
import tarfile
from collections.abc import Mapping
from pathlib import Path

from msgspec import Struct


class Deb(Struct):
    """A deb to make. `files` maps a path to its bytes, or to the target of a symbolic link."""

    name: str
    version: str = "1.0"
    arch: str = "all"
    fields: Mapping[str, str] = {}
    files: Mapping[str, bytes | str] = {}
    postinst: str = ""
    compression: str = "xz"
    executable: tuple[str, ...] = ()
    summary: str = "a package for tests"

    @property
    def control(self) -> dict[str, str]:
        """The control fields, without those that the archive adds."""
        return {
            "Package": self.name,
            "Version": self.version,
            "Architecture": self.arch,
            "Maintainer": "Nobody <nobody@example.invalid>",
            "Installed-Size": "12",
            "Priority": "optional",
            "Description": self.summary,
            **self.fields,
        }

    @property
    def filename(self) -> str:
        """The name that archives give it: without the epoch."""
        return f"{self.name}_{self.version.rpartition(':')[2]}_{self.arch}.deb"

    def build(self) -> bytes:
        """The bytes of the deb."""
        control = {"./control": stanza(self.control).encode()}
        if self.postinst:
            control["./postinst"] = self.postinst.encode()
        return ar(
            {
                "debian-binary": b"2.0\n",
                "control.tar.xz": lzma.compress(_tar(control)),
                f"data.tar.{self.compression}".removesuffix(".none"): compressed(
                    _tar(self.files, self.executable), self.compression
                ),
            }
        )

    def write(self, directory: Path) -> Path:
        """Write the deb under its name."""
        path = directory / self.filename
        path.write_bytes(self.build())
        return path


def stanza(fields: Mapping[str, str]) -> str:
    """Control fields as text."""
    return "".join(f"{name}: {value}\n" for name, value in fields.items())


def ar(members: Mapping[str, bytes]) -> bytes:
    """Pack members, in order, as Unix archives do."""
    out = io.BytesIO(b"!<arch>\n")
    out.seek(0, io.SEEK_END)
    for name, data in members.items():
        out.write(f"{name:<16}{0:<12}{0:<6}{0:<6}{'100644':<8}{len(data):<10}`\n".encode())
        out.write(data + b"\n" * (len(data) % 2))
    return out.getvalue()


def compressed(data: bytes, kind: str) -> bytes:
    """The bytes as `xz`, `gz`, `bz2`, `zst` or `none`."""
    match kind:
        case "xz":
            return lzma.compress(data, preset=0)
        case "gz":
            return gzip.compress(data, mtime=0)
        case "bz2":
            return bz2.compress(data)
        case "zst":
            return subprocess.run(
                [shutil.which("zstd") or "zstd", "-qc"],
                input=data,
                stdout=subprocess.PIPE,
                check=True,
            ).stdout
        case _:
            return data


def _tar(files: Mapping[str, bytes | str], executable: tuple[str, ...] = ()) -> bytes:
    """A tar archive with the directories above each file, all names beginning with `./`."""
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w", format=tarfile.GNU_FORMAT) as tar:
        made = set()
        for path, content in files.items():
            bare = path.removeprefix("./")
            parts = bare.split("/")[:-1]
            for count in range(len(parts) + 1):
                directory = "./" + "".join(f"{part}/" for part in parts[:count])
                if directory not in made:
                    made.add(directory)
                    info = tarfile.TarInfo(directory)
                    info.type, info.mode = tarfile.DIRTYPE, 0o755
                    tar.addfile(info)
            info = tarfile.TarInfo(path if path.startswith("/") else f"./{bare}")
            if isinstance(content, str):
                info.type, info.linkname = tarfile.SYMTYPE, content
                tar.addfile(info)
            else:
                info.size, info.mode = len(content), 0o755 if bare in executable else 0o644
                tar.addfile(info, io.BytesIO(content))
    return out.getvalue()
