"""Runs in the sandbox, by the target's own Python: one forked process for each trial.

Reads the orders (see `fctui.sandbox.trial`) from the file that is named, writes one line of JSON
for each answer. It has to run on every Python from 3.6 on, and uses nothing but the library.
"""

import contextlib
import ctypes
import ctypes.util
import errno
import importlib
import json
import os
import resource
import signal
import sys
import time

LONGEST = 2400
# Characters of a text: a line of JSON has to stay below what the reader takes in one piece.


def main() -> None:
    """Run all trials, as many at once as asked for."""
    with open(sys.argv[1], encoding="utf-8") as file:
        orders = json.load(file)
    answers = os.fdopen(os.dup(1), "w")
    null = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(null, stream)
    sys.path[0:1] = orders["python_path"]
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGCHLD})
    waiting = list(reversed(orders["trials"]))
    running = {}  # type: dict[int, Running]
    while waiting or running:
        while waiting and len(running) < orders["workers"]:
            started = Running(waiting.pop(), orders["memory"])
            running[started.pid] = started
        ends = min(each.ends for each in running.values())
        signal.sigtimedwait({signal.SIGCHLD}, max(0.0, ends - time.monotonic()))
        for pid, status in ended(running):
            print(json.dumps(running.pop(pid).answer(status)), file=answers, flush=True)
        now = time.monotonic()
        for each in running.values():
            if now >= each.ends:
                each.stop()


def ended(running: "dict[int, Running]") -> "list[tuple[int, int]]":
    """The processes that have ended, with their wait statuses."""
    found = []
    for pid in running:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            found.append((pid, status))
    return found


class Running:
    """One process. What it tells comes through a pipe, what it prints goes to a file."""

    def __init__(self, trial: "dict[str, object]", memory: int) -> None:
        """Fork it."""
        self.trial = trial
        self.late = False
        self.begun = time.monotonic()
        self.ends = self.begun + float(str(trial["limit"]))
        self.output = os.open("/tmp", os.O_TMPFILE | os.O_RDWR, 0o600)  # noqa: S108 - the sandbox's own
        self.told, telling = os.pipe()
        self.pid = os.fork()
        if self.pid == 0:
            child(trial, memory, self.output, telling)
        os.close(telling)

    def stop(self) -> None:
        """End the whole group; it is collected like every other."""
        self.late = True
        self.ends = time.monotonic() + 60.0
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)

    def answer(self, status: int) -> "dict[str, object]":
        """What came of it."""
        with contextlib.suppress(OSError):
            os.killpg(self.pid, signal.SIGKILL)  # what it left behind
        said = b""
        os.set_blocking(self.told, False)
        with contextlib.suppress(OSError):
            while True:
                piece = os.read(self.told, 65536)
                if not piece:
                    break
                said += piece
        os.close(self.told)
        code = -os.WTERMSIG(status) if os.WIFSIGNALED(status) else os.WEXITSTATUS(status)
        answer = {"id": self.trial["id"], "status": code, "late": self.late}  # type: dict[str, object]
        answer["seconds"] = round(time.monotonic() - self.begun, 4)
        with contextlib.suppress(ValueError):
            answer.update(json.loads(said.decode("utf-8", "replace") or "{}"))
        if not answer.get("text"):
            answer["text"] = self.printed()
        os.close(self.output)
        return answer

    def printed(self) -> str:
        """The last of the output."""
        size = os.lseek(self.output, 0, os.SEEK_END)
        os.lseek(self.output, max(0, size - LONGEST), os.SEEK_SET)
        return os.read(self.output, LONGEST).decode("utf-8", "replace")


def child(trial: "dict[str, object]", memory: int, output: int, telling: int) -> None:
    """Be the process of a trial; never returns."""
    status = 1
    try:
        os.setsid()
        signal.pthread_sigmask(signal.SIG_UNBLOCK, {signal.SIGCHLD})
        os.dup2(output, 1)
        os.dup2(output, 2)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        if memory:
            resource.setrlimit(resource.RLIMIT_DATA, (memory, memory))
        way, name = str(trial["way"]), str(trial["name"])
        if way == "run":
            argv = [str(word) for word in trial["argv"]]  # type: ignore[attr-defined]
            execute(argv, telling)
        told = import_module(name) if way == "import" else load(name)
        os.write(telling, json.dumps(told).encode())
        status = 1 if told.get("error") else 0
    except BaseException as error:  # noqa: BLE001 - whatever it is, the parent has to be told
        os.write(telling, json.dumps({"error": type(error).__name__, "text": str(error)}).encode())
    finally:
        os._exit(status)


