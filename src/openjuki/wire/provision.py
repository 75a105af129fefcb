# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What goes between who asks and who provides (照会と提供の電文). Pure.

Rules of this file, specified in ``docs/spec/provision.md``:

1. A message holds asks: one purpose each (affair, office, operator, terminal, reason), and its questions.
2. Each question is answered by itself, in their order.
3. An answer is canonical JSON and stays the bytes it is: what is shown, hashed and kept is what was received.

What is recorded of them says `openjuki.wire.provided`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from openjuki.errors import BadEnvelope
from openjuki.law.basis import Method
from openjuki.wire.document import Items
from openjuki.wire.leaf import leaf_time

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from datetime import datetime

#: The message to a provider, and what carries it there through a governor (都道府県知事を経て).
PROVIDE: Final = "provide"
PROVIDE_THROUGH: Final = "provide-through"
#: What an envelope may carry, so that its answers fit a message; a question by name weighs more than one by code.
MOST_WEIGHT: Final = 256
BY_NAME: Final = 8
#: Bytes of a salt: of a row, and of a person's digest.
SALT_SIZE: Final = 32
#: Where there is one of these, a question leads to one person at most.
_UNIQUE: Final = ("resident_code", "individual_number", "of")
_DIGESTS: Final = re.compile(r"(?:[0-9a-f]{64})*", re.ASCII)


class What(StrEnum):
    """What is wanted of a provider (照会の種類)."""

    #: The items that the law lets be told (照会).
    ASK = "ask"
    #: Yes or no to each item that somebody wrote (照合).
    VERIFY = "verify"
    #: The items of one of the candidates that an earlier answer showed (候補の確定).
    CONFIRM = "confirm"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """One purpose, and the questions that are asked for it (照会)."""

    #: The affair for which it is asked (事務).
    affair: str
    #: The office within the asking node (部署).
    office: str
    #: Who asks and where; a machine is ``system:<id>`` in both.
    operator: str
    terminal: str
    #: Case number or the like (照会理由).
    reason: str
    method: Method
    what: What
    #: Whether what was recorded before is wanted too (履歴).
    history: bool
    #: The asking node's word that the office holds the affair.
    holds: bool
    #: JSON forms: `LookUp.to_dict()`; the same with ``verify``, a list of items; or ``of``, the commitment of an
    #: earlier row in hexadecimal, and ``candidate``, the number of the candidate in its answer.
    questions: tuple[Mapping[str, Any], ...]

    @property
    def weight(self) -> int:
        """What its questions weigh together."""
        return sum(map(weight, self.questions))

    def to_dict(self) -> dict[str, Any]:
        """JSON form."""
        return {
            "affair": self.affair,
            "history": self.history,
            "holds": self.holds,
            "method": self.method,
            "office": self.office,
            "operator": self.operator,
            "questions": self.questions,
            "reason": self.reason,
            "terminal": self.terminal,
            "what": self.what,
        }


class Answered(NamedTuple):
    """What comes back for one question (回答)."""

    #: Canonical JSON of the answer, byte for byte as its row has hashed it.
    answer: bytes
    #: One digest per person told about, in hexadecimal: SHA-256(person's salt ‖ resident code).
    persons: tuple[str, ...]
    #: Salt of the row.
    salt: bytes
    #: How long the provider keeps its record of it (保存区分).
    retention: str


class Answers(NamedTuple):
    """The body of a reply: answers in the order of the questions, when they were recorded, and the promise."""

    answered: tuple[Answered, ...]
    #: When the provider recorded the rows: each leaf's time.
    at: datetime
    #: The signed document `Promises` about all of the rows.
    promise: bytes


def weight(question: Mapping[str, Any]) -> int:
    """What a question weighs in its envelope (照会の重み): one person at most, or as many as bear a name.

    >>> weight({"resident_code": "71334917066"}), weight({"name": "小島正郎", "birth_date": "1966-05-22"})
    (1, 8)
    """
    return 1 if any(key in question for key in _UNIQUE) else BY_NAME


def write_asks(asks: Iterable[Ask]) -> bytes:
    """The body of ``provide``."""
    return orjson.dumps({"asks": [ask.to_dict() for ask in asks]})


def read_asks(raw: bytes) -> tuple[Ask, ...]:
    """Read what `write_asks` wrote; the questions' items are not read yet.

    Raises:
        BadEnvelope: incomplete or malformed, without a question, or heavier than an envelope may be.
    """
    asks = tuple(map(_from_items, Items(raw).list("asks")))
    if not 1 <= sum(ask.weight for ask in asks) <= MOST_WEIGHT:
        raise BadEnvelope(f"an envelope has a question, and weighs at most {MOST_WEIGHT}")
    return asks


def write_answers(answered: Sequence[Answered], at: datetime, promise: bytes) -> bytes:
    """The body of a reply: a line about the answers, the promise, and a line for each answer."""
    told = [{"persons": one.persons, "retention": one.retention, "salt": one.salt.hex()} for one in answered]
    head = orjson.dumps({"answered": told, "time": leaf_time(at)})
    return b"\n".join((head, promise, *(one.answer for one in answered)))


def read_answers(raw: bytes) -> Answers:
    """Read what `write_answers` wrote; the answers stay bytes.

    Raises:
        BadEnvelope: incomplete or malformed.
    """
    head, *lines = raw.split(b"\n")
    items = Items(head)
    told = items.take("answered", list)
    if len(lines) != len(told) + 1:
        raise BadEnvelope("there are not as many answers as the first line says")
    promise, *answers = lines
    try:
        answered = tuple([_answered(one, answer) for one, answer in zip(told, answers, strict=True)])
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise BadEnvelope("missing or malformed: answered") from error
    return Answers(answered=answered, at=items.time("time"), promise=promise)


def _from_items(items: Items) -> Ask:
    questions = items.take("questions", list)
    if not all(isinstance(question, dict) for question in questions):
        raise BadEnvelope("missing or malformed: questions")
    try:
        method, what = Method(items.take("method", str)), What(items.take("what", str))
    except ValueError as error:
        raise BadEnvelope("missing or malformed: method, what") from error
    return Ask(
        affair=items.take("affair", str),
        office=items.take("office", str),
        operator=items.take("operator", str),
        terminal=items.take("terminal", str),
        reason=items.take("reason", str),
        method=method,
        what=what,
        history=items.take("history", bool),
        holds=items.take("holds", bool),
        questions=tuple(questions),
    )


def _answered(told: Mapping[str, Any], answer: bytes) -> Answered:
    """What the first line says of an answer; KeyError, TypeError or ValueError where it does not."""
    persons, salt, retention = told["persons"], told["salt"], told["retention"]
    if not isinstance(persons, list) or type(retention) is not str or len(salt) != 2 * SALT_SIZE:
        raise TypeError
    if not _DIGESTS.fullmatch(salt + "".join(persons)):
        raise ValueError
    return Answered(answer, tuple(persons), bytes.fromhex(salt), retention)
