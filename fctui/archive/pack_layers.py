"""Packing a bundle as an archive of its code and layers of its dependencies."""

from __future__ import annotations

import asyncio
import hashlib
import json
import posixpath
from collections.abc import Sequence
from pathlib import Path

import msgspec

from fctui.archive.choices import Choices
from fctui.archive.layer_environment import layer_environment
from fctui.archive.layers import Owner, Split, split
from fctui.archive.pack import Packed, Packing, check_output
from fctui.archive.payload import Item
from fctui.archive.places import NODE, Places
from fctui.archive.retold import Retelling
from fctui.bundle.environment import environment_findings
from fctui.bundle.manifest import MANIFEST_PATH, Manifest, ManifestFile, read_manifest
from fctui.model.errors import UsageError
from fctui.model.plan import Category
from fctui.model.target import Target
from fctui.store.store import Store
from fctui.tasks.task import Tasks
from fctui.tasks.text import clean

_RECORDS = 30 + 46
# Bytes of an entry's two headers, beside its name that stands in both: APPNOTE 4.3.7 and 4.3.12.

_DESCRIBED = 120
# Bytes that a file takes in the compressed manifest of its layer, rather more than less; a hash
# alone is 64 hexadecimal digits.

_MODULES = "node_modules"


async def pack_layers(
    bundle: Path,
    output: Path,
    target: Target,
    *,
    store: Store,
    tasks: Tasks,
    choices: Choices | None = None,
) -> Packed:
    """Write the code at `output` and the layers beside it, `NAME-layer-1.zip` and so on.

    The manifest of the result has the environment that the function needs with the layers. All
    archives are put in place at the end, or none. Raises as `pack` does, and UsageError for a
    target without layers and for a bundle whose files would lie on each other in `/opt`.
    """
    manifest = read_manifest(bundle)
    check_output(bundle, output)
    packing = Packing(bundle, manifest, store, tasks, choices or Choices())
    await packing.look()
    files = [file for file in packing.files if file.path != MANIFEST_PATH]
    places = Places(files, target)
    if collisions := places.collisions():
        raise UsageError(
            f"{clean(collisions[0])} would lie on another file in {target.layer_dir} "
            f"({len(collisions)} files in all).",
            hint="Pack without --layers.",
        )
    items = {item.path: item for item in await packing.items(files)}
    retelling = Retelling(bundle, store, manifest.origins, places, target)
    drawn = _Layered(packing, manifest, files, items, places, target)
    await asyncio.to_thread(drawn.retell, retelling)
    wanted = [(output, drawn.code())]
    for number in range(1, len(drawn.split.layers) + 1):
        name = f"{output.stem}-layer-{number}"
        wanted.append((output.with_name(f"{name}.zip"), drawn.layer(number, name)))
    archives = await packing.write(wanted)
    findings = (*drawn.split.findings, *environment_findings(target, drawn.environment))
    return Packed(drawn.code_manifest, tuple(archives), packing.edits, findings)


