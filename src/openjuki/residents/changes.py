# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes of a resident record (異動): the twenty statutory reasons and the municipal ones beside them.

Rules of this file:

1. The twenty statutory reasons are those of 規則11条; their codes are our own definition, since the
   real network's are not public. A site with other codes maps them at its edge.
2. A municipal reason (標準仕様書 1.2.2) never leaves the municipality under its own name: `statutory`
   names the reason it is sent as, or None where nothing is sent. The mapping is our own inference.
3. A change is a value: a reason, its dates, and the whole row as it stands afterwards. Which change may
   follow which is for `transitions` to say, whether it is sent for `history`.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from datetime import date, datetime

    from openjuki.codes.local_government import LocalGovernmentCode
    from openjuki.residents.record import ResidentRecord


class Action(StrEnum):
    """What a change does to the record (記載等の区分: 記載・消除・修正, 法8条)."""

    ENTRY = "記載"
    DELETION = "消除"
    CORRECTION = "修正"


class Reason(StrEnum):
    """Statutory reason of a change (異動事由, 規則11条)."""

    MOVED_IN = "A01"
    MOVED_IN_FROM_ABROAD = "A02"
    BORN = "A03"
    ENTERED_ON_NATURALISATION = "A04"
    ENTERED_ON_LOSS_OF_NATIONALITY = "A05"
    ENTERED_EX_OFFICIO = "A06"
    MOVED_OUT = "D01"
    MOVED_ABROAD = "D02"
    DIED = "D03"
    DELETED_ON_NATURALISATION = "D04"
    DELETED_ON_LOSS_OF_NATIONALITY = "D05"
    DELETED_EX_OFFICIO = "D06"
    MOVED_WITHIN = "M01"
    MINOR_CORRECTION = "M02"
    CORRECTED_EX_OFFICIO = "M03"
    NUMBER_CHANGED_ON_REQUEST = "N01"
    NUMBER_CORRECTED_EX_OFFICIO = "N02"
    NUMBER_ENTERED_EX_OFFICIO = "N03"
    CODE_CHANGED_ON_REQUEST = "C01"
    CODE_ENTERED_EX_OFFICIO = "C02"

    @property
    def action(self) -> Action:
        """Entry, deletion or correction; a new code or number corrects."""
        return _STATUTORY[self][0]

    @property
    def statutory(self) -> Reason:
        """Itself: it is sent under its own name."""
        return self

    @property
    def japanese(self) -> str:
        """The statutory name (規則11条)."""
        return _STATUTORY[self][1]

    @property
    def article(self) -> str:
        """Where the reason stands."""
        return _STATUTORY[self][2]


_ENTRY, _DELETION, _CORRECTION = Action

