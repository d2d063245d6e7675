"""Calling handlers in a sandbox whose root is this machine's own, in Python and in Node."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from fctui.sandbox.rooted import unavailable
from tests.support.bundles import Bundle

pytestmark = pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox")
node = pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node")


class Place:
    """A bundle of one function, and calls of it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.bundle = Bundle(root / "build" / "bundle")
        self.written = False

    def run(self, *words: str, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
        if not self.written:
            self.bundle.write()
            self.written = True
        return subprocess.run(
            [sys.executable, "-m", "fctui", "run", "-q", "--sandbox", "rootfs:/", *words],
            cwd=self.root,
            env={**os.environ, "PYTHONPATH": os.getcwd()},
            input=stdin,
            capture_output=True,
            timeout=60,
            check=False,
        )

    def call(self, *words: str) -> dict[str, Any]:
        done = self.run("--json", *words)
        assert done.stdout, done.stderr.decode()
        said: dict[str, Any] = json.loads(done.stdout)
        assert done.returncode == (0 if said["ok"] else 1)
        return said


@pytest.fixture
def place(tmp_path: Path) -> Place:
    return Place(tmp_path)


ECHO = """\
import json, logging, sys
print("loading")
def handler(event, context):
    logging.getLogger().info("asked")
    assert isinstance(event, bytes)
    return json.dumps([json.loads(event), context.function.name, context.function.timeout,
                       context.function.memory, bool(context.request_id), sys.path[0]])
def raw(event, context):
    return b"\\xff\\x00" + event
def values(event, context):
    return {"a": [1, None]}
def fails(event, context):
    raise ValueError("no such luck: \\x1b[31m")
def sleeps(event, context):
    import time
    print("begun", flush=True)
    time.sleep(60)
def dies(event, context):
    import os, signal
    os.kill(os.getpid(), signal.SIGSEGV)
def leaves(event, context):
    import os
    os._exit(9)
def hungry(event, context):
    return str(len(bytearray(b"x" * (200 << 20))))
def forks(event, context):
    import subprocess
    subprocess.Popen(["sleep", "600.25"])
    return "left"
"""


def test_function_compute_gives_bytes_and_takes_text(place: Place) -> None:
    place.bundle.add("index.py", ECHO)
    done = place.run("--event", '{"x": "é"}')
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == [{"x": "é"}, "index", 3, 512, True, "/code"]
    log = done.stderr.decode()
    assert log.startswith("loading\n")
    assert "[INFO] asked" in log
    assert "✔ index.handler: init " in log
    assert "peak memory" in log


def test_an_event_comes_from_a_file_or_stdin_and_bytes_stay_bytes(place: Place) -> None:
    place.bundle.add("index.py", ECHO)
    done = place.run("index.raw", "--event", "-", stdin=b"\x00\xfe")
    assert done.stdout == b"\xff\x00\x00\xfe"
    event = place.root / "event.json"
    event.write_text("[1]")
    said = place.call("index.raw", "--event", str(event))
    assert (said["result"], said["encoding"]) == ("/wBbMV0=", "base64")
    assert place.call("index.values")["result"] == '{"a": [1, null]}'
    assert place.run("--event", "nowhere.json").returncode == 2


def test_lambda_gives_and_takes_json(place: Place) -> None:
    code = (
        "import os\n"
        "def handler(event, context):\n"
        "    left = context.get_remaining_time_in_millis()\n"
        "    assert 1000 < left <= 7000, left\n"
        "    return [event['x'], context.function_name, context.memory_limit_in_mb,\n"
        "            context.aws_request_id != '', os.environ['AWS_LAMBDA_FUNCTION_NAME']]\n"
        "def other(event, context):\n    return {1, 2}\n"
    )
    place.bundle.add("app.py", code)
    words = ("--as", "lambda", "--timeout", "7", "--memory", "256")
    said = place.call("app.handler", *words, "--event", '{"x": 1}')
    assert said["result"] == [1, "app", "256", True, "app"]
    assert place.call("app.other", *words)["error"]["type"] == "TypeError"
    assert place.run("app.handler", *words, "--event", "{").returncode == 2


def test_an_exception_is_the_functions_own_traceback(place: Place) -> None:
    place.bundle.add("index.py", ECHO)
    said = place.call("index.fails")
    assert said["error"]["type"] == "ValueError"
    assert said["error"]["traceback"].count("File ") == 1
    assert '"/code/index.py"' in said["error"]["traceback"]
    assert said["result"] is None
    done = place.run("index.fails")
    assert (done.returncode, done.stdout) == (1, b"")
    assert b"call.py" not in done.stderr
    assert b"\x1b" not in done.stderr


def test_what_does_not_answer_is_ended(place: Place) -> None:
    place.bundle.add("index.py", ECHO)
    said = place.call("index.sleeps", "--timeout", "0.3")
    assert said["error"] == {
        "type": "Timeout",
        "message": "it did not answer within 0.3 seconds",
        "traceback": "",
    }
    assert said["log"] == ["loading", "begun"]
    assert 0.3 <= said["seconds"] < 2
    assert said["peak_memory"] > 1 << 20


def test_a_crash_and_an_exit_are_told(place: Place) -> None:
    place.bundle.add("index.py", ECHO)
    assert place.call("index.dies")["error"]["message"] == "it was ended by SIGSEGV"
    assert place.call("index.leaves")["error"]["message"] == "it ended itself with status 9"


def test_peak_memory_is_the_functions(place: Place) -> None:
    place.bundle.add("index.py", ECHO)
    said = place.call("index.hungry")
    assert said["result"] == str(200 << 20)
    assert said["peak_memory"] > 200 << 20


def test_nothing_that_it_starts_is_left(place: Place) -> None:
    place.bundle.add("index.py", ECHO)
    assert place.call("index.forks")["result"] == "left"
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            assert b"600.25" not in path.read_bytes()
        except OSError:
            continue


def test_a_missing_library_is_a_finding_with_who_needs_it(place: Place) -> None:
    code = "import ctypes\nctypes.CDLL('libnowhere-fctui.so.7')\n"
    place.bundle.distribution("opening", {"opening.py": code})
    place.bundle.add("index.py", "import opening\ndef handler(event, context): pass\n")
    said = place.call()
    assert said["error"]["type"] == "OSError"
    assert said["init_seconds"] is not None
    assert said["seconds"] is None
    [finding] = said["findings"]
    assert (finding["kind"], finding["subject"]) == ("missing-library", "libnowhere-fctui.so.7")
    assert finding["needed_by"] == ["opening"]


TEMPLATE = """\
edition: 3.0.0
vars: {region: x}
resources:
  resize:
    component: fc3
    props:
      functionName: resizer
      runtime: python3.10
      handler: src/index.values
      timeout: 20
      memorySize: 1024
      region: ${vars.region}
      environmentVariables: {WIDTH: 160}
  other:
    component: fc3
    props: {handler: src/index.other, runtime: python3.10, code: !Ref x}
"""


def test_the_template_names_functions(place: Place) -> None:
    code = (
        "import os\n"
        "def values(event, context):\n"
        "    made = context.function\n"
        "    return [made.name, made.memory, made.timeout, made.handler, os.environ['WIDTH']]\n"
    )
    place.bundle.add("src/index.py", code)
    (place.root / "s.yaml").write_text(TEMPLATE)
    wanted = ["resizer", 1024, 20, "src/index.values", "160"]
    assert json.loads(place.call("resizer")["result"]) == wanted
    assert json.loads(place.call("src/index.values")["result"]) == wanted
    done = place.run()
    assert done.returncode == 2
    assert b"several functions: resizer (src/index.values), other" in done.stderr


def test_what_is_not_there_is_said(place: Place) -> None:
    place.bundle.add("index.py", ECHO)
    assert b"The bundle has no none.py" in place.run("none.handler").stderr
    assert b"is no handler" in place.run("index").stderr
    assert place.call("index.nothing")["error"]["message"] == "index has no nothing"
    (place.root / "s.yaml").write_text("a: [")
    done = place.run()
    assert done.returncode == 2
    assert b"s.yaml cannot be read" in done.stderr


NODE = """\
console.log("loading");
exports.back = (event, context, callback) => {
  const said = `${Buffer.isBuffer(event)} ${event} ${context.function.name}`;
  setTimeout(() => callback(null, said), 5);
};
exports.later = async (event, context) => ({ got: JSON.parse(event), id: !!context.requestId });
exports.fails = async () => { throw new TypeError("no such luck"); };
exports.refuses = (event, context, callback) => callback(new Error("refused"));
exports.nothing = (event, context, callback) => {};
exports.sleeps = (event, context, callback) => { for (;;); };
exports.lambda = async (event, context) => [event.x, context.memoryLimitInMB];
exports.missing = () => require("nowhere");
"""


@node
def test_node_answers_by_callback_and_by_promise(place: Place) -> None:
    place.bundle.add("index.js", NODE)
    done = place.run("index.back", "--event", "[1]")
    assert done.stdout == b"true [1] index", done.stderr
    assert done.stderr.startswith(b"loading\n")
    said = place.call("index.later", "--event", "[1]")
    assert json.loads(said["result"]) == {"got": [1], "id": True}
    assert said["peak_memory"] > 10 << 20
    said = place.call("index.lambda", "--as", "lambda", "--event", '{"x": 2}')
    assert said["result"] == [2, "128"]
    assert place.call("index.nothing")["result"] == ""


@node
def test_node_fails_with_its_own_stack(place: Place) -> None:
    place.bundle.add("index.js", NODE)
    said = place.call("index.fails")
    assert (said["error"]["type"], said["error"]["message"]) == ("TypeError", "no such luck")
    assert "/code/index.js:7" in said["error"]["traceback"]
    assert "call.js" not in said["error"]["traceback"]
    assert place.call("index.refuses")["error"]["message"] == "refused"
    assert "nowhere" in place.call("index.missing")["error"]["message"]
    said = place.call("index.sleeps", "--timeout", "0.3")
    assert said["error"]["type"] == "Timeout"
    assert said["peak_memory"] > 10 << 20


@node
def test_node_loads_modules_of_both_kinds(place: Place) -> None:
    place.bundle.add("one.mjs", "export const handler = async () => 'one';\n")
    place.bundle.add("two.js", "export const handler = async () => 'two';\n")
    place.bundle.add("package.json", '{"type": "module"}')
    assert place.call("one.handler")["result"] == "one"
    assert place.call("two.handler")["result"] == "two"
