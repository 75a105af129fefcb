# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Folding the journal into an overlay (差分の作成): what `store.records` did with each admitted notice, done again.

Rules of this file:

1. Whom a notice is about is found by its code, its previous code and its number; where these lead to several, they
   are one from then on. Everything of which a notice speaks leads to that person.
2. Where a person stands is what `residents.persons` says of their stays.
3. A version that is known already changes nothing: a generation may be further than the size it names.

What is not known here is read from the generation: who is spoken of, once for all notices that come together.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import chain
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import pyarrow as pa

from openjuki.config import JST
from openjuki.errors import IntegrityFailure
from openjuki.residents.changes import Reason
from openjuki.residents.persons import Bearer, Person, StaySummary, extend
from openjuki.store.snapshot import layout
from openjuki.store.snapshot.layout import DICTIONARIES, SCHEMA
from openjuki.store.snapshot.notices import Notice

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column
    from openjuki.store.snapshot.generation import Generation
    from openjuki.store.snapshot.notices import Items

#: What is not asked of a stay that a generation knows.
_LONG_AGO: Final = datetime.fromtimestamp(0, JST)
_PLACE: Final = {name: place for place, name in enumerate(SCHEMA.names)}


@dataclass(slots=True, eq=False)
class Standing:
    """Somebody of whom the journal has told (差分の対象者)."""

    stays: dict[int, StaySummary] = field(default_factory=dict)
    #: By stay: how its latest version leaves the person; not of stays that cannot become current without a notice.
    items: dict[int, Items] = field(default_factory=dict)
    #: Rows of the generation that are this person.
    rows: set[int] = field(default_factory=set)
    #: Who it turned out to be.
    united: Standing | None = None
    #: Search keys of the current items, once they are made.
    keys: tuple[str, str] | None = None

    @property
    def now(self) -> Standing:
        """The person this one is, as is known now."""
        one = self
        while one.united is not None:
            one = one.united
        return one

    @property
    def current(self) -> StaySummary:
        """The stay that says where the person stands."""
        return Person(tuple(self.stays[stay] for stay in sorted(self.stays))).current

    def row(self) -> Items:
        """The person's row.

        Raises:
            IntegrityFailure: the generation lacks the items of a stay that can become current.
        """
        stay = self.current
        if stay.stay not in self.items:
            raise IntegrityFailure("a generation lacks the items of a stay; build it anew")
        items = list(self.items[stay.stay])
        items[_PLACE["closing"]] = stay.closing
        return tuple(items)

    def others(self) -> Iterator[Items]:
        """The rows of the stays that are not current, with the person's code before."""
        current = self.current
        bearer = self.items[current.stay][0]
        for ordinal, stay in sorted(self.stays.items()):
            if ordinal != current.stay:
                may_return = stay.closing is None or ordinal > current.stay
                items = list(self.items[ordinal] if may_return else (None,) * len(SCHEMA.names))
                for name, value in (("closing", stay.closing), ("stay", ordinal), ("version", stay.version)):
                    items[_PLACE[name]] = value
                yield bearer, *items

    def take(self, notice: Notice) -> bool:
        """One more version of one stay; False where it was known."""
        row = notice.admitted
        known = self.stays.get(row.stay)
        if known is not None and row.version <= known.version:
            return False
        self.stays[row.stay] = extend(known, row)
        self.items[row.stay] = notice.items
        self.keys = None
        return True

    def unite(self, other: Standing) -> None:
        """The other one is this one."""
        other.united = self
        self.stays |= other.stays
        self.items |= other.items
        self.rows |= other.rows
        self.keys = None


@dataclass(slots=True)
class Led:
    """Whom a code or a number leads to, and whether it is a replaced one."""

    standing: Standing
    ended: bool


