# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an answer says (照会結果).

An answer says one thing. Somebody who is found under a replaced code is never shown; of several only what tells them
apart is, until one of them is chosen.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final

from openjuki.residents.persons import PersonState
from openjuki.residents.transitions import State

if TYPE_CHECKING:
    from collections.abc import Container, Iterable, Mapping, Sequence
    from datetime import date

    from openjuki.residents.look_up.hit import Hit


class Result(StrEnum):
    """What an answer says (照会結果)."""

    #: 一致: one person, who is resident or about to leave.
    MATCHED = "matched"
    #: 不一致あり: one person, of whom some item is not what was written.
    MISMATCH = "mismatch"
    #: 複数該当.
    SEVERAL = "several"
    #: More than may be shown (該当多数): the count alone is told.
    TOO_MANY = "too_many"
    #: 該当なし.
    NONE = "none"
    #: 消除済（転出）: and no entry elsewhere is known to who answers.
    MOVED_OUT = "moved_out"
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
CLASSES: Final[Mapping[str, Result]] = {
    PersonState.DIED: Result.DIED,
    PersonState.ABROAD: Result.LEFT_THE_COUNTRY,
    PersonState.DELETED: Result.REMOVED,
    PersonState.MOVED_OUT_NOT_ENTERED: Result.MOVED_OUT,
    State.MOVED_OUT: Result.MOVED_OUT,
    State.MOVED_ABROAD: Result.LEFT_THE_COUNTRY,
    State.NATURALISED: Result.REMOVED,
    State.NATIONALITY_LOST: Result.REMOVED,
}
#: What tells several persons apart at a counter, and no more.
TELLING: Final = ("name", "furigana", "birth_date", "sex", "municipality", "address")


def result(hits: Sequence[Hit], *, most: int, on: date) -> Result:
    """The class of an answer to a question that led to these."""
    if not hits:
        return Result.NONE
    if len(hits) > most:
        return Result.TOO_MANY
    if len(hits) > 1:
        return Result.SEVERAL
    (hit,) = hits
    return CLASSES.get(hit.standing(on), Result.MATCHED) if hit.is_current else Result.SUPERSEDED


def arranged(hits: Iterable[Hit]) -> tuple[Hit, ...]:
    """Several persons in the order in which they are numbered: the same whenever they are found again."""
    return tuple(
        sorted(
            hits, key=lambda hit: (hit.birth_date, hit.municipality, hit.address, hit.name, str(hit.holder))
        )
    )


def candidates(hits: Iterable[tuple[Hit, Container[str]]], on: date) -> tuple[dict[str, Any], ...]:
    """Several persons to choose from (該当者の候補), numbered from 1 in this order, each with the items granted of it."""
    return tuple(
        {"candidate": number, **hit.shown([item for item in TELLING if item in granted], on)}
        for number, (hit, granted) in enumerate(hits, start=1)
    )
