"""What npm says when it fails, by its machine-readable error: `npm --json` prints one object."""

from __future__ import annotations

import json
from typing import Any

from fctui.model.errors import FctuiError, ResolutionError, TaskError, UsageError
from fctui.tasks.command import Completed
from fctui.tasks.text import clean

_NETWORK = frozenset(
    {"ECONNREFUSED", "ECONNRESET", "ENOTFOUND", "ETIMEDOUT", "EAI_AGAIN", "EHOSTUNREACH"}
    | {"ENETUNREACH", "ERR_SOCKET_TIMEOUT", "EPROTO", "EPIPE", "FETCH_ERROR", "EIDLETIMEOUT"}
)
_CERTIFICATE = frozenset(
    {"SELF_SIGNED_CERT_IN_CHAIN", "DEPTH_ZERO_SELF_SIGNED_CERT", "CERT_HAS_EXPIRED"}
    | {"UNABLE_TO_GET_ISSUER_CERT_LOCALLY", "UNABLE_TO_VERIFY_LEAF_SIGNATURE"}
    | {"ERR_TLS_CERT_ALTNAME_INVALID", "UNABLE_TO_GET_ISSUER_CERT"}
)
_REFUSED = frozenset({"E401", "E403", "ENEEDAUTH", "EOTP"})
_FULL = frozenset({"ENOSPC", "EDQUOT"})
_BAD_NAME = frozenset({"EINVALIDPACKAGENAME", "EINVALIDTAGNAME", "EUNSUPPORTEDPROTOCOL"})
_OFFLINE = frozenset({"ENOTCACHED"})

_LONGEST = 600
# Characters of npm's own words that a message takes over: enough for a peer conflict's first part.


def npm_error(done: Completed) -> dict[str, str]:
    """The error object that npm printed: `code`, `summary`, `detail`, "" for what is missing."""
    found: Any = {}
    try:
        found = json.loads(done.stdout or b"{}").get("error") or {}
    except (ValueError, AttributeError):
        found = {}
    if not isinstance(found, dict):
        found = {}
    return {key: plain(str(found.get(key) or "")) for key in ("code", "summary", "detail")}


def failure(done: Completed) -> FctuiError:
    """What to tell the user about a failed npm run."""
    error = npm_error(done)
    code, summary, detail = error["code"], error["summary"], error["detail"]
    said = summary.partition("\n")[0][:_LONGEST] or f"npm ended with status {done.returncode}"
    if code == "E404":
        wanted = detail.partition("\n")[0]
        return ResolutionError(
            f"The registry has no such package: {said}. {wanted}".rstrip(),
            hint="Correct the name in package.json; a private package needs its registry and a "
            "token in .npmrc.",
        )
    if code == "ETARGET":
        return ResolutionError(said, hint="`npm view NAME versions` lists what there is.")
    if code == "ERESOLVE":
        return ResolutionError(
            f"The requirements contradict each other: {_conflict(detail) or said}",
            hint="Change one of them in package.json, or set legacy-peer-deps=true in .npmrc to "
            "accept it as it is.",
        )
    if code in _OFFLINE:
        return ResolutionError(
            f"npm may not ask the registry, and does not have it: {said}",
            hint="Run it once without --offline.",
        )
    if code == "EBADPLATFORM":
        return ResolutionError(
            said, hint="Make it an optional dependency if the function can do without it."
        )
    return _environment_failure(code, said, detail)


def _environment_failure(code: str, said: str, detail: str) -> FctuiError:
    """What the machine, the network or the files are to blame for."""
    if code in _NETWORK:
        return TaskError(
            f"The npm registry cannot be reached: {said}",
            hint="Check the network, and registry, proxy and https-proxy in .npmrc.",
        )
    if code in _CERTIFICATE:
        return TaskError(
            f"The registry's certificate is not trusted: {said}",
            hint="Name the certificate authority with cafile in .npmrc.",
        )
    if code in _REFUSED:
        return TaskError(
            f"The registry refuses access: {said}",
            hint="Put a valid token for that registry into .npmrc (npm login).",
        )
    if code in _FULL:
        return TaskError(f"The disk is full: {said}", hint="Free some space and run it again.")
    if code in _BAD_NAME:
        return UsageError(said, hint="Correct that requirement in package.json.")
    if code == "EJSONPARSE":
        return UsageError(said, hint="Correct that file.")
    lines = detail.splitlines()
    more = f" {lines[0][:_LONGEST]}" if lines else ""
    return TaskError(
        f"npm failed{f' ({code})' if code else ''}: {said}.{more}",
        hint="The task's log has all that npm said.",
    )


def _conflict(detail: str) -> str:
    """The account of a conflict without the advice, which names flags that fctui has not."""
    return " ".join(detail.partition("\n\nFix the")[0].split())[:_LONGEST]


def plain(text: str) -> str:
    """Text of other people's making, line by line without anything that a terminal obeys."""
    return "\n".join(clean(line) for line in text.splitlines()).strip()
