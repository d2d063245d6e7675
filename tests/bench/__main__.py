"""Run all measurements: `python -m tests.bench [NAME ...]`; ends with 1 when a bound is missed."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.bench.check import judging
from tests.bench.explorer import explorer
from tests.bench.measure import ROUNDS, Bound, Contender, all_of, emptied, race
from tests.bench.pack import pack
from tests.bench.places import FCTUI, PLACE, REQUIREMENTS, SETTINGS, caches
from tests.bench.resolver import resolver

COUNT = range(190, 211)
# Debs that count as two hundred: packages come with all that they need.

STACK = [
    "libgtk-4-1",
    "imagemagick",
    "ghostscript",
    "libqt5gui5",
    "libsdl2-2.0-0",
    "libgdal32",
    "ffmpeg",
    "git",
    "python3-numpy",
]
# Debian packages that are added one after the other until there are so many.


def peers() -> tuple[str, str]:
    """Pip and uv of an environment of their own, made once."""
    venv = PLACE / "peers"
    if not (venv / "bin" / "uv").exists():
        subprocess.run([sys.executable, "-m", "venv", str(venv)], check=True)
        pip = str(venv / "bin" / "pip")
        subprocess.run([pip, "install", "-q", "-U", "pip", "uv"], check=True)
    return str(venv / "bin" / "pip"), str(venv / "bin" / "uv")


def project() -> Path:
    """The project of eleven requirements."""
    place = PLACE / "eleven"
    place.mkdir(parents=True, exist_ok=True)
    (place / "requirements.txt").write_text(REQUIREMENTS)
    (place / "fctui.toml").write_text(SETTINGS)
    return place


def cold(name: str) -> tuple[dict[str, str], Path]:
    """Caches that are emptied before each round."""
    return caches(name), PLACE / "caches" / name


def tree() -> bool:
    """The tree of eleven requirements against pip's dry run."""
    pip, _ = peers()
    here = project()
    report = (pip, "install", "--dry-run", "--ignore-installed", "--quiet", "--report", "-")
    theirs = (*report, "-r", "requirements.txt")
    ours = (*FCTUI, "tree", "--json", "-q")
    fctui_cold, fctui_place = cold("tree-fctui")
    pip_cold, pip_place = cold("tree-pip")
    warm = caches("tree-warm")
    return race(
        "tree of the eleven requirements",
        [
            Contender("fctui tree, cold", ours, fctui_cold, here, emptied(fctui_place)),
            Contender("pip --dry-run, cold", theirs, pip_cold, here, emptied(pip_place)),
            Contender("fctui tree, warm", ours, warm, here, _warm(ours, warm, here)),
            Contender("pip --dry-run, warm", theirs, warm, here, _warm(theirs, warm, here)),
        ],
        [
            Bound("fctui tree, cold", "pip --dry-run, cold", 1 / 3),
            Bound("fctui tree, warm", "pip --dry-run, warm", 1 / 10),
        ],
    )


def build() -> bool:
    """Building them against the two installers."""
    pip, uv = peers()
    here = project()
    out = PLACE / "out"
    ours = (*FCTUI, "build", "-q", "--json", "-o", str(out / "fctui"))
    uvs = (uv, "pip", "install", "-q", "--target", str(out / "uv"), "-r", "requirements.txt")
    pips = (pip, "install", "-q", "--target", str(out / "pip"), "-r", "requirements.txt")
    contenders = []
    for name, argv in (("fctui", ours), ("uv", uvs), ("pip", pips)):
        variables, place = cold(f"build-{name}")
        clear = emptied(out / name)
        contenders.append(
            Contender(f"{name}, cold", argv, variables, here, all_of(emptied(place), clear))
        )
    warm = caches("build-warm")
    for name, argv in (("fctui", ours), ("uv", uvs), ("pip", pips)):
        clear = emptied(out / name)
        prepare = all_of(_warm(argv, warm, here), clear)
        contenders.append(Contender(f"{name}, warm", argv, warm, here, prepare))
    return race(
        "building them",
        contenders,
        [
            Bound("fctui, cold", "uv, cold", 1.3),
            Bound("fctui, warm", "uv, warm", 1 / 2),
            Bound("fctui, cold", "pip, cold", 1 / 5),
            Bound("fctui, warm", "pip, warm", 1 / 20),
        ],
    )


