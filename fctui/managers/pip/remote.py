"""Listing a wheel without downloading it: its end and its small members by byte ranges."""

from __future__ import annotations

from collections.abc import Mapping
from zipfile import ZIP_DEFLATED

from fctui.managers.pip.wheel import (
    INTERPRETER_LINE,
    MEMBERS,
    dist_info,
    path_files_of,
    record_of,
    recorded_hashes,
    scripts_of,
    texts_of,
)
from fctui.model.contents import Contents, Entry
from fctui.model.errors import TaskError
from fctui.model.package import Artifact
from fctui.store.connection import Connections
from fctui.store.paths import safe_path
from fctui.store.ranges import NoRangesError, RemoteFile
from fctui.store.zip_directory import Member, fetch_members, read_directory, read_member

_LARGE_SCRIPT = 1 << 18
# A script beyond this is a program in machine code; only its beginning is looked at.

_BEGINNING = 1 << 10


def list_wheel(
    connections: Connections, artifact: Artifact, headers: Mapping[str, str]
) -> Contents:
    """The listing of a wheel, its hashes as RECORD promises them.

    Raises NoRangesError where it has to be downloaded, TaskError for a hostile or damaged wheel,
    StatusError and the errors of `Connections.asked` where the server refuses or cannot be reached.
    """
    file = RemoteFile(connections, artifact.url, headers)
    file.fetch_tail(artifact.size)
    listed = read_directory(file)
    members = {member.name: member for member in listed}
    if len(members) != len(listed):
        raise TaskError(f"{artifact.filename} has two members of one name.")
    info = dist_info(members, artifact.filename)
    wanted = [f"{info}/{name}" for name in MEMBERS if f"{info}/{name}" in members]
    wanted += path_files_of({member.name: member.size for member in listed}, info)
    scripts = [members[path] for path in scripts_of(members, info)]
    small = [script for script in scripts if script.packed <= _LARGE_SCRIPT]
    fetch_members(file, [*(members[path] for path in wanted), *small])
    for script in scripts:
        if script not in small:
            _refuse_large_text(file, script)
    read = {path: read_member(file, members[path]) for path in wanted}
    for script in small:
        data = read_member(file, script)
        if data.startswith(INTERPRETER_LINE):
            read[script.name] = data
    texts = texts_of(read, artifact.filename)
    hashes = recorded_hashes(record_of(texts))
    entries = tuple([_entry(member, hashes, artifact) for member in listed])
    packed = {member.name: member.packed for member in listed if member.method == ZIP_DEFLATED}
    return Contents(digest=artifact.digest, entries=entries, texts=texts, packed=packed)


def _entry(member: Member, hashes: dict[str, str], artifact: Artifact) -> Entry:
    path = safe_path(member.name, artifact.filename)
    if path != member.name:
        raise TaskError(f"{artifact.filename} has a member with an odd name: {path!r}.")
    mode = 0o755 if member.mode & 0o111 else 0o644
    return Entry(path, member.size, mode, "", hashes.get(path, ""))


def _refuse_large_text(file: RemoteFile, script: Member) -> None:
    """Look at the first bytes of a large script; a text has to be read whole, by a download."""
    start = script.offset
    file.fetch(start, min(start + 4 * _BEGINNING, file.size))
    if read_member(file, script, _BEGINNING).startswith(INTERPRETER_LINE):
        raise NoRangesError("it has a large script")
