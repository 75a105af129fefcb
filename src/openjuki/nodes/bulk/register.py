# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which of the two engines answers (照会先の選択): the database for a small request, the snapshot for a large one.

Both say the same of the same register. The database finds a few persons without a pass over everybody; the snapshot
takes one pass for however many are asked for, and however many requests ask.
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
    from collections.abc import Sequence

    from openjuki.nodes.bulk.engine import AnswerPart, Question
    from openjuki.nodes.node import Node


async def answers(node: Node, asked: Sequence[tuple[int, Question]]) -> list[AnswerPart]:
    """Answer parts of several requests, each with how many keys its request has in all.

    Raises:
        StateBehind: what was recorded a while ago is not in the journal yet, and so in no snapshot.
        SnapshotMissing: there is no snapshot yet that is near enough.
        StoreUnavailable: the database does not answer.
    """
    most = node.settings.bulk_by_database_up_to
    small = [number for number, (rows, _) in enumerate(asked) if rows <= most]
    large = [number for number, (rows, _) in enumerate(asked) if rows > most]
    found: dict[int, AnswerPart] = {}
    for numbers, ask in ((small, _by_database), (large, _by_snapshot)):
        if numbers:
            told = await ask(node, [asked[number][1] for number in numbers])
            found |= dict(zip(numbers, told, strict=True))
    return [found[number] for number in range(len(asked))]


async def _by_database(node: Node, questions: Sequence[Question]) -> list[AnswerPart]:
    return await node.read(partial(by_database.answer, questions=questions, at=node.clock()))


async def _by_snapshot(node: Node, questions: Sequence[Question]) -> list[AnswerPart]:
    """From everything that is in the journal: what waits to be sequenced for too long is missed by it."""
    now = node.clock()
    waiting = await node.glance(jobs.waiting_since)
    if waiting is not None and now - waiting > timedelta(seconds=node.settings.bulk_lag_seconds):
        raise StateBehind
    node.bulk.snapshot = node.bulk.snapshot or Snapshot(node)
    state = await node.bulk.snapshot.state()
    return await asyncio.to_thread(engine.answer, state, questions, now.astimezone(JST).date())
