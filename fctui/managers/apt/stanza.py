"""Stanzas of control data: deb-control(5), deb822(5).

python-debian's reader keeps order, comments and case; for 60,000 packages plain searching is ten
times as fast, and it is all that is needed.
"""

from __future__ import annotations

from collections.abc import Iterator


def field(stanza: str, name: str) -> str:
    """One field with its continuation lines unfolded into one line; "" where it is not there.

    `name` as archives write it: `Installed-Size`.
    """
    text = f"\n{stanza}\n"
    start = text.find(f"\n{name}:")
    if start < 0:
        return ""
    start += len(name) + 2
    end = text.find("\n", start)
    while text[end + 1 : end + 2] in {" ", "\t"}:
        end = text.find("\n", end + 1)
    return " ".join(text[start:end].split("\n")).strip()


def number(stanza: str, name: str) -> int | None:
    """A field that is a whole number; None where it is not there or is none."""
    text = field(stanza, name)
    return int(text) if text.isascii() and text.isdigit() else None


def paragraphs(text: str) -> Iterator[dict[str, str]]:
    """The stanzas of a small deb822 file, field names in lower case, comment lines left out.

    Continuation lines stay on lines of their own: a key may stand in `Signed-By`.
    """
    fields: dict[str, str] = {}
    last = ""
    for line in [*text.splitlines(), ""]:
        if line.startswith("#"):
            continue
        if not line.strip():
            if fields:
                yield fields
            fields, last = {}, ""
        elif line[0] in " \t":
            if last:
                fields[last] += "\n" + line.strip()
        else:
            name, colon, value = line.partition(":")
            last = name.strip().lower() if colon else ""
            if last:
                fields[last] = value.strip()
