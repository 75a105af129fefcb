# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The rows of what is provided (提供の記録): what a provider's journal says of a question and its answer. Pure.

Rules of this file, specified in ``docs/spec/provision.md``:

1. Each question is one row. A row is not sent: who asked knows everything that it says, builds the same bytes, and
   holds their commitment against the provider's promise.
2. A row names the persons who were told about by digests that only the provider can open, one salt for each.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from openjuki.errors import BadEnvelope
from openjuki.wire.leaf import commitment, leaf_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

    from openjuki.wire.provision import Answered, Ask

#: Kinds of the provider's rows.
GRANTED: Final = "provision.granted"
REFUSED: Final = "provision.refused"
#: A candidate's number is nobody's item.
_NO_ITEM: Final = frozenset(("candidate",))


class Row(NamedTuple):
    """A row of the provider's journal (提供の記録), as both sides build it."""

    kind: str
    payload: bytes
    commitment: bytes
    #: Which items were told.
    items: tuple[str, ...]
    #: The answer, read.
    said: Mapping[str, Any]


def rows(
    asks: Iterable[Ask],
    answered: Sequence[Answered],
    *,
    asker: str,
    through: str | None,
    at: datetime,
    said: Iterable[Mapping[str, Any]] | None = None,
) -> tuple[Row, ...]:
    """The rows of an envelope's questions, in their order; `Promises.rows` are their kinds and commitments.

    Args:
        asks: what was asked.
        answered: what came back, in the order of the questions.
        asker: who asked.
        through: the prefecture that passed it on.
        at: when the provider recorded it.
        said: what the answers say, for the provider, who need not read them.

    Raises:
        BadEnvelope: there are not as many answers as questions, or one is none.
    """
    put = [
        (about, question)
        for ask in asks
        for about in (_about(ask, asker, through, at),)
        for question in ask.questions
    ]
    if len(put) != len(answered):
        raise BadEnvelope("there are not as many answers as questions")
    says = said or (_said(one.answer) for one in answered)
    return tuple(
        _row(about, question, one, say)
        for (about, question), one, say in zip(put, answered, says, strict=True)
    )


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


def _about(ask: Ask, asker: str, through: str | None, at: datetime) -> dict[str, Any]:
    """What the rows of all questions of an ask say."""
    about = ask.to_dict()
    del about["questions"]
    return about | {"asker": asker, "through": through, "time": leaf_time(at)}


def _said(answer: bytes) -> Mapping[str, Any]:
    try:
        said = orjson.loads(answer)
    except ValueError as error:
        raise BadEnvelope("missing or malformed: answer") from error
    if not isinstance(said, dict):
        raise BadEnvelope("missing or malformed: answer")
    return said


def _row(
    about: Mapping[str, Any], question: Mapping[str, Any], answered: Answered, said: Mapping[str, Any]
) -> Row:
    try:
        refusal, malformed, items = said["refusal"], said["malformed"], items_of(said)
        payload = {
            **about,
            "answer": sha256(answered.answer).hexdigest(),
            "articles": said["articles"],
            "count": said["count"],
            "items": items,
            "malformed": malformed,
            "persons": answered.persons,
            "question": question,
            "result": said["result"],
            "retention": answered.retention,
            "rule": refusal and refusal["rule"],
        }
    except (KeyError, TypeError) as error:
        raise BadEnvelope("missing or malformed: answer") from error
    raw = orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)
    kind = GRANTED if refusal is None and malformed is None else REFUSED
    return Row(kind, raw, commitment(answered.salt, raw), items, said)
