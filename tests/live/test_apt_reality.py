"""Our sets and files against apt's and dpkg's own, on the real archive."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from fctui.managers.apt.index import PackageIndex
from fctui.managers.apt.layout import lay_out
from fctui.managers.apt.manager import Apt
from fctui.managers.apt.search import open_index
from fctui.managers.interface import Context
from fctui.model.graph import reachable
from fctui.model.package import Resolution
from fctui.model.plan import Category, Layout, Link
from fctui.project.settings import AptSettings
from fctui.pruning.match import matcher
from fctui.pruning.rules import choice, rules
from fctui.store.store import Store, default_store
from fctui.targets.load import load_target
from tests.support.apt_project import apt_context

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(shutil.which("apt-get") is None, reason="needs apt-get"),
]

INSTALLED = re.compile(r"^Inst (?P<name>\S+) (?:\[[^]]*\] )?\((?P<version>\S+) ", re.MULTILINE)
# What `apt-get --simulate` prints for each package that it would unpack.

EVERYTHING = choice((), tuple(rule.name for rule in rules()))


@pytest.fixture(scope="module")
def store() -> Store:
    return default_store()


def resolved(context: Context) -> Resolution:
    return asyncio.run(Apt().resolve(context))


def laid_out(context: Context, resolution: Resolution) -> Layout:
    apt = Apt()
    listing = asyncio.run(apt.contents(context, resolution))
    assert not listing.unknown
    return apt.layout(context, resolution, listing, "target")


def simulated(resolution: Resolution, packages: list[str], *, recommends: bool = False) -> set[str]:
    """What apt itself would install, with the root and the status of the resolution."""
    command = resolution.commands[-1]
    config = next(word for word in command if word.startswith("APT_CONFIG="))
    status = next(word for word in command if word.startswith("Dir::State::status="))
    which = "--install-recommends" if recommends else "--no-install-recommends"
    argv = ["apt-get", which, "-s", "-o", status, "install", *packages]
    environment = {**os.environ, "APT_CONFIG": config.partition("=")[2], "LC_ALL": "C.UTF-8"}
    done = subprocess.run(argv, env=environment, capture_output=True, text=True, check=True)
    return {f"{match['name']}={match['version']}" for match in INSTALLED.finditer(done.stdout)}


@pytest.mark.parametrize("target", ["debian11", "debian12", "debian13", "debian12-arm64"])
@pytest.mark.parametrize(
    "packages", [["libgl1"], ["imagemagick", "ghostscript"], ["libblas3", "liblapack3", "nano"]]
)
def test_our_set_is_apts_own(
    tmp_path: Path, store: Store, target: str, packages: list[str]
) -> None:
    context = apt_context(
        tmp_path / "p", "\n".join(packages), store=store, target=load_target(target)
    )
    resolution = resolved(context)
    ours = {f"{package.name}={package.version}" for package in resolution.packages.values()}
    assert ours == simulated(resolution, packages)
    roots = [root.id for root in resolution.roots]
    assert roots == packages
    assert reachable(resolution, roots) == set(resolution.packages)
    for package in resolution.packages.values():
        assert package.artifact is not None
        assert len(package.artifact.sha256) == 64
        assert package.artifact.size
        assert package.installed_size is not None
        assert package.summary


def test_recommends_are_apts_own(tmp_path: Path, store: Store) -> None:
    target = load_target("debian12")
    settings = AptSettings(recommends=True)
    context = apt_context(tmp_path / "p", "imagemagick", store=store, target=target, apt=settings)
    resolution = resolved(context)
    ours = {f"{package.name}={package.version}" for package in resolution.packages.values()}
    assert ours == simulated(resolution, ["imagemagick"], recommends=True)
    assert reachable(resolution, ["imagemagick"]) == set(resolution.packages)


def test_the_minimal_system_is_not_bundled(tmp_path: Path, store: Store) -> None:
    target = load_target("debian12")
    context = apt_context(
        tmp_path / "p", "libc6\ncoreutils\nperl-base\npython3", store=store, target=target
    )
    resolution = resolved(context)
    assert resolution.packages == {}
    assert {finding.subject for finding in resolution.findings} == {
        *("libc6", "coreutils", "perl-base", "python3")
    }


def links(layout: Layout) -> set[str]:
    """The alternatives' links, which are in no deb."""
    return {file.path for file in layout.files if file.category is Category.LINK}


