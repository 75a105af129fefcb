# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Columns of keys and answers (照会条件と回答の列): Arrow streams of exactly these schemas, compressed with LZ4.

A key that is null is one that the asker could not read in its file; the row is answered as malformed. What comes
from a peer is read by `read_columns`: capped, of the exact schema, and validated to the last offset before anybody
looks at it. Specified in ``docs/spec/bulk.md``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import pyarrow as pa
from pyarrow import ipc

from openjuki.errors import BadEnvelope
from openjuki.wire.bulk import KeyKind

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

#: Rows of each record batch but the last, so that the same table always gives the same bytes.
BATCH_ROWS: Final = 65_536
#: LZ4 as fast as it goes (a negative level is its acceleration): half the time for a third more bytes, which are read
#: in two thirds of the time. Any reader of LZ4 frames reads them.
LZ4: Final = pa.Codec("lz4", compression_level=-128)
#: Most bytes of a part when it is not compressed.
MOST_INFLATED: Final = 2 * 1_073_741_824
#: The columns of keys, by kind.
KEY_SCHEMAS: Final[Mapping[KeyKind, pa.Schema]] = {
    KeyKind.RESIDENT_CODE: pa.schema([("resident_code", pa.int64())]),
    KeyKind.INDIVIDUAL_NUMBER: pa.schema([("individual_number", pa.int64())]),
    KeyKind.FOUR_ITEMS: pa.schema([(name, pa.string()) for name in ("name", "birth_date", "sex", "address")]),
}
#: Items that are no text: codes and numbers without their leading zeros, and days.
_ITEM_TYPES: Final[Mapping[str, pa.DataType]] = {
    "resident_code": pa.int64(),
    "individual_number": pa.int64(),
    "date_of_change": pa.date32(),
}


def answer_schema(items: Sequence[str]) -> pa.Schema:
    """The columns of an answer part: result, article, and the items that are told; null where nothing is."""
    told = [pa.field(item, _ITEM_TYPES.get(item, pa.string())) for item in items]
    return pa.schema(
        [
            pa.field("result", pa.uint8(), nullable=False),
            pa.field("article", pa.uint8(), nullable=False),
            *told,
        ]
    )


def write_columns(table: pa.Table) -> bytes:
    """An Arrow stream of a table; the same table gives the same bytes."""
    sink = pa.BufferOutputStream()
    options = ipc.IpcWriteOptions(compression=LZ4, use_threads=False)
    with ipc.new_stream(sink, table.schema, options=options) as writer:
        writer.write_table(table.combine_chunks(), max_chunksize=BATCH_ROWS)
    return sink.getvalue().to_pybytes()


def read_columns(raw: bytes, schema: pa.Schema, rows: int) -> pa.Table:
    """Read what `write_columns` wrote, from anybody.

    Raises:
        BadEnvelope: not such a stream, of another schema, of other than so many rows, or too large.
    """
    batches: list[pa.RecordBatch] = []
    inflated = 0
    try:
        with ipc.open_stream(raw) as reader:
            if not reader.schema.equals(schema, check_metadata=True):
                raise BadEnvelope("the columns are not the ones that were agreed")
            for batch in reader:
                inflated += batch.nbytes
                if inflated > MOST_INFLATED:
                    raise BadEnvelope("the columns inflate beyond reason")
                batch.validate(full=True)
                batches.append(batch)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise BadEnvelope("not a stream of columns") from error
    if sum(batch.num_rows for batch in batches) != rows:
        raise BadEnvelope("there are not as many rows as were announced")
    return pa.Table.from_batches(batches, schema)
