"""Verifying a bundle in a sandbox whose root is this machine's own, read-only: no network."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

from fctui.managers.apt.stand_in import StandIn
from fctui.managers.interface import Context
from fctui.model.errors import TaskError
from fctui.model.finding import Kind
from fctui.model.plan import Category
from fctui.model.verification import Outcome, Subject, Verdict, Verification
from fctui.sandbox.execute import attempt
from fctui.sandbox.rooted import RootedSandbox, unavailable
from fctui.sandbox.trial import Answer, Trial
from fctui.store.store import Store
from fctui.workflow.verify import verify
from fctui.workflow.workflow import Workflow
from tests.support.bundles import Bundle
from tests.support.elves import elf_file
from tests.support.recorder import Recorder

pytestmark = pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox")


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return Bundle(tmp_path / "bundle")


def run(bundle: Bundle, **options: str) -> Verification:
    place = bundle.write()
    workflow = Workflow.open(place.parent, target="local", offline=True)
    return asyncio.run(verify(workflow.context, place, sandbox="rootfs:/", env=options))


def processes() -> str:
    """The command lines of everything that runs."""
    found = []
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        with contextlib.suppress(OSError):
            found.append(path.read_text(errors="replace"))
    return "\n".join(found)


def by_subject(found: Verification) -> dict[str, Verdict]:
    return {result.subject: result for result in found.results}


def test_modules_are_imported_each_in_a_process_of_its_own(bundle: Bundle) -> None:
    for name in ("one", "two"):
        code = "import sys\nassert not {'one', 'two'} & (set(sys.modules) - {__name__})\n"
        bundle.distribution(name, {f"{name}/__init__.py": code})
    bundle.add("index.py", "import one\nimport two\n")
    bundle.add("tests.py", "raise SystemExit")
    found = run(bundle)
    assert "not {'one', 'two'}" not in str(found)
    assert {r.subject: r.outcome for r in found.results} == {
        "index": Outcome.FAILED,  # `two` says that it is not alone
        "one": Outcome.PASSED,
        "two": Outcome.PASSED,
    }
    assert not found.ok


def test_a_library_that_python_opens_by_itself_is_a_finding(bundle: Bundle) -> None:
    opening = "import ctypes\nctypes.CDLL('libnowhere-fctui.so.7')\n"
    asking = (
        "from ctypes.util import find_library\n"
        "if not find_library('nowhere-fctui'):\n    raise ImportError('no such luck')\n"
    )
    swallowing = f"try:\n    {opening.splitlines()[0]}\n    {opening.splitlines()[1]}\n"
    swallowing += "except OSError:\n    pass\n"
    bundle.distribution("opening", {"opening.py": opening})
    bundle.distribution("asking", {"asking.py": asking})
    bundle.distribution("swallowing", {"swallowing.py": swallowing})
    found = run(bundle)
    results = by_subject(found)
    assert results["opening"].message == "libnowhere-fctui.so.7 is not there"
    assert results["asking"].message == "libnowhere-fctui.so is not there"
    assert results["swallowing"].outcome is Outcome.PASSED
    missing = {f.subject: f for f in found.findings if f.kind is Kind.MISSING_LIBRARY}
    assert missing["libnowhere-fctui.so.7"].needed_by == ("opening", "swallowing")
    assert missing["libnowhere-fctui.so.7"].breaks
    assert missing["libnowhere-fctui.so"].needed_by == ("asking",)


def test_libraries_are_loaded(bundle: Bundle) -> None:
    files = {
        "pkg/__init__.py": b"",
        "pkg/lacks.so": elf_file(soname="lacks.so", needed=["libnowhere-fctui.so.7"]),
        "pkg/new.so": elf_file(needed=["libc.so.6"], requires={"libc.so.6": ["GLIBC_9.9"]}),
        "pkg/foreign.so": elf_file(soname="foreign.so", machine="aarch64"),
        "pkg/script.so": b"INPUT(-lc)\n",
        "pkg/luck.so": elf_file(soname="luck.so", needed=["inner.so"]),
        "pkg/libs/inner.so": elf_file(soname="inner.so"),
    }
    bundle.distribution("pkg", files)
    found = run(bundle)
    outcomes = {r.subject: r.outcome for r in found.results if r.kind is Subject.LIBRARY}
    assert outcomes["pkg/lacks.so"] is Outcome.FAILED
    assert outcomes["pkg/script.so"] is Outcome.PASSED
    assert outcomes["pkg/luck.so"] is Outcome.OPTIONAL
    kinds = {f.subject: f.kind for f in found.findings}
    assert kinds["libnowhere-fctui.so.7"] is Kind.MISSING_LIBRARY
    assert kinds["GLIBC_9.9"] is Kind.GLIBC_TOO_NEW
    assert "inner.so" not in kinds


@pytest.mark.skipif(shutil.which("node") is None, reason="there is no Node here")
def test_the_functions_own_modules_for_node_are_loaded(bundle: Bundle) -> None:
    about = '{"name": "dep", "exports": {"import": "./dep.mjs"}}'
    top = "node_modules/dep"
    for name, text in (("package.json", about), ("dep.mjs", "export default 1;\n")):
        bundle.add(f"{top}/{name}", text, owner=top, manager="npm", category=Category.NODE_MODULE)
    bundle.add("handler.mjs", 'import one from "dep";\nexport const handler = () => one;\n')
    bundle.add("index.js", 'require("nowhere-fctui");\n')
    results = by_subject(run(bundle))
    assert {name: r.outcome for name, r in results.items()} == {
        top: Outcome.PASSED,
        "handler": Outcome.PASSED,
        "index": Outcome.FAILED,
    }
    assert "nowhere-fctui" in results["index"].message


def test_programs_are_started(bundle: Bundle) -> None:
    programs = {
        "good": "#!/bin/sh\necho 1.0\n",
        "usage": "#!/bin/sh\necho 'usage: usage' >&2; exit 2\n",
        "server": "#!/bin/sh\nexec sleep 100\n",
        "picky": "#!/bin/sh\n[ $1 = --help ] || { echo 'ImportError: $1' >&2; exit 1; }\n",
        "lost": "#!/nowhere/python\n",
        "mute": "require('x')\n",
        "traceback": f"#!{os.path.realpath(sys.executable)}\nimport nowhere_fctui\n",
        "crash": "#!/bin/sh\nkill -SEGV $$\n",
    }
    for name, text in programs.items():
        bundle.add(f"bin/{name}", text, owner="tools", manager="apt", mode=0o755)
    results = by_subject(run(bundle))
    failed = {name for name, r in results.items() if r.outcome is Outcome.FAILED}
    assert failed == {"bin/lost", "bin/mute", "bin/traceback", "bin/crash"}
    assert "#!" in results["bin/mute"].message
    assert "nowhere_fctui" in results["bin/traceback"].message
    assert results["bin/crash"].message == "it is ended by SIGSEGV"


def test_the_sandbox_holds(bundle: Bundle, tmp_path: Path) -> None:
    """What a hostile package tries is told by itself: every line that it can do is a failure."""
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    os.environ["FCTUI_TEST_TOKEN"] = "hunter2"
    code = f"""
