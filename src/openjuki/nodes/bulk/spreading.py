# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Columns with room for those of whom nothing is told (空欄の挿入), without moving a text."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

if TYPE_CHECKING:
    from numpy.typing import NDArray

#: Whole numbers as wide as what else a column may have.
_NUMBERS = {pa.date32(): pa.int32(), pa.int64(): pa.int64()}


class Room:
    """Where values stand among the rows of a question (空欄の配置)."""

    def __init__(self, rows: NDArray[np.intp], count: int) -> None:
        """Take the rows that have a value, ascending, and how many rows there are."""
        self._rows, self._count = rows, count
        there = np.zeros(count + 1, np.bool_)
        there[rows + 1] = True
        self._valid = np.packbits(there[1:], bitorder="little")
        #: How many of the values stand before each row, and before the end.
        self._before = np.cumsum(there, dtype=np.int32)

    def spread(self, column: Any) -> Any:
        """The column with its values at these rows, and null elsewhere."""
        if len(self._rows) == self._count:
            return column
        buffers: list[pa.Buffer | None] = [pa.py_buffer(self._known(column)), *self._content(column)]
        return pa.Array.from_buffers(column.type, self._count, buffers)

    def _known(self, column: Any) -> NDArray[np.uint8]:
        if not column.null_count:
            return self._valid
        known = np.zeros(self._count, np.bool_)
        known[self._rows] = column.is_valid().to_numpy(zero_copy_only=False)
        return np.packbits(known, bitorder="little")

    def _content(self, column: Any) -> list[pa.Buffer]:
        if not pa.types.is_string(column.type):
            known = pc.fill_null(column.view(_NUMBERS[column.type]), 0).to_numpy()
            values = np.zeros(self._count, known.dtype)
            values[self._rows] = known
            return [pa.py_buffer(values)]
        _, bounds, texts = column.buffers()
        ends = np.frombuffer(bounds, np.int32)[column.offset : column.offset + len(column) + 1]
        return [pa.py_buffer(ends[self._before]), texts]
