"""Programs with compiled-in places: the variables and files that rules give a plan."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import re
from pathlib import Path

import pytest
from msgspec import structs

from fctui.bundle.environment import environment
from fctui.bundle.places.apply import Applied, apply_rules
from fctui.bundle.places.rules import rules
from fctui.bundle.places.stored import StoreReader
from fctui.bundle.plan import Share, make_plan
from fctui.managers.apt.deb import unpack_deb
from fctui.model.contents import Contents, Listing
from fctui.model.errors import UsageError
from fctui.model.plan import (
    Category,
    Generated,
    Layout,
    Link,
    PlannedFile,
    StoreFile,
    is_shared_library,
)
from fctui.model.target import Interpreter, Limits, Target
from fctui.project.project import load_project
from fctui.store.store import Store
from fctui.tasks.events import Silent
from fctui.tasks.task import Tasks
from tests.support.debs import Deb
from tests.support.targets import debian

LIB = "usr/lib/x86_64-linux-gnu"


def target(**presets: str) -> Target:
    return debian(
        python=Interpreter("3.11", "/usr/bin/python3"),
        presets=presets,
        limits=Limits(environment=4096),
    )


def plan_of(texts: dict[str, bytes | str], manager: str = "apt") -> list[PlannedFile]:
    """Files of debs by path, with their bytes; a string is the target of a link."""
    return [
        PlannedFile(
            path=path,
            size=len(text),
            category=Category.LINK if isinstance(text, str) else Category.SYSTEM,
            owner="some-deb",
            manager=manager,
            source=Link(text) if isinstance(text, str) else StoreFile("d", path),
            mode=0o755 if "/bin/" in f"/{path}" else 0o644,
            shared_library=is_shared_library(path),
        )
        for path, text in texts.items()
    ]


def applied(texts: dict[str, bytes | str], on: Target | None = None) -> Applied:
    def read(source: StoreFile, most: int = -1) -> bytes:
        text = texts[source.path]
        assert isinstance(text, bytes)
        return text if most < 0 else text[:most]

    return apply_rules(on or target(), plan_of(texts), read)


def variables(texts: dict[str, bytes | str], on: Target | None = None) -> dict[str, str]:
    on = on or target()
    found = environment(on, [], (), applied(texts, on))
    found.pop("PATH", None)
    return found


def made(result: Applied) -> dict[str, str]:
    """What is generated, by path; links by where they lead."""
    found = {}
    for file in result.files:
        match file.source:
            case Generated(data=data):
                assert file.size == len(data)
                found[file.path] = data.decode("latin-1")
            case Link(target=to):
                assert file.size == len(to)
                found[file.path] = to
    return found


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("usr/share/tesseract-ocr/5/tessdata/eng.traineddata",
         {"TESSDATA_PREFIX": "/code/usr/share/tesseract-ocr/5/tessdata"}),
        ("usr/share/tesseract-ocr/tessdata/eng.traineddata",
         {"TESSDATA_PREFIX": "/code/usr/share/tesseract-ocr/"}),
        ("usr/lib/file/magic.mgc", {"MAGIC": "/code/usr/lib/file/magic.mgc"}),
        ("usr/share/proj/proj.db", {"PROJ_LIB": "/code/usr/share/proj"}),
        (f"{LIB}/gio/modules/libx.so", {"GIO_EXTRA_MODULES": f"/code/{LIB}/gio/modules"}),
        (f"{LIB}/perl5/5.36/XML/Parser.pm", {"PERL5LIB": f"/code/{LIB}/perl5/5.36"}),
        ("usr/share/zoneinfo/Europe/Berlin",
         {"TZDIR": "/code/usr/share/zoneinfo",
          "PYTHONTZPATH": "/code/usr/share/zoneinfo:/usr/share/zoneinfo"}),
        ("usr/share/terminfo/x/xterm", {"TERMINFO_DIRS": "/code/usr/share/terminfo:"}),
        ("usr/lib/python3/dist-packages/yaml/__init__.py",
         {"PYTHONPATH": "/code/usr/lib/python3/dist-packages"}),
        (f"{LIB}/libz.so.1", {}),
        ("usr/share/doc/file/copyright", {}),
    ],
)  # fmt: skip
def test_what_is_there_sets_its_variables_and_nothing_else_does(
    path: str, expected: dict[str, str]
) -> None:
    assert variables({path: b"x"}) == expected


def test_the_architecture_and_the_code_directory_are_the_targets() -> None:
    arm = structs.replace(target(), arch="aarch64", code_dir="/var/task")
    texts: dict[str, bytes | str] = {
        f"{LIB}/gio/modules/libx.so": b"x",
        "usr/lib/aarch64-linux-gnu/qt5/plugins/platforms/libq.so": b"x",
    }
    assert variables(texts, arm) == {
        "QT_PLUGIN_PATH": "/var/task/usr/lib/aarch64-linux-gnu/qt5/plugins"
    }


def test_a_preset_list_is_kept_behind_and_what_it_covers_is_left_out() -> None:
    texts: dict[str, bytes | str] = {
        "usr/share/perl5/A.pm": b"",
        "usr/share/terminfo/x/xterm": b"",
        "usr/lib/file/magic.mgc": b"",
        "usr/share/nodejs/a/index.js": b"",
    }
    on = target(
        PERL5LIB="/opt/perl",
        TERMINFO_DIRS="/code/usr/share/terminfo",
        MAGIC="/opt/magic",
        NODE_PATH="/code/mine",
    )
    assert variables(texts, on) == {
        "PERL5LIB": "/code/usr/share/perl5:/opt/perl",
        "NODE_PATH": "/code/mine:/code/usr/share/nodejs",
    }


def test_python_modules_of_debs_come_behind_the_functions_own() -> None:
    texts: dict[str, bytes | str] = {
        "usr/lib/python3/dist-packages/a.py": b"",
        "usr/lib/python3.11/tkinter/__init__.py": b"",
        "usr/lib/python3.11/lib-dynload/_tkinter.cpython-311-x86_64-linux-gnu.so": b"",
    }
    on = target(PYTHONPATH="/code")
    found = environment(on, [], ("lib/pip",), applied(texts, on))["PYTHONPATH"].split(":")
    assert found == [
        "/code/lib/pip",
        "/code",
        "/code/usr/lib/python3/dist-packages",
        "/code/usr/lib/python3.11",
        "/code/usr/lib/python3.11/lib-dynload",
    ]


@pytest.mark.parametrize(
    ("tag", "fits"), [("cpython-310", True), ("cpython-39", False), ("", False)]
)
def test_another_python_gets_modules_of_debs_only_if_they_are_built_for_it(
    tag: str, fits: bool
) -> None:
    on = structs.replace(target(), python=Interpreter("3.10", "/var/fc/lang/python3.10/bin/python"))
    name = f"_x.{tag}-x86_64-linux-gnu.so" if tag else "x.py"
    path = f"usr/lib/python3/dist-packages/{name}"
    assert ("PYTHONPATH" in variables({path: b""}, on)) is fits


def test_without_debs_nothing_is_looked_at() -> None:
    files = plan_of({"usr/lib/file/magic.mgc": b""}, manager="project")

    def read(source: StoreFile, most: int = -1) -> bytes:
        raise AssertionError(source)

    assert apply_rules(target(), files, read) == Applied()


def test_fonts_are_looked_for_in_the_bundle_and_their_caches_made_where_it_can_be_written() -> None:
    text = (
        b"<fontconfig>\n<dir>/usr/share/fonts</dir>\n<include>conf.d</include>\n"
        b"<cachedir>/var/cache/fontconfig</cachedir>\n</fontconfig>\n"
    )
    result = applied({"etc/fonts/fonts.conf": text})
    new = made(result)["etc/fonts/fonts.conf"]
    assert "<dir>/code/usr/share/fonts</dir>" in new
    assert "<dir>/usr/share/fonts</dir>" in new
    assert "<cachedir>/tmp/fontconfig</cachedir>" in new
    assert "/var/" not in new
    (reason,) = result.reasons
    assert (reason.rule, reason.variables, reason.files) == (
        "fontconfig", ("FONTCONFIG_PATH",), ("etc/fonts/fonts.conf",)
    )  # fmt: skip
    assert reason.source


def test_certificates_are_made_as_the_maintainer_scripts_do() -> None:
    first, second = b"first certificate", b"second one"
    pem = [
        b"-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(der) + b"-----END CERTIFICATE-----"
        for der in (first, second)
    ]
    texts: dict[str, bytes | str] = {
        "usr/share/ca-certificates/mozilla/B.crt": pem[1],
        "usr/share/ca-certificates/mozilla/A.crt": pem[0] + b"\n",
        "usr/lib/jvm/java-17/lib/security/cacerts": "/etc/ssl/certs/java/cacerts",
    }
    result = applied(texts)
    files = made(result)
    every = files["etc/ssl/certs/ca-certificates.crt"].encode()
    assert every == pem[0] + b"\n" + pem[1] + b"\n"
    store = files["etc/ssl/certs/java/cacerts"].encode("latin-1")
    assert store[:12] == b"\xfe\xed\xfe\xed\0\0\0\x02\0\0\0\x02"
    assert store.index(b"debian:a.pem") < store.index(first) < store.index(b"debian:b.pem")
    guard = "changeit".encode("utf-16-be") + b"Mighty Aphrodite" + store[:-20]
    assert store[-20:] == hashlib.sha1(guard, usedforsecurity=False).digest()
    link = files["usr/lib/jvm/java-17/lib/security/cacerts"]
    assert link == "../../../../../../etc/ssl/certs/java/cacerts"
    assert result.values["SSL_CERT_FILE"] == "/code/etc/ssl/certs/ca-certificates.crt"


def test_odbc_drivers_are_listed_where_the_bundle_has_them() -> None:
    template = b"[SQLite3]\nDescription\t= SQLite\nDriver = libs.so\nSetup = libmissing.so\n"
    texts: dict[str, bytes | str] = {
        "usr/share/sqliteodbc/unixodbc.ini": template,
        "usr/share/broken/odbcinst.ini": b"no section\n",
        f"{LIB}/odbc/libs.so": "libs-1.so",
        f"{LIB}/odbc/libs-1.so": b"",
        f"{LIB}/odbc/libmdbodbc.so": b"",
    }
    result = applied(texts)
    text = made(result)["etc/odbcinst.ini"]
    assert f"[SQLite3]\nDescription = SQLite\nDriver = /code/{LIB}/odbc/libs.so\n" in text
    assert "Setup = libmissing.so" in text
    assert f"[MDBTools]\nDriver = /code/{LIB}/odbc/libmdbodbc.so\n" in text
    assert result.values["ODBCSYSINI"] == "/code/etc"
    (finding,) = result.findings
    assert finding.subject == "usr/share/broken/odbcinst.ini"
    assert not finding.breaks


def test_what_stands_in_the_bundle_already_is_not_made() -> None:
    texts: dict[str, bytes | str] = {
        "etc/odbcinst.ini": b"[Mine]\n",
        f"{LIB}/odbc/libmdbodbc.so": b"",
    }
    result = applied(texts)
    assert made(result) == {}
    assert result.values == {"ODBCSYSINI": "/code/etc"}


def test_plugins_are_listed_as_they_would_list_themselves_and_unknown_ones_are_told() -> None:
    loaders = f"{LIB}/gdk-pixbuf-2.0/2.10.0/loaders"
    texts: dict[str, bytes | str] = {
        f"{loaders}/libpixbufloader-svg.so": b"",
        f"{loaders}/libpixbufloader-new.so": b"",
        f"{LIB}/graphviz/libgvplugin_core.so.6": "libgvplugin_core.so.6.0.0",
        f"{LIB}/graphviz/libgvplugin_core.so.6.0.0": b"",
    }
    result = applied(texts)
    files = made(result)
    cache = files[f"{LIB}/gdk-pixbuf-2.0/2.10.0/loaders.cache"]
    assert cache.startswith(f'"/code/{loaders}/libpixbufloader-svg.so"\n"svg" 6 "gdk-pixbuf"')
    assert "new" not in cache
    assert cache.endswith("100\n\n")
    assert files[f"{LIB}/graphviz/config6a"].startswith("libgvplugin_core.so.6 core {\n\tdevice {")
    assert [f.subject for f in result.findings] == [f"{loaders}/libpixbufloader-new.so"]


def test_a_script_of_a_deb_names_the_interpreter_that_the_bundle_brings() -> None:
    texts: dict[str, bytes | str] = {
        "usr/bin/perl": b"\x7fELF",
        "usr/bin/mogrify": b"#!/usr/bin/perl -w\nprint 1;\n",
        "bin/other": b"#! /bin/perl\n",
        "usr/bin/plain": b"#!/bin/sh\necho\n",
        "usr/bin/by-path": b"#!/usr/bin/env perl\n",
    }
    result = applied(texts)
    assert made(result) == {
        "usr/bin/mogrify": "#!/code/usr/bin/perl -w\nprint 1;\n",
        "bin/other": "#! /code/usr/bin/perl\n",
    }
    assert [reason.rule for reason in result.reasons] == ["first-lines"]


def test_the_plan_has_the_files_and_the_projects_own_variables_win() -> None:
    texts: dict[str, bytes | str] = {"usr/share/ca-certificates/m/A.crt": b"A\n"}

    def read(source: StoreFile, most: int = -1) -> bytes:
        return b"A\n"

    share = Share(Layout(files=tuple(plan_of(texts))), Listing(contents={}))
    own = {"SSL_CERT_FILE": "/mine", "MODE": "x"}
    plan = make_plan(target(), "target", {"apt": share}, read=read, variables=own)
    assert "etc/ssl/certs/ca-certificates.crt" in {file.path for file in plan.files}
    assert plan.environment == own
    assert [place.rule for place in plan.places] == ["certificates"]
    assert [file.path for file in plan.files] == sorted(file.path for file in plan.files)


def test_every_rule_has_its_reason_and_source_and_does_something() -> None:
    names = [rule.name for rule in rules()]
    assert len(names) == len(set(names))
    for rule in rules():
        assert rule.reason.endswith("."), rule.name
        assert re.search(r"https?://|\(\d\w*\)", rule.source), rule.name
        assert rule.paths or rule.path or rule.values or rule.make or rule.cannot, rule.name
        assert set(rule.behind) <= set(rule.paths), rule.name


def test_what_cannot_run_from_another_place_is_told() -> None:
    result = applied({"usr/bin/node": b"", "usr/share/nodejs/cjs-module-lexer/lexer.js": b""})
    (finding,) = result.findings
    assert finding.subject == "usr/bin/node"
    assert not finding.breaks


def test_a_file_that_a_script_would_copy_is_there_and_links_lead_to_it() -> None:
    texts: dict[str, bytes | str] = {
        "usr/lib/R/bin/R": b"R_HOME_DIR=/usr/lib/R\nR_SHARE_DIR=/usr/share/R/share\n",
        "usr/lib/R/etc/Renviron.ucf": b"A=1\n",
        "usr/lib/R/etc/Renviron": "/etc/R/Renviron",
    }
    assert made(applied(texts)) == {
        "usr/lib/R/bin/R": "R_HOME_DIR=/code/usr/lib/R\nR_SHARE_DIR=/code/usr/share/R/share\n",
        "etc/R/Renviron": "A=1\n",
        "usr/lib/R/etc/Renviron": "../../../../etc/R/Renviron",
    }


def test_the_database_of_file_types_is_made_of_its_sources() -> None:
    source = b"""<?xml version="1.0"?>
