"""The bill of materials and the licences, of a bundle made by hand."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path

import pytest
from click.testing import CliRunner
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from fctui.bundle.manifest import MANIFEST_PATH, Manifest, ManifestFile, read_manifest
from fctui.cli.main import cli
from fctui.model.plan import Category, Origin
from fctui.sbom.debian_copyright import stated
from fctui.sbom.licences import Licence, licences
from fctui.sbom.spdx import expression, of_classifiers, of_debian
from fctui.targets.load import load_target

COPYRIGHT = b"""Format: https://www.debian.org/doc/packaging-manuals/copyright-format/1.0/
Upstream-Name: gl

Files: *
Copyright: somebody
License: GPL-2+ or Expat

Files: debian/*
Copyright: somebody else
License: public-domain
 No rights are reserved.

License: GPL-2+
 See /usr/share/common-licenses/GPL-2.
"""

POM = b"""<project xmlns="http://maven.apache.org/POM/4.0.0"><licenses><license>
<name>Apache-2.0</name></license></licenses></project>"""

FILES = {
    ("pip", "new"): (
        "new-1.dist-info/METADATA",
        b"Name: new\nLicense-Expression: MIT or Apache-2.0\n",
    ),
    ("pip", "old"): (
        "old-1.dist-info/METADATA",
        b"Name: old\nLicense: UNKNOWN\nClassifier: License :: OSI Approved :: BSD License\n",
    ),
    ("pip", "none"): ("none-1.dist-info/METADATA", b"Name: none\n"),
    ("npm", "node_modules/@s/a"): ("node_modules/@s/a/package.json", b'{"license": "ISC"}'),
    ("npm", "node_modules/b"): (
        "node_modules/b/package.json",
        b'{"licenses": [{"type": "MIT"}, {"type": "Own\\u001b[31m"}]}',
    ),
    ("npm", "node_modules/@s/a/node_modules/b"): (
        "node_modules/@s/a/node_modules/b/package.json",
        b"not json",
    ),
    ("apt", "libgl1"): ("usr/share/doc/libgl1/copyright", COPYRIGHT),
    ("apt", "libold"): ("usr/share/doc/libold/copyright", b"This package was debianized by ..."),
    ("maven", "org.x:y"): ("lib/y-1.jar", b""),
}

ORIGINS = (
    Origin("pip", "new", "new", "1", "new-1.whl", "sha256:" + "a" * 64, ("old",), "r.txt:1"),
    Origin("pip", "old", "Old", "1", "old-1.tar.gz", "sha256:" + "b" * 64),
    Origin("pip", "none", "none", "1+local", "", ""),
    Origin("npm", "node_modules/@s/a", "@s/a", "2.0.0", "a.tgz", "sha512:" + "c" * 128),
    Origin("npm", "node_modules/b", "b", "3.0.0", "b.tgz", ""),
    Origin("npm", "node_modules/@s/a/node_modules/b", "b", "3.0.0", "b.tgz", ""),
    Origin("apt", "libgl1", "libgl1", "1:1.6.0-1+b1", "libgl1.deb", "sha256:" + "d" * 64),
    Origin("apt", "libold", "libold", "2", "libold.deb", "sha256:" + "e" * 64),
    Origin("maven", "org.x:y", "y", "1", "y-1.jar", "sha1:" + "f" * 40),
)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    files = []
    for (manager, owner), (path, data) in FILES.items():
        place = tmp_path / "bundle" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
        files.append(
            ManifestFile(path, len(data), 0o644, "0" * 64, Category.DATA, owner, manager, "", False)
        )
    with zipfile.ZipFile(tmp_path / "bundle" / "lib" / "y-1.jar", "w") as jar:
        jar.writestr("META-INF/maven/org.x/y/pom.xml", POM)
    manifest = Manifest(
        format=1,
        target="debian12",
        method="target",
        environment={},
        findings=(),
        unknown=(),
        files=tuple(files),
        origins=ORIGINS,
    )
    place = tmp_path / "bundle" / MANIFEST_PATH
    place.parent.mkdir()
    import msgspec

    place.write_bytes(msgspec.json.encode(manifest))
    return tmp_path / "bundle"


def test_what_each_package_states(bundle: Path) -> None:
    found = licences(bundle, read_manifest(bundle))
    assert {id_: (one.expression, one.names) for (_, id_), one in found.items()} == {
        "new": ("MIT OR Apache-2.0", ()),
        "old": ("", ("BSD License",)),
        "none": ("", ()),
        "node_modules/@s/a": ("ISC", ()),
        "node_modules/b": ("", ("MIT", "Own")),
        "node_modules/@s/a/node_modules/b": ("", ()),
        "libgl1": ("", ("Expat", "GPL-2+", "public-domain")),
        "libold": ("", ()),
        "org.x:y": ("Apache-2.0", ()),
    }
    assert found["apt", "libold"].text == "see file"
    assert Licence().text == "–"


def test_the_bill_is_valid_and_the_same_each_time(
    bundle: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("SOURCE_DATE_EPOCH", raising=False)
    first = CliRunner().invoke(cli, ["sbom", str(bundle)])
    assert first.exit_code == 0, first.output
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(first.stdout) is None
    assert CliRunner().invoke(cli, ["sbom", str(bundle)]).stdout == first.stdout
    told = json.loads(first.stdout)
    assert "timestamp" not in told["metadata"]
    arch = load_target("debian12").debian_arch
    assert {part["purl"] for part in told["components"]} == {
        "pkg:pypi/new@1",
        "pkg:pypi/old@1",
        "pkg:pypi/none@1%2Blocal",
        "pkg:npm/%40s/a@2.0.0",
        "pkg:npm/b@3.0.0",
        f"pkg:deb/debian/libgl1@1:1.6.0-1%2Bb1?arch={arch}&distro=debian-12",
        f"pkg:deb/debian/libold@2?arch={arch}&distro=debian-12",
        "pkg:maven/org.x/y@1?type=jar",
    }
    parts = {part["name"]: part for part in told["components"]}
    assert parts["a"]["group"] == "@s"
    assert parts["a"]["hashes"] == [{"alg": "SHA-512", "content": "c" * 128}]
    assert parts["libgl1"]["licenses"] == [
        {"license": {"id": "GPL-2.0-or-later"}},
        {"license": {"id": "MIT"}},
        {"license": {"name": "public-domain"}},
    ]
    paths = [p["value"] for p in parts["b"]["properties"] if p["name"] == "cdx:npm:package:path"]
    assert paths == ["node_modules/@s/a/node_modules/b", "node_modules/b"]
    needs = {each["ref"]: each.get("dependsOn", []) for each in told["dependencies"]}
    assert needs["pkg:pypi/new@1"] == ["pkg:pypi/old@1"]
    assert needs["function:bundle"] == ["pkg:pypi/new@1"]


def test_a_time_where_one_is_given(bundle: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SOURCE_DATE_EPOCH", "1700000000")
    out = bundle.parent / "bill.json"
    done = CliRunner().invoke(cli, ["sbom", str(bundle), "-o", str(out)])
    assert done.exit_code == 0
    assert json.loads(out.read_text())["metadata"]["timestamp"] == "2023-11-14T22:13:20+00:00"


def test_the_table_of_licences(bundle: Path) -> None:
    done = CliRunner().invoke(cli, ["licences", str(bundle)])
    assert done.exit_code == 0
    assert "ISC  1 package\n  npm    @s/a 2.0.0\n" in done.stdout
    assert "\x1b" not in done.stdout
    told = json.loads(CliRunner().invoke(cli, ["licences", "--json", str(bundle)]).stdout)
    assert len(told["packages"]) == len(ORIGINS)


@pytest.mark.parametrize(
    ("text", "wanted"),
    [
        ("MIT", "MIT"),
        ("(MIT OR Apache-2.0)", "MIT OR Apache-2.0"),
        ("mit or apache-2.0", "MIT OR Apache-2.0"),
        ("GPL-2.0-only WITH Classpath-exception-2.0", "GPL-2.0-only WITH Classpath-exception-2.0"),
        ("SEE LICENSE IN LICENSE.txt", ""),
        ("Whatever 1.0", ""),
        ("MIT AND (", ""),
        ("MIT " * 100, ""),
        ("", ""),
    ],
)
def test_only_what_is_spdx_is_an_expression(text: str, wanted: str) -> None:
    assert expression(text) == wanted


def test_classifiers_that_name_a_family_decide_nothing() -> None:
    prefix = "License :: OSI Approved :: "
    assert of_classifiers([f"{prefix}MIT License", "Topic :: x"]) == ("MIT", ("MIT License",))
    assert of_classifiers([f"{prefix}BSD License"]) == ("", ("BSD License",))
    both = of_classifiers([f"{prefix}MIT License", f"{prefix}ISC License (ISCL)"])
    assert both == ("", ("MIT License", "ISC License (ISCL)"))


@pytest.mark.parametrize(
    ("short", "wanted"),
    [
        ("GPL-2+", "GPL-2.0-or-later"),
        ("LGPL-2.1", "LGPL-2.1-only"),
        ("AGPL-3", "AGPL-3.0-only"),
        ("Expat", "MIT"),
        ("MIT", ""),
        ("GPL-2+ with OpenSSL exception", ""),
    ],
)
def test_short_names_of_debian(short: str, wanted: str) -> None:
    assert of_debian(short) == wanted


@pytest.mark.parametrize(
    "data", [b"", b"prose", b"Format: x\n\nFiles *\n\x00\xff", b"Format:\n" + b"x" * 9999]
)
def test_copyright_files_that_say_nothing(data: bytes) -> None:
    assert stated(data) == ()
