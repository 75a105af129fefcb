# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the live page reads of a provider's book: how much was answered to whom, for what, and never about whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fixtures.network import CHIYODA
from fixtures.provided_parts import provided
from openjuki.nodes.provision import REGISTER_WORK
from openjuki.simulation.live import reading
from openjuki.simulation.live.provisions import Answered

if TYPE_CHECKING:
    from fixtures.disclosing import Informed

pytestmark = [pytest.mark.postgres, pytest.mark.nats]


async def answered(informed: Informed, first: int) -> tuple[list[Answered], int]:
    """What was answered from this size of the book on; its size now."""
    await informed.country.sequence("centre")

    async def read(book) -> tuple[list[Answered], int]:
        size = (await reading.read_book(book)).size
        return await reading.answered(book, first, size), size

    return await informed.centre.read(read)


async def test_each_question_is_counted_once_and_by_its_result(informed: Informed):
    """Of an envelope every question counts; of a part every key."""
    _, size = await answered(informed, 0)
    code = {"resident_code": str(informed.code)}
    await informed.ask_together(code, code, {"name": "渡辺 葵"})
    await informed.ask(code, holds=False)
    await informed.centre.transact(lambda book: provided(book, [int(informed.code)]))

    found, now = await answered(informed, size)

    assert sorted(found) == [
        Answered(CHIYODA, REGISTER_WORK, "matched", through=True, in_bulk=False, questions=2),
        Answered(CHIYODA, REGISTER_WORK, "not_permitted", through=True, in_bulk=False, questions=2),
        Answered("agency-nenkin", "state-115", "matched", through=False, in_bulk=True, questions=1),
        Answered("agency-nenkin", "state-115", "none", through=False, in_bulk=True, questions=1),
    ]
    assert await answered(informed, now) == ([], now)


async def test_what_was_erased_still_counts(informed: Informed):
    """How much was provided stays known when about whom is not."""
    await informed.ask({"resident_code": str(informed.code)})
    informed.country.rows("centre", "UPDATE provision SET payload = NULL, salt = NULL")

    found, _ = await answered(informed, 0)

    assert [(one.asker, one.questions) for one in found] == [(CHIYODA, 1)]
