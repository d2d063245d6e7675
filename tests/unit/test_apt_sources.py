"""Where debs come from: the host's sources, the target's suite, the settings."""

from __future__ import annotations

import base64
from pathlib import Path

import pytest

from fctui.managers.apt.configuration import host_settings
from fctui.managers.apt.credentials import (
    headers_for,
    host_credentials,
    source_credentials,
)
from fctui.managers.apt.declared import declared_packages, foreign_architectures
from fctui.managers.apt.host import Host, Source, debian_archives, plain_uri, read_sources
from fctui.managers.apt.root import AptRoot, apt_errors
from fctui.managers.apt.sources import (
    MIRROR,
    NoMirrorError,
    Sources,
    security_suite,
    sources_for,
)
from fctui.managers.apt.stanza import paragraphs
from fctui.model.errors import FctuiError, MissingToolError, TaskError, UsageError
from fctui.model.target import Suite, Target
from fctui.project.settings import AptSettings
from tests.support.apt_project import apt_context, apt_target

DEB822 = """\
# the archive
Types: deb deb-src
URIs: http://mirror.example.invalid/debian
Suites: trixie trixie-updates
Components: main contrib
Signed-By: /keyrings/debian-archive-keyring.gpg

Types: deb
URIs: http://security.example.invalid/security
Suites: trixie-security
Components: main

Types: deb
Enabled: no
URIs: http://disabled.example.invalid/
Suites: trixie
Components: main
"""

ONE_LINE = """\
deb [arch=amd64 signed-by=/k/a.gpg,/k/b.gpg] http://third.example.invalid/debian bookworm main
deb http://mirror.example.invalid/debian bookworm main  # comment
deb-src http://mirror.example.invalid/debian bookworm main
deb http://mirror.example.invalid/debian bookworm-updates main
deb cdrom:[Debian]/ bookworm main
# deb http://commented.example.invalid/ bookworm main
"""


@pytest.fixture
def host(tmp_path: Path) -> Host:
    """A machine with sources and keys, and no debootstrap."""
    etc = tmp_path / "etc"
    (etc / "sources.list.d").mkdir(parents=True)
    keyrings = tmp_path / "keyrings"
    keyrings.mkdir()
    for name in ("debian-archive-keyring.gpg", "debian-archive-removed-keys.gpg"):
        (keyrings / name).touch()
    (etc / "sources.list.d/debian.sources").write_text(DEB822)
    return Host(etc, keyrings, tmp_path / "scripts", tmp_path / "status")


def text(found: Sources) -> list[dict[str, str]]:
    return list(paragraphs(found.files[0][1]))


def with_suite(suite: Suite | None) -> Target:
    target = apt_target()
    return Target(
        **{name: getattr(target, name) for name in target.__struct_fields__} | {"suite": suite}
    )


def test_both_formats_are_read() -> None:
    main, security = read_sources(DEB822, "f", deb822=True)
    assert main.uri == "http://mirror.example.invalid/debian"
    assert main.suites == ("trixie", "trixie-updates")
    assert main.signed_by == ("/keyrings/debian-archive-keyring.gpg",)
    assert security.suites == ("trixie-security",)
    lines = list(read_sources(ONE_LINE, "f", deb822=False))
    assert [line.uri for line in lines][:2] == [
        *("http://third.example.invalid/debian", "http://mirror.example.invalid/debian")
    ]
    assert lines[0].signed_by == ("/k/a.gpg", "/k/b.gpg")


def test_third_parties_are_not_taken_for_debian() -> None:
    main, security = debian_archives(tuple(read_sources(ONE_LINE, "f", deb822=False)))
    assert main is not None
    assert main.uri == "http://mirror.example.invalid/debian"
    assert security is None
    assert debian_archives((Source("http://x.example.invalid", ("noble",), ("main",)),)) == (
        None,
        None,
    )


def test_the_targets_suite_from_the_hosts_mirror(tmp_path: Path, host: Host) -> None:
    main, security = text(sources_for(apt_target(), AptSettings(), tmp_path, host=host))
    assert main["uris"] == "http://mirror.example.invalid/debian"
    assert main["suites"] == "bookworm bookworm-updates"
    assert security["uris"] == "http://security.example.invalid/security"
    assert security["suites"] == "bookworm-security"
    assert main["signed-by"] == str(host.keyrings / "debian-archive-keyring.gpg")
    assert "check-valid-until" not in main


