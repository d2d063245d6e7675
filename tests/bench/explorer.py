"""Exploring more than a hundred thousand files: opening, scrolling, filtering, memory."""

from __future__ import annotations

import fcntl
import json
import os
import pty
import select
import shutil
import signal
import statistics
import struct
import subprocess
import termios
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.bench.measure import Bound, Contender, race
from tests.bench.places import FCTUI, PLACE, caches

LEAST_FILES = 100_000
PACKAGES = (
    "@mui/icons-material", "@mui/material", "@fluentui/react-icons", "@tabler/icons-react",
    "react", "react-dom", "lucide-react", "date-fns", "googleapis", "aws-sdk", "core-js",
)  # fmt: skip
REQUIREMENTS = "boto3\nscikit-learn\npandas\nopencv-python-headless\ndjango\nsympy\n"
# Packages with many files; libraries and tests of Python beside them.

MOST = 0.050
# Seconds from a key to the frame that shows what it did, at the 95th percentile.

QUIET = 0.08
# Seconds without output after which a key is done: five frames of Textual.

_SIZE = (40, 120)


def explorer() -> bool:
    """Opening against `du -a` and `ncdu -o`, then keys in a real terminal."""
    here, variables = _project()
    bundle = here / "build" / "bundle"
    count = len(json.loads((bundle / ".fctui" / "manifest.json").read_bytes())["files"]) + 1
    assert count >= LEAST_FILES, f"the bundle has only {count:,} files"
    plain = PLACE / "explorer-plain"
    if not plain.exists():  # the same files without a manifest
        shutil.copytree(bundle, plain, symlinks=True, copy_function=os.link)
        shutil.rmtree(plain / ".fctui")
    contenders = [
        Contender("fctui inspect", (*FCTUI, "inspect", str(bundle)), variables, here),
        Contender(
            "fctui inspect --now", (*FCTUI, "inspect", "--now", str(bundle)), variables, here
        ),
        Contender("fctui inspect, no manifest", (*FCTUI, "inspect", str(plain)), variables, here),
        Contender("du -a", ("du", "-a", str(bundle)), {}, here),
    ]
    if _has_ncdu():
        argv = ("ncdu", "-0", "-o", os.devnull, str(bundle))
        contenders.append(Contender("ncdu -o", argv, {}, here))
    bounds = [Bound("fctui inspect", "du -a", 2)]
    held = race(f"opening {count:,} files", contenders, bounds)
    print(f"  memory of fctui inspect: {_memory_of_inspect(bundle, variables) >> 10:,} MB")
    return _keys(here, variables, count) and held


def _project() -> tuple[Path, dict[str, str]]:
    """A project with a bundle of that many files, built once."""
    here = PLACE / "explorer"
    variables = caches("explorer")
    here.mkdir(parents=True, exist_ok=True)
    dependencies = {"dependencies": dict.fromkeys(PACKAGES, "*")}
    (here / "package.json").write_text(json.dumps(dependencies))
    (here / "requirements.txt").write_text(REQUIREMENTS)
    (here / "fctui.toml").write_text('target = "debian12"\n')
    if not (here / "build" / "bundle").exists():
        environment = {**os.environ, **variables}
        subprocess.run([*FCTUI, "build", "-q"], env=environment, cwd=here, check=True)
    return here, variables


def _has_ncdu() -> bool:
    """Whether ncdu is there; where apt may, it is installed for this."""
    if shutil.which("ncdu") is None and os.geteuid() == 0 and shutil.which("apt-get"):
        argv = ("apt-get", "install", "-y", "-qq", "--no-install-recommends", "ncdu")
        subprocess.run(argv, check=False, capture_output=True)
    if shutil.which("ncdu") is None:
        print("  ncdu is not installed: not compared with")
    return shutil.which("ncdu") is not None


def _memory_of_inspect(bundle: Path, variables: dict[str, str]) -> int:
    """The most that it has held, in KB."""
    argv = [*FCTUI, "inspect", str(bundle)]
    child = subprocess.Popen(argv, env={**os.environ, **variables}, stdout=subprocess.DEVNULL)
    _, _, usage = os.wait4(child.pid, 0)
    child.returncode = 0
    return usage.ru_maxrss


