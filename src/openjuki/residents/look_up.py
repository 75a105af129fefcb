# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Looking a person up (照会): what may be asked, whom it leads to, and how the answer is classed.

Rules of this file:

1. A question is asked under a code, under a number, or under a name with a date of birth or an address: never
   under less. The law decides whether it may be asked; this file only says which items it has.
2. A store finds candidates by search keys; `LookUp.selects` says which of them were meant.
3. An answer says one thing: `Result`. Somebody who is found under a replaced code is never shown.

`docs/spec/look-up.md` defines the forms with examples.

>>> question = LookUp.from_dict({"name": "渡邊 葵", "birth_date": "平成2年1月1日"})
>>> question.items
('name', 'birth_date')
>>> question.name_key == variant_key("渡辺　葵")
True
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.codes.individual import IndividualNumber
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadInput, BadQuestion
from openjuki.refusal import Where
from openjuki.residents.changes import Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.persons import PersonState
from openjuki.residents.record import Sex
from openjuki.residents.search import address_key, fold, variant_key
from openjuki.residents.transitions import State

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from datetime import date


class Matching(StrEnum):
    """How a name is held against what is recorded (照合の方法)."""

    #: Character by character (文字どおり); only the width of spaces is passed over.
    STRICT = "strict"
    #: Without width, 清濁, 小書き, 長音 and punctuation (清音化).
    FOLDED = "folded"
    #: Folded, and variants (異体字) are one.
    VARIANT = "variant"


class Result(StrEnum):
    """What an answer says (照会結果)."""

    #: 一致: one person, who is resident or on the way.
    MATCHED = "matched"
    #: 複数該当.
    SEVERAL = "several"
    #: More than may be shown (該当多数): the count alone is told.
    TOO_MANY = "too_many"
    #: 該当なし.
    NONE = "none"
    #: 消除済（死亡）.
    DIED = "died"
    #: 消除済（国外転出）.
    LEFT_THE_COUNTRY = "left_the_country"
    #: 消除済（職権消除等）.
    REMOVED = "removed"
    #: The code or number was replaced (変更済み); which one replaced it is not told.
    SUPERSEDED = "superseded"
    #: 権限なし.
    NOT_PERMITTED = "not_permitted"
    #: 形式誤り.
    MALFORMED = "malformed"


#: States that have a result of their own; every other is `MATCHED`.
_CLASSES: Final[Mapping[str, Result]] = {
    PersonState.DIED: Result.DIED,
    PersonState.ABROAD: Result.LEFT_THE_COUNTRY,
    PersonState.DELETED: Result.REMOVED,
    State.MOVED_ABROAD: Result.LEFT_THE_COUNTRY,
    State.NATURALISED: Result.REMOVED,
    State.NATIONALITY_LOST: Result.REMOVED,
}
_LEAVING: Final = frozenset((Reason.MOVED_OUT, Reason.MOVED_ABROAD))
_LONGEST: Final = 300


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """Question about one person (照会の条件)."""

    #: 住民票コード.
    resident_code: ResidentCode | None = None
    #: 個人番号.
    individual_number: IndividualNumber | None = None
    #: 氏名.
    name: str | None = None
    #: 生年月日, in any form registers write.
    birth_date: RecordedDate | None = None
    #: The municipality of the address (市町村コード); without it any.
    municipality: LocalGovernmentCode | None = None
    #: 住所 below the municipality; what follows the block may be left out.
    address: str | None = None
    #: 男女の別; only narrows.
    sex: Sex | None = None
    matching: Matching = Matching.VARIANT

    @classmethod
    def from_dict(cls, items: Mapping[str, Any]) -> LookUp:
        """Read the JSON form; members of later versions are passed over.

        Raises:
            BadQuestion: an item is malformed; `where.column` names it, never its value.
        """
        given: dict[str, Any] = {}
        for item, parse in _PARSERS.items():
            value = items.get(item)
            if value is not None and value != "":
                given[item] = _parsed(item, parse, value)
        return cls(**given)

    def to_dict(self) -> dict[str, str]:
        """JSON form: what was given, and the way of matching."""
        given = {item: getattr(self, item) for item in _PARSERS}
        given["birth_date"] = self.birth_date and self.birth_date.text
        return {item: str(value) for item, value in given.items() if value is not None}

    @property
    def items(self) -> tuple[str, ...]:
        """Which items were given, a municipality counting as a part of the address."""
        return tuple(item for item in _ITEMS if getattr(self, item) is not None)

    @cached_property
    def name_key(self) -> str:
        """Search key of the name (氏名検索キー)."""
        return variant_key(self.name or "")

    @cached_property
    def address_key(self) -> str:
        """Search key of the address (住所検索キー)."""
        return address_key(self.address or "")

    def selects(self, hit: Hit) -> bool:
        """Whether a candidate to whom the code, the number or the search key led was meant: every item must agree."""
        return (
            (self.sex is None or hit.sex in (self.sex.value, Sex.UNKNOWN.value))
            and (self.birth_date is None or RecordedDate.parse(hit.birth_date).sort == self.birth_date.sort)
            and (self.municipality is None or hit.municipality == self.municipality)
            and (self.name is None or self._names(hit.name))
            and (self.address is None or self._lies_at(hit.address))
        )

    def _names(self, name: str) -> bool:
        asked = self.name or ""
        if self.matching is Matching.STRICT:
            return _spaced(asked) == _spaced(name)
        if self.matching is Matching.FOLDED:
            return fold(asked) == fold(name)
        return self.name_key == variant_key(name)

    def _lies_at(self, address: str) -> bool:
        """An address may end behind a number of its block: the building is often not known."""
        asked = self.address or ""
        if self.matching is Matching.STRICT:
            return _spaced(asked) == _spaced(address)
        key, recorded = self.address_key, address_key(address)
        rest = recorded[len(key) :]
        return recorded == key or (recorded.startswith(key) and key[-1:].isdigit() and not rest[:1].isdigit())


