# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a change must fulfil beside its place in the table (異動の抑止, 標準仕様書 11.1).

Rules of this file: a guard looks at the history so far and at the row that would be added, and answers
with a refusal or with None. Guards are asked in the order of `GUARDS`; the first refusal stands.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Final

from openjuki.config import JST
from openjuki.refusal import Refusal
from openjuki.residents.changes import CODE_REASONS, NUMBER_REASONS, MunicipalReason, Reason
from openjuki.residents.transitions import BEGINNINGS, UNTIL_DEPARTURE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from openjuki.residents.history import History, HistoryRow

#: The day may lie ahead (令30条の5第2号).
_PLANNED: Final = frozenset((Reason.MOVED_OUT, Reason.MOVED_ABROAD, MunicipalReason.MOVE_OUT_REDIRECTED))

AFTER_DEPARTURE: Final = Refusal(
    code="JK-CHANGE-0009",
    rule="after-departure",
    article="令8条・9条",
    message_ja="転出（予定）年月日より後の日付の異動です。その日には住民ではありません。",
    message_en="The change is dated after the departure; the person was no resident then.",
)
OVERLAPPING_STAYS: Final = Refusal(
    code="JK-CHANGE-0010",
    rule="overlapping-stays",
    article="令7条1項・8条",
    message_ja="前の住民票の消除の日より前の日付で記載することはできません。転出しなかった場合は「異動の取消し」で処理してください。",
    message_en="The entry is dated before the deletion it follows; a person who never left is entered by cancellation.",
)
FUTURE_DATE: Final = Refusal(
    code="JK-CHANGE-0011",
    rule="future-date",
    article="令30条の5第2号",
    message_ja="異動年月日が先の日付です。先の日付にできるのは転出だけです。",
    message_en="The date of change lies ahead; only moving out may.",
)
RECORDED_OUT_OF_ORDER: Final = Refusal(
    code="JK-CHANGE-0012",
    rule="recorded-out-of-order",
    article=None,
    message_ja="処理日時が直前の異動より前です。",
    message_en="The change is recorded before the one it follows.",
)
CODE_AND_REASON_DISAGREE: Final = Refusal(
    code="JK-CHANGE-0013",
    rule="code-and-reason-disagree",
    article="法30条の3・30条の4",
    message_ja="住民票コードは、住民票コードの変更請求又は職権記載等によってのみ、必ず変わります。",
    message_en="The resident code changes under a reason for changing codes, and only then.",
)
NUMBER_AND_REASON_DISAGREE: Final = Refusal(
    code="JK-CHANGE-0014",
    rule="number-and-reason-disagree",
    article="番号法7条",
    message_ja="個人番号は、個人番号の変更請求、職権修正又は職権記載等によってのみ、必ず変わります。",
    message_en="The individual number changes under a reason for changing numbers, and only then.",
)
STAY_NOT_LATER: Final = Refusal(
    code="JK-CHANGE-0015",
    rule="stay-not-later",
    article=None,
    message_ja="居住回次が、これまでの居住又は従前の住所地の回次より後になっていません。",
    message_en="The stay is not later than the person's stays here or than its predecessor.",
)
ANOTHER_RESIDENT: Final = Refusal(
    code="JK-CHANGE-0016",
    rule="another-resident",
    article=None,
    message_ja="宛名番号が異なります。別の人の住民票です。",
    message_en="The resident number is another's.",
)
BEFORE_ENTRY: Final = Refusal(
    code="JK-CHANGE-0017",
    rule="before-entry",
    article="令8条",
    message_ja="記載の日より前の日付で消除することはできません。記載が誤りであった場合は「異動の取消し（減）」で処理してください。",
    message_en="The deletion is dated before the entry; an entry that erred is cancelled instead.",
)
BEFORE_BIRTH: Final = Refusal(
    code="JK-CHANGE-0018",
    rule="before-birth",
    article="法7条2号",
    message_ja="出生の年月日より前の日付で記載することはできません。どちらの日付が正しいか確認してください。",
    message_en="The entry is dated before the birth; one of the two days is wrong.",
)


def _same_resident(history: History, row: HistoryRow) -> Refusal | None:
    if history.rows and row.record.resident_number != history.rows[-1].record.resident_number:
        return ANOTHER_RESIDENT
    return None


def _recorded_in_order(history: History, row: HistoryRow) -> Refusal | None:
    if history.rows and row.recorded_at < history.rows[-1].recorded_at:
        return RECORDED_OUT_OF_ORDER
    return None


def _not_ahead(_: History, row: HistoryRow) -> Refusal | None:
    if row.change.reason in _PLANNED or row.change.date_of_change <= row.recorded_at.astimezone(JST).date():
        return None
    return FUTURE_DATE


def _until_departure(history: History, row: HistoryRow) -> Refusal | None:
    if row.change.reason not in UNTIL_DEPARTURE.get(history.state, ()):
        return None
    departure = history.deleted_on
    return AFTER_DEPARTURE if departure and departure < row.change.date_of_change else None


def _stays_apart(history: History, row: HistoryRow) -> Refusal | None:
    deleted_on = history.deleted_on
    if row.change.reason in BEGINNINGS and deleted_on and row.change.date_of_change < deleted_on:
        return OVERLAPPING_STAYS
    return None


def _not_before_entry(history: History, row: HistoryRow) -> Refusal | None:
    """Nobody leaves a register before entering it, whoever says so: the person, the mayor or a destination."""
    if row.change.reason in BEGINNINGS:
        return None
    deleted_on, begun_on = replace(history, rows=(*history.rows, row)).deleted_on, history.begun_on
    if deleted_on == history.deleted_on or deleted_on is None or begun_on is None or begun_on <= deleted_on:
        return None
    return BEFORE_ENTRY


def _not_before_birth(history: History, row: HistoryRow) -> Refusal | None:
    """Asked where somebody enters, and where the day of birth is corrected."""
    if row.change.reason in BEGINNINGS:
        begun_on: date | None = row.change.date_of_change
    elif row.record.birth_date != history.rows[-1].record.birth_date:
        begun_on = history.begun_on
    else:
        return None
    return BEFORE_BIRTH if begun_on and begun_on < row.record.birth_date.sort else None


def _stay_is_later(history: History, row: HistoryRow) -> Refusal | None:
    if row.change.reason not in BEGINNINGS:
        return None
    earlier = history.rows[-1].stay if history.rows else 0
    if row.change.predecessor:
        earlier = max(earlier, row.change.predecessor.stay)
    return None if row.stay > earlier else STAY_NOT_LATER


def _numbers_and_reason_agree(history: History, row: HistoryRow) -> Refusal | None:
    """Within a stay; an entry brings the code and number that the person has by then (法30条の3)."""
    if row.change.reason in BEGINNINGS:
        return None
    before, after, reason = history.rows[-1].record, row.record, row.change.reason
    if (before.resident_code != after.resident_code) != (reason in CODE_REASONS):
        return CODE_AND_REASON_DISAGREE
    if (before.individual_number != after.individual_number) != (reason in NUMBER_REASONS):
        return NUMBER_AND_REASON_DISAGREE
    return None


GUARDS: Final[tuple[Callable[[History, HistoryRow], Refusal | None], ...]] = (
    _same_resident,
    _recorded_in_order,
    _not_ahead,
    _until_departure,
    _stays_apart,
    _not_before_entry,
    _not_before_birth,
    _stay_is_later,
    _numbers_and_reason_agree,
)


def refuse(history: History, row: HistoryRow) -> Refusal | None:
    """The first guard's refusal, if any."""
    return next((refusal for guard in GUARDS if (refusal := guard(history, row))), None)
