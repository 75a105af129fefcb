# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The record of what is provided (提供の記録): the journal's rows, and the tables that say what stands under them.

An envelope is one row of the journal, with the root over its questions. A question's row commits to the answer and
names the persons by salted digests; the tables keep the salts, so that only this node can say whom a row is about.
Questions and persons of a batch are each written with one COPY.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

import orjson

from openjuki.store import journal, provisions
from openjuki.wire.promise import Promises
from openjuki.wire.provided import ENVELOPE, Carried, person_digest, written
from openjuki.wire.provision import SALT_SIZE, Answered, Answers

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from datetime import datetime

    from openjuki.nodes.deliberating import Case
    from openjuki.nodes.node import Node
    from openjuki.residents.look_up import Hit
    from openjuki.store.database import Connection
    from openjuki.wire.envelope import Message
    from openjuki.wire.provided import Row
    from openjuki.wire.provision import Ask

    #: The salt of a row, and everybody who was told about with their own.
    type _Salted = tuple[bytes, Sequence[tuple[Hit, bytes]]]
    #: Affair, office, operator, method, and what was wanted.
    type _Purpose = tuple[str, str, str, str, str]


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
    """What an envelope's questions were answered with (提供), and what the journal's row about it commits to."""

    answers: Answers
    commitment: bytes

    def promises(self, origin: str) -> Promises:
        """The promise of that row, to be signed."""
        return Promises(origin=origin, time=self.answers.at, rows=((ENVELOPE, self.commitment),))


class _Taken(NamedTuple):
    """An envelope that is to be recorded (記録する電文)."""

    envelope: provisions.Envelope
    rows: list[provisions.Provision]
    persons: list[provisions.PersonTold]


class Recording:
    """What is recorded of a batch (提供の記録): gathered envelope by envelope, and written together."""

    def __init__(self, node: Node, at: datetime) -> None:
        """Take the node, and the time that stands in every row."""
        self._node, self._at = node, at
        self._rows: list[journal.Committed] = []
        self._taken: list[_Taken] = []

    def take(self, put: Put, cases: Sequence[Case]) -> Provided:
        """Write an envelope's answers and record, to be kept."""
        salts = self._salts(1 + len(cases) + sum([len(case.told.persons) for case in cases]))
        salt = next(salts)
        salted = [(next(salts), [(hit, next(salts)) for hit, _ in case.told.persons]) for case in cases]
        said = [case.told.answer.to_dict() for case in cases]
        answers = Answers(tuple(map(_answered, cases, said, salted)), self._at, salt)
        carried = Carried(put.own.sender, put.own.id, put.through)
        about = written(put.asks, answers, carried, said)
        self._rows.append(journal.Committed(ENVELOPE, self._at, about.commitment, salt, about.payload))
        envelope = provisions.Envelope(*carried, self._at, len(cases), about.commitment)
        self._taken.append(_taken(envelope, put.asks, list(zip(cases, about.rows, salted, strict=True))))
        return Provided(answers, about.commitment)

    async def keep(self, connection: Connection) -> None:
        """Record all of it, in the transaction that decided it."""
        await journal.append_committed(connection, self._rows)
        await provisions.keep(connection, self._taken)

    def _salts(self, count: int) -> Iterator[bytes]:
        drawn = self._node.entropy(SALT_SIZE * count)
        return (drawn[start : start + SALT_SIZE] for start in range(0, len(drawn), SALT_SIZE))


def _answered(case: Case, said: Mapping[str, Any], salted: _Salted) -> Answered:
    salt, persons = salted
    digests = tuple([person_digest(own, hit.resident_code) for hit, own in persons])
    return Answered(orjson.dumps(said, option=orjson.OPT_SORT_KEYS), digests, salt, case.told.retention)


def _taken(
    envelope: provisions.Envelope, asks: Iterable[Ask], told: Sequence[tuple[Case, Row, _Salted]]
) -> _Taken:
    purposes = {id(ask): _purpose(ask) for ask in asks}
    return _Taken(
        envelope,
        [
            _provision(case, place, purposes[id(case.ask)], row, salt)
            for place, (case, row, (salt, _)) in enumerate(told)
        ],
        [
            provisions.PersonTold(place, number, int(hit.holder), own)
            for place, (_, _, (_, persons)) in enumerate(told)
            for number, (hit, own) in enumerate(persons, 1)
        ],
    )


def _purpose(ask: Ask) -> _Purpose:
    """What is kept of an ask with each of its questions."""
    return ask.affair, ask.office, ask.operator, ask.method.value, ask.what.value


def _provision(case: Case, place: int, purpose: _Purpose, row: Row, salt: bytes) -> provisions.Provision:
    answer, retention = case.told.answer, case.told.retention
    told = (case.keys, answer.result.value, answer.articles, row.items, retention)
    return provisions.Provision(place, row.commitment, *purpose, *told, salt, row.payload)
