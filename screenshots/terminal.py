"""Makes the picture of `fctui run` and `fctui shell`: a real terminal session on the example.

Run it by `python screenshots/terminal.py`. It builds the example in /tmp/thumbnail, types what
stands in `TYPED` into a shell at a pseudo-terminal, and draws what came back.
"""

from __future__ import annotations

import os
import pty
import select
import shlex
import shutil
import subprocess
import sys
import tempfile
import termios
import time
from io import StringIO
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

from fctui.demo.example import copy_example

HERE = Path(__file__).parent
PROJECT = Path("/tmp/thumbnail")  # noqa: S108 - a place that says nothing about the machine
ROWS, COLUMNS = 40, 110
PATIENCE = 300.0

TYPED = (
    ("fctui run --event event.json", "thumbnail $ "),
    ("fctui run thumbnail.handler --event event.json -q", "thumbnail $ "),
    ("fctui shell --writable --network -q", "/code$ "),
    ("python3 -c 'import cv2; print(cv2.__version__)'", "/code$ "),
    ("pip install -q -t . tabulate", "/code$ "),
    ("exit", "[y/N]: "),
    ("n", "thumbnail $ "),
)
# What is typed, and what has to be there at the end of the answer before the next line is.


class Session:
    """A shell at a pseudo-terminal; `seen` is all that it has shown."""

    def __init__(self) -> None:
        run = f"{shlex.quote(sys.executable)} -m fctui"
        with tempfile.NamedTemporaryFile("w", suffix=".sh", delete=False) as settings:
            settings.write(f"PS1='thumbnail $ '\nfctui() {{ {run} \"$@\"; }}\n")
        self._settings = Path(settings.name)
        self._ours, theirs = pty.openpty()
        termios.tcsetwinsize(theirs, (ROWS, COLUMNS))
        self._process = subprocess.Popen(
            ["setsid", "--ctty", "bash", "--noprofile", "--rcfile", settings.name],
            cwd=PROJECT,
            env={**os.environ, "TERM": "dumb", "PYTHONPATH": str(HERE.parent)},
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
        )
        os.close(theirs)
        self.seen = ""

    def type(self, line: str) -> None:
        """A line, and Enter."""
        os.write(self._ours, f"{line}\r".encode())

    def wait(self, end: str) -> None:
        """Until what is shown ends so, and nothing more comes."""
        until = time.monotonic() + PATIENCE
        quiet = False
        while not (quiet and self.seen.endswith(end)):
            if time.monotonic() > until:
                raise SystemExit(f"{end!r} has not come:\n{self.seen}")
            quiet = not select.select([self._ours], [], [], 0.5)[0]
            if not quiet:
                self.seen += os.read(self._ours, 65536).decode(errors="replace")

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        os.close(self._ours)
        self._settings.unlink()


def main() -> None:
    """Make the picture."""
    if PROJECT.exists():
        if not (PROJECT / "fctui.toml").is_file():
            raise SystemExit(f"{PROJECT} is not a copy of the example; move it away.")
        shutil.rmtree(PROJECT)
    copy_example(PROJECT)
    argv = [sys.executable, "-m", "fctui", "build", "-q", str(PROJECT)]
    env = {**os.environ, "PYTHONPATH": str(HERE.parent)}
    subprocess.run(argv, check=True, stdout=subprocess.DEVNULL, env=env)
    session = Session()
    try:
        session.wait("thumbnail $ ")
        for line, end in TYPED:
            session.type(line)
            session.wait(end)
    finally:
        session.close()
    console = Console(record=True, width=COLUMNS, file=StringIO(), force_terminal=True)
    lines = session.seen.replace("\r\n", "\n").rpartition("\n")[0].split("\n")
    for line in lines:
        shown = Text.from_ansi(line)
        prompt, sign, typed = shown.plain.partition("$ ")
        if sign and (prompt.startswith(("thumbnail ", "nobody@"))):
            shown.stylize("bold green", 0, len(prompt) + 1)
            shown.stylize("bold", len(prompt) + 2, len(prompt) + 2 + len(typed))
        console.print(shown, soft_wrap=False)
    path = HERE / "run-and-shell.svg"
    path.write_text(console.export_svg(title="fctui run, fctui shell", theme=MONOKAI))
    sys.stdout.write(f"{path}\n")


if __name__ == "__main__":
    main()
