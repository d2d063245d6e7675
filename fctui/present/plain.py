"""The signs of our output in ASCII, for terminals and pipes whose encoding has no others."""

from __future__ import annotations

_ASCII = str.maketrans(
    {
        "├": "|",
        "└": "`",
        "│": "|",
        "─": "-",
        "″": '"',
        "×": "x",
        "→": "->",
        "✔": "+",
        "✖": "x",
        "⚠": "!",
        "–": "-",
        "◆": "*",
        "…": "...",
        "·": "|",
    }
)


def encodable(text: str, encoding: str | None) -> str:
    """The text as it is where the encoding has all of it; else our signs in ASCII and `?` for
    every other character that it lacks.
    """
    encoding = encoding or "utf-8"
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return text.translate(_ASCII).encode(encoding, "replace").decode(encoding)
    return text
