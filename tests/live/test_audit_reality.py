"""What `audit` tells is what the services themselves tell, and of everybody it says who told."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import subprocess
import urllib.error
import urllib.request
from pathlib import Path
from typing import Any

import pytest

from fctui.managers.pip.advisories import json_base
from fctui.model.advisory import Audit
from fctui.store.store import default_store
from fctui.workflow.audit import audit
from fctui.workflow.workflow import Workflow
from tests.conftest import default_index

pytestmark = pytest.mark.live

OLD = {"lodash": "4.17.15", "minimist": "1.2.0", "ws": "7.4.0"}
# Versions that npm's registry has had advisories on for years.


async def audited(root: Path) -> tuple[Workflow, Audit]:
    workflow = Workflow.open(root, store=default_store())
    for manager in workflow.managers:
        await workflow.resolve(manager)
    return workflow, await audit(workflow.context, workflow.resolutions)


def all_are_told_of(workflow: Workflow, found: Audit) -> None:
    """Each package was told of, or it is said why not."""
    for manager, resolution in workflow.resolutions.items():
        silent = [id_ for u in found.untold if u.manager == manager for id_ in u.packages]
        assert set(silent) <= set(resolution.packages)
        assert found.asked[manager] + len(silent) == len(resolution.packages)


def test_pip_is_what_the_pages_of_the_index_say(tmp_path: Path) -> None:
    (tmp_path / "requirements.txt").write_text("jinja2==3.1.2\nrequests\npillow==9.0.0\n")
    workflow, found = asyncio.run(audited(tmp_path))
    all_are_told_of(workflow, found)
    base = json_base(os.environ.get("PIP_INDEX_URL") or default_index())
    silent = {id_ for untold in found.untold for id_ in untold.packages}
    for package in workflow.resolutions["pip"].packages.values():
        page = asked(f"{base}/{package.name}/{package.version}/json")
        if page is None:
            newest = asked(f"{base}/{package.name}/json")
            page = newest if newest and newest["info"]["version"] == package.version else None
        assert (page is None) == (package.id in silent)
        known = {v["id"] for v in (page or {}).get("vulnerabilities", ()) if not v["withdrawn"]}
        assert {v.id for v in found.vulnerabilities if v.package == package.id} == known


@pytest.mark.skipif(shutil.which("npm") is None, reason="npm is the oracle")
def test_npm_is_what_npm_audit_says(tmp_path: Path) -> None:
    manifest = {"name": "old", "version": "1.0.0", "dependencies": OLD}
    (tmp_path / "package.json").write_text(json.dumps(manifest))
    npm = ["npm", "install", "--package-lock-only", "--ignore-scripts", "--no-audit"]
    subprocess.run(npm, cwd=tmp_path, check=True, capture_output=True, timeout=120)
    workflow, found = asyncio.run(audited(tmp_path))
    all_are_told_of(workflow, found)
    done = subprocess.run(
        ["npm", "audit", "--json", "--omit=dev"],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        timeout=120,
    )
    answer = json.loads(done.stdout)
    if "vulnerabilities" not in answer:  # a registry without that service
        assert [untold.manager for untold in found.untold] == ["npm"]
        return
    theirs = {
        (name, via["url"].rpartition("/")[2])
        for name, each in answer["vulnerabilities"].items()
        for via in each["via"]
        if isinstance(via, dict)
    }
    assert theirs
    assert {(v.name, v.id) for v in found.vulnerabilities} == theirs


def asked(url: str) -> dict[str, Any] | None:
    """A page as JSON; None where there is none."""
    try:
        with urllib.request.urlopen(url, timeout=30) as reply:  # noqa: S310 - the index's own
            page: dict[str, Any] = json.load(reply)
            return page
    except urllib.error.HTTPError:
        return None
