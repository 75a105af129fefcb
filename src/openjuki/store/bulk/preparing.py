# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an initial load writes, table by table, made in whole columns out of the persons that are loaded."""

from __future__ import annotations

from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np
import polars as pl
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.residents.look_up import NamesToFind
from openjuki.residents.names import TWO_NAMES
from openjuki.residents.search import address_key_series, kana_key_series, variant_key_series
from openjuki.residents.stays import PersonState
from openjuki.store.bulk import columns, documents, numbering
from openjuki.store.bulk.columns import constant, days, fixed, moments, numbers, texts
from openjuki.wire.merkle import Tree

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column, Field

#: What is loaded: the first notice of each person's stay, in the order in which its town sent it.
_TYPES: Final[Mapping[str, pa.DataType]] = {
    "resident_code": pa.string(),
    "individual_number": pa.string(),
    "name": pa.string(),
    "furigana": pa.string(),
    "former_surname": pa.string(),
    "former_surname_furigana": pa.string(),
    "alias": pa.string(),
    "birth_date": pa.date32(),
    "birth_date_recorded": pa.string(),
    "sex": pa.string(),
    "municipality": pa.string(),
    "address": pa.string(),
    "stay": pa.int32(),
    "reason": pa.string(),
    "date_of_change": pa.date32(),
    "recorded_at": pa.timestamp("us", "Asia/Tokyo"),
    "predecessor_municipality": pa.string(),
    "predecessor_stay": pa.int32(),
    "origin": pa.string(),
}
SCHEMA: Final = pa.schema(_TYPES)

#: Search keys are made for so many persons at a time, rows for so many.
SECTION: Final = 1 << 19
CHUNK: Final = 1 << 15


def ahead[T](items: Iterator[T]) -> Iterator[T]:
    """The same items, each made in a thread while the one before is being used; the first from now on."""
    worker = ThreadPoolExecutor(1)
    return _following(worker, items, worker.submit(next, items, None))


def _following[T](worker: ThreadPoolExecutor, items: Iterator[T], coming: Future[T | None]) -> Iterator[T]:
    with worker:
        while (item := coming.result()) is not None:
            coming = worker.submit(next, items, None)
            yield item


#: Rows for some tables, ready to be sent.
type Rows = Mapping[str, memoryview]


class Part(NamedTuple):
    """Tables that are filled together (一括投入の単位), and their rows, some at a time."""

    tables: tuple[str, ...]
    rows: Iterator[Rows]


class _Keys(NamedTuple):
    """Search keys (検索キー) of some persons."""

    name: Column
    kana: Column
    address: Column

    @classmethod
    def of(cls, persons: pa.Table) -> _Keys:
        name, kana, address = (pl.Series(item, persons[item]) for item in ("name", "furigana", "address"))
        return cls(
            variant_key_series(name).to_arrow(),
            kana_key_series(kana).to_arrow(),
            address_key_series(address).to_arrow(),
        )

    def slice(self, start: int, length: int) -> _Keys:
        return _Keys(*(key.slice(start, length) for key in self))


@dataclass(frozen=True, slots=True)
class Generation:
    """Numbers for those who came without one (個人番号の生成, 番号法8条2項)."""

    numbers: Column
    attempts: NDArray[np.int64]
    #: Whose number was generated.
    generated: NDArray[np.bool_]

    @classmethod
    def of(cls, persons: pa.Table, key: bytes) -> Generation:
        """Generate what is missing."""
        codes, given = (persons[item].combine_chunks() for item in ("resident_code", "individual_number"))
        assigned, attempts = numbering.assign(codes, given, key)
        return cls(columns.decimal(assigned, 12), attempts, given.is_null().to_numpy(zero_copy_only=False))