class Fold:
    """Everybody of whom the journal has told since a generation (差分)."""

    def __init__(self, generation: Generation) -> None:
        """Begin with a generation, and nothing told."""
        self.generation = generation
        #: Rows of the journal that are folded in.
        self.size = generation.size
        self.codes: dict[int, Led] = {}
        self.numbers: dict[int, Led] = {}
        self._by_row: dict[int, Standing] = {}

    def take(self, payloads: Iterable[bytes]) -> bool:
        """Fold what the journal says of admitted notices, in its order; whether anything is new."""
        notices = [notice for notice in map(Notice.of, payloads) if notice is not None]
        self._know(notices)
        admitted = [self._admit(notice) for notice in notices]
        return any(admitted)

    def standings(self) -> list[Standing]:
        """Everybody, by code."""
        led = chain(self.codes.values(), self.numbers.values())
        everybody = {id(now): now for now in (one.standing.now for one in led)}
        return sorted(everybody.values(), key=lambda one: int(one.items[one.current.stay][0]))

    def _admit(self, notice: Notice) -> bool:
        led = [self.codes.get(value) for value in notice.codes] + [
            self.numbers.get(value) for value in notice.numbers
        ]
        several = list(dict.fromkeys(one.standing.now for one in led if one is not None))
        one = several[0] if several else Standing()
        if (known := one.stays.get(notice.admitted.stay)) and notice.admitted.version <= known.version:
            return False
        for other in several[1:]:
            one.unite(other)
        one.take(notice)
        _enter(self.codes, notice.codes, notice.ended_code, one)
        _enter(self.numbers, notice.numbers, notice.ended_number, one)
        return True

    def _know(self, notices: Sequence[Notice]) -> None:
        """Read from the generation whom these codes and numbers lead to."""
        codes = {value for notice in notices for value in notice.codes} - self.codes.keys()
        numbers = {value for notice in notices for value in notice.numbers} - self.numbers.keys()
        by_code = _found(self.generation.by_code, codes)
        by_number = _found(self.generation.by_number, numbers)
        rows = {row for _, row, _ in chain(by_code, by_number)}
        self._load(sorted(rows - self._by_row.keys()))
        self.codes |= {code: Led(self._by_row[row], ended) for code, row, ended in by_code}
        self.numbers |= {number: Led(self._by_row[row], ended) for number, row, ended in by_number}

    def _load(self, rows: list[int]) -> None:
        """Read persons with all their stays."""
        if not rows:
            return
        for row, items in zip(rows, _rows(self.generation.read(np.array(rows), SCHEMA.names)), strict=True):
            standing = self._by_row[row] = Standing(rows={row})
            _know_stay(standing, items, whole=True)
        stays = self.generation.stays
        bearers = self.generation.codes[np.array(rows)]
        first, last = np.searchsorted(stays.codes, bearers), np.searchsorted(stays.codes, bearers, "right")
        places = np.concatenate([np.arange(begin, end) for begin, end in zip(first, last, strict=True)])
        whose = np.repeat(np.array(rows), last - first).tolist()
        for row, items in zip(whose, _rows(stays.read(places.astype(np.int64), SCHEMA.names)), strict=True):
            _know_stay(self._by_row[row], items, whole=items[0] is not None)


def _enter(register: dict[int, Led], values: Iterable[int], ended: int | None, one: Standing) -> None:
    for value in values:
        register.setdefault(value, Led(one, ended=False))
    if ended is not None:
        register[ended].ended = True


def _found(
    find: Callable[[NDArray[np.int64]], tuple[NDArray[np.int64], NDArray[np.bool_]]], values: Iterable[int]
) -> list[tuple[int, int, bool]]:
    """Each value that leads to a row, the row, and whether the value is a replaced one."""
    asked = np.array(sorted(values), np.int64)
    rows, ended = find(asked)
    found = zip(asked.tolist(), rows.tolist(), ended.tolist(), strict=True)
    return [(value, row, is_ended) for value, row, is_ended in found if row >= 0]


def _rows(batches: Iterable[pa.RecordBatch]) -> Iterator[Items]:
    for batch in batches:
        yield from zip(*(column.to_pylist() for column in batch.columns), strict=True)


def _know_stay(standing: Standing, items: Items, *, whole: bool) -> None:
    """A stay as a generation has it: its versions are counted, and what they were is not asked any more."""
    stay, version, closing = (items[_PLACE[name]] for name in ("stay", "version", "closing"))
    bearer = Bearer("", None, date.min, "")
    closed = None if closing is None else Reason(closing)
    standing.stays[stay] = StaySummary(
        stay, "", bearer, bearer, _LONG_AGO, (None, None), closed, None, (b"",) * version
    )
    if whole:
        standing.items[stay] = items


def columns(rows: Sequence[Items], schema: pa.Schema) -> pa.RecordBatch:
    """Rows as columns of `SCHEMA`, or of a schema that has its columns and others."""
    values = zip(*rows, strict=True) if rows else ((),) * len(schema)
    arrays = [_column(field, list(column)) for field, column in zip(schema, values, strict=True)]
    return pa.RecordBatch.from_arrays(arrays, schema=schema)


def _column(field: pa.Field[Any], values: list[Any]) -> Column:
    if field.name not in DICTIONARIES:
        return pa.array(values, field.type)
    return layout.coded(field.name, pa.array([value and str(value) for value in values], pa.string()))
