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

    def to_json(self) -> bytes:
        """The file, indented: people look into it."""
        found: dict[str, Any] = {
            "schema": self.SCHEMA,
            "origin": self.origin,
            "leaf": self.leaf.decode(),
            "index": self.index,
            "size": self.size,
            "proof": [one.hex() for one in self.proof],
            "checkpoint": self.checkpoint.decode(),
        }
        if self.payload is not None and self.salt is not None:
            found |= {"payload": to_base64(self.payload), "salt": to_base64(self.salt)}
        return orjson.dumps(found, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE)

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """Read a file; nothing of it is verified yet.

        Raises:
            BadEnvelope: it is not a proof.
        """
        items = Items(raw)
        if items.take("schema", str) != cls.SCHEMA:
            raise BadEnvelope(f"not a file of schema {cls.SCHEMA}")
        if ("payload" in items) != ("salt" in items):
            raise BadEnvelope("a payload comes with its salt")
        opened = {name: items.raw(name) for name in ("payload", "salt") if name in items}
        return cls(
            origin=items.take("origin", str),
            leaf=items.take("leaf", str).encode(),
            index=items.count("index"),
            size=items.count("size"),
            proof=items.digests("proof"),
            checkpoint=items.take("checkpoint", str).encode(),
            **opened,
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

    def _leaf(self) -> Leaf:
        leaf = Leaf.from_bytes(self.leaf)
        if leaf.index != self.index:
            raise IntegrityFailure(f"the leaf at {self.index} says that it is leaf {leaf.index}")
        if self.payload is not None and self.salt is not None:
            leaf.check_commits(self.salt, self.payload)
        return leaf


@lru_cache(maxsize=8)  # many proofs are under one checkpoint
def _believed(
    note: bytes, origin: str, keys: tuple[Verifier, ...]
) -> tuple[Checkpoint, Mapping[str, datetime]]:
    """A checkpoint and its cosignatures, verified with these keys."""
    logs = [one.key for one in keys if one.kind is SignatureType.ED25519 and one.name == origin]
    return read_checkpoint(note, origin=origin, keys=logs), read_cosignatures(note, keys)
