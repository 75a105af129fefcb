# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Promises are looked after (約束の履行の確認): whoever was told something sees that it stands in its provider's journal.

Theory of operation. With every answer came the provider's promise of a row in its journal: that of the envelope or the
part, under whose root everything stands that was told. The asker asks to be shown it, and verifies the proof under the
provider's signed checkpoint. A row that is not shown in time, or shown otherwise than promised, is an alarm, and the
promise that lies in the ledger is the evidence. A provider that does not answer is only away.
"""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

import structlog

from openjuki.errors import IntegrityFailure, LogNotSigned, PeerError, Unavailable
from openjuki.nodes import exchange
from openjuki.nodes.receipts import broken, providers
from openjuki.store import alarms, checkpoints, proofs, receipts
from openjuki.store.verification.trust import Trust
from openjuki.wire.checkpoint import with_cosignatures
from openjuki.wire.promise import read_promises
from openjuki.wire.proving import (
    MOST_PROVED,
    PROVE,
    ShownRow,
    ShownRows,
    Wanted,
    read_wanted,
    write_wanted,
)

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime

    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.store.receipts import Leaf, Promised
    from openjuki.wire.envelope import Message
    from openjuki.wire.promise import Promises

log = structlog.get_logger()

#: Seconds between two looks, each at so many promises of a provider at most.
EVERY: Final = 5.0
#: A row is looked for when it is so old: by then it is under a checkpoint.
SETTLED: Final = timedelta(seconds=5)
#: The clocks of two nodes may differ by so much.
GRACE: Final = timedelta(seconds=30)
#: A row that is in the journal and not signed for so long might as well not be there.
UNSIGNED: Final = timedelta(hours=1)


async def prove(node: Node, connection: Connection, request: Message) -> bytes:  # noqa: ARG001 - the same for whoever holds a promise
    """Show rows of what was provided, each with a proof if it is under a checkpoint."""
    wanted = read_wanted(request.body)
    found = await receipts.leaves(connection, wanted)
    signed = await checkpoints.covering(connection, [leaf.index for leaf in found.values()])
    size = signed.size if signed else 0
    covered = [leaf.index for leaf in found.values() if leaf.index < size]
    shown = ShownRows(
        checkpoint=None if signed is None else with_cosignatures(signed.note, signed.cosignatures),
        size=size,
        rows=_shown(wanted, found, await proofs.inclusions(connection, covered, size)),
    )
    return shown.to_bytes()


def _shown(
    wanted: Sequence[Wanted], found: dict[bytes, Leaf], proven: dict[int, tuple[bytes, ...]]
) -> tuple[ShownRow | None, ...]:
    rows = {
        commitment: ShownRow(index=leaf.index, leaf=leaf.leaf, proof=proven.get(leaf.index))
        for commitment, leaf in found.items()
    }
    return tuple(rows.get(one.commitment) for one in wanted)


class Picked(NamedTuple):
    """The row that was promised for an envelope or a part (約束された行)."""

    envelope: str
    promises: Promises
    row: Wanted


async def check(node: Node) -> bool:
    """See whether each provider has kept what it promised."""
    for provider in providers(node):
        before = node.clock() - SETTLED
        due = partial(receipts.to_prove, provider=provider, before=before, limit=MOST_PROVED)
        promised = await node.glance(due)
        if promised:
            await _check(node, provider, [_pick(node, one) for one in promised])
    return False


def _pick(node: Node, promised: Promised) -> Picked:
    promises = read_promises(promised.promise, directory=node.directory, at=promised.told_at)
    place = int.from_bytes(node.entropy(8)) % len(promises.rows)
    return Picked(promised.id, promises, Wanted(promises.time, promises.rows[place][1]))


async def _check(node: Node, provider: str, picked: Sequence[Picked]) -> None:
    try:
        answered = await exchange.ask(node, provider, PROVE, write_wanted([one.row for one in picked]))
        shown = ShownRows.from_bytes(answered)
    except (Unavailable, PeerError) as error:
        log.info("not proved", node=node.id, provider=provider, code=error.code)
        return
    rows = (*shown.rows, *(None,) * len(picked))
    verdicts = [_verdict(node, provider, one, shown, row) for one, row in zip(picked, rows, strict=False)]
    await node.read(partial(_note, node, provider=provider, picked=picked, verdicts=verdicts))


#: What is found of a promise: None: kept; empty: not to be told yet; else the code of what is wrong.
type Verdict = str | None
_WAITS: Final = ""


def _verdict(node: Node, provider: str, picked: Picked, shown: ShownRows, row: ShownRow | None) -> Verdict:
    proof = None if row is None else shown.proof(row, node.directory.origin(provider))
    if proof is None:
        return _verdict_without(node, picked, row)
    trust = Trust.of(node.directory, provider)
    try:
        leaf = proof.verify((*trust.log, *trust.witnesses)).leaf
        picked.promises.check_kept(leaf)
    except (IntegrityFailure, PeerError) as error:
        return error.code
    return None if leaf.commitment == picked.row.commitment else IntegrityFailure.code


def _verdict_without(node: Node, picked: Picked, row: ShownRow | None) -> Verdict:
    """Of a row that is not shown, or is shown without a proof: for a while that may be."""
    age, within = node.clock() - picked.promises.time, timedelta(seconds=picked.promises.within)
    if age < -GRACE:  # whoever answered years ahead would never be due
        return IntegrityFailure.code
    allowed, error = (GRACE, IntegrityFailure) if row is None else (UNSIGNED, LogNotSigned)
    return error.code if within + allowed < age else _WAITS


async def _note(
    node: Node,
    connection: Connection,
    *,
    provider: str,
    picked: Sequence[Picked],
    verdicts: Sequence[Verdict],
) -> None:
    now: datetime = node.clock()
    found = list(zip(picked, verdicts, strict=True))
    kept = [one.envelope for one, verdict in found if verdict is None]
    if kept:
        await receipts.proved(connection, kept, now)
    faults = [broken(provider, one.envelope, verdict) for one, verdict in found if verdict]
    await alarms.raise_all(connection, faults, now)
