"""Run by the target's own Python: compiles the modules of an unpacked wheel into a zip.

`compile.py TREE ZIP`. Byte code is hash-based and unchecked (PEP 552): it has no times in it and is
never compared with its source. Nothing is executed. What is no valid module is named on stdout and
left out. It has to run on every Python from 3.7 on, and uses nothing but the library.
"""

from __future__ import annotations

import importlib.util
import marshal
import os
import sys
import zipfile

LIBRARIES = (["purelib"], ["platlib"])
# What below a wheel's `.data` directory holds modules (PEP 427).

HASH_BASED_UNCHECKED = (0b01).to_bytes(4, "little")
# The flags behind the magic number: bit 0 says hash-based, bit 1 (not set) to check the source.


def main() -> None:
    """Compile every module below the tree, in the order of their paths."""
    tree, out = sys.argv[1:3]
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in modules(tree):
            with open(os.path.join(tree, path), "rb") as file:
                source = file.read()
            try:
                code = compile(source, path, "exec", 0, True, 0)  # dont_inherit, optimize
            except (SyntaxError, ValueError, RecursionError, MemoryError) as error:
                print(f"{path}: {type(error).__name__}")
                continue
            data = importlib.util.MAGIC_NUMBER + HASH_BASED_UNCHECKED
            data += importlib.util.source_hash(source) + marshal.dumps(code)
            info = zipfile.ZipInfo(cached(path), (1980, 1, 1, 0, 0, 0))
            info.external_attr = 0o100644 << 16
            info.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(info, data)


def modules(tree: str) -> list[str]:
    """The paths of all modules, scripts and data files not among them."""
    found: list[str] = []
    for directory, inner, files in os.walk(tree):
        here = os.path.relpath(directory, tree)
        parts = [] if here == "." else here.split(os.sep)
        if parts[0:1] and parts[0].endswith(".data") and parts[1:2] not in LIBRARIES:
            inner[:] = inner if len(parts) == 1 else []
            continue
        found += ["/".join([*parts, name]) for name in files if name.endswith(".py")]
    return sorted(found)


def cached(path: str) -> str:
    """Where the import system looks for a module's byte code."""
    directory, _, name = path.rpartition("/")
    name = f"{name[:-3]}.{sys.implementation.cache_tag}.pyc"
    return "/".join(part for part in (directory, "__pycache__", name) if part)


if __name__ == "__main__":
    main()
