# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Notice of identification information (本人確認情報の通知, 法30条の6・30条の7).

One notice says how a person's identification information stands after one change. It names the
person's stay (the n-th in life, whoever recorded it) and its version within the stay
(更新順番号: 1, 2, 3 … without gaps), so that whoever receives it can tell order, loss and doubling
without asking back. The layout is our own definition: the real one is not public.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, date, datetime
from typing import TYPE_CHECKING, Any

import orjson

from openjuki.codes.individual import IndividualNumber
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import MODULUS_11, CheckRule, ResidentCode
from openjuki.config import JST
from openjuki.errors import BadInput, BadNotice
from openjuki.refusal import Where
from openjuki.residents.changes import Predecessor, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.record import IdentificationInformation, Sex
from openjuki.residents.writing import LONGEST

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAMES = ("furigana", "former_surname", "former_surname_furigana", "alias")
#: No life has more stays, and no stay more versions; every book can hold it.
LAST_ORDINAL = 999_999_999
#: Longest notice in bytes: twice what its items can be, however they are written.
LARGEST = 16_384
#: A figure or letter that is escaped: whoever looks for a code in the rows of a journal, to erase them, would not find it.
_NEEDLESS = re.compile(rb"(?<!\\)(?:\\\\)*\\u00[2-7]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Notice:
    """Notice of identification information (本人確認情報の通知, 法30条の6第1項, 令30条の5)."""

    #: The n-th stay of the person's life (our own definition).
    stay: int
    #: 更新順番号 within the stay: 1, 2, 3 … without gaps.
    version: int
    #: 異動事由 (規則11条).
    reason: Reason
    #: 異動年月日.
    date_of_change: date
    #: When the municipality recorded the change.
    recorded_at: datetime
    #: How the information stands after the change.
    identification: IdentificationInformation
    #: The code before a change of code (令30条の5第5号).
    previous_resident_code: ResidentCode | None = None
    #: The number before a change of number (令30条の5第4号).
    previous_individual_number: IndividualNumber | None = None
    #: For an entry by moving in: the stay before.
    predecessor: Predecessor | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON form: the items of Art. 30-6 and the information on the change, flat."""
        before = self.predecessor
        return {
            "stay": self.stay,
            "version": self.version,
            "reason": self.reason.value,
            "date_of_change": self.date_of_change.isoformat(),
            # one moment has one spelling, whichever zone a database hands it back in
            "recorded_at": self.recorded_at.astimezone(JST).isoformat(),
            "previous_resident_code": _text(self.previous_resident_code),
            "previous_individual_number": _text(self.previous_individual_number),
            "predecessor_municipality": None if before is None else str(before.municipality),
            "predecessor_stay": None if before is None else before.stay,
            **self.identification.to_dict(),
        }

    def to_bytes(self) -> bytes:
        """Canonical JSON (RFC 8785; ASCII keys, no floats): what is journalled, hashed and sent."""
        return orjson.dumps(self.to_dict(), option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_bytes(cls, raw: bytes, *, code_rule: CheckRule = MODULUS_11) -> Notice:
        """Read what `to_bytes` wrote; items of later versions are passed over.

        Raises:
            BadNotice: an item is missing or malformed; `where.column` names it, never its value.
        """
        if len(raw) > LARGEST:
            raise BadNotice("the notice is longer than any")
        if b"\\u00" in raw and _NEEDLESS.search(raw):
            raise BadNotice("the notice escapes what needs no escape")
        try:
            # one level deeper, as the journals that take it in have it: what cannot be read there is none
            (items,) = orjson.loads(b"[%b]" % raw)
        except ValueError as error:
            raise BadNotice("the notice is not JSON") from error
        return cls.from_dict(items, code_rule=code_rule)

    @classmethod
    def from_dict(cls, items: Mapping[str, Any], *, code_rule: CheckRule = MODULUS_11) -> Notice:
        """Read the JSON form.

        Raises:
            BadNotice: as `from_bytes`.
        """
        return _Reader(items, code_rule).notice()


def digest(raw: bytes) -> bytes:
    """SHA-256 of a notice's bytes as they were sent: two notices are one and the same if these are equal."""
    return hashlib.sha256(raw).digest()


def _text(value: str | None) -> str | None:
    return None if value is None else str(value)


def _plain[C: str](code: C, value: str) -> C:
    """A code or number where nothing but its digits was written: whoever follows the journal reads it as it stands."""
    if code != value:
        raise ValueError
    return code


class _Reader:
    """Reads one item after the other and remembers which, so that an error can name it."""

    def __init__(self, items: Mapping[str, Any], code_rule: CheckRule) -> None:
        self.items = items
        self.code_rule = code_rule
        self.item = ""

    def notice(self) -> Notice:
        try:
            return Notice(
                stay=self.ordinal("stay"),
                version=self.ordinal("version"),
                reason=Reason(self.take("reason")),
                date_of_change=self.day("date_of_change"),
                recorded_at=self.moment("recorded_at"),
                identification=self.identification(),
                previous_resident_code=self.optional("previous_resident_code", self.code),
                previous_individual_number=self.optional("previous_individual_number", self.number),
                predecessor=self.predecessor(),
            )
        except (BadInput, KeyError, TypeError, ValueError, AttributeError) as error:
            raise BadNotice(f"missing or malformed: {self.item}", where=Where(column=self.item)) from error

    def identification(self) -> IdentificationInformation:
        furigana, former_surname, former_surname_furigana, alias = (
            self.optional(item, self.recorded) for item in _NAMES
        )
        return IdentificationInformation(
            resident_code=self.code(self.take("resident_code")),
            individual_number=self.optional("individual_number", self.number),
            name=self.recorded(self.take("name")),
            furigana=furigana,
            former_surname=former_surname,
            former_surname_furigana=former_surname_furigana,
            alias=alias,
            birth_date=RecordedDate.from_json(self.take("birth_date")),
            sex=Sex(self.take("sex")),
            municipality=self.place(self.take("municipality")),
            address=self.recorded(self.take("address")),
        )

    def predecessor(self) -> Predecessor | None:
        municipality = self.optional("predecessor_municipality", self.place)
        stay: int | None = self.optional("predecessor_stay", lambda _: self.ordinal("predecessor_stay"))
        if municipality is None or stay is None:
            if (municipality, stay) != (None, None):
                raise ValueError
            return None
        return Predecessor(municipality=municipality, stay=stay)

    def take(self, item: str) -> Any:
        self.item = item
        return self.items[item]

    def optional[T](self, item: str, parse: Any) -> T | None:
        value = self.take(item)
        return None if value is None else parse(value)

    def code(self, value: str) -> ResidentCode:
        return _plain(ResidentCode.parse(value, rule=self.code_rule), value)

    def number(self, value: str) -> IndividualNumber:
        return _plain(IndividualNumber.parse(value), value)

    def place(self, value: str) -> LocalGovernmentCode:
        return _plain(LocalGovernmentCode.parse(value), value)

    def ordinal(self, item: str) -> int:
        value = self.take(item)
        if type(value) is not int or not 1 <= value <= LAST_ORDINAL:
            raise ValueError
        return value

    def day(self, item: str) -> date:
        value = date.fromisoformat(self.take(item))
        if value.isoformat() != self.items[item]:  # as 20260401 and 2026-W14-3 are also ISO 8601
            raise ValueError
        return value

    def moment(self, item: str) -> datetime:
        value = datetime.fromisoformat(self.take(item))
        if value.tzinfo is None or not MINYEAR < value.year < MAXYEAR:  # else in another zone there is none
            raise ValueError
        return value

    def recorded(self, value: Any) -> str:
        """What a register takes as a text, and an index as a key."""
        if not isinstance(value, str) or not 0 < len(value) <= LONGEST or "\x00" in value:
            raise ValueError
        return value
