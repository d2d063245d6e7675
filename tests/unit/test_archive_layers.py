"""Splitting a bundle: who goes into which layer, where files lie then, and what has to be set."""

from __future__ import annotations

import itertools
import posixpath
from pathlib import Path

import pytest

from fctui.archive.layer_environment import layer_environment
from fctui.archive.layers import split
from fctui.archive.places import Places
from fctui.archive.retold import Retelling
from fctui.bundle.manifest import ManifestFile
from fctui.model.contents import Contents, Entry
from fctui.model.errors import UsageError
from fctui.model.plan import Category, Origin, is_shared_library
from fctui.model.target import Interpreter, Limits, Target
from fctui.present.fragments import S_YAML, TEMPLATE_YAML, fragment, usual_form
from fctui.store.store import Store
from tests.support.targets import debian

FC = debian(
    id="fc-custom.made",
    provider="fc",
    python=Interpreter("3.11", "/usr/bin/python3"),
    presets={"LD_LIBRARY_PATH": "/code/:/code//lib:/usr/local/lib", "PYTHONPATH": "/code"},
    limits=Limits(zip_api=100, zip_storage=300, layers=3, environment=4096),
)
LAMBDA = Target(
    id="lambda-made",
    title="Made",
    provider="lambda",
    distribution="amazon",
    release="2023",
    glibc=(2, 34),
    arch="aarch64",
    code_dir="/var/task",
    python_path=("/var/task", "/opt/python/lib/python3.12/site-packages", "/opt/python"),
    presets={
        "LD_LIBRARY_PATH": "/lib64:/var/task:/var/task/lib:/opt/lib",
        "PATH": "/usr/bin:/opt/bin",
        "NODE_PATH": "/opt/nodejs/node_modules",
    },
)


def file(
    path: str,
    manager: str = "pip",
    *,
    link: str = "",
    mode: int = 0o644,
    category: Category = Category.PURELIB,
    owner: str = "",
) -> ManifestFile:
    return ManifestFile(
        path=path,
        size=len(link) or 1,
        mode=0o777 if link else mode,
        sha256="" if link else "0" * 64,
        category=Category.LINK if link else category,
        owner=owner or manager,
        manager=manager,
        link=link,
        shared_library=is_shared_library(path),
    )


BUNDLE = [
    file("index.py", "project", category=Category.CODE),
    file("data", "project", link="node_modules/pkg/data"),
    file("numpy", "project", link="gone/numpy"),
    file("np/__init__.py"),
    file("np/core.so", category=Category.PLATLIB),
    file("np-1.dist-info/METADATA", category=Category.METADATA),
    file("bin/f2py", mode=0o755, category=Category.SCRIPTS),
    file("share/np/table", category=Category.DATA),
    file("lib/libgl.so.1", "apt", link="../usr/lib/x/libgl.so.1.2"),
    file("usr/lib/x/libgl.so.1.2", "apt", category=Category.SYSTEM),
    file("usr/lib/y", "apt", link="x"),
    file("etc/conf", "apt", category=Category.SYSTEM),
    file("usr/bin/tool", "apt", mode=0o755, category=Category.SYSTEM),
    file("usr/share/conf", "apt", link="../lib/y/libgl.so.1.2"),
    file("node_modules/pkg/cli.js", "npm", mode=0o755, category=Category.NODE_MODULE),
    file("node_modules/pkg/data/a", "npm", category=Category.NODE_MODULE),
    file("node_modules/.bin/pkg", "npm", link="../pkg/cli.js"),
    file("node_modules/own", "npm", link="../packages/own"),
    file("packages/own/index.js", "project", category=Category.CODE),
    file("web/node_modules/z/z.js", "npm", category=Category.NODE_MODULE),
    file("lib/a.jar", "maven", category=Category.JAR),
]


