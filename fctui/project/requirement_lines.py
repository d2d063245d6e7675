"""The lines of a requirements file as pip reads them: encoding, continuations, options."""

from __future__ import annotations

import codecs
import os
import re
import shlex
from collections.abc import Iterator
from pathlib import Path

from msgspec import Struct

from fctui.model.errors import UsageError

_LONG = {
    "-i": "--index-url",
    "--pypi-url": "--index-url",
    "-f": "--find-links",
    "-r": "--requirement",
    "-c": "--constraint",
    "-e": "--editable",
    "-C": "--config-settings",
    "--config-setting": "--config-settings",
}
_WITH_VALUE = frozenset(
    {"--index-url", "--extra-index-url", "--find-links", "--requirement", "--constraint"}
    | {"--editable", "--no-binary", "--only-binary", "--trusted-host", "--use-feature"}
    | {"--hash", "--config-settings", "--global-option"}
)
_FLAGS = frozenset({"--no-index", "--pre", "--prefer-binary", "--require-hashes"})
_COMMENT = re.compile(r"(^|\s+)#.*$")
_VARIABLE = re.compile(r"\$\{([A-Z0-9_]+)\}")
_CODING = re.compile(rb"coding[:=]\s*([-\w.]+)")
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
# UTF-32's little-endian mark begins with UTF-16's, so it is looked for first.


class LogicalLine(Struct, frozen=True):
    """A line with its continuations joined and its comment taken off.

    `first` and `last` are the physical lines that it spans, counted from 1.
    """

    text: str
    first: int
    last: int


def read_text(path: Path) -> str:
    """A file's text: a byte order mark or a PEP 263 comment names the encoding, else UTF-8.

    Raises OSError, UnicodeError, and LookupError for an encoding that does not exist.
    """
    data = path.read_bytes()
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return data[len(mark) :].decode(encoding)
    for line in data.split(b"\n")[:2]:
        named = _CODING.search(line)
        if line.startswith(b"#") and named:
            return data.decode(named.group(1).decode("ascii"))
    return data.decode("utf-8")


def logical_lines(text: str) -> Iterator[LogicalLine]:
    """The lines that say something, in pip's order of work: continuations first, then comments."""
    joined: list[str] = []
    first = 0
    number = 0
    for number, raw in enumerate(text.splitlines(), 1):
        comment = _COMMENT.match(raw)
        if raw.endswith("\\") and not comment:
            first = first or number
            joined.append(raw.strip("\\"))
            continue
        whole = "".join([*joined, f" {raw}" if comment else raw])
        stripped = _COMMENT.sub("", whole).strip()
        if stripped:
            yield LogicalLine(stripped, first or number, number)
        joined, first = [], 0
    stripped = _COMMENT.sub("", "".join(joined)).strip()
    if stripped:
        yield LogicalLine(stripped, first, number)


def expanded(text: str) -> str:
    """The text with `${NAME}` replaced from the environment where it is set and not empty."""
    return _VARIABLE.sub(lambda found: os.environ.get(found[1]) or found[0], text)


def split_options(line: str, at: str) -> tuple[str, tuple[tuple[str, str], ...]]:
    """What stands before the first option, and the options by their long names.

    `at` begins the message of an error: "file:line: " or "". Raises UsageError for an option that
    pip does not take in a file, and for one without its value.
    """
    words = line.split(" ")
    first = next((i for i, word in enumerate(words) if word.startswith("-")), len(words))
    behind = " ".join(words[first:])
    return " ".join(words[:first]).strip(), tuple(_options(behind, at)) if behind else ()


def _options(text: str, at: str) -> Iterator[tuple[str, str]]:
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise UsageError(f"{at}{text!r} cannot be split into options: {error}.") from error
    while words:
        word = words.pop(0)
        name, given, value = word.partition("=")
        if not word.startswith("--") and len(word) > 2:
            name, given, value = word[:2], "=", word[2:].removeprefix("=")
        name = _LONG.get(name, name)
        if name in _FLAGS and not given:
            yield name, ""
        elif name in _WITH_VALUE:
            if not given and not words:
                raise UsageError(f"{at}{name} needs a value.")
            yield name, value if given else words.pop(0)
        elif name.startswith("-"):
            raise UsageError(
                f"{at}{word!r} is not an option of a requirements file.",
                hint="pip's documentation lists them under “Requirements File Format”.",
            )
        else:
            raise UsageError(f"{at}{word!r} does not belong behind an option.")
