"""`fctui target show`: one runtime in full."""

from __future__ import annotations

import click

from fctui.cli.options import as_json
from fctui.cli.output import write_json, write_lines
from fctui.targets.load import load_target


@click.group("target")
def command() -> None:
    """One runtime in full."""


@command.command("show")
@click.argument("name", metavar="TARGET")
@as_json
def show(name: str, *, as_json: bool) -> None:
    """Every fact of a target, and how well it is known."""
    target = load_target(name)
    if as_json:
        write_json(target)
        return
    suite = target.suite
    facts: list[tuple[str, str, str]] = [
        ("release", f"{target.distribution} {target.release}", ""),
        ("architecture", target.arch, "arch"),
        ("glibc", ".".join(map(str, target.glibc)), "glibc"),
        ("code", target.code_dir, ""),
        ("layers", target.layer_dir, ""),
    ]
    for label, interpreter, fact in (
        ("Python", target.python, "python"),
        ("Node", target.node, "node"),
        ("Java", target.java, "java"),
    ):
        if interpreter:
            facts.append((label, f"{interpreter.version} at {interpreter.executable}", fact))
    if suite:
        archived = ", archived" if suite.archived else ""
        facts.append(("debs from", f"{suite.name} ({suite.release}{archived})", ""))
    facts += [("preset", f"{n}={v}", "presets") for n, v in sorted(target.presets.items())]
    limits = target.limits
    for label, limit in (
        ("zip by API", limits.zip_api),
        ("zip by storage", limits.zip_storage),
        ("unzipped", limits.unzipped),
        ("environment", limits.environment),
    ):
        if limit is not None:
            facts.append((label, f"{limit:,} bytes", "limits"))
    lines = [f"{target.id}: {target.title}"]
    for label, value, fact in facts:
        known = target.certainty.get(fact)
        lines.append(f"  {label:<15} {value}" + (f"  [{known}]" if known else ""))
    lines += [f"  {'source':<15} {source}" for source in target.sources]
    write_lines(lines)
