# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whom name, birth date, sex and address mean (4情報による照会), in columns: as `residents.look_up.LookUp` says, row by row.

A name and a date of birth lead to candidates; who of them was meant is decided by the strings themselves: no item that
was given may differ. An address may leave out what follows the number of the block.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.errors import BadInput
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up import NamesToFind
from openjuki.residents.look_up.agreeing import is_one_place
from openjuki.residents.record import Sex
from openjuki.store.snapshot.keys import SearchKeys, further_keys, hashed
from openjuki.store.snapshot.layout import whole

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import date

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column
    from openjuki.store.snapshot.layout import Columns

#: What must be read of candidates to decide.
COLUMNS: Final = ("birth_date", "sex", "municipality", "name_key", "address_key")
#: And of those whose name is another: they may be known under it beside their own.
NAMES: Final = NamesToFind._fields
_ISO: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"


class Asked(NamedTuple):
    """Questions (4情報の条件), with their keys."""

    names: Column
    addresses: Column
    birth_dates: Column
    sexes: Column
    municipalities: Column | None
    #: Name and birth date in 64 bits.
    hashes: NDArray[np.uint64]

    @classmethod
    def of(cls, keys: pa.Table) -> Self:
        """Read questions from columns; a date may be text in any form that registers write."""
        name, address, sex = (whole(keys[item].cast(pa.string())) for item in ("name", "address", "sex"))
        born = _dates(whole(keys["birth_date"]))
        searched = SearchKeys.of(pc.fill_null(name, ""), pc.fill_null(address, ""))
        asked = pc.if_else(name.is_valid(), searched.name, None)
        municipality = (
            whole(keys["municipality"]).cast(pa.int32()) if "municipality" in keys.column_names else None
        )
        lived = pc.if_else(address.is_valid(), searched.address, None)
        found = hashed(searched.name, pc.fill_null(born, 0))
        return cls(asked, lived, born, sex, municipality, found)


def meant(
    asked: Asked,
    questions: NDArray[np.int64],
    persons: Columns,
    names_of: Callable[[NDArray[np.int64]], pa.Table],
) -> NDArray[np.bool_]:
    """Of candidates, each with the question that led to them: whether they were meant.

    Args:
        asked: the questions.
        questions: which of them led to each candidate.
        persons: `COLUMNS` of the candidates.
        names_of: reads `NAMES` of some candidates, by their places here.
    """
    rows: Column = pa.array(questions)
    same = [
        _is(pc.equal(asked.birth_dates.take(rows), persons["birth_date"]), if_null=False),
        _is_named(asked.names.take(rows), persons["name_key"], names_of),
        _is_of_sex(asked.sexes.take(rows), persons["sex"]),
    ]
    if asked.municipalities is not None:
        same.append(_is(pc.equal(asked.municipalities.take(rows), persons["municipality"]), if_null=True))
    likely: NDArray[np.bool_] = np.logical_and.reduce(same)
    some: Column = pa.array(likely)
    likely[likely] = _live_there(asked.addresses.take(rows.filter(some)), persons["address_key"].filter(some))
    return likely


def _dates(values: Column) -> Column:
    """Days; null for what is none. A nation has fewer of them than people."""
    if values.type == pa.date32():
        return values
    encoded: Column = values.cast(pa.string()).dictionary_encode()
    texts = encoded.dictionary
    usual = pc.if_else(pc.match_substring_regex(texts, _ISO), texts, None)
    days: Column = pc.strptime(usual, "%Y-%m-%d", "s", error_is_null=True).cast(pa.date32())
    # an impossible day is not read as another one here
    odd: Column = pa.array(~_is(pc.equal(days.cast(pa.string()), texts), if_null=False))
    others = [_date(text) for text in texts.filter(odd).to_pylist()]
    return pc.replace_with_mask(days, odd, pa.array(others, pa.date32())).take(encoded.indices)


def _date(text: str) -> date | None:
    try:
        return RecordedDate.parse(text).sort
    except BadInput:
        return None


def _is(values: Column, *, if_null: bool) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = pc.fill_null(values, if_null).to_numpy(zero_copy_only=False)
    return known.copy()


def _is_named(
    asked: Column, recorded: Column, names_of: Callable[[NDArray[np.int64]], pa.Table]
) -> NDArray[np.bool_]:
    same = _is(pc.equal(asked, recorded), if_null=False)
    others = np.flatnonzero(~same)
    if len(others):
        persons = map(
            NamesToFind._make, zip(*(column.to_pylist() for column in names_of(others).columns), strict=True)
        )
        sought = asked.take(pa.array(others)).to_pylist()
        same[others] = [name in further_keys(person) for name, person in zip(sought, persons, strict=True)]
    return same


def _is_of_sex(asked: Column, recorded: Column) -> NDArray[np.bool_]:
    known = recorded.dictionary_decode()
    return _is(pc.or_(pc.equal(asked, known), pc.equal(known, pa.scalar(Sex.UNKNOWN.value))), if_null=True)


def _live_there(asked: Column, recorded: Column) -> NDArray[np.bool_]:
    """Whether addresses are one place: by their keys; what is neither the same nor the other's beginning is none."""
    same = _is(pc.equal(asked, recorded), if_null=True)
    frame = pl.DataFrame({"asked": pl.Series(asked), "recorded": pl.Series(recorded)})
    begins = pl.col("recorded").str.starts_with(pl.col("asked")) | pl.col("asked").str.starts_with(
        pl.col("recorded")
    )
    begun = frame.select(begins.fill_null(value=False)).to_series().to_numpy()
    for place in np.flatnonzero(begun & ~same).tolist():
        same[place] = is_one_place(asked[place].as_py(), recorded[place].as_py())
    return same
