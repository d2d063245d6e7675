"""What is to be tried in a sandbox, and what came of it, as data that goes in and comes out."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

Way = Literal["import", "load", "run"]
"""Import a Python module, load a shared library, run a program."""


class Trial(Struct, frozen=True):
    """One thing to try in a process of its own. `name` is a module, or the absolute path of a
    library in the sandbox; `argv` is what is run, also to load a library where there is no
    Python. `limit` is in seconds.
    """

    id: int
    way: Way
    name: str
    argv: tuple[str, ...] = ()
    limit: float = 30.0


class Answer(Struct, frozen=True):
    """How a trial ended. `status` is the exit status of what was run (negative: the signal),
    `error` the type of the exception, `text` its message with those that caused it, or the last
    of the output. `late` says that the limit ended it, `missed` the libraries that were asked for
    by dlopen(3) in vain.
    """

    id: int
    status: int
    text: str = ""
    error: str = ""
    late: bool = False
    missed: tuple[str, ...] = ()
    seconds: float = 0.0


class Orders(Struct, frozen=True):
    """What the runner inside gets. `python_path` goes before `sys.path`, `memory` is in bytes,
    `workers` run at once.
    """

    trials: tuple[Trial, ...]
    python_path: tuple[str, ...] = ()
    workers: int = 2
    memory: int = 0
