"""Tells everything of the system it runs on that a bundle has to know, as JSON.

One file without anything beside it: upload it to a runtime and call `capture.handler`, or run
`python3 capture.py [ROOT]`; `fctui target capture --from FILE` makes a target of what it says.
It has to run on every Python from 3.6 on and uses nothing but the library, so it reads ELF files
itself, and is longer than other modules.

Sources: os-release(5), ld.so(8), ldconfig(8), dpkg's status, rpm(8), System V gABI ("Dynamic
Section"), LSB 5.0 Core, chapter 11 (symbol versions).
"""

import glob
import json
import os
import re
import struct
import subprocess
import sys
import typing

FORMAT = 1

MERGED = ("bin", "sbin", "lib", "lib64")
PROGRAMS = ("/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/games")
MACHINES = {3: "i686", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64", 22: "s390x"}
BANNER = re.compile(rb"GNU C Library [^\0\n]{1,200}? release version (\d+)\.(\d+)\b")
# What libc.so.6 prints when it is started: csu/version.c of glibc.

KINDS = {1: "relocatable", 2: "executable", 3: "shared", 4: "core"}

VARIABLES = re.compile(
    r"(PATH|HOME|LANG|TZ|CLASSPATH|_HANDLER)$|(FC|AWS|LAMBDA|LD|LC|PYTHON|NODE|JAVA)_?"
)
SECRET = re.compile(r"KEY|SECRET|TOKEN|PASS|CREDENTIAL|TRACE|REQUEST|INSTANCE|STREAM|ACCOUNT")
# What a runtime presets is a matter of these; what belongs to an account or a request is not told.


def handler(*_arguments: object) -> str:
    """What a runtime calls, with whatever: the profile as text."""
    return json.dumps(capture("/"))


def capture(root: str) -> "dict[str, object]":
    """The profile of the system below a directory; "/" is the one that runs."""
    root = os.path.abspath(root)
    own = root == "/"
    release = os_release(root)
    environment = variables() if own else {}
    arch, glibc = libc(root)
    directories = loader_directories(root, arch)
    extra = []
    for named in environment.get("LD_LIBRARY_PATH", "").split(":"):
        path = os.path.normpath(named) if named.startswith("/") else ""
        code = (os.environ.get("LAMBDA_TASK_ROOT", "/code"), "/code", "/opt")
        if path and not any((path + "/").startswith(place + "/") for place in code):
            extra.append(merged(path))
    libraries = {}  # type: dict[str, object]
    links = {}  # type: dict[str, str]
    for directory in dict.fromkeys(directories + extra):
        for path, place, link in flat(root, directory):
            if link:
                links[place] = link
                continue
            try:
                elf = read_elf(path)
            except (OSError, ValueError, struct.error, IndexError, OverflowError):
                continue
            if elf is not None:
                libraries[place] = elf
    programs = {place for each in PROGRAMS for _, place, _ in flat(root, each)}
    return {
        "format": FORMAT,
        "release": release,
        "arch": arch,
        "glibc": glibc,
        "interpreters": interpreters(root, own=own),
        "packages": packages(root),
        "directories": directories,
        "libraries": libraries,
        "links": links,
        "programs": sorted(programs),
        "environment": environment,
        "python_path": python_path() if own else [],
    }


def text(*parts: str) -> str:
    """A file's text; "" where there is none."""
    try:
        with open(os.path.join(*parts), encoding="utf-8", errors="replace") as file:
            return file.read()
    except (OSError, ValueError):
        return ""


def os_release(root: str) -> "dict[str, str]":
    """The fields of os-release(5)."""
    found = {}
    said = text(root, "etc/os-release") or text(root, "usr/lib/os-release")
    for line in said.splitlines():
        name, sign, value = line.strip().partition("=")
        if sign and not name.startswith("#"):
            found[name] = value.strip("\"'")
    return found


def variables() -> "dict[str, str]":
    """What the runtime presets of the environment."""
    return {
        name: value
        for name, value in sorted(os.environ.items())
        if VARIABLES.match(name) and not SECRET.search(name)
    }


def python_path() -> "list[str]":
    """What is on sys.path beside Python's own library and the directory of this file."""
    here = os.path.dirname(os.path.abspath(__file__))
    tops = {sys.prefix, sys.base_prefix, "/usr", "/usr/local"}
    own = tuple(os.path.join(each, "lib/python") for each in tops)
    found = [path for path in sys.path if path and not path.startswith(own)]
    return [path for path in dict.fromkeys(found) if path != here or path in ("/code", "/var/task")]


def packages(root: str) -> "list[str]":
    """`name=version` of what dpkg or rpm has installed."""
    found = set()  # type: set[str]
    files = [os.path.join(root, "var/lib/dpkg/status")]
    files += glob.glob(os.path.join(root, "var/lib/dpkg/status.d/*"))
    for path in files:
        for stanza in text(path).split("\n\n"):
            fields = dict(re.findall(r"^(Package|Version|Status): (.*)$", stanza, re.MULTILINE))
            installed = fields.get("Status", "a installed").endswith(" installed")
            if installed and "Package" in fields and "Version" in fields:
                found.add("{Package}={Version}".format(**fields))
    if not found and os.path.isdir(os.path.join(root, "var/lib/rpm")):
        argv = ["rpm", "--root", root, "-qa", "--qf", r"%{NAME}=%{VERSION}-%{RELEASE}\n"]
        found.update(line for line in said_by(argv).splitlines() if "=" in line)
    return sorted(found)


def said_by(argv: "list[str]") -> str:
    """What a program prints; "" where it cannot be started."""
    try:
        done = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
        )
        return done.communicate(timeout=20)[0].decode("utf-8", "replace")
    except (OSError, subprocess.SubprocessError):
        return ""


