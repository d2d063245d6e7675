"""The proof: running the parts of a bundle in a stand-in for its target."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from fctui.bundle.environment import DEFAULT_PATH
from fctui.bundle.manifest import Manifest, read_manifest
from fctui.bundle.subjects import (
    Candidate,
    asked_otherwise,
    candidates,
    declared_in,
    in_layers,
    numbered,
    sonames,
)
from fctui.bundle.verdicts import findings, skipped, verdict
from fctui.managers.interface import Context
from fctui.model.finding import Finding, Kind
from fctui.model.target import Target
from fctui.model.verification import Verdict, Verification
from fctui.sandbox.execute import Sandbox, attempt
from fctui.sandbox.trial import Answer
from fctui.workflow.remedies import with_remedies
from fctui.workflow.sandboxes import NoSandboxError, Stand, has_node, open_stands


class Layers(Struct, frozen=True):
    """A directory with the files of all layers, and their manifests."""

    place: Path
    manifests: tuple[Manifest, ...]


NO_LAYERS = Layers(Path(), ())

Heard = Callable[[Verdict, int], None]
"""Takes a verdict as it comes, and of how many it is one; on the event loop's thread."""


def function_environment(
    target: Target, manifest: Manifest, extra: Mapping[str, str]
) -> dict[str, str]:
    """The whole environment of the function: what the target presets, what the bundle needs,
    what the user adds. Nothing of this machine's.
    """
    base = {"PATH": DEFAULT_PATH, "HOME": "/tmp", "LANG": "C.UTF-8", "LC_ALL": "C.UTF-8"}  # noqa: S108 - the sandbox's
    base |= {"PYTHONDONTWRITEBYTECODE": "1"}
    return {**base, **target.presets, **manifest.environment, **extra}


async def verify(
    context: Context,
    bundle: Path,
    *,
    sandbox: str = "",
    env: Mapping[str, str] | None = None,
    heard: Heard = lambda _verdict, _total: None,
    layers: Layers = NO_LAYERS,
) -> Verification:
    """Try everything of a bundle that can be tried, on the context's target.

    `sandbox` is `docker:IMAGE`, `podman:IMAGE` or `rootfs:DIR`; "" is a root file system of the
    target's release, made when it is not there. `env` are more variables of the function,
    `layers` what lies beside it.
    Raises UsageError for what is no bundle or sandbox, TaskError, MissingToolError.
    """
    manifest = await asyncio.to_thread(read_manifest, bundle)
    environment = function_environment(context.target, manifest, env or {})
    try:
        stands = await open_stands(
            context,
            bundle,
            manifest,
            environment,
            sandbox,
            node=has_node(manifest) or any(map(has_node, layers.manifests)),
            beside={context.target.layer_dir: layers.place} if layers.manifests else {},
        )
    except NoSandboxError as error:
        return await _without(context, bundle, manifest, error.why)
    found = _found(context.target, manifest, layers, stands.node)
    tried: list[tuple[Candidate, Answer, Verdict]] = []
    results: list[Verdict] = []
    present = sonames(f for each in (manifest, *layers.manifests) for f in each.files)

    def give(result: Verdict) -> None:
        results.append(result)
        heard(result, len(found))

    async def run(sandbox: Sandbox, python: str, batch: Sequence[Candidate]) -> None:
        by_id = {candidate.trial.id: candidate for candidate in batch}
        again: list[Candidate] = []

        def take(answer: Answer) -> None:
            candidate = by_id[answer.id]
            result = verdict(candidate, answer, present)
            other = None if result.ok else asked_otherwise(candidate, answer)
            if other is not None:
                again.append(other)
                return
            tried.append((candidate, answer, result))
            give(result)

        async with (
            context.tasks.open("", f"verify in {sandbox.title}") as task,
            context.store.workspace.lent() as room,
        ):
            await attempt(
                sandbox,
                [candidate.trial for candidate in batch],
                python=python,
                room=room,
                task=task,
                heard=take,
                python_path=context.target.python_path,
            )
        if again:
            await run(sandbox, python, again)

    for stand, python, batch, left_out in _batches(stands, found):
        for candidate, why in left_out:
            give(skipped(candidate, why))
        if stand is not None and batch:
            await run(stand, python, batch)
    return Verification(
        sandbox=stands.title,
        results=tuple(results),
        findings=(
            *await with_remedies(context, manifest, findings(tried, present)),
            *_lacking(manifest, *layers.manifests),
        ),
        notes=stands.notes,
    )


def _lacking(*manifests: Manifest) -> tuple[Finding, ...]:
    """What was known to be lacking when the bundle was made. No trial need miss it: many packages
    load their compiled part when they are first used.
    """
    every = (finding for manifest in manifests for finding in manifest.findings)
    return tuple(dict.fromkeys(f for f in every if f.kind is Kind.UNRESOLVED))


def _found(target: Target, manifest: Manifest, layers: Layers, node: str) -> tuple[Candidate, ...]:
    """What is to be tried of the bundle and of its layers."""
    declared = declared_in([manifest, *layers.manifests])
    below = [
        each for layer in layers.manifests for each in in_layers(layer, target, node, declared)
    ]
    return numbered([*candidates(manifest, target, node, declared=declared), *below])


async def verify_archive(
    context: Context, archive: Path, *, sandbox: str = "", env: Mapping[str, str] | None = None
) -> Verification:
    """The same of an archive and the layers beside it, laid out as the provider does."""
    from fctui.archive.opened import open_archives

    async with context.store.workspace.lent() as room:
        async with context.tasks.open("", f"unpack {archive.name}"):
            opened = await asyncio.to_thread(open_archives, archive, room)
        layers = Layers(opened.opt, opened.layers)
        return await verify(context, opened.code, sandbox=sandbox, env=env, layers=layers)


def _batches(
    stands: Stand, found: Sequence[Candidate]
) -> list[tuple[Sandbox | None, str, list[Candidate], list[tuple[Candidate, str]]]]:
    """What is tried where: Node's in its own root, so that what Node brings hides nothing that
    Python lacks.
    """
    plain: list[Candidate] = []
    by_node: list[Candidate] = []
    left_out: list[tuple[Candidate, str]] = []
    for candidate in found:
        if candidate.needs == "python" and not stands.python:
            left_out.append((candidate, stands.why_no_python))
        elif candidate.needs == "node" and not stands.node:
            left_out.append((candidate, stands.why_no_node))
        elif candidate.needs == "node":
            by_node.append(candidate)
        elif stands.python or candidate.trial.argv:
            plain.append(candidate)
        else:
            left_out.append((candidate, "nothing here can load it"))
    return [
        (None, "", [], left_out),
        (stands.plain, stands.python, plain, []),
        (stands.with_node, stands.python, by_node, []),
    ]


async def _without(context: Context, bundle: Path, manifest: Manifest, why: str) -> Verification:
    """What can be said where nothing can be run: what the check of the files finds, and that the
    rest is open.
    """
    from fctui.workflow.check import check

    checked = await check(context, bundle)
    return Verification(
        sandbox="",
        results=tuple(skipped(c, why) for c in candidates(manifest, context.target, "node")),
        findings=checked.findings,
        notes=(
            f"Nothing was run: {why}.",
            f"Instead {checked.native.files} ELF files were looked up in {checked.source}.",
        ),
    )
