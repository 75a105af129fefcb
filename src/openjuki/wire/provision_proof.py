# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Proof of a provision (提供の記録の証明): that a question was answered, in an envelope that is in a journal. Pure.

It leads from the question's row to the root of its envelope, and from the envelope's row to a checkpoint of the journal.
Of the rows beside it there are hashes of what was salted, and nothing else. Specified in ``docs/spec/provision.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Self

from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.wire.document import Items
from openjuki.wire.merkle import verify_inclusion
from openjuki.wire.proof import Proof, read_opened, write_file, write_opened
from openjuki.wire.provided import ENVELOPE, Envelope, row_commitment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.wire.note import Verifier
    from openjuki.wire.proof import Proven


class ProvenProvision(NamedTuple):
    """What the proof of a provision shows (証明された提供)."""

    #: What the row says; None where it was not opened.
    row: Items | None
    #: Place of the row in its envelope, from 0.
    place: int
    #: Who asked, when, and through whom.
    envelope: Envelope
    #: Where that is written.
    proven: Proven


@dataclass(frozen=True, slots=True, kw_only=True)
class ProvisionProof:
    """Proof that an envelope counts a row (提供の記録の包含証明)."""

    SCHEMA: ClassVar = "openjuki/provision-proof/1"

    #: The row's leaf.
    commitment: bytes
    place: int
    #: Hashes, from the leaf up to the envelope's root.
    path: tuple[bytes, ...]
    #: Of the envelope's row in the journal, with payload and salt.
    envelope: Proof
    #: What the leaf commits to, where whoever gets the proof may know it; both or neither.
    payload: bytes | None = None
    salt: bytes | None = None

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "schema": self.SCHEMA,
            "commitment": self.commitment.hex(),
            "place": self.place,
            "proof": [one.hex() for one in self.path],
            "envelope": self.envelope.to_dict(),
            **write_opened(self.payload, self.salt),
        }

    def to_json(self) -> bytes:
        """The file."""
        return write_file(self.to_dict())

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """Read a file; nothing of it is verified yet.

        Raises:
            BadEnvelope: it is not a proof of a provision.
        """
        items = Items(raw)
        items.schema(cls.SCHEMA)
        return cls(
            commitment=items.digest("commitment"),
            place=items.count("place"),
            path=items.digests("proof"),
            envelope=Proof.from_items(items.inner("envelope")),
            **read_opened(items),
        )

    def verify(self, keys: Sequence[Verifier]) -> ProvenProvision:
        """What the proof shows to somebody who trusts these keys (証明の検証).

        Args:
            keys: of the log that signed the checkpoint, and of witnesses if they are known.

        Raises:
            IntegrityFailure: it shows nothing: a hash, a signature or a size is not as it ought to be.
        """
        proven, said = self.envelope.verify_opened(keys, ENVELOPE)
        try:
            envelope = Envelope.from_bytes(said)
            row = None if self.payload is None else Items(self.payload)
        except BadEnvelope as error:
            raise IntegrityFailure("the proof's rows do not say what rows of a provision say") from error
        verify_inclusion(self.commitment, self.place, envelope.questions, self.path, envelope.root)
        if self.payload is not None and self.salt is not None:
            self._check_commits(self.salt, self.payload)
        return ProvenProvision(row, self.place, envelope, proven)

    def _check_commits(self, salt: bytes, payload: bytes) -> None:
        if row_commitment(salt, payload) != self.commitment:
            raise IntegrityFailure(f"row {self.place} of the envelope commits to another payload")
