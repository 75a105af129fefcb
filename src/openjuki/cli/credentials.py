# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki provide credentials``: the systems that ask by themselves, and what they show to be known."""

from __future__ import annotations

import os
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, Self

import typer
from rich.table import Table

from openjuki.cli import output, places
from openjuki.cli.office import AsJson, Config, Node, OfficeId, Until, in_book, moment
from openjuki.errors import BadInput
from openjuki.nodes import credentials as administration
from openjuki.nodes.credentials import Issued
from openjuki.nodes.node import Office
from openjuki.refusal import Where
from openjuki.store import credentials
from openjuki.store.database import Connection

System = Annotated[str, typer.Argument(help="Id of the system, for ever: letters, figures, dashes.")]
Out = Annotated[
    Path | None,
    typer.Option(
        "--out",
        help="A new file for the secret, readable by its owner only; else it is printed.",
        show_default=False,
        callback=places.new_file,
    ),
]
_DAY_HOURS = 24.0


def group() -> typer.Typer:
    """The commands."""
    commands = typer.Typer(
        no_args_is_help=True, help="接続システムの資格情報 / credentials of systems that ask."
    )
    commands.command()(add)
    commands.command("list")(list_)
    commands.command()(rotate)
    commands.command()(revoke)
    return commands


def add(
    system: System,
    name: Annotated[str, typer.Argument(help="Its name.")],
    office: OfficeId,
    node: Node,
    until: Until = None,
    out: Out = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Register a system of an office, and issue its credential; the secret is shown this once.

    接続システムを登録し、資格情報を発行します。秘密の値が表示されるのはこの一度だけです。

    Example: `juki provide credentials add --node agency-tokyo-ryoken --office tanto uketsuke 旅券受付システム --out uketsuke.secret`
    """
    end = moment(until, "until")
    with _Delivery(out) as delivery:
        issued = in_book(
            config_file,
            node,
            lambda at, book: administration.add(at, book, system, office=office, name=name, until=end),
        )
        delivery.hand_over(issued, as_json=as_json)


def rotate(
    system: System,
    node: Node,
    overlap_hours: Annotated[
        float, typer.Option(min=0, help="For how many hours the former credential stays good.")
    ] = _DAY_HOURS,
    until: Until = None,
    out: Out = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Issue another credential; the former ones end after the overlap.

    資格情報を更新します。それまでの資格情報は、重複期間の後に使えなくなります。

    Example: `juki provide credentials rotate --node agency-tokyo-ryoken uketsuke --overlap-hours 2 --out uketsuke.secret`
    """
    end, overlap = moment(until, "until"), timedelta(hours=overlap_hours)
    with _Delivery(out) as delivery:
        issued = in_book(
            config_file,
            node,
            lambda at, book: administration.rotate(at, book, system, overlap=overlap, until=end),
        )
        delivery.hand_over(issued, as_json=as_json)


def revoke(
    system: System,
    node: Node,
    credential: Annotated[
        str | None,
        typer.Option(help="This one only, by its id; else all of the system's.", show_default=False),
    ] = None,
    config_file: Config = None,
) -> None:
    """End a system's credentials now: the next request with one is refused.

    資格情報を直ちに取り消します。

    Example: `juki provide credentials revoke --node agency-tokyo-ryoken uketsuke`
    """
    ended = in_book(
        config_file, node, lambda at, book: administration.revoke(at, book, system, credential=credential)
    )
    output.say(f"{system}: {' '.join(ended)} を取り消しました。 Revoked.")


def list_(node: Node, config_file: Config = None, as_json: AsJson = False) -> None:
    """List a node's systems and their credentials; secrets are nowhere to be read.

    接続システムと資格情報を表示します。

    Example: `juki provide credentials list --node agency-tokyo-ryoken`
    """
    listed = in_book(config_file, node, _listed)
    if as_json:
        output.emit("credentials", {"node": node, "systems": listed})
        return
    table = Table(title=node, title_justify="left")
    for title in ("部署 Office", "接続システム System", "資格情報 Credential", "発行 Since", "終了 Until"):
        table.add_column(title, overflow="fold")
    for system in listed:
        for place, one in enumerate(system["credentials"]):
            whose = (system["office"], f"{system['id']} {system['name']}") if place == 0 else ("", "")
            table.add_row(*whose, one["id"], one["since"][:16], (one["until"] or "")[:16])
    output.show(table, none="接続システムは登録されていません。 No system is registered.")


class _Delivery:
    """Where a secret goes: into a file that is made before there is one, or onto the screen."""

    def __init__(self, out: Path | None) -> None:
        self._out = out
        self._done = False

    def __enter__(self) -> Self:
        if self._out is not None:
            try:
                os.close(os.open(self._out, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            except FileExistsError:
                raise BadInput("the file is there already", where=Where(file=self._out.name)) from None
        return self

    def __exit__(self, *_: object) -> None:
        if self._out is not None and not self._done:
            self._out.unlink(missing_ok=True)

    def hand_over(self, issued: Issued, *, as_json: bool) -> None:
        """Give the secret away; nobody can ask for it again."""
        if self._out is not None:
            self._out.write_text(issued.secret + "\n", "utf-8")
            self._done = True
        secret = None if self._out is not None else issued.secret
        if as_json:
            output.emit(
                "credential",
                {**_line(issued.credential), "system": issued.credential.system, "secret": secret},
            )
            return
        output.note(f"{issued.credential.system}: 資格情報 {issued.credential.id} を発行しました。 Issued.")
        if secret is not None:
            output.note("次の値は再び表示されません。 The secret is not shown again:")
            output.say(secret)


async def _listed(_: Office, book: Connection) -> list[dict[str, Any]]:
    issued = await credentials.credentials(book)
    return [
        {
            "id": system.id,
            "name": system.name,
            "office": system.office,
            "since": system.since.isoformat(),
            "credentials": [_line(one) for one in issued if one.system == system.id],
        }
        for system in await credentials.systems(book)
    ]


def _line(one: credentials.Credential) -> dict[str, str | None]:
    until = None if one.until is None else one.until.isoformat()
    return {"id": one.id, "since": one.since.isoformat(), "until": until}
