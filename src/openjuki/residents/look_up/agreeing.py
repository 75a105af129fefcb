# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whether what was asked or written is what is recorded (照合), item by item.

Yes, no, or None: nothing is recorded that it could be held against. The way of matching is about texts only.
"""

from __future__ import annotations

import re
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from openjuki.residents.dates import Precision, RecordedDate
from openjuki.residents.record import Sex
from openjuki.residents.search import address_key, fold, variant_key
from openjuki.residents.sounds import sound_alike

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from openjuki.residents.look_up.hit import Hit
    from openjuki.residents.look_up.question import LookUp


class Matching(StrEnum):
    """How a text is held against what is recorded (照合の方法)."""

    #: Character by character (文字どおり); only the width of spaces is passed over.
    STRICT = "strict"
    #: Without width, 清濁, 小書き, 長音 and punctuation (清音化).
    FOLDED = "folded"
    #: Folded, and variants (異体字) are one; readings that sound alike, too.
    VARIANT = "variant"


def _spaced(text: str) -> str:
    return "\u3000".join(text.split())


def _names(question: LookUp, hit: Hit) -> bool:
    key = _KEYS[question.matching]
    asked = question.name_key if key is variant_key else key(question.name or "")
    return any(key(name) == asked for name in hit.names)


def _reads(question: LookUp, hit: Hit) -> bool | None:
    same, asked = _SAME_READING[question.matching], question.furigana or ""
    return any(same(asked, reading) for reading in hit.readings) if hit.readings else None


def _was_born(question: LookUp, hit: Hit) -> bool | None:
    asked = question.birth_date
    if asked is None or asked.text == hit.birth_date:
        return asked is not None
    recorded = RecordedDate.parse(hit.birth_date)
    as_exact = recorded.precision is asked.precision and asked.precision not in _SAID_OTHERWISE
    if as_exact and recorded.sort == asked.sort:
        return True
    # 昭和41年5月頃 does not say that it was the first of May, nor that it was not the fifteenth
    return None if recorded.may_be(asked) else False


def _is_of_sex(question: LookUp, hit: Hit) -> bool | None:
    return None if hit.sex == Sex.UNKNOWN else hit.sex == question.sex


def _has_number(question: LookUp, hit: Hit) -> bool | None:
    return None if hit.individual_number is None else hit.individual_number == question.individual_number


def _lies_at(question: LookUp, hit: Hit) -> bool:
    if question.municipality not in {None, hit.municipality}:
        return False
    if question.matching is Matching.STRICT:
        return _spaced(question.address or "") == _spaced(hit.address)
    return is_one_place(question.address_key, address_key(hit.address))


def is_one_place(asked: str, recorded: str) -> bool:
    """Either may end behind a number of the block, the building being left out; asked, also behind an earlier number."""
    shorter, longer = (asked, recorded) if len(asked) <= len(recorded) else (recorded, asked)
    rest = longer[len(shorter) :]
    if not rest or not longer.startswith(shorter):
        return not rest and asked == recorded
    if not shorter[-1:].isdigit() or rest[0].isdigit():
        return False
    # what follows three numbers is a room; what follows fewer may be another number of the block
    return shorter is asked or rest[0] != "-" or _WHOLE_BLOCK.search(recorded) is not None


#: Dates of which the sort date does not tell what was written: until when, and which day that there is not.
_SAID_OTHERWISE: Final = frozenset((Precision.PERIOD, Precision.NOT_IN_CALENDAR))
#: 丁目, 番 and 号.
_WHOLE_BLOCK: Final = re.compile("[0-9]-[0-9]+-[0-9]+$")
_KEYS: Final[Mapping[Matching, Callable[[str], str]]] = {
    Matching.STRICT: _spaced,
    Matching.FOLDED: fold,
    Matching.VARIANT: variant_key,
}
_SAME_READING: Final[Mapping[Matching, Callable[[str, str], bool]]] = {
    Matching.STRICT: lambda one, other: _spaced(one) == _spaced(other),
    Matching.FOLDED: lambda one, other: fold(one) == fold(other),
    Matching.VARIANT: sound_alike,
}
#: What can be held against a record, and how.
AGREEING: Final[Mapping[str, Callable[[LookUp, Hit], bool | None]]] = {
    "name": _names,
    "furigana": _reads,
    "birth_date": _was_born,
    "sex": _is_of_sex,
    "address": _lies_at,
    "individual_number": _has_number,
}