class Hit(NamedTuple):
    """Somebody whom a question leads to (該当者), as the book has them now."""

    #: Which of the questions that were asked together.
    question: int
    #: False: found under a code or number that was replaced.
    is_current: bool
    #: The book's own name for the person: a resident number, a person id. Never leaves the node.
    holder: str | int
    #: How the person stands: a state of the municipality's register, or of the upper tiers.
    state: str
    #: 異動事由 and 異動年月日 of the present row.
    reason: str
    date_of_change: date
    resident_code: str
    individual_number: str | None
    name: str
    furigana: str | None
    former_surname: str | None
    former_surname_furigana: str | None
    alias: str | None
    #: As recorded.
    birth_date: str
    sex: str
    municipality: str
    address: str

    def standing(self, on: date) -> str:
        """How the person stands on a day: until the day of departure, moving out is only planned."""
        if self.reason in _LEAVING and on < self.date_of_change:
            return PersonState.MOVE_OUT_PLANNED.value
        return self.state

    @property
    def resident_number(self) -> str:
        """宛名番号; of the municipality's own book only."""
        return str(self.holder)

    def shown(self, items: Iterable[str], on: date) -> dict[str, Any]:
        """What is shown of the person: the items that the law grants, as JSON has them."""
        told = {item: getattr(self, item) for item in items}
        for item in told.keys() & _AS_JSON.keys():
            told[item] = _AS_JSON[item](self, on)
        return told


#: Items that stand otherwise in JSON than in the book.
_AS_JSON: Final[Mapping[str, Callable[[Hit, date], Any]]] = {
    "birth_date": lambda hit, _: RecordedDate.parse(hit.birth_date).to_json(),
    "state": Hit.standing,
    "date_of_change": lambda hit, _: hit.date_of_change.isoformat(),
}


def result(hits: Sequence[Hit], *, most: int, on: date) -> Result:
    """The class of an answer to a question that led to these."""
    if not hits:
        return Result.NONE
    if len(hits) > most:
        return Result.TOO_MANY
    if len(hits) > 1:
        return Result.SEVERAL
    (hit,) = hits
    return _CLASSES.get(hit.standing(on), Result.MATCHED) if hit.is_current else Result.SUPERSEDED


def _text(value: str) -> str:
    text = value.strip()
    if not text or len(text) > _LONGEST or any(character < " " for character in text):
        raise ValueError
    return text


def _parsed(item: str, parse: Callable[[str], Any], value: Any) -> Any:
    try:
        return parse(value)
    except (BadInput, ValueError, TypeError, AttributeError) as error:
        raise BadQuestion(f"malformed: {item}", where=Where(column=item)) from error


def _spaced(text: str) -> str:
    return "\u3000".join(text.split())


_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "resident_code": ResidentCode.parse,
    "individual_number": IndividualNumber.parse,
    "name": _text,
    "birth_date": RecordedDate.parse,
    "municipality": LocalGovernmentCode.parse,
    "address": _text,
    "sex": Sex,
    "matching": Matching,
}
_ITEMS: Final = ("resident_code", "individual_number", "name", "birth_date", "address", "sex")
