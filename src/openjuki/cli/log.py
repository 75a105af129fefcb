# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki log``: the journal of a node as files, verified with nothing but files and a public key."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table

from openjuki import config
from openjuki.carriage import logbook
from openjuki.carriage.logbook import Exported
from openjuki.carriage.logfolder import Folder, kept_checkpoint, read_keys, trust_in
from openjuki.carriage.proving import prove as prove_leaf
from openjuki.cli import log_audit, log_erase, log_status, output, places
from openjuki.config import Settings
from openjuki.errors import BadEnvelope, BadLog, IntegrityFailure
from openjuki.nodes.node import opened_office
from openjuki.nodes.scrub import verify_office
from openjuki.refusal import Where
from openjuki.store.verification.damage import Verified
from openjuki.store.verification.trust import Trust
from openjuki.store.verification.verifying import verify as verify_book
from openjuki.wire.note import SignatureType, Verifier
from openjuki.wire.person_proof import ProvenPerson
from openjuki.wire.proof import Proof, Proven
from openjuki.wire.proofs import read_proof
from openjuki.wire.provision_proof import ProvenProvision

Node = Annotated[str, typer.Option(help="The node, by its id.", show_default=False)]
Config = Annotated[Path | None, typer.Option("--config", help="Settings (TOML).")]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
WithPayload = Annotated[
    bool, typer.Option("--with-payload", help="With payload and salt: they may hold personal data.")
]
_KEY = "Public key of the log or of a witness: name+id+key, or a file of such lines. May be repeated."


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    log = typer.Typer(no_args_is_help=True, help="記録簿 / the journal of a node, and whether it is sound.")
    log.command()(export)
    log.command()(verify)
    log.command()(prove)
    log.command("verify-proof")(verify_proof)
    log_status.attach(log)
    log_audit.attach(log)
    log_erase.attach(log)
    app.add_typer(log, name="log")


