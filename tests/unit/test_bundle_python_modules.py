"""By which names a distribution's modules are imported."""

from __future__ import annotations

from pathlib import Path

from fctui.bundle.manifest import read_manifest
from fctui.bundle.python_modules import handlers, modules
from fctui.model.plan import Category
from tests.support.bundles import Bundle


def names(bundle: Bundle) -> dict[str, bool]:
    files = read_manifest(bundle.write()).files
    return {module.name: module.optional for module in modules(files)}


def test_packages_modules_and_extensions(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path)
    bundle.distribution(
        "several",
        {
            "one/__init__.py": "",
            "one/inner.py": "",
            "plain.py": "",
            "fast.cpython-311-x86_64-linux-gnu.so": "",
            "stable.abi3.so": "",
            "bare.so": "",
            "one.libs/libx-1234.so.1": "",
            "one-data/x.py": "",
            "README.txt": "",
        },
    )
    assert names(bundle) == dict.fromkeys(("plain", "fast", "stable", "bare", "one"), False)


def test_what_is_in_a_namespace(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path)
    bundle.distribution("storage", {"google/cloud/storage/__init__.py": "", "google/one.py": ""})
    bundle.distribution("data", {"stubs/types.pyi": ""})
    assert names(bundle) == {"google.one": False, "google.cloud.storage": False}


def test_tests_and_private_modules_need_not_work(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path)
    bundle.distribution("pkg", {"one.py": "", "_one.so": "", "tests/__init__.py": ""})
    bundle.distribution("_backend", {"_backend.so": ""})
    assert names(bundle) == {"one": False, "_one": True, "tests": True, "_backend": False}


def test_what_has_the_distributions_name_is_what_it_is_for(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path)
    bundle.distribution("black", {"black/__init__.py": "", "blackd.py": ""})
    bundle.distribution("zope-event", {"zope/event/__init__.py": "", "zope/more.py": ""})
    bundle.distribution("python-dateutil", {"dateutil/__init__.py": ""})
    optional = {"black": False, "blackd": True, "zope.event": False, "zope.more": True}
    assert names(bundle) == {**optional, "dateutil": False}


def test_a_distribution_within_another_is_the_others_own(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path)
    vendored = "tools/_vendor/jaraco/text/__init__.py"
    bundle.distribution(
        "tools", {"tools/__init__.py": "", vendored: "", "tools/_vendor/x-1.dist-info/METADATA": ""}
    )
    assert names(bundle) == {"tools": False}


def test_scripts_and_data_are_no_modules(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path)
    bundle.distribution("one", {"one.py": ""})
    bundle.add("bin/tool.py", "", owner="one", category=Category.SCRIPTS)
    bundle.add("share/x.py", "", owner="one", category=Category.DATA)
    assert names(bundle) == {"one": False}


def test_the_functions_own_modules(tmp_path: Path) -> None:
    bundle = Bundle(tmp_path)
    for path in ("index.py", "lib/other.py", "setup.py", "test_index.py", "x-y.py", "a.js"):
        bundle.add(path)
    assert [name for name, _ in handlers(read_manifest(bundle.write()).files)] == ["index"]
