# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is believed of an answer (回答の検証): what its provider promises to have recorded, and no more than was granted.

What is written of an envelope is not sent. Whoever asked builds it from its own questions and what came back, and
holds it against the provider's signed promise: so the promise is about these questions, these answers and this asker.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.nodes.answering import Answer
from openjuki.residents.look_up import Result
from openjuki.wire.envelope import CLOCK_SKEW, LIFETIME
from openjuki.wire.promise import read_promises
from openjuki.wire.provided import ENVELOPE, Carried, written

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from openjuki.nodes.asking.merging import Way
    from openjuki.nodes.node import Node
    from openjuki.wire.provided import Row, Written
    from openjuki.wire.provision import Answers, Ask

#: The member of a person in an answer that holds earlier records.
HISTORY: Final = "history"


def promised(node: Node, asks: Sequence[Ask], answers: Answers, way: Way, envelope: str) -> Written:
    """What the provider promises to have written of this envelope.

    Raises:
        BadEnvelope: not an answer to these questions.
        ForgedEnvelope, UnlistedNode, RevokedNode: not a promise of a node of this network.
        IntegrityFailure: the promise is about something else, or about a record of another time than this.
    """
    promise = read_promises(answers.promise, directory=node.directory, at=node.clock())
    built = written(asks, answers, Carried(node.id, envelope, way.through))
    said = (promise.origin, promise.time, promise.rows)
    if said != (node.directory.origin(way.provider), answers.at, ((ENVELOPE, built.commitment),)):
        raise IntegrityFailure("the answers do not come with the promise of their record")
    if not -CLOCK_SKEW <= node.clock() - answers.at <= LIFETIME + CLOCK_SKEW:
        raise IntegrityFailure("the record of the answers is dated at another time than they were given")
    return built


def check_answers(built: Written) -> None:
    """Return only where every answer is one, of which each text can stand in the book and on a screen.

    Raises:
        BadEnvelope: one is not.
    """
    try:
        answers = [Answer.from_dict(row.said) for row in built.rows]
    except (KeyError, TypeError, ValueError) as error:
        raise BadEnvelope("missing or malformed: answer") from error
    if any((one.refusal is None) == (one.result is Result.NOT_PERMITTED) for one in answers):
        raise BadEnvelope("an answer is refused by a rule, or tells something")


def check_granted(row: Row, said: Mapping[str, Any], granted: frozenset[str]) -> None:
    """Return only when an answer tells no item that this node's own statute book does not grant, nor did before.

    Raises:
        IntegrityFailure: it does.
    """
    told = set(row.items)
    if HISTORY in told:
        told.remove(HISTORY)
        told.update(_before(said))
    if not told <= granted:
        raise IntegrityFailure("an answer holds more than was granted")


def _before(said: Mapping[str, Any]) -> Iterable[str]:
    """Items of earlier records, of whoever is shown.

    Raises:
        IntegrityFailure: there are no such records where they are said to be.
    """
    persons = (*said["hits"], *(said["candidates"] or ()))
    try:
        return [item for person in persons for past in person.get(HISTORY, ()) for item in dict(past)]
    except (TypeError, ValueError) as error:
        raise IntegrityFailure("an answer holds earlier records that are none") from error