def interpreters(root: str, *, own: bool) -> "dict[str, list[dict[str, str]]]":
    """Pythons, Nodes and Javas with their versions, the one that runs this first."""
    found = {"python": [], "node": [], "java": []}  # type: dict[str, list[dict[str, str]]]
    if own:
        version = "{}.{}.{}".format(*sys.version_info[:3])
        found["python"].append({"version": version, "executable": os.path.realpath(sys.executable)})
    versions = dict(each.split("=", 1) for each in packages(root))
    places = ("usr/bin", "usr/local/bin", "var/lang/bin", "var/fc/lang/*/bin", "opt/*/bin")
    for place in places:
        for path in sorted(glob.glob(os.path.join(root, place, "*"))):
            name = os.path.basename(path)
            inside = "/" + os.path.relpath(path, root)
            if re.match(r"python3\.\d+$", name):
                version = (
                    version_of(path, own=own) or debian(versions, name + "-minimal") or name[6:]
                )
                keep(found["python"], version, inside, own=own)
            elif name in ("node", "nodejs") and not os.path.islink(path):
                version = version_of(path, own=own) or debian(versions, "nodejs")
                keep(found["node"], version, inside, own=own)
    for path in sorted(glob.glob(os.path.join(root, "usr/lib/jvm/*/release"))):
        match = re.search(r'JAVA_VERSION="([\d.]+)', text(path))
        java = os.path.join(os.path.dirname(path), "bin/java")
        if match and os.path.exists(java):
            keep(found["java"], match.group(1), "/" + os.path.relpath(java, root), own=own)
    return found


def keep(found: "list[dict[str, str]]", version: str, path: str, *, own: bool) -> None:
    """Add one that is not there yet, by where it really lies."""
    path = os.path.realpath(path) if own else path
    if version and path not in [each["executable"] for each in found]:
        found.append({"version": version, "executable": path})


def version_of(path: str, *, own: bool) -> str:
    """What a program of the running system says its version is."""
    match = re.search(r"(\d+\.\d+\.\d+)", said_by([path, "--version"])) if own else None
    return match.group(1) if match else ""


def debian(versions: "dict[str, str]", package: str) -> str:
    """The upstream version of a deb."""
    match = re.match(r"(?:\d+:)?(\d+(?:\.\d+)*)", versions.get(package, ""))
    return match.group(1) if match else ""


