# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the form of a change asks for, reason by reason (異動届の項目, 法22条–25条, 令7条–13条).

Rules of this file:

1. `FORMS` has every reason, statutory or municipal. What a form does not list may not be given: a death does not
   change an address, and a slip of the pen in one column shall not.
2. Items that the node fills in by itself (a new code from its stock, a number from the Centre) may be given, for
   registers of other systems, but are never needed.
3. Whether the change may happen is not asked here, but of `openjuki.residents.transitions`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openjuki.carriage import forms
from openjuki.carriage.columns import RECORD, Column
from openjuki.residents.changes import MunicipalReason, Reason

if TYPE_CHECKING:
    from collections.abc import Mapping

#: Items of a record that a change does not set by their own name: who it is, the code, and the day of notification.
_NOT_SET: Final = frozenset(("resident_number", "resident_code", "notified_on"))

_NUMBER, _CODE = RECORD[:2]

#: The columns of a change as a file, and the names of its items.
CHANGE: Final = (
    Column("reason", "異動事由", forms.REASON, "D03", required=True),
    Column(_NUMBER.name, _NUMBER.japanese, _NUMBER.form, _NUMBER.example),
    Column(_CODE.name, _CODE.japanese, _CODE.form, _CODE.example),
    Column("date_of_change", "異動年月日", forms.DAY, "2026-04-01", required=True),
    Column("notified_on", "届出年月日", forms.DAY, "2026-04-03"),
    Column("stay", "居住回次", forms.ORDINAL, "2"),
    Column("predecessor_municipality", "転入前市区町村コード", forms.MUNICIPALITY, "141003"),
    Column("predecessor_stay", "転入前居住回次", forms.ORDINAL, "1"),
    Column("destination_municipality", "転出先市区町村コード", forms.MUNICIPALITY, "141003"),
    Column("destination_address", "転出先住所", forms.TEXT, "神奈川県横浜市中区日本大通1番"),
    Column("new_resident_code", "新住民票コード", forms.RESIDENT_CODE, "24846016224"),
    *(Column(one.name, one.japanese, one.form, one.example) for one in RECORD if one.name not in _NOT_SET),
    Column("cleared", "空欄にする項目", forms.TEXT, "alias"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChangeForm:
    """What the form of one reason asks for (異動届の様式)."""

    #: Groups of items; of each group, one must be given.
    needs: tuple[tuple[str, ...], ...] = ()
    #: Items that may be given beside those.
    may: frozenset[str] = frozenset()
    #: Items that the change empties by itself.
    clears: tuple[str, ...] = ()
    #: Whether at least one of `may` must change.
    corrects: bool = False
    #: Whether it is about somebody whose record is here.
    of_recorded: bool = True

    @property
    def items(self) -> frozenset[str]:
        """All that may be given."""
        return self.may.union(*self.needs)


#: The parts of an address.
ADDRESS: Final = frozenset(("municipality", "town", "block", "building", "postal_code", "machiaza_id"))
_HOUSEHOLD: Final = frozenset(("household_number", "relationship"))
_DESTINATION: Final = ("destination_municipality", "destination_address")
_RECORD: Final = frozenset(column.name for column in RECORD) - _NOT_SET
_CORRECTABLE: Final = _RECORD - {"individual_number"}

_NOTHING: Final = ChangeForm()
_ENTRY: Final = ChangeForm(
    needs=(("name", "name_latin", "name_kanji"), ("birth_date",), ("sex",), ("town", "block")),
    may=_RECORD | {"stay"},
    of_recorded=False,
)
_MOVED_IN: Final = ChangeForm(
    needs=_ENTRY.needs,
    may=_ENTRY.may | {"predecessor_municipality", "predecessor_stay"},
    of_recorded=False,
)
_CORRECTION: Final = ChangeForm(may=_CORRECTABLE, corrects=True)
_OF_HOUSEHOLD: Final = ChangeForm(may=_HOUSEHOLD, corrects=True)
_NEW_NUMBER: Final = ChangeForm(may=frozenset(("individual_number",)))
_NEW_CODE: Final = ChangeForm(may=frozenset(("new_resident_code",)))
_FORMER_SURNAME: Final = ("former_surname", "former_surname_furigana")

FORMS: Final[Mapping[Reason | MunicipalReason, ChangeForm]] = {
    Reason.MOVED_IN: _MOVED_IN,
    Reason.MOVED_IN_FROM_ABROAD: _ENTRY,
    Reason.BORN: _ENTRY,
    Reason.ENTERED_ON_NATURALISATION: _ENTRY,
    Reason.ENTERED_ON_LOSS_OF_NATIONALITY: _ENTRY,
    Reason.ENTERED_EX_OFFICIO: _MOVED_IN,
    Reason.MOVED_OUT: ChangeForm(needs=(_DESTINATION,)),
    Reason.MOVED_ABROAD: ChangeForm(may=frozenset(("destination_address",))),
    Reason.DIED: _NOTHING,
    Reason.DELETED_ON_NATURALISATION: _NOTHING,
    Reason.DELETED_ON_LOSS_OF_NATIONALITY: _NOTHING,
    Reason.DELETED_EX_OFFICIO: _NOTHING,
    Reason.MOVED_WITHIN: ChangeForm(
        needs=(("town", "block"),), may=ADDRESS | _HOUSEHOLD | {"address_settled_on"}
    ),
    Reason.MINOR_CORRECTION: _CORRECTION,
    Reason.CORRECTED_EX_OFFICIO: _CORRECTION,
    Reason.NUMBER_CHANGED_ON_REQUEST: _NEW_NUMBER,
    Reason.NUMBER_CORRECTED_EX_OFFICIO: _NEW_NUMBER,
    Reason.NUMBER_ENTERED_EX_OFFICIO: _NEW_NUMBER,
    Reason.CODE_CHANGED_ON_REQUEST: _NEW_CODE,
    Reason.CODE_ENTERED_EX_OFFICIO: _NEW_CODE,
    MunicipalReason.REVISED_ENTRY: _NOTHING,
    MunicipalReason.RESTORED_ENTRY: _NOTHING,
    MunicipalReason.ENTRY_BY_CANCELLATION: ChangeForm(may=_CORRECTABLE),
    MunicipalReason.REVISED_DELETION: _NOTHING,
    MunicipalReason.RESTORED_DELETION: _NOTHING,
    MunicipalReason.DELETION_BY_CANCELLATION: _NOTHING,
    MunicipalReason.CLERICAL_CORRECTION: _CORRECTION,
    MunicipalReason.HOUSEHOLD_SPLIT: _OF_HOUSEHOLD,
    MunicipalReason.HOUSEHOLDS_MERGED: _OF_HOUSEHOLD,
    MunicipalReason.HOUSEHOLD_CHANGED: _OF_HOUSEHOLD,
    MunicipalReason.HEAD_CHANGED: _OF_HOUSEHOLD,
    MunicipalReason.FORMER_SURNAME_ENTERED: ChangeForm(
        needs=(_FORMER_SURNAME[:1],), may=frozenset(_FORMER_SURNAME)
    ),
    MunicipalReason.FORMER_SURNAME_CHANGED: ChangeForm(
        needs=(_FORMER_SURNAME[:1],), may=frozenset(_FORMER_SURNAME)
    ),
    MunicipalReason.FORMER_SURNAME_REMOVED: ChangeForm(clears=_FORMER_SURNAME),
    MunicipalReason.ALIAS_ENTERED: ChangeForm(needs=(("alias",),)),
    MunicipalReason.ALIAS_REMOVED: ChangeForm(clears=("alias",)),
    MunicipalReason.CORRECTION_BY_CANCELLATION: _CORRECTION,
    MunicipalReason.MOVE_OUT_REDIRECTED: ChangeForm(may=frozenset(_DESTINATION)),
    MunicipalReason.MOVE_OUT_CONFIRMED: ChangeForm(
        needs=(("destination_municipality",),), may=frozenset(_DESTINATION)
    ),
    MunicipalReason.DESTINATION_LEARNED: ChangeForm(needs=(_DESTINATION,)),
}
