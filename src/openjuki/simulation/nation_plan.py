# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The small nation of the demonstration: three prefectures and ten municipalities that exist.

Names and codes are real so that addresses look as they do; every resident is fictitious, and no statement
is made about the municipalities themselves. The designated city's three wards stand in its addresses: its
register, and so its node, is the city's (指定都市の区, 法38条).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from openjuki.codes.local_government import LocalGovernmentCode, municipality

if TYPE_CHECKING:
    from collections.abc import Sequence


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedMunicipality:
    """A municipality (市区町村) of the demonstration."""

    code: LocalGovernmentCode
    #: Whether OpenJuki keeps its register; else only its CS, beside somebody else's system.
    keeps_register: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class PlannedPrefecture:
    """A prefecture (都道府県) of the demonstration."""

    code: LocalGovernmentCode
    municipalities: tuple[PlannedMunicipality, ...]


def _town(code: str, *, keeps_register: bool = True) -> PlannedMunicipality:
    return PlannedMunicipality(code=LocalGovernmentCode.parse(code), keeps_register=keeps_register)


def _prefecture(code: str, *towns: PlannedMunicipality) -> PlannedPrefecture:
    return PlannedPrefecture(code=LocalGovernmentCode.parse(code), municipalities=towns)


NATION: Final = (
    _prefecture(  # 北海道
        "010006",
        _town("012033"),  # 小樽市
        _town("012297"),  # 富良野市
        _town("014087"),  # 余市町
        _town("015199"),  # 利尻富士町
    ),
    _prefecture(  # 東京都
        "130001",
        _town("131016"),  # 千代田区
        _town("132195"),  # 狛江市
        _town("133078"),  # 檜原村
    ),
    _prefecture(  # 静岡県
        "220001",
        _town("221007"),  # 静岡市, a designated city of three wards
        _town("222232"),  # 御前崎市
        _town("223069", keeps_register=False),  # 西伊豆町
    ),
)

#: A village smaller than this would show nothing.
_SMALLEST: Final = 150


def towns(nation: Sequence[PlannedPrefecture] = NATION) -> tuple[PlannedMunicipality, ...]:
    """Every municipality of the plan, in its order."""
    return tuple(town for prefecture in nation for town in prefecture.municipalities)


def divide(residents: int, nation: Sequence[PlannedPrefecture] = NATION) -> dict[LocalGovernmentCode, int]:
    """How many of so many residents live where: by population (国勢調査), though nowhere too few to show.

    The figures add up to the argument.
    """
    codes = [town.code for town in towns(nation)]
    floor = min(_SMALLEST, residents // (2 * len(codes)))
    real = {code: municipality(code).population or 0 for code in codes}
    shares = {code: residents * people // sum(real.values()) for code, people in real.items()}
    divided = {code: max(share, floor) for code, share in shares.items()}
    # What the floors took and the rounding left is settled with the largest.
    largest = max(codes, key=lambda code: real[code])
    divided[largest] += residents - sum(divided.values())
    return divided
