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
from openjuki.residents.search import BEGINNING, address_key_beginning
from openjuki.store.snapshot.keys import address_keys, further_keys, hashed, name_keys
from openjuki.store.snapshot.layout import whole

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from datetime import date

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column
    from openjuki.store.snapshot.layout import Columns

#: What must be read of candidates to decide, beside the municipality where it was given.
COLUMNS: Final = ("birth_date", "sex", "address", "name_key")
#: And of those whose name is another: they may be known under it beside their own.
NAMES: Final = NamesToFind._fields
#: And of those whose address is written otherwise.
ADDRESS: Final = ("address_key",)
#: One in so many of the candidates: for fewer their keys are made, and for more they are read.
_FEW: Final = 8
_ISO: Final = "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"

#: Reads columns of some candidates, by their places.
type Reading = Callable[[NDArray[np.int64], Sequence[str]], pa.Table]


class Asked(NamedTuple):
    """Questions (4情報の条件)."""

    #: Search keys of the names.
    names: Column
    #: As they are written.
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
        searched = name_keys(pc.fill_null(name, ""))
        found = hashed(searched, pc.fill_null(born, 0))
        municipality = (
            whole(keys["municipality"]).cast(pa.int32()) if "municipality" in keys.column_names else None
        )
        return cls(pc.if_else(name.is_valid(), searched, None), address, born, sex, municipality, found)


def meant(
    asked: Asked, questions: NDArray[np.int64], persons: Columns, reading: Reading
) -> NDArray[np.bool_]:
    """Of candidates, each with the question that led to them: whether they were meant.

    Args:
        asked: the questions.
        questions: which of them led to each candidate.
        persons: `columns_for` the candidates.
        reading: reads others of some of them.
    """
    rows: Column = pa.array(questions)
    same = [
        _is(pc.equal(asked.birth_dates.take(rows), persons["birth_date"]), if_null=False),
        _is_of_sex(asked.sexes.take(rows), persons["sex"]),
    ]
    if asked.municipalities is not None:
        same.append(_is(pc.equal(asked.municipalities.take(rows), persons["municipality"]), if_null=True))
    # of few of those who live elsewhere anything more must be read: names come last
    for each in (_live_there, _are_named):
        places = np.flatnonzero(np.logical_and.reduce(same))
        agreeing = np.zeros(len(questions), np.bool_)
        agreeing[places] = each(asked, persons, questions[places], places, reading)
        same = [agreeing]
    return same[0]


def columns_for(asked: Asked) -> tuple[str, ...]:
    """What must be read of candidates to decide; see `meant`."""
    return COLUMNS if asked.municipalities is None else (*COLUMNS, "municipality")


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


def _is_of_sex(asked: Column, recorded: Column) -> NDArray[np.bool_]:
    known = recorded.dictionary_decode()
    return _is(pc.or_(pc.equal(asked, known), pc.equal(known, pa.scalar(Sex.UNKNOWN.value))), if_null=True)


def _live_there(
    asked: Asked, persons: Columns, questions: NDArray[np.int64], places: NDArray[np.int64], reading: Reading
) -> NDArray[np.bool_]:
    """Whether addresses are one place: written alike they are, else their keys say it."""
    written, recorded = asked.addresses.take(pa.array(questions)), persons["address"].take(pa.array(places))
    same = _is(pc.equal(written, recorded), if_null=True)
    rest = np.flatnonzero(~same)
    rest = rest[_may_be_one_place(written.take(pa.array(rest)), recorded.take(pa.array(rest)))]
    if len(rest):
        some: Column = pa.array(rest)
        few = len(rest) * _FEW < len(persons["address"])
        keys = (
            address_keys(recorded.take(some)) if few else whole(reading(places[rest], ADDRESS)["address_key"])
        )
        same[rest] = _are_one_place(address_keys(written.take(some)), keys)
    return same


def _are_named(
    asked: Asked, persons: Columns, questions: NDArray[np.int64], places: NDArray[np.int64], reading: Reading
) -> NDArray[np.bool_]:
    """Whether names are theirs: the recorded one, or one that they are known under beside it."""
    sought, recorded = asked.names.take(pa.array(questions)), persons["name_key"].take(pa.array(places))
    same = _is(pc.equal(sought, recorded), if_null=False)
    others = np.flatnonzero(~same)
    if len(others):
        columns = (column.to_pylist() for column in reading(places[others], NAMES).columns)
        known = map(NamesToFind._make, zip(*columns, strict=True))
        names = sought.take(pa.array(others)).to_pylist()
        same[others] = [name in further_keys(person) for name, person in zip(names, known, strict=True)]
    return same


def _may_be_one_place(asked: Column, recorded: Column) -> NDArray[np.bool_]:
    """Not where the first characters say already that neither key is the other's beginning: so it is with most."""
    return _begun(_beginnings(asked), _beginnings(recorded))


def _beginnings(addresses: Column) -> Column:
    first = pc.utf8_slice_codeunits(addresses, 0, BEGINNING).dictionary_encode()
    known: Column = pa.array(list(map(address_key_beginning, first.dictionary.to_pylist())), pa.string())
    return known.take(first.indices)


def _begun(asked: Column, recorded: Column) -> NDArray[np.bool_]:
    """Which are the other's beginning."""
    frame = pl.DataFrame({"asked": pl.Series(asked), "recorded": pl.Series(recorded)})
    one, other = pl.col("asked"), pl.col("recorded")
    return frame.select(one.str.starts_with(other) | other.str.starts_with(one)).to_series().to_numpy()


def _are_one_place(asked: Column, recorded: Column) -> NDArray[np.bool_]:
    """What is neither the same nor the other's beginning is none."""
    same = _is(pc.equal(asked, recorded), if_null=False)
    for place in np.flatnonzero(_begun(asked, recorded) & ~same).tolist():
        same[place] = is_one_place(asked[place].as_py(), recorded[place].as_py())
    return same
