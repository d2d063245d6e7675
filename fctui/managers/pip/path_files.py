"""`.pth` files that lead out of the bundle: what they name is on the machine that made the wheel.

Sources: the Library Reference, `site`: a line is a comment, code that begins with `import`, or a
directory, taken from the file's own; PEP 660 for what editable wheels consist of.
"""

from __future__ import annotations

import posixpath
from collections.abc import Iterator

from fctui.managers.pip.scheme import Scheme
from fctui.managers.pip.wheel import dist_info, is_pure, path_files_of, place_of
from fctui.model.contents import Contents
from fctui.model.finding import Finding, Kind
from fctui.model.package import Package
from fctui.model.target import Target
from fctui.tasks.text import clean

_EDITABLE = "__editable__"
# What setuptools calls the parts of an editable wheel; others write the directory itself.


def leading_out(
    package: Package, contents: Contents, where: Scheme, target: Target
) -> Iterator[Finding]:
    """A finding for each `.pth` file that names something outside of the bundle. It breaks the
    function where the wheel has no module of its own: then it is an editable one.
    """
    sizes = {entry.path: entry.size for entry in contents.entries}
    info = dist_info(sizes, f"{package.name}-{package.version}.whl")
    pure = is_pure(contents.texts.get(f"{info}/WHEEL", ""))
    for path in path_files_of(sizes, info):
        key, below = place_of(path, info, pure=pure)
        site = posixpath.join(target.code_dir, where.directory(key, package.name))
        for line in contents.texts.get(path, "").splitlines():
            named = _leads_to(line.strip(), site, target)
            if named:
                yield Finding(
                    kind=Kind.LEADS_OUT,
                    subject=posixpath.join(where.directory(key, package.name), below),
                    needed_by=(package.id,),
                    breaks=not _has_modules(sizes, info),
                    message=(
                        f"{below} of {package.name} leads to {clean(named)}, which is not in the "
                        "bundle: build a wheel that has its modules in it, not an editable one."
                    ),
                )


def _leads_to(line: str, site: str, target: Target) -> str:
    """What a line leads to outside of the bundle; "" where it does not."""
    if not line or line.startswith("#"):
        return ""
    if line.startswith(("import ", "import\t")):
        return "where it was built" if _EDITABLE in line else ""
    place = posixpath.normpath(posixpath.join(site, line))
    inside = place == target.code_dir or place.startswith(f"{target.code_dir}/")
    return "" if inside else line


def _has_modules(sizes: dict[str, int], info: str) -> bool:
    return any(
        path.endswith((".py", ".so"))
        and not path.startswith(f"{info}/")
        and _EDITABLE not in path.partition("/")[0]
        for path in sizes
    )
