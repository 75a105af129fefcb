# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How values go to PostgreSQL where the driver's usual way costs more than the work that they are sent for.

Lists of texts: the driver looks at every member; here short lists, which come again and again, are remembered.
Bytes: of two ways that the driver has, the one that it takes for COPY is the slow one.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from typing import TYPE_CHECKING, Final

from psycopg.adapt import Dumper
from psycopg.pq import Format
from psycopg.types.string import BytesBinaryDumper

if TYPE_CHECKING:
    from collections.abc import Sequence

    from psycopg.adapt import AdaptersMap

#: What PostgreSQL calls a text, and
_TEXT: Final = 25
#: a list of texts.
_TEXTS: Final = 1009
_LENGTH: Final = struct.Struct("!i").pack
_NULL: Final = _LENGTH(-1)
#: Lists of at most so many texts are remembered.
_SHORT: Final = 16


class Texts(tuple[str | None, ...]):
    """A list of texts as a parameter (``%(codes)b::text[]``)."""

    __slots__ = ()


class TextsDumper(Dumper):
    """Writes lists of texts, be they parameters or fields of a COPY."""

    format = Format.BINARY
    oid = _TEXTS

    def dump(self, obj: Sequence[str | None]) -> bytes:
        """The list as PostgreSQL's binary format has it."""
        return _remembered(tuple(obj)) if len(obj) <= _SHORT else _array(obj)


def register(adapters: AdaptersMap) -> None:
    """Let a connection write its values so."""
    adapters.register_dumper(bytes, BytesBinaryDumper)
    adapters.register_dumper(Texts, TextsDumper)


def _array(texts: Sequence[str | None]) -> bytes:
    if not texts:
        return struct.pack("!iii", 0, 0, _TEXT)
    members = [_NULL if text is None else _member(text.encode()) for text in texts]
    return struct.pack("!iiiii", 1, _NULL in members, _TEXT, len(texts), 1) + b"".join(members)


_remembered = lru_cache(maxsize=4096)(_array)


def _member(raw: bytes) -> bytes:
    return _LENGTH(len(raw)) + raw
