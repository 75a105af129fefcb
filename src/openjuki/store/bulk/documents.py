# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Notices and journal leaves of many persons at once, byte for byte as `Notice.to_bytes` and `journal.leaf` write them."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.config import JST
from openjuki.residents.dates import RecordedDate
from openjuki.store.bulk.columns import binary, hexadecimal, join, matrix, sha256
from openjuki.store.journal import SALT_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from openjuki.store.bulk.columns import Column, Part

#: What JSON writes otherwise than it stands.
_ESCAPED = r'["\\\x00-\x1f]'


class Journalled(NamedTuple):
    """Rows of a journal (記録簿の行), in columns."""

    leaves: Column
    salts: Column
    payloads: Column
    #: Leaf hashes, for the tree.
    hashes: list[bytes]


def notices(persons: pa.RecordBatch) -> Column:
    """The bytes of the first notice of each stay (本人確認情報の通知), from the columns of `load.SCHEMA`."""
    write: dict[str, Callable[[Column], Part]] = {
        "birth_date": lambda _: _birth_dates(persons),
        "date_of_change": lambda days: _quoted(days.cast(pa.string())),
        "recorded_at": lambda moments: _distinct(moments, _moment),
        "stay": lambda numbers: numbers.cast(pa.string()),
        "predecessor_stay": lambda numbers: pc.fill_null(numbers.cast(pa.string()), "null"),
    }
    fixed = {"version": b"1", "previous_individual_number": b"null", "previous_resident_code": b"null"}
    names = sorted({*persons.schema.names, *fixed} - {"birth_date_recorded", "origin"})
    parts: list[Part] = []
    for name in names:
        parts.append(f'{"," if parts else "{"}"{name}":'.encode())
        parts.append(fixed[name] if name in fixed else write.get(name, _quoted)(persons[name]))
    return join(*parts, b"}")


def applied(notices: Column, origins: Column, seqs: Column) -> Column:
    """The payloads that say that notices were admitted (docs/spec/journal.md)."""
    return join(b'{"notice":', notices, b',"origin":"', origins, b'","seq":', seqs.cast(pa.string()), b"}")


def journalled(kind: str, at: datetime, payloads: Column, first: int) -> Journalled:
    """Rows of the journal from an index on, of one kind and one moment."""
    count = len(payloads)
    salts = binary(np.frombuffer(os.urandom(SALT_SIZE * count), np.uint8).reshape(count, SALT_SIZE))
    commitments = hexadecimal(sha256(join(salts, payloads)), 32)
    indexes = pa.array(np.arange(first, first + count)).cast(pa.string())
    time = at.astimezone(JST).isoformat(timespec="microseconds")
    end = f',"kind":"{kind}","time":"{time}"}}'.encode()
    leaves = join(b'{"commitment":"', commitments, b'","index":', indexes, end)
    hashes = matrix(sha256(join(b"\x00", leaves)), 32).tobytes()
    return Journalled(
        leaves, salts, payloads, [hashes[start : start + 32] for start in range(0, 32 * count, 32)]
    )


def _quoted(values: Column) -> Part:
    """JSON strings; null where there is no value."""
    if values.null_count == len(values):
        return b"null"
    if pc.any(pc.match_substring_regex(values, _ESCAPED)).as_py():
        return pa.array([orjson.dumps(value) for value in values.to_pylist()], pa.binary())
    quoted = join(b'"', pc.fill_null(values, ""), b'"')
    return quoted if values.null_count == 0 else pc.if_else(values.is_null(), pa.scalar(b"null"), quoted)


def _distinct(values: Column, write: Callable[[Any], str]) -> Column:
    """Values of which most rows share one."""
    encoded = values.dictionary_encode()
    written = pa.array([f'"{write(value)}"' for value in encoded.dictionary.to_pylist()])
    return written.take(encoded.indices)


def _moment(value: datetime) -> str:
    return value.astimezone(JST).isoformat()


def _birth_dates(persons: pa.RecordBatch) -> Part:
    recorded = persons["birth_date_recorded"]
    exact: Column = _quoted(persons["birth_date"].cast(pa.string()))
    if recorded.null_count == len(recorded):
        return exact
    rows = zip(recorded.to_pylist(), exact.to_pylist(), strict=True)
    return pa.array([date if text is None else _inexact(text) for text, date in rows], pa.binary())


def _inexact(text: str) -> bytes:
    return orjson.dumps(RecordedDate.parse(text).to_json(), option=orjson.OPT_SORT_KEYS)