def test_archived_suites_come_from_where_debootstrap_says(tmp_path: Path, host: Host) -> None:
    target = with_suite(Suite("stretch", "9", archived=True))
    with pytest.raises(NoMirrorError, match="stretch has left") as caught:
        sources_for(target, AptSettings(), tmp_path, host=host)
    assert "[apt] mirror" in caught.value.hint
    host.debootstrap.mkdir()
    (host.debootstrap / "stretch").write_text("mirror_style release\n")
    (host.debootstrap / "etch").write_text(
        "case $ARCH in *) \n\tdefault_mirror http://old.example.invalid/debian\n;; esac\n"
    )
    main, security = text(sources_for(target, AptSettings(), tmp_path, host=host))
    assert (main["uris"], main["suites"]) == ("http://old.example.invalid/debian", "stretch")
    assert security["uris"] == "http://old.example.invalid/debian-security"
    assert security["suites"] == "stretch/updates"
    assert main["check-valid-until"] == security["check-valid-until"] == "no"
    assert "removed-keys" in main["signed-by"]


def test_the_settings_win(tmp_path: Path, host: Host) -> None:
    mirror = AptSettings(mirror="https://own.example.invalid/debian")
    found = sources_for(apt_target(), mirror, tmp_path, host=host)
    assert text(found)[0]["uris"] == "https://own.example.invalid/debian"
    (tmp_path / "own").write_text("Types: deb\nURIs: file:/x\nSuites: ./\n")
    (tmp_path / "lines").write_text("deb file:/x ./\n")
    own = sources_for(apt_target(), AptSettings(sources=("own", "lines")), tmp_path, host=host)
    assert [name for name, _ in own.files] == ["00-project.sources", "01-project.list"]
    assert own.key != found.key
    with pytest.raises(UsageError, match="nowhere cannot be read"):
        sources_for(apt_target(), AptSettings(sources=("nowhere",)), tmp_path, host=host)
    bad = AptSettings(mirror="http://x.example.invalid\nTypes: deb")
    with pytest.raises(UsageError, match="no URI"):
        sources_for(apt_target(), bad, tmp_path, host=host)


def test_old_suites_have_a_variable_of_their_own(
    tmp_path: Path, host: Host, monkeypatch: pytest.MonkeyPatch
) -> None:
    """For no mirror has these and the others; it may be a directory."""
    monkeypatch.setenv("FCTUI_APT_ARCHIVE", "/srv/old debian/debian")
    monkeypatch.setenv("FCTUI_APT_MIRROR", "http://near.example.invalid/debian")
    old = with_suite(Suite("buster", "10", archived=True))
    main, security = text(sources_for(old, AptSettings(), tmp_path, host=host))
    assert main["uris"] == "file:///srv/old%20debian/debian"
    assert security["uris"] == "file:///srv/old%20debian/debian-security"
    assert main["check-valid-until"] == "no"
    newer = text(sources_for(apt_target(), AptSettings(), tmp_path, host=host))[0]
    assert newer["uris"] == "http://near.example.invalid/debian"
    monkeypatch.delenv("FCTUI_APT_ARCHIVE")
    assert text(sources_for(old, AptSettings(), tmp_path, host=host))[0]["uris"] == newer["uris"]


def test_what_is_missing_is_said(tmp_path: Path, host: Host) -> None:
    with pytest.raises(UsageError, match="no Debian suite"):
        sources_for(with_suite(None), AptSettings(), tmp_path, host=host)
    bare = Host(tmp_path / "none", host.keyrings, host.debootstrap, host.status)
    with pytest.raises(TaskError, match="has no apt sources") as unknown:
        sources_for(apt_target(), AptSettings(), tmp_path, host=bare)
    assert "[apt] mirror" in unknown.value.hint
    assert MIRROR in unknown.value.hint
    none = tmp_path / "none"
    keyless = Host(host.etc, none, host.debootstrap, host.status, own_keys=none)
    with pytest.raises(MissingToolError, match="archive keys") as caught:
        sources_for(apt_target(), AptSettings(), tmp_path, host=keyless)
    assert "debian-archive-keyring" in caught.value.hint
    with pytest.raises(UsageError, match="riscv64"):
        sources_for(apt_target(arch="riscv64"), AptSettings(), tmp_path, host=host)


def test_a_machine_without_apt_has_our_keys_and_a_mirror_of_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    none = tmp_path / "none"
    bare = Host(none, none, none, none)
    monkeypatch.setenv(MIRROR, "http://near.example.invalid/debian")
    found = sources_for(apt_target(), AptSettings(), tmp_path, host=bare)
    (main, security) = paragraphs(found.files[0][1])
    assert main["uris"] == "http://near.example.invalid/debian"
    assert security["uris"] == "http://near.example.invalid/debian-security"
    assert main["signed-by"] == str(bare.own_keys / "debian-archive-keyring.gpg")
    assert Path(main["signed-by"]).is_file()
    named = sources_for(apt_target(), AptSettings(mirror="http://x/debian"), tmp_path, host=bare)
    assert "near" not in named.files[0][1]


def test_this_machine_keeps_its_own_sources(tmp_path: Path, host: Host) -> None:
    found = sources_for(apt_target("local"), AptSettings(), tmp_path, host=host)
    assert found.files == (("00-host.sources", DEB822),)
    assert found.status == str(host.status)


