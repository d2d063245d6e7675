"""Why mvn failed: by the classes of its exceptions, which are its API, not by its prose."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from fctui.model.errors import FctuiError, ResolutionError, TaskError, UsageError
from fctui.tasks.command import Completed
from fctui.tasks.text import clean

_CAUSE = re.compile(r"^(?:\[ERROR\] )?(?:Caused by: )?((?:[a-z][\w]*\.)+[A-Z]\w*): (.*)$")
_ERROR = re.compile(r"^\[ERROR\] +(.+)$")
_LONGEST = 600
# Characters shown of a message.

_OFFLINE = frozenset({"RepositoryOfflineException", "ArtifactNotFoundOfflineException"})
_NOT_THERE = frozenset(
    {"ArtifactNotFoundException", "ArtifactDescriptorException", "UnresolvableModelException"}
    | {"DependencyCollectionException", "VersionRangeResolutionException"}
    | {"InvalidVersionSpecificationException", "UnsolvableVersionConflictException"}
    | {"DependencyResolutionException", "VersionResolutionException"}
)
_UNREACHABLE = frozenset(
    {"ArtifactTransferException", "MetadataTransferException", "UnknownHostException"}
    | {"ConnectException", "NoRouteToHostException", "SocketTimeoutException", "SSLException"}
    | {"SSLHandshakeException", "ConnectTimeoutException", "HttpHostConnectException"}
    | {"SocketException", "NoHttpResponseException", "AuthorizationException"}
    | {"AuthenticationException", "ChecksumFailureException"}
)
_WRONG_MODEL = frozenset(
    {"ProjectBuildingException", "ModelBuildingException", "ModelParseException"}
    | {"SettingsBuildingException", "XmlPullParserException"}
)
_NO_PLUGIN = frozenset({"PluginResolutionException", "PluginDescriptorParsingException"})


def failure(done: Completed, room: Path, project: Path, *, offline: bool) -> FctuiError:
    """What to tell the user about a failed run; paths of the room become those of the project."""
    text = done.stdout.decode("utf-8", "replace")
    causes = list(_causes(text))
    names = {name for name, _ in causes}

    def said(kinds: frozenset[str]) -> str:
        found = [message for name, message in causes if name in kinds and message]
        return _plain(found[-1] if found else _first_error(text), room, project)

    if offline and (names & _OFFLINE or names & _NOT_THERE or names & _NO_PLUGIN):
        return ResolutionError(
            f"Maven may not ask the repositories, and does not have it: "
            f"{said(_OFFLINE | _NOT_THERE | _NO_PLUGIN)}",
            hint="Run it once without --offline.",
        )
    if names & _UNREACHABLE:
        return TaskError(
            f"A Maven repository cannot be reached: {said(_UNREACHABLE)}",
            hint="Check the network, and mirrors, proxies and servers in Maven's settings.xml.",
        )
    if names & _WRONG_MODEL and not names & _NOT_THERE:
        return UsageError(
            f"The POM is wrong: {_plain(_model_error(text), room, project)}",
            hint="Correct pom.xml; mvn validate says the same.",
        )
    if names & _NOT_THERE:
        return ResolutionError(
            f"Maven finds no such artifact: {said(_NOT_THERE)}",
            hint="Correct the coordinate; an artifact of your own is installed by mvn install, or "
            "needs its repository in the POM or in settings.xml.",
        )
    return TaskError(
        f"mvn failed ({done.returncode}): {_plain(_first_error(text), room, project)}",
        hint="The task's log has all that it said, and the command to run it by hand.",
    )


def _causes(text: str) -> Iterator[tuple[str, str]]:
    for line in text.splitlines():
        if found := _CAUSE.match(line):
            yield found[1].rpartition(".")[2], found[2]


def _first_error(text: str) -> str:
    lines = (found[1] for line in text.splitlines() if (found := _ERROR.match(line)))
    return next(lines, "") or next(iter(text.strip().splitlines()[-1:]), "it said nothing")


def _model_error(text: str) -> str:
    """The problems of a model stand on lines of their own below the exception's."""
    lines = [found[1] for line in text.splitlines() if (found := _ERROR.match(line))]
    problems = [line for line in lines if line.startswith("'") or " @ " in line]
    return "; ".join(dict.fromkeys(problems[:3])) or _first_error(text)


def _plain(text: str, room: Path, project: Path) -> str:
    text = clean(text).replace(str(room), str(project)).strip()
    return text[:_LONGEST]
