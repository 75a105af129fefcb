# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the journal says of a run of the index (索引の目録): of which parts it was made, and what came of it. Pure.

The leaves of the journal commit to parts, not to buckets. So the row of a run names the rows of its parts and how
many entries each gave, and the digests of its buckets: both as one hash, for a run of a year has thousands of either.
No code stands in it, and the buckets' digests are salted: from what is in the journal nobody can guess a code.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, ClassVar, Self

import orjson

from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.wire.document import Items

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

#: Kind of the journal's row.
COMPACTED = "run.compacted"


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """What a run is made of (索引の目録)."""

    SCHEMA: ClassVar = "openjuki/run-manifest/1"

    run: int
    #: How many parts it was made of.
    parts: int
    #: SHA-256 over each part in order: what its row in the journal commits to, and how many entries it has.
    parts_digest: bytes
    #: How many entries its buckets hold.
    entries: int
    buckets: int
    #: SHA-256 over the digests of its buckets, in order of code.
    buckets_digest: bytes

    @classmethod
    def of(cls, run: int, parts: Sequence[tuple[bytes, int]], buckets: Sequence[tuple[bytes, int]]) -> Self:
        """The manifest of a run: its parts by commitment and entries, its buckets by digest and entries.

        Raises:
            IntegrityFailure: the buckets hold more or fewer entries than the parts gave.
        """
        entries = sum(count for _, count in buckets)
        if entries != sum(count for _, count in parts):
            raise IntegrityFailure(
                "an index of the log holds more or fewer rows than the parts it was made of"
            )
        return cls(
            run=run,
            parts=len(parts),
            parts_digest=_digest(commitment + count.to_bytes(8) for commitment, count in parts),
            entries=entries,
            buckets=len(buckets),
            buckets_digest=_digest(digest for digest, _ in buckets),
        )

    def to_bytes(self) -> bytes:
        """The bytes that the journal's row commits to: canonical JSON."""
        found = {
            "schema": self.SCHEMA,
            "run": self.run,
            "parts": self.parts,
            "parts_digest": self.parts_digest.hex(),
            "entries": self.entries,
            "buckets": self.buckets,
            "buckets_digest": self.buckets_digest.hex(),
        }
        return orjson.dumps(found, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read a manifest.

        Raises:
            IntegrityFailure: it is none.
        """
        try:
            items = _items(raw, cls.SCHEMA)
            return cls(
                run=items.count("run"),
                parts=items.count("parts"),
                parts_digest=items.digest("parts_digest"),
                entries=items.count("entries"),
                buckets=items.count("buckets"),
                buckets_digest=items.digest("buckets_digest"),
            )
        except BadEnvelope as error:
            raise IntegrityFailure("this is not the manifest of a run of the index") from error


def _items(raw: bytes, schema: str) -> Items:
    items = Items(raw)
    if items.take("schema", str) != schema:
        raise BadEnvelope(f"not of schema {schema}")
    return items


def bucket_digest(salt: bytes, entries: bytes, strands: bytes) -> bytes:
    """The digest of a bucket, from which nobody without the salt can guess what is in it."""
    return _digest((salt, len(entries).to_bytes(8), entries, strands))


def _digest(pieces: Iterable[bytes]) -> bytes:
    found = sha256()
    for piece in pieces:
        found.update(piece)
    return found.digest()
