"""What a command in a root sees: the root's directories, and what is shown in them."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from fctui.sandbox.confine import available
from fctui.sandbox.isolate import isolated


def test_a_directory_shown_entry_by_entry_can_be_entered_by_anyone(tmp_path: Path) -> None:
    """Something of the host is mounted in /usr/local, which the root does not have."""
    root = tmp_path / "root"
    (root / "usr" / "bin").mkdir(parents=True)
    argv = isolated(root, ["true"], shown={"/usr/local/tool": tmp_path}, env={}).argv
    made = argv.index("/usr")
    assert argv[made - 3 : made + 1] == ("--perms", "0755", "--dir", "/usr")
    assert made < argv.index("/usr/bin")


@pytest.mark.skipif(not available(), reason="bubblewrap may not make name spaces here")
def test_nobody_can_run_what_lies_there(tmp_path: Path) -> None:
    tool = tmp_path / "tool"
    tool.write_text("shown\n")
    tool.chmod(0o644)
    tmp_path.chmod(0o755)
    shown = {"/usr/never/there": tool}
    command = isolated(Path("/"), ["/bin/cat", "/usr/never/there"], shown=shown, env={})
    done = subprocess.run(command.argv, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "shown\n"), done.stderr
