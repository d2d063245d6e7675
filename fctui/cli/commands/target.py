"""`fctui target`: one runtime in full, captured where it runs, or compared with another."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, BinaryIO

import click

from fctui.cli.options import as_json, running
from fctui.cli.output import write_json, write_lines
from fctui.model.errors import UsageError
from fctui.targets.load import load_target


@click.group("target")
def command() -> None:
    """One runtime in full; captured where it runs; compared with another."""


@command.command("capture")
@click.option(
    "--root",
    type=click.Path(path_type=Path, file_okay=False, exists=True),
    metavar="DIR",
    help="A root file system; else the system that this runs on.",
)
@click.option("--script", "as_script", is_flag=True, help="A script that does it without fctui.")
@click.option(
    "--from", "source", type=click.File("rb"), metavar="FILE", help="What the script has printed."
)
@click.option(
    "--like",
    metavar="TARGET",
    help="Whose limits it has; for --root also whose presets and code directory.",
)
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), metavar="FILE")
@as_json
def capture(
    root: Path | None,
    *,
    like: str | None,
    as_script: bool,
    source: BinaryIO | None,
    output: Path | None,
    as_json: bool,
) -> None:
    """Write a complete profile as TOML, for --target FILE.toml: release, glibc, interpreters,
    packages, libraries with their symbol versions, programs, presets. Limits are in no system.

    Where only Python is, upload what --script prints and run it, or make capture.handler the
    function's handler; then give its output to --from.
    """
    from fctui.targets import capture as captures

    if as_script + (source is not None) + (root is not None) > 1:
        raise UsageError("--script, --from and --root exclude one another.")
    if as_script:
        _put(captures.script(), output)
        return
    if source is not None:
        profile = captures.read_profile(source.read())
    else:
        profile = captures.capture(str(root or "/"))
    known = load_target(like) if like else None
    target = captures.target_of(profile, output.stem if output else "captured", known)
    if as_json:
        write_json(target)
        return
    _put(captures.to_toml(target), output)
    told = f"{target.title}: {len(profile.packages)} packages, {len(profile.libraries)} libraries"
    write_lines([told, *([f"use it: --target {output}"] if output else [])], sys.stderr)


def _put(text: str, output: Path | None) -> None:
    if output is None:
        write_lines(text.splitlines())
    else:
        output.write_text(text, encoding="utf-8")


@command.command("diff")
@click.argument("one", metavar="A")
@click.argument("other", metavar="B")
@running
@as_json
def diff(one: str, other: str, *, as_json: bool, **options: Any) -> None:  # noqa: ANN401 - of `running`
    """What differs from A to B: facts, presets, packages, libraries, symbol versions, programs."""
    from fctui.cli.run import run_workflow
    from fctui.present.targets import difference_lines
    from fctui.workflow.target_diff import Side, compare_targets, side_of
    from fctui.workflow.workflow import Workflow

    async def work(workflow: Workflow) -> Side:
        return await side_of(workflow.context)

    sides = [run_workflow(Path(), {"target": name, **options}, work)[1] for name in (one, other)]
    found = compare_targets(*sides)
    if as_json:
        write_json(found)
    else:
        write_lines(difference_lines(found))


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
