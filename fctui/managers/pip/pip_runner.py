"""Runs pip with the target's markers: `python pip_runner.py MARKERS sdists|wheels ARGUMENT...`.

pip judges environment markers, and the Requires-Python of what it chose, for the Python it runs
on, whatever `--python-version` says (pip issue 6117), and takes no sdists for another platform at
all. This file is run by path, isolated, in the pip of fctui's own environment; it imports nothing
of fctui.
"""

from __future__ import annotations

import json
import sys
from typing import Any


def main(arguments: list[str]) -> int:
    """Run pip's own main with the rest of the arguments."""
    from pip._internal.cli import cmdoptions
    from pip._internal.cli.main import main as pip_main
    from pip._vendor.packaging import markers

    target = json.loads(arguments[0])
    host: Any = markers.default_environment
    _replace(markers, "default_environment", lambda: {**host(), **target})
    _judge_python(target["python_full_version"])
    if arguments[1] == "sdists":
        # The check forbids sdists beside --python-version, since their metadata is made by this
        # Python. It is: what it says of dependencies is judged by the target's markers above.
        _replace(cmdoptions, "check_dist_restriction", lambda *_, **__: None)
    return pip_main(arguments[2:])


def _judge_python(version: str) -> None:
    """Let the resolver hold Requires-Python against the target's version."""
    from pip._internal.resolution.resolvelib.candidates import RequiresPythonCandidate

    wanted = tuple(int(part) for part in version.split(".")[:3])
    original: Any = RequiresPythonCandidate.__init__
    _replace(RequiresPythonCandidate, "__init__", lambda own, *_, **__: original(own, wanted))


def _replace(module: Any, name: str, value: object) -> None:  # noqa: ANN401 - any module of pip
    """Put something else in a module's place; fail where pip has no such name any more."""
    getattr(module, name)
    setattr(module, name, value)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
