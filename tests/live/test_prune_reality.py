"""Real projects, built whole and with everything pruned that can be: what worked works afterwards.

Each has a module that does at import what its packages are there for, since importing them alone
would miss what they load late. `pytest -s` prints the bytes that each rule saves.
"""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest
from msgspec import Struct

from fctui.bundle.manifest import Manifest, read_manifest
from fctui.demo.example import copy_example
from fctui.model.verification import Subject, Verdict
from fctui.present.size import human
from fctui.sandbox.rooted import unavailable
from fctui.workflow.verify import verify
from fctui.workflow.workflow import Workflow

pytestmark = [
    pytest.mark.live,
    pytest.mark.skipif(bool(unavailable()), reason=unavailable() or "there is a sandbox"),
]

EVERYTHING = ("default", "locales", "symbols", "headers", "static-libraries", "bytecode")


class Kind(Struct, frozen=True):
    """What a project declares, and a module that uses it; `rules` have to save something."""

    pip: str = ""
    npm: str = ""
    apt: str = ""
    works: str = ""
    rules: tuple[str, ...] = ()


PROJECTS = {
    "aws-sdk": Kind(
        npm="aws-sdk @aws-sdk/client-s3 puppeteer-core winston lodash better-sqlite3 bcrypt",
        rules=("type-stubs", "source-maps", "docs"),
    ),
    "sharp": Kind(npm="sharp express", rules=("docs",)),
    "pandas": Kind(
        pip="pandas numpy",
        works="""
import io
import numpy as np, numpy.testing, numpy.f2py, pandas as pd, pandas.testing
frame = pd.read_csv(io.StringIO("a,b\\n1,2020-01-01\\n2,2021-01-01"), parse_dates=["b"])
pandas.testing.assert_frame_equal(frame, frame.copy())
assert frame.groupby(frame.b.dt.year).a.sum().tolist() == [1, 2]
numpy.testing.assert_allclose(np.linalg.inv(np.eye(3) * 2), np.eye(3) / 2)
assert np.fft.fft(np.random.default_rng(1).normal(size=8)).shape == (8,)
""",
        rules=("tests", "type-stubs"),
    ),
    "scikit-learn": Kind(
        pip="scikit-learn",
        works="""
import scipy.stats, scipy.signal, scipy.optimize, scipy.sparse.linalg, scipy.special
from sklearn.datasets import load_iris, load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.utils.estimator_checks import check_estimator
iris = load_iris()
assert iris.DESCR and load_digits().DESCR
made = make_pipeline(StandardScaler(), RandomForestClassifier(5)).fit(iris.data, iris.target)
assert made.score(iris.data, iris.target) > 0.9
assert scipy.optimize.minimize(lambda x: (x - 1) ** 2, 0).success
""",
        rules=("tests", "headers", "sources"),
    ),
    "scikit-image": Kind(
        pip="scikit-image",
        works="""
import numpy as np, skimage, skimage.data, skimage.filters, skimage.measure, skimage.io
assert skimage.filters.gaussian(skimage.data.camera(), 2).shape == (512, 512)
assert skimage.measure.label(np.eye(4)).max()
""",
        rules=("tests",),
    ),
    "opencv": Kind(
        pip="opencv-python-headless pillow",
        works="""
import io
import cv2, numpy as np
from PIL import Image, ImageDraw, ImageFont, features
ok, data = cv2.imencode(".png", np.zeros((9, 9, 3), np.uint8))
assert ok and Image.open(io.BytesIO(data.tobytes())).size == (9, 9)
ImageDraw.Draw(Image.new("RGB", (50, 50))).text((1, 1), "x", font=ImageFont.load_default())
assert cv2.ORB_create().detect(np.random.default_rng(1).integers(0, 255, (99, 99)).astype("uint8"))
""",
    ),
    "boto3": Kind(
        pip="boto3",
        works="""
import boto3, botocore.docs
keys = dict(region_name="eu-central-1", aws_access_key_id="a", aws_secret_access_key="b")
session = boto3.Session(**keys)
for name in ("s3", "dynamodb", "sqs", "lambda"):
    client = session.client(name)
    assert client.meta.service_model.operation_names
assert session.client("s3").get_waiter("bucket_exists")
assert session.resource("dynamodb").meta
assert session.client("s3").generate_presigned_url("get_object", Params={"Bucket": "a", "Key": "b"})
""",
        rules=("examples",),
    ),
    "cryptography": Kind(
        pip="cryptography requests pycryptodome",
        works="""
import certifi, requests, pathlib
from cryptography.fernet import Fernet
from cryptography.hazmat.primitives.asymmetric import ed25519
from Crypto.Cipher import AES
key = Fernet.generate_key()
assert Fernet(key).decrypt(Fernet(key).encrypt(b"x")) == b"x"
assert ed25519.Ed25519PrivateKey.generate().sign(b"x")
assert AES.new(b"0" * 16, AES.MODE_GCM).encrypt(b"x")
assert pathlib.Path(certifi.where()).read_text()
assert requests.Request("GET", "https://example.invalid").prepare().url
""",
        rules=("tests", "type-stubs"),
    ),
    "django": Kind(
        pip="django psycopg2-binary",
        works="""
import django, psycopg2
from django.conf import settings
settings.configure(USE_I18N=True, LANGUAGE_CODE="en-us", SECRET_KEY="x", ALLOWED_HOSTS=["*"],
    ROOT_URLCONF=__name__, INSTALLED_APPS=["django.contrib.auth", "django.contrib.contenttypes",
    "django.contrib.admin", "django.contrib.messages", "django.contrib.sessions"],
    TEMPLATES=[{"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}],
    DATABASES={"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}})
django.setup()
from django.core.management import call_command
from django.http import HttpResponse
from django.template.loader import get_template
from django.test import Client
from django.urls import path
from django.utils.translation import gettext
urlpatterns = [path("", lambda request: HttpResponse(gettext("Yes")))]
call_command("migrate", verbosity=0)
assert Client().get("/").content == b"Yes"
assert get_template("admin/base.html")
""",
        rules=("locales",),
    ),
    "flask": Kind(
        pip="flask sqlalchemy alembic",
        works="""
import importlib.metadata
import alembic.command, alembic.config, flask, sqlalchemy
from alembic.script import ScriptDirectory
app = flask.Flask("a")
app.route("/")(lambda: flask.render_template_string("{{ 1 + 1 }}"))
assert app.test_client().get("/").data == b"2"
with sqlalchemy.create_engine("sqlite://").connect() as connection:
    assert connection.execute(sqlalchemy.text("select 1")).scalar() == 1
alembic.command.init(alembic.config.Config("/tmp/alembic.ini"), "/tmp/migrations")
assert importlib.metadata.entry_points(group="console_scripts", name="alembic")
assert importlib.metadata.version("flask")
""",
        rules=("headers", "sources"),
    ),
    "matplotlib": Kind(
        pip="matplotlib",
        works="""
import io, os
os.environ["MPLCONFIGDIR"] = "/tmp"
import matplotlib
matplotlib.use("Agg")
import matplotlib.pyplot as plt
import matplotlib.testing.compare, mpl_toolkits.mplot3d
with plt.style.context("ggplot"):
    plt.plot([1, 2, 3])
    plt.title("$x^2$")
    for kind in ("png", "svg", "pdf"):
        plt.savefig(io.BytesIO(), format=kind)
""",
        rules=("tests", "type-stubs"),
    ),
    "imagemagick": Kind(
        apt="imagemagick ghostscript",
        works="""
import pathlib, subprocess
subprocess.run(["convert", "rose:", "-resize", "50%", "/tmp/a.png"], check=True)
subprocess.run(["convert", "/tmp/a.png", "/tmp/a.jpg"], check=True)
subprocess.run(["gs", "-q", "-dBATCH", "-dNOPAUSE", "-sDEVICE=png16m", "-sOutputFile=/tmp/b.png",
    "-c", "/Times-Roman findfont 20 scalefont setfont 9 9 moveto (x) show showpage"], check=True)
for name in ("a.png", "a.jpg", "b.png"):
    assert pathlib.Path("/tmp", name).stat().st_size > 99
""",
        rules=("docs", "manuals", "locales"),
    ),
}


