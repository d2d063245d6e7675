"""Which packages are to be downloaded: asked of apt's solver by `apt-get install --print-uris`,
or of our own, whichever a root has.

apt's lines are for programs ('URI' file-name size hash), unlike those of `--simulate`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from msgspec import Struct

from fctui.managers.apt.root import FAILED, AptRoot, apt_errors
from fctui.model.errors import TaskError
from fctui.model.package import Artifact
from fctui.store.access import bare
from fctui.tasks.command import Command
from fctui.tasks.task import Task
from fctui.tasks.text import clean

_LINE = re.compile(r"'(?P<uri>[^']+)' (?P<file>\S+) (?P<size>\d+)(?: (?P<hash>\S*))?\s*")


class Chosen(Struct, frozen=True):
    """One deb that the solver wants. `sha256` is hex, or "" where apt did not tell it."""

    name: str
    version: str
    arch: str
    uri: str
    size: int
    sha256: str

    @property
    def artifact(self) -> Artifact:
        """The same as it is downloaded; an epoch's colon is escaped as apt does it."""
        return Artifact(
            filename=f"{self.name}_{self.version.replace(':', '%3a')}_{self.arch}.deb",
            url=bare(self.uri),
            size=self.size,
            digest=f"sha256:{self.sha256}" if self.sha256 else "",
        )


class UnsatisfiableError(Exception):
    """The solver finds no set of packages; `lines` are its own words, for showing."""

    def __init__(self, lines: Iterable[str]) -> None:
        super().__init__()
        self.lines = list(lines)


def install_command(
    root: AptRoot, packages: Iterable[str], status: Path | str, *, recommends: bool
) -> Command:
    """What one could run by hand. `status` is the dpkg status of the target: what it has already
    is neither fetched nor removed.
    """
    argv = (
        *("apt-get", "install", "-qq", "--print-uris", "--no-remove"),
        "--install-recommends" if recommends else "--no-install-recommends",
        *("-o", f"Dir::State::status={status}"),
        *packages,
    )
    return root.command(*argv, ok=(0, FAILED))


async def explain(
    task: Task, root: AptRoot, packages: Iterable[str], status: Path | str, *, recommends: bool
) -> list[str]:
    """Apt's own words on why a set has no solution: what it prints when it is not kept quiet.

    They are shown, and nothing is decided by them; indented lines tell the broken dependencies.
    The solver of our own has said all in its error.
    """
    if root.engine == "own":
        return []
    command = install_command(root, packages, status, recommends=recommends)
    argv = tuple("-s" if word == "--print-uris" else word for word in command.argv if word != "-qq")
    done = await task.run(Command(argv, env=command.env, ok=command.ok))
    lines = done.stdout.decode("utf-8", "replace").splitlines()
    return [clean(line).strip() for line in lines if line.startswith(" ") and ":" in line]


async def solve(
    task: Task, root: AptRoot, packages: Iterable[str], status: Path | str, *, recommends: bool
) -> tuple[Chosen, ...]:
    """The debs that `packages` take on top of a dpkg status, in the solver's own order; with the
    root's lock held and its lists loaded. Raises UnsatisfiableError.
    """
    if root.engine == "own":
        from fctui.managers.apt.own.solve import solve_here

        return await solve_here(root, list(packages), str(status), recommends=recommends)
    done = await task.run(install_command(root, packages, status, recommends=recommends))
    text = done.stdout.decode("utf-8", "replace")
    if done.returncode == FAILED:
        said = [clean(line) for line in text.splitlines() if line.strip()]
        raise UnsatisfiableError([*said, *apt_errors(done.stderr)])
    return tuple(_chosen(text))


def _chosen(text: str) -> Iterator[Chosen]:
    for line in text.splitlines():
        match = _LINE.fullmatch(line)
        if match is None:
            continue
        if urlsplit(match["uri"]).scheme not in {"http", "https", "file"}:
            raise TaskError(
                f"{clean(match['file'])} lies at {clean(match['uri'])}, "
                "which is neither http, https nor a file.",
                hint="Set [apt] mirror to a plain mirror.",
            )
        name, version, arch = match["file"].removesuffix(".deb").split("_")
        kind, _, value = (match["hash"] or "").partition(":")
        yield Chosen(
            name=unquote(name),
            version=unquote(version),
            arch=arch,
            uri=match["uri"],
            size=int(match["size"]),
            sha256=value.lower() if kind == "SHA256" else "",
        )
