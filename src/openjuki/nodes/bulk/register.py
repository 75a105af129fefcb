# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which of the two engines answers (照会先の選択): the database for a small request, the snapshot for a large one.

Both say the same of the same register. The database finds a few persons without a pass over everybody; the snapshot
takes one pass for however many are asked for, and however many requests ask. What was found becomes a part when that is
recorded, so that meanwhile the register is free for the next pass.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

from openjuki.config import JST
from openjuki.nodes.bulk import by_database, engine
from openjuki.nodes.snapshots import Snapshot
from openjuki.store import jobs
from openjuki.wire.errors import StateBehind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from openjuki.nodes.bulk.engine import AnswerPart, Question
    from openjuki.nodes.node import Node

    #: Makes a part of an answer out of what was found; None where another pass is needed.
    type Make = Callable[[], AnswerPart | None]


class Coming:
    """Parts out of one pass over the register (順に作る回答), in its order; the first is there."""

    def __init__(self, parts: Iterable[AnswerPart]) -> None:
        """Take the pass."""
        self._parts = iter(parts)
        self._made: list[AnswerPart | None] = [next(self._parts)]

    def part(self, number: int) -> AnswerPart | None:
        """Make this part, which nobody has taken before; None where one before it could not be made."""
        while len(self._made) <= number:
            self._made.append(next(self._parts, None))
        made, self._made[number] = self._made[number], None
        return made


async def answers(node: Node, asked: Sequence[tuple[int, Question]]) -> list[Make]:
    """Answer parts of several requests, each with how many keys its request has in all; who calls for one makes it.

    Raises:
        StateBehind: what was recorded a while ago is not in the journal yet, and so in no snapshot.
        SnapshotMissing: there is no snapshot yet that is near enough.
        StoreUnavailable: the database does not answer.
    """
    most = node.settings.bulk_by_database_up_to
    small = [number for number, (rows, _) in enumerate(asked) if rows <= most]
    large = [number for number, (rows, _) in enumerate(asked) if rows > most]
    found: dict[int, Make] = {}
    for numbers, ask in ((small, _by_database), (large, _by_snapshot)):
        if numbers:
            coming = await ask(node, [asked[number][1] for number in numbers])
            found |= {number: partial(coming.part, place) for place, number in enumerate(numbers)}
    return [found[number] for number in range(len(asked))]


async def _by_database(node: Node, questions: Sequence[Question]) -> Coming:
    return Coming(await node.read(partial(by_database.answer, questions=questions, at=node.clock())))


async def _by_snapshot(node: Node, questions: Sequence[Question]) -> Coming:
    """From everything that is in the journal: what waits to be sequenced for too long is missed by it."""
    now = node.clock()
    waiting = await node.glance(jobs.waiting_since)
    if waiting is not None and now - waiting > timedelta(seconds=node.settings.bulk_lag_seconds):
        raise StateBehind
    node.bulk.snapshot = node.bulk.snapshot or Snapshot(node)
    state = await node.bulk.snapshot.state()
    on = now.astimezone(JST).date()
    return await asyncio.to_thread(lambda: Coming(engine.answer(state, questions, on)))
