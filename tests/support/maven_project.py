"""A context for Maven tests: a project with a POM or a list, a target, a store of its own."""

from __future__ import annotations

from pathlib import Path

from fctui.managers.interface import Context
from fctui.model.target import Interpreter, Target
from fctui.project.project import load_project
from fctui.store.store import Store
from fctui.tasks.events import Reporter, Silent
from fctui.tasks.task import Tasks
from tests.support.targets import debian


def maven_target(arch: str = "x86_64", java: str = "") -> Target:
    return debian(
        arch=arch,
        java=Interpreter(java, "/usr/bin/java") if java else None,
    )


def maven_context(
    root: Path,
    store: Store,
    *,
    arch: str = "x86_64",
    java: str = "",
    reporter: Reporter | None = None,
    refresh: bool = False,
    offline: bool = False,
) -> Context:
    project = load_project(root)
    return Context(
        project=project,
        target=maven_target(arch, java),
        settings=project.settings,
        store=store,
        tasks=Tasks(reporter or Silent()),
        refresh=refresh,
        offline=offline,
    )


def pom_text(dependencies: str, more: str = "", *, before: str = "") -> str:
    """A POM with some XML in `<dependencies>`, more behind it and `before` in front of it."""
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<project xmlns="http://maven.apache.org/POM/4.0.0">\n'
        "  <modelVersion>4.0.0</modelVersion>\n"
        f"{before}\n"
        "  <groupId>example</groupId>\n  <artifactId>function</artifactId>\n"
        "  <version>1.0</version>\n"
        f"  <dependencies>\n{dependencies}\n  </dependencies>\n{more}\n</project>\n"
    )


def dependency(coordinate: str, scope: str = "", more: str = "") -> str:
    """`<dependency>` for `group:artifact[:type[:classifier]]:version`; version `-` is none."""
    group, artifact, *rest, version = coordinate.split(":")
    type_, classifier = [*rest, "", ""][:2]
    parts = {
        "groupId": group,
        "artifactId": artifact,
        "version": "" if version == "-" else version,
        "type": type_,
        "classifier": classifier,
        "scope": scope,
    }
    inner = "".join(f"<{key}>{value}</{key}>" for key, value in parts.items() if value)
    return f"    <dependency>{inner}{more}</dependency>\n"
