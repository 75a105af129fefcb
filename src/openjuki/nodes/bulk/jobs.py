# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The provider goes through what waits (一括提供の処理): turn by turn, a part of each request that is due.

Theory of operation. In a turn the next part of every request that waits is pulled, all of them are answered in one
pass over the register, and each is recorded: log, journal row and answer in one transaction. Then it can be pulled,
and not before. So many requests share a pass, a small one does not wait for the end of a large one, whoever calls a
request off is heard between two parts, and whatever is killed goes on with the part that was not recorded.

What cannot be gone on with just now (an asker that is away, a journal that nobody vouches for) waits with its
reason. What cannot be answered as it was sent has failed, and the others go on.
"""

from __future__ import annotations

import asyncio
from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from openjuki.errors import JukiError, PeerError
from openjuki.nodes.bulk import engine, receiving, recording, spool
from openjuki.nodes.bulk.deciding import decided
from openjuki.nodes.bulk.register import answers
from openjuki.nodes.log import frames
from openjuki.nodes.work import Duty
from openjuki.refusal import Refusal
from openjuki.store import jobs
from openjuki.wire.apart import Reader
from openjuki.wire.bulk import MOST_PART_ROWS, Standing

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from openjuki.nodes.bulk.engine import AnswerPart
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.store.jobs import Due

log = structlog.get_logger()

#: Seconds between two looks for what waits, and between two rounds of tidying up.
EVERY: Final = 0.5
TIDY_EVERY: Final = 60.0
#: Most requests of one turn, and most rows unless one part alone has more.
_TOGETHER: Final = 16
_MOST_TURN_ROWS: Final = 2 * MOST_PART_ROWS
#: How long something waits that cannot be gone on with, and after a mistake of ours.
_LATER: Final = timedelta(seconds=3)
_MUCH_LATER: Final = timedelta(minutes=1)


class Ready(NamedTuple):
    """A part whose keys are here (処理する分割)."""

    due: Due
    question: engine.Question


async def answer_waiting(node: Node) -> bool:
    """Take a turn; True where there may be more."""
    now = node.clock()
    waiting = await node.glance(partial(jobs.due, at=now, limit=_TOGETHER))
    chosen = _together(waiting)
    if not chosen:
        return False
    ready = [one for one in await asyncio.gather(*(_fetched(node, due) for due in chosen)) if one]
    if ready:
        await _turn(node, ready)
    return True


async def tidy_bulk(node: Node) -> bool:
    """Let go of what is needed no more: what opens keys and answers, and files that nothing opens."""
    now = node.clock()
    before = now - timedelta(days=node.settings.bulk_kept_days)

    async def work(connection: Connection) -> tuple[list[jobs.Name], set[bytes]]:
        await jobs.abandon(connection, before, now)
        return await jobs.forget(connection), await jobs.kept(connection)

    ended, kept = await node.read(work)
    for name in ended:
        spool.forget(node, name)
    await asyncio.to_thread(spool.sweep, node, kept)
    return False


def _together(waiting: Iterable[Due]) -> list[Due]:
    """Those that fit into one turn, in their order."""
    chosen: list[Due] = []
    room = _MOST_TURN_ROWS
    for due in waiting:
        room -= due.request.parts[due.number].rows
        if chosen and room < 0:
            break
        chosen.append(due)
    return chosen


async def _fetched(node: Node, due: Due) -> Ready | None:
    """A part with its keys; None where there is nothing to be done for it now, and the request says why."""
    try:
        node.directory.active(due.name.asker, at=node.clock())
        decision = decided(node, due.name.asker, due.request, due.accepted_at)
        if isinstance(decision, Refusal):  # another book than the one by which it was accepted
            await _stand(node, due, Standing.FAILED, decision.code)
            return None
        node.bulk.reader = node.bulk.reader or Reader()
        keys = await receiving.keys(node, node.bulk.reader, due)
    except JukiError as error:
        await _hinder(node, due, error)
        return None
    return Ready(due, engine.Question(kind=due.request.kind, keys=keys, grant=decision))


async def _turn(node: Node, ready: Sequence[Ready]) -> None:
    """Answer and record; what goes wrong with several is tried with each alone, so that one does not hinder the others."""
    try:
        found = await answers(node, [(one.due.request.rows, one.question) for one in ready])
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not stop those that it is not about
        if len(ready) > 1:
            for one in ready:
                await _turn(node, [one])
        else:
            await _hinder(node, ready[0].due, error)
    else:
        for one, part in zip(ready, found, strict=True):
            await _recorded(node, one, part)


async def _recorded(node: Node, ready: Ready, part: AnswerPart) -> None:
    try:
        await recording.record(node, ready.due, ready.question, part)
    except JukiError as error:
        await _hinder(node, ready.due, error)


async def _hinder(node: Node, due: Due, error: Exception) -> None:
    """It cannot go on now, or not at all: who asked is told why, by the code of the error."""
    if not isinstance(error, JukiError):
        _log_defect(node, error)
        await _stand(node, due, Standing.WAITING, JukiError.code, _MUCH_LATER)
        return
    final = isinstance(error, PeerError)
    name = due.name
    log.info("bulk hindered", node=node.id, asker=name.asker, request=name.request, code=error.code)
    await _stand(node, due, Standing.FAILED if final else Standing.WAITING, error.code, _LATER)


async def _stand(
    node: Node, due: Due, standing: Standing, code: str, later: timedelta = timedelta(0)
) -> None:
    now = node.clock()
    say = partial(jobs.stand, name=due.name, standing=standing, at=now, code=code, again=now + later)
    await node.read(say)


def _log_defect(node: Node, error: Exception) -> None:
    log.error(
        "defect", node=node.id, loop="bulk", error=type(error).__name__, frames=" < ".join(frames(error))
    )


#: What a provider does by itself: its name in a log is the step's.
DUTIES: Final = (Duty(answer_waiting, EVERY), Duty(tidy_bulk, TIDY_EVERY))
