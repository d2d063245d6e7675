"""The licences that a debian/copyright file names, if it is one for machines."""

from __future__ import annotations

import logging
import re

from fctui.tasks.text import clean

_LOGGER = "debian.copyright"
_JOINED = re.compile(r"\s*(?:,?\s+(?:and|or|and/or)\s+|,|\|)\s*", re.IGNORECASE)


def stated(data: bytes) -> tuple[str, ...]:
    """The short names of all licences in it, each once; () for one that is prose.

    Source: "Machine-readable debian/copyright file", version 1.0, sections 6 and 7.
    """
    if not data.lstrip().startswith(b"Format:"):
        return ()
    from debian.copyright import (
        Copyright,
        License,
        MachineReadableFormatError,
        NotMachineReadableError,
    )

    logging.getLogger(_LOGGER).setLevel(logging.ERROR)  # it warns of what many files do
    text = data.decode("utf-8", "replace").splitlines(keepends=True)
    try:
        parsed = Copyright(text, strict=False)
        fields = [stanza.license for stanza in parsed.all_files_paragraphs()]
    except (NotMachineReadableError, MachineReadableFormatError, ValueError):
        return ()
    names: dict[str, None] = {}
    for licence in fields:
        if not isinstance(licence, License):
            continue
        for name in _JOINED.split(clean(licence.synopsis).strip()):
            if name:
                names.setdefault(name[:80])
    return tuple(sorted(names, key=str.casefold))