# The longest first, or at the end one worker has them alone: each of some hundred packages of npm's
# is a Node of its own, and that takes most of the time.
@pytest.mark.parametrize("name", ["example", *PROJECTS])
def test_what_worked_works_with_everything_pruned(name: str, tmp_path: Path) -> None:
    kind = PROJECTS.get(name, Kind(rules=("docs",)))
    if name in PROJECTS:
        _write(kind, tmp_path)
        project = tmp_path
    else:
        project = tmp_path / "example"
        copy_example(project)
    whole, before = asyncio.run(_verified(project, ()))
    pruned, after = asyncio.run(_verified(project, EVERYTHING))
    print(f"\n{_table(name, whole, pruned)}")
    paths = {file.path for file in pruned.files}
    # What does not work in the whole bundle either is not this one's fault: a program of escodegen
    # requires a package that its own package.json does not name.
    assert set(_failed(after)) <= set(_failed(before))
    assert kind.npm or not _failed(after)
    # Binaries of other systems cannot be loaded, and nobody wants them to be: these are gone now.
    mended = {each[0] for each in set(_failed(before)) - set(_failed(after))}
    assert not [path for path in mended if path in paths or "prebuilds" not in path]
    assert pruned.totals.size < whole.totals.size
    left_out = {saving.rule for saving in pruned.savings if saving.size}
    assert left_out >= set(kind.rules)
    if kind.works:
        handler = [verdict for verdict in after if verdict.kind is Subject.HANDLER]
        assert [verdict.subject for verdict in handler] == ["index"]
    lost = _outcomes(before) - _outcomes(after)
    assert not {each for each in lost if each[0] != Subject.LIBRARY or each[1] in paths}


