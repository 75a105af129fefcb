# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Asking to see promised rows in a journal (約束の履行の確認), and what is shown. Pure.

Whoever holds a promise names the row by what the promise says of it, time and commitment, and is shown its leaf with
a proof under a signed checkpoint. A row that is not under a checkpoint yet is shown without a proof; of a row
that the journal has not, nothing is shown. Specified in ``docs/spec/receipt.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from openjuki.errors import BadEnvelope
from openjuki.wire.document import Items
from openjuki.wire.leaf import leaf_time
from openjuki.wire.proof import Proof

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

#: The message.
PROVE: Final = "prove"
#: Most rows of one request, so that their proofs fit a message.
MOST_PROVED: Final = 64


class Wanted(NamedTuple):
    """A row that somebody wants to see (証明を求める行)."""

    time: datetime
    commitment: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRow:
    """A row as its journal shows it (示された行)."""

    index: int
    #: The bytes of the leaf.
    leaf: bytes
    #: Inclusion proof; None: the row is under no checkpoint yet.
    proof: tuple[bytes, ...] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownRows:
    """What is shown of rows (示された行の一覧), in the order in which they were wanted; None: the journal has it not."""

    #: Signed note, with whatever cosignatures it has; None before the first.
    checkpoint: bytes | None
    #: Number of leaves under it.
    size: int
    rows: tuple[ShownRow | None, ...]

    def to_bytes(self) -> bytes:
        """Body of the answer."""
        return orjson.dumps(
            {
                "checkpoint": None if self.checkpoint is None else self.checkpoint.decode(),
                "rows": [one and _to_dict(one) for one in self.rows],
                "size": self.size,
            }
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> ShownRows:
        """Read the body; nothing of it is verified yet.

        Raises:
            BadEnvelope: malformed.
        """
        items = Items(raw)
        checkpoint = items.maybe("checkpoint", lambda name: items.take(name, str))
        return cls(
            checkpoint=None if checkpoint is None else checkpoint.encode(),
            size=items.count("size"),
            rows=tuple(one if one is None else _row(Items(one)) for one in items.take("rows", list)),
        )

    def proof(self, row: ShownRow, origin: str) -> Proof | None:
        """The proof of a row, as it would lie in a file; None where there is none yet."""
        if row.proof is None or self.checkpoint is None:
            return None
        return Proof(
            origin=origin,
            leaf=row.leaf,
            index=row.index,
            size=self.size,
            proof=row.proof,
            checkpoint=self.checkpoint,
        )


def write_wanted(wanted: Sequence[Wanted]) -> bytes:
    """The body of ``prove``."""
    rows = [{"commitment": one.commitment.hex(), "time": leaf_time(one.time)} for one in wanted]
    return orjson.dumps({"rows": rows})


def read_wanted(raw: bytes) -> tuple[Wanted, ...]:
    """Read what `write_wanted` wrote.

    Raises:
        BadEnvelope: malformed, no row, or too many.
    """
    rows = Items(raw).list("rows")
    if not 1 <= len(rows) <= MOST_PROVED:
        raise BadEnvelope(f"one to {MOST_PROVED} rows are shown at a time")
    return tuple(Wanted(one.time("time"), one.digest("commitment")) for one in rows)


def _to_dict(row: ShownRow) -> dict[str, Any]:
    proof = None if row.proof is None else [one.hex() for one in row.proof]
    return {"index": row.index, "leaf": row.leaf.decode(), "proof": proof}


def _row(items: Items) -> ShownRow:
    return ShownRow(
        index=items.count("index"),
        leaf=items.take("leaf", str).encode(),
        proof=items.maybe("proof", items.digests),
    )
