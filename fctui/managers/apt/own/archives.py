"""Which suites a private root's sources name, as the lists are fetched from them."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from fctui.managers.apt.host import Host, Source, plain_uri, read_sources
from fctui.managers.apt.sources import Sources
from fctui.model.errors import UsageError
from fctui.tasks.text import clean


class Archive(Struct, frozen=True):
    """One suite of one archive. `checked` is whether its `Valid-Until` counts."""

    uri: str
    suite: str
    components: tuple[str, ...]
    architectures: tuple[str, ...]
    keyrings: tuple[Path, ...]
    checked: bool

    @property
    def flat(self) -> bool:
        """Whether it has no components: sources.list(5), "exact path"."""
        return self.suite.endswith("/")

    @property
    def base(self) -> str:
        """The URL of the directory that the Release file lies in."""
        below = self.suite.strip("/") if self.flat else f"dists/{self.suite}"
        return f"{self.uri.rstrip('/')}/{below}".rstrip("/")

    @property
    def name(self) -> str:
        """What messages call it."""
        return f"the Release file of {self.suite.rstrip('/') or self.uri}"


def archives_of(sources: Sources, host: Host) -> tuple[Archive, ...]:
    """The archives, in order. Raises UsageError for one that names no key to verify it with."""
    found = []
    for file, text in sources.files:
        for source in read_sources(text, file, deb822=file.endswith(".sources")):
            keys = tuple(Path(key) for key in source.signed_by) or host.trusted_keys()
            if not keys:
                raise UsageError(
                    f"The apt source {clean(file)} names no key that it is signed with.",
                    hint="Add `Signed-By: /path/of/a/keyring.gpg` to it.",
                )
            archs = _wanted(source, sources)
            if not archs:
                continue
            found += [
                Archive(
                    plain_uri(source.uri), suite, source.components, archs, keys, source.checked
                )
                for suite in source.suites
            ]
    return tuple(found)


def _wanted(source: Source, sources: Sources) -> tuple[str, ...]:
    named = source.architectures
    return tuple(arch for arch in sources.architectures if not named or arch in named)
