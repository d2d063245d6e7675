"""Versions and ranges as node-semver reads them, as far as `engines` asks for.

Grammar: the "Ranges" section of the node-semver README. Prereleases count as versions
(`includePrerelease`), as npm-install-checks has it for engines.
"""

from __future__ import annotations

import functools
import re

Version = tuple[int, int, int, tuple[tuple[int, int | str], ...]]
"""major, minor, patch, and the prerelease identifiers; a release sorts after its prereleases."""

_RELEASE = ((2, 0),)
# Numeric identifiers are (0, n), alphanumeric ones (1, s): numeric ones sort first. A release has
# to sort after all of them.

_PART = r"(?:\d+|[xX*])"
_PARTIAL = re.compile(
    rf"[v=\s]*({_PART})(?:\.({_PART})(?:\.({_PART})(?:-?([0-9A-Za-z.-]+))?(?:\+[0-9A-Za-z.-]+)?)?)?$"
)
_HYPHEN = re.compile(r"^\s*(\S+)\s+-\s+(\S+)\s*$")
_OPERATOR = re.compile(r"(~>?|\^|[<>]=?|=)\s+")
_COMPARATOR = re.compile(r"^(~>|~|\^|<=|>=|<|>|=)?(.*)$")

_UNKNOWN = 1_000_000
# A target that says only "20" runs some 20.x.y, most likely a late one.


def parse_version(text: str) -> Version | None:
    """A version; missing parts count as very high. None for what is none."""
    match = _PARTIAL.match(text.strip())
    if match is None:
        return None
    major, minor, patch, pre = match.groups()
    numbers = [int(part) if part and part.isdigit() else _UNKNOWN for part in (major, minor, patch)]
    return numbers[0], numbers[1], numbers[2], _prerelease(pre)


def satisfies(version: str, wanted: str) -> bool | None:
    """Whether a version lies in a range; None where one of them cannot be read."""
    parsed = parse_version(version)
    if parsed is None:
        return None
    alternatives = _parse_range(wanted)
    if alternatives is None:
        return None
    return any(all(low <= parsed < high for low, high in each) for each in alternatives)


Interval = tuple[Version, Version]
"""From the first, included, up to the second, excluded."""

_ZERO: Version = (0, 0, 0, ())
_TOP: Version = (2**60, 0, 0, ())
_ALL: Interval = (_ZERO, _TOP)
_NONE: Interval = (_TOP, _ZERO)


@functools.lru_cache(maxsize=512)
def _parse_range(text: str) -> tuple[tuple[Interval, ...], ...] | None:
    alternatives = []
    for alternative in text.split("||"):
        hyphen = _HYPHEN.match(alternative)
        if hyphen:
            intervals = [_comparator(">=", hyphen[1]), _comparator("<=", hyphen[2])]
        else:
            words = _OPERATOR.sub(r"\1", alternative).split()
            intervals = [_word(word) for word in words]
        if any(interval is None for interval in intervals):
            return None
        alternatives.append(tuple(interval for interval in intervals if interval is not None))
    return tuple(alternatives)


def _word(word: str) -> Interval | None:
    match = _COMPARATOR.match(word)
    return _comparator(match[1] or "", match[2]) if match else None


def _comparator(operator: str, partial: str) -> Interval | None:
    """The versions that one comparator lets in, e.g. `^1.2` → [1.2.0-, 2.0.0-)."""
    if not partial:
        return _ALL
    match = _PARTIAL.match(partial)
    if match is None:
        return None
    numbers: list[int] = []
    for part in match.groups()[:3]:
        if part is None or not part.isdigit():
            break
        numbers.append(int(part))
    if not numbers:
        return _NONE if operator in {"<", ">"} else _ALL
    exact = len(numbers) == 3
    low = _version(numbers, _prerelease(match[4]) if exact else ())
    after = _after(low) if exact else _bump(numbers, len(numbers) - 1)
    intervals = {
        ">": (after, _TOP),
        ">=": (low, _TOP),
        "<": (_ZERO, low),
        "<=": (_ZERO, after),
        "~": (low, _bump(numbers, min(len(numbers) - 1, 1))),
        "~>": (low, _bump(numbers, min(len(numbers) - 1, 1))),
        "^": (low, _bump(numbers, _leftmost(numbers))),
    }
    return intervals.get(operator, (low, after))


def _leftmost(numbers: list[int]) -> int:
    """The index of the number that a caret lets nothing change: the first that is not zero."""
    for index, number in enumerate(numbers):
        if number:
            return index
    return len(numbers) - 1


def _version(numbers: list[int], pre: tuple[tuple[int, int | str], ...]) -> Version:
    major, minor, patch = [*numbers, 0, 0][:3]
    return major, minor, patch, pre


def _bump(numbers: list[int], index: int) -> Version:
    """The lowest version (its earliest prerelease) above all that agree up to `index`."""
    return _version([*numbers[:index], numbers[index] + 1], ())


def _after(version: Version) -> Version:
    """The next version in the order, so that `<=` and `=` are half-open intervals too."""
    major, minor, patch, pre = version
    return major, minor, patch, (*pre, (-1, 0))


def _prerelease(text: str | None) -> tuple[tuple[int, int | str], ...]:
    if not text:
        return _RELEASE
    return tuple((0, int(part)) if part.isdigit() else (1, part) for part in text.split("."))