class _Layered:
    """Draws up the archives: whose files go where, under which names."""

    def __init__(
        self,
        packing: Packing,
        manifest: Manifest,
        files: list[ManifestFile],
        items: dict[str, Item],
        places: Places,
        target: Target,
    ) -> None:
        self._packing = packing
        self._manifest = manifest
        self._files = files
        self._items = items
        self._places = places
        self._target = target
        self._in_layers = [file for file in files if places.in_layer(file.path) is not None]
        self.environment = layer_environment(target, manifest.environment, places)
        self.split: Split = split(target, self._sizes())
        self.code_manifest = manifest

    def retell(self, retelling: Retelling) -> None:
        """Put other bytes in the place of those that name the code directory for what has moved."""
        for at, file in enumerate(self._files):
            if self._places.in_layer(file.path) is None:
                continue
            data = retelling.retold(file)
            if data is not None:
                payload = self._packing.generated(file.path, data).payload
                item = self._items[file.path]
                self._items[file.path] = msgspec.structs.replace(item, payload=payload)
                digest = hashlib.sha256(data).hexdigest()
                self._files[at] = msgspec.structs.replace(file, size=len(data), sha256=digest)
        self._in_layers = [file for file in self._files if self._places.in_layer(file.path)]

    def code(self) -> list[Item]:
        """The entries of the code, with a manifest of its own."""
        files = []
        items = []
        for file in self._files:
            if self._places.in_layer(file.path) is None:
                files.append(self._moved(file, file.path))
                items.append(self._item(file, file.path))
        if bridge := self._bridge():
            files.append(bridge)
            items.append(self._packing.link(bridge.path, bridge.link))
        self.code_manifest = self._described(files)
        data = msgspec.json.encode(self.code_manifest) + b"\n"
        items.append(self._packing.generated(MANIFEST_PATH, data))
        return sorted(items, key=lambda item: item.path)

    def layer(self, number: int, name: str) -> list[Item]:
        """The entries of one layer, counted from 1, with a manifest of its own."""
        owners = set(self.split.layers[number - 1])
        files = []
        items = []
        for file in self._in_layers:
            path = self._places.in_layer(file.path)
            if path is not None and (file.manager, file.owner) in owners:
                files.append(self._moved(file, path))
                items.append(self._item(file, path))
        bare = msgspec.structs.replace(self._described(files), findings=(), unknown=())
        data = msgspec.json.encode(bare) + b"\n"
        items.append(self._packing.generated(f".fctui/{name}.json", data))
        return sorted(items, key=lambda item: item.path)

    def _sizes(self) -> dict[Owner, int]:
        """Bytes that each package takes in an archive."""
        sizes: dict[Owner, int] = {}
        for file in self._in_layers:
            owner = (file.manager, file.owner)
            place = self._places.in_layer(file.path) or ""
            taken = (
                self._items[file.path].payload.packed
                + _RECORDS
                + _DESCRIBED
                + 3 * len(place.encode())
            )
            sizes[owner] = sizes.get(owner, 0) + taken
        return sizes

    def _item(self, file: ManifestFile, path: str) -> Item:
        if file.link:
            return self._packing.link(path, self._places.link(file))
        return msgspec.structs.replace(self._items[file.path], path=path)

    def _moved(self, file: ManifestFile, path: str) -> ManifestFile:
        if not file.link:
            return msgspec.structs.replace(file, path=path)
        link = self._places.link(file)
        return msgspec.structs.replace(file, path=path, link=link, size=len(link.encode()))

    def _described(self, files: Sequence[ManifestFile]) -> Manifest:
        """The manifest of one archive: its own files, in their places there."""
        owners = {(file.manager, file.owner) for file in files}
        return msgspec.structs.replace(
            self._manifest,
            environment=dict(sorted(self.environment.items())),
            files=tuple(sorted(files, key=lambda file: file.path)),
            origins=tuple(o for o in self._manifest.origins if (o.manager, o.id) in owners),
        )

    def _bridge(self) -> ManifestFile | None:
        """For ES modules a link in the code to the modules of the layers: `import` does not search
        NODE_PATH (Node.js, "Modules: ECMAScript modules"). None where it is not needed.
        """
        below = f"{_MODULES}/"
        modules = [file for file in self._files if file.path.startswith(below)]
        moved = modules and all(self._places.in_layer(file.path) for file in modules)
        if not moved or not _has_es_modules(self._packing.bundle, self._files):
            return None
        place = f"{self._target.layer_dir}/{NODE}/{_MODULES}"
        link = posixpath.relpath(place, self._target.code_dir)
        return ManifestFile(
            path=_MODULES,
            size=len(link.encode()),
            mode=0o777,
            sha256="",
            category=Category.LINK,
            owner="fctui",
            manager="fctui",
            link=link,
            shared_library=False,
        )


def _has_es_modules(bundle: Path, files: Sequence[ManifestFile]) -> bool:
    """Whether the function's own code has modules of that kind (Node.js, "Packages", type)."""
    own = [file.path for file in files if file.manager == "project"]
    if any(path.endswith(".mjs") for path in own):
        return True
    if "package.json" not in own:
        return False
    try:
        described = json.loads((bundle / "package.json").read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(described, dict) and described.get("type") == "module"
