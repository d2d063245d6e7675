"""The files of a virtual environment itself, computed for the target instead of the running Python.

virtualenv's own templates and seed wheels are used; what it would read off an interpreter comes
from the target, so that an environment for another Python than the host's can be previewed.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from types import SimpleNamespace
from typing import Any

from msgspec import Struct

from fctui.model.target import Target


class EnvironmentFile(Struct, frozen=True):
    """One file of the environment, relative to its root; a link where `link` is not ""."""

    path: str
    data: bytes
    mode: int = 0o644
    link: str = ""


def site_packages(target: Target) -> str:
    """The environment's `site-packages` (PEP 405)."""
    return f"lib/python{_xy(target)}/site-packages"


def environment_files(target: Target) -> tuple[EnvironmentFile, ...]:
    """What virtualenv writes for the target's Python at its code directory, but the seeds."""
    return (
        EnvironmentFile("pyvenv.cfg", _configuration(target)),
        EnvironmentFile(".gitignore", b"# created by virtualenv automatically\n*\n"),
        EnvironmentFile("CACHEDIR.TAG", _CACHE_TAG),
        *_interpreters(target),
        *_activation(target),
        *_hooks(target),
    )


def seed_wheels(target: Target) -> tuple[tuple[str, Path], ...]:
    """The wheels that virtualenv puts into every environment: (distribution, path on this host)."""
    from virtualenv.seed.wheels.embed import get_embed_wheel

    wanted = ["pip"]
    if (target.python_xy or (0, 0)) < (3, 12):
        wanted.append("setuptools")  # as virtualenv does: from 3.12 on it seeds pip alone
    wheels = ((name, get_embed_wheel(name, _xy(target))) for name in wanted)
    return tuple((name, wheel.path) for name, wheel in wheels if wheel is not None)


_CACHE_TAG = (
    b"Signature: 8a477f597d28d172789f06886806bc55\n"
    b"# This file is a cache directory tag created by Python virtualenv.\n"
    b"# For information about cache directory tags, see:\n"
    b"#   https://bford.info/cachedir/"
)
# The signature that backup programs look for (Cache Directory Tagging Specification).


def _xy(target: Target) -> str:
    major, minor = target.python_xy or (0, 0)
    return f"{major}.{minor}"


def _configuration(target: Target) -> bytes:
    """`pyvenv.cfg` (PEP 405): `home` is where the target's own interpreter lies."""
    if target.python is None:
        return b""
    home = PurePosixPath(target.python.executable).parent
    lines = {
        "home": str(home),
        "implementation": "CPython",
        "version_info": target.python.version,
        "version": target.python.version,
        "executable": target.python.executable,
        "include-system-site-packages": "false",
        "base-executable": target.python.executable,
    }
    return "".join(f"{key} = {value}\n" for key, value in lines.items()).encode()


def _interpreters(target: Target) -> Iterator[EnvironmentFile]:
    if target.python is None:
        return
    yield EnvironmentFile("bin/python", b"", 0o777, target.python.executable)
    major = _xy(target).partition(".")[0]
    for name in (f"python{major}", f"python{_xy(target)}"):
        yield EnvironmentFile(f"bin/{name}", b"", 0o777, "python")


def _activation(target: Target) -> Iterator[EnvironmentFile]:
    """The activation scripts of every shell that runs on a POSIX system."""
    from virtualenv import activation

    root = Path(target.code_dir)
    place: Any = SimpleNamespace(  # what activators read of a creator, without an interpreter
        dest=root,
        bin_dir=root / "bin",
        env_name=root.name,
        libs=[root / site_packages(target)],
        interpreter=SimpleNamespace(tcl_lib=None, tk_lib=None),
        exe=root / "bin" / "python",
    )
    posix = (
        activation.BashActivator,
        activation.CShellActivator,
        activation.FishActivator,
        activation.NushellActivator,
        activation.PowerShellActivator,
        activation.PythonActivator,
        activation.XonshActivator,
    )
    for kind in posix:
        options: Any = SimpleNamespace(prompt=None)
        activator = kind(options)
        values = activator.replacements(place, place.bin_dir)
        for template in activator.templates():
            text = activator.instantiate_template(values, template, place)
            encoding = "utf-8-sig" if template.endswith(".ps1") else "utf-8"
            yield EnvironmentFile(f"bin/{activator.as_name(template)}", text.encode(encoding))


def _hooks(target: Target) -> Iterator[EnvironmentFile]:
    """What keeps distutils' configuration from leading out of the environment, before 3.10."""
    import virtualenv.create.via_global_ref as package

    if (target.python_xy or (0, 0)) >= (3, 10):
        return
    source = Path(package.__file__).with_name("_virtualenv.py")
    where = site_packages(target)
    yield EnvironmentFile(f"{where}/_virtualenv.py", source.read_bytes())
    yield EnvironmentFile(f"{where}/_virtualenv.pth", b"import _virtualenv")
