# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A part is recorded, and from then on it can be pulled (一括提供の記録): the one place where an answer becomes one.

Order: the log of the part is made, the answer is sealed into a file, and then one transaction keeps log part, journal
row and answer. Where it does not commit, the file has no name that anybody could ask for; whether it did, nobody knows
whose connection was lost over it, so such a file stays until `jobs.tidy_bulk` finds that no row opens it.
"""

from __future__ import annotations

import asyncio
from hashlib import sha256
from typing import TYPE_CHECKING, NamedTuple

from openjuki.nodes.bulk import spool
from openjuki.nodes.standing import check_may_provide
from openjuki.store import jobs, parts
from openjuki.wire.answered import PART_PROVIDED, Manifest
from openjuki.wire.bulk import KEY_SIZE, Standing
from openjuki.wire.chunks import Place, digests, seal_part
from openjuki.wire.part import Carried, Part
from openjuki.wire.promise import Promises

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.nodes.bulk.engine import AnswerPart, Question
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.store.jobs import Due
    from openjuki.store.parts import Written


class _Sealed(NamedTuple):
    """A part ready to be recorded: its log, what opens its file, and what its asker is told of it."""

    written: Written
    key: bytes
    manifest: bytes
    promise: bytes


async def record(node: Node, due: Due, question: Question, answer: AnswerPart) -> bool:
    """Record a part; False where its request was called off meanwhile, and nothing is told.

    Raises:
        LogNotSigned: nobody vouches for the journal.
        StoreUnavailable: there is no room for it, or the database does not answer.
    """
    at = node.clock()
    sealed = await asyncio.to_thread(_sealed, node, due, question, answer, at)

    async def work(connection: Connection) -> bool:
        await check_may_provide(node, connection, to_others=True)
        if not await jobs.hold(connection, due.name):
            return False
        await _keep(connection, due, answer, sealed, at)
        return True

    recorded = await node.transact(work)
    if not recorded:
        spool.let_go(node, due.name, [sealed.written.commitment])
    return recorded


async def _keep(connection: Connection, due: Due, answer: AnswerPart, sealed: _Sealed, at: datetime) -> None:
    part = await parts.keep(connection, sealed.written)
    one = jobs.Answer(
        number=due.number,
        part=part,
        manifest=sealed.manifest,
        promise=sealed.promise,
        key=sealed.key,
        asked=due.request.parts[due.number].rows,
        results=answer.results,
        at=at,
    )
    await jobs.answer(connection, due.name, one)
    last = due.number + 1 == len(due.request.parts)
    await jobs.stand(connection, due.name, Standing.DONE if last else Standing.RUNNING, at=at)


def _sealed(node: Node, due: Due, question: Question, answer: AnswerPart, at: datetime) -> _Sealed:
    part = _part(due, question, answer, at)
    written = parts.write(part, answer.codes, answer.log_results, answer.log_bases, node.entropy)
    key = node.entropy(KEY_SIZE)
    place = Place(due.name.asker, node.id, due.name.request, due.number, answers=True)
    chunks = seal_part(answer.stream, key, place)
    spool.put(node, due.name, written.commitment, chunks)
    manifest = Manifest(
        network=node.directory.network,
        asker=due.name.asker,
        provider=node.id,
        request=due.name.request,
        part=due.number,
        rows=due.request.parts[due.number].rows,
        size=len(answer.stream),
        chunks=digests(chunks),
        articles=answer.articles,
        items=answer.items,
        results=answer.results,
        state=answer.state,
        time=at,
        row=written.commitment,
    )
    origin = node.directory.origin(node.id)
    promises = Promises(origin=origin, time=at, rows=((PART_PROVIDED, written.commitment),))
    keys = node.identity.keys
    return _Sealed(written, key, manifest.sign(keys), promises.sign(keys))


def _part(due: Due, question: Question, answer: AnswerPart, at: datetime) -> Part:
    request, grant = due.request, question.grant
    return Part(
        request=due.name.request,
        number=due.number,
        asker=due.name.asker,
        through=None,
        affair=request.affair,
        office=request.office,
        operator=request.operator,
        terminal=request.terminal,
        method=request.method,
        reason=sha256(request.reason.encode()).digest(),
        key=request.kind.value,
        bases=tuple(Carried(basis.article, basis.items) for basis in grant.bases),
        retention=grant.bases[0].retention,
        state=answer.state,
        at=at,
        results=answer.results,
    )
