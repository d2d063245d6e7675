"""Programs of debs doing real work from a bundle, in a bare root file system of the target.

Nothing is set but the target's presets and what the bundle says; there is no network.
"""

from __future__ import annotations

import asyncio
import re
import subprocess
from pathlib import Path

import pytest
from msgspec import Struct

from fctui.bundle.environment import DEFAULT_PATH
from fctui.bundle.manifest import Manifest, read_manifest
from fctui.managers.apt.stand_in import stand_in
from fctui.sandbox.isolate import isolated
from fctui.sandbox.rooted import unavailable
from fctui.targets.load import load_target
from fctui.workflow.workflow import Workflow

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "bubblewrap runs"),
    pytest.mark.xdist_group("places"),  # one bundle for all
]

TARGET = "debian12"
DEBS = """
ca-certificates
default-jre-headless
file
fonts-dejavu-core
ghostscript
git
graphviz
imagemagick
libgdk-pixbuf2.0-bin
libimage-exiftool-perl
librsvg2-common
libsqliteodbc
proj-bin
python3-numpy
tesseract-ocr
unixodbc
"""
PICTURE = "convert -size 400x120 xc:white -font DejaVu-Sans -pointsize 40 -annotate +20+70"


class World(Struct, frozen=True):
    """A bare root of the target, and a bundle to run in it."""

    root: Path
    bundle: Path
    manifest: Manifest

    def run(self, script: str, by: str = "sh") -> str:
        """What a script prints, errors included; it has to succeed."""
        target = load_target(TARGET)
        env = {"PATH": DEFAULT_PATH, **target.presets, **self.manifest.environment}
        program = {"sh": ("sh", "-ec"), "python": ("python3", "-c")}[by]
        command = isolated(
            self.root,
            (*program, script),
            shown={target.code_dir: self.bundle},
            env=env,
            cwd="/tmp",
        )
        done = subprocess.run(
            command.argv,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, done.stdout
        return done.stdout


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> World:
    place = tmp_path_factory.mktemp("places")
    (place / "apt.txt").write_text(DEBS)
    workflow = Workflow.open(place, target=TARGET)
    built = asyncio.run(workflow.build(place / "bundle"))
    root = asyncio.run(stand_in(workflow.context)).root
    return World(root, built.bundle, read_manifest(built.bundle))


def test_the_environment_is_what_the_provider_accepts(world: World) -> None:
    variables = world.manifest.environment
    size = sum(len(f"{name}={value}") for name, value in variables.items())
    assert 0 < size < (load_target(TARGET).limits.environment or 0)
    assert {"MAGICK_CONFIGURE_PATH", "GS_LIB", "PERL5LIB", "JAVA_HOME"} <= set(variables)


def test_imagemagick_draws_scales_and_converts(world: World) -> None:
    said = world.run(f"{PICTURE} Hi t.jpg; convert t.jpg -resize 800x t.png; identify t.jpg t.png")
    assert "t.jpg JPEG 400x120" in said
    assert "t.png PNG 800x240" in said


def test_imagemagick_keeps_its_security_policy(world: World) -> None:
    assert "/code/etc/ImageMagick-6/policy.xml" in world.run("convert -list policy")


def test_tesseract_reads_what_was_drawn(world: World) -> None:
    said = world.run(f"{PICTURE} 'Hello 42' t.png; tesseract t.png - 2>/dev/null")
    assert said.split() == ["Hello", "42"]


def test_ghostscript_makes_a_pdf_and_a_picture_of_it_that_can_be_read(world: World) -> None:
    said = world.run(
        """
        echo '%!PS
        /Helvetica findfont 30 scalefont setfont 50 700 moveto (Hello gs 77) show showpage' > a.ps
        gs -q -dSAFER -dBATCH -dNOPAUSE -sDEVICE=pdfwrite -sOutputFile=a.pdf a.ps
        gs -q -dSAFER -dBATCH -dNOPAUSE -r100 -sDEVICE=png16m -sOutputFile=a.png a.pdf
        file -b a.pdf a.png; tesseract a.png - 2>/dev/null
        """
    )
    assert "PDF document" in said
    assert "PNG image data, 850 x 1100" in said
    assert "Hello gs 77" in said


def test_proj_transforms_by_its_database(world: World) -> None:
    said = world.run("echo 52.5 13.4 | cs2cs EPSG:4326 EPSG:3857")
    east, north = said.split()[:2]
    assert (round(float(east)), round(float(north))) == (1491681, 6891042)


def test_odbc_opens_a_database_by_the_drivers_name(world: World) -> None:
    said = world.run(
        """
import ctypes
odbc = ctypes.CDLL("libodbc.so.2")
environment, connection, statement = (ctypes.c_void_p() for _ in range(3))
odbc.SQLAllocHandle(1, None, ctypes.byref(environment))
odbc.SQLSetEnvAttr(environment, 200, ctypes.c_void_p(3), 0)
odbc.SQLAllocHandle(2, environment, ctypes.byref(connection))
wanted = b"Driver=SQLite3;Database=/tmp/t.db"
print(odbc.SQLDriverConnect(connection, None, wanted, -3, None, 0, None, 0))
odbc.SQLAllocHandle(3, connection, ctypes.byref(statement))
odbc.SQLExecDirect(statement, b"select 6*7", -3)
odbc.SQLFetch(statement)
answer = ctypes.create_string_buffer(20)
odbc.SQLGetData(statement, 1, 1, answer, 20, None)
print(answer.value.decode())
""",
        by="python",
    )
    assert said.split() == ["0", "42"]


def test_gdk_pixbuf_loads_by_modules_and_without(world: World) -> None:
    said = world.run(
        """
        echo '<svg xmlns="http://www.w3.org/2000/svg" width="40" height="30"/>' > a.svg
        convert -size 100x50 xc:blue b.jpg; convert b.jpg c.tif
        for each in a.svg b.jpg c.tif; do gdk-pixbuf-thumbnailer -s 64 $each $each.png; done
        file -b a.svg.png b.jpg.png c.tif.png
        """
    )
    assert re.findall(r"\d+ x \d+", said) == ["64 x 48", "64 x 32", "64 x 32"]


def test_a_perl_program_finds_its_modules(world: World) -> None:
    said = world.run(
        "convert -size 100x50 xc:blue m.jpg; exiftool -q -Artist=me m.jpg;"
        "exiftool -s3 -Artist -ImageSize m.jpg"
    )
    assert said.split() == ["me", "100x50"]


def test_java_runs_and_trusts_as_many_as_openssl(world: World) -> None:
    roots = world.run(
        """
        cat > T.java <<'        END'
        import javax.net.ssl.*;
        public class T {
          public static void main(String[] a) throws Exception {
            var f = TrustManagerFactory.getInstance("PKIX");
            f.init((java.security.KeyStore) null);
            var trusted = (X509TrustManager) f.getTrustManagers()[0];
            System.out.println(trusted.getAcceptedIssuers().length);
          }
        }
        END
        java T.java
        """
    )
    certificates = world.run(
        "import ssl; print(ssl.create_default_context().cert_store_stats()['x509_ca'])",
        by="python",
    )
    assert int(roots) == int(certificates) > 100


def test_git_commits(world: World) -> None:
    said = world.run(
        "export HOME=/tmp; git init -q r; cd r; touch a; git add a;"
        "git -c user.name=n -c user.email=e@example.invalid commit -q -m first; git log --oneline"
    )
    assert said.endswith("first\n")


def test_graphviz_draws_by_its_plugins(world: World) -> None:
    said = world.run(
        "echo 'digraph{a->b}' > a.dot; dot -Tpng -o a.png a.dot; neato -Tpdf -o a.pdf a.dot;"
        "file -b a.png a.pdf"
    )
    assert re.match(r"PNG image data.*\nPDF document", said)


def test_alternatives_lead_numpy_of_a_deb_to_its_blas(world: World) -> None:
    said = world.run(
        "import numpy as n; print(n.__file__, n.linalg.det(n.eye(4) * 2))", by="python"
    )
    assert said.split()[0].startswith("/code/usr/lib/python3/dist-packages/numpy/")
    assert round(float(said.split()[1])) == 16


def test_each_file_type_of_the_systems_own_database_is_told(world: World) -> None:
    said = world.run("file -b /code/usr/bin/gs /bin/sh; file --mime-type -b /etc/passwd")
    assert said.count("ELF 64-bit") + said.count("symbolic link") == 2
    assert said.endswith("text/plain\n")