def export(
    folder: Annotated[
        Path,
        typer.Argument(help="Empty, or an earlier export of the same journal.", callback=places.own_folder),
    ],
    node: Node,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write a node's journal as files in the layout of C2SP tlog-tiles: leaves, tiles, checkpoint; no payloads.

    記録簿をファイルに書き出します(葉・板・署名済みの到達点のみ。住民の情報は含みません)。

    Example: `juki log export --node 131016 /srv/logs/131016`
    """
    exported = asyncio.run(_export(config.load(config_file), node, folder))
    if as_json:
        items = {"node": node, "origin": exported.origin, "size": exported.size, "root": exported.root.hex()}
        output.emit("log-export", {**items, "cosignatures": exported.cosignatures, "folder": str(folder)})
    else:
        output.say(
            f"{exported.origin}: {exported.size:,} 件を書き出しました。 leaves exported, "
            f"{exported.cosignatures} cosignatures: {folder}",
        )


def verify(
    folder: Annotated[Path | None, typer.Argument(help="An exported journal.", show_default=False)] = None,
    node: Annotated[
        str | None, typer.Option(help="A node of this installation, in its database.", show_default=False)
    ] = None,
    key: Annotated[list[str] | None, typer.Option(help=_KEY, show_default=False)] = None,
    kept: Annotated[
        Path | None,
        typer.Option(
            help="A checkpoint from before: nothing it covers may have changed.", exists=True, dir_okay=False
        ),
    ] = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Verify a journal, exported or in its database, and name every damage: leaf, tile or checkpoint.

    記録簿を検証し、損傷があればその場所をすべて示します。書き出したものはファイルと公開鍵だけで検証できます。

    Example: `juki log verify /srv/logs/131016 --key log.vkey`
    """
    if (folder is None) is (node is None):
        raise typer.BadParameter("name a folder, or a node with --node")
    note = kept.read_bytes() if kept else None
    if folder is not None:
        verified = asyncio.run(_verify_folder(folder, keys_given(key), note, quiet=as_json))
    else:
        verified = asyncio.run(_verify_node(config.load(config_file), node or "", note))
    if as_json:
        output.emit("log-verify", verified.to_dict())
    else:
        _show(verified)
    raise typer.Exit(IntegrityFailure.exit_code if verified.damages else 0)


def prove(
    index: Annotated[int, typer.Argument(min=0, max=output.MOST, help="Index of the leaf.")],
    node: Node,
    with_payload: WithPayload = False,
    config_file: Config = None,
) -> None:
    """Print a proof that a leaf is in a node's journal, for `juki log verify-proof`.

    葉が記録簿にあることの証明を出力します。

    Example: `juki log prove 17 --node 131016 > proof.json`
    """
    proof = asyncio.run(_prove(config.load(config_file), node, index, with_payload=with_payload))
    output.result.file.write(proof.to_json().decode())


def verify_proof(
    file: Annotated[
        Path,
        typer.Argument(
            help="A proof, as `juki log prove` prints it or a disclosure has it.", exists=True, dir_okay=False
        ),
    ],
    key: Annotated[list[str], typer.Option(help=_KEY, show_default=False)],
    as_json: AsJson = False,
) -> None:
    """Verify a proof with nothing but public keys: that a row is in a journal, that a provision was recorded, or that a part counts a person.

    証明を公開鍵だけで検証します。記録簿の行の証明も、提供の記録の証明も、一括提供の本人のための証明も検証できます。

    Example: `juki log verify-proof proof.json --key log.vkey`
    """
    try:
        shown = read_proof(file.read_bytes()).verify(keys_given(key))
    except BadEnvelope as error:
        raise BadLog(f"not a proof: {error}", where=Where(file=file.name)) from error
    person = shown if isinstance(shown, ProvenPerson) else None
    provision = shown if isinstance(shown, ProvenProvision) else None
    proven = shown if isinstance(shown, Proven) else shown.proven
    if as_json:
        told = {"person": person and _person(person), "provision": provision and _provision(provision)}
        output.emit("log-proof", _proven(proven) | told)
        return
    output.say(
        f"{proven.checkpoint.origin}: 葉 {proven.leaf.index} は {proven.checkpoint.size:,} 件の記録簿にあります。"
        f" Leaf {proven.leaf.index} ({proven.leaf.kind}, {proven.leaf.time.isoformat()}) is in the journal.",
    )
    if provision:
        said = _provision(provision)
        output.say(
            f"{said['asker']} の電文 {said['envelope']} の照会 {said['place']} への回答として記録されています（結果"
            f" {said['result'] or '非表示'}）。 Recorded as the answer to question {said['place']} of envelope"
            f" {said['envelope']} of {said['asker']}; result: {said['result'] or 'not shown'}.",
        )
    if person:
        said = _person(person)
        output.say(
            f"住民票コード {said['resident_code']}: {said['asker']} への一括提供（{said['article']}、結果 {said['result']}）に"
            f"数えられています。 Counted in bulk provision {said['request']}, part {said['number']}, to {said['asker']}"
            f" for {said['affair']}; items: {', '.join(person.part.items_of(person.row)) or '-'}.",
        )


async def _export(settings: Settings, node: str, folder: Path) -> Exported:
    async with opened_office(settings, node) as office:
        trust = Trust.of(office.directory, node)
        with _bar("書き出し Exporting") as told:
            return await office.read(lambda connection: logbook.export(connection, trust, folder, told))


async def _verify_folder(folder: Path, keys: list[Verifier], kept: bytes | None, *, quiet: bool) -> Verified:
    trust = trust_in(folder, keys)
    if not quiet and not any(one.kind is SignatureType.ED25519 for one in keys):
        output.note(
            "フォルダーにある公開鍵を使います。別に入手した鍵と照合してください。"
            " Using the key that lies in the folder: compare it with one from elsewhere."
        )
    book = Folder(folder, trust)
    remembered = [kept_checkpoint(kept, trust)] if kept else []
    with _bar("検証 Verifying") as told:
        return await verify_book(book, node=book.origin, remembered=remembered, progress=told)


async def _verify_node(settings: Settings, node: str, kept: bytes | None) -> Verified:
    async with opened_office(settings, node) as office:
        trust = Trust.of(office.directory, node)
        remembered = [kept_checkpoint(kept, trust)] if kept else []
        with _bar("検証 Verifying") as told:
            return await verify_office(office, told, *remembered)


async def _prove(settings: Settings, node: str, index: int, *, with_payload: bool) -> Proof:
    async with opened_office(settings, node) as office:
        trust = Trust.of(office.directory, node)
        return await office.read(
            lambda connection: prove_leaf(connection, trust, index, with_payload=with_payload)
        )


def keys_given(given: list[str] | None) -> list[Verifier]:
    """Keys as arguments: in words, or in a file."""
    keys: list[Verifier] = []
    for one in given or []:
        path = Path(one)
        keys += (
            read_keys(path.read_text(encoding="utf-8"), where=path.name)
            if path.is_file()
            else [Verifier.from_text(one)]
        )
    return keys


@contextmanager
def _bar(title: str) -> Iterator[Callable[[int, int], None]]:
    """A bar over the leaves of a journal, on a terminal."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=output.screen, disable=not output.screen.is_terminal) as progress:
        task = progress.add_task(title, total=None)
        yield lambda done, total: progress.update(task, completed=done, total=total)


def _show(verified: Verified) -> None:
    if verified.damages:
        table = Table(title=verified.node, title_justify="left")
        for title in ("場所 Where", "種別 What", "損傷 Damage"):
            table.add_column(title)
        for damage in verified.damages:
            table.add_row(damage.place, damage.what.value, "\n".join(damage.sentences))
        output.show(table)
        more = f" 他 and {verified.more:,} more" if verified.more else ""
        output.say(f"損傷 {len(verified.damages):,} 件 damages{more}")
        return
    root = verified.root.hex() if verified.root else ""
    output.say(
        f"{verified.node}: {verified.size:,} 件、損傷はありません。 leaves, sound. 根 root {root}",
    )


def _proven(proven: Proven) -> dict[str, object]:
    leaf, checkpoint = proven.leaf, proven.checkpoint
    return {
        "origin": checkpoint.origin,
        "index": leaf.index,
        "kind": leaf.kind,
        "time": leaf.time.isoformat(),
        "commitment": leaf.commitment.hex(),
        "size": checkpoint.size,
        "root": checkpoint.root.hex(),
        "cosigned": {name: time.isoformat() for name, time in proven.cosigned.items()},
    }


def _provision(shown: ProvenProvision) -> dict[str, object]:
    asker, envelope, through = shown.envelope.carried
    return {
        "asker": asker,
        "envelope": envelope,
        "through": through,
        "place": shown.place,
        "questions": shown.envelope.questions,
        "result": None if shown.row is None else shown.row.inner("told").take("result", str),
    }


def _person(shown: ProvenPerson) -> dict[str, object]:
    row, part = shown.row, shown.part
    return {
        "resident_code": str(row.code),
        "result": row.result.value,
        "article": part.bases[row.basis].article,
        "change": part.bases[row.basis].change,
        "items": part.items_of(row),
        "request": part.request,
        "number": part.number,
        "asker": part.asker,
        "through": part.through,
        "affair": part.affair,
        "office": part.office,
        "operator": part.operator,
        "method": part.method.value,
    }
