"""A shell in a sandbox whose root is this machine's own: streams, terminal, and what it may do."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from pathlib import Path

import pytest

from fctui.sandbox.rooted import unavailable
from tests.support.bundles import Bundle

pytestmark = pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox")

ARGV = (sys.executable, "-m", "fctui", "shell", "-q", "--sandbox", "rootfs:/")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    bundle = Bundle(tmp_path / "build" / "bundle")
    bundle.distribution("one", {"one/__init__.py": "value = 1\n"})
    bundle.distribution("two", {"two.py": "value = 2\n"})
    bundle.add("index.py", "import one\n")
    bundle.write()
    (tmp_path / "requirements.txt").write_text("one\ntwo\n")
    return tmp_path


def run(project: Path, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*ARGV, *words],
        cwd=project,
        env={
            **os.environ,
            "PYTHONPATH": os.getcwd(),
            "SECRET": "of the host",
            "FCTUI_CACHE_DIR": str(project / "store"),
        },
        input=stdin,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_a_command_has_the_streams_and_gives_its_exit_code(project: Path) -> None:
    done = run(project, "-c", "read line; echo $line; echo wrong >&2; exit 7", stdin="given\n")
    assert (done.returncode, done.stdout, done.stderr) == (7, "given\n", "wrong\n")


def test_a_script_on_stdin_is_run_where_the_function_lies(project: Path) -> None:
    done = run(project, "--env", "MINE=yes", stdin="pwd; ls; echo $MINE $SECRET; kill -9 $$\n")
    shown = ["/code", "index.py", "one", "one-1.0.dist-info", "two-1.0.dist-info", "two.py", "yes"]
    assert done.stdout.split() == shown
    assert done.returncode == 128 + signal.SIGKILL


def test_nothing_can_be_written_and_there_is_no_network(project: Path) -> None:
    done = run(
        project, "-c", "echo x > /code/new; echo x > /etc/new; ls /sys/class/net; cat /proc/net/dev"
    )
    assert done.stderr.count("Read-only file system") == 2
    assert "eth" not in done.stdout
    assert not (project / "build/bundle/new").exists()


def test_what_is_written_is_a_copy_and_is_told(project: Path) -> None:
    linked = project / "in the store"
    os.link(project / "build/bundle/two.py", linked)
    linked.chmod(0o444)
    script = (
        "echo 'value = 3' > two.py; touch -d 2001-01-01 index.py; rm -r one one-1.0.dist-info; "
        "mkdir -p new-2.0.dist-info other-1.0.dist-info node_modules/left usr/share/doc/libx1; "
        "printf 'Name: new\\nRequires-Dist: other>=1\\n\\n' > new-2.0.dist-info/METADATA; "
        "printf 'Name: other\\n' > other-1.0.dist-info/METADATA; "
        'echo \'{"version": "1.2.3"}\' > node_modules/left/package.json; '
        "touch usr/share/doc/libx1/copyright"
    )
    done = run(project, "--writable", "-c", script)
    assert done.returncode == 0, done.stderr
    assert linked.read_text() == "value = 2\n"
    assert (project / "build/bundle/one/__init__.py").is_file()
    assert "4 files added, 2 files removed, 1 file changed" in done.stderr
    assert "To be declared in .: pip new==2.0, npm left@1.2.3, apt libx1" in done.stderr
    assert (project / "requirements.txt").read_text() == "one\ntwo\n"
    assert (project / "store/tmp").is_dir()
    assert not [*project.glob("store/tmp/*/*/code")]


def test_what_was_asked_for_by_name_is_taken(project: Path) -> None:
    script = (
        "for each in two-2.0 three-3.0; do mkdir $each.dist-info; "
        "echo Name: > $each.dist-info/METADATA; done; touch two-2.0.dist-info/REQUESTED"
    )
    done = run(project, "--writable", "--take", "-c", script)
    assert "change two to two==2.0 in requirements.txt" in done.stderr
    assert (project / "requirements.txt").read_text() == "one\ntwo==2.0\n"


def test_nothing_that_only_looks_like_a_package_is_declared(project: Path) -> None:
    script = (
        "mkdir -p 'evil --index-url=x-1.dist-info' node_modules/x; "
        "touch 'evil --index-url=x-1.dist-info/METADATA'; "
        "echo '{\"version\": \"1 || curl\"}' > node_modules/x/package.json; echo '[' > package.json"
    )
    done = run(project, "--writable", "--take", "-c", script)
    assert "No package is among it" in done.stderr


def test_take_needs_a_writable_shell(project: Path) -> None:
    assert run(project, "--take").returncode == 2


class Terminal:
    """Somebody at a terminal: types, reads, changes its size."""

    def __init__(self, project: Path) -> None:
        self.seen = ""
        self._ours, theirs = pty.openpty()
        self.resize(24, 80)
        self.before = termios.tcgetattr(theirs)
        self.theirs = theirs
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *ARGV],
            cwd=project,
            env={**os.environ, "PYTHONPATH": os.getcwd(), "TERM": "dumb"},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )

    def resize(self, rows: int, columns: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    def type(self, text: str) -> None:
        os.write(self._ours, text.encode())

    def wait(self, text: str) -> None:
        """Read until a text has come."""
        until = time.monotonic() + 30
        while text not in self.seen:
            assert time.monotonic() < until, self.seen
            if select.select([self._ours], [], [], 0.2)[0]:
                self.seen += os.read(self._ours, 65536).decode()
        self.seen = self.seen.partition(text)[2]

    def close(self) -> int:
        status = self.process.wait(30)
        os.close(self._ours)
        os.close(self.theirs)
        return status


def test_a_terminal_has_job_control_and_a_size(project: Path) -> None:
    here = Terminal(project)
    here.type("echo begun-$((40+2))\n")
    here.wait("begun-42")
    here.type("stty size; sleep 60\n")
    here.wait("24 80")
    time.sleep(0.3)
    here.type("\x1a")  # ^Z
    here.wait("Stopped")
    here.type("fg\n")
    here.wait("sleep 60")
    time.sleep(0.3)
    here.type("\x03")  # ^C
    here.resize(30, 100)
    time.sleep(0.3)
    here.type("stty size\n")
    here.wait("30 100")
    here.type("python3 -c 'import os; print(os.isatty(0), os.tcgetpgrp(0) == os.getpgrp())'\n")
    here.wait("True True")
    here.type("exit 5\n")
    here.wait("exit")
    assert here.process.wait(30) == 5
    after = termios.tcgetattr(here.theirs)
    assert after[:4] == here.before[:4]
    here.close()


def test_a_large_paste_arrives(project: Path) -> None:
    here = Terminal(project)
    here.type("stty -echo; cat > /tmp/pasted; wc -l < /tmp/pasted; exit\n")
    time.sleep(1.0)
    for _ in range(40):
        here.type("0123456789" * 6 + "\n")
        here.type(("x" * 60 + "\n") * 50)
    here.type("\x04")
    here.wait("2040")
    assert here.close() == 0


def test_a_terminal_that_is_closed_ends_the_shell(project: Path) -> None:
    here = Terminal(project)
    here.type("echo begun-$((40+2)); sleep 600.5\n")
    here.wait("begun-42")
    time.sleep(0.3)
    os.close(here.theirs)
    os.close(here._ours)
    here.process.wait(30)
    time.sleep(0.3)
    found = [
        path
        for path in Path("/proc").glob("[0-9]*/cmdline")
        if b"600.5" in (path.read_bytes() if path.exists() else b"")
    ]
    assert not found