<mime-info xmlns="http://www.freedesktop.org/standards/shared-mime-info">
  <mime-type type="image/x-one"><comment>One</comment><comment xml:lang="de">Eins</comment>
    <glob pattern="*.One"/><glob pattern="*.O" case-sensitive="true" weight="60"/>
    <alias type="image/one"/><sub-class-of type="text/plain"/>
    <magic priority="70"><match type="string" value="A\\n\\x42" offset="0:3" mask="0xff00ff">
      <match type="host16" value="0x0102" offset="4"/></match></magic>
    <magic><match type="little32" value="017" offset="2"/></magic>
  </mime-type>
</mime-info>"""
    files = made(applied({"usr/share/mime/packages/one.xml": source}))
    assert files == {
        "usr/share/mime/globs2": (
            "60:image/x-one:*.O:cs\n60:image/x-one:*.O\n50:image/x-one:*.one\n"
        ),
        "usr/share/mime/aliases": "image/one image/x-one\n",
        "usr/share/mime/subclasses": "image/x-one text/plain\n",
        "usr/share/mime/magic": (
            "MIME-Magic\0\n[70:image/x-one]\n>0=\0\x03A\nB&\xff\0\xff+4\n"
            "1>4=\0\x02\x01\x02~2\n[50:image/x-one]\n>2=\0\x04\x0f\0\0\0\n"
        ),
    }


def test_a_damaged_database_of_file_types_is_told_once() -> None:
    result = applied({"usr/share/mime/packages/one.xml": b"<mime-info"})
    assert made(result) == {}
    (finding,) = result.findings
    assert finding.files == ("usr/share/mime/packages/one.xml",)


def test_what_is_read_of_the_store_is_what_was_unpacked(tmp_path: Path) -> None:
    deb = Deb("certs", files={"usr/share/ca-certificates/m/A.crt": b"genuine\n"}).write(tmp_path)
    store = Store(tmp_path / "store")

    async def adopt() -> Contents:
        async with Tasks(Silent()).open("", "adopt") as task:
            return await store.adopt(deb, unpack_deb, task)

    contents = asyncio.run(adopt())
    source = StoreFile(contents.digest, "usr/share/ca-certificates/m/A.crt")
    read = StoreReader(store)
    assert read(source) == b"genuine\n"
    assert read(source, 3) == b"gen"
    place = store.tree(contents.digest) / source.path
    place.chmod(0o644)
    place.write_bytes(b"changed through a bundle\n")
    assert read(source) == b"genuine\n"


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('environment = { "A-B" = "x" }', "'A-B' is no name of a variable"),
        ('environment = { A = "x\\u001b[2J" }', "control characters"),
        ("environment = { A = 1 }", "has to be a string"),
    ],
)
def test_variables_that_no_provider_takes_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "fctui.toml").write_text(f"[bundle]\n{text}\n")
    with pytest.raises(UsageError) as caught:
        load_project(tmp_path)
    assert said in caught.value.message
