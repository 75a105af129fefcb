# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The record of what is provided (提供の記録): what a provider writes of an envelope of questions, and of each. Pure.

Rules of this file, specified in ``docs/spec/provision.md``:

1. An envelope is one row of the journal; its questions are the leaves of a tree whose root stands in that row.
2. Nothing of it is sent. Who asked knows everything that it says, builds the same bytes, and holds their commitment
   against the provider's promise.
3. A question's row names the persons who were told about by digests that only the provider can open, one salt for each.
   The journal's row names nobody.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self

import orjson

from openjuki.errors import BadEnvelope
from openjuki.wire.document import Items
from openjuki.wire.leaf import commitment, leaf_time
from openjuki.wire.merkle import inclusion_proof, leaf_hash, root_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from openjuki.wire.provision import Answered, Answers, Ask

#: Kind of the journal's row.
ENVELOPE: Final = "provision.envelope"
_NO_ITEM: Final = frozenset(("candidate",))


class Row(NamedTuple):
    """What is written of a question (提供の記録), as both sides build it."""

    payload: bytes
    #: The row's leaf in the tree of its envelope: SHA-256(0x00 ‖ salt ‖ payload).
    commitment: bytes
    #: Which items were told.
    items: tuple[str, ...]
    #: The answer, read.
    said: Mapping[str, Any]

    @property
    def refused(self) -> bool:
        """Whether a rule said no, or the question could not be read."""
        return self.said["refusal"] is not None or self.said["malformed"] is not None


class Written(NamedTuple):
    """What is written of an envelope (提供の電文の記録)."""

    #: Of the questions, in their order.
    rows: tuple[Row, ...]
    #: Of the journal's row.
    payload: bytes
    commitment: bytes


class Carried(NamedTuple):
    """Whose envelope it is and how it came (電文の経路)."""

    asker: str
    #: Its id, drawn by the asker.
    envelope: str
    #: The prefecture that passed it on.
    through: str | None


class Envelope(NamedTuple):
    """What the journal's row says of an envelope (提供の電文)."""

    carried: Carried
    at: datetime
    questions: int
    #: Of these, those that a rule refused or that could not be read.
    refused: int
    #: Of the tree over the rows of its questions.
    root: bytes

    def to_bytes(self) -> bytes:
        """The payload: canonical JSON."""
        asker, envelope, through = self.carried
        return orjson.dumps(
            {
                "asker": asker,
                "envelope": envelope,
                "questions": self.questions,
                "refused": self.refused,
                "root": self.root.hex(),
                "through": through,
                "time": leaf_time(self.at),
            }
        )

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read the payload.

        Raises:
            BadEnvelope: it is not that of an envelope.
        """
        items = Items(raw)
        carried = Carried(items.node("asker"), items.id("envelope"), items.maybe("through", items.node))
        counts = items.count("questions", least=1), items.count("refused")
        return cls(carried, items.time("time"), *counts, items.digest("root"))


def written(
    asks: Iterable[Ask], answers: Answers, carried: Carried, said: Iterable[Mapping[str, Any]] | None = None
) -> Written:
    """What a provider writes of an envelope; `Promises.rows` is its kind and commitment.

    Args:
        asks: what was asked.
        answers: what came back; its promise is not looked at.
        carried: whose envelope it is.
        said: what the answers say, for the provider, who need not read them.

    Raises:
        BadEnvelope: there are not as many answers as questions, or one is none.
    """
    built = rows(asks, answers.answered, said)
    refused = sum([row.refused for row in built])
    root = root_of([row.commitment for row in built])
    payload = Envelope(carried, answers.at, len(built), refused, root).to_bytes()
    return Written(built, payload, commitment(answers.salt, payload))


def rows(
    asks: Iterable[Ask], answered: Sequence[Answered], said: Iterable[Mapping[str, Any]] | None = None
) -> tuple[Row, ...]:
    """The rows of an envelope's questions, in their order.

    Raises:
        BadEnvelope: as `written`.
    """
    put = [(purpose, question) for ask in asks for purpose in (_purpose(ask),) for question in ask.questions]
    if len(put) != len(answered):
        raise BadEnvelope("there are not as many answers as questions")
    says = said or (_said(one.answer) for one in answered)
    return tuple(
        [
            _row(purpose, question, one, say)
            for (purpose, question), one, say in zip(put, answered, says, strict=True)
        ]
    )


def row_commitment(salt: bytes, payload: bytes) -> bytes:
    """A question's leaf in the tree of its envelope."""
    return leaf_hash(salt + payload)


def path(leaves: Sequence[bytes], place: int) -> tuple[bytes, ...]:
    """Hashes from one of these leaves up to the root over all."""

    def root(level: int, index: int) -> bytes:
        return root_of(leaves[index << level : (index + 1) << level])

    return inclusion_proof(place, len(leaves), root)


def person_digest(salt: bytes, resident_code: str) -> str:
    """How a row names a person who was told about (本人の識別)."""
    return sha256(salt + resident_code.encode("ascii")).hexdigest()


def items_of(answer: Mapping[str, Any]) -> tuple[str, ...]:
    """Which items an answer tells, be it of a person, of a candidate, or by yes and no (提供した項目)."""
    persons = (*answer["hits"], *(answer["candidates"] or ()), answer["items"] or ())
    return _items(tuple([tuple(person) for person in persons]))


@lru_cache(maxsize=1024)
def _items(persons: tuple[tuple[str, ...], ...]) -> tuple[str, ...]:
    return tuple(sorted({item for person in persons for item in person} - _NO_ITEM))


def _purpose(ask: Ask) -> orjson.Fragment:
    """What the rows of all questions of an ask say: written once."""
    purpose = ask.to_dict()
    del purpose["questions"]
    return orjson.Fragment(orjson.dumps(purpose, option=orjson.OPT_SORT_KEYS))


def _said(answer: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(answer)
    except ValueError as error:
        raise BadEnvelope("missing or malformed: answer") from error
    if not isinstance(said, dict):
        raise BadEnvelope("missing or malformed: answer")
    return said


def _row(
    purpose: orjson.Fragment, question: Mapping[str, Any], answered: Answered, said: Mapping[str, Any]
) -> Row:
    try:
        refusal, items = said["refusal"], items_of(said)
        rule = refusal and refusal["rule"]
        outcome = (tuple(said["articles"]), said["count"], said["malformed"], said["result"], rule)
        told = _told(items, answered.retention, *outcome)
    except (KeyError, TypeError) as error:
        raise BadEnvelope("missing or malformed: answer") from error
    payload = {
        "answer": sha256(answered.answer).hexdigest(),
        "ask": purpose,
        "persons": answered.persons,
        "question": question,
        "told": told,
    }
    raw = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    return Row(raw, row_commitment(answered.salt, raw), items, said)


# typed: a peer may write true or 1.0 where 1 is meant, and JSON tells them apart
@lru_cache(maxsize=4096, typed=True)
def _told(
    items: tuple[str, ...],
    retention: str,
    articles: tuple[str, ...],
    count: int,
    malformed: str | None,
    result: str,
    rule: str | None,
) -> orjson.Fragment:
    """What a row says of its answer without anybody's items: most answers are told alike."""
    told = {
        "articles": articles,
        "count": count,
        "items": items,
        "malformed": malformed,
        "result": result,
        "retention": retention,
        "rule": rule,
    }
    return orjson.Fragment(orjson.dumps(told))
