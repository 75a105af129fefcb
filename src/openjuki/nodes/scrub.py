# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Scrubbing (常時検証): a node reads its own journal again, round and round, and raises an alarm where it was damaged.

Whoever looks only when somebody asks finds an old damage when the backups from before it are gone. So 200
rows a second are held against their tile, day and night; a million rows take an hour and a half. While the
journal grows it is a tenth of that: people at the counter come first. The whole book, checkpoints and all, is
verified by `juki log verify`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from openjuki.errors import BadConfiguration, IntegrityFailure
from openjuki.nodes.signed_state import SignedState
from openjuki.store import alarms, sequencer
from openjuki.store.verification.damage import Damage, What
from openjuki.store.verification.evidence import Reference
from openjuki.store.verification.journal import Journal, verify_journal
from openjuki.store.verification.trust import Trust
from openjuki.store.verification.window import verify_window
from openjuki.wire.tiles import WIDTH

if TYPE_CHECKING:
    from openjuki.nodes.node import Node, Office
    from openjuki.store.database import Connection
    from openjuki.store.verification.damage import Verified
    from openjuki.store.verification.verifying import Progress

#: Rows a second, and how often a step of one tile is due for that, in seconds.
RATE: Final = 200
EVERY: Final = WIDTH / RATE
#: How many steps a journal that grows is left alone for each that is taken.
MOST_PASSED: Final = 9


async def scrub(node: Node) -> bool:
    """Verify the next tile's worth of rows; a duty. It begins anywhere, so that one that often begins anew gets round."""
    patrol = node.patrol
    size = (await node.glance(sequencer.read_tree)).size
    if size != patrol.size and patrol.passed < MOST_PASSED:
        patrol.size, patrol.passed = size, patrol.passed + 1
        return False
    start = int(node.clock().timestamp()) if patrol.following is None else patrol.following
    patrol.following = await _look(node, start)
    patrol.size, patrol.passed = size, 0
    return False


async def _look(node: Node, index: int) -> int:
    """Verify the rows that share a tile with this one, and raise an alarm for each damage; returns where the next begin."""

    async def look(connection: Connection) -> int:
        book = Journal(connection, Trust.of(node.directory, node.id))
        following = await verify_window(book, index)
        found = [("journal-damaged", _detail(one)) for one in book.findings.named]
        await alarms.raise_all(connection, found, node.clock())
        return following

    return await node.read(look)


def _detail(damage: Damage) -> dict[str, object]:
    """What an alarm says of a damage: where, and what."""
    places = {"index": damage.index, "tile": damage.tile, "what": damage.what.value}
    return {name: value for name, value in places.items() if value is not None}


async def verify_office(office: Office, progress: Progress | None = None, *kept: Reference) -> Verified:
    """Verify the whole journal of an office, and against what its signer remembers (記録簿の検証).

    Args:
        office: with its book open.
        progress: told how far it is.
        kept: what else somebody remembers.
    """
    trust = Trust.of(office.directory, office.id)
    remembered, damages = list(kept), []
    try:
        remembered += _signed_last(office)
    except IntegrityFailure:
        damages.append(Damage(what=What.STATE, witness="signer"))
    return await office.read(
        lambda connection: verify_journal(
            connection, node=office.id, trust=trust, remembered=remembered, known=damages, progress=progress
        )
    )


def _signed_last(office: Office) -> list[Reference]:
    """What the signer keeps outside the database, where this user may read it."""
    try:
        state = SignedState.load(office.settings.signer_folder)
    except BadConfiguration:
        return []
    if state is None or state.journal != office.directory.node(office.id).journal:
        return []
    return [Reference(size=state.tree.size, root=state.tree.root, witness="signer")]
