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

from openjuki.residents.look_up import NamesToFind
from openjuki.residents.look_up.agreeing import is_one_place
from openjuki.residents.record import Sex
from openjuki.residents.search import BEGINNING, address_key_beginning
from openjuki.store.snapshot.days import Days
from openjuki.store.snapshot.keys import address_keys, further_keys, hashed, name_keys
from openjuki.store.snapshot.layout import DICTIONARIES, whole

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column
    from openjuki.store.snapshot.layout import Columns

#: What is read of every candidate, beside the municipality where it was given.
_FIRST: Final = ("birth_date", "birth_date_recorded", "sex")
_SEXES: Final = DICTIONARIES["sex"]
#: In place of a sex: none was given, or none of these.
_NOT_GIVEN, _ANOTHER = -1, -2
_UNKNOWN: Final = _SEXES.to_pylist().index(Sex.UNKNOWN)
#: One in so many of the candidates: for fewer of them that are written otherwise their keys are made, and for more they
#: are read.
_FEW: Final = 8

#: Reads columns of some candidates, by their places.
type Reading = Callable[[NDArray[np.int64], Sequence[str]], pa.Table]
#: Whether an item of candidates agrees, and whether it is written alike.
type Agreeing = tuple[NDArray[np.bool_], NDArray[np.bool_]]


class Asked(NamedTuple):
    """Questions (4情報の条件)."""

    #: As they are written, and
    names: Column
    #: their search keys.
    name_keys: Column
    addresses: Column
    birth_dates: Column
    #: Which of these are written as a day of the calendar is recorded.
    plain: NDArray[np.bool_]
    #: By their places in the dictionary of a snapshot.
    sexes: NDArray[np.int8]
    municipalities: Column | None
    #: Name and birth date in 64 bits.
    hashes: NDArray[np.uint64]

    @classmethod
    def of(cls, keys: pa.Table) -> Self:
        """Read questions from columns; a date may be text in any form that registers write."""
        name, address, sex, born = (
            whole(keys[item].cast(pa.string())) for item in ("name", "address", "sex", "birth_date")
        )
        dates, searched = Days.of(born), name_keys(pc.fill_null(name, ""))
        municipality = (
            whole(keys["municipality"]).cast(pa.int32()) if "municipality" in keys.column_names else None
        )
        return cls(
            names=name,
            name_keys=pc.if_else(name.is_valid(), searched, None) if name.null_count else searched,
            addresses=address,
            birth_dates=dates.days,
            plain=dates.plain,
            sexes=_sexes(sex),
            municipalities=municipality,
            hashes=hashed(searched, pc.fill_null(dates.days, 0)),
        )


def _sexes(texts: Column) -> NDArray[np.int8]:
    found: Column = pc.index_in(texts, value_set=_SEXES)
    places: NDArray[np.int32] = pc.fill_null(found, _ANOTHER).to_numpy()
    return np.where(texts.is_valid(), places, _NOT_GIVEN).astype(np.int8)


class Meant(NamedTuple):
    """Which candidates were meant (該当者の判定)."""

    these: NDArray[np.bool_]
    #: By item, of whom of them it is recorded character by character as it was asked.
    alike: Mapping[str, NDArray[np.bool_]]


def meant(asked: Asked, questions: NDArray[np.int64], reading: Reading) -> Meant:
    """Of candidates, each with the question that led to them: whether they were meant.

    Args:
        asked: the questions.
        questions: which of them led to each candidate.
        reading: reads columns of some of the candidates.
    """
    rows: Column = pa.array(questions)
    persons = reading(
        np.arange(len(questions)), _FIRST if asked.municipalities is None else (*_FIRST, "municipality")
    )
    born, born_alike = _were_born(asked, rows, persons)
    of_sex, sex_alike = _are_of_sex(asked, rows, persons)
    same, alike = [born, of_sex], {"birth_date": born_alike, "sex": sex_alike}
    if asked.municipalities is not None:
        same.append(_is(pc.equal(asked.municipalities.take(rows), persons["municipality"]), if_null=True))
    # a text at a time is in memory, and nothing more is read of those who live elsewhere: names come last
    for item, each in (("address", _live_there), ("name", _are_named)):
        places = np.flatnonzero(np.logical_and.reduce(same))
        agreeing, alike[item] = np.zeros((2, len(questions)), np.bool_)
        agreeing[places], alike[item][places] = each(asked, questions[places], places, reading)
        same = [agreeing]
    return Meant(same[0], alike)


