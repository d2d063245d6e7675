"""What the commands of a shell line install: apt-get, pip and npm, behind fun-install or plain."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from enum import Enum

from fctui.model.errors import UsageError
from fctui.project.imports.imported import Imported, Place
from fctui.project.requirement_lines import split_options

_FUN = "fun-install"
_ASSIGNMENT = re.compile(r"[A-Za-z_]\w*=.*", re.DOTALL)
_PIP = re.compile(r"(?:.*/)?pip(?:[\d.]*)")
_PYTHON = re.compile(r"(?:.*/)?python(?:[\d.]*)")
_QUIET = re.compile(
    r"(?:apt-get|apt) (?:-\S+ )*(?:update|upgrade|dist-upgrade|clean|autoclean|autoremove)\b.*"
    r"|rm -\w+ /var/(?:lib/apt|cache/apt)\S*.*|set [-+]\w.*|true|cd \S+|npm cache clean.*"
)
# Housekeeping of images: it says nothing about what a function needs.

_COMPILERS = frozenset(
    {"build-essential", "gcc", "g++", "make", "cmake", "pkg-config", "pkgconf", "autoconf"}
    | {"automake", "libtool", "git", "curl", "wget", "unzip", "gnupg", "sudo", "dpkg-dev"}
    | {"python3-pip", "python3-venv", "python3-dev", "python-dev", "python3", "npm", "nodejs"}
)
_OPTIONS_WITH_VALUE = frozenset({"-o", "-t", "--target-release", "--default-release", "-c"})
_PIP_WITH_VALUE = frozenset(
    {"-t", "--target", "-i", "--index-url", "--extra-index-url", "--trusted-host", "-f"}
    | {"--find-links", "--prefix", "--root", "--platform", "--python-version", "--implementation"}
    | {"--abi", "--only-binary", "--no-binary", "--timeout", "--retries", "-c", "--constraint"}
    | {"--cache-dir", "--proxy", "--cert", "--progress-bar", "--src", "--global-option"}
)
_INDEXES = frozenset({"-i", "--index-url", "--extra-index-url", "--trusted-host", "-f"})
_INDEXES |= {"--find-links"}

_PIP_CHANGES_WHAT_COMES = {
    "--no-deps": "what packages require comes with them; fctui why tells what brings what",
    "--pre": "name the version of a package that is to be a pre-release",
}


class Purpose(Enum):
    """What a line's Debian packages are for."""

    RUN = "run"  # the function needs them
    BUILD = "build"  # they are in the image that builds only
    IMAGE = "image"  # an image's: compilers among them are for building


def take_commands(into: Imported, place: Place, line: str, purpose: Purpose) -> None:
    """Every command of a line, one after the other; what installs nothing is left."""
    for words, text in _commands(into, place, line):
        _take_command(into, place, words, text, purpose)


def take_pip_words(into: Imported, place: Place, words: list[str]) -> None:
    """The arguments of `pip install`."""
    words = list(words)
    while words:
        word = words.pop(0)
        name, given, value = word.partition("=") if word.startswith("--") else (word, "", "")
        if name in {"-r", "--requirement"}:
            _take_file(into, place, value if given else words.pop(0) if words else "")
        elif word.startswith("-r") and len(word) > 2 and not word.startswith("--"):
            _take_file(into, place, word[2:])
        elif name in {"-e", "--editable"}:
            _take_own(into, place, words.pop(0) if words and not given else value)
        elif name in _PIP_WITH_VALUE:
            chosen = value if given else words.pop(0) if words else ""
            _leave_option(into, place, name, chosen)
        elif word in _PIP_CHANGES_WHAT_COMES:
            into.leave(place, word, _PIP_CHANGES_WHAT_COMES[word])
        elif word.startswith("-"):
            continue  # how pip goes about it (-U, --no-cache-dir) is not what is required
        elif word in {".", "./"} or word.startswith("/"):
            _take_own(into, place, word)
        elif "$" in word:
            into.leave(place, word, "only a shell knows its value")
        else:
            into.take_pip(place, word)


def _commands(into: Imported, place: Place, line: str) -> Iterator[tuple[list[str], str]]:
    """The commands between `;` and `&&`, as words; one with `|` or `||` is left as a whole."""
    lexer = shlex.shlex(line, posix=True, punctuation_chars=";&|")
    lexer.whitespace_split = True
    lexer.commenters = "#"
    try:
        tokens = list(lexer)
    except ValueError as error:
        into.leave(place, line, f"is not understood: {error}")
        return
    words: list[str] = []
    for token in [*tokens, ";"]:
        if token and not set(token) - set(";&"):
            text = " ".join(words)
            if "|" in words:
                into.leave(place, text, "is a command of its own: fctui runs none")
            elif words:
                yield words, text
            words = []
        else:
            words.append(token[:1] if token and not token.strip("|") else token)