def test_where_files_go() -> None:
    places = Places(BUNDLE, FC)
    assert {f.path: places.of(f.path) for f in BUNDLE if not f.link} == {
        "index.py": "/code/index.py",
        "np/__init__.py": "/opt/python/np/__init__.py",
        "np/core.so": "/opt/python/np/core.so",
        "np-1.dist-info/METADATA": "/opt/python/np-1.dist-info/METADATA",
        "bin/f2py": "/opt/bin/f2py",
        "share/np/table": "/opt/python/share/np/table",
        "usr/lib/x/libgl.so.1.2": "/opt/usr/lib/x/libgl.so.1.2",
        "etc/conf": "/opt/etc/conf",
        "usr/bin/tool": "/opt/usr/bin/tool",
        "node_modules/pkg/cli.js": "/opt/nodejs/node_modules/pkg/cli.js",
        "node_modules/pkg/data/a": "/opt/nodejs/node_modules/pkg/data/a",
        "packages/own/index.js": "/code/packages/own/index.js",
        "web/node_modules/z/z.js": "/code/web/node_modules/z/z.js",
        "lib/a.jar": "/opt/java/lib/a.jar",
    }
    assert places.in_layer("index.py") is None
    assert places.in_layer("lib/a.jar") == "java/lib/a.jar"
    assert places.collisions() == ()


def test_every_link_leads_to_where_its_end_is_now() -> None:
    places = Places(BUNDLE, FC)
    ends = {}
    for link in (f for f in BUNDLE if f.link):
        here = posixpath.dirname(places.of(link.path))
        ends[link.path] = posixpath.normpath(posixpath.join(here, places.link(link)))
    assert ends == {
        "data": "/opt/nodejs/node_modules/pkg/data",
        "numpy": "/code/gone/numpy",
        "lib/libgl.so.1": "/opt/usr/lib/x/libgl.so.1.2",
        "usr/lib/y": "/opt/usr/lib/x",
        "usr/share/conf": "/opt/usr/lib/x/libgl.so.1.2",
        "node_modules/.bin/pkg": "/opt/nodejs/node_modules/pkg/cli.js",
        "node_modules/own": "/code/packages/own",
    }
    kept = next(f for f in BUNDLE if f.path == "lib/libgl.so.1")
    assert places.link(kept) == kept.link


def test_paths_in_files_that_fctui_wrote_are_told_anew(tmp_path: Path) -> None:
    places = Places(BUNDLE, FC)
    text = (
        b"#!/code/usr/bin/tool\n/code/etc /code/etc/new, '/code/bin/f2py' /code/index.py /code\n"
        b"/opt/code/etc /code/nowhere/else x/code/etc /code/usr/share/np\n"
    )
    wanted = (
        b"#!/opt/usr/bin/tool\n/opt/etc /opt/etc/new, '/opt/bin/f2py' /code/index.py /code\n"
        b"/opt/code/etc /code/nowhere/else x/code/etc /opt/usr/share/np\n"
    )
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "conf").write_bytes(text)
    retelling = Retelling(tmp_path, Store(tmp_path / "store"), (), places, FC)
    conf = next(f for f in BUNDLE if f.path == "etc/conf")
    assert retelling.retold(conf) == wanted
    (tmp_path / "etc" / "conf").write_bytes(b"\0" + text)
    assert retelling.retold(conf) is None


def test_what_is_as_its_package_has_it_is_left_alone(tmp_path: Path) -> None:
    store = Store(tmp_path / "store")
    store.remember("sha256:ab", Contents("sha256:ab", (Entry("etc/conf", 1, sha256="0" * 64),)))
    origins = (Origin("apt", "apt", "apt", "1", "a.deb", "sha256:ab"),)
    (tmp_path / "etc").mkdir()
    (tmp_path / "etc" / "conf").write_bytes(b"/code/etc/conf")
    conf = next(f for f in BUNDLE if f.path == "etc/conf")
    places = Places(BUNDLE, FC)
    assert Retelling(tmp_path, store, origins, places, FC).retold(conf) is None
    assert Retelling(tmp_path, store, (), places, FC).retold(conf) == b"/opt/etc/conf"


def test_a_path_that_two_files_would_have() -> None:
    files = [*BUNDLE, file("other/a.jar", "maven", category=Category.JAR)]
    assert Places(files, FC).collisions() == ("other/a.jar",)


