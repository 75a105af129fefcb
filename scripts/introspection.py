# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the program tells about itself: its commands, errors, refusals, comments. For pages and for tests."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from typing import TYPE_CHECKING, Any, NamedTuple

from openjuki import errors, gateway

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import ModuleType

#: Modules that do something when they are imported.
_NOT_TO_IMPORT = re.compile(r"\.__main__$")


def modules(package: str = "openjuki") -> Iterator[ModuleType]:
    """A package and every module of it."""
    top = importlib.import_module(package)
    yield top
    for found in pkgutil.walk_packages(top.__path__, f"{package}."):
        if not _NOT_TO_IMPORT.search(found.name):
            yield importlib.import_module(found.name)


class Constant[T](NamedTuple):
    """A value that a module names."""

    module: str
    name: str
    value: T


def constants[T](kind: type[T], code: str = "code") -> list[Constant[T]]:
    """The values of this kind that a module names where it writes their code; in order of code."""
    found = [
        Constant(module.__name__, name, value)
        for module in modules()
        for name, value in vars(module).items()
        if isinstance(value, kind) and f'"{getattr(value, code)}"' in inspect.getsource(module)
    ]
    return sorted(found, key=lambda constant: (getattr(constant.value, code), constant.module))


def error_classes(root: type[errors.JukiError] = errors.JukiError) -> Iterator[type[errors.JukiError]]:
    """The tree of errors, each class before its children; those of a module together, as they stand there."""
    assert gateway  # its own are told when it has been imported
    yield root
    children = root.__subclasses__()  # in the order in which they were loaded
    for child in sorted(children, key=lambda child: child.__module__):
        yield from error_classes(child)


def public_classes(package: str) -> Iterator[type]:
    """The public classes that a room's modules define."""
    for module in modules(package):
        for name, value in vars(module).items():
            if inspect.isclass(value) and value.__module__ == module.__name__ and not name.startswith("_"):
                yield value


class Commented(NamedTuple):
    """A field or a member: its name, what stands after it, and the ``#:`` comment above it."""

    name: str
    annotation: str
    value: str
    comment: str


_LINE = re.compile(r"    (?P<name>\w+)(?:: (?P<annotation>[^=]+?))?(?: = (?P<value>.*))?")


def commented(owner: type) -> list[Commented]:
    """The fields of a dataclass or the members of an enumeration, in order."""
    found: list[Commented] = []
    comment: list[str] = []
    for line in inspect.getsource(owner).splitlines():
        if line.startswith("    #: "):
            comment.append(line.removeprefix("    #: "))
        elif match := _LINE.fullmatch(line):
            name, annotation, value = match.groups(default="")
            found.append(Commented(name, annotation, value.strip('"'), " ".join(comment)))
            comment = []
    return found


class Command(NamedTuple):
    """A command or a group of them, as typer sees it."""

    #: All its words: ``juki pki list``.
    words: str
    #: What typer made of it.
    command: Any

    @property
    def help(self) -> str:
        """What it does."""
        return inspect.cleandoc(self.command.help or "")

    @property
    def short_help(self) -> str:
        """The same in one sentence."""
        return str(self.command.get_short_help_str(limit=200))

    @property
    def usage(self) -> str:
        """How it is called."""
        usage = self.command.get_usage(self._context()).removeprefix("Usage: ")
        return " ".join(usage.split())

    @property
    def parameters(self) -> list[tuple[str, str]]:
        """Arguments and options: how each is written, and what it does."""
        context = self._context()
        records = [parameter.get_help_record(context) for parameter in self.command.get_params(context)]
        return [record for record in records if record and "--help" not in record[0]]

    @property
    def members(self) -> list[Command]:
        """The commands of a group."""
        members = getattr(self.command, "commands", {})
        return [
            Command(f"{self.words} {name}", member) for name, member in members.items() if not member.hidden
        ]

    def _context(self) -> Any:
        return self.command.context_class(
            self.command, info_name=self.words, terminal_width=100, max_content_width=100
        )


def commands() -> Iterator[Command]:
    """Every command, groups before their members."""
    from openjuki.cli import whole  # noqa: PLC0415 - the pages that do not speak of commands are written without them

    yield from _with_members(Command("juki", whole()))


def _with_members(command: Command) -> Iterator[Command]:
    yield command
    for member in command.members:
        yield from _with_members(member)