def _take_command(
    into: Imported, place: Place, words: list[str], text: str, purpose: Purpose
) -> None:
    while words and (_ASSIGNMENT.fullmatch(words[0]) or words[0] in {"sudo", "env", "exec"}):
        words = words[1:]
    if words and words[0] == _FUN:
        words, purpose = words[1:], Purpose.RUN
    if len(words) > 2 and _PYTHON.fullmatch(words[0]) and words[1:3] == ["-m", "pip"]:
        words = ["pip", *words[3:]]
    if not words or _QUIET.fullmatch(" ".join(words)):
        return
    tool, rest = words[0], words[1:]
    verb = next((word for word in rest if not word.startswith("-")), "")
    if tool in {"apt-get", "apt", "aptitude"} and verb == "install":
        _take_debs(into, place, rest, purpose)
    elif _PIP.fullmatch(tool) and verb == "install":
        take_pip_words(into, place, rest[rest.index(verb) + 1 :])
    elif tool == "npm" and verb in {"install", "i", "add", "ci"}:
        _take_npm_words(into, place, rest, verb, text)
    else:
        into.leave(place, text, "is a command of its own: fctui runs none")


def _take_debs(into: Imported, place: Place, words: list[str], purpose: Purpose) -> None:
    passed = False
    for word in words[words.index("install") + 1 :]:
        if passed or word.startswith("-"):
            passed = word in _OPTIONS_WITH_VALUE
        elif "$" in word:
            into.leave(place, word, "only a shell knows its value")
        elif word in _COMPILERS and purpose is not Purpose.RUN:
            into.leave(place, word, "is for building; what compiles sdists is there anyway")
        elif purpose is Purpose.BUILD or (purpose is Purpose.IMAGE and word.endswith("-dev")):
            into.take_build_package(place, word)
        else:
            into.take_apt(place, word)


def _take_npm_words(into: Imported, place: Place, words: list[str], verb: str, text: str) -> None:
    named = [word for word in words[words.index(verb) + 1 :] if not word.startswith("-")]
    options = {word for word in words if word.startswith("-")}
    if options & {"-D", "--save-dev", "-g", "--global"}:
        into.leave(place, text, "is not installed into the function")
    elif named:
        for word in named:
            into.take_npm(place, word)
    elif (into.directory / "package.json").is_file():
        into.took(place, text, "package.json, as it is")
    else:
        into.leave(place, text, "there is no package.json here")


def _take_file(into: Imported, place: Place, name: str) -> None:
    """A file behind -r: requirements.txt is read anyway, another is named in the settings."""
    plain = name.rpartition("/")[2] if name.startswith(("/", "$")) else name.removeprefix("./")
    if not plain or not (into.directory / plain).is_file():
        into.leave(place, f"-r {name}", f"there is no {plain or 'such file'} here")
    elif plain == "requirements.txt":
        into.took(place, f"-r {name}", "requirements.txt, as it is")
    else:
        into.set_in_list(place, plain, ("pip",), "requirements")


def _take_own(into: Imported, place: Place, word: str) -> None:
    into.leave(place, word, "is the project itself: its code is in the bundle as it lies")


def _leave_option(into: Imported, place: Place, name: str, value: str) -> None:
    if name in _INDEXES:
        reason = "indexes are taken from pip's own configuration"
    elif name in {"-c", "--constraint"}:
        reason = "name it in requirements.txt, as -c FILE"
    elif name in {"-t", "--target", "--prefix", "--root"}:
        reason = "where packages lie is the method's affair: fctui methods"
    elif name in {"--platform", "--python-version", "--implementation", "--abi"}:
        reason = "the target decides it"
    else:
        reason = "is an option of pip's own"
    into.leave(place, f"{name} {value}".strip(), reason)


def take_requirement_line(into: Imported, place: Place, line: str) -> None:
    """A line as in a requirements file, options and all."""
    try:
        plain, options = split_options(line, "")
    except UsageError as error:
        into.leave(place, line, error.message)
        return
    if plain and not options:
        into.take_pip(place, plain)
        return
    if plain:
        hashes = tuple(value for name, value in options if name == "--hash")
        into.take_pip(place, plain, hashes)
        return
    take_pip_words(into, place, [word for option in options for word in option if word])
