"""The resolutions that a bundle was made from, as far as its manifest tells them."""

from __future__ import annotations

from fctui.bundle.manifest import Manifest
from fctui.model.package import Artifact, Package, Resolution, Root


def resolution_of(manager: str, manifest: Manifest) -> Resolution:
    """The packages of one manager with what they require. Where an artifact came from and how
    large it was, a manifest does not tell.
    """
    origins = [origin for origin in manifest.origins if origin.manager == manager]
    return Resolution(
        manager=manager,
        target=manifest.target,
        roots=tuple(Root(each.id, each.name) for each in origins if each.declared),
        packages={
            each.id: Package(
                manager=manager,
                id=each.id,
                name=each.name,
                version=each.version,
                requires=each.requires,
                artifact=Artifact(each.filename, "", None, each.digest),
            )
            for each in origins
        },
    )


def resolutions_of(manifest: Manifest) -> dict[str, Resolution]:
    """Those of all managers by their ids."""
    managers = dict.fromkeys(origin.manager for origin in manifest.origins)
    return {manager: resolution_of(manager, manifest) for manager in managers}
