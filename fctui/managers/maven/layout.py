"""Where jars lie in the bundle. Pure: no I/O."""

from __future__ import annotations

from collections import Counter

from fctui.managers.maven.jar import facts_of
from fctui.managers.maven.packages import MANAGER
from fctui.managers.maven.program import java_major
from fctui.model.contents import Contents, Listing
from fctui.model.finding import Finding, Kind
from fctui.model.package import Package, Resolution
from fctui.model.plan import Category, Layout, PlannedFile, StoreFile, is_shared_library
from fctui.model.target import Target

DIRECTORY = "lib"
# Where the Java runtimes of Function Compute and AWS Lambda look for jars beside the code.


def layout(
    resolution: Resolution, listing: Listing, target: Target, directory: str = DIRECTORY
) -> Layout:
    """One file for each artifact. Two of one name get their groups before it, as
    `dependency:copy-dependencies -Dmdep.prependGroupId` does: copying would keep the last alone.
    """
    names = Counter(
        package.artifact.filename for package in resolution.packages.values() if package.artifact
    )
    files, findings = [], []
    for id_, package in resolution.packages.items():
        contents = listing.contents.get(id_)
        if contents is None or package.artifact is None or not contents.entries:
            continue
        name = package.artifact.filename
        if names[name] > 1:
            name = f"{id_.partition(':')[0]}.{name}"
        files.append(_file(package, contents, f"{directory}/{name}"))
        if finding := java_finding(id_, package.version, facts_of(contents).java, target):
            findings.append(finding)
    if files and target.java is None:
        findings.append(no_java(target))
    return Layout(files=tuple(files), findings=tuple(findings))


def _file(package: Package, contents: Contents, path: str) -> PlannedFile:
    entry = contents.entries[0]
    library = is_shared_library(path)
    category = Category.JAR if path.endswith(".jar") else Category.DATA
    return PlannedFile(
        path=path,
        size=entry.size,
        category=Category.SHARED_LIBRARY if library else category,
        owner=package.id,
        manager=MANAGER,
        source=StoreFile(contents.digest, entry.path),
        shared_library=library,
    )


def java_finding(id_: str, version: str, needs: int, target: Target) -> Finding | None:
    """What is wrong with a jar whose classes need a newer Java than the target's: they fail with
    UnsupportedClassVersionError (JVM specification, 4.1).
    """
    has = java_major(target.java.version) if target.java else 0
    if not has or needs <= has:
        return None
    return Finding(
        kind=Kind.WRONG_PLATFORM,
        subject=id_,
        message=f"{id_} {version} needs Java {needs}; {target.title} has Java {has}. Take a "
        "version that was compiled for it.",
    )


def no_java(target: Target) -> Finding:
    """What is worth knowing of jars for a target without Java."""
    return Finding(
        kind=Kind.WRONG_PLATFORM,
        subject=target.id,
        message=f"{target.title} has no Java of its own, and jars are bundled. Choose a target "
        "that has, or bundle one: the Debian package default-jre-headless.",
        breaks=False,
    )
