"""Calling a function's handler once, as its provider would, in a stand-in for the target."""

from __future__ import annotations

import asyncio
import base64
import json
import posixpath
import signal
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path

from msgspec import Struct

from fctui.bundle.manifest import Manifest, read_manifest
from fctui.bundle.subjects import sonames
from fctui.managers.interface import Context
from fctui.model.errors import UsageError
from fctui.model.finding import Finding, Kind
from fctui.model.invocation import Failure, Invocation
from fctui.native.complaint import complaints
from fctui.project.function import Function, functions
from fctui.sandbox.call import Answer, Language, Orders, Style, call
from fctui.workflow.remedies import with_remedies
from fctui.workflow.sandboxes import Stand, open_stands
from fctui.workflow.verify import function_environment

HANDLER = "index.handler"
TIMEOUT = 3.0
# Seconds: what both providers give a function that says nothing.

INIT_LIMITS: Mapping[Style, float] = {"lambda": 10.0, "fc": 60.0}
# Seconds for the module to load, which do not count against the timeout. Lambda documents its
# own; Function Compute counts the start of an instance against nothing.

MEMORY: Mapping[Style, int] = {"lambda": 128, "fc": 512}
# MB, told to the function: the smallest of Lambda; what Function Compute's examples have.

_SUFFIXES: Mapping[str, Language] = {
    ".py": "python",
    "/__init__.py": "python",
    ".js": "node",
    ".mjs": "node",
    ".cjs": "node",
}


class Wish(Struct, frozen=True, kw_only=True):
    """What is to be called; "" and None for what the template or the provider decides.
    `timeout` is in seconds, `memory` in MB.
    """

    handler: str = ""
    event: bytes = b"{}"
    style: Style | None = None
    timeout: float | None = None
    memory: int | None = None
    sandbox: str = ""
    env: Mapping[str, str] = {}


class Chosen(Struct, frozen=True):
    """The handler with all that is settled of it; `file` lies in the bundle."""

    function: Function | None
    handler: str
    file: str
    language: Language
    style: Style

    @property
    def name(self) -> str:
        """The function's name."""
        return self.function.name if self.function else self.handler.rpartition(".")[0]


async def call_handler(
    context: Context,
    bundle: Path,
    wish: Wish,
    *,
    heard: Callable[[tuple[str, ...]], None] = lambda _lines: None,
) -> Invocation:
    """Call it. What the function writes goes to `heard` as it comes, on the loop's thread.

    Raises UsageError for what is no bundle, handler, event or sandbox, TaskError, MissingToolError.
    """
    manifest = await asyncio.to_thread(read_manifest, bundle)
    known = await asyncio.to_thread(functions, bundle, context.project.root)
    chosen = choose(context, manifest, known, wish)
    if chosen.style == "lambda":
        _check_json(wish.event)
    orders = _orders(context, chosen, wish)
    env = _environment(context, manifest, chosen, orders, wish)
    stands = await open_stands(
        context, bundle, manifest, env, wish.sandbox, node=chosen.language == "node"
    )
    sandbox = stands.with_node if chosen.language == "node" else stands.plain
    program = _program(stands, chosen)
    log: list[str] = []

    def hear(lines: tuple[str, ...]) -> None:
        log.extend(lines)
        heard(lines)

    async with (
        context.tasks.open("", f"call {chosen.handler} in {sandbox.title}") as task,
        context.store.workspace.lent() as room,
    ):
        answer = await call(
            sandbox, chosen.language, program, orders, room=room, task=task, heard=hear
        )
    failure = _failure(answer, orders)
    said = "\n".join([failure.traceback or failure.message, *log]) if failure else ""
    return Invocation(
        result=answer.body,
        log=tuple(log),
        error=failure,
        init_seconds=answer.init_seconds,
        seconds=answer.seconds,
        peak_memory=answer.peak_memory,
        handler=chosen.handler,
        style=chosen.style,
        sandbox=sandbox.title,
        notes=stands.notes,
        findings=await with_remedies(context, manifest, _findings(said, manifest, context)),
    )


def choose(context: Context, manifest: Manifest, known: tuple[Function, ...], wish: Wish) -> Chosen:
    """The handler that is meant: the named one, the template's only one, or index.handler.

    Raises UsageError where that is not settled, or the bundle has no file for it.
    """
    function: Function | None = None
    named = wish.handler
    meant = [each for each in known if named in {each.handler, each.name}] if named else known
    if len(meant) == 1:
        function = meant[0]
    elif not named and len(meant) > 1:
        listed = ", ".join(f"{each.name} ({each.handler})" for each in meant)
        raise UsageError(f"{meant[0].source} has several functions: {listed}.", hint="Name one.")
    handler = (function.handler if function else "") or named or HANDLER
    module, dot, name = handler.rpartition(".")
    if not dot or not name.isidentifier():
        raise UsageError(
            f"{handler} is no handler.", hint="It is FILE.FUNCTION, as in index.handler."
        )
    style = wish.style or (function.provider if function else None)
    style = style or ("lambda" if context.target.provider == "lambda" else "fc")
    file, language = _file(context, manifest, module, function)
    return Chosen(function, handler, file, language, style)


