"""Which package goes into which layer: the largest first, under the limits, as few as can be."""

from __future__ import annotations

from collections.abc import Mapping

from msgspec import Struct

from fctui.model.errors import UsageError
from fctui.model.finding import Finding, Kind
from fctui.model.target import Target

Owner = tuple[str, str]
"""Manager and package id."""


class Split(Struct, frozen=True):
    """The owners in each layer, and what does not fit."""

    layers: tuple[tuple[Owner, ...], ...]
    findings: tuple[Finding, ...] = ()


def split(target: Target, sizes: Mapping[Owner, int]) -> Split:
    """Share packages of these compressed bytes out to layers.

    Each goes whole into the first layer that has room, the largest first: what is big and seldom
    changes stands in the first ones, and a small one that grows moves none of them. The limit is
    that of an upload with the request if the layers suffice for it, else that of the object
    storage. Raises UsageError for a target that has no layers.
    """
    most = target.limits.layers
    if not most:
        raise UsageError(
            f"{target.title} has no layers.",
            hint="Pack without --layers, or name another target with --target.",
        )
    limits = [x for x in (target.limits.zip_api, target.limits.zip_storage) if x is not None]
    if not limits:
        return Split((tuple(_ordered(sizes)),) if sizes else ())
    layers: list[list[Owner]] = []
    for limit in limits:
        layers = _fill(sizes, limit)
        if len(layers) <= most and all(_size(layer, sizes) <= limit for layer in layers):
            return Split(tuple(tuple(layer) for layer in layers))
    return Split(tuple(tuple(layer) for layer in layers), tuple(_findings(target, layers)))


def _fill(sizes: Mapping[Owner, int], limit: int) -> list[list[Owner]]:
    """First fit, decreasing."""
    layers: list[list[Owner]] = []
    room: list[int] = []
    for owner in _ordered(sizes):
        size = sizes[owner]
        for number, left in enumerate(room):
            if size <= left:
                layers[number].append(owner)
                room[number] -= size
                break
        else:
            layers.append([owner])
            room.append(limit - size)
    return layers


def _ordered(sizes: Mapping[Owner, int]) -> list[Owner]:
    return sorted(sizes, key=lambda owner: (-sizes[owner], owner))


def _size(layer: list[Owner], sizes: Mapping[Owner, int]) -> int:
    return sum(sizes[owner] for owner in layer)


def _findings(target: Target, layers: list[list[Owner]]) -> list[Finding]:
    """That there are too many; a package that is too large by itself is found by its archive."""
    most = target.limits.layers or 0
    if len(layers) <= most:
        return []
    return [
        Finding(
            kind=Kind.OVER_BUDGET,
            subject=target.id,
            message=f"The dependencies need {len(layers)} layers; {target.title} takes {most}.",
        )
    ]
