# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki``: the composition root. Every command is a few lines that wire rooms together.

Exit codes: 0 done; 1 refused, or differences found; 2 usage; 3 bad input; 4 unavailable;
5 integrity failure; 130 stopped, and may be resumed.

A command's module is imported when the command is run, and no other: most of a second is saved each time.
"""

from __future__ import annotations

import logging
import sys
from importlib import import_module
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import typer
from typer.core import TyperCommand, TyperGroup
from typer.exceptions import Abort, TyperException

from openjuki.cli import output
from openjuki.errors import BadInput, JukiError, SetUpFailed

if TYPE_CHECKING:
    from collections.abc import Mapping


class Place(NamedTuple):
    """Where a command lives."""

    #: Module of this package that attaches it.
    module: str
    #: Its line in ``juki --help``: the first sentence of what it says of itself.
    summary: str


#: Every command, in the order of ``juki --help``.
COMMANDS: Final[Mapping[str, Place]] = {
    "demo": Place(
        "demo",
        "A small nation on this machine: one Centre, three prefectures, ten municipalities, ten agencies, one day.",
    ),
    "serve": Place("serve", "Run nodes until stopped (Ctrl-C, SIGTERM)."),
    "signer": Place("signer", "Sign the journals of nodes until stopped (Ctrl-C, SIGTERM)."),
    "import": Place(
        "register",
        "Take an existing register into a municipality's node; interrupted, the same command goes on.",
    ),
    "change": Place(
        "register",
        "Record one life event at a municipality, or a file of them; interrupted, the same command goes on with the file.",
    ),
    "export": Place("export", "Write a municipality's register as a file that can be imported again."),
    "look-up": Place(
        "look_up", "Look one person up: by code, by number, by name and birth date, or by name and address."
    ),
    "doctor": Place("doctor", "Look over the machine: interpreter, servers, space, user."),
    "provide": Place("provide", "照会と提供 / asking providers, and the ledger."),
    "bulk": Place("jobs", "一括提供の受付 / what a provider was asked in bulk."),
    "disclose": Place("disclose", "自己の情報の開示 / people are told what is held about them."),
    "carry": Place("carry", "媒体による授受 / provision in bulk by hand."),
    "clientele": Place("clientele", "対象者の異動 / what changes about persons on a list."),
    "report": Place("report", "運用状況の報告 / reports on how the network is used."),
    "office": Place("office", "部署と操作者 / offices, operators, terminals, affairs held."),
    "law": Place("law", "法令の台帳 / the statute book."),
    "snapshot": Place(
        "snapshot", "スナップショット / a provider's register in columns, for provision in bulk."
    ),
    "log": Place("log", "記録簿 / the journal of a node, and whether it is sound."),
    "alarm": Place("alarm", "警報 / what somebody must look at."),
    "directory": Place("network", "機関名簿 / the signed node directory."),
    "pki": Place("pki", "鍵と証明書 / keys and certificates of a network."),
}
_HELP: Final = (
    "OpenJuki: 住民基本台帳ネットワークの独立した実装 / an independent, open resident register network."
)


class _Juki(TyperGroup):
    """The group of all commands, of which it knows names and summaries; one is imported when it is run."""

    def __init__(self) -> None:
        super().__init__(
            name="juki",
            help=_HELP,
            no_args_is_help=True,
            rich_markup_mode="markdown",
            context_settings={"help_option_names": ["-h", "--help"]},
            commands={
                name: TyperCommand(name, help=place.summary, rich_markup_mode="markdown")
                for name, place in COMMANDS.items()
            },
        )

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """The command that is to be run, imported."""
        name, _, rest = super().resolve_command(ctx, args)
        return name, name and _attached(COMMANDS[name].module).commands[name], rest


def _attached(*modules: str) -> Any:
    app = typer.Typer(
        name="juki",
        help=_HELP,
        no_args_is_help=True,
        add_completion=False,
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        context_settings={"help_option_names": ["-h", "--help"]},
    )
    for module in modules:
        import_module(f"openjuki.cli.{module}").attach(app)
    return typer.main.get_group(app)


def whole() -> Any:
    """The group with every command imported, for those who describe the program."""
    return _attached(*dict.fromkeys(place.module for place in COMMANDS.values()))


def _of_a_file(error: OSError) -> JukiError:
    """A file that cannot be used: named on the command line it is bad input, otherwise the machine lacks it."""
    said, path = f"{error.strerror}: {error.filename}", str(error.filename)
    mistaken = (FileNotFoundError, FileExistsError, IsADirectoryError, NotADirectoryError, PermissionError)
    if isinstance(error, mistaken) and any(path.startswith(word) for word in sys.argv[1:] if word[:1] != "-"):
        return BadInput(said)
    return SetUpFailed(said)


def main() -> None:
    """Run ``juki``; no traceback reaches the user."""
    # They warn on standard error at every line that is closed, and at every attempt to reach a database.
    for talkative in ("asyncio", "psycopg.pool"):
        logging.getLogger(talkative).setLevel(logging.ERROR)
    as_json = "--json" in sys.argv
    try:
        code = _Juki()(standalone_mode=False)
    except TyperException as error:
        code = output.usage(error, as_json=as_json)
    except (KeyboardInterrupt, Abort):
        output.note("中断しました。 Stopped; run the same command again to go on.")
        code = output.INTERRUPTED
    except JukiError as error:
        code = output.problem(error, as_json=as_json)
    except OSError as error:
        code = output.problem(_of_a_file(error), as_json=as_json)
    except Exception as error:  # noqa: BLE001 - the last line of defence: a sentence instead of a traceback
        code = output.defect(error, as_json=as_json)
    sys.exit(code or 0)
