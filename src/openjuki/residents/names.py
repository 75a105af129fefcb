# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Names (氏名, 法7条1号) as recorded: variants and variation sequences kept, never normalised.

>>> name = PersonName("渡邉　葵", furigana="ワタナベ　アオイ")
>>> name.surname, name.given_name
('渡邉', '葵')
>>> PersonName.foreign(latin="LI PING", kanji="李　萍").recorded
'LI PING　李　萍'
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final, Self

from openjuki.errors import BadName
from openjuki.refusal import Where
from openjuki.residents.writing import LONGEST, flaw

_KANA: Final = re.compile(r"[ \u3000ぁ-ゖ゛゜ゝゞァ-ヺ・ーヽヾㇰ-ㇿ･-ﾟ'’‐－-]+")
#: Stands between surname and given name; other systems write a half-width one.
_SPACE: Final = "\u3000"
_SPACES: Final = " \u3000"
#: A name in Latin letters and then in ideographs, each a name by itself, with spaces of any width; for `re` and for Arrow.
TWO_NAMES: Final = "^([!-~][ -~\u3000]*?)[ \u3000]+([^\x01-\x7f\u3000].*)$"
_TWO_NAMES: Final = re.compile(TWO_NAMES)
_READINGS: Final = ("furigana", "former_surname_furigana")
_ITEMS: Final = (
    "recorded",
    "furigana",
    "former_surname",
    "former_surname_furigana",
    "alias",
    "latin",
    "kanji",
)


@dataclass(frozen=True, slots=True)
class PersonName:
    """Name (氏名, 法7条1号) and what is recorded with it.

    Raises:
        BadName: an item is empty, too long or holds what cannot be recorded; `where.column` names it.
    """

    #: 氏名, a full-width space between surname and given name.
    recorded: str
    #: 氏名の振り仮名 (法7条1号の2); in registers also the kana of a foreign resident.
    furigana: str | None = None
    #: 旧氏 (令30条の13).
    former_surname: str | None = None
    #: 旧氏の振り仮名 (令30条の13).
    former_surname_furigana: str | None = None
    #: 通称 (令30条の16).
    alias: str | None = None
    #: Name of a foreign resident in Latin letters (氏名（アルファベット）).
    latin: str | None = None
    #: Name of a foreign resident in ideographs (氏名（漢字）).
    kanji: str | None = None

    def __post_init__(self) -> None:
        """Look at every item."""
        for item in _ITEMS:
            if (value := getattr(self, item)) is not None:
                _check(item, value)

    @classmethod
    def foreign(cls, *, latin: str | None, kanji: str | None = None, alias: str | None = None) -> Self:
        """Name of a foreign resident (外国人住民の氏名, 法30条の45): Latin letters, then ideographs.

        Raises:
            BadName: neither is given, or as the class says.
        """
        recorded = "\u3000".join(filter(None, (latin, kanji)))
        return cls(recorded, alias=alias, latin=latin, kanji=kanji)

    @property
    def surname(self) -> str:
        """氏: what stands before the space; all of it where there is none."""
        return _parted(self.recorded)[0]

    @property
    def given_name(self) -> str:
        """名: what stands after the space; empty where there is none."""
        return _parted(self.recorded)[1]


def other_names(name: str, former_surname: str | None, alias: str | None) -> tuple[str, ...]:
    """Names that somebody also goes by (旧氏・通称 and the forms of a foreign resident's name).

    The former surname stands before the given name (令30条の13); where no space says which that is, nobody can tell. Of
    a name in Latin letters and ideographs each is a name alone. What is written on an application may be any of them.

    >>> other_names("渡邉　葵", "佐藤", None)
    ('佐藤　葵',)
    >>> other_names("渡邉 葵", "佐藤", None), other_names("渡邉葵", "佐藤", None)
    (('佐藤　葵',), ())
    >>> other_names("LI PING　李　萍", None, "木村　萍")
    ('木村　萍', 'LI PING', '李　萍')
    """
    given = _parted(name)[1]
    formerly = f"{former_surname}{_SPACE}{given}" if former_surname and given else None
    # a foreign resident has no surname that could stand alone before the space
    two = _TWO_NAMES.match(name)
    return tuple(filter(None, (formerly, alias, *(two.groups() if two else ()))))


def other_reading(furigana: str, former_surname_furigana: str | None) -> str | None:
    """The reading of the name with the former surname (旧氏の振り仮名, 令30条の13); None where there is none.

    >>> other_reading("ワタナベ　アオイ", "サトウ")
    'サトウ　アオイ'
    """
    given = _parted(furigana)[1]
    return f"{former_surname_furigana}{_SPACE}{given}" if former_surname_furigana and given else None


def _parted(name: str) -> tuple[str, str]:
    """Surname and given name: at the first full-width space, or where there is none at the first half-width one.

    A name in Latin letters alone has half-width spaces within itself.
    """
    surname, _, given = name.partition(_SPACE if _SPACE in name or name.isascii() else " ")
    return surname, given.lstrip(_SPACES)


def _check(item: str, value: str) -> None:
    reason = "too long" if len(value) > LONGEST else flaw(value)
    if reason is None and item in _READINGS and not _KANA.fullmatch(value):
        reason = "something other than kana"
    if reason is not None:
        raise BadName(f"{item}: {reason}", where=Where(column=item))