#: reason: (action, statutory name, place). A new code or number corrects.
_STATUTORY: dict[Reason, tuple[Action, str, str]] = {
    Reason.MOVED_IN: (_ENTRY, "国内転入", "規則11条1項1号"),
    Reason.MOVED_IN_FROM_ABROAD: (_ENTRY, "国外転入等", "規則11条1項2号"),
    Reason.BORN: (_ENTRY, "出生", "規則11条1項3号"),
    Reason.ENTERED_ON_NATURALISATION: (_ENTRY, "職権記載等（帰化等）", "規則11条1項4号"),
    Reason.ENTERED_ON_LOSS_OF_NATIONALITY: (_ENTRY, "職権記載等（国籍喪失）", "規則11条1項5号"),
    Reason.ENTERED_EX_OFFICIO: (_ENTRY, "職権記載等", "規則11条1項6号"),
    Reason.MOVED_OUT: (_DELETION, "国内転出", "規則11条2項1号"),
    Reason.MOVED_ABROAD: (_DELETION, "国外転出", "規則11条2項2号"),
    Reason.DIED: (_DELETION, "死亡", "規則11条2項3号"),
    Reason.DELETED_ON_NATURALISATION: (_DELETION, "職権消除等（帰化等）", "規則11条2項4号"),
    Reason.DELETED_ON_LOSS_OF_NATIONALITY: (_DELETION, "職権消除等（国籍喪失）", "規則11条2項5号"),
    Reason.DELETED_EX_OFFICIO: (_DELETION, "職権消除等", "規則11条2項6号"),
    Reason.MOVED_WITHIN: (_CORRECTION, "転居", "規則11条3項1号"),
    Reason.MINOR_CORRECTION: (_CORRECTION, "軽微な修正", "規則11条3項2号"),
    Reason.CORRECTED_EX_OFFICIO: (_CORRECTION, "職権修正等", "規則11条3項3号"),
    Reason.NUMBER_CHANGED_ON_REQUEST: (_CORRECTION, "個人番号の変更請求", "規則11条4項1号"),
    Reason.NUMBER_CORRECTED_EX_OFFICIO: (_CORRECTION, "個人番号の職権修正", "規則11条4項2号"),
    Reason.NUMBER_ENTERED_EX_OFFICIO: (_CORRECTION, "個人番号の職権記載等", "規則11条4項3号"),
    Reason.CODE_CHANGED_ON_REQUEST: (_CORRECTION, "住民票コードの変更請求", "規則11条5項1号"),
    Reason.CODE_ENTERED_EX_OFFICIO: (_CORRECTION, "住民票コードの職権記載等", "規則11条5項2号"),
}


#: Reasons under which the resident code changes (規則11条5項), and
CODE_REASONS: Final = frozenset((Reason.CODE_CHANGED_ON_REQUEST, Reason.CODE_ENTERED_EX_OFFICIO))
#: those under which the individual number does (規則11条4項).
NUMBER_REASONS: Final = frozenset(
    (
        Reason.NUMBER_CHANGED_ON_REQUEST,
        Reason.NUMBER_CORRECTED_EX_OFFICIO,
        Reason.NUMBER_ENTERED_EX_OFFICIO,
    )
)


class MunicipalReason(StrEnum):
    """Reason that only the municipality knows (市区町村限りの異動事由, 標準仕様書 1.2.2)."""

    REVISED_ENTRY = "改製（記載）"
    RESTORED_ENTRY = "再製（記載）"
    ENTRY_BY_CANCELLATION = "異動の取消し（増）"
    REVISED_DELETION = "改製（消除）"
    RESTORED_DELETION = "再製（消除）"
    DELETION_BY_CANCELLATION = "異動の取消し（減）"
    CLERICAL_CORRECTION = "誤記修正"
    HOUSEHOLD_SPLIT = "世帯分離"
    HOUSEHOLDS_MERGED = "世帯合併"
    HOUSEHOLD_CHANGED = "世帯変更"
    HEAD_CHANGED = "世帯主変更"
    FORMER_SURNAME_ENTERED = "旧氏の記載"
    FORMER_SURNAME_CHANGED = "旧氏の変更"
    FORMER_SURNAME_REMOVED = "旧氏の削除"
    ALIAS_ENTERED = "通称の記載"
    ALIAS_REMOVED = "通称の削除"
    CORRECTION_BY_CANCELLATION = "異動の取消し（修正）"
    #: Ours: another planned day or destination, before the destination's notice came.
    MOVE_OUT_REDIRECTED = "転出予定の変更"
    #: Ours, for 標準仕様書 4.1.3.1.1: the destination's notice came (法9条1項), with the day of moving in.
    MOVE_OUT_CONFIRMED = "転出の確定"
    #: Ours, for the same: a notice came for somebody whose record was deleted for another reason.
    DESTINATION_LEARNED = "転出先の判明"

    @property
    def action(self) -> Action:
        """Entry, deletion or correction, as the standard specification groups them."""
        return _MUNICIPAL[self][0]

    @property
    def statutory(self) -> Reason | None:
        """The statutory reason it is sent as; None: nothing is sent."""
        return _MUNICIPAL[self][1]

    @property
    def japanese(self) -> str:
        """The name of the standard specification."""
        return self.value


