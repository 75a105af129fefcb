# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""``juki disclose``: people are told what is held about them and who was told, at the counter of a prefecture or the Centre."""

from __future__ import annotations

import asyncio
from datetime import date
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.table import Table

from openjuki import config
from openjuki.cli import acting, disclose_after, disclose_check, output, protect, questions
from openjuki.cli.disclosing import Config, Node, Out, as_operator, at_counter, iso_day, request_items
from openjuki.documents import folder
from openjuki.documents.disclosure import WANTS
from openjuki.errors import BadConfiguration
from openjuki.nodes import disclosure
from openjuki.nodes.disclosure import Application, deciding, notices
from openjuki.nodes.disclosure.receiving import SELF, known
from openjuki.nodes.log import log_to_stderr
from openjuki.nodes.node import Office, opened, opened_office
from openjuki.residents.look_up import LookUp, Matching
from openjuki.store import disclosures
from openjuki.store.disclosures import Request


class Applicant(StrEnum):
    """Who applies (請求者)."""

    SELF = "self"
    REPRESENTATIVE = "representative"
    DELEGATE = "delegate"


class Want(StrEnum):
    """What is asked for (請求の対象)."""

    OWN = "own"
    PROVISIONS = "provisions"


IdentifiedBy = Annotated[
    str, typer.Option(help="By which papers the applicant was identified.", show_default=False)
]
Wants = Annotated[list[Want] | None, typer.Option(help="What is asked for; everything unless it is said.")]
Applies = Annotated[Applicant, typer.Option(help="Who applies.")]
Consents = Annotated[
    bool, typer.Option("--consents", help="The applicant consents to another form than paper.")
]
ReceivedOn = Annotated[
    str | None, typer.Option(help="When it came, ISO; today unless given.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object on standard output.")]
Id = Annotated[str, typer.Argument(help="The request, by its id.")]


def attach(app: typer.Typer) -> None:
    """Add the commands."""
    disclose = typer.Typer(
        no_args_is_help=True, help="自己の情報の開示 / people are told what is held about them."
    )
    disclose.command()(receive)
    disclose.command("list")(list_)
    disclose.command()(answer)
    disclose.command()(again)
    disclose_after.add(disclose)
    disclose_check.add(disclose)
    protect.add(disclose)
    app.add_typer(disclose, name="disclose")


