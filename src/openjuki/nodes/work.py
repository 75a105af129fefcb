# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A node at work: sequencing, answering, pulling, and the duties of its role, until told to stop.

Each activity is a loop that does a little, waits for its cue or its time, and does it again. A loop
outlives every failure: a peer that is away, a database that restarts, a line that is cut are lag, not
the end. What a loop meets is logged by its code; persons never appear in a log. A book that does not
add up, or a document on a link that is not its sender's, stops the link and raises an alarm, and the
other links go on.
"""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import structlog

from openjuki.config import Kind
from openjuki.errors import (
    BadEnvelope,
    ForgedEnvelope,
    IntegrityFailure,
    JournalForked,
    JukiError,
    LinkGap,
    MisaddressedEnvelope,
    PeerError,
    PeerRefused,
    Unavailable,
)
from openjuki.nodes import exchange, membership, scrub, statutes, witness
from openjuki.store import alarms, links, sequencer

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Iterable, Mapping

    from openjuki.nodes.exchange import Answer, Outgoing, Receive
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.transport import Handler

    #: Does a little work; True when there may be more at once.
    Step = Callable[[], Awaitable[bool]]
    #: By source: set when it has something.
    Bells = Mapping[str, asyncio.Event]

log = structlog.get_logger()

#: How long a puller waits without a bell, in seconds: a bell can be lost, and then it asks by itself.
PULL_IDLE = 5.0
#: How long the sequencer waits without one, where clerks write from processes of their own, and where they rarely do.
SEQUENCER_IDLE, SEQUENCER_IDLE_ELSEWHERE = 0.1, 1.0
#: What comes, rarely comes alone: for so long after something came it looks again, and lets so much time go by
#: between two turns, in which others gather: a turn costs as much for one row as for a dozen.
SEQUENCER_ALERT, SEQUENCER_PAUSE = 0.1, 0.02
#: How long a loop waits after a failure: at first, and at most.
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 5.0
#: What stops a link until somebody has looked, whichever of the two nodes found it.
_STOPPING = frozenset(
    error.code
    for error in (
        BadEnvelope,
        ForgedEnvelope,
        MisaddressedEnvelope,
        LinkGap,
        IntegrityFailure,
        JournalForked,
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Role:
    """What a kind of node does (機関の役割): where the Act divides the work, and nothing else."""

    #: What waits on the links that others pull from this node.
    outgoing: Outgoing
    #: Nodes whose links this node pulls.
    sources: Callable[[Node], Iterable[str]]
    #: The effect of one pulled entry.
    receive: Receive
    #: Other requests it answers, by message.
    answers: Mapping[str, Answer] = field(default_factory=dict)
    #: Requests of which many share one transaction, by message.
    handlers: Callable[[Node], Mapping[str, Handler]] = lambda _: {}
    #: What it does by itself.
    duties: tuple[Duty, ...] = ()
    #: Seconds between two turns of its sequencer.
    pause: float = SEQUENCER_PAUSE


@dataclass(frozen=True, slots=True)
class Duty:
    """Something a node does by itself (定期処理): True from a step means that there is more to do at once."""

    step: Callable[[Node], Awaitable[bool]]
    #: Seconds between two steps; a function where a setting of the node says it.
    every: float | Callable[[Node], float]

    def interval(self, node: Node) -> float:
        """Seconds between two steps at this node."""
        return self.every(node) if callable(self.every) else self.every


#: Of every node, whatever its role.
OF_EVERY_NODE = (
    Duty(membership.reread, 1.0),
    Duty(membership.fetch, 300.0),
    Duty(exchange.forget_expired, 60.0),
    Duty(exchange.erase_passed, 600.0),
    Duty(exchange.begin_journal, 1.0),
    Duty(scrub.scrub, scrub.EVERY),
    Duty(statutes.watch, statutes.EVERY),
    Duty(witness.ask_witnesses, lambda node: node.settings.cosign_seconds),
)


async def listen(node: Node, role: Role) -> Bells:
    """Answer requests from now on; returns the bells that others ring."""
    answers = {
        "pull": exchange.pulling(role.outgoing),
        "cosign": witness.cosign,
        "last-checkpoint": witness.last_checkpoint,
        **role.answers,
    }
    alone = {name: exchange.answering(node, name, answer) for name, answer in answers.items()}
    await node.transport.serve({**alone, **role.handlers(node)})
    bells = {source: asyncio.Event() for source in role.sources(node)}

    def ring(sender: str) -> None:
        if sender in bells:
            bells[sender].set()

    await node.transport.on_doorbell(ring)
    return bells


async def run(node: Node, role: Role, bells: Bells, stop: asyncio.Event) -> None:
    """Work until `stop` is set; what is under way is finished or rolled back."""
    loops = [
        _loop(node, "sequence", _sequencing(node, role.pause), node.written, _sequencer_idle(node)),
        *(
            _loop(node, f"pull {source}", _pulling(node, source, role), bell, PULL_IDLE)
            for source, bell in bells.items()
        ),
        *(
            _loop(node, duty.step.__name__, _doing(node, duty), asyncio.Event(), duty.interval(node))
            for duty in (*OF_EVERY_NODE, *role.duties)
        ),
    ]
    tasks = [asyncio.create_task(loop) for loop in loops]
    await stop.wait()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)


async def _loop(node: Node, name: str, step: Step, cue: asyncio.Event, idle: float) -> None:
    pause = FIRST_PAUSE
    while True:
        try:
            cue.clear()
            more = await step()
            pause = FIRST_PAUSE
            if not more:
                with suppress(TimeoutError):
                    await asyncio.wait_for(cue.wait(), idle)
        except Unavailable as error:
            log.info("waiting", node=node.id, loop=name, code=error.code)
        except JukiError as error:
            log.warning("refused", node=node.id, loop=name, code=error.code)
        except Exception:
            log.exception("defect", node=node.id, loop=name)
        else:
            continue
        await asyncio.sleep(pause)
        pause = min(2 * pause, LONGEST_PAUSE)


def _sequencer_idle(node: Node) -> float:
    at_a_counter = node.settings.kind is Kind.MUNICIPALITY
    return SEQUENCER_IDLE if at_a_counter else SEQUENCER_IDLE_ELSEWHERE


def _sequencing(node: Node, pause: float) -> Step:
    alert_until = 0.0

    async def step() -> bool:
        nonlocal alert_until
        now = asyncio.get_running_loop().time()
        if not await node.glance(sequencer.waits):
            if now >= alert_until:
                return False
            await asyncio.sleep(pause)
            return True
        alert_until = now + SEQUENCER_ALERT
        sequenced = await node.read(sequencer.sequence)
        for recipient in sequenced.recipients:
            await node.transport.ring(recipient)
        if sequenced.count < sequencer.MOST:
            await asyncio.sleep(pause)
        return sequenced.count > 0

    return step


def _pulling(node: Node, source: str, role: Role) -> Step:
    stopped = True  # for all we know: an alarm may be open from before

    async def step() -> bool:
        nonlocal stopped
        try:
            taken = await exchange.pull_once(node, source, role.receive)
        except (PeerError, IntegrityFailure) as error:
            code = error.peer_code if isinstance(error, PeerRefused) else error.code
            if code in _STOPPING:
                stopped = True
                await node.read(lambda connection: _say_stopped(node, connection, source, str(code)))
            raise
        if stopped:
            await node.read(
                lambda connection: alarms.settle_about(
                    connection, "link-stopped", {"source": source}, node.clock()
                )
            )
            stopped = False
        return taken.more

    return step


async def _say_stopped(node: Node, connection: Connection, source: str, code: str) -> None:
    """Where the link stands still: the last number taken in, and the journal as it was seen then."""
    mark = await links.read_mark(connection, source)
    detail = {"source": source, "code": code, "seq": mark.seq, "size": mark.size}
    await alarms.raise_once(connection, "link-stopped", detail, node.clock())


def _doing(node: Node, duty: Duty) -> Step:
    async def step() -> bool:
        return await duty.step(node)

    return step
