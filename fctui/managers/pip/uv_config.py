"""uv's own configuration, for what pip's leaves open: which indexes, and where else to look.

Source: uv's documentation, "Configuration files" and "Environment variables". uv itself runs here
with a configuration of ours alone, so that the sandbox and the host resolve alike.
"""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from msgspec import structs

from fctui.managers.pip.config import PipConfig
from fctui.model.errors import UsageError


def with_uv_configuration(config: PipConfig, environ: Mapping[str, str] | None = None) -> PipConfig:
    """The configuration with uv's indexes, where pip's names none.

    Raises UsageError for a uv.toml that cannot be read.
    """
    environ = os.environ if environ is None else environ
    if config.index_url or config.extra_index_urls or config.no_index:
        return config
    default, extra, find_links = "", [], []
    for data in _files(environ):
        default = str(data.get("index-url") or default)
        extra += [str(url) for url in data.get("extra-index-url", ())]
        find_links += [str(place) for place in data.get("find-links", ())]
        for index in data.get("index", ()):
            if index.get("default"):
                default = str(index["url"])
            elif not index.get("explicit"):
                extra.append(str(index["url"]))
    default = environ.get("UV_DEFAULT_INDEX") or environ.get("UV_INDEX_URL") or default
    for name in ("UV_INDEX", "UV_EXTRA_INDEX_URL"):
        extra += environ.get(name, "").split()
    find_links += environ.get("UV_FIND_LINKS", "").replace(",", " ").split()
    return structs.replace(
        config,
        index_url=_unnamed(default),
        extra_index_urls=tuple(dict.fromkeys(map(_unnamed, extra))),
        find_links=tuple(dict.fromkeys((*config.find_links, *find_links))),
    )


def _files(environ: Mapping[str, str]) -> Iterator[dict[str, Any]]:
    """The uv.toml files of the system and the user; a named one stands for both."""
    named = environ.get("UV_CONFIG_FILE")
    if environ.get("UV_NO_CONFIG") and not named:
        return
    home = Path(environ.get("HOME") or Path.home())
    user = Path(environ.get("XDG_CONFIG_HOME") or home / ".config") / "uv" / "uv.toml"
    for path in [Path(named)] if named else [Path("/etc/uv/uv.toml"), user]:
        try:
            yield tomllib.loads(path.read_text(encoding="utf-8"))
        except (FileNotFoundError, NotADirectoryError, PermissionError):
            continue
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise UsageError(f"uv's configuration {path} cannot be read: {error}.") from error


def _unnamed(index: str) -> str:
    """The URL of an index that may be given as NAME=URL."""
    name, equals, url = index.partition("=")
    return url if equals and "://" not in name and "://" in url else index
