"""Damage done to files by chance, the same for the same seed."""

from __future__ import annotations

import random
import struct


def damaged(chance: random.Random, whole: bytes) -> bytes:
    """Bytes flipped, numbers made huge, the end cut off, or parts repeated."""
    data = bytearray(whole)
    for _ in range(chance.randint(1, 5)):
        at = chance.randrange(4, len(data))
        match chance.randrange(4):
            case 0:
                data[at] = chance.choice((0, 1, 0x7F, 0x80, 0xFF, chance.randrange(256)))
            case 1:
                number = chance.choice((0, 1, 1 << 31, (1 << 32) - 1, 1 << 63, (1 << 64) - 1))
                data[at : at + 8] = struct.pack("<Q", number)
            case 2:
                data = data[: max(5, at)]
            case _:
                data[at:at] = data[at : at + chance.randrange(64)]
    return bytes(data)
