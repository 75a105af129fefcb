# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Fictitious persons by the million, in the columns of a snapshot: names as common as they are, addresses that may be.

    .venv/bin/python benchmarks/people.py --persons 100000 --folder var/snapshot

writes a generation and prints one JSON object: how long the persons took, how long the files, and bytes a person.
Codes and numbers are valid, ascend, and are the same whenever they are asked for again.
"""

from __future__ import annotations

import argparse
import json
import time
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.config import JST
from openjuki.simulation.naming import given_names, surnames
from openjuki.simulation.towns import towns_of_japan
from openjuki.store.snapshot import SCHEMA, write_generation
from openjuki.store.snapshot.layout import DICTIONARIES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from openjuki.store.snapshot import Generation

#: Persons in a batch.
AT_ONCE = 1 << 19
TODAY = date(2026, 4, 1)
NOW = datetime(2026, 4, 1, 9, tzinfo=JST)
_EPOCH = date(1970, 1, 1)
_OLDEST = 36_500
#: How many of a hundred have these.
_DEAD, _MOVED_OUT, _FORMER, _WITHOUT_NUMBER = 0.02, 0.01, 0.02, 0.001
_CODE_WEIGHTS = np.array([5, 4, 3, 2, 7, 6, 5, 4, 3, 2])
_NUMBER_WEIGHTS = np.array([6, 5, 4, 3, 2, 7, 6, 5, 4, 3, 2])


def codes(persons: int, seed: int = 7) -> np.ndarray:
    """So many resident codes, ascending, spread over all there are."""
    chance = np.random.default_rng([seed, 1])
    # one out of each of as many ranges of equal width: distinct and ascending without sorting
    width = 10**10 // persons
    bodies = np.arange(persons, dtype=np.int64) * width + chance.integers(0, width, persons)
    return _checked(bodies, _CODE_WEIGHTS)


def numbers(persons: int, seed: int = 7) -> np.ndarray:
    """So many individual numbers, in no order."""
    chance = np.random.default_rng([seed, 2])
    width = 10**11 // persons
    bodies = np.arange(persons, dtype=np.int64) * width + chance.integers(0, width, persons)
    return chance.permutation(_checked(bodies, _NUMBER_WEIGHTS))


def people(persons: int, seed: int = 7) -> Iterator[pa.RecordBatch]:
    """So many persons, by resident code."""
    everybody = codes(persons, seed), numbers(persons, seed)
    for first in range(0, persons, AT_ONCE):
        own, assigned = (some[first : first + AT_ONCE] for some in everybody)
        yield _batch(np.random.default_rng([seed, 3, first]), own, assigned)


def generation(folder: Path, persons: int, seed: int = 7) -> Generation:
    """A generation of so many persons; the one that lies there, if it is of as many."""
    there = folder / f"{1:08d}"
    if there.exists():
        from openjuki.store.snapshot import Generation  # noqa: PLC0415 - of use here alone

        if (found := Generation.open(there)).rows == persons:
            return found
    return write_generation(folder, 1, people(persons, seed), persons, bytes(32), NOW)


def _batch(chance: np.random.Generator, own: np.ndarray, assigned: np.ndarray) -> pa.RecordBatch:
    count = len(own)
    written, read = _names(chance, count)
    former = chance.random(count) < _FORMER
    spelt, spoken = _drawn(chance, surnames().names, count)
    fate = np.searchsorted([_DEAD, _DEAD + _MOVED_OUT], chance.random(count), "right")
    days = chance.integers(0, _OLDEST, count, dtype=np.int32)
    birth_dates = (TODAY - _EPOCH).days - days
    places, addresses = _addresses(chance, count)
    columns = {
        "resident_code": pa.array(own),
        "individual_number": pa.array(assigned, mask=chance.random(count) < _WITHOUT_NUMBER),
        "name": written,
        "furigana": read,
        "former_surname": pc.if_else(pa.array(former), spelt, None),
        "former_surname_furigana": pc.if_else(pa.array(former), spoken, None),
        "alias": pa.nulls(count, pa.string()),
        "birth_date": pa.array(birth_dates.astype(np.int32)).cast(pa.date32()),
        "birth_date_recorded": pa.nulls(count, pa.string()),
        "sex": _coded("sex", chance.integers(0, 2, count), ["male", "female"]),
        "municipality": places,
        "address": addresses,
        "reason": _coded("reason", fate, ["D03", "D01", "A06"]),
        "date_of_change": pa.array(
            (TODAY - _EPOCH).days - (days * chance.random(count)).astype(np.int32)
        ).cast(pa.date32()),
        "closing": _coded("closing", fate, ["D03", "D01", None]),
        "stay": pa.array(np.ones(count, np.int32)),
        "version": pa.array(np.where(fate == 2, 1, 2).astype(np.int32)),
    }
    return pa.RecordBatch.from_arrays([columns[name] for name in SCHEMA.names], schema=SCHEMA)


def _names(chance: np.random.Generator, count: int) -> tuple[pa.Array, pa.Array]:
    family, given = _drawn(chance, surnames().names, count), _drawn(chance, given_names().names, count)
    both = (
        pc.binary_join_element_wise(first, second, "\u3000")
        for first, second in zip(family, given, strict=True)
    )
    return tuple(both)


def _drawn(chance: np.random.Generator, names, count: int) -> tuple[pa.Array, pa.Array]:
    """Names as common as Zipf has them; the tables begin with the most common."""
    rank = (len(names.spelling) ** chance.random(count)).astype(np.int64) - 1
    rows = pa.array(rank)
    return tuple(pa.array(texts.tolist()).take(rows) for texts in names)


def _addresses(chance: np.random.Generator, count: int) -> tuple[pa.Array, pa.Array]:
    towns = towns_of_japan()
    row = chance.integers(0, len(towns.town), count)
    places = np.array(towns.municipality.tolist()).astype(np.int32)[row]
    figures = (pa.array(chance.integers(1, most, count)).cast(pa.string()) for most in (8, 40, 25, 1200))
    chome, block, number, room = figures
    town = pa.array(towns.town.tolist()).take(pa.array(row))
    ground = pc.binary_join_element_wise(town, chome, "丁目", block, "番", number, "号", "")
    flat = pc.binary_join_element_wise(ground, "　ハイツ", room, "号室", "")
    return pa.array(places), pc.if_else(pa.array(chance.random(count) < 0.4), flat, ground)


def _coded(item: str, which: np.ndarray, texts: list[str | None]) -> pa.DictionaryArray:
    """One of some texts each, in the dictionary of a snapshot."""
    places = DICTIONARIES[item].to_pylist()
    known = np.array([-1 if text is None else places.index(text) for text in texts], np.int8)[which]
    return pa.DictionaryArray.from_arrays(pa.array(known, mask=known < 0), DICTIONARIES[item])


def _checked(bodies: np.ndarray, weights: np.ndarray) -> np.ndarray:
    """Numbers with the check digit behind: 11 less the remainder, and 0 for remainders 0 and 1."""
    total = np.zeros(len(bodies), np.int64)
    rest = bodies.copy()
    for weight in weights[::-1].tolist():
        total += rest % 10 * weight
        rest //= 10
    remainder = total % 11
    return bodies * 10 + np.where(remainder <= 1, 0, 11 - remainder)


def main() -> None:
    """Write a generation."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--persons", type=int, default=100_000)
    parser.add_argument("--folder", type=Path, required=True)
    asked = parser.parse_args()
    begun = time.perf_counter()
    made = sum(batch.num_rows for batch in people(asked.persons))
    between = time.perf_counter()
    found = generation(asked.folder, asked.persons)
    ended = time.perf_counter()
    size = sum(path.stat().st_size for path in found.path.iterdir())
    figures = {
        "persons": made,
        "making_seconds": round(between - begun, 2),
        "writing_seconds": round(ended - between, 2),
        "bytes_a_person": round(size / made, 1),
    }
    print(json.dumps({"schema": "openjuki/bench-people/1", **figures}))


if __name__ == "__main__":
    main()
