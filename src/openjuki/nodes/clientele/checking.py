# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is believed of changes that are told (異動の提供の検証): what the provider promises to have recorded, and no more.

The provider's row commits to the digest of the whole answer and to both cursors; the promise is about that row. So what
an agency keeps is what the provider's journal says it was told.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import orjson

from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.nodes.clientele.recording import digest
from openjuki.wire.clientele import TOLD, State, read_page
from openjuki.wire.leaf import commitment
from openjuki.wire.promise import read_promises

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.nodes.clientele.asking import Asked
    from openjuki.nodes.node import Node
    from openjuki.wire.clientele import Cursor, Turn


def told(node: Node, asked: Asked, said: Turn, pages: Sequence[bytes]) -> list[bytes]:
    """The lines of an answer that may be kept.

    Raises:
        BadEnvelope: malformed, or without a cursor that goes on from the last, and goes on at all where there is more.
        ForgedEnvelope, UnlistedNode, RevokedNode: not a promise of a node of this network.
        IntegrityFailure: it is not what the provider promises to have recorded, or holds more than was granted.
    """
    if said.cursor is None or not _goes_on(asked.ask.cursor, said.cursor, more=said.more):
        raise BadEnvelope("a cursor that does not go on from the last")
    if said.state is not State.READY:
        if pages or said.changes:
            raise BadEnvelope("changes in a turn that tells none")
        return []
    _check_promised(node, asked, said, pages)
    for page in pages:
        if any(set(one.items) - asked.items for one in read_page(page)):
            raise IntegrityFailure("an answer holds more than was granted")
    lines = [line for page in pages for line in page.split(b"\n")]
    if len(lines) != said.changes:
        raise IntegrityFailure("there are not as many changes as were announced")
    return lines


def _goes_on(before: Cursor | None, after: Cursor, *, more: bool) -> bool:
    return before is None or (after.journal == before.journal and after.size >= before.size + more)


def _check_promised(node: Node, asked: Asked, said: Turn, pages: Sequence[bytes]) -> None:
    promise = read_promises(said.promise, directory=node.directory, at=node.clock())
    row = (TOLD, commitment(said.salt, said.payload))
    if (promise.origin, promise.rows) != (node.directory.origin(asked.provider), (row,)):
        raise IntegrityFailure("the changes do not come with the promise of their row")
    try:
        recorded = orjson.loads(said.payload)
    except ValueError as error:
        raise BadEnvelope("missing or malformed: payload") from error
    assert said.cursor is not None  # it was checked
    expected = {
        "after": asked.ask.cursor and asked.ask.cursor.to_dict(),
        "answer": digest(pages).hex(),
        "asker": node.id,
        "affair": asked.ask.affair,
        "changes": said.changes,
        "request": asked.ask.id,
        "until": said.cursor.to_dict(),
    }
    if not isinstance(recorded, dict) or {name: recorded.get(name) for name in expected} != expected:
        raise IntegrityFailure("the row that is promised is about another answer")
