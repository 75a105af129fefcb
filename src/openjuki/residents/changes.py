# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes of a resident record (異動): the twenty statutory reasons and the municipal ones beside them.

Rules of this file:

1. The twenty statutory reasons are those of 規則11条; their codes are our own definition, since the
   real network's are not public. A site with other codes maps them at its edge.
2. A municipal reason (標準仕様書 1.2.2) never leaves the municipality under its own name: `statutory`
   names the reason it is sent as, or None where nothing is sent.
3. A change is a value: a reason, its dates, and the whole row as it stands afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import date, datetime

    from openjuki.codes.local_government import LocalGovernmentCode
    from openjuki.residents.record import ResidentRecord


class Action(StrEnum):
    """What a change does to the record (記載・消除・修正, 法8条)."""

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
        return {"A": Action.ENTRY, "D": Action.DELETION}.get(self.value[0], Action.CORRECTION)

    @property
    def japanese(self) -> str:
        """The statutory name (規則11条)."""
        return _STATUTORY[self][0]

    @property
    def article(self) -> str:
        """Where the reason stands."""
        return _STATUTORY[self][1]


#: reason: (statutory name, place). 施行規則11条.
_STATUTORY: dict[Reason, tuple[str, str]] = {
    Reason.MOVED_IN: ("国内転入", "規則11条1項1号"),
    Reason.MOVED_IN_FROM_ABROAD: ("国外転入等", "規則11条1項2号"),
    Reason.BORN: ("出生", "規則11条1項3号"),
    Reason.ENTERED_ON_NATURALISATION: ("職権記載等（帰化等）", "規則11条1項4号"),
    Reason.ENTERED_ON_LOSS_OF_NATIONALITY: ("職権記載等（国籍喪失）", "規則11条1項5号"),
    Reason.ENTERED_EX_OFFICIO: ("職権記載等", "規則11条1項6号"),
    Reason.MOVED_OUT: ("国内転出", "規則11条2項1号"),
    Reason.MOVED_ABROAD: ("国外転出", "規則11条2項2号"),
    Reason.DIED: ("死亡", "規則11条2項3号"),
    Reason.DELETED_ON_NATURALISATION: ("職権消除等（帰化等）", "規則11条2項4号"),
    Reason.DELETED_ON_LOSS_OF_NATIONALITY: ("職権消除等（国籍喪失）", "規則11条2項5号"),
    Reason.DELETED_EX_OFFICIO: ("職権消除等", "規則11条2項6号"),
    Reason.MOVED_WITHIN: ("転居", "規則11条3項1号"),
    Reason.MINOR_CORRECTION: ("軽微な修正", "規則11条3項2号"),
    Reason.CORRECTED_EX_OFFICIO: ("職権修正等", "規則11条3項3号"),
    Reason.NUMBER_CHANGED_ON_REQUEST: ("個人番号の変更請求", "規則11条4項1号"),
    Reason.NUMBER_CORRECTED_EX_OFFICIO: ("個人番号の職権修正", "規則11条4項2号"),
    Reason.NUMBER_ENTERED_EX_OFFICIO: ("個人番号の職権記載等", "規則11条4項3号"),
    Reason.CODE_CHANGED_ON_REQUEST: ("住民票コードの変更請求", "規則11条5項1号"),
    Reason.CODE_ENTERED_EX_OFFICIO: ("住民票コードの職権記載等", "規則11条5項2号"),
}


class MunicipalReason(StrEnum):
    """Reason that only the municipality knows (標準仕様書 1.2.2); the mapping is our own inference."""

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

    @property
    def statutory(self) -> Reason | None:
        """The statutory reason it is sent as; None: nothing is sent."""
        return _SENT_AS.get(self)

    @property
    def japanese(self) -> str:
        """The name of the standard specification."""
        return self.value


_SENT_AS: dict[MunicipalReason, Reason] = {
    MunicipalReason.ENTRY_BY_CANCELLATION: Reason.ENTERED_EX_OFFICIO,
    MunicipalReason.DELETION_BY_CANCELLATION: Reason.DELETED_EX_OFFICIO,
    MunicipalReason.CLERICAL_CORRECTION: Reason.CORRECTED_EX_OFFICIO,
    MunicipalReason.FORMER_SURNAME_ENTERED: Reason.CORRECTED_EX_OFFICIO,
    MunicipalReason.FORMER_SURNAME_CHANGED: Reason.CORRECTED_EX_OFFICIO,
    MunicipalReason.FORMER_SURNAME_REMOVED: Reason.CORRECTED_EX_OFFICIO,
    MunicipalReason.ALIAS_ENTERED: Reason.CORRECTED_EX_OFFICIO,
    MunicipalReason.ALIAS_REMOVED: Reason.CORRECTED_EX_OFFICIO,
    MunicipalReason.CORRECTION_BY_CANCELLATION: Reason.CORRECTED_EX_OFFICIO,
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

    @property
    def statutory_reason(self) -> Reason | None:
        """The reason under which the change is notified; None where it is not."""
        return self.reason if isinstance(self.reason, Reason) else self.reason.statutory
