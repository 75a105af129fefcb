# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Of whom may be told (提供の可否), for many persons at once: as `nodes.answering.Window.told` says it of one.

The grant says it by prefecture, so it is asked once for each of them.

1. Whom no basis is about is not even counted: of several, those are left whom one is about.
2. Whoever is found under a replaced code is not shown, and several never are.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.codes.local_government import prefecture_of
from openjuki.law.basis import Basis
from openjuki.residents.look_up.hit import LEAVING
from openjuki.residents.look_up.result import CLASSES, Result
from openjuki.residents.persons import PersonState
from openjuki.store.snapshot.layout import whole
from openjuki.wire.bulk import NO_ARTICLE, RESULT_BYTES

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date, datetime

    from numpy.typing import NDArray

    from openjuki.law.decision import Grant
    from openjuki.store.snapshot import Found

#: Prefectures have two digits, and there are these.
_PREFECTURES: Final = 100
_THERE_ARE: Final = slice(1, 48)


class Book(Protocol):
    """A book of persons in columns (照会先の台帳); a person is a position that means something to this book alone."""

    @property
    def size(self) -> int:
        """Rows of the journal that are in it."""

    @property
    def root(self) -> bytes:
        """Their root."""

    @property
    def at(self) -> datetime:
        """When they were the whole journal."""

    def codes(self, positions: NDArray[np.int64]) -> NDArray[np.int64]:
        """The resident codes of persons."""

    def prefectures(self, positions: NDArray[np.int64]) -> NDArray[np.int8]:
        """The prefectures of persons, by their two digits."""

    def take(self, positions: NDArray[np.int64], items: Sequence[str]) -> pa.Table:
        """Items of persons, as an answer has them; texts may stand as dictionaries."""


@dataclass(slots=True, kw_only=True)
class Weighed:
    """What became of the keys of a part (照会条件ごとの可否)."""

    #: Whom each leads to; -1: nobody, or nobody who may be told about.
    positions: NDArray[np.int64]
    #: What is said of each, in the byte of its result; who is shown has theirs when their standing is known.
    results: NDArray[np.uint8]
    #: The place of the basis under which each is told about; `NO_ARTICLE` where nobody is.
    bases: NDArray[np.uint8]

    @property
    def told(self) -> NDArray[np.bool_]:
        """Of which somebody is told about."""
        found: NDArray[np.bool_] = self.bases != NO_ARTICLE
        return found

    @property
    def shown(self) -> NDArray[np.bool_]:
        """Of which somebody is shown."""
        found: NDArray[np.bool_] = self.told & (self.results != RESULT_BYTES[Result.SUPERSEDED])
        return found


def weigh(book: Book, grant: Grant, found: Found, legible: NDArray[np.bool_]) -> Weighed:
    """Say of each key whom is told about under which basis."""
    basis_of = _bases(grant)
    positions = np.where(legible, found.positions, -1)
    candidates = found.candidates[legible[found.candidates[:, 0]]]
    several = _several(book, basis_of, candidates, positions)
    led = positions >= 0
    bases = np.full(len(positions), NO_ARTICLE, np.uint8)
    bases[led] = _told_under(book, basis_of, positions[led])
    results = np.full(len(positions), RESULT_BYTES[Result.NONE], np.uint8)
    results[found.superseded & led] = RESULT_BYTES[Result.SUPERSEDED]
    results[(led | found.several) & (bases == NO_ARTICLE)] = RESULT_BYTES[Result.NOT_PERMITTED]
    results[several] = RESULT_BYTES[Result.SEVERAL]
    results[~legible] = RESULT_BYTES[Result.MALFORMED]
    positions[bases == NO_ARTICLE] = -1
    return Weighed(positions=positions, results=results, bases=bases)


def standings(persons: pa.Table, on: date) -> tuple[Any, Any]:
    """The results of persons who are shown, and how they stand on a day, as `Hit.standing` says it."""
    reasons, states = (whole(persons[item]).dictionary_encode() for item in ("reason", "state"))
    leaving = pc.is_in(reasons.dictionary, pa.array(sorted(LEAVING))).take(reasons.indices)
    planned = pc.and_(leaving, pc.greater(whole(persons["date_of_change"]), pa.scalar(on)))
    kinds = [*states.dictionary.to_pylist(), PersonState.MOVE_OUT_PLANNED.value]
    places = np.where(planned, len(kinds) - 1, states.indices)
    results = np.array(list(map(_result, kinds)), np.uint8)
    return pa.array(results[places]), pa.DictionaryArray.from_arrays(places, pa.array(kinds))


def _result(state: str) -> int:
    return RESULT_BYTES[CLASSES.get(state, Result.MATCHED)]


def _several(
    book: Book, basis_of: NDArray[np.uint8], candidates: NDArray[np.int64], positions: NDArray[np.int64]
) -> NDArray[np.bool_]:
    """Which rows lead to several of whom may be told; where that is one alone, the row leads to them."""
    rows, persons = candidates.T
    open_ = _told_under(book, basis_of, persons) != NO_ARTICLE
    rows, persons = rows[open_], persons[open_]
    count = np.bincount(rows, minlength=len(positions))
    alone = count[rows] == 1
    positions[rows[alone]] = persons[alone]
    several: NDArray[np.bool_] = count > 1
    return several


def _told_under(book: Book, basis_of: NDArray[np.uint8], positions: NDArray[np.int64]) -> NDArray[np.uint8]:
    """The place of the basis about each person; where it is the same everywhere, nobody's prefecture is read."""
    everywhere = np.unique(basis_of[_THERE_ARE])
    if len(everywhere) == 1:
        return np.full(len(positions), everywhere[0], np.uint8)
    return basis_of[book.prefectures(positions)]


def _bases(grant: Grant) -> NDArray[np.uint8]:
    """By prefecture, the place of the basis that is about its persons; `NO_ARTICLE` where none is."""
    found = np.full(_PREFECTURES, NO_ARTICLE, np.uint8)
    for number in range(_PREFECTURES):
        basis = grant.basis_for(prefecture_of(f"{number:02}"))
        if isinstance(basis, Basis):
            found[number] = grant.bases.index(basis)
    return found
