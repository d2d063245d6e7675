"""Calls a function's handler once, in the sandbox, by the target's own Python.

Reads the orders (see `fctui.sandbox.call`) from the file that is named, and writes one line of
JSON when the call has ended, however it did. The function runs in a process of its own, whose
output is the log, on stderr. It has to run on every Python from 3.6 on, and uses nothing but the
library.

Sources: Function Compute, "Context" of the Python runtimes; AWS Lambda, "context object in Python".
"""

import base64
import contextlib
import importlib
import json
import logging
import os
import select
import signal
import sys
import time
import traceback
import types


def main() -> None:
    """Fork the function, wait for its end or for the limit, tell what came of it."""
    with open(sys.argv[1], encoding="utf-8") as file:
        orders = json.load(file)
    told, telling = os.pipe()
    begun = time.monotonic()
    pid = os.fork()
    if pid == 0:
        os.close(told)
        function(orders, telling)
    os.close(telling)
    answer = hear(told, orders, begun)
    with contextlib.suppress(OSError):
        os.killpg(pid, signal.SIGKILL)
    _, status, usage = os.wait4(pid, 0)
    answer["peak_memory"] = usage.ru_maxrss * 1024
    if "result" not in answer and "error" not in answer:
        answer["status"] = (
            -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        )
    sys.stdout.write(json.dumps(answer) + "\n")


def hear(told: int, orders: "dict[str, object]", begun: float) -> "dict[str, object]":
    """What the function's process says, up to its end or its limit: first for its start, then,
    from when that is done, for the call.
    """
    answer = {}  # type: dict[str, object]
    ends = begun + float(str(orders["init_limit"]))
    rest = b""
    while True:
        ready, _, _ = select.select([told], [], [], max(0.0, ends - time.monotonic()))
        if not ready:
            answer["late"] = "call" if "init_seconds" in answer else "init"
            phase = "seconds" if "init_seconds" in answer else "init_seconds"
            answer[phase] = round(time.monotonic() - begun, 4)
            return answer
        piece = os.read(told, 65536)
        if not piece:
            if "seconds" not in answer and "init_seconds" in answer:
                answer["seconds"] = round(time.monotonic() - begun, 4)
            return answer
        *lines, rest = (rest + piece).split(b"\n")
        for line in lines:
            answer.update(json.loads(line.decode()))
            if "init_seconds" in answer and "seconds" not in answer:
                begun = time.monotonic()
                ends = begun + float(str(orders["limit"]))
            if "result" in answer or "error" in answer:
                return answer


def function(orders: "dict[str, object]", telling: int) -> None:
    """Be the function's process; never returns."""
    os.setsid()
    os.dup2(2, 1)
    begun = time.monotonic()
    told = {}  # type: dict[str, object]
    phase = "init_seconds"
    try:
        call = load(orders)
        init = round(time.monotonic() - begun, 4)
        os.write(telling, (json.dumps({"init_seconds": init}) + "\n").encode())
        phase, begun = "seconds", time.monotonic()
        event = base64.b64decode(str(orders["event"]))
        style = orders["style"]
        given = json.loads(event.decode()) if style == "lambda" else event
        result = call(given, context(orders, begun))
        told["seconds"] = round(time.monotonic() - begun, 4)
        data = body(result, str(style))
        told["result"] = base64.b64encode(data).decode()
    except BaseException as error:  # noqa: BLE001 - SystemExit is a failure here as well
        told.setdefault(phase, round(time.monotonic() - begun, 4))
        text = lines_of(error)
        sys.stderr.write(text)
        said = {"type": type(error).__name__, "message": str(error), "traceback": text}
        told["error"] = said
    try:
        sys.stdout.flush()
        sys.stderr.flush()
        whole = (json.dumps(told) + "\n").encode()
        while whole:
            whole = whole[os.write(telling, whole) :]
    finally:
        os._exit(0)


