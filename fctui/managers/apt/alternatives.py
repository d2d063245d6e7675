"""Reading `update-alternatives --install` lines of maintainer scripts, without running anything.

update-alternatives(1). Simple shell is understood: continued lines, assignments, `for` over words,
functions, `$name` and `${name:-default}`. Conditions are not judged: each branch counts, for a link
is made only to a file that the bundle has. A line that would need more is passed over.
"""

from __future__ import annotations

import functools
import re
import shlex
from collections.abc import Iterator, Sequence

from msgspec import Struct

_MOST_STEPS = 20_000
# Commands that are looked at; the largest scripts have some hundred, loops included.

_VARIABLE = re.compile(r"\$(?:\{(?P<braced>\w+)(?P<rest>[^}]*)\}|(?P<plain>\w+)|(?P<other>.))")
_ASSIGNMENT = re.compile(
    r"(?:export\s+|local\s+|readonly\s+)*(?P<name>[A-Za-z_]\w*)=(?P<value>.*)", re.DOTALL
)
_FOR = re.compile(r"for\s+(?P<name>\w+)\s+in\s+(?P<words>.*)", re.DOTALL)
_FUNCTION = re.compile(r"(?:function\s+)?(?P<name>[A-Za-z_]\w*)\s*\(\)")
_KEYWORD = re.compile(r"^(?:(?:then|do|else|elif|if|!|\{)\s+|(?:then|do|else|\{)$)")
_CASE = re.compile(r"^\(?[\w*?.\[\]\"'-]+\)\s*")
_TOKEN = re.compile(
    r"""\\.|'[^']*'|"(?:\\.|[^"\\])*"|`[^`]*`"""  # quoted
    r"""|\$\((?:[^()]|\([^()]*\))*\)"""  # $(…), one level deep
    r"""|(?<![^\s;])\#.*|[>&]&|&>|[;|&]+|[^\\'"`$\#>;|&]+|.""",
    re.DOTALL,
)
_UNSET = "\0"
# Stands for the value of a variable that is not set.

_HEREDOC = re.compile(r"<<-?\s*(['\"]?)(?P<end>\w+)\1")


class Slave(Struct, frozen=True):
    """A link that follows its master."""

    link: str
    name: str
    path: str


class Alternative(Slave, frozen=True):
    """One candidate for `link`; all paths absolute, as in the script."""

    priority: int
    slaves: tuple[Slave, ...] = ()

    @property
    def links(self) -> tuple[Slave, ...]:
        """Itself and its slaves."""
        return (self, *self.slaves)


@functools.lru_cache(maxsize=1024)
def read_alternatives(script: str, arch: str, multiarch: str) -> tuple[Alternative, ...]:
    """The alternatives that a maintainer script installs, in its order.

    `arch` and `multiarch` are what dpkg would answer (`amd64`, `x86_64-linux-gnu`).
    """
    if "update-alternatives" not in script:
        return ()
    variables = {"DPKG_MAINTSCRIPT_ARCH": arch, "DPKG_ROOT": ""}
    answers = {
        r"\$\(dpkg --print-architecture\)": arch,
        r"\$\(dpkg-architecture -q\s*DEB_(?:HOST|BUILD)_MULTIARCH\)": multiarch,
    }
    for pattern, answer in answers.items():
        script = re.sub(pattern, answer, script)
    reader = _Reader(variables)
    return tuple(reader.run(list(_commands(script))))


def _commands(script: str) -> Iterator[str]:
    """The simple commands, without comments, keywords and the patterns of `case`."""
    until = ""
    for line in script.replace("\\\n", " ").split("\n"):
        if until:
            until = "" if line.strip() == until else until
            continue
        here = _HEREDOC.search(line)
        until = here["end"] if here else ""
        yield from _split(line)


def _split(line: str) -> Iterator[str]:
    """One line at its `;`, `&&`, `||`, `|` and `&`, those in quotes left alone."""
    pieces = [""]
    for token in _TOKEN.findall(line):
        if token.startswith("#"):
            break
        separates = token[0] in ";|&" and not token.startswith("&>")
        pieces += [""] if separates else []
        pieces[-1] += "" if separates else token
    for piece in pieces:
        bare, before = piece.strip(), ""
        while bare != before:
            before = bare
            bare = _KEYWORD.sub("", _CASE.sub("", bare, count=1), count=1)
        if bare:
            yield bare


class _UnknownError(Exception):
    """A word whose value only the shell would know."""


