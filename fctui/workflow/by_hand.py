"""The commands of a method: what fctui runs, what one would type today, what the article had.

Lines for people to read and to copy: nothing here is ever run.
"""

from __future__ import annotations

import shlex

from fctui.managers.pip.scheme import Scheme
from fctui.project.project import Project
from fctui.project.settings import InstallOption, Settings
from fctui.workflow.workflow import Workflow

NO_MORE = "pip has no --install-option since 23.1, and had it for sdists alone"

Commands = tuple[tuple[str, ...], ...]
"""Command lines that run one after the other."""


def running(workflow: Workflow) -> Commands:
    """What fctui itself starts: the resolver; everything after it is done without an installer."""
    return workflow.resolutions["pip"].commands


def today(method: str, workflow: Workflow) -> Commands:
    """What one would type with today's pip for the same places; () where pip cannot any more."""
    python, out = _python(workflow), f"$PWD/{workflow.settings.bundle.output}"
    install = ("-m", "pip", "install")
    wanted = _wanted(workflow.project, workflow.settings)
    match method:
        case "target":
            return ((python, *install, "--target", out, *wanted),)
        case "user":
            return (("env", f"PYTHONUSERBASE={out}", python, *install, "--user", *wanted),)
        case "virtualenv":
            make = (python, "-m", "virtualenv", out)
            return (make, (f"{out}/bin/python", *install, *wanted))
    given = workflow.settings.pip.install_option
    if InstallOption(prefix=given.prefix) != given:
        return ()
    place = f"{out}/{given.prefix}" if given.prefix else out
    return ((python, *install, "--prefix", place, *wanted),)


def legacy(method: str, where: Scheme, workflow: Workflow) -> str:
    """The article's own command, with the directories of this project."""
    out = f"$PWD/{workflow.settings.bundle.output}"
    wanted = shlex.join(_wanted(workflow.project, workflow.settings))
    match method:
        case "target":
            return f"pip install --target={out} {wanted}"
        case "user":
            return f"PYTHONUSERBASE={out} pip install --user {wanted}"
        case "virtualenv":
            return f"virtualenv {out} && {out}/bin/pip install {wanted}"
    options = (
        f"--install-option=--install-{kind}={out}/{getattr(where, kind)}".rstrip("/")
        for kind in ("purelib", "platlib", "scripts", "data", "headers")
    )
    return f"pip install {' '.join(options)} {wanted}"


def line(command: tuple[str, ...]) -> str:
    """A command as one types it; `$PWD` is left to the shell."""
    return " ".join(word if word.count("$PWD") else shlex.quote(word) for word in command)


def _python(workflow: Workflow) -> str:
    major, minor = workflow.target.python_xy or (3, 0)
    return f"python{major}.{minor}"


def _wanted(project: Project, settings: Settings) -> tuple[str, ...]:
    """The project's requirements as arguments of pip."""
    arguments: list[str] = []
    for file in project.of("pip"):
        if file.kind == "requirements":
            arguments += ["-r", file.path.relative_to(project.root).as_posix()]
        else:
            extras = f"[{','.join(settings.pip.extras)}]" if settings.pip.extras else ""
            arguments.append(f".{extras}")
            arguments += [word for group in settings.pip.groups for word in ("--group", group)]
    return tuple(arguments)
