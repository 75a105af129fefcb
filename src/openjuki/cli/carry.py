# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki carry``: provision in bulk by hand, on media that are sealed, signed and numbered."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.table import Table

from openjuki import config
from openjuki.carriage import media
from openjuki.carriage.answer_files import Format
from openjuki.carriage.key_files import kind_of
from openjuki.cli import acting, output, places
from openjuki.config import JST, Kind
from openjuki.errors import BadInput, Refused
from openjuki.law.basis import Method
from openjuki.nodes.asking import AtTerminal
from openjuki.nodes.fetching import BulkAsked, Fetching
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.media import sending, taking
from openjuki.nodes.media.desk import by_hand
from openjuki.refusal import Where
from openjuki.store import parcels
from openjuki.wire.bulk import KeyKind, Progress
from openjuki.wire.parcel import What

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from openjuki.nodes.media.sending import Packed
    from openjuki.nodes.media.taking import TakenIn
    from openjuki.nodes.node import Node

AtNode = Annotated[
    str, typer.Option("--node", help="The node that hands over, or receives.", show_default=False)
]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]

_WHAT = {What.REQUEST: "求め request", What.ANSWER: "回答 answer", What.RECEIPT: "受領 receipt"}


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    carry = typer.Typer(no_args_is_help=True, help="媒体による授受 / provision in bulk by hand.")
    carry.command("out")(hand_over)
    carry.command("in")(take_in)
    carry.command("list")(show)
    app.add_typer(carry, name="carry")


def hand_over(
    node: AtNode,
    to: Annotated[
        Path,
        typer.Option(
            "--to",
            help="The medium: a folder that is there.",
            show_default=False,
            callback=places.there,
        ),
    ],
    affair: Annotated[
        str | None, typer.Option(help="A new request: the affair for which it is asked.", show_default=False)
    ] = None,
    keys: Annotated[
        Path | None, typer.Option("--in", help="A new request: the file of keys.", show_default=False)
    ] = None,
    by: Annotated[
        KeyKind | None,
        typer.Option(
            "--by", help="The kind of key; read from the header where there is one.", show_default=False
        ),
    ] = None,
    request: Annotated[
        str | None, typer.Option(help="A request that is known, by its id.", show_default=False)
    ] = None,
    asker: Annotated[
        str | None, typer.Option(help="At a provider: whose request it is.", show_default=False)
    ] = None,
    receipt: Annotated[
        bool, typer.Option("--receipt", help="At an agency: that the answer to the request arrived.")
    ] = False,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    reason: acting.Purpose = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Pack a parcel: a new request with its keys, a request again, the answer to one, or a receipt.

    一括提供の求め・回答・受領の確認を、封緘し署名して媒体に書き出します。受渡票を添えます。

    Example: `juki carry out --node agency-nenkin --to /media/usb --affair state-115 --in keys.csv --operator kounen-1 --terminal kounen-t1 --reason "現況確認 2026-11"`
    """

    async def pack(desk: Node) -> Packed:
        if desk.settings.kind in {Kind.CENTRE, Kind.PREFECTURE} and asker is not None:
            return await sending.answer(desk, asker, _given(request, "request"), to)
        if receipt:
            return await sending.receipt(desk, _given(request, "request"), to)
        line = request
        if line is None:
            file = _given(keys, "in")
            acting_as = AtTerminal(operator or "", terminal or "")
            wanted = _asked(file, by, acting_as, _given(affair, "affair"), reason or "")
            line = (await Fetching(desk).submit(wanted, file)).request.id
        return await sending.request(desk, line, to)

    packed = _at(config_file, node, pack)
    if as_json:
        output.emit("parcel-out", {**packed.parcel.header(), "folder": str(packed.folder)})
        return
    output.say((packed.folder / "hand-over-slip.txt").read_text("utf-8"))
    output.note(f"媒体 parcel: {packed.folder}")


def take_in(
    node: AtNode,
    parcel: Annotated[
        Path, typer.Option("--from", help="The parcel: its folder on the medium.", show_default=False)
    ],
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            help="Of an answer: the file to write, Parquet where it ends so, else CSV.",
            show_default=False,
            callback=places.new_file,
        ),
    ] = None,
    slip: Annotated[
        Path | None,
        typer.Option(
            "--slip",
            help="Write the receipt of the medium as a page to print.",
            callback=places.new_file,
        ),
    ] = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Take a parcel in: what is not to this node, or not as it was signed, has no effect.

    媒体を確認して受け入れます。この機関あてでないもの、署名と異なるものは受け入れません。

    Example: `juki carry in --node centre --from /media/usb/juki-agency-nenkin-centre-000001`
    """

    async def take(desk: Node) -> TakenIn:
        taken = await taking.take_in(desk, parcel)
        if out is not None and not isinstance(taken.outcome, Progress):
            await Fetching(desk).deliver(taken.outcome.request, out)
        return taken

    taken = _at(config_file, node, take)
    made = media.taken_in(taken.parcel, taken.document, config.clock(), _outcome(taken))
    if slip is not None:
        slip.write_text(made.page(), "utf-8")
    refusal = taken.outcome.refusal if isinstance(taken.outcome, Progress) else None
    if as_json:
        said = {"known": taken.known, "missing": taken.missing, "outcome": _outcome(taken)}
        output.emit("parcel-in", {**taken.parcel.header(), **said})
    else:
        output.say(made.text())
        if out is not None and not isinstance(taken.outcome, Progress):
            output.note(f"回答 answers: {out}")
        for number in taken.missing:
            output.note(f"未着 missing: 第{number}号 from {taken.parcel.sender}")
    if refusal is not None and not as_json:
        raise Refused(refusal)
    raise typer.Exit(1 if taken.missing or refusal is not None else 0)


def show(node: AtNode, config_file: Config = None, as_json: AsJson = False) -> None:
    """List what changed hands on media, the latest first.

    媒体の授受の記録を新しい順に表示します。

    Example: `juki carry list --node centre`
    """
    found = _at(config_file, node, lambda desk: desk.read(parcels.listed))
    if as_json:
        output.emit("parcels", {"node": node, "parcels": [one.to_dict() for one in found]})
        return
    table = Table("授受 Direction", "相手方 With", "番号 No.", "内容 What", "一括照会 Request", "日時 At")
    for one in found:
        direction = "引渡 out" if one.direction == parcels.OUT else "受領 in"
        at = one.at.astimezone(JST).isoformat(timespec="seconds")
        table.add_row(direction, one.peer, str(one.number), _WHAT[What(one.what)], one.request, at)
    output.show(table, ids=4, none="授受の記録はありません。 Nothing changed hands.")


def _asked(file: Path, by: KeyKind | None, acting_as: AtTerminal, affair: str, reason: str) -> BulkAsked:
    return BulkAsked(
        by=acting_as,
        affair=affair,
        reason=reason,
        kind=by or kind_of(file, None),
        name=file.name,
        format=Format.CSV,
        method=Method.MEDIA,
    )


def _given[T](value: T | None, name: str) -> T:
    if value is None:
        raise BadInput(f"this parcel needs --{name}", where=Where(column=name))
    return value


def _outcome(taken: TakenIn) -> str:
    outcome = taken.outcome
    return outcome.standing.value if isinstance(outcome, Progress) else outcome.request.standing


def _at[T](config_file: Path | None, node: str, work: Callable[[Node], Awaitable[T]]) -> T:
    """Do something at a node, whether or not it has a line."""
    log_to_stderr()
    settings = config.load(config_file)

    async def run() -> T:
        async with by_hand(settings, node) as desk:
            return await work(desk)

    return asyncio.run(run())
