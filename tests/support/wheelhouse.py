"""A directory of wheels made at test time, and a project that resolves from it alone."""

from __future__ import annotations

import base64
import hashlib
import os
import zipfile
from pathlib import Path


def make_wheel(
    place: Path,
    name: str,
    version: str = "1.0",
    *,
    files: dict[str, bytes] | None = None,
    requires: tuple[str, ...] = (),
    scripts: tuple[str, ...] = (),
) -> Path:
    """A pure wheel (PEP 427) with a true RECORD. `scripts` are `name = module:function`."""
    place.mkdir(parents=True, exist_ok=True)
    module = name.replace("-", "_")
    info = f"{module}-{version}.dist-info"
    members = dict(files or {f"{module}/__init__.py": f"version = {version!r}\n".encode()})
    metadata = [f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}"]
    metadata += [f"Requires-Dist: {requirement}" for requirement in requires]
    members[f"{info}/METADATA"] = ("\n".join(metadata) + "\n").encode()
    members[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    if scripts:
        lines = ["[console_scripts]", *scripts]
        members[f"{info}/entry_points.txt"] = ("\n".join(lines) + "\n").encode()
    record = "".join(f"{path},{_hash(data)},{len(data)}\n" for path, data in members.items())
    members[f"{info}/RECORD"] = f"{record}{info}/RECORD,,\n".encode()
    path = place / f"{module}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as wheel:
        for member, data in members.items():
            wheel.writestr(member, data)
    return path


def make_project(place: Path, requirements: str, **files: str) -> Path:
    """A project directory for the target `local`, with more files by name if asked."""
    place.mkdir(parents=True, exist_ok=True)
    (place / "requirements.txt").write_text(requirements)
    (place / "fctui.toml").write_text('target = "debian12"\n')
    (place / "index.py").write_text("def handler(event, context):\n    return event\n")
    for name, text in files.items():
        (place / name).write_text(text)
    return place


def environment(wheels: Path, store: Path) -> dict[str, str]:
    """The variables under which pip's configuration knows nothing but these wheels."""
    kept = {k: v for k, v in os.environ.items() if not k.startswith(("PIP_", "UV_", "FCTUI_"))}
    return {
        **kept,
        "PIP_CONFIG_FILE": os.devnull,
        "PIP_NO_INDEX": "1",
        "PIP_FIND_LINKS": str(wheels),
        "FCTUI_CACHE_DIR": str(store),
        "PYTHONPATH": str(Path(__file__).parents[2]),
    }


def _hash(data: bytes) -> str:
    digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
    return f"sha256={digest}"
