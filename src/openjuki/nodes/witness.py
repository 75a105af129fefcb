# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Witnesses (立会い): what a node does for other nodes' journals, and what it asks of those who watch over its own.

Theory of operation. A node shows its newest checkpoint to its witnesses, with the proof that it extends what
each has cosigned last. The witness checks the log's signature and the proof, remembers the checkpoint in the
transaction of the answer, and only then answers with its cosignature: so it never confirms two trees of which
neither extends the other. Where the proof fails, it answers with what it has, and both nodes raise an alarm.

What a witness says that it has is written down (`testimony`): the signer, which has no line of its own, does not
sign below it.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING

import structlog

from openjuki.errors import IntegrityFailure, JukiError, PeerError, Unavailable
from openjuki.nodes import exchange, standing
from openjuki.store import alarms, checkpoints, proofs
from openjuki.store.checkpoints import Signed, Testimony
from openjuki.wire import checkpoint as notes
from openjuki.wire import merkle
from openjuki.wire.checkpoint import read_checkpoint, read_cosignature
from openjuki.wire.envelope import CLOCK_SKEW
from openjuki.wire.witness import Answered, Shown

if TYPE_CHECKING:
    from datetime import datetime

    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message

log = structlog.get_logger()

#: How long a journal that does not grow goes without being confirmed anew.
RENEWED = timedelta(minutes=2)


async def cosign(node: Node, connection: Connection, request: Message) -> bytes:
    """Confirm another node's checkpoint (立会署名), unless its journal is not what it was.

    Raises:
        BadEnvelope, ForgedEnvelope: not a checkpoint of the sender's journal.
    """
    shown, now = Shown.from_bytes(request.body), node.clock()
    origin = node.directory.origin(request.sender)
    keys = node.directory.log_keys(request.sender, at=now)
    checkpoint = read_checkpoint(shown.note, origin=origin, keys=keys)
    known = await checkpoints.witnessed(connection, origin)
    old_size, old_root = (known.size, known.root) if known else (0, merkle.Tree.EMPTY.root)
    last = known.note if known else None
    if checkpoint.size >= old_size != shown.old_size:
        return Answered(checkpoint=last).to_bytes()  # it needs another proof
    try:
        merkle.verify_consistency(old_size, old_root, checkpoint.size, checkpoint.root, shown.proof)
    except IntegrityFailure as error:
        detail = {"node": request.sender, "witnessed_size": old_size, "code": error.code}
        await alarms.raise_once(connection, "cosign-refused", detail, now)
        return Answered(code=error.code, checkpoint=last).to_bytes()
    name = notes.origin(node.directory.network, node.id)
    line = notes.cosign(shown.note, name=name, key=node.identity.cosigning, at=now)
    cosigning = Signed(size=checkpoint.size, root=checkpoint.root, note=shown.note, signed_at=now)
    await checkpoints.remember(connection, origin, cosigning, first=known is None)
    return Answered(line=line).to_bytes()


async def last_checkpoint(node: Node, connection: Connection, request: Message) -> bytes:
    """What this node has cosigned last for another's journal."""
    known = await checkpoints.witnessed(connection, node.directory.origin(request.sender))
    return Answered(checkpoint=known.note if known else None).to_bytes()


async def ask_witnesses(node: Node) -> bool:
    """Have the newest checkpoint confirmed; raise an alarm for a witness that has been silent too long."""
    for witness in node.directory.witnesses(node.id):
        try:
            await _ask(node, witness)
        except (Unavailable, PeerError) as error:
            log.info("no cosignature", node=node.id, witness=witness, code=error.code)
    await node.read(lambda connection: standing.watch_cosignatures(node, connection))
    return False


async def _ask(node: Node, witness: str) -> None:
    own, said, last = await node.read(lambda connection: _standing(node, connection, witness))
    now = node.clock()
    if said is None or own is None or now - own.signed_at >= standing.UNSIGNED:
        # nobody signs: perhaps because the signer waits for this
        answer = await exchange.ask(node, witness, "last-checkpoint", b"")
        said = await _hear(node, witness, Answered.from_bytes(answer).checkpoint)
    if own is None or (last is not None and last.size == own.size and _is_fresh(last.at, now)):
        return
    if said.size > own.size:
        await _raise_refused(node, witness, said.size, IntegrityFailure.code)
        return
    proof = await node.read(partial(proofs.consistency, old_size=said.size, size=own.size))
    shown = Shown(note=own.note, old_size=said.size, proof=proof)
    answered = Answered.from_bytes(await exchange.ask(node, witness, "cosign", shown.to_bytes()))
    if answered.line is not None:
        await _keep(node, witness, own, answered.line)
        return
    said = await _hear(node, witness, answered.checkpoint)
    if answered.code is not None:
        await _raise_refused(node, witness, said.size, answered.code)


def _is_fresh(confirmed: datetime, now: datetime) -> bool:
    """Whether a confirmation need not be asked for again; one from times to come vouches for nothing."""
    return -CLOCK_SKEW <= now - confirmed < RENEWED


async def _standing(
    node: Node, connection: Connection, witness: str
) -> tuple[Signed | None, Testimony | None, checkpoints.Cosigned | None]:
    """The newest checkpoint of the present journal, what the witness said last of it, and what it confirmed."""
    own = await checkpoints.latest(connection)
    said = (await checkpoints.testimonies(connection)).get(witness)
    last = (await checkpoints.cosigned(connection)).get(witness)
    return (
        own if own and _is_own(node, own.note) else None,
        said if said and (said.note is None or _is_own(node, said.note)) else None,
        last,
    )


def _is_own(node: Node, note: bytes) -> bool:
    """Whether a checkpoint is of the journal that this node keeps now."""
    try:
        _read_own(node, note)
    except JukiError:
        return False
    return True


def _read_own(node: Node, note: bytes) -> notes.Checkpoint:
    keys = (node.identity.log, *node.directory.log_keys(node.id))
    return read_checkpoint(note, origin=node.directory.origin(node.id), keys=keys)


async def _hear(node: Node, witness: str, note: bytes | None) -> Testimony:
    """Write down what a witness says that it has cosigned last.

    Raises:
        BadEnvelope, ForgedEnvelope: it is nothing that this node's signer signed.
    """
    size = 0 if note is None else _read_own(node, note).size
    said = Testimony(size, note, node.clock())
    await node.read(lambda connection: checkpoints.testify(connection, witness, said))
    return said


async def _keep(node: Node, witness: str, own: Signed, line: bytes) -> None:
    name = notes.origin(node.directory.network, witness)
    keys = node.directory.cosigning_keys(witness, at=node.clock())
    at = read_cosignature(own.note, line, name=name, keys=keys)

    async def keep(connection: Connection) -> None:
        await checkpoints.add_cosignature(connection, own.size, witness, line, at)
        await checkpoints.testify(connection, witness, Testimony(own.size, own.note, node.clock()))

    await node.read(keep)


async def _raise_refused(node: Node, witness: str, size: int, code: str) -> None:
    log.error("refused by a witness", node=node.id, witness=witness, witnessed_size=size, code=code)
    detail = {"witness": witness, "witnessed_size": size, "code": code}
    await node.read(lambda connection: alarms.raise_once(connection, "cosign-refused", detail, node.clock()))
