"""The audit of all managers together: what is ignored, in what order, and how it is told."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from msgspec import structs

from fctui.model.advisory import Advisory, Audit, Severity, Told, Untold, at_least
from fctui.model.errors import UsageError
from fctui.model.finding import Kind
from fctui.model.package import Package, Resolution, Root
from fctui.present.audit import audit_lines
from fctui.project.load_settings import load_settings
from fctui.project.settings import AuditSettings, IgnoredAdvisory
from fctui.workflow import audit as auditing
from tests.support.pip_project import make_context


def advisory(id_: str, package: str = "leaf", **more: object) -> Advisory:
    plain = Advisory(manager="pip", package=package, name=package, version="1", id=id_)
    return structs.replace(plain, **more)


RESOLUTION = Resolution(
    manager="pip",
    target="made",
    roots=(Root("top", "top>=1", "requirements.txt", 3),),
    packages={
        "top": Package(manager="pip", id="top", name="top", version="1", requires=("leaf",)),
        "leaf": Package(manager="pip", id="leaf", name="leaf", version="1"),
    },
)


class Telling:
    """A manager with an answer."""

    def __init__(self, id_: str, *advisories: Advisory, untold: tuple[Untold, ...] = ()) -> None:
        self.id = id_
        self._told = Told(advisories, untold)

    async def advisories(self, *_: object) -> Told:
        return self._told


async def audited(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, manager: Telling, *ignore: IgnoredAdvisory
) -> Audit:
    monkeypatch.setattr(auditing, "MANAGERS", (manager,))
    context = make_context(tmp_path, tmp_path / "store")
    settings = structs.replace(context.settings, audit=AuditSettings(ignore=ignore))
    return await auditing.audit(replace(context, settings=settings), {manager.id: RESOLUTION})


async def test_who_brings_it_and_the_worst_first(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    manager = Telling(
        "pip",
        advisory("A", severity=Severity.LOW),
        advisory("B", severity=Severity.UNKNOWN),
        advisory("C", severity=Severity.CRITICAL),
        untold=(Untold("pip", ("top",), "nobody knows"),),
    )
    found = await audited(monkeypatch, tmp_path, manager)
    assert [each.id for each in found.vulnerabilities] == ["C", "B", "A"]
    assert found.vulnerabilities[0].chains == (("requirements.txt:3", "top", "leaf"),)
    assert found.asked == {"pip": 1}


async def test_what_the_settings_ignore_by_any_name(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    manager = Telling("pip", advisory("GHSA-1", aliases=("CVE-1",)), advisory("GHSA-2"))
    found = await audited(
        monkeypatch,
        tmp_path,
        manager,
        IgnoredAdvisory("cve-1", "never called with input from outside"),
        IgnoredAdvisory("GHSA-2", "another package's", package="other"),
        IgnoredAdvisory("GHSA-9", "long since fixed"),
    )
    assert [each.id for each in found.vulnerabilities] == ["GHSA-2"]
    assert [(i.advisory.id, i.reason) for i in found.ignored] == [
        ("GHSA-1", "never called with input from outside")
    ]
    assert found.needless == ("GHSA-2", "GHSA-9")


def test_an_unknown_severity_may_be_any() -> None:
    unknown, low = advisory("A"), advisory("B", severity=Severity.LOW)
    assert at_least(unknown, Severity.CRITICAL)
    assert at_least(low, Severity.INFO)
    assert at_least(low, Severity.LOW)
    assert not at_least(low, Severity.MODERATE)


def test_as_findings_they_break_nothing() -> None:
    bad = advisory("GHSA-1", severity=Severity.HIGH, summary="It leaks.", fixed=("2",))
    (finding,) = auditing.findings_of(Audit(vulnerabilities=(bad,)))
    assert finding.kind is Kind.VULNERABLE
    assert not finding.breaks
    assert finding.message == "leaf 1: GHSA-1 (high), It leaks. Fixed in 2."


def test_lines_are_clean_and_say_who_was_not_asked() -> None:
    bad = advisory("GHSA-1", summary="a \x1b[31mred\x1b[0m tale", fixed=("2",))
    text = "\n".join(
        audit_lines(
            Audit(
                vulnerabilities=(bad,),
                untold=(Untold("maven", ("g:a",), "nobody tells"),),
                asked={"pip": 2, "maven": 0},
            )
        )
    )
    assert "\x1b" not in text
    assert "a red tale" in text
    assert "not told  maven: 1 package (g:a): nobody tells" in text
    assert text.endswith("1 known vulnerability in 2 packages that could be asked about")


def test_an_ignored_advisory_needs_a_reason(tmp_path: Path) -> None:
    path = tmp_path / "fctui.toml"
    path.write_text('[[audit.ignore]]\nid = "CVE-1"\nreason = "not reached"\n')
    settings, _ = load_settings(tmp_path)
    assert settings.audit.ignore[0].reason == "not reached"
    path.write_text('[[audit.ignore]]\nid = "CVE-1"\nreason = " "\n')
    with pytest.raises(UsageError, match="without a reason"):
        load_settings(tmp_path)
    path.write_text('[[audit.ignore]]\nid = "CVE-1"\n')
    with pytest.raises(UsageError, match="reason"):
        load_settings(tmp_path)
