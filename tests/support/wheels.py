"""Wheels and sdists made at test time: small, valid, and hostile or broken where a test asks."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import tarfile
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Wheel:
    """A wheel to make. `files` lie at the archive's root, `data` below `*.data/`."""

    name: str
    version: str = "1.0"
    tag: str = "py3-none-any"
    files: Mapping[str, bytes] = field(default_factory=dict)
    data: Mapping[str, bytes] = field(default_factory=dict)
    requires: Sequence[str] = ()
    extras: Sequence[str] = ()
    requires_python: str = ""
    entry_points: str = ""
    summary: str = ""
    executable: Sequence[str] = ()

    @property
    def escaped(self) -> str:
        """The name as it stands in file names."""
        return self.name.replace("-", "_").lower()

    @property
    def filename(self) -> str:
        """The wheel's file name."""
        return f"{self.escaped}-{self.version}-{self.tag}.whl"

    @property
    def info(self) -> str:
        """Its .dist-info directory."""
        return f"{self.escaped}-{self.version}.dist-info"

    def metadata(self) -> str:
        """Its core metadata."""
        lines = ["Metadata-Version: 2.1", f"Name: {self.name}", f"Version: {self.version}"]
        if self.summary:
            lines.append(f"Summary: {self.summary}")
        if self.requires_python:
            lines.append(f"Requires-Python: {self.requires_python}")
        lines += [f"Provides-Extra: {extra}" for extra in self.extras]
        lines += [f"Requires-Dist: {requirement}" for requirement in self.requires]
        return "\n".join([*lines, "", "A text.", ""])

    def members(self) -> dict[str, bytes]:
        """All members but RECORD."""
        default = {f"{self.escaped}/__init__.py": f"name = {self.name!r}\n".encode()}
        members = dict(self.files or default)
        prefix = f"{self.escaped}-{self.version}.data"
        members |= {f"{prefix}/{path}": data for path, data in self.data.items()}
        pure = "true" if self.tag.endswith("-any") else "false"
        tags = "".join(f"Tag: {tag}\n" for tag in [self.tag])
        members[f"{self.info}/METADATA"] = self.metadata().encode()
        members[f"{self.info}/WHEEL"] = (
            f"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: {pure}\n{tags}".encode()
        )
        if self.entry_points:
            members[f"{self.info}/entry_points.txt"] = self.entry_points.encode()
        return members

    def build(self) -> bytes:
        """The archive; the same bytes each time."""
        members = self.members()
        members[f"{self.info}/RECORD"] = record(members, f"{self.info}/RECORD")
        return zipped(members, executable=self.executable)


def record(members: Mapping[str, bytes], own: str) -> bytes:
    """RECORD over some members."""
    out = io.StringIO(newline="")
    rows = csv.writer(out, lineterminator="\n")
    for path, data in members.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        rows.writerow([path, f"sha256={digest}", len(data)])
    rows.writerow([own, "", ""])
    return out.getvalue().encode()


def zipped(members: Mapping[str, bytes], *, executable: Sequence[str] = ()) -> bytes:
    """A zip archive with a fixed time."""
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w", zipfile.ZIP_DEFLATED) as archive:
        for path, data in members.items():
            info = zipfile.ZipInfo(path, (2020, 1, 1, 0, 0, 0))
            info.compress_type = zipfile.ZIP_DEFLATED
            info.external_attr = (0o100755 if path in executable else 0o100644) << 16
            archive.writestr(info, data)
    return raw.getvalue()


BACKEND = """
import base64, csv, hashlib, io, os, zipfile

NAME, VERSION, TAG = {name!r}, {version!r}, {tag!r}
INFO = f"{{NAME.replace('-', '_')}}-{{VERSION}}.dist-info"
METADATA = {metadata!r}

{extra}

def _members():
    wheel = f"Wheel-Version: 1.0\\nGenerator: backend\\nRoot-Is-Purelib: true\\nTag: {{TAG}}\\n"
    module = NAME.replace("-", "_") + "/__init__.py"
    return {{module: "built = True\\n", INFO + "/METADATA": METADATA, INFO + "/WHEEL": wheel}}

def prepare_metadata_for_build_wheel(directory, config_settings=None):
    on_metadata()
    os.makedirs(os.path.join(directory, INFO))
    for path, text in _members().items():
        if path.startswith(INFO):
            with open(os.path.join(directory, path), "w") as file:
                file.write(text)
    return INFO

def build_wheel(directory, config_settings=None, metadata_directory=None):
    on_build()
    filename = f"{{NAME.replace('-', '_')}}-{{VERSION}}-{{TAG}}.whl"
    members = _members()
    with zipfile.ZipFile(os.path.join(directory, filename), "w") as archive:
        for path, text in members.items():
            archive.writestr(path, text)
        archive.writestr(INFO + "/RECORD", "".join(f"{{path}},,\\n" for path in members))
    return filename
"""
# A build back end inside its own sdist: nothing has to be downloaded to build.

NO_HOOKS = "def on_metadata(): pass\ndef on_build(): pass\n"


def make_sdist(
    name: str,
    version: str = "1.0",
    *,
    tag: str = "py3-none-any",
    requires: Sequence[str] = (),
    hooks: str = NO_HOOKS,
) -> bytes:
    """An sdist with a build back end of its own. `hooks` defines `on_metadata` and `on_build`,
    which run when the metadata or the wheel is made.
    """
    metadata = Wheel(name, version, requires=requires).metadata()
    backend = BACKEND.format(name=name, version=version, tag=tag, metadata=metadata, extra=hooks)
    files = {
        "pyproject.toml": '[build-system]\nrequires = []\nbuild-backend = "backend"\n'
        'backend-path = ["."]\n',
        "backend.py": backend,
        "PKG-INFO": metadata,
    }
    top = f"{name.replace('-', '_')}-{version}"
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w:gz") as archive:
        for path, text in files.items():
            member = tarfile.TarInfo(f"{top}/{path}")
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return raw.getvalue()


def unpack_sdist(data: bytes, into: Path) -> None:
    """Unpack an sdist of ours; Pythons disagree on the arguments that `extractall` wants."""
    with tarfile.open(fileobj=io.BytesIO(data)) as archive:
        for member in archive:
            path = into / member.name
            path.parent.mkdir(parents=True, exist_ok=True)
            content = archive.extractfile(member)
            assert content is not None
            path.write_bytes(content.read())
