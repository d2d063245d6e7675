"""What the host's own apt knows: its sources, keyrings and the way to the network. Only read."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from fctui.managers.apt.stanza import paragraphs

_OPTION = re.compile(r"\[(?P<options>[^\]]*)\]")

_NO = frozenset({"no", "false", "without", "off", "disable", "0"})
# What apt takes for a no: apt.conf(5).

DEBIAN = frozenset(
    {"stretch", "buster", "bullseye", "bookworm", "trixie", "forky", "duke", "sid"}
    | {"oldoldstable", "oldstable", "stable", "testing", "unstable"}
)
# Suites whose presence in a source says that its archive is Debian's.


class Source(Struct, frozen=True):
    """One archive of the host: sources.list(5). `file` is where it is written; `checked` is whether
    the date counts until which it is valid; `architectures` are () where it names none.
    """

    uri: str
    suites: tuple[str, ...]
    components: tuple[str, ...]
    signed_by: tuple[str, ...] = ()
    file: str = ""
    checked: bool = True
    architectures: tuple[str, ...] = ()


class Host(Struct, frozen=True):
    """Where the host keeps its apt configuration, debootstrap's scripts and its keyrings."""

    etc: Path = Path("/etc/apt")
    keyrings: Path = Path("/usr/share/keyrings")
    debootstrap: Path = Path("/usr/share/debootstrap/scripts")
    status: Path = Path("/var/lib/dpkg/status")
    own_keys: Path = Path(__file__).with_name("keys")

    def source_files(self) -> tuple[Path, ...]:
        """`sources.list` and what apt reads of `sources.list.d`."""
        parts = self.etc / "sources.list.d"
        found = [self.etc / "sources.list"]
        if parts.is_dir():
            found += sorted(p for p in parts.iterdir() if p.suffix in {".list", ".sources"})
        return tuple(path for path in found if path.is_file())

    def sources(self) -> tuple[Source, ...]:
        """All binary archives that the host uses, in order."""
        found: list[Source] = []
        for path in self.source_files():
            text = path.read_text(encoding="utf-8", errors="replace")
            found += read_sources(text, str(path), deb822=path.suffix == ".sources")
        return tuple(found)

    def keyring(self, name: str) -> Path | None:
        """A keyring of Debian's keyring packages by its stem; newer ones end in `.pgp`. Where those
        packages are not installed it is fctui's own copy of their keys.
        """
        for suffix in (".gpg", ".pgp"):
            path = self.keyrings / f"{name}{suffix}"
            if path.is_file():
                return path
        path = self.own_keys / f"{name}.gpg"
        return path if path.is_file() else None

    def trusted_keys(self) -> tuple[Path, ...]:
        """The keys that count for sources which name none: apt-key(8)."""
        parts = self.etc / "trusted.gpg.d"
        found = [self.etc / "trusted.gpg"]
        if parts.is_dir():
            found += sorted(p for p in parts.iterdir() if p.suffix in {".gpg", ".asc"})
        return tuple(path for path in found if path.is_file())

    def archive_mirror(self, suite: str) -> str:
        """Where archived suites lie, as debootstrap's script for this suite or for another that
        has left the mirrors says (`default_mirror URI`); "" where it says nothing.
        """
        for name in (suite, "etch", "sarge", "woody", "potato"):
            try:
                text = (self.debootstrap / name).read_text(encoding="utf-8", errors="replace")
            except OSError:
                continue
            named = re.search(r"^\s*default_mirror\s+(\S+)\s*$", text, re.MULTILINE)
            if named:
                return named[1]
        return ""


def read_sources(text: str, file: str, *, deb822: bool) -> Iterator[Source]:
    """The binary archives of one file, in either of the two formats; disabled ones left out."""
    yield from _deb822(text, file) if deb822 else _one_line(text, file)


def debian_archives(sources: tuple[Source, ...]) -> tuple[Source | None, Source | None]:
    """The sources of Debian's main archive and of its security archive, as far as there are any.

    Third parties name their suites after Debian's too: those that Debian's keys sign come first,
    then those that have updates as well.
    """
    main: list[tuple[int, Source]] = []
    security: list[tuple[int, Source]] = []
    updates = {s.uri for s in sources if any(suite.endswith("-updates") for suite in s.suites)}
    for source in sources:
        if "main" not in source.components or source.uri.startswith("cdrom:"):
            continue
        ours = any("debian-archive" in Path(key).name for key in source.signed_by)
        rank = -2 * ours - (source.uri in updates)
        if any(suite in DEBIAN for suite in source.suites):
            main.append((rank, source))
        elif any(_is_security(suite) for suite in source.suites):
            security.append((rank, source))
    first = min(main, key=lambda each: each[0], default=(0, None))[1]
    second = min(security, key=lambda each: each[0], default=(0, None))[1]
    return first, second


def plain_uri(uri: str) -> str:
    """The first of a `mirror+file:` list, another URI as it is: apt-transport-mirror(1)."""
    if not uri.startswith("mirror+file:"):
        return uri
    try:
        text = Path(unquote(urlsplit(uri).path)).read_text(encoding="utf-8")
    except OSError:
        return uri
    lines = [line.split()[0] for line in text.splitlines() if line.strip() and line[0] != "#"]
    return lines[0] if lines else uri


def _is_security(suite: str) -> bool:
    name = suite.removesuffix("-security").removesuffix("/updates")
    return name != suite and name in DEBIAN


def _deb822(text: str, file: str) -> Iterator[Source]:
    for fields in paragraphs(text):
        if "deb" not in fields.get("types", "").split() or fields.get("enabled") == "no":
            continue
        keys = re.split(r"[,\s]+", fields.get("signed-by", ""))
        for uri in fields.get("uris", "").split():
            yield Source(
                uri=uri,
                suites=tuple(fields.get("suites", "").split()),
                components=tuple(fields.get("components", "").split()),
                signed_by=tuple(key for key in keys if key.startswith("/")),
                file=file,
                checked=fields.get("check-valid-until", "yes") not in _NO,
                architectures=tuple(re.split(r"[,\s]+", fields.get("architectures", "")))
                if fields.get("architectures")
                else (),
            )


def _one_line(text: str, file: str) -> Iterator[Source]:
    for line in text.splitlines():
        bare = line.split("#", 1)[0].strip()
        options = _OPTION.search(bare)
        words = _OPTION.sub(" ", bare, count=1).split()
        if len(words) < 3 or words[0] != "deb":
            continue
        given = {}
        for option in options["options"].split() if options else ():
            name, _, value = option.partition("=")
            given[name.lower()] = tuple(value.split(","))
        yield Source(
            words[1],
            (words[2],),
            tuple(words[3:]),
            tuple(key for key in given.get("signed-by", ()) if key.startswith("/")),
            file,
            given.get("check-valid-until", ("yes",))[0] not in _NO,
            given.get("arch", ()),
        )