def receive(
    node: Node,
    identified_by: IdentifiedBy,
    resident_code: questions.Code = None,
    individual_number: questions.Number = None,
    name: questions.Name = None,
    furigana: questions.Furigana = None,
    birth_date: questions.BirthDate = None,
    address: questions.Address = None,
    municipality: questions.Municipality = None,
    sex: questions.NarrowingSex = None,
    matching: questions.Matched = Matching.VARIANT,
    form: questions.Form = None,
    want: Wants = None,
    applicant: Applies = Applicant.SELF,
    consents: Consents = False,
    received_on: ReceivedOn = None,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    reason: acting.Purpose = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Take somebody's request to be told what is held about them, and who was told.

    自己の本人確認情報と提供の記録の開示請求を受理します。期限は、受理した日から起算して30日以内です。部署には事務 `disclosure` の担当が必要です。

    The office holds the work `disclosure` (see juki office affair grant).

    Example: `juki disclose receive --node 130001 --resident-code 71334917066 --identified-by "個人番号カード" --operator shichoson-1 --terminal shichoson-t1 --reason "開示 2026-0012"`
    """
    given = {
        "resident_code": resident_code,
        "individual_number": individual_number,
        "name": name,
        "furigana": furigana,
        "birth_date": birth_date,
        "municipality": municipality,
        "address": address,
        "sex": sex,
        "matching": matching,
    }
    made = Application(
        question=LookUp.from_dict({**given, **questions.form(form)}),
        reason=reason or "",
        identified_by=identified_by,
        wants=tuple(one.value for one in want or Want),
        applicant=applicant.value,
        consents=consents,
        received_on=None if received_on is None else iso_day(received_on, "received-on"),
    )

    async def work(office: Office, book: Any, by: Any) -> Request:
        taken = await disclosure.receive(office, book, by, made)
        return await known(book, by, taken)

    request = at_counter(config_file, node, operator, terminal, work)
    if as_json:
        output.emit("disclosure-request", request_items(request))
    else:
        output.say(request.id)
        output.note(f"受理しました。期限 Received; due {request.last_day.isoformat()}")


def list_(node: Node, config_file: Config = None, as_json: AsJson = False) -> None:
    """List requests, the most urgent first; exits with 1 where one is over its day.

    開示請求を、期限の近い順に表示します。

    Example: `juki disclose list --node 130001`
    """

    async def found() -> tuple[list[Request], date]:
        async with opened_office(config.load(config_file), node) as office:
            check_node(office)
            return await office.glance(disclosures.requests), office.clock().date()

    requests, today = asyncio.run(found())
    if as_json:
        output.emit(
            "disclosure-requests",
            {"node": node, "requests": [request_items(one) for one in requests]},
        )
    else:
        output.show(_table(node, requests), ids=0, none="開示請求はありません。 There is no request.")
    late = any(one.decided_at is None and today > one.last_day for one in requests)
    raise typer.Exit(1 if late else 0)


def answer(
    request: Id,
    node: Node,
    out: Out,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Answer a request: everything that is held, as a page, as JSON, and with a proof beside each line.

    開示請求に答えます。本人以外からの請求は、住所地の市区町村に可否を確かめてから答えます。

    Example: `juki disclose answer --node 130001 7d0f9a1c2b3e4f5061728394a5b6c7d8 --out kaiji-0012 --operator shichoson-1 --terminal shichoson-t1`
    """
    settings, who = config.load(config_file), acting.actor(operator, terminal)
    folder.prepare(out)

    async def work() -> tuple[Request, Any]:
        log_to_stderr()
        async with opened_office(settings, node) as office:
            check_node(office)
            by = await as_operator(office, who)
            found = await office.read(lambda book: known(book, by, request))
            if found.applicant == SELF:
                return await _decided(office, by, request)
        async with opened(settings, node) as line:
            return await _decided(line, by, request)

    decided, notice = asyncio.run(work())
    hand_out(decided, out, notice, as_json=as_json)


def again(
    request: Id,
    node: Node,
    out: Out,
    operator: acting.Operator = None,
    terminal: acting.Terminal = None,
    config_file: Config = None,
    as_json: AsJson = False,
) -> None:
    """Write once more what a request was answered with, as long as it is kept.

    開示した書面を、保存している間、もう一度書き出します。

    Example: `juki disclose again --node 130001 7d0f9a1c2b3e4f5061728394a5b6c7d8 --out kaiji-0012-2 --operator shichoson-1 --terminal shichoson-t1`
    """

    async def work(office: Office, book: Any, by: Any) -> tuple[Request, Any]:
        found = await disclosure.reread(office, book, by, request)
        return found, _notice(office, found)

    decided, notice = at_counter(config_file, node, operator, terminal, work)
    hand_out(decided, out, notice, as_json=as_json)


async def _decided(office: Office, by: Any, request: str) -> tuple[Request, Any]:
    decided = await disclosure.decide(office, by, request)
    return decided, _notice(office, decided)


def _notice(office: Office, request: Request) -> Any:
    return None if request.refusal is None else notices.refused(office, request, office.clock())


def hand_out(request: Request, out: Path, notice: Any, *, as_json: bool) -> None:
    """Write what an applicant gets, and leave with 1 where they are refused."""
    if notice is not None:
        folder.write_notice(out, notice)
    else:
        folder.write(out, deciding.document(request), request.document or b"")
    if as_json:
        output.emit("disclosure-request", {**request_items(request), "folder": str(out)})
    elif notice is not None:
        output.say(f"開示しません。 Refused: {notice.said.ja} → {out}")
    else:
        output.say(f"開示しました。 Disclosed → {out}")
    raise typer.Exit(0 if notice is None else 1)


def check_node(office: Office) -> None:
    """Return only at a node that discloses.

    Raises:
        BadConfiguration: it does not.
    """
    if office.settings.kind not in {config.Kind.PREFECTURE, config.Kind.CENTRE}:
        raise BadConfiguration(f"{office.id} discloses nothing; the Centre and the prefectures do")


def _table(node: str, requests: list[Request]) -> Table:
    table = Table(
        "番号 Id",
        "受付番号 Case",
        "受理 Received",
        "期限 Due",
        "対象 For",
        "状況 State",
        title=node,
        title_justify="left",
    )
    for one in requests:
        table.add_row(
            one.id,
            one.reason,
            one.received_on.isoformat(),
            one.last_day.isoformat(),
            "・".join(WANTS[want].ja for want in one.wants),
            "受付中 open"
            if one.decided_at is None
            else "不開示 refused"
            if one.refusal
            else "開示 disclosed",
        )
    return table
