# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Proof for one person (本人のための証明): that a part of a bulk provision counts a row about them. Pure.

It leads from the row to the part's root, and from the part's row to a checkpoint of the journal. Of the rows beside it
there are hashes of what was salted, and nothing else. Specified in ``docs/spec/bulk-log.md``.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Self

from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.residents.look_up.result import Result
from openjuki.wire.answered import PART_PROVIDED
from openjuki.wire.document import Items
from openjuki.wire.merkle import verify_inclusion
from openjuki.wire.part import MOST_BASES, Part, PartRow
from openjuki.wire.proof import Proof, write_file

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.wire.note import Verifier
    from openjuki.wire.proof import Proven

_CODE: Final = re.compile(r"[0-9]{11}", re.ASCII)


class ProvenPerson(NamedTuple):
    """What a proof for one person shows (証明された提供)."""

    row: PartRow
    #: What was provided, to whom and for what.
    part: Part
    #: Where that is written.
    proven: Proven


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonProof:
    """Proof that a part counts a row about somebody (本人のための包含証明)."""

    SCHEMA: ClassVar = "openjuki/person-proof/1"

    row: PartRow
    #: Of the row alone: no other row shares it.
    salt: bytes
    #: Place of the row in its part, from 0.
    index: int
    #: Hashes, from the row's leaf up to the part's root.
    path: tuple[bytes, ...]
    #: Of the part's row in the journal, with payload and salt.
    part: Proof

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "schema": self.SCHEMA,
            "resident_code": str(self.row.code),
            "result": self.row.result.value,
            "basis": self.row.basis,
            "salt": self.salt.hex(),
            "index": self.index,
            "proof": [one.hex() for one in self.path],
            "part": self.part.to_dict(),
        }

    def to_json(self) -> bytes:
        """The file."""
        return write_file(self.to_dict())

    @classmethod
    def from_json(cls, raw: bytes) -> Self:
        """Read a file; nothing of it is verified yet.

        Raises:
            BadEnvelope: it is not a proof for a person.
        """
        items = Items(raw)
        items.schema(cls.SCHEMA)
        try:
            result = Result(items.take("result", str))
        except ValueError as error:
            raise BadEnvelope("missing or malformed: result") from error
        return cls(
            row=PartRow(
                code=ResidentCode(items.text("resident_code", _CODE)),
                result=result,
                basis=items.count("basis", most=MOST_BASES - 1),
            ),
            salt=items.digest("salt"),
            index=items.count("index"),
            path=items.digests("proof"),
            part=Proof.from_items(items.inner("part")),
        )

    def verify(self, keys: Sequence[Verifier]) -> ProvenPerson:
        """What the proof shows to somebody who trusts these keys (証明の検証).

        Args:
            keys: of the log that signed the checkpoint, and of witnesses if they are known.

        Raises:
            IntegrityFailure: it shows nothing: a hash, a signature or a size is not as it ought to be.
        """
        proven, payload = self.part.verify_opened(keys, PART_PROVIDED)
        try:
            part = Part.from_bytes(payload)
        except BadEnvelope as error:
            raise IntegrityFailure("the proof's row of the journal does not say what a part says") from error
        verify_inclusion(self.row.leaf(self.salt), self.index, part.rows, self.path, part.root)
        if self.row.basis >= len(part.bases):
            raise IntegrityFailure("the row names a basis that the part does not have")
        return ProvenPerson(self.row, part, proven)
