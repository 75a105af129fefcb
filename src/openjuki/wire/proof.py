# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Proof in a file (証明ファイル): all that is needed, beside a public key, to show that a row is in a journal. Pure.

Specified in ``docs/spec/proof.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any, ClassVar, Self

import orjson

from openjuki.errors import BadEnvelope, IntegrityFailure, PeerError
from openjuki.wire.checkpoint import Checkpoint, read_checkpoint, read_cosignatures
from openjuki.wire.document import Items, to_base64
from openjuki.wire.leaf import Leaf
from openjuki.wire.merkle import leaf_hash, verify_inclusion
from openjuki.wire.note import SignatureType

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from openjuki.wire.note import Verifier


@dataclass(frozen=True, slots=True, kw_only=True)
class Proven:
    """What a proof shows (証明された事項)."""

    leaf: Leaf
    #: The journal it stands in.
    checkpoint: Checkpoint
    #: When which witness cosigned the checkpoint, of those whose keys were given.
    cosigned: Mapping[str, datetime]


@dataclass(frozen=True, slots=True, kw_only=True)
class Proof:
    """Proof that a row is in a journal (包含証明)."""

    SCHEMA: ClassVar = "openjuki/proof/1"

    #: Whose journal, as `checkpoint.origin` names it.
    origin: str
    #: The bytes of the leaf.
    leaf: bytes
    index: int
    #: Number of leaves of the journal that the checkpoint is of.
    size: int
    #: Hashes, from the leaf up.
    proof: tuple[bytes, ...]
    #: Signed note, with whatever cosignatures it has.
    checkpoint: bytes
    #: What the leaf commits to, where whoever gets the proof may know it; both or neither.
    payload: bytes | None = None
    salt: bytes | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "schema": self.SCHEMA,
            "origin": self.origin,
            "leaf": self.leaf.decode(),
            "index": self.index,
            "size": self.size,
            "proof": [one.hex() for one in self.proof],
            "checkpoint": self.checkpoint.decode(),
            **write_opened(self.payload, self.salt),
        }

    def to_json(self) -> bytes:
        """The file."""
        return write_file(self.to_dict())

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """Read a file; nothing of it is verified yet.

        Raises:
            BadEnvelope: it is not a proof.
        """
        return cls.from_items(Items(raw))

    @classmethod
    def from_items(cls, items: Items) -> Self:
        """Read what stands in a file, be it within a proof of another kind.

        Raises:
            BadEnvelope: as `from_json`.
        """
        items.schema(cls.SCHEMA)
        return cls(
            origin=items.take("origin", str),
            leaf=items.take("leaf", str).encode(),
            index=items.count("index"),
            size=items.count("size"),
            proof=items.digests("proof"),
            checkpoint=items.take("checkpoint", str).encode(),
            **read_opened(items),
        )

    def verify(self, keys: Sequence[Verifier]) -> Proven:
        """What the proof shows to somebody who trusts these keys (証明の検証).

        Args:
            keys: of the log that signed the checkpoint, and of witnesses if they are known.

        Raises:
            IntegrityFailure: it shows nothing: a hash, a signature or a size is not as it ought to be.
        """
        try:
            checkpoint, cosigned = _believed(self.checkpoint, self.origin, tuple(keys))
        except PeerError as error:
            raise IntegrityFailure(f"the checkpoint cannot be believed: {error}") from error
        if checkpoint.size != self.size:
            raise IntegrityFailure(f"the checkpoint is of {checkpoint.size} leaves, the proof of {self.size}")
        verify_inclusion(leaf_hash(self.leaf), self.index, self.size, self.proof, checkpoint.root)
        return Proven(leaf=self._leaf(), checkpoint=checkpoint, cosigned=cosigned)

    def verify_opened(self, keys: Sequence[Verifier], kind: str) -> tuple[Proven, bytes]:
        """As `verify`, of a row of this kind, with what it says: what stands for many is shown with its root.

        Raises:
            IntegrityFailure: as `verify`; or the row is of another kind, or its payload is not there.
        """
        proven = self.verify(keys)
        if proven.leaf.kind != kind or self.payload is None:
            raise IntegrityFailure(
                f"the proof's row of the journal is not of kind {kind}, or does not say what it says"
            )
        return proven, self.payload

    def _leaf(self) -> Leaf:
        leaf = Leaf.from_bytes(self.leaf)
        if leaf.index != self.index:
            raise IntegrityFailure(f"the leaf at {self.index} says that it is leaf {leaf.index}")
        if self.payload is not None and self.salt is not None:
            leaf.check_commits(self.salt, self.payload)
        return leaf


def write_file(proof: dict[str, Any]) -> bytes:
    """The file of a proof, indented: people look into it."""
    return orjson.dumps(proof, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)


def write_opened(payload: bytes | None, salt: bytes | None) -> dict[str, str]:
    """What a leaf commits to, where whoever gets the proof may know it."""
    if payload is None or salt is None:
        return {}
    return {"payload": to_base64(payload), "salt": to_base64(salt)}


def read_opened(items: Items) -> dict[str, bytes]:
    """Read what `write_opened` wrote.

    Raises:
        BadEnvelope: a payload without its salt, or a salt alone.
    """
    if ("payload" in items) != ("salt" in items):
        raise BadEnvelope("a payload comes with its salt")
    return {name: items.raw(name) for name in ("payload", "salt") if name in items}


@lru_cache(maxsize=8)  # many proofs are under one checkpoint
def _believed(
    note: bytes, origin: str, keys: tuple[Verifier, ...]
) -> tuple[Checkpoint, Mapping[str, datetime]]:
    """A checkpoint and its cosignatures, verified with these keys."""
    logs = [one.key for one in keys if one.kind is SignatureType.ED25519 and one.name == origin]
    return read_checkpoint(note, origin=origin, keys=logs), read_cosignatures(note, keys)
