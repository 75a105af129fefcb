# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How an answer about persons is read at a screen (回答の表示): Japanese first, every item by its name."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.table import Table

from openjuki.cli import output
from openjuki.nodes.answering import Answer
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up import Result
from openjuki.residents.persons import PersonState
from openjuki.residents.record import Sex
from openjuki.residents.transitions import State

#: What people read: for a result, and for an item.
RESULTS = {
    Result.MATCHED: "一致 — one person",
    Result.MISMATCH: "不一致あり — one person; an item differs",
    Result.SEVERAL: "複数該当 — several persons",
    Result.TOO_MANY: "該当多数 — too many to show; narrow the question",
    Result.NONE: "該当なし — nobody",
    Result.MOVED_OUT: "消除済（転出） — moved out; no entry elsewhere is known there",
    Result.DIED: "消除済（死亡） — died",
    Result.LEFT_THE_COUNTRY: "消除済（国外転出） — left the country",
    Result.REMOVED: "消除済（職権消除等） — removed ex officio",
    Result.SUPERSEDED: "変更済み — the code or number was replaced; ask for the new one",
    Result.NOT_PERMITTED: "権限なし — not permitted",
    Result.MALFORMED: "形式誤り — malformed",
}
ITEMS = {
    "candidate": "候補番号",
    "resident_number": "宛名番号",
    "resident_code": "住民票コード",
    "individual_number": "個人番号",
    "name": "氏名",
    "furigana": "振り仮名",
    "former_surname": "旧氏",
    "former_surname_furigana": "旧氏の振り仮名",
    "alias": "通称",
    "birth_date": "生年月日",
    "sex": "性別",
    "municipality": "市町村コード",
    "address": "住所",
    "state": "住民状態",
    "reason": "異動事由",
    "date_of_change": "異動年月日",
    "history": "履歴",
}
REASONS = {reason.value: reason.japanese for reasons in (Reason, MunicipalReason) for reason in reasons}
#: Values of sex and state.
WORDS = {
    Sex.MALE: "男",
    Sex.FEMALE: "女",
    Sex.UNKNOWN: "不詳",
    State.RESIDENT: "住民",
    State.MOVE_OUT_PLANNED: "転出予定",
    State.MOVED_OUT: "転出",
    State.MOVED_ABROAD: "国外転出",
    State.DIED: "死亡",
    State.NATURALISED: "帰化による消除",
    State.NATIONALITY_LOST: "国籍喪失による消除",
    State.DELETED: "職権消除",
    PersonState.MOVED_OUT_NOT_ENTERED: "転出（転入届出前）",
    PersonState.ABROAD: "国外転出",
}


def show(answer: Answer) -> None:
    """Show an answer: a refusal on standard error, everything else on standard output."""
    refusal = answer.refusal
    if refusal is not None:
        output.screen.print(f"[bold red]{refusal.code}[/] {refusal.message_ja}", soft_wrap=True)
        output.note(f"  {refusal.message_en}")
        output.note(f"  {refusal.rule} ({refusal.article})")
        return
    output.say(f"{RESULTS[answer.result]} ({answer.count:,})  {'・'.join(answer.articles)}")
    for item, same in (answer.items or {}).items():
        output.say(f"  {ITEMS[item]}: {'一致 same' if same else '不一致 different'}")
    for person in (*answer.hits, *(answer.candidates or ())):
        output.show(_table(person))


def _table(person: Mapping[str, Any]) -> Table:
    table = Table(show_header=False)
    for item, value in person.items():
        if item == "history":
            for row in value:
                table.add_row(ITEMS[item], _table(row))
        elif value is not None:
            table.add_row(ITEMS.get(item, item), _words(item, value))
    return table


def _words(item: str, value: Any) -> str:
    """An item as people read it."""
    if item == "birth_date":
        return RecordedDate.from_json(value).wareki
    if item == "date_of_change":
        return RecordedDate.parse(value).wareki
    if item == "reason" and value in REASONS:
        return f"{value} {REASONS[value]}"
    return WORDS.get(value, str(value))
