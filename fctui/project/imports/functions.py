"""The functions of SAM's, funcraft's and Serverless Devs' templates, each with its directory."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from fctui.project.imports.imported import Imported, Place
from fctui.project.imports.runtimes import take_runtime
from fctui.project.imports.variables import take_variables
from fctui.project.imports.yaml_nodes import YamlNode, read_yaml

_FC, _SAM, _LAMBDA = (
    "Aliyun::Serverless::Function",
    "AWS::Serverless::Function",
    "AWS::Lambda::Function",
)
_ARCHIVES = (".zip", ".jar", ".war")
_DEEPEST = 3  # resources, funcraft's services, their functions
_VARIABLE = re.compile(r"\$\{vars\.([\w.-]+)\}")


class Functions:
    """What templates say of the functions below one directory, by the directories of their code."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.found: dict[Path, Imported] = {}
        self.outside = Imported(root)

    def at(self, place: Place, code: str, name: str) -> Imported | None:
        """The function whose code lies in a directory, relative to the template's; None for code
        that is not here, which is noted.
        """
        directory = Path(os.path.normpath(place.path.parent / (code or ".")))
        shown = code or "."
        if "://" in code or code.endswith(_ARCHIVES):
            self.outside.leave(place, f"{name}: {shown}", "is not a directory of sources")
        elif not directory.resolve().is_relative_to(self.root.resolve()):
            self.outside.leave(place, f"{name}: {shown}", f"lies outside of {self.root}")
        elif not directory.is_dir():
            self.outside.leave(place, f"{name}: {shown}", "there is no such directory")
        else:
            into = self.found.setdefault(directory, Imported(directory))
            into.name = into.name or name
            return into
        return None


def read_template(path: Path, functions: Functions) -> None:
    """SAM's template.yaml and funcraft's template.yml; `!Ref` takes a parameter's default."""
    root = read_yaml(path)
    resources = root.get("Resources") if root else None
    if root is not None and resources is not None:
        for name, kind, resource in _resources(resources, 0):
            _of_template(root, name, kind, resource, functions)


def read_serverless_devs(path: Path, functions: Functions) -> None:
    """Serverless Devs' s.yaml: `services` of version 1 and 2, `resources` of version 3."""
    root = read_yaml(path)
    for section in ("services", "resources"):
        for name, resource in _members(root.get(section) if root else None):
            component = resource.word("component").rpartition("/")[2].partition("@")[0]
            props = resource.get("props")
            if root is None or props is None:
                continue
            inner = props.get("function") or props
            if inner.get("runtime") is None and inner.get("handler") is None:
                continue  # a domain, a trigger, a plan
            if not component.startswith("fc"):
                reason = f"is of the component {component or '?'}, not of Function Compute's"
                functions.outside.leave(name.place, name.text, reason)
                continue
            _of_component(root, name, inner, functions)


def _of_template(
    root: YamlNode, name: YamlNode, kind: str, resource: YamlNode, functions: Functions
) -> None:
    props = resource.get("Properties") or resource
    shared = None if kind == _LAMBDA else root.get("Globals", "Function")

    def said(*keys: str) -> YamlNode | None:
        return props.get(*keys) or (shared.get(*keys) if shared else None)

    code = said("CodeUri") or said("Code")
    if said("PackageType") is not None and _filled(root, said("PackageType")) == "Image":
        functions.outside.leave(name.place, name.text, "is a container image, not a bundle")
        return
    if code is not None and (not code.is_scalar or code.tag):
        functions.outside.leave(code.place, f"{name.text}: code", "is not a directory of sources")
        return
    if said("InlineCode") is not None:
        functions.outside.leave(name.place, name.text, "has its code in the template")
        return
    place = code.place if code else name.place
    into = functions.at(place, code.text if code else "", name.text)
    if into is None:
        return
    runtime, provider = said("Runtime"), "fc" if kind == _FC else "lambda"
    if runtime is not None:
        machines = said("Architectures")
        machine = next((each.plain for each in machines.items()), "") if machines else ""
        take_runtime(into, runtime.place, _filled(root, runtime), provider, machine)
    _leave_layers(into, said("Layers"))
    where = ("EnvironmentVariables",) if kind == _FC else ("Environment", "Variables")
    for source in (props, shared):
        take_variables(into, source.get(*where) if source else None)


def _of_component(root: YamlNode, name: YamlNode, inner: YamlNode, functions: Functions) -> None:
    code = inner.get("code") or inner.get("codeUri")
    if code is not None and not code.is_scalar:
        code = code.get("src") or code
    if code is not None and not code.is_scalar:
        functions.outside.leave(code.place, f"{name.text}: code", "is not a directory of sources")
        return
    if inner.word("runtime") == "custom-container":
        functions.outside.leave(name.place, name.text, "is a container image, not a bundle")
        return
    place = code.place if code else name.place
    into = functions.at(place, _with_vars(root, code) if code else "", name.text)
    if into is None:
        return
    runtime = inner.get("runtime")
    if runtime is not None:
        take_runtime(into, runtime.place, _with_vars(root, runtime), "fc")
    _leave_layers(into, inner.get("layers"))
    take_variables(into, inner.get("environmentVariables"))


def _resources(node: YamlNode, depth: int) -> Iterator[tuple[YamlNode, str, YamlNode]]:
    """Functions; those of funcraft stand inside their service."""
    for name, resource in node.members():
        kind = resource.word("Type")
        if kind in {_FC, _SAM, _LAMBDA}:
            yield name, kind, resource
        elif kind and depth < _DEEPEST:
            yield from _resources(resource, depth + 1)


def _leave_layers(into: Imported, layers: YamlNode | None) -> None:
    for layer in layers.items() if layers else ():
        reason = "what somebody else's layer brings is not known here"
        into.leave(layer.place, f"layer {layer.text or layer.tag}", reason)


def _filled(root: YamlNode, node: YamlNode | None) -> str:
    """A text; of a `!Ref` to a parameter its default."""
    if node is None:
        return ""
    if node.tag == "!Ref":
        return root.word("Parameters", node.text, "Default")
    named = node.word("Ref")
    return root.word("Parameters", named, "Default") if named else node.text


def _with_vars(root: YamlNode, node: YamlNode) -> str:
    """A text with `${vars.…}` of the same file filled in."""
    return _VARIABLE.sub(
        lambda found: root.word("vars", *found[1].split(".")) or found[0], node.text
    )


def _members(node: YamlNode | None) -> Iterator[tuple[YamlNode, YamlNode]]:
    if node is not None:
        yield from node.members()