class Preparation:
    """The rows of an initial load, to be made once."""

    def __init__(
        self, persons: pa.Table, ids: NDArray[np.int64], at: datetime, number_key: bytes | None
    ) -> None:
        """Take persons in the columns of `SCHEMA`, their ids, the time, and at the Centre the key for numbers."""
        # a number takes all persons at once, a search key each by itself: the keys begin meanwhile
        self._keys = ahead(_Keys.of(persons.slice(start, SECTION)) for start in _sections(persons))
        generation = None if number_key is None else Generation.of(persons, number_key)
        if generation is not None:
            place = persons.schema.get_field_index("individual_number")
            persons = persons.set_column(place, "individual_number", generation.numbers.cast(pa.string()))
        self._persons = persons
        self._ids = pa.array(ids)
        self._at = at
        self._generation = generation
        self._seqs = _counted(persons["origin"])
        #: Over the journal rows made so far.
        self.tree = Tree.EMPTY

    @property
    def generated(self) -> int:
        """How many numbers were generated."""
        return 0 if self._generation is None else int(self._generation.generated.sum())

    def book(self) -> Part:
        """What was taken in: records, and the journal."""
        return Part(("record", "journal"), self._book())

    def successions(self) -> Part:
        """Whose each code and number is."""
        registry = ("number_generation",) if self._generation else ()
        return Part(("code_succession", "number_succession", *registry), self._successions())

    def pointers(self) -> Part:
        """Where each person stands, and the search keys."""
        return Part(("person", "other_name"), self._pointers())

    def last_seqs(self) -> dict[str, int]:
        """The number of the last notice of each municipality."""
        counts: Column = pc.value_counts(self._persons["origin"])
        return {row["values"]: row["counts"] for row in counts.to_pylist()}

    def _book(self) -> Iterator[Rows]:
        for start, persons, ids in self._chunks():
            notices = documents.notices(persons)
            payloads = documents.applied(notices, persons["origin"], self._seqs.slice(start, CHUNK))
            journal = documents.journalled("notice.applied", self._at, payloads, start)
            subtrees, height = documents.perfect_subtrees(journal.hashes)
            self.tree = self.tree.append(subtrees, height=height)
            yield {
                "record": columns.rows(self._records(persons, ids, columns.sha256(notices))),
                "journal": columns.rows(self._journal(journal, start)),
            }

    def _successions(self) -> Iterator[Rows]:
        for start, persons, ids in self._chunks():
            codes = _succession(persons["resident_code"], 11, ids, persons["recorded_at"])
            tables = {"code_succession": codes, "number_succession": _numbers(persons, ids)}
            if self._generation is not None:
                tables["number_generation"] = self._generated(self._generation, persons, start)
            yield {table: columns.rows(fields) for table, fields in tables.items() if fields}

    def _pointers(self) -> Iterator[Rows]:
        keys = (some.slice(start, CHUNK) for some in self._keys for start in range(0, len(some.name), CHUNK))
        for (_, persons, ids), chunk in zip(self._chunks(), keys, strict=True):
            tables = {"person": _pointers(persons, ids, chunk), "other_name": _other_names(persons, ids)}
            yield {table: columns.rows(fields) for table, fields in tables.items() if fields}

    def _chunks(self) -> Iterator[tuple[int, pa.RecordBatch, Column]]:
        """Some persons at a time, with the place of the first and the ids."""
        for start in range(0, len(self._persons), CHUNK):
            (persons,) = self._persons.slice(start, CHUNK).combine_chunks().to_batches()
            yield start, persons, self._ids.slice(start, CHUNK)

    def _records(self, persons: pa.RecordBatch, ids: Column, digests: Column) -> list[Field]:
        return [
            numbers(ids, 8),
            numbers(persons["stay"], 4),
            constant(1),
            fixed(persons["reason"], 3),
            days(persons["date_of_change"]),
            moments(persons["recorded_at"]),
            texts(persons["predecessor_municipality"]),
            numbers(persons["predecessor_stay"], 4),
            fixed(persons["resident_code"], 11),
            texts(persons["individual_number"]),
            texts(persons["name"]),
            texts(persons["furigana"]),
            texts(persons["former_surname"]),
            texts(persons["former_surname_furigana"]),
            texts(persons["alias"]),
            days(persons["birth_date"]),
            texts(persons["birth_date_recorded"]),
            texts(persons["sex"]),
            fixed(persons["municipality"], 6),
            texts(persons["address"]),
            fixed(persons["origin"], 6),
            constant(self._at),
            fixed(digests, 32),
        ]

    def _journal(self, journal: documents.Journalled, start: int) -> list[Field]:
        indexes = pa.array(np.arange(start, start + len(journal.leaves)))
        return [
            numbers(indexes, 8),
            constant("notice.applied"),
            constant(self._at),
            texts(journal.leaves),
            fixed(journal.salts, 32),
            texts(journal.payloads),
        ]

    def _generated(self, generation: Generation, persons: pa.RecordBatch, start: int) -> list[Field]:
        here = slice(start, start + len(persons))
        new = pa.array(generation.generated[here])
        if not new.true_count:
            return []
        return [
            fixed(persons["individual_number"].filter(new), 12),
            fixed(persons["resident_code"].filter(new), 11),
            numbers(pa.array(generation.attempts[here]).filter(new), 4),
            constant(self._at),
        ]


def _sections(persons: pa.Table) -> range:
    return range(0, len(persons), SECTION)


def _pointers(persons: pa.RecordBatch, ids: Column, keys: _Keys) -> list[Field]:
    return [
        numbers(ids, 8),
        numbers(persons["stay"], 4),
        constant(1),
        constant(PersonState.RESIDENT.value),
        fixed(persons["municipality"], 6),
        days(persons["birth_date"]),
        texts(keys.name),
        texts(keys.kana),
        texts(keys.address),
    ]


def _other_names(persons: pa.RecordBatch, ids: Column) -> list[Field]:
    """Keys of further names: few persons have any, so only those are looked at one by one."""
    latin: Column = pc.match_substring_regex(persons["name"], TWO_NAMES)
    any_other = pc.or_(pc.or_(persons["alias"].is_valid(), persons["former_surname"].is_valid()), latin)
    some = persons.filter(any_other)
    names = map(
        NamesToFind._make, zip(*(some[item].to_pylist() for item in NamesToFind._fields), strict=True)
    )
    keys = [one.other_keys for one in names]
    if not any(keys):
        return []
    place: Column = pa.array(np.repeat(np.arange(len(keys)), [len(found) for found in keys]))
    return [
        numbers(ids.filter(any_other).take(place), 8),
        texts(pa.array([key for found in keys for key in found])),
        days(some["birth_date"].take(place)),
    ]


def _succession(values: Column, width: int, ids: Column, since: Column) -> list[Field]:
    return [fixed(values, width), numbers(ids, 8), moments(since)]


def _numbers(persons: pa.RecordBatch, ids: Column) -> list[Field]:
    known = persons["individual_number"].is_valid()
    if not known.true_count:
        return []
    bearers, since = ids.filter(known), persons["recorded_at"].filter(known)
    return _succession(persons["individual_number"].filter(known), 12, bearers, since)


def _counted(origins: Column) -> Column:
    """1, 2, 3 … for each origin by itself."""
    frame = pl.DataFrame({"origin": pl.Series("origin", origins)})
    return frame.select(pl.int_range(1, pl.len() + 1).over("origin").alias("seq"))["seq"].to_arrow()
