# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Local government code (全国地方公共団体コード): five digits and a check digit, and who bears them.

>>> LocalGovernmentCode.parse("13101-6")
'131016'
>>> municipality("131016").name
'千代田区'
>>> prefecture_of(LocalGovernmentCode("131016"))
'130001'
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import TYPE_CHECKING, Self

from openjuki.codes import digits
from openjuki.errors import BadCode

if TYPE_CHECKING:
    from collections.abc import Mapping

_LENGTH = 6
_WEIGHTS = (6, 5, 4, 3, 2)
_MODULUS = 11
_PREFECTURES = frozenset(f"{number:02}" for number in range(1, 48))


class LocalGovernmentCode(str):
    """Local government code (全国地方公共団体コード)."""

    __slots__ = ()

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a code; that a government bears it is for `municipality` to say, since they merge.

        Raises:
            BadCode: not six digits, no such prefecture, or a wrong check digit.
        """
        code = digits.read(text, _LENGTH)
        if code[:2] not in _PREFECTURES:
            raise BadCode("no prefecture has this number")
        if _check_digit(code) != code[-1]:
            raise BadCode("the check digit is wrong")
        return cls(code)

    @staticmethod
    def check_digit(body: str) -> str:
        """The last digit for these five: the last figure of eleven less the remainder.

        Raises:
            BadCode: not five digits.
        """
        return _check_digit(digits.read(body, _LENGTH - 1))

    @classmethod
    def from_body(cls, body: str) -> Self:
        """These five digits and their check digit.

        Raises:
            BadCode: not five digits.
        """
        compact = digits.read(body, _LENGTH - 1)
        return cls(compact + _check_digit(compact))

    @classmethod
    def is_valid(cls, text: str) -> bool:
        """Whether `parse` would read it."""
        try:
            cls.parse(text)
        except BadCode:
            return False
        return True

    def format(self) -> str:  # type: ignore[override]  # not str.format
        """The check digit set apart."""
        return f"{self[:5]}-{self[5]}"


def _check_digit(code: str) -> str:
    """Of the first five digits of `code`."""
    return str((_MODULUS - digits.weighted_sum(code[: _LENGTH - 1], _WEIGHTS) % _MODULUS) % 10)


class Kind(StrEnum):
    """Kind of local government (地方公共団体の種類)."""

    PREFECTURE = "都道府県"
    DESIGNATED_CITY = "政令指定都市"
    CITY = "市"
    SPECIAL_WARD = "特別区"
    TOWN = "町"
    VILLAGE = "村"
    #: A ward of a designated city; many provisions treat it as a municipality (法38条).
    WARD = "行政区"


@dataclass(frozen=True, slots=True, kw_only=True)
class Municipality:
    """Local government (市町村, 行政区 or 都道府県) as it was when the table was made."""

    #: 全国地方公共団体コード.
    code: LocalGovernmentCode
    #: Name without prefecture and county; a ward's begins with its city's.
    name: str
    #: Its reading in katakana.
    kana: str
    #: Name of the prefecture.
    prefecture: str
    kind: Kind
    #: The designated city (政令指定都市) of a ward.
    designated_city: LocalGovernmentCode | None
    #: Census of 2020; None for wards younger than that.
    population: int | None


def municipality(code: str) -> Municipality:
    """Who bears this code today.

    Raises:
        BadCode: nobody does.
    """
    try:
        return municipalities()[code]
    except KeyError as error:
        raise BadCode("no local government bears this code") from error


@cache
def municipalities() -> Mapping[str, Municipality]:
    """Every prefecture, municipality and ward by code, in the order of codes."""
    table = resources.files(__package__).joinpath("municipalities.csv")
    rows = csv.DictReader(table.read_text(encoding="utf-8").splitlines())
    return MappingProxyType({row["code"]: _municipality(row) for row in rows})


def _municipality(row: Mapping[str, str]) -> Municipality:
    return Municipality(
        code=LocalGovernmentCode(row["code"]),
        name=row["name"],
        kana=row["kana"],
        prefecture=row["prefecture"],
        kind=Kind(row["kind"]),
        designated_city=LocalGovernmentCode(row["designated_city"]) if row["designated_city"] else None,
        population=int(row["population"]) if row["population"] else None,
    )


def prefecture_of(code: str) -> LocalGovernmentCode:
    """The code of the prefecture: its two digits, ``000``, check digit."""
    return _prefecture(code[:2])


@cache
def _prefecture(number: str) -> LocalGovernmentCode:
    return LocalGovernmentCode.from_body(f"{number}000")