def debs() -> bool:
    """The same two hundred debs by `apt-get download` and `dpkg-deb -x`, one after the other.

    Both sides have resolved beforehand and get the same packages; the host's own sources have to
    be those of the target's release.
    """
    here = PLACE / "debs"
    variables = caches("debs")
    names = _two_hundred(here, variables)
    (here / "names").write_text("\n".join(names) + "\n")
    theirs = here / "theirs"
    script = (
        f"mkdir -p {theirs}/x && cd {theirs} && apt-get download -q $(cat ../names) "
        "&& for deb in *.deb; do dpkg-deb -x $deb x; done"
    )
    store = PLACE / "caches" / "debs" / "fctui"
    forget = all_of(*(emptied(store / kind) for kind in ("archives", "trees", "listings")))
    out = here / "out"
    ours = (*FCTUI, "build", "-q", "--json", "-o", str(out))
    return race(
        f"{len(names)} debs, downloaded and unpacked",
        [
            Contender("fctui build", ours, variables, here, all_of(forget, emptied(out))),
            Contender(
                "apt-get download, dpkg-deb -x", ("sh", "-ec", script), {}, here, emptied(theirs)
            ),
        ],
        [Bound("fctui build", "apt-get download, dpkg-deb -x", 0.7)],
    )


def again() -> bool:
    """A build of the example, then once more without a change."""
    here = PLACE / "demo"
    variables, place = cold("again")
    make = (*FCTUI, "demo", "--build", str(here))
    out = here / "build"

    def first() -> None:
        emptied(place)()
        emptied(out)()

    return race(
        "the example twice",
        [
            Contender("first build", make, variables, PLACE, first),
            Contender("second build", make, variables, PLACE),
        ],
        [Bound("second build", "first build", 1 / 10)],
    )


def _warm(argv: tuple[str, ...], variables: dict[str, str], here: Path) -> Callable[[], None]:
    """Something that runs the command before the first round only, so that its cache is filled."""
    done: list[bool] = []

    def run() -> None:
        if not done:
            environment = {**os.environ, **variables}
            subprocess.run(argv, env=environment, cwd=here, capture_output=True, check=False)
            done.append(True)

    return run


def _two_hundred(here: Path, variables: dict[str, str]) -> list[str]:
    """About two hundred packages with all that they need: as much of a graphical stack as that
    takes. Declares them as the project's.
    """
    here.mkdir(parents=True, exist_ok=True)
    (here / "fctui.toml").write_text('target = "debian12"\n[bundle]\ncode = false\n')
    found: list[str] = []
    wanted: list[str] = []
    for name in STACK:
        (here / "apt.txt").write_text("\n".join([*wanted, name]) + "\n")
        more = _resolved(here, variables)
        if len(more) < COUNT.stop:
            wanted, found = [*wanted, name], more
        if len(found) in COUNT:
            break
    (here / "apt.txt").write_text("\n".join(wanted) + "\n")
    return sorted(found)


def _resolved(here: Path, variables: dict[str, str]) -> list[str]:
    done = subprocess.run(
        [*FCTUI, "tree", "-q", "--json", "--manager", "apt"],
        env={**os.environ, **variables},
        cwd=here,
        check=False,
        capture_output=True,
    )
    return list(json.loads(done.stdout)["managers"]["apt"]["packages"])


def check() -> bool:
    """Judging the ELF files of them against auditwheel's lddtree and against ldd one by one."""
    here = project()
    out = PLACE / "out" / "check"
    warm = caches("build-warm")
    subprocess.run(
        [*FCTUI, "build", "-q", "-o", str(out)], env={**os.environ, **warm}, cwd=here, check=True
    )
    ours = (*FCTUI, "check", str(out), "-q", "--no-remedies", "--target", "debian12")
    return judging(PLACE, Contender("fctui check", ours, warm, here, _warm(ours, warm, here)), out)


ALL = {
    "tree": tree,
    "build": build,
    "debs": debs,
    "again": again,
    "pack": pack,
    "check": check,
    "explorer": explorer,
}


BY_NAME = {"resolver": resolver}
# What takes an hour is run when it is named only.


def _tell_what_is_compared() -> None:
    lines = [f"{os.cpu_count()} cores, Python {sys.version.split()[0]}, medians of {ROUNDS}"]
    lines += [
        subprocess.run(argv, capture_output=True, text=True, check=True).stdout.split(" from")[0]
        for argv in ((tool, "--version") for tool in peers())
    ]
    print(", ".join(line.strip() for line in lines), flush=True)


def main() -> int:
    """Run what is named, or all."""
    PLACE.mkdir(parents=True, exist_ok=True)
    _tell_what_is_compared()
    wanted = sys.argv[1:] or list(ALL)
    held = [(ALL | BY_NAME)[name]() for name in wanted]
    return 0 if all(held) else 1


if __name__ == "__main__":
    sys.exit(main())
