"""Licences as packages state them, as SPDX expressions where they are that without a doubt."""

from __future__ import annotations

import functools
import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from license_expression import Licensing

CLASSIFIERS = {
    "BSD License": "",
    "Apache Software License": "",
    "Academic Free License (AFL)": "",
    "Boost Software License 1.0 (BSL-1.0)": "BSL-1.0",
    "CC0 1.0 Universal (CC0 1.0) Public Domain Dedication": "CC0-1.0",
    "GNU Affero General Public License v3": "AGPL-3.0-only",
    "GNU Affero General Public License v3 or later (AGPLv3+)": "AGPL-3.0-or-later",
    "GNU General Public License v2 (GPLv2)": "GPL-2.0-only",
    "GNU General Public License v2 or later (GPLv2+)": "GPL-2.0-or-later",
    "GNU General Public License v3 (GPLv3)": "GPL-3.0-only",
    "GNU General Public License v3 or later (GPLv3+)": "GPL-3.0-or-later",
    "GNU Lesser General Public License v2 (LGPLv2)": "LGPL-2.0-only",
    "GNU Lesser General Public License v2 or later (LGPLv2+)": "LGPL-2.0-or-later",
    "GNU Lesser General Public License v3 (LGPLv3)": "LGPL-3.0-only",
    "GNU Lesser General Public License v3 or later (LGPLv3+)": "LGPL-3.0-or-later",
    "Historical Permission Notice and Disclaimer (HPND)": "HPND",
    "ISC License (ISCL)": "ISC",
    "MIT License": "MIT",
    "MIT No Attribution License (MIT-0)": "MIT-0",
    "Mozilla Public License 1.1 (MPL 1.1)": "MPL-1.1",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "Open Software License 3.0 (OSL-3.0)": "OSL-3.0",
    "The Unlicense (Unlicense)": "Unlicense",
    "Universal Permissive License (UPL)": "UPL-1.0",
    "Zero-Clause BSD (0BSD)": "0BSD",
    "zlib/libpng License": "Zlib",
}
# Trove classifiers below "License :: OSI Approved" that mean one licence. Those that name a family
# ("BSD License") have "": what a package means by them is for its licence file to say.

DEBIAN = {
    "Expat": "MIT",
    "BSD-2-clause": "BSD-2-Clause",
    "BSD-3-clause": "BSD-3-Clause",
    "BSD-4-clause": "BSD-4-Clause",
    "FSFAP": "FSFAP",
    "FSFUL": "FSFUL",
    "FSFULLR": "FSFULLR",
    "ISC": "ISC",
    "Zlib": "Zlib",
    "MPL-1.1": "MPL-1.1",
    "MPL-2.0": "MPL-2.0",
    "CC0": "CC0-1.0",
    "CC0-1.0": "CC0-1.0",
    "Apache-2.0": "Apache-2.0",
    "Artistic": "Artistic-1.0-Perl",
    "W3C": "W3C",
}
# Short names of "Machine-readable debian/copyright file", section 7.1, that SPDX writes otherwise,
# or just so. Debian's "MIT" is left out: it stands for several texts.

_GNU = re.compile(r"(A?GPL|LGPL|GFDL)-(\d)(?:\.(\d))?(\+)?")
_LONGEST = 120
# Characters of a licence field that can be a name; more is the licence's text.


def expression(text: str) -> str:
    """The text as a normalized SPDX expression, "" where it is none."""
    if not text or len(text) > _LONGEST:
        return ""
    from license_expression import ExpressionError

    try:
        parsed = _licensing().parse(text, validate=True, strict=True)
    except ExpressionError:
        return ""
    return "" if parsed is None else str(parsed)


def of_classifiers(classifiers: list[str]) -> tuple[str, tuple[str, ...]]:
    """(SPDX expression or "", names) of a package's `License ::` classifiers."""
    names = tuple(
        dict.fromkeys(
            classifier.rpartition(" :: ")[2]
            for classifier in classifiers
            if classifier.startswith("License :: ") and classifier != "License :: OSI Approved"
        )
    )
    only = CLASSIFIERS.get(names[0], "") if len(names) == 1 else ""
    return only, names


def of_debian(synopsis: str) -> str:
    """The SPDX id of one short name of a debian/copyright file, "" where there is no one id."""
    name = synopsis.strip()
    gnu = _GNU.fullmatch(name)
    if gnu is not None:
        family, major, minor, later = gnu.groups()
        return f"{family}-{major}.{minor or 0}-{'or-later' if later else 'only'}"
    return DEBIAN.get(name, "")


@functools.cache
def _licensing() -> Licensing:
    from license_expression import get_spdx_licensing

    return get_spdx_licensing()
