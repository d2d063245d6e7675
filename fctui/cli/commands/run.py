"""`fctui run`: the function's handler once, as on its target."""

from __future__ import annotations

import base64
import sys
from pathlib import Path
from typing import Any

import click

from fctui.bundle.manifest import read_manifest
from fctui.cli.options import as_json, running, sandboxed
from fctui.cli.output import exit_code, write_json, write_lines
from fctui.cli.places import bundle_directory, bundle_target
from fctui.cli.run import run_workflow
from fctui.model.errors import UsageError
from fctui.model.invocation import Invocation
from fctui.sandbox.call import Style
from fctui.workflow.call import Wish, call_handler
from fctui.workflow.workflow import Workflow


@click.command("run")
@click.argument("words", nargs=-1, metavar="[HANDLER] [BUNDLE]")
@click.option("--event", default="{}", metavar="FILE|JSON|-", help="What it is called with; {}.")
@click.option(
    "--timeout",
    type=click.FloatRange(0.1, 86400),
    metavar="SECONDS",
    help="For the call; else the template's, or 3 as with both providers.",
)
@click.option(
    "--memory", type=click.IntRange(1), metavar="MB", help="What the function is told to have."
)
@click.option(
    "--as",
    "style",
    type=click.Choice(["fc", "lambda"]),
    help="Whose runtime calls; else the template's or the target's.",
)
@sandboxed
@running
@as_json
def command(
    words: tuple[str, ...],
    *,
    event: str,
    timeout: float | None,
    memory: int | None,
    style: Style | None,
    env: dict[str, str],
    sandbox: str,
    target: str | None,
    as_json: bool,
    **options: Any,  # noqa: ANN401 - those of `running`
) -> None:
    """Call the function's handler once in a stand-in for the target, for Python and Node.

    HANDLER is FILE.FUNCTION, or a function's name in s.yaml or template.yaml; without it the one
    that stands there, else index.handler. The result goes to stdout, the function's log to stderr.
    """
    handler, named = _sorted(words)
    place = bundle_directory(named)
    manifest = read_manifest(place)
    chosen = {"target": bundle_target(target, manifest), "method": manifest.method, **options}
    wish = Wish(
        handler=handler,
        event=_event(event),
        style=style,
        timeout=timeout,
        memory=memory,
        sandbox=sandbox,
        env=env,
    )

    async def work(workflow: Workflow) -> Invocation:
        return await call_handler(workflow.context, place, wish, heard=_log)

    _, done = run_workflow(Path(), chosen, work)
    if as_json:
        write_json(_plain(done))
    else:
        _tell(done)
    raise click.exceptions.Exit(exit_code(done.findings) or (0 if done.ok else 1))


def _sorted(words: tuple[str, ...]) -> tuple[str, Path | None]:
    """Which word is the handler and which the bundle: that is a directory."""
    places = [word for word in words if Path(word).is_dir()]
    handlers = [word for word in words if word not in places]
    if len(places) > 1 or len(handlers) > 1:
        raise UsageError(
            f"{' '.join(words)}: one handler and one bundle can be named.",
            hint="A bundle is a directory, a handler FILE.FUNCTION.",
        )
    return "".join(handlers), Path(places[0]) if places else None


def _event(text: str) -> bytes:
    """A file's bytes, those on stdin, or the text itself where it is JSON."""
    if text == "-":
        return sys.stdin.buffer.read()
    if text.lstrip()[:1] in set('{["') or text in {"null", "true", "false"} or text.isdigit():
        return text.encode()
    try:
        return Path(text).read_bytes()
    except OSError as error:
        raise UsageError(
            f"The event {text} cannot be read: {error.strerror}.",
            hint="It is a file, - for stdin, or JSON itself.",
        ) from error


def _log(lines: tuple[str, ...]) -> None:
    write_lines(lines, sys.stderr)


def _tell(done: Invocation) -> None:
    """The result on stdout; below the log, on stderr, what it took."""
    from fctui.present.files import finding_lines
    from fctui.present.invocation import invocation_lines

    if done.result is not None:
        sys.stdout.flush()
        sys.stdout.buffer.write(done.result)
        if sys.stdout.isatty() and not done.result.endswith(b"\n"):
            sys.stdout.buffer.write(b"\n")
        sys.stdout.buffer.flush()
    write_lines([*invocation_lines(done), *finding_lines(done.findings)], sys.stderr)


def _plain(done: Invocation) -> dict[str, Any]:
    """The JSON of the contract. A result that is no text comes as Base64."""
    from fctui.present.invocation import result_value

    value, binary = result_value(done)
    plain: dict[str, Any] = {
        "ok": done.ok,
        "result": value if not binary else base64.b64encode(done.result or b"").decode(),
        "log": list(done.log),
        "error": done.error,
        "init_seconds": done.init_seconds,
        "seconds": done.seconds,
        "peak_memory": done.peak_memory,
        "handler": done.handler,
        "sandbox": done.sandbox,
        "findings": done.findings,
        "notes": done.notes,
    }
    return plain | ({"encoding": "base64"} if binary else {})