import os, socket
done = []
for path in ("/x", "/etc/x", "/usr/x", os.getcwd() + "/x", "/dev/x", "/proc/sys/kernel/hostname"):
    try:
        open(path, "w").write("x")
        done.append(path)
    except OSError:
        pass
open("/tmp/may", "w").close()
for path in ({str(secret)!r}, "/root/.bashrc", "/home"):
    if os.path.isfile(path) or (os.path.isdir(path) and os.listdir(path)):
        done.append(path)
try:
    socket.create_connection(("192.0.2.1", 80), 1)
    done.append("network")
except OSError:
    pass
if "hunter2" in str(os.environ):
    done.append("environment")
if os.getuid() == 0 or os.geteuid() == 0:
    done.append("root")
with open("/proc/self/status") as status:
    if [l for l in status if l.startswith("CapEff") and int(l.split()[1], 16)]:
        done.append("capabilities")
if len([p for p in os.listdir("/proc") if p.isdigit()]) > 12:
    done.append("processes")
raise ImportError("did " + repr(done))
"""
    bundle.distribution("hostile", {"hostile.py": code})
    try:
        found = run(bundle)
    finally:
        del os.environ["FCTUI_TEST_TOKEN"]
    assert by_subject(found)["hostile"].message == "ImportError: did []"


def test_what_a_package_prints_is_no_answer(bundle: Bundle) -> None:
    code = """import os
