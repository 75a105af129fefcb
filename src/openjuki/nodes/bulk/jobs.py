# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The provider goes through what waits (一括提供の処理): turn by turn, a part of each request that is due.

Theory of operation. In a turn the next part of every request that waits is pulled, and those after it as far as there is
room; all of them are answered in one pass over the register, and each is recorded: log, journal row and answer in one
transaction. Then it can be pulled, and not before. So many requests share a pass, a small one does not wait for the end
of a large one, whoever calls a request off is heard between two parts, and whatever is killed goes on with the part that
was not recorded.

While the parts of one turn are made and recorded those of the next are answered, and while these are answered the keys come that
will most likely be those of the turn after it. Parts are recorded in their order: where one is
not, those after it that were answered meanwhile are let go, and their turn comes again.

What cannot be gone on with just now (an asker that is away, a journal that nobody vouches for) waits with its
reason. What cannot be answered as it was sent has failed, and the others go on.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import replace
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

    import pyarrow as pa

    from openjuki.nodes.bulk.engine import AnswerPart
    from openjuki.nodes.bulk.register import Make
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.store.jobs import Due, Name

    #: Keys that are here, by request and part.
    type Keys = dict[tuple[Name, int], pa.Table]

log = structlog.get_logger()

#: Seconds between two looks for what waits, and between two rounds of tidying up.
EVERY: Final = 0.5
TIDY_EVERY: Final = 60.0
#: Most requests of one turn, and most rows; two turns are in memory, and the keys of a third.
_TOGETHER: Final = 16
MOST_TURN_ROWS: Final = MOST_PART_ROWS
#: Turns of one step, between which nothing stands still.
_TURNS: Final = 64
#: How long something waits that cannot be gone on with, and after a mistake of ours.
_LATER: Final = timedelta(seconds=3)
_MUCH_LATER: Final = timedelta(minutes=1)


class Ready(NamedTuple):
    """A part whose keys are here (処理する分割)."""

    due: Due
    question: engine.Question


class Told(NamedTuple):
    """A part that is answered, and neither made nor recorded yet (記録を待つ分割)."""

    ready: Ready
    make: Make


class Ahead:
    """Keys that are pulled before their turn has come (照会条件の先読み); it comes all the same where they do not."""

    def __init__(self, node: Node) -> None:
        """Pull nothing yet."""
        self._node = node
        self._keys: Keys = {}
        self._pulling: asyncio.Task[None] | None = None

    def begin(self, under_way: Sequence[Due]) -> None:
        """Pull the keys of what comes after these parts."""
        self._keys = {}
        self._pulling = asyncio.create_task(self._pull(under_way, self._keys))

    async def stop(self) -> Keys:
        """Pull no further; what is here."""
        if self._pulling is not None:
            self._pulling.cancel()
            await asyncio.gather(self._pulling, return_exceptions=True)
        return self._keys

    async def _pull(self, under_way: Sequence[Due], keys: Keys) -> None:
        with suppress(JukiError):  # it is said when their turn has come
            for due in await _chosen(self._node, under_way):
                keys[due.name, due.number] = await _keys(self._node, due)


async def answer_waiting(node: Node, turns: int = _TURNS) -> bool:
    """Take turns while somebody waits, each while the one before is recorded; True where there may be more."""
    told: list[Told] = []
    under_way: asyncio.Task[set[Name]] | None = None
    ahead = Ahead(node)
    try:
        for _ in range(turns):
            chosen = await _chosen(node, [one.ready.due for one in told])
            if not chosen and under_way is None:
                return False
            ready = await _fetched(node, chosen, await ahead.stop())
            ahead.begin([*(one.ready.due for one in told), *(one.due for one in ready)])
            answered = await _answered(node, ready)
            behind = set() if under_way is None else await under_way
            told = [one for one in answered if one.ready.due.name not in behind]
            under_way = asyncio.create_task(_recorded(node, told)) if told else None
        if under_way is not None:
            await under_way
    finally:
        await ahead.stop()
        if under_way is not None:
            under_way.cancel()
            await asyncio.gather(under_way, return_exceptions=True)
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


async def _chosen(node: Node, under_way: Sequence[Due]) -> list[Due]:
    """What is to be answered in the next turn, while these are answered and recorded."""
    waiting = await node.glance(partial(jobs.due, at=node.clock(), limit=_TOGETHER))
    after = {due.name: due.number + 1 for due in under_way}
    return _together([replace(due, number=after.get(due.name, due.number)) for due in waiting])


