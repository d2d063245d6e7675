"""Why there is no resolution, in words for the person whose requirements they are."""

from __future__ import annotations

import re
from collections.abc import Iterable

from fctui.managers.interface import Context
from fctui.managers.pip.declared import Declaration, Declared
from fctui.managers.pip.uv_tool import why_no_builds
from fctui.model.errors import ResolutionError
from fctui.model.names import some

_OF_UV = re.compile(r"^\s*hint: .*(?:tool\.uv|requires-python|--[a-z])")
# Hints to change uv's own settings or flags, which are fctui's to set.

_SPLIT = re.compile(r" for split \(markers: .*\)$")
# uv resolves for one environment alone, the target's, which the sentence above names.

_SHOWN = 5


def no_resolution(
    context: Context, declaration: Declaration, explanation: str, *, builds: bool = True
) -> ResolutionError:
    """The error: what the resolver says, less what it says of itself, and where the requirements
    stand that it speaks of. Without `builds` why nothing is built is the hint.
    """
    lines = [_SPLIT.sub("", line) for line in explanation.splitlines() if not _OF_UV.match(line)]
    text = "\n".join(lines).strip()
    places = list(_places(declaration.requirements, text))
    hint = "Loosen a version, or choose another target."
    if places:
        hint = f"Declared: {some(places, _SHOWN)}.\n{hint}"
    if not builds:
        hint = why_no_builds(context.settings.pip.sdists)
    return ResolutionError(
        f"pip packages cannot be resolved for {context.target.title}:\n{text}", hint=hint
    )


def _places(requirements: Iterable[Declared], text: str) -> Iterable[str]:
    """Those whose names are words of the text, with file and line."""
    words = {word.strip(".-_").replace("_", "-") for word in re.findall(r"[\w.-]+", text.lower())}
    for each in requirements:
        if each.name in words:
            yield f"{each.text} ({each.source}:{each.line})" if each.line else each.text
