"""What is tried of a bundle, and that it is the same however its packages lie in layers."""

from __future__ import annotations

from msgspec import structs

from fctui.bundle.manifest import Manifest, ManifestFile
from fctui.bundle.subjects import candidates, declared_in, in_layers
from fctui.model.plan import Category, Origin
from fctui.model.verification import Subject
from fctui.targets.load import load_target

TARGET = load_target("debian12")


def manifest(*packages: tuple[str, str], top: str = "") -> Manifest:
    """Packages of npm's by name, and where the project asks for each."""
    files, origins = [], []
    for name, declared in packages:
        id_ = f"node_modules/{name}"
        files.append(
            ManifestFile(
                f"{top}{id_}/index.js", 1, 0o644, "0" * 64, Category.NODE_MODULE, id_, "npm", "",
                shared_library=False,
            )
        )  # fmt: skip
        origins.append(Origin("npm", id_, name, "1.0.0", "", "", declared=declared))
    return Manifest(1, TARGET.id, "target", {}, (), (), tuple(files), tuple(origins))


def test_what_the_project_does_not_ask_for_may_fail_in_whatever_layer_it_lies() -> None:
    asked, brought = ("express", "package.json:3"), ("@img/libvips", "")
    whole = {c.subject: c.optional for c in candidates(manifest(asked, brought), TARGET, "node")}
    assert whole == {"node_modules/express": False, "node_modules/@img/libvips": True}
    layers = [manifest(each, top="nodejs/") for each in (asked, brought)]
    found = [c for m in layers for c in in_layers(m, TARGET, "node", declared_in(layers))]
    assert {c.subject: c.optional for c in found} == whole
    directories = {c.subject: c.trial.argv[-2] for c in found}
    assert directories == {
        "node_modules/express": TARGET.code_dir,
        "node_modules/@img/libvips": f"{TARGET.layer_dir}/nodejs",
    }


def test_the_functions_own_modules_for_node_are_tried_by_their_usual_names() -> None:
    code = tuple(
        ManifestFile(
            path, 1, 0o644, "0" * 64, Category.CODE, "f", "project", "", shared_library=False
        )
        for path in ("index.js", "handler.mjs", "webpack.config.js", "src/index.js", "index.css")
    )
    bare = manifest(("express", "package.json:1"))
    whole = structs.replace(bare, files=(*bare.files, *code))
    found = [c for c in candidates(whole, TARGET, "node") if c.kind is Subject.HANDLER]
    assert [(c.subject, c.trial.argv[-2:], c.needs) for c in found] == [
        ("index", ("/code", "./index.js"), "node"),
        ("handler", ("/code", "./handler.mjs"), "node"),
    ]
    # A page's script beside a function in Python is not for Node.
    assert not list(candidates(structs.replace(whole, files=code), TARGET, "node"))


def test_without_what_is_declared_everything_counts() -> None:
    found = candidates(manifest(("express", ""), ("debug", "")), TARGET, "node")
    assert not any(candidate.optional for candidate in found)
