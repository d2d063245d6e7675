"""What kind of file it is, by its name: for sums that say what the bytes are."""

from __future__ import annotations

from functools import lru_cache

from fctui.model.plan import is_shared_library

_TYPES = {
    "Python": "py pyi pyx pxd pyw",
    "Python bytecode": "pyc pyo",
    "JavaScript": "js mjs cjs jsx",
    "TypeScript": "ts mts cts tsx",
    "source map": "map",
    "C and C++": "c cc cpp cxx h hh hpp hxx inc inl cu cuh",
    "static library": "a la lib",
    "Java": "jar class war java",
    "program": "exe dll wasm",
    "text": "txt md rst markdown adoc log 1 3 5 7 8",
    "data": "json toml yaml yml xml csv tsv ini cfg conf properties proto ipynb sql",
    "web page": "html htm css scss less svg",
    "image": "png jpg jpeg gif ico webp bmp tif tiff",
    "font": "ttf otf woff woff2 eot afm pfb",
    "archive": "zip gz bz2 xz zst tar tgz whl egg",
    "translation": "mo po pot",
    "numbers": "npy npz dat bin pkl pickle h5 parquet mat tzif joblib",
    "script": "sh bash bat cmd ps1 pl rb",
}
_BY_SUFFIX = {suffix: name for name, all_ in _TYPES.items() for suffix in all_.split()}
_NAMED = {"license": "text", "licence": "text", "readme": "text", "record": "text",
          "metadata": "text", "copying": "text", "notice": "text", "changelog": "text"}  # fmt: skip


_AT_ONCE = {suffix: name for suffix, name in _BY_SUFFIX.items() if not suffix.isdigit()}
# `libx.so.1` is no manual page: what ends with a digit is looked at more closely.


def type_of(path: str) -> str:
    """`Python`, `shared library`, ...; "other" for what has no suffix that is known."""
    return _AT_ONCE.get(path[path.rfind(".") + 1 :]) or _by_name(path[path.rfind("/") + 1 :])


@lru_cache(1 << 14)
def _by_name(name: str) -> str:
    if is_shared_library(name):
        return "shared library"
    stem, dot, suffix = name.rpartition(".")
    if not dot or not stem:
        return _NAMED.get(name.lower(), "other")
    return _BY_SUFFIX.get(suffix.lower()) or _NAMED.get(stem.lower(), "other")