def libc(root: str) -> "tuple[str, list[int] | None]":
    """The architecture and the version of glibc, as libc.so.6 states it where it is run. The
    versions that it defines may end before, 2.31's do at 2.30.
    """
    tops = ("lib", "lib64", "usr/lib", "usr/lib64", "lib/*-linux-gnu", "usr/lib/*-linux-gnu")
    for top in tops:
        for path in sorted(glob.glob(os.path.join(root, top, "libc.so.6"))):
            try:
                real = inside_of(root, path)
                elf = read_elf(real)
                with open(real, "rb") as file:
                    stated = BANNER.search(file.read(1 << 24))
            except (OSError, ValueError, struct.error):
                continue
            names = (
                [re.match(r"GLIBC_(\d+)\.(\d+)$", name) for name in elf["defines"]] if elf else []
            )
            versions = [(int(name.group(1)), int(name.group(2))) for name in names if name]
            if stated and versions:
                versions.append((int(stated.group(1)), int(stated.group(2))))
            if elf and versions and elf["bits"] == 64:
                return elf["machine"], list(max(versions))
    return os.uname().machine, None


def inside_of(root: str, path: str) -> str:
    """Where a link leads when the root is the world."""
    for _ in range(40):
        if not os.path.islink(path):
            break
        to = os.readlink(path)
        path = (
            os.path.join(root, to.lstrip("/"))
            if to.startswith("/")
            else os.path.join(os.path.dirname(path), to)
        )
    return path


def merged(path: str) -> str:
    """A path as it is where /bin and /lib lead into /usr."""
    return "/usr" + path if path.split("/")[1] in MERGED else path


def loader_directories(root: str, arch: str) -> "list[str]":
    """What ldconfig(8) reads, then the loader's own, each once."""
    multi = arch + "-linux-gnu"
    own = ["/lib/" + multi, "/usr/lib/" + multi, "/lib64", "/usr/lib64", "/lib", "/usr/lib"]
    files = ["etc/ld.so.conf"]
    files += sorted(
        os.path.relpath(path, root)
        for path in glob.glob(os.path.join(root, "etc/ld.so.conf.d/*.conf"))
    )
    named = []
    for name in files:
        for line in text(root, name).splitlines():
            path = line.partition("#")[0].strip()
            if path.startswith("/"):
                named.append(os.path.normpath(path))
    return list(dict.fromkeys(merged(path) for path in named + own))


def flat(root: str, directory: str) -> "list[tuple[str, str, str]]":
    """(path, path inside, link target or "") of what lies directly in a directory, or in the one
    of that name outside of /usr where that is another.
    """
    found = []
    outside = directory[4:] if directory.startswith("/usr/") else directory
    for name in dict.fromkeys((directory, outside)):
        if os.path.islink(os.path.join(root, name.split("/")[1])):
            continue
        top = os.path.join(root, name.lstrip("/"))
        try:
            entries = sorted(os.listdir(top))
        except OSError:
            continue
        for entry in entries:
            path = os.path.join(top, entry)
            link = os.readlink(path) if os.path.islink(path) else ""
            if link or os.path.isfile(path):
                found.append((path, directory + "/" + entry, link))
    return found


def read_elf(path: str) -> "dict[str, typing.Any] | None":
    """What the loader reads of an ELF file; None for what is none."""
    with open(path, "rb") as file:
        if file.read(4) != b"\x7fELF":
            return None
        return Elf(file).read()


