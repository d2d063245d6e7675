"""What a deployment's template says of the functions: handler, limits, variables.

Sources: Serverless Devs' `s.yaml` (components fc3, before that fc), AWS SAM's `template.yaml`
(AWS::Serverless::Function), funcraft's `template.yml` (Aliyun::Serverless::Function).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Literal

from msgspec import Struct, field

from fctui.model.errors import UsageError

NAMES = ("s.yaml", "s.yml", "template.yaml", "template.yml")
_FC, _LAMBDA = "Aliyun::Serverless::Function", "AWS::Serverless::Function"


class Function(Struct, frozen=True):
    """One function of a template; "" and None for what it does not say. `timeout` is in seconds,
    `memory` in MB.
    """

    name: str
    source: Path
    provider: Literal["fc", "lambda"]
    handler: str = ""
    runtime: str = ""
    timeout: float | None = None
    memory: int | None = None
    environment: dict[str, str] = field(default_factory=dict)


def functions(*places: Path) -> tuple[Function, ...]:
    """The functions of the first template in these directories; () where there is none.

    Raises UsageError for one that is no YAML.
    """
    for place in dict.fromkeys(places):
        for name in NAMES:
            if (place / name).is_file():
                return tuple(_read(place / name))
    return ()


def _read(path: Path) -> Iterator[Function]:
    data = _load(path)
    for key in ("resources", "services"):
        for name, resource in _mapping(data.get(key)).items():
            props = _mapping(_mapping(resource).get("props"))
            inner = _mapping(props.get("function"))
            if inner or "handler" in props or "runtime" in props:
                yield _function(str(name), path, "fc", {**_lowered(props), **_lowered(inner)})
    yield from _of_resources(path, _mapping(data.get("Resources")), data)


def _of_resources(
    path: Path, resources: Mapping[str, Any], whole: Mapping[str, Any]
) -> Iterator[Function]:
    below = _mapping(_mapping(whole.get("Globals")).get("Function"))
    for name, resource in resources.items():
        inner = _mapping(resource)
        kind = inner.get("Type")
        if kind in {_FC, _LAMBDA}:
            provider: Literal["fc", "lambda"] = "lambda" if kind == _LAMBDA else "fc"
            props = {**_lowered(below), **_lowered(_mapping(inner.get("Properties")))}
            yield _function(str(name), path, provider, props)
        else:  # funcraft's services have their functions inside
            yield from _of_resources(path, {k: v for k, v in inner.items() if _typed(v)}, {})


def _function(
    name: str, path: Path, provider: Literal["fc", "lambda"], props: Mapping[str, Any]
) -> Function:
    variables = _mapping(props.get("environmentvariables"))
    variables = variables or _mapping(_mapping(props.get("environment")).get("Variables"))
    named = props.get("functionname") or props.get("name")
    return Function(
        name=named if isinstance(named, str) else name,
        source=path,
        provider=provider,
        handler=_word(props.get("handler")),
        runtime=_word(props.get("runtime")),
        timeout=_number(props.get("timeout")),
        memory=int(_number(props.get("memorysize")) or 0) or None,
        environment={str(k): _plain(v) for k, v in variables.items() if _is_plain(v)},
    )


def _load(path: Path) -> Mapping[str, Any]:
    import yaml

    class Loader(yaml.SafeLoader):
        """Takes `!Ref`, `!Sub` and the like for nothing: only the deployment knows them."""

    Loader.add_multi_constructor("!", lambda _loader, _suffix, _node: None)
    try:
        return _mapping(yaml.load(path.read_text(encoding="utf-8"), Loader))  # noqa: S506 - it is a safe one
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise UsageError(f"{path} cannot be read: {reason}.") from error


def _typed(data: Any) -> bool:  # noqa: ANN401 - YAML
    return isinstance(data, Mapping) and "Type" in data


def _lowered(data: Mapping[str, Any]) -> dict[str, Any]:
    """Names are `MemorySize` here and `memorySize` there."""
    return {str(key).lower(): value for key, value in data.items()}


def _mapping(data: Any) -> Mapping[str, Any]:  # noqa: ANN401 - YAML
    return data if isinstance(data, dict) else {}


def _word(data: Any) -> str:  # noqa: ANN401 - YAML
    """A text; "" for what a deployment's tool fills in, `${…}`."""
    return data if isinstance(data, str) and "${" not in data else ""


def _number(data: Any) -> float | None:  # noqa: ANN401 - YAML
    return float(data) if isinstance(data, int | float) and data > 0 else None


def _is_plain(value: Any) -> bool:  # noqa: ANN401 - YAML
    return isinstance(value, str | int | float) and "${" not in str(value)


def _plain(value: Any) -> str:  # noqa: ANN401 - YAML
    return str(value).lower() if isinstance(value, bool) else str(value)
