"""The check of a bundle's ELF files against the tools that people use for it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from msgspec import structs

from tests.bench.measure import Bound, Contender, race

_LDDTREE = """\
import os, sys
from pathlib import Path
from auditwheel.lddtree import ldd
for directory, _, names in os.walk(sys.argv[1]):
    for name in names:
        path = Path(directory, name)
        with open(path, "rb") as file:
            elf = file.read(4) == b"\\x7fELF"
        if elf:
            ldd(path)
"""
_LDD = (
    'find "$0" -type f -size +63c -exec sh -c \'for f; do '
    'case $(head -c 4 "$f" | tail -c 3) in ELF) echo "$f";; esac; done\' sh {} + > "$1"'
)
_EACH = 'while read -r path; do ldd "$path"; done < "$0" > /dev/null 2>&1; true'


def judging(place: Path, ours: Contender, bundle: Path) -> bool:
    """Whole processes, the files in the page cache for all three. ldd is given the list of the ELF
    files, the other two look for them.
    """
    venv = place / "auditwheel"
    python = str(venv / "bin" / "python")
    if not venv.exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "auditwheel"], check=True)
    paths = place / "elf-files"
    subprocess.run(["sh", "-c", _LDD, str(bundle), str(paths)], check=True)
    count = len(paths.read_text().splitlines())
    return race(
        f"the check of {count} ELF files",
        [
            structs.replace(ours, ok=(0, 1)),
            Contender("auditwheel's lddtree", (python, "-c", _LDDTREE, str(bundle))),
            Contender("ldd one by one", ("sh", "-c", _EACH, str(paths))),
        ],
        [
            Bound("fctui check", "auditwheel's lddtree", 1 / 30),
            Bound("fctui check", "ldd one by one", 1 / 5),
        ],
    )
