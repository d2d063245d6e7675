"""Text from outside, made safe for a terminal."""

from __future__ import annotations

import pytest

from fctui.tasks.text import clean


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        ("plain", "plain"),
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;title\x07text", "text"),
        ("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\", "link"),
        ("\x1b]52;c;aGk=", ""),
        ("\x9b2Jgone", "gone"),
        ("\x1bPq#0\x1b\\after", "after"),
        ("\x1bcreset", "reset"),
        ("\x1b(B", ""),
        ("a\tb", "a    b"),
        ("a\x00\x08b\x7f", "ab"),
        ("bidi \u202eevil", "bidi evil"),
        ("ünïcode 包 ✔", "ünïcode 包 ✔"),
        ("requests[socks]>=2 a[/b]", "requests[socks]>=2 a[/b]"),
        ("\x1b", ""),
        ("\x1b[", ""),
    ],
)
def test_nothing_but_printable_text_stays(raw: str, shown: str) -> None:
    assert clean(raw) == shown


def test_a_line_of_nothing_but_escapes_is_fast() -> None:
    assert clean("\x1b]" * 20_000) == ""
