# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Addresses (住所) of chance: towns, chome and postal codes that exist, lots and buildings that do not.

A municipality has its manner of writing addresses, and a few are written otherwise, as in real registers:
the chome in kanji with the town (本町一丁目2番3号), in figures with the block (本町1丁目2番3号), or hyphens.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Final

import numpy as np

from openjuki.codes.local_government import municipality
from openjuki.simulation.chance import Chance
from openjuki.simulation.tables import join, nothing, numbers, only, texts
from openjuki.simulation.towns import towns_of, towns_of_japan

if TYPE_CHECKING:
    from openjuki.simulation.chance import Floats, Ints
    from openjuki.simulation.tables import Texts
    from openjuki.simulation.towns import Towns

#: How often an address is not written in the municipality's manner.
_ODD: Final = 0.06
_MANNERS: Final = 4
_FIGURES: Final = "〇一二三四五六七八九"
_CHOME: Final = texts(
    [
        (_FIGURES[tens] if tens > 1 else "") + "十" * (tens > 0) + (_FIGURES[ones] if ones else "") + "丁目"
        if tens or ones
        else ""
        for tens in range(10)
        for ones in range(10)
    ]
)

#: What houses are called; none of them is meant.
_FIRST_HALVES: Final = texts(
    [
        "サン",
        "グリーン",
        "ひまわり",
        "さくら",
        "コスモ",
        "メープル",
        "若葉",
        "みどり",
        "ハーモニー",
        "シティ",
        "リバーサイド",
        "パーク",
        "第一",
        "第二",
        "ブルー",
        "朝日",
        "クレスト",
        "ベル",
        "プリムローズ",
        "ラ・フォーレ",
        "エステート",
        "ソレイユ",
        "オリーブ",
        "ふじ",
        "白樺",
        "フローラ",
        "セントラル",
        "県営",
    ]
)
_SECOND_HALVES: Final = texts(
    [
        "ハイツ",
        "コーポ",
        "荘",
        "マンション",
        "メゾン",
        "レジデンス",
        "パレス",
        "ハイム",
        "ヴィラ",
        "コート",
        "団地",
        "ハウス",
        "テラス",
        "アパート",
    ]
)
_ROOM: Final = texts(["", "号", "号室"])
_NURSING_HOMES: Final = texts(
    ["特別養護老人ホームあおぞら園", "介護老人保健施設ひだまり", "ケアハウス桜の里", "有料老人ホーム潮風"]
)
#: Population from which half of the people who live alone live in a building, not a house.
_TOWNLY: Final = 20_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Addresses:
    """Addresses (住所), one entry each; names as the columns of the register."""

    municipality: Texts
    #: 町字; None where the village is one town.
    town: Texts
    #: 番地, or 街区符号・住居番号.
    block: Texts
    #: 方書; None for a house.
    building: Texts
    postal_code: Texts

    def columns(self, rows: Ints) -> dict[str, Texts]:
        """The columns of the register for people at the addresses of these places."""
        return {field.name: getattr(self, field.name)[rows] for field in fields(self)}


def draw_addresses(chance: Chance, code: str, flat: Floats, nursed: Floats) -> Addresses:
    """Addresses in a municipality, one for each household.

    Args:
        chance: the stream.
        code: of the municipality.
        flat: how likely each lives in a building with other households, were the place a large town.
        nursed: how likely each lives in a nursing home.
    """
    towns, count = towns_of(code), len(flat)
    row = towns.weights.draw(chance, count)
    town, block = _lots(chance, code, towns, row)
    building = _rooms(chance, count)
    house = ~chance.hits(flat * _townliness(code), count)
    building[house] = None
    homes = np.flatnonzero(chance.hits(nursed, count))
    building[homes] = _NURSING_HOMES[chance.below(len(_NURSING_HOMES), len(homes))]
    return Addresses(
        municipality=towns.municipality[row],
        town=only(town != "", town),
        block=block,
        building=building,
        postal_code=towns.postal_code[row],
    )