def test_the_files_are_those_of_dpkg(tmp_path: Path, store: Store) -> None:
    dpkg = shutil.which("dpkg-deb")
    if dpkg is None:
        pytest.skip("needs dpkg-deb")
    packages = "imagemagick-6.q16\nghostscript\nlibblas3\nliblapack3\nlibgl1\nopenssl"
    context = apt_context(tmp_path / "p", packages, store=store, target=load_target("debian12"))
    apt = Apt()
    resolution = asyncio.run(apt.resolve(context))
    listing = asyncio.run(apt.fetch(context, resolution))
    planned = apt.layout(context, resolution, listing, "target")
    rule_of = matcher("apt", choice((), ()))
    whole = lay_out(resolution, listing.contents, context.target, EVERYTHING)
    alternatives = links(whole.layout(resolution.packages)) - links(planned)
    ours: dict[str, dict[str, str]] = {}
    for file in planned.files:
        if file.category is not Category.LINK:
            ours.setdefault(file.owner, {})[file.path] = file.path
    left_out = sum(saving.files for saving in planned.savings)
    for id_, contents in listing.contents.items():
        archive = store.archive(contents.digest)
        done = subprocess.run([dpkg, "-c", archive], capture_output=True, text=True, check=True)
        theirs = {
            line.split(maxsplit=5)[5].partition(" -> ")[0].partition(" link to ")[0]
            for line in done.stdout.splitlines()
            if line[0] != "d"
        }
        theirs = {path.removeprefix("./") for path in theirs}
        assert {entry.path for entry in contents.entries} == theirs
        kept = {path for path in theirs if not rule_of(path)}
        mine = set(ours.get(id_, {}))
        assert mine <= kept
        left_out -= len(theirs - mine)
    assert left_out == len(alternatives)


def test_links_lead_somewhere(tmp_path: Path, store: Store) -> None:
    packages = "imagemagick\nghostscript\nlibblas3\nliblapack3\nlibopenblas0-pthread\nopenssl"
    context = apt_context(tmp_path / "p", packages, store=store, target=load_target("debian12"))
    resolution = resolved(context)
    planned = laid_out(context, resolution)
    top = tmp_path / "bundle"
    for file in planned.files:
        path = top / file.path
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(file.source, Link):
            assert file.size == len(file.source.target.encode())
            path.symlink_to(file.source.target)
        else:
            path.touch()
    for file in planned.files:
        if isinstance(file.source, Link) and not file.source.target.startswith("/"):
            assert (top / file.path).resolve(strict=True).is_relative_to(top)
    links = {f.path: f.source.target for f in planned.files if isinstance(f.source, Link)}
    assert links["usr/bin/convert"] == "convert-im6.q16"
    assert links["usr/lib/x86_64-linux-gnu/libblas.so.3"] == "openblas-pthread/libblas.so.3"
    assert links["usr/lib/x86_64-linux-gnu/liblapack.so.3"] == "openblas-pthread/liblapack.so.3"
    assert "usr/lib/x86_64-linux-gnu" in planned.library_dirs


def test_one_package_alone_has_the_files_of_the_whole(tmp_path: Path, store: Store) -> None:
    context = apt_context(
        tmp_path / "p",
        "libblas3\nlibopenblas0-pthread",
        store=store,
        target=load_target("debian12"),
    )
    apt = Apt()
    resolution = asyncio.run(apt.resolve(context))
    listing = asyncio.run(apt.contents(context, resolution))
    whole = apt.layout(context, resolution, listing, "target")
    for id_ in resolution.packages:
        one = asyncio.run(apt.contents(context, resolution, [id_]))
        alone = apt.layout(context, resolution, one, "target").files
        assert alone == tuple(file for file in whole.files if file.owner == id_)


def test_the_index_knows_every_package_of_the_lists(tmp_path: Path, store: Store) -> None:
    context = apt_context(tmp_path / "p", "libgl1", store=store, target=load_target("debian12"))
    resolution = resolved(context)
    command = resolution.commands[-1]
    config = next(word for word in command if word.startswith("APT_CONFIG=")).partition("=")[2]
    done = subprocess.run(
        ["apt-cache", "pkgnames", "--no-all-names"],
        env={**os.environ, "APT_CONFIG": config},
        capture_output=True,
        text=True,
        check=True,
    )
    names = done.stdout.split()
    index = open_index(context)
    assert isinstance(index, PackageIndex)
    with index:
        assert len(names) > 50_000
        real = [name for name in names if name in index]
        assert len(real) == index.count
        assert next(hit.name for hit in index.search("libgl1")) == "libgl1"
        for name in real[::5000]:
            stanza = index.stanza(name)
            assert stanza is not None
            assert stanza.startswith(f"Package: {name}\n")
