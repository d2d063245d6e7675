"""Names, as they are compared and as they are told."""

from __future__ import annotations

import re
from collections.abc import Iterable


def normalized(name: str) -> str:
    """A distribution's or extra's name as it is compared: PEP 503, PEP 685.

    packaging.utils has the same, and costs 15 ms to import.
    """
    return re.sub(r"[-_.]+", "-", name).lower()


def some(names: Iterable[str], most: int = 3) -> str:
    """Names in a sentence, each once: `a, b, c and 5 more`."""
    unique = list(dict.fromkeys(names))
    more = f" and {len(unique) - most} more" if len(unique) > most else ""
    return ", ".join(unique[:most]) + more
