"""Reading the Serverless Framework's serverless.yml, with its plugin python-requirements.

Source: the framework's reference of serverless.yml; the plugin's README.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fctui.project.imports.functions import Functions
from fctui.project.imports.imported import Imported, Place
from fctui.project.imports.runtimes import take_runtime
from fctui.project.imports.variables import take_variables
from fctui.project.imports.yaml_nodes import YamlNode, read_yaml

if TYPE_CHECKING:
    import yaml

_PROVIDERS = {"aws": "lambda", "aliyun": "fc"}
_PLUGIN = "serverless-python-requirements"
_NOT_DEPLOYED = "take it out of the requirements, unless a package there needs it: fctui why"
_IMAGES = ("dockerizePip", "dockerImage", "dockerFile", "dockerSsh", "dockerEnv", "pythonBin")
_CACHES = ("useStaticCache", "useDownloadCache", "cacheLocation", "staticCacheMaxVersions")
_REASONS = {
    "zip": "nothing has to be unpacked at a cold start: fctui pack --layers splits what is large",
    "layer": "fctui pack --layers makes layers of what does not fit",
    "vendor": "files of the project are in the bundle as they lie",
    "pipCmdExtraArgs": "are options of pip's own; name indexes in its configuration",
    "slim": "nothing is left out",
    "strip": "symbols are left as they are, for stripping has broken libraries",
    "slimPatterns": "name globs under [bundle] prune",
    "slimPatternsAppendDefaults": "name globs under [bundle] prune",
    "individually": "each directory that has a fctui.toml is a function",
    "useUv": "a uv.lock is read where one lies",
    "usePoetry": "a poetry.lock is read where one lies",
    "usePipenv": "a Pipfile.lock is read where one lies",
}
_REASONS |= dict.fromkeys(_IMAGES, "wheels are chosen for the target, without an image")
_REASONS |= dict.fromkeys(_CACHES, "the store is shared by all projects")


def read_serverless(path: Path, functions: Functions) -> None:
    """One bundle for the service; a function with a `module` of its own has one of its own."""
    root = read_yaml(path)
    if root is None:
        return
    provider = _PROVIDERS.get(root.word("provider", "name") or root.word("provider"))
    if provider is None:
        named = root.get("provider", "name") or root.get("provider")
        place = named.place if named else Place(path)
        reason = "there are targets of Lambda and Function Compute only"
        functions.outside.leave(place, f"provider {named.text if named else ''}", reason)
        return
    own = [f for _, f in _members(root.get("functions")) if f.get("module") is not None]
    every = [f for _, f in _members(root.get("functions"))]
    service = None
    if len(own) < len(every) or not every:
        service = functions.at(Place(path), ".", root.word("service") or path.parent.name)
        if service is not None:
            _take_service(root, service, provider)
    for name, function in _members(root.get("functions")):
        module = function.get("module")
        into = service
        if module is not None:
            into = functions.at(module.place, module.text, name.text)
            if into is not None:
                _take_provider(root, into, provider)
        if into is not None:
            _take_function(function, into, provider)


def _take_service(root: YamlNode, into: Imported, provider: str) -> None:
    _take_provider(root, into, provider)
    for pattern in _patterns(root):
        if pattern.text.startswith("!"):
            excluded = pattern.text[1:]
            into.set_in_list(pattern.place, excluded, ("bundle",), "exclude")
        else:
            reason = "all files are in the bundle but those that [bundle] exclude names"
            into.leave(pattern.place, f"package {pattern.text}", reason)
    plugins = root.get("plugins")
    used = any(each.text == _PLUGIN for each in plugins.items()) if plugins else False
    chosen = root.get("custom", "pythonRequirements")
    for key, value in chosen.members() if chosen and used else ():
        if key.text == "fileName":
            _take_file(into, value)
        elif key.text == "slim" and value.flag:
            into.set(value.place, "slim: true", ("bundle",), "prune", "default")
        elif key.text == "noDeploy":
            for item in value.items():
                into.leave(item.place, f"noDeploy {item.text}", _NOT_DEPLOYED)
        else:
            reason = _REASONS.get(key.text, "is an option of the plugin's own")
            into.leave(key.place, f"{key.text}: {value.text}", reason)


def _take_provider(root: YamlNode, into: Imported, provider: str) -> None:
    runtime = root.get("provider", "runtime")
    machine = root.word("provider", "architecture")
    if runtime is not None:
        take_runtime(into, runtime.place, runtime.text, provider, machine)
    take_variables(into, root.get("provider", "environment"))


def _take_function(function: YamlNode, into: Imported, provider: str) -> None:
    runtime = function.get("runtime")
    if runtime is not None:
        take_runtime(into, runtime.place, runtime.text, provider, function.word("architecture"))
    take_variables(into, function.get("environment"))
    layers = function.get("layers")
    for layer in layers.items() if layers else ():
        reason = "what somebody else's layer brings is not known here"
        into.leave(layer.place, f"layer {layer.text or layer.tag}", reason)


def _take_file(into: Imported, value: YamlNode) -> None:
    if not (into.directory / value.text).is_file():
        into.leave(value.place, f"fileName: {value.text}", "there is no such file")
    elif value.text == "requirements.txt":
        into.took(value.place, f"fileName: {value.text}", "requirements.txt, as it is")
    else:
        into.set_in_list(value.place, value.text, ("pip",), "requirements")


def _patterns(root: YamlNode) -> list[YamlNode]:
    found = []
    for key in ("patterns", "exclude", "include"):
        listed = root.get("package", key)
        if listed is not None and key == "exclude":
            found += [YamlNode(_negated(each), each.path) for each in listed.items()]
        elif listed is not None:
            found += list(listed.items())
    return found


def _negated(node: YamlNode) -> yaml.Node:
    """An old `exclude` as the pattern that says the same."""
    import yaml

    inner = node.node
    text = inner.value.removeprefix("!") if inner.value.startswith("!") else f"!{inner.value}"
    return yaml.ScalarNode(inner.tag, text, inner.start_mark, inner.end_mark)


def _members(node: YamlNode | None) -> list[tuple[YamlNode, YamlNode]]:
    return list(node.members()) if node else []
