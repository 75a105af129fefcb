# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Residents who enter a register together (記載, 令8条), in whole columns: so a million stand there in minutes.

What is written is byte for byte what would be written of one after the other. All enter at one moment, each
with the first row of a history and of a stay, and none from a predecessor that is named.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from operator import attrgetter
from typing import TYPE_CHECKING, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.store.bulk import columns, documents
from openjuki.store.bulk.columns import HEADER, TRAILER, binary, constant, fixed, sha256, texts
from openjuki.store.journal import SALT_SIZE
from openjuki.store.rows import NAMES, TYPES, from_history_row

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from datetime import datetime

    from openjuki.residents.history import HistoryRow
    from openjuki.store.bulk.columns import Column, Field

_ARROW: Final[Mapping[str, pa.DataType]] = {
    "text": pa.string(),
    "int4": pa.int32(),
    "date": pa.date32(),
    "timestamptz": pa.timestamp("us", "Asia/Tokyo"),
}
_COPIED: Final[Mapping[str, Callable[[Column], Field]]] = {
    "text": texts,
    "int4": lambda values: columns.numbers(values, 4),
    "date": columns.days,
    "timestamptz": columns.moments,
}
#: The items of a record.
_ITEMS: Final = ("resident_number", *NAMES[NAMES.index("resident_code") :])
#: An address has these always, be they empty; a journal names what is there.
_MAY_BE_EMPTY: Final = ("town", "block", "building")
#: PostgreSQL's number of the type of a text, in an array.
_TEXT: Final = 25


@dataclass(frozen=True, slots=True)
class Entrants:
    """Residents who enter together (記載される住民), in the columns of their rows."""

    columns: Mapping[str, Column]
    birth_dates: Column
    inexact_birth_dates: Column
    addresses: Column

    @classmethod
    def of(cls, entered: Sequence[HistoryRow]) -> Entrants:
        """Those whose first rows these are."""
        values = zip(*map(from_history_row, entered), strict=True)
        records = list(map(attrgetter("record"), entered))
        births = [record.birth_date for record in records]
        return cls(
            columns={
                name: pa.array(column, _ARROW[kind])
                for name, kind, column in zip(NAMES, TYPES, values, strict=True)
            },
            birth_dates=pa.array([birth.sort for birth in births]),
            inexact_birth_dates=pa.array(
                [None if birth.is_exact else birth.text for birth in births], pa.string()
            ),
            addresses=pa.array([record.address.text for record in records]),
        )

    def records(self) -> bytes:
        """Their rows of the register, in binary COPY format."""
        return _body(
            [_COPIED[kind](column) for kind, column in zip(TYPES, self.columns.values(), strict=True)]
        )

    def journal(self, at: datetime, upper: str, salts: bytes) -> bytes:
        """What waits to be journalled of each, in binary COPY format: the change, and what the governor is told.

        Args:
            at: when they enter.
            upper: their prefecture.
            salts: twice as many random bytes for each as a salt has.
        """
        drawn = np.frombuffer(salts, np.uint8).reshape(-1, SALT_SIZE)
        return _body(
            _pending("record.changed", at, self.changes(), drawn[::2]),
            _pending("notice.issued", at, self.notices(), drawn[1::2], upper),
        )

    def changes(self) -> Column:
        """What the journal says of the changes."""
        own = self.columns
        members: dict[str, Field] = {name: documents.quoted(own[name]) for name in ("reason", "state")}
        record = {item: self._named(item) for item in _ITEMS}
        return documents.written(
            members
            | {
                "date_of_change": documents.quoted(own["date_of_change"].cast(pa.string())),
                "history_number": (b"1",),
                "notified_on": (b"null",),
                "record": (documents.written_where_known(record),),
                "stay": (own["stay"].cast(pa.string()),),
                "version": (b"1",),
            }
        )

    def notices(self) -> Column:
        """Their notices (本人確認情報の通知)."""
        own = self.columns
        return documents.notices(
            {
                **own,
                "furigana": pc.if_else(own["nationality"].is_null(), own["furigana"], None),
                "birth_date": self.birth_dates,
                "birth_date_recorded": self.inexact_birth_dates,
                "address": self.addresses,
            }
        )

    def _named(self, item: str) -> Column:
        values = self.columns[item]
        return pc.if_else(pc.equal(values, pa.scalar("")), None, values) if item in _MAY_BE_EMPTY else values


def _body(*kinds: Sequence[Field]) -> bytes:
    """One row of each kind for each resident."""
    return HEADER + columns.rows(*kinds) + TRAILER


def _pending(kind: str, at: datetime, payloads: Column, drawn: np.ndarray, *recipients: str) -> list[Field]:
    """The fields of rows that wait for the sequencer."""
    salts = binary(drawn)
    return [
        constant(kind),
        constant(at),
        fixed(sha256(columns.join(salts, payloads)), 32),
        fixed(salts, SALT_SIZE),
        texts(payloads),
        _array(recipients),
    ]


def _array(values: Sequence[str]) -> Field:
    """The same array of texts in every row (`text[]`): its dimensions, whether it has nulls, what it is of."""
    each = b"".join(struct.pack("!i", len(value.encode())) + value.encode() for value in values)
    dimension = struct.pack("!ii", len(values), 1) if values else b""
    raw = struct.pack("!iii", bool(values), 0, _TEXT) + dimension + each
    return (struct.pack("!i", len(raw)) + raw,)