def _together(waiting: Iterable[Due]) -> list[Due]:
    """Those that fit into one turn: the next part of each request, then those after it."""
    chosen: list[Due] = []
    room = MOST_TURN_ROWS
    following = [due for due in waiting if due.number < len(due.request.parts)]
    while following:
        for due in following:
            room -= due.request.parts[due.number].rows
            if chosen and room < 0:
                return chosen
            chosen.append(due)
        after = (replace(due, number=due.number + 1) for due in following)
        following = [due for due in after if due.number < len(due.request.parts)]
    return chosen


async def _fetched(node: Node, chosen: Sequence[Due], here: Keys) -> list[Ready]:
    """The parts whose keys are here; of each request up to the first that is hindered."""

    async def of(name: Name) -> list[Ready]:
        ready: list[Ready] = []
        for due in (due for due in chosen if due.name == name):
            one = await _with_keys(node, due, here.get((name, due.number)))
            if one is None:
                break
            ready.append(one)
        return ready

    requests = await asyncio.gather(*map(of, dict.fromkeys(due.name for due in chosen)))
    return [one for ready in requests for one in ready]


async def _with_keys(node: Node, due: Due, here: pa.Table | None) -> Ready | None:
    """A part with its keys, which may be here; None where there is nothing to be done for it now, and the request says why."""
    try:
        node.directory.active(due.name.asker, at=node.clock())
        decision = decided(node, due.name.asker, due.request, due.accepted_at)
        if isinstance(decision, Refusal):  # another book than the one by which it was accepted
            await _stand(node, due, Standing.FAILED, decision.code)
            return None
        keys = await _keys(node, due) if here is None else here
    except JukiError as error:
        await _hinder(node, due, error)
        return None
    return Ready(due, engine.Question(kind=due.request.kind, keys=keys, grant=decision))


async def _keys(node: Node, due: Due) -> pa.Table:
    node.bulk.reader = node.bulk.reader or Reader()
    return await receiving.keys(node, node.bulk.reader, due)


async def _answered(node: Node, ready: Sequence[Ready]) -> list[Told]:
    """Answer; what goes wrong with several is tried with each request alone, so that one does not hinder the others."""
    if not ready:
        return []
    try:
        found = await answers(node, [(one.due.request.rows, one.question) for one in ready])
    except Exception as error:  # noqa: BLE001 - a mistake of ours must not stop those that it is not about
        names = dict.fromkeys(one.due.name for one in ready)
        if len(names) == 1:
            await _hinder(node, ready[0].due, error)
            return []
        alone = [await _answered(node, [one for one in ready if one.due.name == name]) for name in names]
        return [one for told in alone for one in told]
    return list(map(Told, ready, found))


async def _recorded(node: Node, told: Sequence[Told]) -> set[Name]:
    """Make and record parts in their order, one made while the one before it is recorded.

    Returns:
        The requests of which one was not recorded, nor any after it.
    """
    behind: set[Name] = set()
    making = _making(told, 0)
    try:
        for place, one in enumerate(told):
            (made,) = await asyncio.gather(making, return_exceptions=True)
            making = _making(told, place + 1)
            if one.ready.due.name not in behind and not await _record(node, one, made):
                behind.add(one.ready.due.name)
    finally:
        making.cancel()
    return behind


async def _record(node: Node, one: Told, made: AnswerPart | BaseException | None) -> bool:
    """Record a part; False where it could not be, and its request says why."""
    ready, wrong = one.ready, made
    if made is not None and not isinstance(made, BaseException):
        try:
            return await recording.record(node, ready.due, ready.question, made)
        except Exception as error:  # noqa: BLE001 - a mistake of ours must not stop those that it is not about
            wrong = error
    if isinstance(wrong, Exception):
        await _hinder(node, ready.due, wrong)
    return False


def _making(told: Sequence[Told], place: int) -> asyncio.Future[AnswerPart | None]:
    """Begin to make the part at this place; behind the last there is none."""
    if place < len(told):
        return asyncio.ensure_future(asyncio.to_thread(told[place].make))
    return asyncio.ensure_future(asyncio.sleep(0))


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
