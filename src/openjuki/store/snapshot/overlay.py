# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Overlay (差分): everybody whom the journal has told of since a generation, as they stand now."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Self

import numpy as np
import pyarrow as pa

from openjuki.store.snapshot import layout
from openjuki.store.snapshot.folding import columns
from openjuki.store.snapshot.keys import SearchKeys
from openjuki.store.snapshot.sorting import KEY, Pairs
from openjuki.store.snapshot.writing import ROWS, names_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from numpy.typing import NDArray

    from openjuki.store.snapshot.folding import Fold, Led, Standing

#: In place of a row: nobody.
GONE = -1
_NONE = Pairs.none()


@dataclass(frozen=True, slots=True, kw_only=True)
class Overlay:
    """Overlay (差分): rows that stand in place of a generation's, or beside them."""

    #: Columns of `SCHEMA` and `KEYS`, by resident code.
    persons: pa.RecordBatch = field(default_factory=lambda: columns([], ROWS))
    #: Their stays that are not current, by their code.
    stays: pa.RecordBatch = field(default_factory=lambda: columns([], layout.STAYS))
    #: Codes and numbers of which the journal has told, and the rows here that they lead to.
    codes: Pairs = _NONE
    numbers: Pairs = _NONE
    names: Pairs = _NONE
    #: Rows of the generation that hold no longer, ascending, and the rows here in their place.
    replaced: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))
    successors: NDArray[np.int64] = field(default_factory=lambda: np.empty(0, np.int64))

    @classmethod
    def of(cls, fold: Fold) -> Self:
        """What has been folded so far."""
        standings = fold.standings()
        _make_keys(standings)
        persons = columns([(*one.row(), *(one.keys or ())) for one in standings], ROWS)
        rows = {id(one): row for row, one in enumerate(standings)}
        replaced = sorted((base, rows[id(one)]) for one in standings for base in one.rows)
        return cls(
            persons=persons,
            stays=columns([other for one in standings for other in one.others()], layout.STAYS),
            codes=_led(fold.codes, rows),
            numbers=_led(fold.numbers, rows),
            names=names_of(persons, 0).sorted(),
            replaced=np.array([base for base, _ in replaced], np.int64),
            successors=np.array([row for _, row in replaced], np.int64),
        )

    def without(self, rows: NDArray[np.int64], base: NDArray[np.int64]) -> Self:
        """The same without some of its persons, and without persons of the generation that it says nothing of."""
        kept = np.ones(self.persons.num_rows, np.bool_)
        kept[rows] = False
        moved = np.where(kept, np.cumsum(kept) - 1, GONE)
        gone = np.union1d(self.replaced, base)
        successors = np.full(len(gone), GONE, np.int64)
        successors[np.searchsorted(gone, self.replaced)] = moved[self.successors]
        erased = np.isin(self.stays["bearer"].to_numpy(), self.persons["resident_code"].to_numpy()[~kept])
        return type(self)(
            persons=self.persons.filter(pa.array(kept)),
            stays=self.stays.filter(pa.array(~erased)),
            codes=self.codes.moved(moved),
            numbers=self.numbers.moved(moved),
            names=self.names.moved(moved),
            replaced=gone,
            successors=successors,
        )


def _make_keys(standings: Sequence[Standing]) -> None:
    """Search keys of those who have none yet, all together."""
    new = [one for one in standings if one.keys is None]
    if new:
        rows = [one.row() for one in new]
        name, address = (layout.SCHEMA.get_field_index(item) for item in ("name", "address"))
        keys = SearchKeys.of(pa.array([row[name] for row in rows]), pa.array([row[address] for row in rows]))
        for one, *both in zip(new, keys.name.to_pylist(), keys.address.to_pylist(), strict=True):
            one.keys = both[0], both[1]


def _led(register: Mapping[int, Led], rows: Mapping[int, int]) -> Pairs:
    values = sorted(register)
    led = np.array([rows[id(register[value].standing.now)] for value in values], np.int64)
    ended = np.array([register[value].ended for value in values], np.bool_)
    return Pairs.of(np.array(values, KEY), led, ended)
