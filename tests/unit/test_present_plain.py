"""Our signs where the encoding lacks them."""

from __future__ import annotations

import pytest

from fctui.present.plain import encodable


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("├─ numpy ×3", "|- numpy x3"),
        ("└─ a → b ″", '`- a -> b "'),
        ("✔ ✖ ⚠ –", "+ x ! -"),
        ("täg", "t?g"),
        ("plain", "plain"),
    ],
)
def test_ascii(text: str, shown: str) -> None:
    assert encodable(text, "ascii") == shown


def test_nothing_changes_where_it_fits() -> None:
    assert encodable("├─ é", "utf-8") == "├─ é"
    assert encodable("é", "latin-1") == "é"
    assert encodable("├─ é", None) == "├─ é"
