# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Leaf of a journal (記録簿の葉): the bytes that stay for ever, and what they commit to. Pure.

Specified in ``docs/spec/journal.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Self

import orjson

from openjuki.config import JST
from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.wire.document import Items

if TYPE_CHECKING:
    from datetime import datetime


def commitment(salt: bytes, payload: bytes) -> bytes:
    """What a leaf says of a payload without telling it: SHA-256(salt ‖ payload)."""
    return sha256(salt + payload).digest()


@lru_cache(maxsize=256)  # rows of one transaction have one time
def leaf_time(moment: datetime) -> str:
    """A time as a leaf writes it: RFC 3339 with +09:00 and always six digits of a second."""
    return moment.astimezone(JST).isoformat(timespec="microseconds")


def leaf(index: int, kind: str, recorded_at: datetime, committed: bytes) -> bytes:
    """The bytes of a leaf: canonical JSON (RFC 8785) of commitment, index, kind and time."""
    fields = {"commitment": committed.hex(), "index": index, "kind": kind, "time": leaf_time(recorded_at)}
    return orjson.dumps(fields)


@dataclass(frozen=True, slots=True, kw_only=True)
class Leaf:
    """What a leaf says (葉の内容)."""

    #: Place in the journal.
    index: int
    #: What happened, as ``<noun>.<past tense>``.
    kind: str
    #: When the node recorded it.
    time: datetime
    #: Of salt and payload.
    commitment: bytes

    def to_bytes(self) -> bytes:
        """The bytes that are hashed."""
        return leaf(self.index, self.kind, self.time, self.commitment)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read a leaf, and only in the one form that a leaf has.

        Raises:
            IntegrityFailure: these bytes are not a leaf.
        """
        try:
            items = Items(raw)
            found = cls(
                index=items.count("index"),
                kind=items.take("kind", str),
                time=items.time("time"),
                commitment=items.digest("commitment"),
            )
        except BadEnvelope as error:
            raise IntegrityFailure("these bytes are not a leaf of a journal") from error
        if found.to_bytes() != raw:
            raise IntegrityFailure("a leaf is canonical JSON with four members, and this is not")
        return found

    def check_commits(self, salt: bytes, payload: bytes) -> None:
        """Return only when this is the payload that the leaf commits to.

        Raises:
            IntegrityFailure: it is another.
        """
        if commitment(salt, payload) != self.commitment:
            raise IntegrityFailure(f"leaf {self.index} commits to another payload")