def _file(
    context: Context, manifest: Manifest, module: str, function: Function | None
) -> tuple[str, Language]:
    """The file that has the handler. Where two languages have one, the runtime decides."""
    paths = {file.path for file in manifest.files}
    bases = dict.fromkeys(posixpath.normpath(each) for each in (module, module.replace(".", "/")))
    found = [(b + s, lang) for b in bases for s, lang in _SUFFIXES.items() if b + s in paths]
    if not found:
        tried = ", ".join(f"{base}{suffix}" for base in bases for suffix in (".py", ".js", ".mjs"))
        raise UsageError(
            f"The bundle has no {tried}.",
            hint="Name the handler: fctui run FILE.FUNCTION. Java and web servers are not called.",
        )
    runtime = function.runtime if function else context.target.id
    wanted = "node" if "node" in runtime else "python"
    return next((each for each in found if each[1] == wanted), found[0])


def _orders(context: Context, chosen: Chosen, wish: Wish) -> Orders:
    module = posixpath.normpath(chosen.handler.rpartition(".")[0]).replace("/", ".")
    function = chosen.function
    return Orders(
        code=context.target.code_dir,
        handler=chosen.handler,
        module=module,
        file=chosen.file,
        function=chosen.handler.rpartition(".")[2],
        style=chosen.style,
        event=base64.b64encode(wish.event).decode(),
        name=chosen.name,
        request_id=str(uuid.uuid4()),
        memory=wish.memory or (function and function.memory) or MEMORY[chosen.style],
        limit=wish.timeout or (function and function.timeout) or TIMEOUT,
        init_limit=INIT_LIMITS[chosen.style],
        python_path=context.target.python_path,
    )


def _environment(
    context: Context, manifest: Manifest, chosen: Chosen, orders: Orders, wish: Wish
) -> dict[str, str]:
    """With what the provider sets for each function: its documented, reserved variables."""
    if chosen.style == "lambda":
        own = {
            "_HANDLER": chosen.handler,
            "AWS_LAMBDA_FUNCTION_NAME": chosen.name,
            "AWS_LAMBDA_FUNCTION_MEMORY_SIZE": str(orders.memory),
            "AWS_LAMBDA_FUNCTION_VERSION": "$LATEST",
            "LAMBDA_TASK_ROOT": context.target.code_dir,
            "TZ": ":UTC",
        }
    else:
        own = {
            "FC_FUNCTION_HANDLER": chosen.handler,
            "FC_FUNCTION_NAME": chosen.name,
            "FC_FUNCTION_MEMORY_SIZE": str(orders.memory),
            "FC_FUNC_CODE_PATH": context.target.code_dir,
        }
    declared = chosen.function.environment if chosen.function else {}
    return function_environment(context.target, manifest, {**own, **declared, **wish.env})


def _program(stands: Stand, chosen: Chosen) -> str:
    if chosen.language == "node":
        program, why = stands.node, stands.why_no_node
    else:
        program, why = stands.python, stands.why_no_python
    if not program:
        raise UsageError(
            f"{chosen.handler} cannot be called: {why}.",
            hint="Name another target, or a container's image with --sandbox docker:IMAGE.",
        )
    return program


def _check_json(event: bytes) -> None:
    try:
        json.loads(event)
    except ValueError as error:
        raise UsageError(f"The event is no JSON, which Lambda takes: {error}.") from error


def _failure(answer: Answer, orders: Orders) -> Failure | None:
    """What the function's author has to know; None where there is a result."""
    if answer.error is not None or answer.result is not None:
        return answer.error
    if answer.late == "init":
        return Failure("Timeout", f"it was not loaded within {orders.init_limit:g} seconds")
    if answer.late:
        return Failure("Timeout", f"it did not answer within {orders.limit:g} seconds")
    status = answer.status or 0
    if status < 0:
        return Failure("Crash", f"it was ended by {_signal(-status)}")
    return Failure("Exit", f"it ended itself with status {status}")


def _signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:
        return f"signal {number}"


def _findings(said: str, manifest: Manifest, context: Context) -> tuple[Finding, ...]:
    """What the loader complained of on the way to the failure."""
    present = sonames(manifest.files)
    owners = {f"{context.target.code_dir}/{file.path}": file.owner for file in manifest.files}
    needing = [path for path in owners if f'"{path}"' in said or f"{path}:" in said]
    by = max(needing, key=said.rfind, default="")
    return tuple(
        Finding(
            kind=each.kind,
            subject=each.name,
            message=f"{each.sentence}.",
            needed_by=(owners[by],) if by else (),
            files=(by.removeprefix(f"{context.target.code_dir}/"),) if by else (),
        )
        for each in complaints(said)
        if each.kind is not None
        and not (each.kind is Kind.MISSING_LIBRARY and each.name in present)
    )