async def _verified(project: Path, prune: tuple[str, ...]) -> tuple[Manifest, tuple[Verdict, ...]]:
    """Build and try a project."""
    workflow = Workflow.open(project, target="debian12", prune=prune)
    built = await workflow.build()
    found = await verify(workflow.context, built.bundle)
    return read_manifest(built.bundle), found.results


def _write(kind: Kind, project: Path) -> None:
    """The files that declare the packages."""
    import json

    if kind.pip:
        (project / "requirements.txt").write_text("\n".join(kind.pip.split()))
    if kind.apt:
        (project / "apt.txt").write_text("\n".join(kind.apt.split()))
    if kind.npm:
        dependencies = dict.fromkeys(kind.npm.split(), "*")
        package = {"name": "p", "version": "1.0.0", "private": True, "dependencies": dependencies}
        (project / "package.json").write_text(json.dumps(package))
    if kind.works:
        (project / "index.py").write_text(kind.works)


def _outcomes(results: tuple[Verdict, ...]) -> set[tuple[Subject, str]]:
    return {(each.kind, each.subject) for each in results if each.outcome == "passed"}


def _failed(results: tuple[Verdict, ...]) -> list[tuple[str, str]]:
    return [(each.subject, each.message) for each in results if not each.ok]


def _table(name: str, whole: Manifest, pruned: Manifest) -> str:
    before, after = (
        f"{human(m.totals.size)} and {m.totals.files:,} files" for m in (whole, pruned)
    )
    lines = [f"{name}: {before} → {after}"]
    lines += [
        f"  {saving.rule:<18} {saving.manager:<5} {saving.files:>6,} {human(saving.size):>9}"
        for saving in sorted(pruned.savings, key=lambda saving: -saving.size)
    ]
    return "\n".join(lines)
