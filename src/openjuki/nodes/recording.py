# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The record of what is provided (提供の記録): the journal's rows, and the tables that say of whom they are.

A row commits to the answer and names the persons by salted digests; the tables keep the salts, so that only this
node can say whom a row is about. Everything of a batch is written with one COPY for each table.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from openjuki.store import journal, provisions
from openjuki.wire.provided import person_digest, rows
from openjuki.wire.provision import SALT_SIZE, Answered

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from openjuki.nodes.deliberating import Case
    from openjuki.nodes.node import Node
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message
    from openjuki.wire.provided import Row
    from openjuki.wire.provision import Ask


@dataclass(frozen=True, slots=True, kw_only=True)
class Put:
    """Questions that were put to this node in one envelope (受け付けた照会)."""

    asks: tuple[Ask, ...]
    #: The prefecture through which they came.
    through: str | None
    #: Every envelope that brought them, the asker's own last.
    carriers: tuple[Message, ...]

    @property
    def own(self) -> Message:
        """The asker's envelope."""
        return self.carriers[-1]

    @property
    def questions(self) -> int:
        """How many questions it has."""
        return sum(len(ask.questions) for ask in self.asks)


class Provided(NamedTuple):
    """What an envelope's questions were answered with (提供), and the rows that say so."""

    answered: tuple[Answered, ...]
    rows: tuple[Row, ...]
    at: datetime


class Recording:
    """What is recorded of a batch (提供の記録): gathered envelope by envelope, and written together."""

    def __init__(self, node: Node, at: datetime) -> None:
        """Take the node, and the time that stands in every row."""
        self._node, self._at = node, at
        self._rows: list[journal.Committed] = []
        self._envelopes: list[provisions.Envelope] = []
        self._provisions: list[provisions.Provision] = []
        self._persons: list[provisions.PersonTold] = []

    def take(self, put: Put, cases: Sequence[Case]) -> Provided:
        """Write an envelope's answers and rows, to be kept."""
        asker, envelope = put.own.sender, put.own.id
        salts = self._salts(len(cases) + sum(len(case.told.persons) for case in cases))
        salted = [(next(salts), [next(salts) for _ in case.told.persons]) for case in cases]
        said = [case.told.answer.to_dict() for case in cases]
        answered = tuple(map(_answered, cases, said, salted))
        built = rows(put.asks, answered, asker=asker, through=put.through, at=self._at, said=said)
        self._envelopes.append(provisions.Envelope(asker, envelope, self._at, len(cases)))
        for place, (case, row, (salt, own)) in enumerate(zip(cases, built, salted, strict=True)):
            self._rows.append(journal.Committed(row.kind, self._at, row.commitment, salt, row.payload))
            self._provisions.append(_provision(case, row, envelope, place, self._at))
            self._persons.extend(_persons(case, row, own))
        return Provided(answered, built, self._at)

    async def keep(self, connection: Connection) -> None:
        """Record all of it, in the transaction that decided it."""
        await journal.append_committed(connection, self._rows)
        await provisions.keep(connection, self._envelopes, self._provisions, self._persons)

    def _salts(self, count: int) -> Iterator[bytes]:
        drawn = self._node.entropy(SALT_SIZE * count)
        return (drawn[start : start + SALT_SIZE] for start in range(0, len(drawn), SALT_SIZE))


def _answered(case: Case, said: Mapping[str, Any], salts: tuple[bytes, Sequence[bytes]]) -> Answered:
    salt, own = salts
    told = case.told
    digests = tuple(
        [person_digest(one, hit.resident_code) for one, (hit, _) in zip(own, told.persons, strict=True)]
    )
    return Answered(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digests, salt, told.retention)


def _provision(case: Case, row: Row, envelope: str, place: int, at: datetime) -> provisions.Provision:
    ask, told = case.ask, case.told
    return provisions.Provision(
        row.commitment,
        case.asker,
        envelope,
        place,
        at,
        case.through,
        ask.affair,
        ask.office,
        ask.operator,
        ask.method.value,
        ask.what.value,
        case.keys,
        told.answer.result.value,
        told.answer.articles,
        row.items,
        told.retention,
    )


def _persons(case: Case, row: Row, own: Iterable[bytes]) -> Iterator[provisions.PersonTold]:
    for number, (salt, (hit, _)) in enumerate(zip(own, case.told.persons, strict=True), 1):
        yield provisions.PersonTold(row.commitment, number, int(hit.holder), salt)
