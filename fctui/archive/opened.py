"""An archive and its layers laid out as the provider does: the code, and what lies in `/opt`."""

from __future__ import annotations

import os
import re
import zipfile
from pathlib import Path

import msgspec
from msgspec import Struct

from fctui.bundle.manifest import MANIFEST_PATH, Manifest
from fctui.model.errors import UsageError
from fctui.store.zip import unpack_zip

_LAYER = re.compile(r"-layer-(\d+)$")


class Opened(Struct, frozen=True):
    """Where the code and the layers lie; `layers` are the layers' manifests, if there are any."""

    code: Path
    opt: Path
    layers: tuple[Manifest, ...]


def layers_of(archive: Path) -> list[Path]:
    """The layers that `fctui pack --layers` puts beside an archive, in their order."""
    found = archive.parent.glob(f"{archive.stem}-layer-*{archive.suffix}")
    numbered = [(int(match[1]), path) for path in found if (match := _LAYER.search(path.stem))]
    return [path for _, path in sorted(numbered)]


def packed_manifest(archive: Path) -> Manifest:
    """The manifest in an archive. Raises UsageError for one that `fctui pack` has not made."""
    try:
        with zipfile.ZipFile(archive) as opened:
            return msgspec.json.decode(opened.read(MANIFEST_PATH), type=Manifest)
    except (OSError, KeyError, zipfile.BadZipFile, msgspec.DecodeError) as error:
        raise UsageError(
            f"{archive} is no archive of a bundle: {error}.", hint="Make one with fctui pack."
        ) from error


def open_archives(archive: Path, room: Path) -> Opened:
    """Unpack an archive and its layers in a room. Raises TaskError for a damaged one."""
    code, opt = room / "code", room / "opt"
    for place in (code, opt):
        place.mkdir()
        place.chmod(0o755)
    _unpack(archive, code)
    manifests = []
    for layer in layers_of(archive):
        _unpack(layer, opt)
        told = opt / ".fctui" / f"{layer.stem}.json"
        manifests.append(msgspec.json.decode(told.read_bytes(), type=Manifest))
    return Opened(code, opt, tuple(manifests))


def _unpack(archive: Path, into: Path) -> None:
    """As the provider does: over what lies there, links and modes kept."""
    room = into.with_name(f"{into.name}-{archive.stem}")
    room.mkdir()
    listed = unpack_zip(archive, room, "")
    for entry in listed.entries:
        place = into / entry.path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.unlink(missing_ok=True)
        if entry.link:
            place.symlink_to(entry.link)
        else:
            (room / entry.path).rename(place)
            os.chmod(place, entry.mode)
