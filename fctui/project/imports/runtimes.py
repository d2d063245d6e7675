"""The target that another tool's runtime is: its name, its base image."""

from __future__ import annotations

import re

from fctui.model.errors import UsageError
from fctui.project.imports.imported import Imported, Place
from fctui.targets.load import load_target

_ARM = frozenset({"arm64", "aarch64"})
_LAMBDA_IMAGE = re.compile(r"(?:.*/)?(?:aws-)?lambda[-/](python|nodejs|java):([\d.]+)(-arm64)?.*")
_FUN_IMAGE = re.compile(r"(?:.*/)?aliyunfc/runtime-([\w.]+?)(?:-(?:base|build))?(?::.*)?")
_DEBIAN_IMAGE = re.compile(r"(?:.*/)?debian:(\w+?)(?:-slim|-\d+)?")
_DEBIANS = {"11": "bullseye", "12": "bookworm", "13": "trixie", "stable": "", "latest": ""}


def take_runtime(
    into: Imported, place: Place, runtime: str, provider: str, architecture: str = ""
) -> None:
    """A provider's name of a runtime; `provider` is `fc` or `lambda`."""
    text = f"{runtime} {architecture}".strip()
    if provider == "lambda" and runtime.startswith(("python", "nodejs", "java")):
        runtime = runtime.removesuffix(".x")
    suffix = "-arm64" if architecture.lower() in _ARM else ""
    _take(into, place, text, f"{provider}-{runtime}{suffix}")


def take_image(into: Imported, place: Place, image: str) -> None:
    """The base image of a Dockerfile."""
    if found := _LAMBDA_IMAGE.fullmatch(image):
        _take(into, place, image, f"lambda-{found[1]}{found[2]}{found[3] or ''}")
    elif found := _FUN_IMAGE.fullmatch(image):
        _take(into, place, image, f"fc-{found[1]}")
    elif (found := _DEBIAN_IMAGE.fullmatch(image)) and (name := _DEBIANS.get(found[1], found[1])):
        _take(into, place, image, name)
    else:
        into.leave(place, image, "no target is known by this image; --target chooses one")


def _take(into: Imported, place: Place, text: str, target: str) -> None:
    try:
        into.take_target(place, text, load_target(target).id)
    except UsageError as error:
        into.leave(place, text, f"{error.message} {error.hint}".strip())
