# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki snapshot``: a provider's register in columns, from which requests in bulk are answered."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import output
from openjuki.config import JST, Kind, NodeSettings, Settings
from openjuki.errors import BadConfiguration, IntegrityFailure
from openjuki.nodes.generating import make
from openjuki.nodes.node import opened_office
from openjuki.store.proofs import root_of
from openjuki.store.snapshot import Generation, places
from openjuki.store.snapshot.following import size_of

#: What is said where no generation is.
NONE = "世代はまだ作成されていません。 No generation has been made."
Node = Annotated[str, typer.Option(help="The Centre or a prefecture, by its id.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]


def attach(app: typer.Typer) -> None:
    """Add the commands of the group to ``juki``."""
    group = typer.Typer(
        help="スナップショット / a provider's register in columns, for provision in bulk.",
        no_args_is_help=True,
    )
    group.command()(build)
    group.command("list")(list_)
    group.command()(check)
    app.add_typer(group, name="snapshot")


def build(
    node: Node,
    from_tables: Annotated[
        bool,
        typer.Option(
            "--from-tables", help="Out of the tables, as after a restore; those before are deleted."
        ),
    ] = False,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Make the next generation: what the journal has told since the last one merged into it, or the first one.

    スナップショットの次の世代を作成します。稼働中でも作成でき、一つ前の世代は残します。

    Example: `juki snapshot build --node centre`
    """
    settings = config.load(config_file)
    _of_a_provider(settings.node(node))
    made = asyncio.run(_build(settings, node, from_tables=from_tables))
    if as_json:
        output.emit("snapshot-build", {"node": node, **_told(made)})
    else:
        output.say(
            f"{node}: 第{made.number}世代、{made.rows:,} 人、記録簿 {made.size:,} 件まで。 generation {made.number}, "
            f"{made.rows:,} persons, the journal up to {made.size:,}",
        )


def list_(node: Node, config_file: Config = None, as_json: AsJson = False) -> None:
    """List the generations that there are, and how far the journal is beyond the newest.

    スナップショットの世代と、その後の記録簿の件数を一覧します。

    Example: `juki snapshot list --node centre`
    """
    settings = config.load(config_file)
    folder = _of_a_provider(settings.node(node)).snapshot_folder
    found = [Generation.open(path) for path in places.generations(folder)]
    size = asyncio.run(_size(settings, node))
    if as_json:
        output.emit("snapshot-list", {"node": node, "size": size, "generations": list(map(_told, found))})
    else:
        _show(node, found, size)


def check(node: Node, config_file: Config = None, as_json: AsJson = False) -> None:
    """Check every generation: each file against its digest, and the root against the journal.

    スナップショットの各世代のファイルと、記録簿の根を検証します。損傷があれば終了コード5です。

    Example: `juki snapshot check --node centre`
    """
    settings = config.load(config_file)
    _of_a_provider(settings.node(node))
    checked = asyncio.run(_check(settings, node))
    if as_json:
        output.emit("snapshot-check", {"node": node, "generations": checked})
    else:
        for one in checked:
            said = (
                "損傷はありません。 sound"
                if not one["damages"]
                else f"損傷 damaged: {', '.join(one['damages'])}"
            )
            output.say(f"第{one['number']}世代 generation {one['number']}: {said}")
        if not checked:
            output.say(NONE)
    raise typer.Exit(IntegrityFailure.exit_code if any(one["damages"] for one in checked) else 0)


def _of_a_provider(settings: NodeSettings) -> NodeSettings:
    if settings.kind not in {Kind.CENTRE, Kind.PREFECTURE}:
        raise BadConfiguration(
            f"{settings.id} provides nothing: only the Centre and prefectures have a snapshot"
        )
    return settings


async def _build(settings: Settings, node: str, *, from_tables: bool) -> Generation:
    async with opened_office(settings, node) as office:
        own = office.settings
        return await make(own.database_url, own.snapshot_folder, office.clock(), from_tables=from_tables)


async def _size(settings: Settings, node: str) -> int:
    async with opened_office(settings, node) as office:
        return await office.read(size_of)


async def _check(settings: Settings, node: str) -> list[dict[str, Any]]:
    async with opened_office(settings, node) as office:
        found = [Generation.open(path) for path in places.generations(office.settings.snapshot_folder)]
        size = await office.read(size_of)
        return [{"number": one.number, "damages": await _damages(office, one, size)} for one in found]


async def _damages(office: Any, generation: Generation, size: int) -> list[str]:
    damages = list(generation.manifest.damaged(generation.path))
    known = generation.size <= size
    if not known or await office.read(lambda book: root_of(book, generation.size)) != generation.root:
        damages.append("root")
    return damages


def _told(generation: Generation) -> dict[str, Any]:
    return {
        "number": generation.number,
        "size": generation.size,
        "root": generation.root.hex(),
        "at": generation.at.astimezone(JST).isoformat(),
        "persons": generation.rows,
        "bytes": sum(path.stat().st_size for path in generation.path.iterdir()),
    }


def _show(node: str, found: list[Generation], size: int) -> None:
    table = Table(title=node, title_justify="left")
    for title in ("世代 Generation", "時点 At", "記録簿 Journal", "その後 Since", "人 Persons", "MB"):
        table.add_column(title, justify="left" if title.startswith("時点") else "right")
    for one in found:
        told = _told(one)
        figures = (f"{one.size:,}", f"{size - one.size:,}", f"{one.rows:,}", f"{told['bytes'] / 1e6:,.1f}")
        table.add_row(str(one.number), one.at.astimezone(JST).isoformat(" ", "seconds"), *figures)
    output.show(table, none=NONE)
