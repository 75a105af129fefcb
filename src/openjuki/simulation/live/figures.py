# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How an office can be, and the figures at the head of the page (状態と主な数値). Pure."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from openjuki.simulation.live.words import Said, ago, milliseconds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import timedelta

    from openjuki.simulation.live.watching import Sight


class State(StrEnum):
    """How somebody is (状態)."""

    OK = "ok"
    BEHIND = "behind"
    APART = "apart"
    BROKEN = "broken"
    SILENT = "silent"


STATES: Final = {
    State.OK: Said("正常", "in order"),
    State.BEHIND: Said("遅れ", "behind"),
    State.APART: Said("切離し中", "cut off"),
    State.BROKEN: Said("損傷", "damaged"),
    State.SILENT: Said("応答なし", "no answer"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A figure at the head of the page (主な数値)."""

    label: Said
    value: str
    note: Said
    state: State = State.OK


def figures(sight: Sight) -> Iterable[Figure]:
    """The figures, in their order."""
    books = sight.books.values()
    waiting = sum(lag.count for lag in sight.lags.values())
    beyond = [book.signed.beyond for book in books if book.signed and book.signed.beyond]
    ages = [(sight.at - at).total_seconds() for at in beyond]
    signed = any(book.signed for book in books)
    held, alarms = sum(book.held_count for book in books), sum(len(book.alarms) for book in books)
    yield Figure(
        label=Said("町から機構まで", "Town to Centre"),
        value=_quantile(sight.travelled, 0.5),
        note=_tail(sight.travelled),
    )
    yield Figure(
        label=Said("届くのを待つ通知", "Notices waiting"),
        value=f"{waiting:,}",
        note=Said("全経路の合計", "on all links"),
        state=State.APART if sight.apart and waiting else State.OK,
    )
    yield Figure(
        label=Said("順番付けの遅れ", "Sequencing delay"),
        value=_quantile(sight.sequenced, 0.5),
        note=_tail(sight.sequenced),
    )
    yield Figure(
        label=Said("未署名で最も古い行", "Oldest unsigned entry"),
        value=(ago(max(ages)).en if ages else "0 s") if signed else "–",
        note=Said("署名は毎秒", "signed every second"),
    )
    yield Figure(
        label=Said("記録簿の行", "Journal entries"),
        value=f"{sum(book.size for book in books):,}",
        note=Said("全機関の合計", "of all offices"),
    )
    yield Figure(
        label=Said("保留と警報", "Held, alarms"),
        value=f"{held:,} / {alarms:,}",
        note=Said("開いているもの", "open"),
        state=State.BROKEN if alarms else State.OK,
    )
    provisions = sight.provisions
    yield Figure(
        label=Said("提供（毎秒）", "Provisions per second"),
        value=f"{provisions.per_second:,.1f}",
        note=Said(f"この1分で{provisions.lately:,}件", f"{provisions.lately:,} in the last minute"),
    )
    yield Figure(
        label=Said("提供の記録", "Provisions recorded"),
        value=f"{provisions.all:,}",
        note=Said("機構と都道府県で", "at Centre and prefectures"),
    )


def _quantile(times: Sequence[timedelta], share: float) -> str:
    ordered = sorted(times)
    return (
        milliseconds(ordered[min(len(ordered) - 1, int(len(ordered) * share))].total_seconds())
        if ordered
        else "–"
    )


def _tail(times: Sequence[timedelta]) -> Said:
    return Said(f"中央値、99%は {_quantile(times, 0.99)}", f"median; p99 {_quantile(times, 0.99)}")