class Elf:
    """One file; offsets that lead nowhere end as struct.error or ValueError."""

    def __init__(self, file: typing.BinaryIO) -> None:
        """Take an open file."""
        self.file = file
        self.loads = []  # type: list[tuple[int, int, int]]
        self.strings = b""

    def read(self) -> "dict[str, object]":
        """All of it."""
        ident = self.at(0, 16)
        wide = ident[4] == 2
        self.order = "<" if ident[5] == 1 else ">"
        header = self.unpack("HHIQQQIHHHHHH" if wide else "HHIIIIIHHHHHH", 16)
        tags = {}  # type: dict[int, list[int]]
        dynamic = None  # type: tuple[int, int, int] | None
        interpreter = ""
        for number in range(min(header[9], 4096)):
            entry = self.unpack("IIQQQQQQ" if wide else "IIIIIIII", header[4] + number * header[8])
            where = (entry[2], entry[3], entry[5]) if wide else (entry[1], entry[2], entry[4])
            if entry[0] == 1:
                self.loads.append(where)
            elif entry[0] == 2:
                dynamic = where
            elif entry[0] == 3 and where[2] < 4096:
                interpreter = self.at(where[0], where[2]).split(b"\0")[0].decode("utf-8", "replace")
        if dynamic:
            size = 16 if wide else 8
            for number in range(min(dynamic[2] // size, 65536)):
                tag, value = self.unpack("qQ" if wide else "iI", dynamic[0] + number * size)
                if tag == 0:
                    break
                tags.setdefault(tag, []).append(value)
        if 5 in tags:
            self.strings = self.at(self.offset(tags[5][0]), min(tags.get(10, [0])[0], 1 << 28))
        paths = {
            tag: [p for at in tags.get(tag, []) for p in self.string(at).split(":") if p]
            for tag in (15, 29)
        }
        return {
            "machine": MACHINES.get(header[1], f"machine-{header[1]}"),
            "bits": 64 if wide else 32,
            "kind": KINDS.get(header[0], "other"),
            "interpreter": interpreter,
            "soname": self.string(tags[14][0]) if 14 in tags else "",
            "needed": [self.string(at) for at in tags.get(1, [])],
            "runpath": paths[29],
            "rpath": paths[15],
            "requires": self.requires(tags),
            "defines": self.defines(tags),
        }

    def at(self, offset: int, length: int) -> bytes:
        """Bytes of the file."""
        self.file.seek(offset)
        data = self.file.read(length)
        if len(data) != length:
            raise ValueError("the file ends too early")
        return data

    def unpack(self, layout: str, offset: int) -> "tuple[int, ...]":
        """Numbers of the file."""
        layout = self.order + layout
        return struct.unpack(layout, self.at(offset, struct.calcsize(layout)))

    def string(self, at: int) -> str:
        """One of the string table."""
        return self.strings[at : self.strings.index(b"\0", at)].decode("utf-8", "replace")

    def offset(self, address: int) -> int:
        """Where an address lies in the file."""
        for position, start, length in self.loads:
            if start <= address < start + length:
                return address - start + position
        raise ValueError("an address outside of the segments")

    def requires(self, tags: "dict[int, list[int]]") -> "dict[str, list[str]]":
        """Elfxx_Verneed: versions asked of libraries, weak ones left out."""
        found = {}  # type: dict[str, list[str]]
        if 0x6FFFFFFE not in tags:
            return found
        at = self.offset(tags[0x6FFFFFFE][0])
        for _ in range(min(tags.get(0x6FFFFFFF, [0])[0], 4096)):
            _, count, library, first, following = self.unpack("HHIII", at)
            names, inner = [], at + first
            for _ in range(min(count, 4096)):
                _, flags, _, name, after = self.unpack("IHHII", inner)
                if not flags & 2:
                    names.append(self.string(name))
                inner += after
            found[self.string(library)] = names
            at += following
        return found

    def defines(self, tags: "dict[int, list[int]]") -> "list[str]":
        """Elfxx_Verdef: the versions that it has, but for its own name."""
        found = []  # type: list[str]
        if 0x6FFFFFFC not in tags:
            return found
        at = self.offset(tags[0x6FFFFFFC][0])
        for _ in range(min(tags.get(0x6FFFFFFD, [0])[0], 4096)):
            _, flags, _, _, _, first, following = self.unpack("HHHHIII", at)
            name, _ = self.unpack("II", at + first)
            if not flags & 1:
                found.append(self.string(name))
            at += following
        return found


if __name__ == "__main__":
    json.dump(capture(sys.argv[1] if len(sys.argv) > 1 else "/"), sys.stdout, indent=1)
    sys.stdout.write("\n")