class _Reader:
    """Goes through commands with the variables as they stand."""

    def __init__(self, variables: dict[str, str]) -> None:
        self._variables = variables
        self._functions: dict[str, Sequence[str]] = {}
        self._left = _MOST_STEPS

    def run(self, commands: Sequence[str]) -> Iterator[Alternative]:
        at = 0
        while at < len(commands) and self._left > 0:
            self._left -= 1
            command = commands[at]
            loop, function = _FOR.match(command), _FUNCTION.match(command)
            if function:
                end = _closing(commands, at)
                self._functions[function["name"]] = commands[at + 1 : end]
                at = end
            elif command.split(None, 1)[0] in self._functions:
                yield from self._call(command)
            elif loop:
                end = _done(commands, at)
                for word in self._words(loop["words"]):
                    self._variables[loop["name"]] = word
                    yield from self.run(commands[at + 1 : end])
                at = end
            elif "update-alternatives" in command and "--install" in command:
                yield from self._install(command)
            else:
                self._assign(command)
            at += 1

    def _call(self, command: str) -> Iterator[Alternative]:
        """A function with its arguments; one that calls itself is not followed."""
        words = self._words(command) or command.split()[:1]
        body = self._functions.pop(words[0], ())
        before = dict(self._variables)
        self._variables |= {str(number): word for number, word in enumerate(words[1:], 1)}
        yield from self.run(body)
        self._variables = {
            name: value for name, value in self._variables.items() if not name.isdigit()
        } | {name: value for name, value in before.items() if name.isdigit()}
        self._functions[words[0]] = body

    def _assign(self, command: str) -> None:
        match = _ASSIGNMENT.fullmatch(command)
        if match is None:
            return
        try:
            words = shlex.split(self._expanded(match["value"]))
        except (_UnknownError, ValueError):
            return  # what it was before is the better guess
        if len(words) <= 1:
            self._variables[match["name"]] = words[0] if words else ""

    def _install(self, command: str) -> Iterator[Alternative]:
        words = self._words(re.split(r"\$\(|`", command, maxsplit=1)[0])
        if not words or words[0].rpartition("/")[2] != "update-alternatives":
            return
        try:
            at = words.index("--install")
            link, name, path, priority = words[at + 1 : at + 5]
            alternative = Alternative(link, name, path, int(priority), tuple(_slaves(words)))
        except ValueError:
            return
        if _is_file(link) and _is_file(path):
            yield alternative

    def _words(self, text: str) -> list[str]:
        try:
            words = shlex.split(self._expanded(text))
        except (_UnknownError, ValueError):
            return []
        words = [word for word in words if word.strip(_UNSET)]
        return [] if any(_UNSET in word for word in words) else words

    def _expanded(self, text: str) -> str:
        """The text with its variables' values, which are then split into words as a shell does."""
        if "`" in text:
            raise _UnknownError
        return _VARIABLE.sub(self._value, text)

    def _value(self, match: re.Match[str]) -> str:
        name, rest = match["braced"] or match["plain"] or "", match["rest"] or ""
        if not name or (name.isdigit() and name not in self._variables):
            raise _UnknownError  # $(…), $@, what the script itself is called with
        value = self._variables.get(name, _UNSET)
        if rest.startswith((":-", "-")):
            return rest.lstrip(":-") if value in {"", _UNSET} else value
        if rest:
            raise _UnknownError
        return value


def _slaves(words: Sequence[str]) -> Iterator[Slave]:
    for at, word in enumerate(words):
        if word in {"--slave", "--follower"}:
            link, name, path = words[at + 1 : at + 4]
            if _is_file(link) and _is_file(path):
                yield Slave(link, name, path)


def _closing(commands: Sequence[str], start: int) -> int:
    """The index of the brace that ends the function which begins at `start`."""
    return next((at for at in range(start + 1, len(commands)) if commands[at] == "}"), start)


def _is_file(path: str) -> bool:
    """Whether it is an absolute path that could be a file's."""
    return path.startswith("/") and not path.endswith("/") and "/../" not in path


def _done(commands: Sequence[str], start: int) -> int:
    """The index of the `done` that ends the loop which begins at `start`."""
    depth = 0
    for at in range(start, len(commands)):
        first = commands[at].split(None, 1)[0]
        depth += first in {"for", "while", "until"}
        depth -= first == "done"
        if depth == 0:
            return at
    return len(commands)