def _column(reading: Reading, places: NDArray[np.int64], name: str) -> Column:
    return whole(reading(places, (name,))[name])


def _is(values: Column, *, if_null: bool) -> NDArray[np.bool_]:
    known: NDArray[np.bool_] = pc.fill_null(values, if_null).to_numpy(zero_copy_only=False)
    return known.copy()


def _were_born(asked: Asked, rows: Column, persons: Columns) -> Agreeing:
    """Whether birth dates are one day, however they are written."""
    same = _is(pc.equal(asked.birth_dates.take(rows), persons["birth_date"]), if_null=False)
    as_day = _is(persons["birth_date_recorded"].is_null(), if_null=False)
    return same, same & as_day & asked.plain[rows.to_numpy()]


def _are_of_sex(asked: Asked, rows: Column, persons: Columns) -> Agreeing:
    """Whether sexes are one, or one of them is not known."""
    written, recorded = asked.sexes[rows.to_numpy()], whole(persons["sex"]).indices.to_numpy()
    alike = written == recorded
    return alike | (recorded == _UNKNOWN) | (written == _NOT_GIVEN), alike


def _live_there(
    asked: Asked, questions: NDArray[np.int64], places: NDArray[np.int64], reading: Reading
) -> Agreeing:
    """Whether addresses are one place: written alike they are, else their keys say it."""
    written, recorded = asked.addresses.take(pa.array(questions)), _column(reading, places, "address")
    alike = _is(pc.equal(written, recorded), if_null=False)
    same = alike | _is(written.is_null(), if_null=True)
    rest = np.flatnonzero(~same)
    rest = rest[_may_be_one_place(written.take(pa.array(rest)), recorded.take(pa.array(rest)))]
    if len(rest):
        some: Column = pa.array(rest)
        keys = (
            address_keys(recorded.take(some))
            if len(rest) * _FEW < len(places)
            else _column(reading, places[rest], "address_key")
        )
        same[rest] = _are_one_place(address_keys(written.take(some)), keys)
    return same, alike


def _are_named(
    asked: Asked, questions: NDArray[np.int64], places: NDArray[np.int64], reading: Reading
) -> Agreeing:
    """Whether names are theirs: the recorded one, or one that they are known under beside it."""
    written, recorded = asked.names.take(pa.array(questions)), _column(reading, places, "name")
    alike = _is(pc.equal(written, recorded), if_null=False)
    same, rest = alike.copy(), np.flatnonzero(~alike)
    if len(rest):
        sought = asked.name_keys.take(pa.array(questions[rest]))
        keys = (
            name_keys(recorded.take(pa.array(rest)))
            if len(rest) * _FEW < len(places)
            else _column(reading, places[rest], "name_key")
        )
        same[rest] = _is(pc.equal(sought, keys), if_null=False)
        others = np.flatnonzero(~same[rest])
        same[rest[others]] = _are_known_as(sought.take(pa.array(others)), places[rest[others]], reading)
    return same, alike


def _are_known_as(sought: Column, places: NDArray[np.int64], reading: Reading) -> NDArray[np.bool_]:
    """Whether these are known under these keys beside their names; they are few."""
    if not len(places):
        return np.zeros(0, np.bool_)
    columns = (column.to_pylist() for column in reading(places, NamesToFind._fields).columns)
    known = map(NamesToFind._make, zip(*columns, strict=True))
    return np.array([key in further_keys(one) for key, one in zip(sought.to_pylist(), known, strict=True)])


def _may_be_one_place(asked: Column, recorded: Column) -> NDArray[np.bool_]:
    """Not where the first characters say already that neither key is the other's beginning: so it is with most."""
    may = np.ones(len(asked), np.bool_)
    for characters in (1, BEGINNING):  # with many the first one says it, and there are few of these
        rows = np.flatnonzero(may)
        some: Column = pa.array(rows)
        may[rows] = _begun(*(_beginnings(one.take(some), characters) for one in (asked, recorded)))
    return may


def _beginnings(addresses: Column, characters: int) -> Column:
    first = pc.utf8_slice_codeunits(addresses, 0, characters).dictionary_encode()
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