#: reason: (action, sent as).
_MUNICIPAL: dict[MunicipalReason, tuple[Action, Reason | None]] = {
    MunicipalReason.REVISED_ENTRY: (_ENTRY, None),
    MunicipalReason.RESTORED_ENTRY: (_ENTRY, None),
    MunicipalReason.ENTRY_BY_CANCELLATION: (_ENTRY, Reason.ENTERED_EX_OFFICIO),
    MunicipalReason.REVISED_DELETION: (_DELETION, None),
    MunicipalReason.RESTORED_DELETION: (_DELETION, None),
    MunicipalReason.DELETION_BY_CANCELLATION: (_DELETION, Reason.DELETED_EX_OFFICIO),
    MunicipalReason.CLERICAL_CORRECTION: (_CORRECTION, Reason.CORRECTED_EX_OFFICIO),
    MunicipalReason.HOUSEHOLD_SPLIT: (_CORRECTION, None),
    MunicipalReason.HOUSEHOLDS_MERGED: (_CORRECTION, None),
    MunicipalReason.HOUSEHOLD_CHANGED: (_CORRECTION, None),
    MunicipalReason.HEAD_CHANGED: (_CORRECTION, None),
    MunicipalReason.FORMER_SURNAME_ENTERED: (_CORRECTION, Reason.CORRECTED_EX_OFFICIO),
    MunicipalReason.FORMER_SURNAME_CHANGED: (_CORRECTION, Reason.CORRECTED_EX_OFFICIO),
    MunicipalReason.FORMER_SURNAME_REMOVED: (_CORRECTION, Reason.CORRECTED_EX_OFFICIO),
    MunicipalReason.ALIAS_ENTERED: (_CORRECTION, Reason.CORRECTED_EX_OFFICIO),
    MunicipalReason.ALIAS_REMOVED: (_CORRECTION, Reason.CORRECTED_EX_OFFICIO),
    MunicipalReason.CORRECTION_BY_CANCELLATION: (_CORRECTION, Reason.CORRECTED_EX_OFFICIO),
    MunicipalReason.MOVE_OUT_REDIRECTED: (_CORRECTION, Reason.MOVED_OUT),
    MunicipalReason.MOVE_OUT_CONFIRMED: (_CORRECTION, Reason.MOVED_OUT),
    MunicipalReason.DESTINATION_LEARNED: (_CORRECTION, None),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Predecessor:
    """The stay before this one (転入前の住所地): where the certificate of moving out came from."""

    #: Its municipality.
    municipality: LocalGovernmentCode
    #: Its ordinal in the person's life.
    stay: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a person who moves out goes (転出先, 令13条): planned first, confirmed by the notice of 法9条1項."""

    #: The municipality; None: abroad or unknown.
    municipality: LocalGovernmentCode | None
    #: The address there, as given.
    address: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A change (異動): why, when, and the whole row afterwards (令8条–12条)."""

    #: 異動事由.
    reason: Reason | MunicipalReason
    #: 異動年月日: the day the reason arose; for moving out the planned day (令30条の5第2号).
    date_of_change: date
    #: 届出年月日, or of the ex-officio decision.
    notified_on: date | None
    #: When the municipality recorded it (処理日時).
    recorded_at: datetime
    #: The whole row as it stands afterwards.
    record: ResidentRecord
    #: For an entry by moving in: the stay before.
    predecessor: Predecessor | None = None
    #: For moving out: 転出先.
    destination: Destination | None = None
    #: For an entry: which stay of the person's life it begins, where the certificate of moving out or the
    #: Centre tells; else the one after the predecessor, else the first here.
    stay: int | None = None

    @property
    def action(self) -> Action:
        """What it does to the record (記載・消除・修正)."""
        return self.reason.action

    @property
    def statutory_reason(self) -> Reason | None:
        """The reason under which the change is notified; None where it is not."""
        return self.reason.statutory