class Terminal:
    """A program in a terminal of its own, and what it paints."""

    def __init__(self, pid: int, descriptor: int) -> None:
        self.pid = pid
        self._descriptor = descriptor
        self.painted = b""

    def press(self, keys: bytes, text: str = "") -> tuple[float, float]:
        """Seconds from the keys to the frame with their list, and to the last byte of all: the
        details come a frame later. The list's frame is the first one, or the first one that has
        a text, if any has it.
        """
        begun = time.perf_counter()
        os.write(self._descriptor, keys)
        frame, last = self._read(QUIET, begun, text.encode())
        return frame - begun, last - begun

    def until(self, text: str, seconds: float = 120) -> None:
        """Wait until something is painted and nothing more comes."""
        end = time.monotonic() + seconds
        while text.encode() not in self.painted:
            assert time.monotonic() < end, f"{text!r} was never painted"
            self._read(0.2, time.perf_counter())
        self.settle()

    def settle(self) -> None:
        """Wait until nothing has been painted for a while."""
        before = -1
        while len(self.painted) != before:
            before = len(self.painted)
            self._read(3, time.perf_counter())

    def busy(self) -> float:
        """Seconds of processor time that it has used: proc(5), stat."""
        fields = Path(f"/proc/{self.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def memory(self) -> int:
        """The most that it has held, in KB: proc(5), VmHWM."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return next(int(x.split()[1]) for x in status.splitlines() if x.startswith("VmHWM"))

    def _read(self, quiet: float, begun: float, text: bytes = b"") -> tuple[float, float]:
        first = with_text = last = 0.0
        while True:
            ready, _, _ = select.select([self._descriptor], [], [], quiet if last else 1.0)
            if not ready:
                return with_text or first or begun, last or begun
            data = os.read(self._descriptor, 1 << 16)
            last = time.perf_counter()
            first = first or last
            if text and text in data:
                with_text = with_text or last
            self.painted += data


@contextmanager
def _terminal(argv: tuple[str, ...], variables: dict[str, str], cwd: Path) -> Iterator[Terminal]:
    pid, descriptor = pty.fork()
    if pid == 0:
        os.chdir(cwd)
        told = {"TERM": "xterm-256color", "TEXTUAL_ANIMATIONS": "none"}
        os.execvpe(argv[0], argv, {**os.environ, **variables, **told})  # noqa: S606 - no shell
    rows, columns = _SIZE
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
    try:
        yield Terminal(pid, descriptor)
    finally:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
        os.close(descriptor)


def _keys(here: Path, variables: dict[str, str], count: int) -> bool:
    """Scrolling through all files, and filtering them letter by letter."""
    down, up, page, end, home = b"\x1b[B", b"\x1b[A", b"\x1b[6~", b"G", b"g"
    scrolling = [down] * 40 + [page] * 40 + [end, up, up, home] * 5 + [down] * 20
    words = [b"ec2", b"icon", b"numpy core", b">1M type:so", b"owner:pandas", b"zz"]
    with _terminal((*FCTUI, "--offline"), variables, here) as screen:
        screen.until(f"{count:,}")
        screen.press(b"5")
        screen.settle()
        opening = screen.press(b"e")[1]
        print(f"\n## keys among {count:,} files, in a terminal of 120 by 40")
        print(f"  open every directory: {opening:.3f} s")
        worked = screen.busy()
        scrolled = [screen.press(key) for key in scrolling]
        held = _told("scroll", scrolled, screen.busy() - worked)
        screen.press(b"e")
        typed = []
        found = f" of {count:,}"  # stands beside the filter, painted with the list
        worked = screen.busy()
        for word in words:
            screen.press(b"/")
            typed += [screen.press(bytes([letter]), found) for letter in word]
            typed += [screen.press(b"\x7f", found) for _ in word]
            typed += [screen.press(bytes([letter]), found) for letter in word]
            typed += [screen.press(down) for _ in range(4)]
            screen.press(b"\x1b")
        held = _told("filter", typed, screen.busy() - worked) and held
        for name in ("map", "largest", "twice", "changes"):
            print(f"  {name}: {screen.press(b'w')[1]:.3f} s")
            screen.settle()
        print(f"  memory of the screen: {screen.memory() >> 10:,} MB")
    return held


def _told(what: str, times: list[tuple[float, float]], worked: float) -> bool:
    frames, lasts = sorted(frame for frame, _ in times), sorted(last for _, last in times)
    p95 = statistics.quantiles(frames, n=20)[-1]
    fits = p95 <= MOST
    print(
        f"  {what}: {len(times)} keys, to the list's frame: median {statistics.median(frames):.3f} "
        f"s, p95 {p95:.3f} s, most {frames[-1]:.3f} s; with the details: median "
        f"{statistics.median(lasts):.3f} s, p95 {statistics.quantiles(lasts, n=20)[-1]:.3f} s; "
        f"processor {worked / len(times):.3f} s a key"
    )
    print(f"  {what}, p95 at most {MOST} s: {'holds' if fits else 'MISSED'}")
    return fits
