# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which of the two engines answers (照会先の選択): the database for a small request, the snapshot for a large one.

Both say the same of the same register. The database finds a few persons without a pass over everybody; the snapshot
takes one pass for however many are asked for, and however many requests ask.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.nodes.bulk import by_database

if TYPE_CHECKING:
    from collections.abc import Sequence

    from openjuki.nodes.bulk.engine import AnswerPart, Question
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection


async def answers(node: Node, asked: Sequence[tuple[int, Question]]) -> list[AnswerPart]:
    """Answer parts of several requests, each with how many keys its request has in all.

    Raises:
        StoreUnavailable: the database does not answer.
    """
    questions = [question for _, question in asked]

    async def work(connection: Connection) -> list[AnswerPart]:
        return await by_database.answer(connection, questions, node.clock())

    return await node.read(work)
