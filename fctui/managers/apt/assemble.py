"""A root file system put together from unpacked debs, without running anything of them but
ldconfig(8): for users without root's rights, and machines without mmdebstrap.

What maintainer scripts would have done is done for the few things that programs need: the links of
merged directories and of alternatives, the tables of users and services.
"""

from __future__ import annotations

import os
import posixpath
import shutil
import threading
from collections.abc import Iterable
from contextlib import suppress
from functools import partial
from pathlib import Path

from fctui.managers.apt.alternatives import read_alternatives
from fctui.managers.interface import Context
from fctui.model.contents import Contents
from fctui.model.errors import FctuiError
from fctui.model.paths import MERGED
from fctui.model.target import Target
from fctui.native.system import merged
from fctui.tasks.command import Command
from fctui.tasks.task import Task
from fctui.tasks.threads import stoppable

_COPIED = {
    "usr/share/base-passwd/passwd.master": "etc/passwd",
    "usr/share/base-passwd/group.master": "etc/group",
    "usr/share/base-files/nsswitch.conf": "etc/nsswitch.conf",
    "usr/share/libc-bin/nsswitch.conf": "etc/nsswitch.conf",
}
# What the scripts of base-passwd, base-files and libc-bin copy: passwd(5), nsswitch.conf(5).

_DIRECTORIES = ("etc", "usr", "var/tmp", "tmp", "proc", "sys", "dev", "run", "opt", "usr/local/lib")


async def assemble(context: Context, room: Path, contents: Iterable[Contents], task: Task) -> Path:
    """A root of these debs in `room`; their trees are in the store."""
    made = room / "root"
    await stoppable(partial(_link_all, context, made, list(contents)))
    await _index_libraries(made, task)
    return made


def _link_all(
    context: Context, made: Path, contents: list[Contents], stop: threading.Event
) -> None:
    made.mkdir()
    for name in _DIRECTORIES:
        (made / name).mkdir(parents=True, exist_ok=True)
    (made / "tmp").chmod(0o1777)
    for each in contents:
        if stop.is_set():
            return
        _link(context.store.tree(each.digest), each, made)
    for each in contents:
        _choose_alternatives(each, context.target, made)
    for name in MERGED:
        if (made / "usr" / name).is_dir():
            _symlink(str(made / name), f"usr/{name}")
    for source, place in _COPIED.items():
        if (made / source).is_file() and not (made / place).exists():
            shutil.copyfile(made / source, made / place)


def _link(tree: Path, contents: Contents, made: Path) -> None:
    """All files and links of one deb."""
    for entry in contents.entries:
        place = f"{made}{merged('/' + entry.path)}"
        if entry.link:
            _symlink(place, entry.link)
        else:
            _take(f"{tree}/{entry.path}", place)


def _choose_alternatives(contents: Contents, target: Target, made: Path) -> None:
    """The links that update-alternatives(1) would have made, straight to what they lead to."""
    script = contents.texts.get("postinst", "")
    for each in read_alternatives(script, target.debian_arch, target.multiarch):
        for link in each.links:
            if os.path.exists(f"{made}{merged(link.path)}"):
                _symlink(f"{made}{merged(link.link)}", link.path)


def _take(source: str, place: str) -> None:
    """Link a file from the store, or copy it where that is another file system."""
    os.makedirs(posixpath.dirname(place), exist_ok=True)
    with suppress(FileExistsError):
        try:
            os.link(source, place)
        except FileExistsError:
            raise
        except OSError:
            shutil.copy(source, place)


def _symlink(place: str, target: str) -> None:
    os.makedirs(posixpath.dirname(place), exist_ok=True)
    with suppress(FileExistsError):
        os.symlink(target, place)


async def _index_libraries(made: Path, task: Task) -> None:
    """Make ld.so.cache with the root's own ldconfig; the loader's default directories are found
    without it as well.
    """
    words = ["bwrap", "--die-with-parent", "--unshare-user", "--uid", "0", "--gid", "0"]
    words += ["--unshare-pid", "--unshare-net", "--bind", str(made), "/", "--clearenv"]
    try:
        await task.run(Command((*words, "/usr/sbin/ldconfig")))
    except FctuiError as error:
        task.log(f"the cache of libraries was not made: {error.message}")
