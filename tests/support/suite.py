"""A small Debian archive, signed or not, and a server for it on the loopback."""

from __future__ import annotations

import hashlib
import lzma
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from tests.support.debs import Deb, stanza

SUITE = "bookworm"


class Signer:
    """A key made for the tests, and its public part as a keyring file."""

    def __init__(self, place: Path, *, made: str = "") -> None:
        """`made` is when it is made, to be valid for a day, as gpg takes times; "" for now."""
        self._home = place
        self._time = ("--faked-system-time", f"{made}!") if made else ()
        self.keyring = place / "keyring.gpg"
        self._gpg("--quick-generate-key", "Tests <nobody@example.invalid>", "ed25519", "sign", "1d")
        self.keyring.write_bytes(self._gpg("--export"))

    def clear_sign(self, text: bytes) -> bytes:
        """The text as InRelease has it."""
        return self._gpg("--clear-sign", data=text)

    def exported(self, *, armored: bool = False) -> bytes:
        """The public part."""
        return self._gpg(*(("--armor",) if armored else ()), "--export")

    def close(self) -> None:
        """End the agent that gpg started."""
        subprocess.run(
            ["gpgconf", "--homedir", str(self._home), "--kill", "gpg-agent"], check=False
        )

    def _gpg(self, *arguments: str, data: bytes = b"") -> bytes:
        argv = ["gpg", "--homedir", str(self._home), "--batch", "--quiet", *self._time]
        argv += ["--pinentry-mode", "loopback", "--passphrase", "", *arguments]
        done = subprocess.run(argv, input=data, capture_output=True, check=True)
        return done.stdout


@contextmanager
def signer(*, made: str = "") -> Iterator[Signer]:
    """A signer in a directory with a short path: its agent's socket allows no long one."""
    place = Path(tempfile.mkdtemp(prefix="sign"))
    try:
        key = Signer(place, made=made)
        try:
            yield key
        finally:
            key.close()
    finally:
        shutil.rmtree(place, ignore_errors=True)


def write_archive(
    root: Path,
    debs: Sequence[Deb],
    arch: str = "amd64",
    signer: Signer | None = None,
    label: str = "Tests",
    suite: str = SUITE,
    contents: bytes | None = None,
    **fields: str,
) -> None:
    """Write pool and dists of an archive with one suite and one component; `fields` are more of its
    Release file, `_` for `-` in their names, `contents` its Contents list.
    """
    pool = root / "pool"
    pool.mkdir(parents=True, exist_ok=True)
    stanzas = []
    for deb in debs:
        data = deb.build()
        (pool / deb.filename).write_bytes(data)
        hashes = {"SHA256": hashlib.sha256(data).hexdigest(), "Size": str(len(data))}
        stanzas.append(stanza({**deb.control, "Filename": f"pool/{deb.filename}", **hashes}))
    packages = "\n".join(stanzas).encode()
    lists = root / "dists" / suite / "main" / f"binary-{arch}"
    lists.mkdir(parents=True, exist_ok=True)
    files = {"Packages": packages, "Packages.xz": lzma.compress(packages)}
    lines = []
    for name, data in files.items():
        (lists / name).write_bytes(data)
        if fields.get("Acquire_By_Hash"):
            by_hash = lists / "by-hash/SHA256"
            by_hash.mkdir(parents=True, exist_ok=True)
            (by_hash / hashlib.sha256(data).hexdigest()).write_bytes(data)
        where = f"main/binary-{arch}/{name}"
        lines.append(f" {hashlib.sha256(data).hexdigest()} {len(data)} {where}")
    if contents is not None:
        where = f"main/Contents-{arch}"
        (root / "dists" / suite / where).write_bytes(contents)
        lines.append(f" {hashlib.sha256(contents).hexdigest()} {len(contents)} {where}")
    codename = suite.partition("/")[0]
    release = stanza(
        {
            "Origin": "Tests",
            "Label": label,
            "Suite": codename,
            "Codename": codename,
            "Date": "Sat, 01 Jan 2022 00:00:00 UTC",
            "Architectures": arch,
            "Components": "main",
            **{name.replace("_", "-"): value for name, value in fields.items()},
            "SHA256": "\n" + "\n".join(lines),
        }
    ).encode()
    top = root / "dists" / suite
    (top / "Release").write_bytes(release)
    (top / "InRelease").unlink(missing_ok=True)
    if signer is not None:
        (top / "InRelease").write_bytes(signer.clear_sign(release))


def sources(uri: str, keyring: Path | None = None, arch: str = "") -> str:
    """A deb822 source for the archive."""
    fields = {"Types": "deb", "URIs": uri, "Suites": SUITE, "Components": "main"}
    if arch:
        fields["Architectures"] = arch
    if keyring is not None:
        fields["Signed-By"] = str(keyring)
    return stanza(fields)


class _Quiet(SimpleHTTPRequestHandler):
    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
        """Say nothing."""


@contextmanager
def served(root: Path) -> Iterator[str]:
    """Serve a directory on the loopback; yields its URI."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(root)))
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
