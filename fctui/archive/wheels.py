"""The compressed streams of wheels, to be taken over as they are."""

from __future__ import annotations

import os
import struct
import zipfile
from collections.abc import Iterator

import msgspec
from msgspec import Struct

from fctui.archive.payload import Payload
from fctui.archive.zip_format import DEFLATED
from fctui.model.errors import TaskError
from fctui.model.plan import Origin
from fctui.store.paths import safe_path
from fctui.store.store import Store

_KIND = "wheel-streams"
_LOCAL = struct.Struct("<26x2H")
# The lengths of name and extra field in a local header, APPNOTE 4.3.7.


class Stream(Struct, frozen=True, array_like=True):
    """A deflated member; see `Payload` for what the numbers are."""

    sha256: str
    offset: int
    packed: int
    size: int
    crc: int
    packed_crc: int | None = None


class Wheels:
    """Finds for a file of a wheel the stream that it has there.

    The rule is one of content alone: of the artifact that the manifest names for the file's owner,
    the first member in the order of its central directory that is deflated and has the file's
    SHA-256. So every machine that has the artifact takes the same bytes.
    """

    def __init__(self, store: Store, origins: tuple[Origin, ...]) -> None:
        self._store = store
        self._digests = {
            (origin.manager, origin.id): origin
            for origin in origins
            if origin.filename.endswith(".whl") and origin.digest
        }
        self._streams: dict[str, dict[str, Stream]] = {}
        self._files: dict[str, str] = {}
        self._unchecked: set[str] = set()

    def payload(self, manager: str, owner: str, sha256: str) -> Payload | None:
        """The stream of a file, None where its owner is no wheel or does not have it deflated.

        Raises TaskError when the wheel is not in the store any more.
        """
        origin = self._digests.get((manager, owner))
        if origin is None:
            return None
        digest = origin.digest
        if digest not in self._streams:
            self._open(origin)
        stream = self._streams[digest].get(sha256)
        if stream is None:
            return None
        if stream.packed_crc is None:
            self._unchecked.add(digest)
        return Payload(
            method=DEFLATED,
            size=stream.size,
            packed=stream.packed,
            crc=stream.crc,
            packed_crc=stream.packed_crc,
            file=self._files[digest],
            offset=stream.offset,
        )

    def checked(self, checks: dict[tuple[str, int], int]) -> None:
        """Remember which streams were unpacked and found right: (file, offset) → their CRC-32."""
        for digest in self._unchecked:
            file = self._files[digest]
            streams = [
                msgspec.structs.replace(
                    stream, packed_crc=checks.get((file, stream.offset), stream.packed_crc)
                )
                for stream in self._streams[digest].values()
            ]
            self._store.keep(_KIND, digest, msgspec.msgpack.encode(streams))
        self._unchecked.clear()

    def _open(self, origin: Origin) -> None:
        digest = origin.digest
        try:
            archive = self._store.archive(digest)
        except TaskError as error:
            raise TaskError(
                f"{origin.filename} is not in the store any more; its compressed files are what "
                "the archive is made from.",
                hint="Build again with --refresh to fetch it, or pack with --smallest, which "
                "does without.",
            ) from error
        self._files[digest] = str(archive)
        data = self._store.recall(_KIND, digest)
        if data is not None:
            try:
                known = msgspec.msgpack.decode(data, type=list[Stream])
            except msgspec.MsgspecError:
                known = []
            if known:
                self._streams[digest] = {stream.sha256: stream for stream in known}
                return
        self._unchecked.add(digest)
        try:
            self._streams[digest] = dict(self._members(digest, str(archive)))
        except (OSError, zipfile.BadZipFile, struct.error, ValueError) as error:
            raise TaskError(
                f"{origin.filename} in the store cannot be read: {error}.",
                hint="Build again with --refresh.",
            ) from error

    def _members(self, digest: str, archive: str) -> Iterator[tuple[str, Stream]]:
        listing = self._store.contents(digest)
        if listing is None or not self._store.unpacked(digest):
            listing = self._store.usable(digest)  # says what to do where that cannot be
        hashes = {entry.path: entry.sha256 for entry in listing.entries if not entry.link}
        taken: set[str] = set()
        with open(archive, "rb") as file, zipfile.ZipFile(file) as listed:
            for member in listed.infolist():
                if member.is_dir() or member.compress_type != zipfile.ZIP_DEFLATED:
                    continue
                sha256 = hashes.get(safe_path(member.filename, archive), "")
                if not sha256 or sha256 in taken:
                    continue
                taken.add(sha256)
                start = member.header_offset
                lengths = _LOCAL.unpack(os.pread(file.fileno(), _LOCAL.size, start))
                yield (
                    sha256,
                    Stream(
                        sha256=sha256,
                        offset=start + _LOCAL.size + sum(lengths),
                        packed=member.compress_size,
                        size=member.file_size,
                        crc=member.CRC,
                    ),
                )
