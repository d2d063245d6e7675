"""npm's settings: files, variables, registries, credentials, versions, integrity."""

from __future__ import annotations

import base64
import hashlib
import ssl
from pathlib import Path

import pytest

from fctui.managers.npm.access import access_of
from fctui.managers.npm.config import NpmConfig
from fctui.managers.npm.integrity import Integrity, parse_integrity
from fctui.managers.npm.npmrc import effective_settings, environment_settings, parse_npmrc
from fctui.managers.npm.semver import satisfies
from fctui.model.errors import TaskError, UsageError


@pytest.mark.parametrize(
    ("version", "wanted", "expected"),
    [
        ("18.17.1", "^18.17.0 || ^20.3.0 || >=21.0.0", True),
        ("20.2.9", "^18.17.0 || ^20.3.0 || >=21.0.0", False),
        ("18.0.0", ">= 0.8", True),
        ("18.0.0", "", True),
        ("14.0.0", ">=10 <13 || 14.x", True),
        ("12.23.0", "~12.22", False),
        ("0.2.5", "^0.2.3", True),
        ("0.3.0", "^0.2.3", False),
        ("0.0.4", "^0.0.3", False),
        ("2.9.9", "1.2.3 - 2", True),
        ("3.0.0", "1.2.3 - 2", False),
        ("18.20.3", ">18", False),
        ("18.20.3", "<=18", True),
        ("22.0.0-rc.1", ">=22", True),
        ("22.0.0-rc.1", "<22.0.0", True),
        ("5.0.0-0", ">=4.0.0 <5.0.0-0", False),
        ("18.17.1", "=18.17.1", True),
        ("20", ">=20.9.0", True),
        ("20", ">=21", False),
        ("18.0.0", "node 4", None),
        ("nonsense", "*", None),
    ],
)
def test_engines_ranges_as_node_semver_reads_them(
    version: str, wanted: str, expected: bool | None
) -> None:
    assert satisfies(version, wanted) is expected


def test_npmrc_values_comments_quotes_variables() -> None:
    text = """
; a comment
# another
registry = https://one.example.invalid/   ; and this
//one.example.invalid/:_authToken=${TOKEN}
unset = ${NOTHING}/x
optional = ${NOTHING?}x
quoted = "a;b"
hash = a\\#b
flag
omit[] = dev
omit[] = optional
[section]
"""
    assert parse_npmrc(text, {"TOKEN": "t0"}) == {
        "registry": "https://one.example.invalid/",
        "//one.example.invalid/:_authToken": "t0",
        "unset": "${NOTHING}/x",
        "optional": "x",
        "quoted": "a;b",
        "hash": "a#b",
        "flag": "true",
        "omit": "dev\noptional",
    }


def test_variables_are_settings_whatever_their_case() -> None:
    environ = {
        "NPM_CONFIG_REPLACE_REGISTRY_HOST": "never",
        "npm_config_//h/:_authToken": "x",
        "npm_config_empty": "",
        "PATH": "/bin",
    }
    assert environment_settings(environ) == {
        "replace-registry-host": "never",
        "//h/:_authToken": "x",
    }


def test_project_wins_over_user_wins_over_global_and_variables_win_over_all(tmp_path: Path) -> None:
    home, project, globally = tmp_path / "home", tmp_path / "project", tmp_path / "global"
    home.mkdir()
    project.mkdir()
    globally.write_text("a=global\nb=global\nc=global\nd=global\n")
    (home / ".npmrc").write_text("b=user\nc=user\nd=user\n")
    (project / ".npmrc").write_text("c=project\nd=project\n")
    environ = {
        "HOME": str(home),
        "npm_config_globalconfig": str(globally),
        "npm_config_d": "variable",
    }
    settings = effective_settings(project, environ)
    found = {key: settings[key] for key in "abcd"}
    assert found == {"a": "global", "b": "user", "c": "project", "d": "variable"}


def test_scope_has_its_registry() -> None:
    found = NpmConfig(
        {
            "registry": "https://r.example.invalid/",
            "@in:registry": "https://in.example.invalid/npm/",
        }
    )
    assert found.tarball_url("a", "1.0.0") == "https://r.example.invalid/a/-/a-1.0.0.tgz"
    assert found.tarball_url("@in/a", "1.0.0") == (
        "https://in.example.invalid/npm/@in/a/-/a-1.0.0.tgz"
    )


