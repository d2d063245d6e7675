"""Making text from outside safe for a terminal: no escape sequences, no control characters."""

from __future__ import annotations

import re

_SEQUENCES = re.compile(
    "\x1b\\[[0-?]*[ -/]*[@-~]"  # CSI: colours, cursor movement
    "|\x1b[PX^_\\]].*?(?:\x1b\\\\|\x07|$)"  # OSC, DCS, SOS, PM, APC, up to ST or BEL
    "|\x1b[ -/]*[0-~]?"  # every other escape
    "|\x9b[0-?]*[ -/]*[@-~]",  # CSI as one C1 character
    re.DOTALL,
)
_CONTROLS = dict.fromkeys((*range(32), 127, *range(128, 160)))
_CONTROLS |= dict.fromkeys((0x200E, 0x200F, *range(0x202A, 0x202F), *range(0x2066, 0x206A)))
# Control sequences per ECMA-48; the second row are Unicode's marks that reorder text on a line.


def clean(text: str) -> str:
    """One line of text that can neither move the cursor nor change colours nor reorder the line.

    Tabs become spaces; everything else that is no printable character is dropped.
    """
    if text.isascii() and text.isprintable():
        return text
    return _SEQUENCES.sub("", text).replace("\t", "    ").translate(_CONTROLS)
