"""The managers that there are, in the order in which they are shown and their files win."""

from __future__ import annotations

from fctui.managers.apt.manager import Apt
from fctui.managers.interface import Manager
from fctui.managers.maven.manager import Maven
from fctui.managers.npm.manager import Npm
from fctui.managers.pip.manager import Pip

MANAGERS: tuple[Manager, ...] = (Pip(), Apt(), Npm(), Maven())
