# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Search keys of a generation (4情報の検索キー): a name and a date of birth lead to somebody through 64 bits.

The bits are the first of SHA-256 over the search key of the name, U+001F and the date: no library's own hash, which
the next release of it may change. Sixty-four bits are no proof: who was found is verified with the keys themselves.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.residents.look_up import NamesToFind
from openjuki.residents.names import TWO_NAMES, other_names
from openjuki.residents.search import address_key_series, variant_key, variant_key_series
from openjuki.store.bulk.columns import content, join, sha256

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column
    from openjuki.store.snapshot.layout import Columns

#: How many numbers of 64 bits a hash has.
_NUMBERS = 4


class SearchKeys(NamedTuple):
    """Search keys of some persons, row by row."""

    name: Column
    address: Column

    @classmethod
    def of(cls, names: Column, addresses: Column) -> SearchKeys:
        """The keys of these names and addresses."""
        return cls(name_keys(names), address_keys(addresses))


class Named(NamedTuple):
    """Names in 64 bits, and the rows of those who bear them."""

    hashes: NDArray[np.uint64]
    rows: NDArray[np.int64]


def name_keys(names: Column) -> Column:
    """Search keys of names."""
    return _keys(variant_key_series, names)


def address_keys(addresses: Column) -> Column:
    """Search keys of addresses."""
    return _keys(address_key_series, addresses)


def hashed(name_keys: Column, birth_dates: Column) -> NDArray[np.uint64]:
    """Names and dates of birth in 64 bits each."""
    digests = sha256(join(name_keys, b"\x1f", birth_dates.cast(pa.string())))
    return content(digests).view(">u8")[::_NUMBERS].astype(np.uint64)


def named(persons: Columns, name_keys: Column, first: int = 0) -> Named:
    """All names by which these are found: the recorded one, and those that lead to them beside it."""
    own = hashed(name_keys, persons["birth_date"])
    rows = np.arange(first, first + len(own))
    others = _others(persons)
    if not others:
        return Named(own, rows)
    places = np.array([place for place, _ in others])
    keys = pa.array([key for _, key in others])
    further = hashed(keys, persons["birth_date"].take(pa.array(places)))
    return Named(np.concatenate([own, further]), np.concatenate([rows, first + places]))


def further_keys(person: NamesToFind) -> tuple[str, ...]:
    """Keys of the further names under which somebody is found: by a name, not by how one reads."""
    names = map(variant_key, other_names(person.name, person.former_surname, person.alias))
    known = {"", person.name_key, person.kana_key}
    return tuple(dict.fromkeys(key for key in names if key not in known))


def _others(persons: Columns) -> list[tuple[int, str]]:
    """The few who have further names, one by one."""
    latin: Column = pc.match_substring_regex(persons["name"], TWO_NAMES)
    some: Column = pc.or_(pc.or_(persons["alias"].is_valid(), persons["former_surname"].is_valid()), latin)
    places = np.flatnonzero(some.to_numpy(zero_copy_only=False)).tolist()
    items: Any = zip(*(persons[item].filter(some).to_pylist() for item in NamesToFind._fields), strict=True)
    return [
        (place, key)
        for place, person in zip(places, map(NamesToFind._make, items), strict=True)
        for key in further_keys(person)
    ]


def _keys(key: Any, values: Column) -> Column:
    return key(pl.Series("text", values, dtype=pl.String)).to_arrow().cast(pa.string())
