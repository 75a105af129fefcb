# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is asked about a person (照会の条件), and whether somebody was meant.

Rules of this file:

1. A question is asked under a code, under a number, or under a name with a date of birth or an address: never
   under less. The law decides whether it may be asked; this file only says which items it has.
2. A store finds candidates by search keys; `LookUp.selects` says which of them were meant.
3. A name may be given by its reading, and is any of the names under which somebody is known.

>>> question = LookUp.from_dict({"name": "渡邊 葵", "birth_date": "平成2年1月1日"})
>>> question.name_key == variant_key("渡辺　葵")
True
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, cached_property
from typing import TYPE_CHECKING, Any, Final

from openjuki.codes.individual import IndividualNumber
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadInput, BadQuestion
from openjuki.refusal import Where
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up.agreeing import AGREEING, Matching
from openjuki.residents.record import Sex
from openjuki.residents.search import address_key, variant_key
from openjuki.residents.sounds import sought_under

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from openjuki.residents.look_up.hit import Hit


LONGEST: Final = 300


@dataclass(frozen=True, kw_only=True)
class LookUp:
    """Question about one person (照会の条件)."""

    #: 住民票コード.
    resident_code: ResidentCode | None = None
    #: 個人番号.
    individual_number: IndividualNumber | None = None
    #: 氏名, or 旧氏 with the given name, or 通称.
    name: str | None = None
    #: 氏名の振り仮名; a name without it is looked for as written, and the other way round.
    furigana: str | None = None
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
        given: dict[str, Any] = {"matching": Matching.VARIANT}
        for item, value in items.items():
            if value is not None and value != "" and item in _PARSERS:
                given[item] = _parsed(item, _PARSERS[item], value)
        # the constructor of a frozen class would set one item after the other, ten thousand times a second
        question = cls.__new__(cls)
        question.__dict__.update(given)
        return question

    def to_dict(self) -> dict[str, str]:
        """JSON form: what was given, and the way of matching."""
        given = self.__dict__
        told = {item: str(value) for item in _TEXTS if (value := given.get(item)) is not None}
        if self.birth_date is not None:
            told["birth_date"] = self.birth_date.text
        return told

    @cached_property
    def items(self) -> tuple[str, ...]:
        """Which items were given, as the law names them: a reading is a name, a municipality part of the address."""
        given = self.__dict__
        return _named(tuple([item for item in KEYS if given.get(item) is not None]))

    @cached_property
    def name_key(self) -> str:
        """Search key of the name (氏名検索キー)."""
        return variant_key(self.name or "")

    @cached_property
    def kana_keys(self) -> tuple[str, ...]:
        """Search keys under which the reading may be recorded (清音化かな氏名), however it was heard."""
        return sought_under(self.furigana or "")

    @cached_property
    def address_key(self) -> str:
        """Search key of the address (住所検索キー)."""
        return address_key(self.address or "")

    def selects(self, hit: Hit) -> bool:
        """Whether a candidate to whom the code, the number or the search key led was meant: no item may differ."""
        return (self.municipality is None or hit.municipality == self.municipality) and all(
            agrees(self, hit) is not False for agrees in self._agreeing
        )

    @cached_property
    def _agreeing(self) -> Sequence[Callable[[LookUp, Hit], bool | None]]:
        told_apart = _TOLD_APART if self.resident_code is None else (*_TOLD_APART, "individual_number")
        return [AGREEING[item] for item in told_apart if getattr(self, item) is not None]

    def agrees(self, item: str, hit: Hit) -> bool | None:
        """Whether an item that was given is the one that is recorded; None where it was not given or not recorded."""
        return None if getattr(self, item) is None else AGREEING[item](self, hit)


@cache
def _named(given: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys("name" if item == "furigana" else item for item in given))


def _text(value: str) -> str:
    text = value.strip()
    if not text or len(text) > LONGEST or any(character < " " for character in text):
        raise ValueError
    text.encode()  # half a surrogate pair, as a command line has it of another encoding, is no text
    return text


def _parsed(item: str, parse: Callable[[str], Any], value: Any) -> Any:
    try:
        return parse(value)
    except (BadInput, ValueError, TypeError, AttributeError, LookupError) as error:
        raise BadQuestion(f"malformed: {item}", where=Where(column=item)) from error


_PARSERS: Final[Mapping[str, Callable[[str], Any]]] = {
    "resident_code": ResidentCode.parse,
    "individual_number": IndividualNumber.parse,
    "name": _text,
    "furigana": _text,
    "birth_date": RecordedDate.parse,
    "municipality": LocalGovernmentCode.parse,
    "address": _text,
    "sex": Sex,
    "matching": {way.value: way for way in Matching}.__getitem__,
}
#: Items by which somebody is looked for, in the order in which they are named.
KEYS: Final = (
    "resident_code",
    "individual_number",
    "name",
    "furigana",
    "birth_date",
    "address",
    "sex",
)
_TEXTS: Final = tuple(item for item in _PARSERS if item != "birth_date")
#: Items that may not differ where they were given; by a number somebody was found already, unless by a code.
_TOLD_APART: Final = ("name", "furigana", "birth_date", "sex", "address")
