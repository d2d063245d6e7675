"""Bundles made by hand, with a manifest, for what reads bundles."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path

from fctui.bundle.manifest import MANIFEST_PATH, manifest_of
from fctui.model.plan import Category, Generated, Link, Plan, PlannedFile, is_shared_library


class Bundle:
    """Gathers files, then writes them."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self._files: list[PlannedFile] = []

    def add(
        self,
        path: str,
        data: str | bytes = b"",
        *,
        owner: str = "",
        manager: str = "pip",
        category: Category = Category.PURELIB,
        mode: int = 0o644,
    ) -> None:
        """One file; without an owner it is the function's own."""
        raw = data.encode() if isinstance(data, str) else data
        own = not owner
        self._files.append(
            PlannedFile(
                path=path,
                size=len(raw),
                category=Category.CODE if own else category,
                owner=owner or "function",
                manager="project" if own else manager,
                source=Generated(raw),
                mode=mode,
                shared_library=is_shared_library(path),
            )
        )

    def distribution(self, name: str, files: Mapping[str, str | bytes]) -> None:
        """One of pip's, with the directory that tells where it lies."""
        for path, data in files.items():
            self.add(path, data, owner=name)
        meta = f"{name}-1.0.dist-info/METADATA"
        self.add(meta, f"Name: {name}\n", owner=name, category=Category.METADATA)

    def write(self, target: str = "local", environment: Mapping[str, str] | None = None) -> Path:
        """Put everything on disk."""
        for file in self._files:
            path = self.place / file.path
            path.parent.mkdir(parents=True, exist_ok=True)
            if isinstance(file.source, Link):
                path.symlink_to(file.source.target)
            elif isinstance(file.source, Generated):
                path.write_bytes(file.source.data)
                path.chmod(file.mode)
        manifest = self.place / MANIFEST_PATH
        manifest.parent.mkdir(parents=True, exist_ok=True)
        hashes = {
            file.path: hashlib.sha256(file.source.data).hexdigest()
            for file in self._files
            if isinstance(file.source, Generated)
        }
        plan = Plan(
            target=target,
            method="target",
            files=tuple(self._files),
            environment={"PYTHONPATH": "/code"} if environment is None else dict(environment),
        )
        manifest.write_bytes(manifest_of(plan, hashes))
        return self.place