@pytest.mark.parametrize(
    ("replace", "resolved", "expected"),
    [
        ("", "https://default.example.invalid/a/-/a.tgz", "http://m.example.invalid:81/npm/a/-/a.tgz"),
        ("", "https://other.example.invalid/a.tgz", "https://other.example.invalid/a.tgz"),
        ("never", "https://default.example.invalid/a.tgz", "https://default.example.invalid/a.tgz"),
        ("always", "https://other.example.invalid/a.tgz", "http://m.example.invalid:81/npm/a.tgz"),
        ("other.example.invalid", "https://other.example.invalid/npm/a.tgz",
         "http://m.example.invalid:81/npm/a.tgz"),
        ("https://other.example.invalid/old", "https://other.example.invalid/old/a.tgz",
         "http://m.example.invalid:81/npm/a.tgz"),
        ("https://other.example.invalid/old", "https://other.example.invalid/new/a.tgz",
         "https://other.example.invalid/new/a.tgz"),
    ],
)  # fmt: skip
def test_a_lock_of_the_default_registry_installs_from_a_mirror(
    replace: str, resolved: str, expected: str
) -> None:
    settings = {"registry": "http://user:secret@m.example.invalid:81/npm/"}
    if replace:
        settings["replace-registry-host"] = replace
    found = NpmConfig(settings, "https://default.example.invalid/").download_url(resolved)
    assert found == expected


def test_credentials_go_to_their_host_and_path_alone() -> None:
    password = base64.b64encode(b"pass").decode()
    found = NpmConfig(
        {
            "registry": "https://r.example.invalid/npm/",
            "//r.example.invalid/npm/:_authToken": "token",
            "//basic.example.invalid/:_auth": "YTpi",
            "//name.example.invalid/:username": "me",
            "//name.example.invalid/:_password": password,
        }
    )
    assert found.headers("https://r.example.invalid/npm/a/-/a.tgz") == {
        "authorization": "Bearer token"
    }
    assert found.headers("https://basic.example.invalid/a.tgz") == {"authorization": "Basic YTpi"}
    expected = base64.b64encode(b"me:pass").decode()
    assert found.headers("https://name.example.invalid/x/y.tgz") == {
        "authorization": f"Basic {expected}"
    }
    # Tarballs beside the registry's own path, on its host, get what the registry gets.
    assert found.headers("https://r.example.invalid/files/a.tgz", "a") == {
        "authorization": "Bearer token"
    }
    assert found.headers("https://evil.example.invalid/npm/a.tgz", "a") == {}
    assert found.headers("https://r.example.invalid.evil.invalid/npm/a.tgz", "a") == {}
    assert found.headers("https://r.example.invalid:8443/npm/a.tgz", "a") == {}


def test_secrets_are_not_shown() -> None:
    assert "token" not in repr(NpmConfig({"//r.example.invalid/:_authToken": "token"}))


def test_certificates_and_proxy_of_the_settings(tmp_path: Path) -> None:
    assert access_of({}) is None
    assert access_of({"proxy": "null", "strict-ssl": "true"}) is None
    found = access_of({"proxy": "http://a.invalid:1", "https-proxy": "http://b.invalid:2"})
    assert found is not None
    assert (found.context, found.proxy) == (None, "http://b.invalid:2")
    lax = access_of({"strict-ssl": "false"})
    assert lax is not None
    assert lax.context is not None
    assert lax.context.verify_mode is ssl.CERT_NONE
    (tmp_path / "ca.pem").write_text("nonsense")
    for settings in ({"cafile": str(tmp_path / "ca.pem")}, {"cafile": "/nowhere"}, {"ca": "x"}):
        with pytest.raises(UsageError, match="certificates"):
            access_of(settings)


def test_the_strongest_hash_counts(tmp_path: Path) -> None:
    data = b"data"

    def sri(name: str) -> str:
        digest = hashlib.new(name, data).digest()
        return f"{name}-{base64.b64encode(digest).decode()}"

    both = parse_integrity(f"{sri('sha1')} {sri('sha512')}?x=1")
    assert both is not None
    assert both.digest == f"sha512:{hashlib.sha512(data).hexdigest()}"
    weak = parse_integrity(sri("sha1"))
    assert weak is not None
    assert weak.digest == ""
    file = tmp_path / "file"
    file.write_bytes(data)
    weak.verify(file)
    file.write_bytes(b"other")
    with pytest.raises(TaskError, match="sha1"):
        weak.verify(file)
    assert parse_integrity("") is None
    assert parse_integrity("sha512-zzzz md5-xx") is None
    assert parse_integrity("sha512-" + base64.b64encode(b"short").decode()) is None
    assert Integrity("sha384", "00").digest == ""
