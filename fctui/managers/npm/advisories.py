"""What the configured registries know against packages: the endpoint that `npm audit` asks.

Source: npm's @npmcli/metavuln-calculator and Arborist's audit-report.js: a POST of names and
versions to `/-/npm/v1/security/advisories/bulk` is answered by advisories by name, each with
`id`, `url`, `title`, `severity` and `vulnerable_versions`.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping
from functools import partial
from urllib.parse import urlsplit

import msgspec
from msgspec import Struct

from fctui.managers.interface import Context
from fctui.managers.npm.access import access_of
from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.defaults import read_registry
from fctui.managers.npm.packages import MANAGER, is_git
from fctui.managers.npm.semver import satisfies
from fctui.model.advisory import Advisory, Severity, Told, Untold
from fctui.model.errors import TaskError
from fctui.model.package import Package, Resolution
from fctui.tasks.text import clean

PATH = "-/npm/v1/security/advisories/bulk"

MAX_AGE = 3600.0
# Seconds for which an answer stands: advisories appear a few times a day.

_MEMORY = "npm-advisories"
_NOT_OFFERED = frozenset({400, 404, 405, 410, 501})
# What registries answer that have no such endpoint, or none for this method.

_UPPER = re.compile(r"<(=?)\s*v?([0-9][0-9A-Za-z.+-]*)")
_GHSA = re.compile(r"GHSA(?:-[0-9a-z]{4}){3}", re.IGNORECASE)


class _Known(Struct, frozen=True):
    id: int | str
    title: str = ""
    severity: str = ""
    vulnerable_versions: str = ""
    url: str = ""


_Answer = dict[str, list[_Known]]
_answer = msgspec.json.Decoder(_Answer)


async def advisories(context: Context, resolution: Resolution) -> Told:
    """What the registries say of all packages, in one question to each of them.

    Raises TaskError where a registry cannot be reached or refuses.
    """
    packages = list(resolution.packages.values())
    own = [p for p in packages if not is_published(p)]
    untold = [Untold(MANAGER, _ids(own), "they are not from a registry")] if own else []
    asked: dict[str, list[Package]] = {}
    found: list[Advisory] = []
    async with context.tasks.open(MANAGER, "known vulnerabilities") as task:
        task.show("npm audit --omit=dev")
        config = await read_registry(context, context.project.root, task)
        for package in packages:
            if package not in own:
                asked.setdefault(config.registry_for(package.name), []).append(package)
        for registry, group in asked.items():
            answer, reason = await _asked(context, config, registry, group)
            if answer is None:
                untold.append(Untold(MANAGER, _ids(group), reason))
            else:
                found += [each for package in group for each in judged(package, answer)]
    return Told(tuple(found), tuple(untold))


def judged(package: Package, answer: Mapping[str, list[_Known]]) -> Iterable[Advisory]:
    """The advisories of an answer whose versions a package's is one of."""
    for known in answer.get(package.name, ()):
        if satisfies(package.version, known.vulnerable_versions) is False:
            continue
        ghsa = _GHSA.search(known.url)
        yield Advisory(
            manager=MANAGER,
            package=package.id,
            name=package.name,
            version=package.version,
            id=clean(ghsa[0] if ghsa else str(known.id)),
            aliases=(clean(str(known.id)),) if ghsa else (),
            severity=_severity(known.severity),
            summary=clean(" ".join(known.title.split())),
            fixed=fixed_by(package.version, known.vulnerable_versions),
            url=clean(known.url),
        )


def fixed_by(version: str, vulnerable: str) -> tuple[str, ...]:
    """The end of the vulnerable range that a version lies in; () where it has none."""
    for alternative in vulnerable.split("||"):
        if satisfies(version, alternative) is not False:
            end = _UPPER.search(alternative)
            return (f"> {end[2]}" if end[1] else end[2],) if end else ()
    return ()


def _severity(word: str) -> Severity:
    try:
        return Severity(word.lower())
    except ValueError:
        return Severity.UNKNOWN


def is_published(package: Package) -> bool:
    """Whether a package is a version of a registry; not a directory, a repository or a part of
    another's tarball. Of a bundle's packages only the hash is known.
    """
    artifact = package.artifact
    if artifact is None or is_git(artifact.url):
        return False
    return bool(artifact.digest) or urlsplit(artifact.url).scheme in {"http", "https"}


async def _asked(
    context: Context, config: NpmConfig, registry: str, packages: list[Package]
) -> tuple[_Answer | None, str]:
    """The answer of a registry, or why there is none."""
    if not registry:
        return None, "no registry is configured, and npm, which has one built in, is not here"
    versions: dict[str, list[str]] = {}
    for package in sorted(packages, key=lambda p: (p.name, p.version)):
        known = versions.setdefault(package.name, [])
        if package.version not in known:
            known.append(package.version)
    body = msgspec.json.encode(versions)
    key = f"{registry}\n{hashlib.sha256(body).hexdigest()}"
    if not context.refresh:
        kept = context.store.recall(_MEMORY, key, None if context.offline else MAX_AGE)
        if kept is not None:
            return _answer.decode(kept), ""
    if context.offline:
        return None, "never asked, and this run is offline"
    status, data = await _post(config, f"{registry.rstrip('/')}/{PATH}", body)
    if status in _NOT_OFFERED:
        return None, f"the registry tells no advisories (HTTP {status})"
    try:
        if status == 200:
            answer = _answer.decode(data)
            context.store.keep(_MEMORY, key, data)
            return answer, ""
    except msgspec.MsgspecError:
        return None, "the registry's answer is not what npm's registry says"
    raise TaskError(
        f"The npm registry refuses to tell advisories: HTTP {status}.",
        hint="Check the token in .npmrc; npm audit asks the same question.",
    )


async def _post(config: NpmConfig, url: str, body: bytes) -> tuple[int, bytes]:
    from fctui.store.connection import BrokenError, UntrustedError
    from fctui.store.session import Session

    headers = {
        "Accept": "application/json",
        "Accept-Encoding": "gzip",
        "Content-Type": "application/json",
        **config.headers(url),
    }

    def ask(session: Session) -> tuple[int, bytes]:
        with session.connections.asked(url, headers, body) as reply:
            return reply.status, reply.read(decode_content=True)

    try:
        async with Session(access_of(config.settings), threads=1) as session:
            return await session.run(partial(ask, session))
    except (BrokenError, UntrustedError) as error:
        raise TaskError(
            f"The npm registry cannot be asked about vulnerabilities: {error}.",
            hint="Check the network; --offline uses the answers of the last time.",
        ) from error


def _ids(packages: Iterable[Package]) -> tuple[str, ...]:
    return tuple(package.id for package in packages)