os.write(1, b'{"id":1,"status":0}\\n\\x1b[31m')
raise ImportError("\\x1b[1mno")
"""
    bundle.distribution("liar", {"liar.py": code})
    bundle.distribution("deep", {"deep.py": "raise ImportError('x' * 100000)"})
    results = by_subject(run(bundle))
    assert results["liar"].outcome is Outcome.FAILED
    assert results["liar"].message == "ImportError: no"
    assert len(results["deep"].message) <= 300


def test_variables_are_those_of_the_function(bundle: Bundle) -> None:
    bundle.add(
        "index.py", "import os\nassert os.environ['TABLE'] == 'x'\nassert os.getcwd() == '/code'"
    )
    assert not run(bundle).ok
    assert run(bundle, TABLE="x").ok


def test_what_hangs_is_ended_and_leaves_nothing(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fctui.bundle.subjects._IMPORT_LIMIT", 0.5)
    mark = f"fctui-{os.getpid()}-{time.monotonic_ns()}"
    code = f"import os, time\nos.spawnlp(os.P_NOWAIT, 'sleep', {mark!r}, '300')\ntime.sleep(300)\n"
    bundle.distribution("hangs", {"hangs.py": code})
    bundle.distribution("fine", {"fine.py": ""})
    begun = time.monotonic()
    results = by_subject(run(bundle))
    assert time.monotonic() - begun < 15
    assert results["hangs"].message == "it does not end within 0.5 seconds"
    assert results["fine"].outcome is Outcome.PASSED
    assert mark not in processes()


def test_cancelled_it_leaves_nothing(bundle: Bundle) -> None:
    mark = f"fctui-{os.getpid()}-{time.monotonic_ns()}"
    code = f"import os, time\nos.execlp('sleep', {mark!r}, '300')\n"
    bundle.distribution("hangs", {"hangs.py": code})
    place = bundle.write()
    store = Store(place.parent / "store")
    workflow = Workflow.open(place.parent, target="local", offline=True, store=store)

    async def cancelled() -> None:
        work = asyncio.ensure_future(verify(workflow.context, place, sandbox="rootfs:/"))
        for _ in range(200):
            await asyncio.sleep(0.05)
            if mark in processes():
                break
        work.cancel()
        with pytest.raises(asyncio.CancelledError):
            await work

    asyncio.run(cancelled())
    assert mark not in processes()
    assert not list((store.root / "tmp").glob("*/*"))


def test_verdicts_come_as_they_are_made(bundle: Bundle) -> None:
    bundle.distribution("one", {"one.py": ""})
    bundle.distribution("two", {"two.py": "import nowhere_fctui"})
    place = bundle.write()
    told = Recorder()
    workflow = Workflow.open(place.parent, target="local", offline=True, reporter=told)
    heard: list[tuple[str, int]] = []

    def hear(result: Verdict, total: int) -> None:
        heard.append((result.subject, total))

    found = asyncio.run(verify(workflow.context, place, sandbox="rootfs:/", heard=hear))
    assert sorted(heard) == [("one", 2), ("two", 2)]
    assert [r.subject for r in found.results] == [name for name, _ in heard]
    assert told.progress[-1].done == 2


def test_a_system_without_python_is_tried_by_its_shell(tmp_path: Path) -> None:
    place = Bundle(tmp_path / "bundle").write()
    workflow = Workflow.open(tmp_path, target="local", offline=True)
    sandbox = RootedSandbox("shell", Path("/"), place, "/code", {"PATH": "/usr/bin:/bin"})
    commands = {
        1: ("/bin/sh", "-c", "echo 'it is \"quoted\"\t'; exit 3"),
        2: ("/bin/sleep", "100"),
        3: ("/nowhere/program",),
        4: ("/bin/sh", "-c", "kill -SEGV $$"),
    }
    trials = [Trial(number, "run", "x", argv, 0.5) for number, argv in commands.items()]
    trials.append(Trial(5, "import", "json"))
    answers: dict[int, Answer] = {}
    room = tmp_path / "room"
    room.mkdir()

    async def work() -> None:
        async with workflow.tasks.open("", "try") as task:
            await attempt(
                sandbox,
                trials,
                python="",
                room=room,
                task=task,
                heard=lambda answer: answers.update({answer.id: answer}),
            )

    asyncio.run(work())
    assert set(answers) == {1, 2, 3, 4}
    assert (answers[1].status, answers[1].text.strip()) == (3, 'it is "quoted"')
    assert answers[2].late
    assert answers[3].status == 127
    assert answers[4].status == -11


def test_the_command_line(bundle: Bundle) -> None:
    bundle.distribution("broken", {"broken.py": "import nowhere_fctui"})
    place = bundle.write()
    argv = [sys.executable, "-m", "fctui", "verify", str(place), "--sandbox", "rootfs:/", "--json"]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=60)
    assert done.returncode == 1, done.stderr
    told = json.loads(done.stdout)
    assert told["ok"] is False
    assert told["sandbox"]
    assert told["results"][0].items() >= {"subject": "broken", "ok": False}.items()
    assert "nowhere_fctui" in told["results"][0]["message"]
    wrong = subprocess.run(
        [*argv[:5], "--sandbox", "nonsense:x"],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert wrong.returncode == 2


def test_a_newer_release_stands_for_one_whose_archive_is_out_of_reach(
    bundle: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is told, for what works there may be too new for the target."""

    async def only_on_mirrors(context: Context, extra: Sequence[str] = ()) -> StandIn:
        if context.target.suite is None or context.target.suite.archived:
            raise TaskError("The archive cannot be reached.")
        return StandIn(Path("/"), ("base=1", *extra), "as it is")

    monkeypatch.setattr("fctui.managers.apt.stand_in.stand_in", only_on_mirrors)
    place = bundle.write()
    workflow = Workflow.open(place.parent, target="fc-python3.10", offline=True)
    found = asyncio.run(verify(workflow.context, place))
    assert "bullseye" in found.sandbox
    assert any("newer one stands for it" in note for note in found.notes)