def draw_places_of_origin(chance: Chance, count: int) -> Texts:
    """Addresses anywhere in Japan in one text, prefecture and all (転入前住所)."""
    towns = towns_of_japan()
    row = towns.weights.draw(chance, count)
    return join(_names(towns.municipality[row]), *_lots(chance, "", towns, row))


def draw_domiciles(chance: Chance, code: str, home: float, count: int) -> Texts:
    """Registered domiciles (本籍): a share at home in this municipality, the others anywhere."""
    places = [_domiciles_in(chance, towns, count) for towns in (towns_of(code), towns_of_japan())]
    place = np.where(chance.hits(home, count), *places)
    lot = numbers(1 + chance.below(1500, count))
    return join(place, lot, np.where(chance.hits(0.7, count), texts(["番地"]), texts(["番"])))


def _domiciles_in(chance: Chance, towns: Towns, count: int) -> Texts:
    row = towns.weights.draw(chance, count)
    return join(_names(towns.municipality[row]), towns.town[row], _CHOME[_draw_chome(chance, towns, row)])


def _draw_chome(chance: Chance, towns: Towns, row: Ints) -> Ints:
    first = towns.first_chome[row]
    return first + chance.below(towns.last_chome[row] - first + 1, len(row))


def _names(codes: Texts) -> Texts:
    """Municipalities by name, prefecture first."""
    distinct, place = np.unique(codes.astype(str), return_inverse=True)
    bearers = [municipality(code) for code in distinct.tolist()]
    return texts([bearer.prefecture + bearer.name for bearer in bearers])[place]


def _townliness(code: str) -> float:
    people = municipality(code).population or _TOWNLY
    return people / (people + _TOWNLY)


def _lots(chance: Chance, code: str, towns: Towns, row: Ints) -> tuple[Texts, Texts]:
    """Town and block for each row of the towns, in the municipality's manner; without a code in any."""
    count = len(row)
    own = int(Chance(0, code, "manner").below(_MANNERS - 1, 1)[0])
    odd = chance.hits(_ODD if code else 1.0, count)
    manner = np.where(odd, chance.below(_MANNERS, count), own)
    chome = _draw_chome(chance, towns, row)
    town, block = towns.town[row].copy(), nothing(count)
    small, number = numbers(1 + chance.below(40, count)), numbers(1 + chance.below(25, count))
    large = numbers(1 + (chance.units(count) * chance.units(count) * 4000).astype(np.int64))
    for each in range(_MANNERS):
        here = np.flatnonzero((manner == each) & (chome > 0))
        town[here], block[here] = _with_chome(each, town[here], chome[here], small[here], number[here])
        here = np.flatnonzero((manner == each) & (chome == 0))
        block[here] = _without_chome(each, large[here], number[here])
    return town, block


def _with_chome(manner: int, town: Texts, chome: Ints, block: Texts, number: Texts) -> tuple[Texts, Texts]:
    match manner:
        case 0:
            return join(town, _CHOME[chome]), join(block, "番", number, "号")
        case 1:
            return join(town, _CHOME[chome]), join(block, "番地の", number)
        case 2:
            return town, join(numbers(chome), "丁目", block, "番", number, "号")
        case _:
            return town, join(numbers(chome), "-", block, "-", number)


def _without_chome(manner: int, lot: Texts, branch: Texts) -> Texts:
    match manner:
        case 0:
            return join(lot, "番地", branch)
        case 1:
            return join(lot, "番地の", branch)
        case 2:
            return join(lot, "番地")
        case _:
            return join(lot, "-", branch)


def _rooms(chance: Chance, count: int) -> Texts:
    """Buildings and rooms."""
    first = _FIRST_HALVES[chance.below(len(_FIRST_HALVES), count)]
    second = _SECOND_HALVES[chance.below(len(_SECOND_HALVES), count)]
    storey = 1 + (chance.units(count) * chance.units(count) * 9).astype(np.int64)
    room = numbers(100 * storey + 1 + chance.below(8, count))
    return join(first, second, room, _ROOM[chance.below(len(_ROOM), count)])
