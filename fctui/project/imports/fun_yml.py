"""Reading funcraft's fun.yml: a runtime, and tasks that install."""

from __future__ import annotations

from pathlib import Path

from fctui.project.imports.imported import Imported
from fctui.project.imports.install_lines import Purpose, take_commands
from fctui.project.imports.runtimes import take_runtime
from fctui.project.imports.yaml_nodes import YamlNode, read_yaml


def read_fun_yml(path: Path, into: Imported) -> None:
    """`pip` and `apt` tasks are for the function, unless `local: false` says that they are not."""
    root = read_yaml(path)
    if root is None:
        return
    runtime = root.get("runtime")
    if runtime is not None:
        take_runtime(into, runtime.place, runtime.text, "fc")
    tasks = root.get("tasks")
    for task in tasks.items() if tasks else ():
        _take_task(task, into)


def _take_task(task: YamlNode, into: Imported) -> None:
    local = task.get("local")
    fun = "" if local is not None and local.is_scalar and not local.flag else "fun-install "
    for key, program in (("pip", "pip"), ("apt", "apt-get")):
        given = task.get(key)
        if given is not None:
            line = f"{fun}{program} install {given.text}"
            take_commands(into, given.place, line, Purpose.BUILD)
    shell = task.get("shell")
    if shell is not None:
        name = task.word("name") or "shell"
        into.leave(shell.place, f"{name}: {shell.text}", "is a command of its own: fctui runs none")
    variables = task.get("env")
    if variables is not None and shell is None:
        into.leave(variables.place, "env", "is for installing, not for the function")
