"""What every package of a resolution costs with all under it, each of these counted once.

Asking for one package after the other takes as long as the square of a graph's size. Here each set
of packages under another is a number with a bit for each of them, and packages that require each
other have one in common: R. Tarjan, "Depth-first search and linear graph algorithms" (1972).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from fctui.model.package import Resolution


def closure_sizes(resolution: Resolution, sizes: Mapping[str, int]) -> dict[str, int]:
    """Bytes of each package with everything under it, by id; what has no size counts nothing."""
    ids = list(resolution.packages)
    numbers = {id_: number for number, id_ in enumerate(ids)}
    edges = [
        [numbers[r] for r in package.requires if r in numbers]
        for package in resolution.packages.values()
    ]
    under = [0] * len(ids)
    for component in _components(edges):
        bits = 0
        for number in component:
            bits |= 1 << number
            for below in edges[number]:
                bits |= under[below]  # 0 for those of the component itself, which are not done yet
        for number in component:
            under[number] = bits
    summed = _Sums([sizes.get(id_, 0) for id_ in ids])
    return {id_: summed.of(bits) for id_, bits in zip(ids, under, strict=True)}


class _Sums:
    """Sums of the sizes that bits stand for, eight at a time."""

    def __init__(self, sizes: Sequence[int]) -> None:
        self._bytes = (len(sizes) + 7) // 8
        self._tables: list[list[int]] = []
        for at in range(0, len(sizes), 8):
            table = [0]
            for size in sizes[at : at + 8]:
                table += [sum_ + size for sum_ in table]
            self._tables.append(table)

    def of(self, bits: int) -> int:
        """The sum of one set."""
        each = bits.to_bytes(self._bytes, "little")
        return sum(table[byte] for table, byte in zip(self._tables, each, strict=True))


def _components(edges: Sequence[Sequence[int]]) -> Iterator[list[int]]:
    """The sets of packages that require each other, those below before those above; without
    recursion, for chains are deeper than Python's stack.
    """
    index: dict[int, int] = {}
    lowest: dict[int, int] = {}
    open_: dict[int, None] = {}
    for start in range(len(edges)):
        if start in index:
            continue
        index[start] = lowest[start] = len(index)
        open_[start] = None
        stack = [(start, iter(edges[start]))]
        while stack:
            number, below = stack[-1]
            for each in below:
                if each not in index:
                    index[each] = lowest[each] = len(index)
                    open_[each] = None
                    stack.append((each, iter(edges[each])))
                    break
                if each in open_:
                    lowest[number] = min(lowest[number], index[each])
            else:
                stack.pop()
                if stack:
                    above = stack[-1][0]
                    lowest[above] = min(lowest[above], lowest[number])
                if lowest[number] == index[number]:
                    found = []
                    while number in open_:
                        found.append(open_.popitem()[0])
                    yield found
