# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Notices and journal leaves of many persons at once, byte for byte as `Notice.to_bytes` and `wire.leaf` write them."""

from __future__ import annotations

import os
from itertools import chain, islice
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import orjson
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.config import JST
from openjuki.residents.dates import RecordedDate
from openjuki.store.bulk.columns import binary, content, hexadecimal, join, matrix, sha256
from openjuki.store.journal import SALT_SIZE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from datetime import datetime

    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column, Field

#: By byte: whether JSON writes it otherwise than it stands.
_ESCAPED = np.array([byte < ord(" ") or byte in b'"\\' for byte in range(256)])

_TEXTS = (
    "resident_code",
    "individual_number",
    "name",
    "furigana",
    "former_surname",
    "former_surname_furigana",
    "alias",
    "sex",
    "municipality",
    "address",
    "reason",
    "predecessor_municipality",
)


class Journalled(NamedTuple):
    """Rows of a journal (記録簿の行), in columns."""

    leaves: Column
    salts: Column
    payloads: Column
    #: Leaf hashes, one in a row.
    hashes: NDArray[np.uint8]


def notices(persons: pa.RecordBatch | Mapping[str, Column]) -> Column:
    """The bytes of the first notice of each stay (本人確認情報の通知), from the columns of `SCHEMA`."""
    members: dict[str, Field] = {name: quoted(persons[name]) for name in _TEXTS}
    members |= {
        "birth_date": (_birth_dates(persons),),
        "date_of_change": quoted(persons["date_of_change"].cast(pa.string())),
        "recorded_at": (_distinct(persons["recorded_at"], _moment),),
        "stay": (persons["stay"].cast(pa.string()),),
        "predecessor_stay": (_or_null(persons["predecessor_stay"].cast(pa.string())),),
        "previous_individual_number": (b"null",),
        "previous_resident_code": (b"null",),
        "version": (b"1",),
    }
    return written(members)


def written(members: Mapping[str, Field]) -> Column:
    """JSON objects with these members, in the order of their names."""
    parts = ((b",", f'"{name}":'.encode(), *members[name]) for name in sorted(members))
    return join(b"{", *islice(chain.from_iterable(parts), 1, None), b"}")


def written_where_known(texts: Mapping[str, Column]) -> Column:
    """JSON objects of texts, each without the members that have no value; one text is in every object."""
    known = [(name, texts[name]) for name in sorted(texts) if texts[name].null_count < len(texts[name])]
    everywhere = next(name for name, values in known if values.null_count == 0)
    members = ((name, (f'"{name}":'.encode(), *_strings(values))) for name, values in known)
    parts = (
        (b"," if name > everywhere else b"", *member, b"," if name < everywhere else b"")
        for name, member in members
    )
    return join(b"{", *(pc.fill_null(join(*part), b"") for part in parts), b"}")


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
    return Journalled(leaves, salts, payloads, matrix(sha256(join(b"\x00", leaves)), 32))


def perfect_subtrees(hashes: NDArray[np.uint8]) -> tuple[list[bytes], int]:
    """Roots of perfect subtrees of one height over these leaves, as high as their number allows, and the height."""
    height = 0
    while len(hashes) and len(hashes) % 2 == 0:
        hashes = matrix(sha256(join(b"\x01", binary(hashes.reshape(-1, 64)))), 32)
        height += 1
    return [row.tobytes() for row in hashes], height


def quoted(values: Column) -> Field:
    """JSON strings; null where there is no value."""
    if values.null_count == len(values):
        return (b"null",)
    return _strings(values) if values.null_count == 0 else (_or_null(join(*_strings(values))),)


def _strings(values: Column) -> Field:
    """JSON strings, and nothing where there is no value."""
    if _ESCAPED[content(values)].any():
        return (
            pa.array(
                [None if value is None else orjson.dumps(value) for value in values.to_pylist()], pa.binary()
            ),
        )
    return (b'"', values, b'"')


def _or_null(values: Column) -> Column:
    return pc.fill_null(values, "null")


def _distinct(values: Column, write: Callable[[Any], str]) -> Column:
    """Values of which most rows share one."""
    encoded = values.dictionary_encode()
    written = pa.array([f'"{write(value)}"' for value in encoded.dictionary.to_pylist()])
    return written.take(encoded.indices)


def _moment(value: datetime) -> str:
    return value.astimezone(JST).isoformat()


def _birth_dates(persons: pa.RecordBatch | Mapping[str, Column]) -> Column:
    exact = join(b'"', persons["birth_date"].cast(pa.string()), b'"')
    recorded = persons["birth_date_recorded"]
    inexact = [_inexact(text) for text in recorded.to_pylist() if text is not None]
    return pc.replace_with_mask(exact, recorded.is_valid(), pa.array(inexact, pa.binary()))


def _inexact(text: str) -> bytes:
    return orjson.dumps(RecordedDate.parse(text).to_json(), option=orjson.OPT_SORT_KEYS)
