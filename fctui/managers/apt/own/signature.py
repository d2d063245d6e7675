"""Whether a suite's Release file is signed by a key that is trusted for it: OpenPGP, RFC 9580.

gpgv(1) where it is installed, as apt does it; else the library of Sequoia-PGP.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import importlib.util
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from fctui.model.errors import MissingToolError, TaskError
from fctui.tasks.command import Command
from fctui.tasks.process import run_process
from fctui.tasks.text import clean

_STATUS = "[GNUPG:] "
# What begins the lines of gpgv that are for programs: GnuPG's doc/DETAILS.

_BAD = frozenset({"BADSIG", "REVKEYSIG"})
_TOLD = frozenset({"BADSIG", "ERRSIG", "EXPSIG", "EXPKEYSIG", "REVKEYSIG", "NO_PUBKEY", "NODATA"})
# What is shown of why a signature does not count.

_ENDS = (0, 1, 2)
# gpgv ends with one of these; which signatures held is told by its status lines.

_ARMOR = b"-----BEGIN PGP PUBLIC KEY BLOCK-----"


def can_verify() -> bool:
    """Whether something here can tell by whom a file is signed."""
    return bool(shutil.which("gpgv") or importlib.util.find_spec("pysequoia"))


async def signed_text(
    signed: bytes, keyrings: Sequence[Path], name: str, *, expired: bool = False
) -> bytes:
    """The text of an InRelease file, and nothing that stands around it.

    `expired` allows a signature that a key made before it expired: archived suites are signed no
    more. Raises TaskError where no trusted key has signed it, MissingToolError where nothing here
    can tell.
    """
    if shutil.which("gpgv"):
        return await _by_gpgv(signed, keyrings, name, expired=expired)
    try:
        import pysequoia
    except ImportError as error:
        raise MissingToolError(
            "Nothing on this machine can verify the signatures of Debian's archives.",
            hint="Install gpgv (GnuPG), or pip install 'fctui[openpgp]'.",
        ) from error
    try:
        certificates = [each for path in keyrings for each in pysequoia.Cert.split_file(str(path))]
        verified = pysequoia.verify(bytes=signed, store=lambda _: certificates)
    except Exception as error:  # it has no narrower one
        raise _refused(name, [clean(str(error))]) from error
    if not verified.valid_sigs or verified.bytes is None:
        raise _refused(name, [])
    return bytes(verified.bytes)


async def _by_gpgv(signed: bytes, keyrings: Sequence[Path], name: str, *, expired: bool) -> bytes:
    with tempfile.TemporaryDirectory(prefix="fctui-gpgv-") as name_of_place:
        place = Path(name_of_place)
        rings = await asyncio.to_thread(_prepare, place, signed, keyrings)
        words = [word for ring in rings for word in ("--keyring", str(ring))]
        argv = ["gpgv", "--status-fd", "1", "--homedir", str(place), *words]
        argv += ["-o", str(place / "Release"), str(place / "InRelease")]
        done = await run_process(Command(tuple(argv), ok=_ENDS), lambda _lines, _replace: None)
        told = [
            line.removeprefix(_STATUS).split()
            for line in done.stdout.decode("utf-8", "replace").splitlines()
            if line.startswith(_STATUS)
        ]
        known = {line[0] for line in told if line}
        good = "GOODSIG" in known or (expired and "EXPKEYSIG" in known)
        text = await asyncio.to_thread(_read, place / "Release")
        if not good or "VALIDSIG" not in known or known & _BAD or text is None:
            shown = [" ".join(line[:2]) for line in told if line and line[0] in _TOLD]
            raise _refused(name, shown)
        return text


def _prepare(place: Path, signed: bytes, keyrings: Sequence[Path]) -> list[Path]:
    """Put the file there, and the keyrings; gpgv reads them without armor only."""
    (place / "InRelease").write_bytes(signed)
    found = []
    for number, path in enumerate(keyrings):
        try:
            data = path.read_bytes()
        except OSError as error:
            raise TaskError(f"The keys in {path} cannot be read: {error.strerror}.") from error
        made = place / f"{number}.gpg"
        made.write_bytes(_bare(data) if data.lstrip().startswith(_ARMOR) else data)
        found.append(made)
    return found


def _bare(armored: bytes) -> bytes:
    """The bytes in an armored block: RFC 9580, section 6.2."""
    lines = armored.replace(b"\r", b"").strip().split(b"\n")
    start = next((at for at, line in enumerate(lines) if not line.strip()), 0)
    body = [line for line in lines[start:] if line and not line.startswith((b"=", b"-"))]
    try:
        return base64.b64decode(b"".join(body), validate=True)
    except binascii.Error:
        return b""


def _read(path: Path) -> bytes | None:
    return path.read_bytes() if path.is_file() else None


def _refused(name: str, told: Sequence[str]) -> TaskError:
    reasons = "; ".join(dict.fromkeys(clean(each) for each in told))
    return TaskError(
        f"{clean(name)} is not signed by a key that is trusted for it"
        + (f": {reasons}." if reasons else "."),
        hint="Check the mirror and, for an archive of your own, its Signed-By.",
    )
