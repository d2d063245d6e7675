"""Which files a script requires, as far as they are such that a rule may leave out."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Iterator

import msgspec

from fctui.pruning.python import Said

_REQUIRED = re.compile(
    rb"(?:\brequire(?:\.resolve)?\s*\(|\bfrom\b|\bimport\b(?:\s*\()?)\s*['\"`]([^'\"`\n]{1,300})['\"`]"
)
# require(), require.resolve(), import … from, import(): with a text and nothing computed.

_WORD = re.compile(
    r"(?:^|/)(?:tests?|__tests__|__mocks__|docs?|man|examples?|benchmarks?|[^/]+\.(?:test|spec)"
    r"|[^/]+\.d\.[cm]?ts|[^/]+\.(?:[cm]?tsx?|md|map|h|gypi?))(?:/|\.[cm]?js$|$)",
    re.IGNORECASE,
)

_ENTRIES = ("main", "module", "browser", "bin", "exports", "imports")
# Keys of package.json that name files which are read at run time: npm-package.json(5).


def read(data: bytes, path: str) -> Said:
    """Read one script: paths relative to the artifact, or `package/path` of another package."""
    found = set()
    for each in _REQUIRED.findall(data):
        name = each.decode("utf-8", "replace")
        if name.startswith("."):
            name = posixpath.normpath(posixpath.join(posixpath.dirname(path), name))
        if _WORD.search(name) and not name.startswith(("..", "/", "node:")):
            found.add(name)
    return Said(frozenset(found))


def read_package(data: bytes, path: str) -> Said:
    """Read a package.json: whatever it starts."""
    above = posixpath.dirname(path)
    try:
        parsed = msgspec.json.decode(data)
        if not isinstance(parsed, dict):
            return Said()
        named = [text for key in _ENTRIES for text in _strings(parsed.get(key))]
    except (msgspec.DecodeError, RecursionError):
        return Said()
    found = {posixpath.normpath(posixpath.join(above, text)) for text in named}
    return Said(frozenset(name for name in found if not name.startswith(("..", "/"))))


def _strings(value: object) -> Iterator[str]:
    """Every text in a value, but what stands under `types`: compilers read that."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, each in value.items():
            if key != "types":
                yield from _strings(each)
    elif isinstance(value, list):
        for each in value:
            yield from _strings(each)