def execute(argv: "list[str]", telling: int) -> None:
    """Become a program; 127 or 126 where it cannot be started, as a shell says it."""
    try:
        os.execv(argv[0], argv)  # noqa: S606 - no shell is what is wanted
    except OSError as error:
        told = {"error": "OSError", "text": not_started(argv[0], error)}
        os.write(telling, json.dumps(told).encode())
        os._exit(127 if isinstance(error, FileNotFoundError) else 126)


def not_started(path: str, error: OSError) -> str:
    """Why the kernel starts no program: execve(2). ENOEXEC of what is text means no processor."""
    if error.errno == errno.ENOEXEC:
        with open(path, "rb") as file:
            if file.read(4) != b"\x7fELF":
                return "its first line does not say what runs it (#!)"
    return os.strerror(error.errno or 0)


def import_module(name: str) -> "dict[str, object]":
    """Import it, watching for libraries that it opens by itself."""
    watch = Watch()
    try:
        importlib.import_module(name)
    except BaseException as error:  # noqa: BLE001 - SystemExit is a failure here as well
        text = "\n".join(causes(error))[:LONGEST]
        return {"error": type(error).__name__, "text": text, "missed": watch.missed(asked=True)}
    return {"missed": watch.missed(asked=False)}


def causes(error: "BaseException | None") -> "list[str]":
    """The message of an exception and of those that led to it, each with its type. What is named
    as the cause (`raise … from`) comes first: it is what happened, the rest are explanations.
    """
    found = []  # type: list[BaseException]
    named = 0
    while error is not None and error not in found and len(found) < 6:
        found.append(error)
        named += error.__cause__ is not None and named == len(found) - 1
        error = error.__cause__ or error.__context__
    first = found[named : named + 1]
    rest = [each for each in found if each not in first]
    return [f"{type(each).__name__}: {str(each).strip()[: LONGEST // 3]}" for each in first + rest]


def load(path: str, tried: "frozenset[str]" = frozenset()) -> "dict[str, object]":
    """Open a shared library as dlopen(3) does, without resolving its functions; after those that
    were put beside it, but for what is being `tried`.
    """
    with open(path, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return {"text": "no ELF file"}
    while True:
        try:
            ctypes.CDLL(path, mode=os.RTLD_LAZY)
        except OSError as error:
            sibling = grafted(path, str(error))
            if not sibling or sibling in tried:
                return {"error": "OSError", "text": str(error)[:LONGEST]}
            tried |= {sibling}
            load(sibling, tried | {path})
        else:
            return {}


def grafted(path: str, complaint: str) -> str:
    """The library that another one lacks, where auditwheel(1) has put both beside a package: the
    modules of that, which are tried themselves, load them one after the other. "" for any other.
    """
    directory, name = os.path.dirname(path), complaint.partition(":")[0]
    sibling = os.path.join(directory, os.path.basename(name))
    return sibling if directory.endswith(".libs") and os.path.isfile(sibling) else ""


class Watch:
    """Notes which libraries are opened by name: they stand in no ELF file's dynamic section."""

    def __init__(self) -> None:
        self.opened = []  # type: list[str]
        self.asked = []  # type: list[str]
        if hasattr(sys, "addaudithook"):  # since Python 3.8
            sys.addaudithook(self.heard)
        find = ctypes.util.find_library

        def find_library(name: str) -> "str | None":
            found = find(name)
            if found is None and ".so" not in name and not name.startswith("lib"):
                self.asked.append(f"lib{name}.so")  # others are guesses of who asks
            return found

        ctypes.util.find_library = find_library

    def heard(self, event: str, arguments: "tuple[object, ...]") -> None:
        """Take an audit event."""
        if event == "ctypes.dlopen" and isinstance(arguments[0], str):
            self.opened.append(arguments[0])

    def missed(self, *, asked: bool) -> "list[str]":
        """Names that the loader does not find; with those that were only asked for."""
        found = [name for name in dict.fromkeys(self.opened) if ".so" in name and not opens(name)]
        return (found + (self.asked if asked else []))[:8]


def opens(name: str) -> bool:
    """Whether a library can be opened."""
    try:
        ctypes.CDLL(name)
    except OSError:
        return False
    return True


if __name__ == "__main__":
    main()