def test_what_has_to_be_set() -> None:
    variables = {
        "PATH": "/code/bin:/code/usr/bin:/usr/bin",
        "CONF": "/code/etc",
        "FILE": "/code/etc/conf",
        "HOME_OF_IT": "/code",
        "PLAIN": "x:y",
    }
    assert layer_environment(FC, variables, Places(BUNDLE, FC)) == {
        "PATH": "/opt/bin:/opt/usr/bin:/usr/bin",
        "CONF": "/opt/etc",
        "FILE": "/opt/etc/conf",
        "HOME_OF_IT": "/code",
        "PLAIN": "x:y",
        "LD_LIBRARY_PATH": "/opt/lib:/code/:/code//lib:/usr/local/lib",
        "PYTHONPATH": "/opt/python:/code",
        "NODE_PATH": "/opt/nodejs/node_modules",
    }


def test_what_a_runtime_searches_by_itself_is_not_set() -> None:
    variables = {"PATH": "/var/task/bin:/usr/bin:/opt/bin"}
    files = [f for f in BUNDLE if not f.path.startswith("usr/bin")]
    assert layer_environment(LAMBDA, variables, Places(files, LAMBDA)) == {}


def test_a_prefix_keeps_its_shape_below_opt() -> None:
    site = "lib/python3.11/site-packages"
    files = [
        file("index.py", "project", category=Category.CODE),
        file(f"{site}/np/__init__.py"),
        file(f"{site}/np-1.dist-info/METADATA", category=Category.METADATA),
        file("bin/f2py", mode=0o755, category=Category.SCRIPTS),
    ]
    places = Places(files, FC)
    assert places.of(f"{site}/np/__init__.py") == f"/opt/{site}/np/__init__.py"
    variables = {"PYTHONPATH": f"/code/{site}:/code", "PATH": "/code/bin:/bin"}
    assert layer_environment(FC, variables, places) == {
        "PYTHONPATH": f"/opt/{site}:/code",
        "PATH": "/opt/bin:/bin",
    }


def test_as_few_layers_as_can_be_the_largest_first() -> None:
    sizes = {
        ("pip", "a"): 60,
        ("pip", "b"): 50,
        ("apt", "c"): 40,
        ("npm", "d"): 30,
        ("pip", "e"): 5,
    }
    done = split(FC, sizes)
    assert done.layers == (
        (("pip", "a"), ("apt", "c")),
        (("pip", "b"), ("npm", "d"), ("pip", "e")),
    )
    assert done.findings == ()


def test_any_order_of_the_packages_gives_the_same_layers() -> None:
    sizes = {("pip", name): size for name, size in zip("abcde", (60, 50, 50, 30, 10), strict=True)}
    first = split(FC, sizes)
    for order in itertools.permutations(sizes.items()):
        assert split(FC, dict(order)) == first


def test_the_larger_limit_where_the_smaller_needs_too_many() -> None:
    sizes = {("pip", str(number)): 90 for number in range(6)}
    done = split(FC, sizes)
    assert [len(layer) for layer in done.layers] == [3, 3]
    assert done.findings == ()


def test_too_many_layers_are_a_finding() -> None:
    done = split(FC, {("pip", str(number)): 290 for number in range(4)})
    assert len(done.layers) == 4
    (finding,) = done.findings
    assert finding.breaks
    assert "4 layers" in finding.message


def test_a_target_without_layers() -> None:
    with pytest.raises(UsageError, match="no layers"):
        split(LAMBDA, {("pip", "a"): 1})


def test_fragments() -> None:
    archives = [Path("out/f.zip"), Path("out/f-layer-1.zip")]
    lines = fragment(S_YAML, FC, archives, {"PATH": 'a"b'})
    assert '  runtime: "custom.made"' in lines
    assert '    PATH: "a\\"b"' in lines
    assert '    - "acs:fc:REGION:ACCOUNT:layers/f-layer-1/versions/VERSION"' in lines
    lines = fragment(TEMPLATE_YAML, LAMBDA, archives, {})
    assert "        - !Ref Layer1" in lines
    assert '      Architectures: ["arm64"]' in lines
    assert not any("Environment" in line for line in lines)
    assert (usual_form(FC), usual_form(LAMBDA)) == (S_YAML, TEMPLATE_YAML)
