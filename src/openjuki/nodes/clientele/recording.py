# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is told of changes, and the record of it (異動の提供の記録): nothing of an answer leaves before it is committed.

Each change that is told is a row of a part of the provision log, under the code of the person; a row of the journal
commits to the whole answer and names the part.
"""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
import orjson

from openjuki.codes.local_government import prefecture_of
from openjuki.law.basis import Method
from openjuki.nodes.clientele import meaning
from openjuki.refusal import Refusal
from openjuki.residents.look_up import Result, result
from openjuki.store import clientele, journal, parts
from openjuki.wire.bulk import RESULT_BYTES, StateAt
from openjuki.wire.clientele import TOLD, Cursor, Meaning, State, Told, Turn, pages
from openjuki.wire.leaf import commitment
from openjuki.wire.part import Carried, Part
from openjuki.wire.promise import Promises

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from openjuki.law.basis import Basis
    from openjuki.law.decision import Grant
    from openjuki.nodes.clientele.finding import Found
    from openjuki.nodes.node import Node
    from openjuki.residents.look_up import Hit
    from openjuki.store.changes import Recorded
    from openjuki.store.database import Connection
    from openjuki.wire.clientele import ClienteleAsk
    from openjuki.wire.merkle import Tree

#: Kind of the row about a turn that a rule refused.
REFUSED: Final = "clientele.refused"


class ToldTurn(NamedTuple):
    """A turn that is on record and may be told (記録済みの提供)."""

    changes: int
    pages: list[bytes]
    payload: bytes
    salt: bytes
    promise: bytes

    def over(self, turn: Turn) -> Turn:
        """The turn, now that there is an answer."""
        return replace(
            turn,
            state=State.READY,
            changes=self.changes,
            pages=len(self.pages),
            payload=self.payload,
            salt=self.salt,
            promise=self.promise,
        )


@dataclass(slots=True)
class _Log:
    """Rows of the provision log, in columns."""

    codes: list[int] = field(default_factory=list)
    results: list[Result] = field(default_factory=list)
    bases: list[int] = field(default_factory=list)
    #: What rows rest on, in the order in which it was first needed.
    carried: dict[Carried, int] = field(default_factory=dict)

    def add(self, code: str, outcome: Result, carried: Carried) -> None:
        self.codes.append(int(code))
        self.results.append(outcome)
        self.bases.append(self.carried.setdefault(carried, len(self.carried)))

    def counts(self) -> dict[Result, int]:
        return {one: self.results.count(one) for one in dict.fromkeys(self.results)}


class Recording:
    """What is told in one turn."""

    def __init__(self, node: Node, asker: str, ask: ClienteleAsk, grant: Grant, tree: Tree) -> None:
        """Take who asks for what, under which grant, and the journal as it was when they asked."""
        self._node, self._asker, self._ask, self._grant = node, asker, ask, grant
        self._at = node.clock()
        self._state = StateAt(tree.size, tree.root, self._at)
        self._bases: dict[str | None, Basis | Refusal] = {}
        self._lines: list[bytes] = []
        self._log = _Log()
        self._retention = grant.bases[0].retention

    def take(self, found: Sequence[Found], recorded: Mapping[str, Sequence[Recorded]]) -> None:
        """Tell of those who are on the list what the law lets be told of what happened to them."""
        places = {
            code: {row.version: place for place, row in enumerate(rows)} for code, rows in recorded.items()
        }
        for one in found:
            rows = recorded.get(one.resident_code, ())
            place = places.get(one.resident_code, {}).get((one.applied.stay, one.applied.version))
            if place is not None:
                self._tell(one, rows[:place], rows[place])

    async def keep(self, upto: Cursor) -> ToldTurn:
        """Record what is told, and promise it; only then it may leave."""
        written = await asyncio.to_thread(self._written) if self._lines else None
        answer = pages(self._lines)
        row = self._row(upto, answer, None if written is None else written.commitment)
        salt = self._node.entropy(journal.SALT_SIZE)
        committed = journal.Committed(TOLD, self._at, commitment(salt, row), salt, row)

        async def work(connection: Connection) -> None:
            if written is not None:
                await parts.keep(connection, written)
            await journal.append_committed(connection, [committed])
            turn = clientele.Outstanding(
                self._ask.id, self._asker, self._ask.affair, self._at, len(self._lines)
            )
            await clientele.tell(connection, turn, committed.commitment)

        await self._node.transact(work)
        promise = Promises(
            origin=self._node.directory.origin(self._node.id),
            time=self._at,
            rows=((TOLD, committed.commitment),),
        ).sign(self._node.identity.keys)
        return ToldTurn(len(self._lines), answer, row, salt, promise)

    def _tell(self, found: Found, earlier: Sequence[Recorded], row: Recorded) -> None:
        if found.superseded:
            self._superseded(found, row.shown)
            return
        change = meaning.change(earlier, row)
        if change is None:
            return
        basis = self._basis(change.after)
        if isinstance(basis, Refusal):
            return
        items = meaning.changed(change, basis.items, key=self._ask.kind)
        if meaning.matters(change, items):
            shown = change.after.shown(basis.items, self._at.date())
            outcome = result([change.after], most=1, on=self._at.date())
            self._add(found.key, change.meaning, items, shown, basis, change.after, outcome)

    def _superseded(self, found: Found, after: Hit) -> None:
        basis = self._basis(after)
        if not isinstance(basis, Refusal):
            self._add(found.key, Meaning.KEY_SUPERSEDED, (), {}, basis, after, Result.SUPERSEDED)

    def _add(
        self,
        key: str,
        what: Meaning,
        items: tuple[str, ...],
        shown: Mapping[str, Any],
        basis: Basis,
        person: Hit,
        outcome: Result,
    ) -> None:
        self._lines.append(Told(key, what, items, shown, basis.article).to_bytes())
        self._log.add(person.resident_code, outcome, Carried(basis.article, basis.items, what.value))

    def _basis(self, person: Hit) -> Basis | Refusal:
        """Under what somebody may be told about, which depends on the prefecture that notified them."""
        prefecture = prefecture_of(person.municipality)
        if prefecture not in self._bases:
            self._bases[prefecture] = self._grant.basis_for(prefecture)
        return self._bases[prefecture]

    def _written(self) -> parts.Written:
        log, ask = self._log, self._ask
        part = Part(
            request=ask.id,
            number=0,
            asker=self._asker,
            through=None,
            affair=ask.affair,
            office=ask.office,
            operator=ask.operator,
            terminal=ask.terminal,
            method=Method.BULK,
            reason=sha256(ask.reason.encode()).digest(),
            key=ask.kind.value,
            bases=tuple(log.carried),
            retention=self._retention,
            state=self._state,
            at=self._at,
            results=log.counts(),
        )
        results = np.array([RESULT_BYTES[one] for one in log.results], np.uint8)
        codes, bases = np.array(log.codes, np.int64), np.array(log.bases, np.uint8)
        return parts.write(part, codes, results, bases, self._node.entropy)

    def _row(self, upto: Cursor, answer: Sequence[bytes], part: bytes | None) -> bytes:
        """The journal's row about the turn: nobody is named in it."""
        cursor = self._ask.cursor
        told = {"changes": len(self._lines), "part": part and part.hex(), "until": upto.to_dict()}
        said = _about(self._asker, self._ask, self._at) | told
        return orjson.dumps(
            said | {"after": cursor and cursor.to_dict(), "answer": digest(answer).hex()},
            option=orjson.OPT_SORT_KEYS,
        )


def digest(answer: Sequence[bytes]) -> bytes:
    """What a row says of the pages of an answer: SHA-256 over them, each behind a line feed."""
    return sha256(b"".join(b"\n" + page for page in answer)).digest()


async def refuse(node: Node, connection: Connection, asker: str, ask: ClienteleAsk, refusal: Refusal) -> None:
    """Record that a rule refused a turn."""
    at = node.clock()
    entry = journal.Entry(
        kind=REFUSED,
        recorded_at=at,
        payload=orjson.dumps(_about(asker, ask, at) | {"rule": refusal.rule}, option=orjson.OPT_SORT_KEYS),
        salt=node.entropy(journal.SALT_SIZE),
    )
    await journal.append(connection, [entry])


def _about(asker: str, ask: ClienteleAsk, at: datetime) -> dict[str, Any]:
    return {
        "affair": ask.affair,
        "asker": asker,
        "key": ask.kind,
        "keys": ask.keys,
        "office": ask.office,
        "operator": ask.operator,
        "reason": ask.reason,
        "request": ask.id,
        "terminal": ask.terminal,
        "time": at,
    }