def load(orders: "dict[str, object]") -> "types.FunctionType":
    """Import the module as the runtime does, the code's directory before all others."""
    code = str(orders["code"])
    os.chdir(code)
    path = [str(each) for each in orders["python_path"]]  # type: ignore[attr-defined]
    sys.path[0:1] = path if code in path else [code, *path]
    logs(orders)
    module = importlib.import_module(str(orders["module"]))
    try:
        return getattr(module, str(orders["function"]))  # type: ignore[no-any-return]
    except AttributeError:
        missing = f"{orders['module']} has no {orders['function']}"
        raise LookupError(missing) from None


def logs(orders: "dict[str, object]") -> None:
    """The root logger as the runtime sets it up: Function Compute shows INFO, Lambda WARNING."""
    handler = logging.StreamHandler(sys.stdout)
    request = str(orders["request_id"])
    form = "%(asctime)s " + request + " [%(levelname)s] %(message)s"
    if orders["style"] == "lambda":
        form = "[%(levelname)s]\t%(asctime)s\t" + request + "\t%(message)s"
    handler.setFormatter(logging.Formatter(form))
    logging.getLogger().addHandler(handler)
    logging.getLogger().setLevel(logging.WARNING if orders["style"] == "lambda" else logging.INFO)


def body(result: object, style: str) -> bytes:
    """The answer's bytes. Function Compute passes text and bytes on as they are."""
    if style != "lambda":
        if isinstance(result, (bytes, bytearray)):
            return bytes(result)
        if isinstance(result, str):
            return result.encode()
    return json.dumps(result, ensure_ascii=False).encode()


def lines_of(error: BaseException) -> str:
    """The traceback as the function's author knows it: without the runner's and the import
    machinery's own frames at its beginning.
    """
    trace = error.__traceback__
    while trace is not None and ours(trace.tb_frame.f_code.co_filename):
        trace = trace.tb_next
    return "".join(traceback.format_exception(type(error), error, trace))


def ours(name: str) -> bool:
    """Whether a frame's file is no part of the function."""
    if name == __file__ or name.startswith("<frozen importlib"):
        return True
    return name == importlib.__file__


def context(orders: "dict[str, object]", begun: float) -> object:
    """The second argument of the handler."""
    limit, memory = float(str(orders["limit"])), int(str(orders["memory"]))
    name, get = str(orders["name"]), os.environ.get
    if orders["style"] == "lambda":
        region = get("AWS_REGION", "us-east-1")
        made = types.SimpleNamespace(
            function_name=name,
            function_version="$LATEST",
            invoked_function_arn=f"arn:aws:lambda:{region}:000000000000:function:{name}",
            memory_limit_in_mb=str(memory),
            aws_request_id=orders["request_id"],
            log_group_name="/aws/lambda/" + name,
            log_stream_name="fctui",
            identity=None,
            client_context=None,
            log=sys.stdout.write,
        )
        made.get_remaining_time_in_millis = lambda: max(
            0, int(1000 * (begun + limit - time.monotonic()))
        )
        return made
    space = types.SimpleNamespace
    return space(
        request_id=orders["request_id"],
        requestId=orders["request_id"],
        credentials=space(
            access_key_id=get("ALIBABA_CLOUD_ACCESS_KEY_ID", ""),
            access_key_secret=get("ALIBABA_CLOUD_ACCESS_KEY_SECRET", ""),
            security_token=get("ALIBABA_CLOUD_SECURITY_TOKEN", ""),
        ),
        function=space(name=name, handler=orders["handler"], memory=memory, timeout=int(limit)),
        service=space(name="", log_project="", log_store="", qualifier="LATEST", version_id=""),
        region=get("FC_REGION", ""),
        account_id=get("FC_ACCOUNT_ID", ""),
        tracing=space(span_context="", jaeger_endpoint="", span_baggages={}),
        retry_count=0,
        get_logger=logging.getLogger,
    )


if __name__ == "__main__":
    main()
