"""The program: `fctui`, or `python -m fctui`."""

from __future__ import annotations

import os
import sys


def main() -> int:
    """Run the command line; what a user can cause ends as a sentence and an exit code."""
    for name, value in (("TEXTUAL_ANIMATIONS", "none"), ("TEXTUAL_FPS", "30")):
        os.environ.setdefault(name, value)  # read when Textual is imported; SSH lines are slow
    import click

    from fctui.cli.main import cli
    from fctui.model.errors import FctuiError

    try:
        outcome = cli.main(prog_name="fctui", standalone_mode=False)
    except FctuiError as error:
        _tell(error.message, error.hint)
        return error.exit_code
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except (click.Abort, KeyboardInterrupt):
        return 130
    except BrokenPipeError:
        # Whoever read our output has seen enough; the interpreter must not complain at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return outcome if isinstance(outcome, int) else 0


def _tell(message: str, hint: str) -> None:
    from fctui.tasks.text import clean

    lines = [f"fctui: {line}" if not at else line for at, line in enumerate(message.splitlines())]
    for line in [*lines, *([f"  {hint}"] if hint else [])]:
        sys.stderr.write(clean(line) + "\n")


if __name__ == "__main__":
    sys.exit(main())
