# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What bulk provision is measured beside: the bare join of the same keys with the same persons, in DuckDB and PostgreSQL.

Neither decides anything, logs anybody or keeps the order of the keys; both write every granted item to a file.
Persons are loaded before the clock runs, keys while it does.
"""

from __future__ import annotations

import io
import time
from typing import TYPE_CHECKING

import duckdb
import psycopg
import pyarrow as pa
from pyarrow import csv, ipc

from bulk_engine import granted
from openjuki.wire.bulk import KeyKind

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from openjuki.store.snapshot import Generation

ITEMS = granted(KeyKind.RESIDENT_CODE).bases[0].items
#: The columns of a generation that these items are made of.
COLUMNS = (
    *("resident_code", "individual_number", "name", "furigana", "former_surname", "former_surname_furigana"),
    *("alias", "birth_date", "sex", "municipality", "address", "closing", "reason", "date_of_change"),
)


def persons(generation: Generation) -> Iterator[pa.RecordBatch]:
    """Everybody, with the columns of which the granted items are made, dictionaries as texts."""
    import numpy as np  # noqa: PLC0415 - of use here alone

    for first in range(0, generation.rows, 1 << 20):
        rows = np.arange(first, min(first + (1 << 20), generation.rows))
        for batch in generation.read(rows, COLUMNS):
            columns = [
                one.dictionary_decode() if pa.types.is_dictionary(one.type) else one for one in batch.columns
            ]
            yield pa.record_batch(columns, names=list(COLUMNS))


def key_batches(keys: Path) -> Iterator[pa.RecordBatch]:
    """A file of codes."""
    with ipc.open_file(pa.memory_map(str(keys))) as file:
        for number in range(file.num_record_batches):
            yield file.get_batch(number)


def of_duckdb(generation: Generation, keys: Path, folder: Path) -> dict[str, float]:
    """The join in DuckDB, on two threads, to Parquet with LZ4."""
    with duckdb.connect(str(folder / "join.duckdb"), config={"threads": 2}) as book:
        first = next(persons(generation))
        book.register("everybody", pa.RecordBatchReader.from_batches(first.schema, persons(generation)))
        book.execute("CREATE TABLE person AS SELECT * FROM everybody")
        begun = time.perf_counter()
        asked = list(key_batches(keys))
        book.register("asked", pa.Table.from_batches(asked))
        book.execute(
            f"COPY (SELECT * FROM asked LEFT JOIN person USING (resident_code)) TO '{folder / 'join.parquet'}'"
            " (FORMAT parquet, COMPRESSION lz4_raw)"
        )
        return _figures(sum(one.num_rows for one in asked), time.perf_counter() - begun)


def of_postgres(url: str, generation: Generation, keys: Path, folder: Path) -> dict[str, float]:
    """The join in PostgreSQL: keys by COPY into a table of their own, answers by COPY to a file."""
    types = {
        "resident_code": "bigint",
        "individual_number": "bigint",
        "birth_date": "date",
        "date_of_change": "date",
    }
    columns = ", ".join(f"{name} {types.get(name, 'text')}" for name in COLUMNS)
    with psycopg.connect(url, autocommit=True) as book:
        book.execute(f"CREATE UNLOGGED TABLE bench_person ({columns})")
        _copy(book, "bench_person", persons(generation))
        book.execute("ALTER TABLE bench_person ADD PRIMARY KEY (resident_code)")
        book.execute("VACUUM ANALYZE bench_person")
        begun = time.perf_counter()
        book.execute("CREATE TEMP TABLE asked (resident_code bigint)")
        asked = _copy(book, "asked", key_batches(keys))
        book.execute("ANALYZE asked")
        query = "COPY (SELECT * FROM asked LEFT JOIN bench_person USING (resident_code)) TO STDOUT"
        with (folder / "join.text").open("wb") as file, book.cursor() as cursor, cursor.copy(query) as copy:
            for data in copy:
                file.write(data)
        figures = _figures(asked, time.perf_counter() - begun)
        book.execute("DROP TABLE bench_person")
    return figures


def _copy(book: psycopg.Connection, table: str, batches: Iterator[pa.RecordBatch]) -> int:
    rows = 0
    with book.cursor() as cursor, cursor.copy(f"COPY {table} FROM STDIN (FORMAT csv)") as copy:
        for batch in batches:
            text = io.BytesIO()
            csv.write_csv(batch, text, csv.WriteOptions(include_header=False))
            copy.write(text.getvalue())
            rows += batch.num_rows
    return rows


def _figures(rows: int, seconds: float) -> dict[str, float]:
    return {"asked": rows, "seconds": round(seconds, 2), "per_second": round(rows / seconds)}
