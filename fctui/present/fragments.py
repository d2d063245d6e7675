"""What deployment tools want to know of archives, to be pasted into their files.

Sources: Serverless Devs' component fc3 (`s.yaml`); AWS SAM (`template.yaml`), resources
AWS::Serverless::Function and AWS::Serverless::LayerVersion. A string is written as JSON has it,
which YAML 1.2 reads as well: no name can be taken for anything else.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from fctui.model.target import Target

S_YAML, TEMPLATE_YAML = "s.yaml", "template.yaml"


def usual_form(target: Target) -> str:
    """The form that users of the target's provider need."""
    return TEMPLATE_YAML if target.provider == "lambda" else S_YAML


def fragment(
    form: str, target: Target, archives: Sequence[Path], environment: Mapping[str, str]
) -> list[str]:
    """The lines of a form; the first archive is the code, the others are layers."""
    code, *layers = archives
    if form == S_YAML:
        return _s_yaml(target, code, layers, environment)
    return _template_yaml(target, code, layers, environment)


def _s_yaml(
    target: Target, code: Path, layers: Sequence[Path], environment: Mapping[str, str]
) -> list[str]:
    runtime = _runtime(target)
    lines = []
    if layers:
        lines.append("# Publish the layers, then put their versions below.")
        lines += [
            f"#   s cli fc3 layer publish --region REGION --layer-name {_name(layer)} "
            f"--code {layer.name} --compatible-runtime {runtime}"
            for layer in layers
        ]
    lines += ["props:", f"  runtime: {_text(runtime)}", f"  code: {_text(f'./{code.name}')}"]
    if environment:
        lines.append("  environmentVariables:")
        lines += _variables(environment, "    ")
    if layers:
        lines.append("  layers:")
        lines += [
            f"    - {_text(f'acs:fc:REGION:ACCOUNT:layers/{_name(layer)}/versions/VERSION')}"
            for layer in layers
        ]
    return lines


def _template_yaml(
    target: Target, code: Path, layers: Sequence[Path], environment: Mapping[str, str]
) -> list[str]:
    runtime = _text(_runtime(target))
    arch = _text("arm64" if target.arch == "aarch64" else target.arch)
    lines = ["Resources:"]
    for number, layer in enumerate(layers, 1):
        lines += [
            f"  Layer{number}:",
            "    Type: AWS::Serverless::LayerVersion",
            "    Properties:",
            f"      LayerName: {_text(_name(layer))}",
            f"      ContentUri: {_text(layer.name)}",
            f"      CompatibleRuntimes: [{runtime}]",
            f"      CompatibleArchitectures: [{arch}]",
        ]
    lines += [
        "  Function:",
        "    Type: AWS::Serverless::Function",
        "    Properties:",
        f"      CodeUri: {_text(code.name)}",
        f"      Runtime: {runtime}",
        f"      Architectures: [{arch}]",
    ]
    if environment:
        lines += ["      Environment:", "        Variables:"]
        lines += _variables(environment, "          ")
    if layers:
        lines.append("      Layers:")
        lines += [f"        - !Ref Layer{number}" for number, _ in enumerate(layers, 1)]
    return lines


def _variables(environment: Mapping[str, str], indent: str) -> list[str]:
    return [f"{indent}{name}: {_text(value)}" for name, value in sorted(environment.items())]


def _runtime(target: Target) -> str:
    return target.id.removeprefix(f"{target.provider}-").removesuffix("-arm64")


def _name(layer: Path) -> str:
    """A layer's name; providers take letters, digits, hyphens and underscores, 64 of them."""
    return re.sub(r"[^A-Za-z0-9_-]+", "-", layer.stem).strip("-")[-64:] or "layer"


def _text(value: str) -> str:
    return json.dumps(value, ensure_ascii=False)