def test_a_mirror_list_is_its_first_mirror(tmp_path: Path) -> None:
    (tmp_path / "list").write_text(
        "# ours\nhttp://first.example.invalid/debian priority:1\nhttp://x\n"
    )
    assert plain_uri(f"mirror+file:{tmp_path}/list") == "http://first.example.invalid/debian"
    assert plain_uri("http://a.example.invalid/") == "http://a.example.invalid/"
    assert plain_uri("mirror+file:/nowhere") == "mirror+file:/nowhere"


@pytest.mark.parametrize(
    ("suite", "name"),
    [
        (Suite("stretch", "9"), "stretch/updates"),
        (Suite("bullseye", "11"), "bullseye-security"),
        (Suite("trixie", "13"), "trixie-security"),
    ],
)
def test_the_security_suites_name(suite: Suite, name: str) -> None:
    assert security_suite(suite) == name


def test_only_network_settings_of_the_host_are_taken() -> None:
    dump = (
        "APT \nAPT::Get::AllowUnauthenticated true\n"
        "Acquire::http::Proxy http://proxy.example.invalid:3128/\n"
        "Acquire::https::Verify-Peer%20 x%22y\nAcquire::AllowInsecureRepositories 1\n"
        "Acquire::ForceIPv4 true\nAcquire::https::CAInfo /etc/ca%20own.pem\n"
    )
    assert host_settings(dump) == [
        ("Acquire::http::Proxy", "http://proxy.example.invalid:3128/"),
        ("Acquire::ForceIPv4", "true"),
        ("Acquire::https::CAInfo", "/etc/ca own.pem"),
    ]


def test_apts_errors_are_shown_once() -> None:
    assert apt_errors(["W: hm", "E: no", "E: no", "E: really"]) == ["no", "really"]
    assert apt_errors(["killed"]) == ["killed"]


def test_an_index_that_is_damaged_is_made_again(tmp_path: Path) -> None:
    root = AptRoot(tmp_path, Sources((), ("amd64",)))
    root.path.mkdir(parents=True)
    assert root.recorded() is None
    (root.path / "lists.json").write_text('{"digest":"x","index":"/nowhere/index-2","updated":1}')
    assert root.recorded() is None
    (root.path / "lists.json").write_text("{")
    assert root.recorded() is None


def test_declared_packages(tmp_path: Path) -> None:
    settings = AptSettings(packages=("libgl1", "nano:i386=7.2-1"))
    context = apt_context(tmp_path, "libgl1 # x\n\n curl=7.88 jq/bookworm\nlibgl1\n", apt=settings)
    found = declared_packages(context.project, settings)
    assert [(each.text, each.where) for each in found] == [
        ("libgl1", "apt.txt:1"),
        ("curl=7.88", "apt.txt:3"),
        ("jq/bookworm", "apt.txt:3"),
        ("nano:i386=7.2-1", "[apt] packages"),
    ]
    assert [each.chosen for each in found] == ["", "=7.88", "/bookworm", "=7.2-1"]
    assert foreign_architectures(found, "amd64") == ("i386",)


@pytest.mark.parametrize(
    "line", [":repo:deb http://x.example.invalid ./", "./x.deb", "--purge", "A"]
)
def test_what_is_no_package_is_refused_with_its_line(tmp_path: Path, line: str) -> None:
    context = apt_context(tmp_path, f"\n{line}\n")
    with pytest.raises(FctuiError) as caught:
        declared_packages(context.project, AptSettings())
    assert "apt.txt:2" in caught.value.message


def test_credentials_are_found_for_their_archive_only(tmp_path: Path) -> None:
    (tmp_path / "auth.conf.d").mkdir()
    (tmp_path / "auth.conf").write_text(
        "# ours\nmachine own.example.invalid/debian login me password s3:cret\n"
    )
    (tmp_path / "auth.conf.d/plain.conf").write_text(
        "machine http://plain.example.invalid:8080\nlogin you\npassword pw\n"
    )
    (tmp_path / "auth.conf.d/not.bak").write_text(
        "machine own.example.invalid login x password y\n"
    )
    found = host_credentials(Host(etc=tmp_path))
    assert len(found) == 2
    header = {"Authorization": f"Basic {base64.b64encode(b'me:s3:cret').decode()}"}
    assert headers_for("https://own.example.invalid/debian/pool/x.deb", found) == header
    assert headers_for("http://own.example.invalid/debian/pool/x.deb", found) == {}
    assert headers_for("https://own.example.invalid/other/x.deb", found) == {}
    assert headers_for("https://example.invalid/debian/x.deb", found) == {}
    assert headers_for("http://plain.example.invalid:8080/x.deb", found)
    in_source = source_credentials(["deb https://a%40b:c@own.example.invalid/debian sid main\n"])
    assert in_source[0][3:] == ("a@b", "c")
    assert headers_for("https://own.example.invalid/debian/x.deb", in_source)
