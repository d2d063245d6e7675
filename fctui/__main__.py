"""The program: `fctui`, or `python -m fctui`."""

from __future__ import annotations

import gc
import os
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # imported when it is needed: nothing may come before the variables are set
    from fctui.model.errors import FctuiError

SCREEN = {"TEXTUAL_ANIMATIONS": "none", "TEXTUAL_SMOOTH_SCROLL": "0"}
FRAMES, FRAMES_AFAR = "60", "30"
# Textual reads them when it is imported. Over SSH every frame costs; who wants more sets them.
# Here it is waiting for the next frame that costs: the details come one after their list.

INTERRUPTED = 130

OBJECTS = 100_000
# Made between two looks for cycles: modules and listings stay to the end, and Python's own 700
# would walk through them again and again, for a fifth of a command's time.


def main() -> int:
    """Run the command line; what a user can cause ends as a sentence and an exit code."""
    for name, value in SCREEN.items():
        os.environ.setdefault(name, value)
    afar = "SSH_CONNECTION" in os.environ  # ssh(1)
    os.environ.setdefault("TEXTUAL_FPS", FRAMES_AFAR if afar else FRAMES)
    gc.set_threshold(OBJECTS)
    try:
        return _run()
    except KeyboardInterrupt:
        return INTERRUPTED


def _run() -> int:
    import click

    from fctui.cli.main import cli
    from fctui.model.errors import FctuiError

    try:
        outcome = cli.main(prog_name="fctui", standalone_mode=False)
    except FctuiError as error:
        _tell(error)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        return INTERRUPTED
    except OSError as error:
        failure = _of_the_system(error)
        _tell(failure)
        return failure.exit_code
    return outcome if isinstance(outcome, int) else 0


def _of_the_system(error: OSError) -> FctuiError:
    """A full disk, a directory without permission: the user's to mend, so a sentence as well."""
    from fctui.model.errors import TaskError

    what = f"{error.filename}: {error.strerror}" if error.filename else str(error)
    return TaskError(what, hint="FCTUI_CACHE_DIR moves the store; fctui doctor shows the tools.")


def _tell(error: FctuiError) -> None:
    from fctui.cli.output import write_error

    write_error(error)


if __name__ == "__main__":
    sys.exit(main())
