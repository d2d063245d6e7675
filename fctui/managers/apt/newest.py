"""The newest version of each deb in the suites of the sources."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping

from fctui.managers.apt.search import open_index
from fctui.managers.interface import Context
from fctui.model.package import Resolution


async def newest(context: Context, resolution: Resolution) -> Mapping[str, str]:
    """By id, from the lists that resolving has loaded; {} where there are none."""
    return await asyncio.to_thread(_newest, context, resolution)


def _newest(context: Context, resolution: Resolution) -> dict[str, str]:
    index = open_index(context) if resolution.packages else None
    if index is None:
        return {}
    hits = {id_: index.hit(id_) for id_ in resolution.packages}
    return {id_: hit.version for id_, hit in hits.items() if hit is not None}
