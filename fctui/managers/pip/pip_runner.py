"""Runs pip with the target's markers: `python pip_runner.py MARKERS sdists|wheels ARGUMENT...`.

pip judges environment markers for the Python it runs on, whatever `--python-version` says (pip
issue 6117), and takes no sdists for another platform at all. This file is run by path, isolated,
in the pip of fctui's own environment; it imports nothing of fctui.
"""

from __future__ import annotations

import json
import sys


def main(arguments: list[str]) -> int:
    """Run pip's own main with the rest of the arguments."""
    from pip._internal.cli import cmdoptions
    from pip._internal.cli.main import main as pip_main
    from pip._vendor.packaging import markers

    target = json.loads(arguments[0])
    host = markers.default_environment

    def environment() -> dict[str, str]:
        return {**host(), **target}

    markers.default_environment = environment  # type: ignore[assignment]
    if arguments[1] == "sdists":
        # The check forbids sdists beside --python-version, since their metadata is made by this
        # Python. It is: what it says of dependencies is judged by the target's markers above.
        for module in (cmdoptions, sys.modules.get("pip._internal.commands.install")):
            if module is not None:
                module.check_dist_restriction = _no_check  # type: ignore[attr-defined]
        from pip._internal.commands import install

        install.cmdoptions.check_dist_restriction = _no_check
    return pip_main(arguments[2:])


def _no_check(options: object, check_target: bool = False) -> None:  # noqa: FBT001, FBT002 - pip's own
    """Allow what the caller asked for."""


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
