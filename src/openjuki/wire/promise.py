# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Promise (記録の約束): a node's signed word that what it did will stand in its journal. Pure.

Answers leave before their rows have a place in the journal, so the promise names what the leaves will say beside
their places. Who holds a promise and finds no such leaf can show that the journal was rewritten, or the row kept
out of it. Answers that leave together share a promise: a signature costs more than an answer does. Specified in
``docs/spec/proof.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar

import orjson

from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.wire.checkpoint import node_of
from openjuki.wire.document import DIGEST, sign_document
from openjuki.wire.leaf import leaf_time

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.pki.keys import NodeKeys
    from openjuki.wire.directory import Directory
    from openjuki.wire.leaf import Leaf

#: Seconds within which a node puts into its journal what it promised.
WITHIN = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises:
    """Promise of rows that were recorded together (記録の約束)."""

    #: Payload type of the document.
    PAYLOAD_TYPE: ClassVar = "application/vnd.openjuki.promises.v1+json"

    #: Whose journal, as `checkpoint.origin` names it.
    origin: str
    #: When the node recorded them.
    time: datetime
    #: Kind and commitment of each row.
    rows: tuple[tuple[str, bytes], ...]
    #: Seconds after `time` by which the rows are in the journal.
    within: int = WITHIN

    def sign(self, keys: NodeKeys) -> bytes:
        """Sign with the node's key (約束の署名)."""
        payload = {
            "origin": self.origin,
            "rows": [[kind, committed.hex()] for kind, committed in self.rows],
            "time": leaf_time(self.time),
            "within": self.within,
        }
        return sign_document(self.PAYLOAD_TYPE, orjson.dumps(payload), keys.signing)

    def check_kept(self, leaf: Leaf) -> None:
        """Return only when this leaf is one of those that were promised (約束の履行).

        Raises:
            IntegrityFailure: it is another.
        """
        if leaf.time != self.time or (leaf.kind, leaf.commitment) not in self.rows:
            raise IntegrityFailure(f"leaf {leaf.index} is not one that was promised")


def read_promises(raw: bytes, *, directory: Directory, at: datetime) -> Promises:
    """Verify a promise (約束の検証) of a node that the directory lists, with a key that was good at this time.

    Raises:
        BadEnvelope: malformed, or of a journal of another network.
        ForgedEnvelope: not signed by the node whose journal it names, or its key was not good.
        UnlistedNode, RevokedNode: the directory does not list the node, or no longer.
    """
    signed = directory.open(raw, Promises.PAYLOAD_TYPE)
    items = signed.items
    promises = Promises(
        origin=items.take("origin", str),
        time=items.time("time"),
        rows=tuple([_row(row) for row in items.take("rows", list)]),
        within=items.count("within", least=1, most=WITHIN),
    )
    network, node = node_of(promises.origin)
    if network != directory.network or signed.content:
        raise BadEnvelope("a promise is of this network, and has no content beside its line")
    directory.check_signer(signed.key_id, node, at=at).check_not_revoked(at)
    return promises


def _row(row: Any) -> tuple[str, bytes]:
    try:
        kind, committed = row
        if type(kind) is str and DIGEST.fullmatch(committed):
            return kind, bytes.fromhex(committed)
    except (TypeError, ValueError) as error:
        raise BadEnvelope("missing or malformed: rows") from error
    raise BadEnvelope("missing or malformed: rows")
