"""The compressed streams of wheels, to be taken over as they are."""

from __future__ import annotations

from fctui.archive.payload import Payload
from fctui.archive.zip_format import DEFLATED
from fctui.model.contents import Contents, Stream
from fctui.model.errors import TaskError
from fctui.model.plan import Origin
from fctui.store.store import Store


class Wheels:
    """Finds for a file of a wheel the stream that it has there.

    The rule is one of content alone: of the artifact that the manifest names for the file's owner,
    the first member in the order of its central directory that is deflated and has the file's
    SHA-256. So every machine that has the artifact takes the same bytes. The store has inflated
    each stream when it unpacked the wheel, and held the outcome against the wheel's directory.
    """

    def __init__(self, store: Store, origins: tuple[Origin, ...]) -> None:
        self._store = store
        self._origins = {
            (origin.manager, origin.id): origin
            for origin in origins
            if origin.filename.endswith(".whl") and origin.digest
        }
        self._streams: dict[str, dict[str, Payload]] = {}
        self._digests: dict[str, str] = {}

    def payload(self, manager: str, owner: str, sha256: str) -> Payload | None:
        """The stream of a file, None where its owner is no wheel or does not have it deflated.

        Raises TaskError when the wheel is not in the store any more.
        """
        origin = self._origins.get((manager, owner))
        if origin is None:
            return None
        streams = self._streams.get(origin.digest)
        if streams is None:
            streams = self._streams[origin.digest] = self._read(origin)
        return streams.get(sha256)

    def forget(self, file: str) -> None:
        """Give up the wheel that a damaged stream was taken from, so that it is fetched again."""
        if file in self._digests:
            self._store.forget(self._digests[file])

    def _read(self, origin: Origin) -> dict[str, Payload]:
        known = self._known(origin.digest)
        if known is None:
            for other in self._origins.values():
                if self._known(other.digest) is None:
                    self._store.forget(other.digest)  # so that one build brings all of them
            raise TaskError(
                f"{origin.filename} is not in the store any more; its compressed files are what "
                "the archive is made from.",
                hint="Build again to fetch it, or pack with --smallest, which does without.",
            )
        archive, listing, streams = known
        self._digests[archive] = origin.digest
        entries = {entry.path: entry for entry in listing.entries if not entry.link}
        found: dict[str, Payload] = {}
        for path, stream in streams.items():
            entry = entries[path]
            if entry.sha256 not in found:
                found[entry.sha256] = Payload(
                    method=DEFLATED,
                    size=entry.size,
                    packed=stream.packed,
                    crc=stream.crc,
                    packed_crc=stream.packed_crc,
                    file=archive,
                    offset=stream.offset,
                )
        return found

    def _known(self, digest: str) -> tuple[str, Contents, dict[str, Stream]] | None:
        """The archive with its listing and streams, if the store has all of that."""
        listing = self._store.contents(digest)
        if listing is None or listing.streams is None:
            return None
        try:
            return str(self._store.archive(digest)), listing, listing.streams
        except TaskError:
            return None
