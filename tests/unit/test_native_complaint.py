"""The loader's sentences, as glibc says them."""

from __future__ import annotations

import pytest

from fctui.model.finding import Kind
from fctui.native.complaint import Complaint, complaints


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "ImportError: libGL.so.1: cannot open shared object file: No such file or directory",
            Complaint(Kind.MISSING_LIBRARY, "libGL.so.1"),
        ),
        (
            (
                "cannot load library 'libpango-1.0-0': libpango-1.0-0: cannot open shared object "
                "file: No such file or directory.  Additionally, ctypes.util.find_library() did not"
            ),
            Complaint(Kind.MISSING_LIBRARY, "libpango-1.0-0"),
        ),
        ("\tlibm++.so.6 => not found", Complaint(Kind.MISSING_LIBRARY, "libm++.so.6")),
        (
            (
                "OSError: /lib/x86_64-linux-gnu/libc.so.6: version `GLIBC_2.38' not found "
                "(required by /code/a/b.so)"
            ),
            Complaint(
                Kind.GLIBC_TOO_NEW, "GLIBC_2.38", "/lib/x86_64-linux-gnu/libc.so.6", "/code/a/b.so"
            ),
        ),
        (
            "x: /lib/libstdc++.so.6: version `GLIBCXX_3.4.32' not found (required by x)",
            Complaint(Kind.SYMBOL_VERSION_MISSING, "GLIBCXX_3.4.32", "/lib/libstdc++.so.6", "x"),
        ),
        (
            "/code/a.so: wrong ELF class: ELFCLASS32",
            Complaint(Kind.WRONG_ARCHITECTURE, "/code/a.so"),
        ),
        (
            "/code/a.so: undefined symbol: PL_thr_key",
            Complaint(None, "PL_thr_key", "", "/code/a.so"),
        ),
    ],
)
def test_each_sentence_is_understood(text: str, expected: Complaint) -> None:
    assert complaints(text) == (expected,)
    assert expected.name in expected.sentence


def test_each_is_told_once_and_other_text_is_none() -> None:
    one = "libx.so.1: cannot open shared object file: No such file or directory"
    assert len(complaints(f"{one}\nbecause of {one}\n")) == 1
    assert complaints("ValueError: no such file or directory") == ()
