# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a node and the witnesses of its journal say to one another (立会いの電文). Pure.

A node shows a checkpoint with the proof that it extends what the witness has cosigned last (``cosign``), or
asks what that was (``last-checkpoint``). Both get the same form of answer. Specified in ``docs/spec/witness.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Self

import orjson

from openjuki.errors import BadEnvelope
from openjuki.refusal import CODE
from openjuki.wire.document import Items

#: Most hashes in a proof: two for each level of a tree of 2**63 leaves.
_MOST_HASHES = 128


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """A checkpoint shown to a witness (立会署名の請求)."""

    #: The signed note.
    note: bytes
    #: Size of the checkpoint that the witness has cosigned last, as far as the node knows; 0: none.
    old_size: int
    #: That the checkpoint extends that one (RFC 6962 2.1.2).
    proof: tuple[bytes, ...]

    def to_bytes(self) -> bytes:
        """Body of a ``cosign`` request."""
        proof = [one.hex() for one in self.proof]
        return orjson.dumps({"note": self.note.decode(), "old_size": self.old_size, "proof": proof})

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read the body of a ``cosign`` request.

        Raises:
            BadEnvelope: malformed.
        """
        items = Items(raw)
        proof = items.digests("proof")
        if len(proof) > _MOST_HASHES:
            raise BadEnvelope("longer than any proof")
        return cls(note=items.take("note", str).encode(), old_size=items.count("old_size"), proof=proof)


@dataclass(frozen=True, slots=True, kw_only=True)
class Answered:
    """What a witness answers (立会人の回答)."""

    #: The line by which it confirms what it was shown; None where it does not, or was not asked to.
    line: bytes | None = None
    #: Why it refuses, as the code of an error; None also where it only needs another proof.
    code: str | None = None
    #: The note that it has cosigned last for the node, where it does not cosign; None: none yet.
    checkpoint: bytes | None = None

    def to_bytes(self) -> bytes:
        """Body of the answer."""
        line, checkpoint = (text and text.decode() for text in (self.line, self.checkpoint))
        return orjson.dumps({"line": line, "code": self.code, "checkpoint": checkpoint})

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read the body of an answer.

        Raises:
            BadEnvelope: malformed.
        """
        items = Items(raw)
        line, checkpoint = (
            items.maybe(name, lambda name: items.take(name, str).encode()) for name in ("line", "checkpoint")
        )
        code = items.maybe("code", lambda name: items.text(name, CODE))
        return cls(line=line or None, code=code, checkpoint=checkpoint or None)
