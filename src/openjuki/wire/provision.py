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
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import orjson

from openjuki.errors import BadEnvelope
from openjuki.law.basis import Method
from openjuki.wire.document import Items, to_base64
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
#: Where there is one of these, a question leads to one person at most; by the last only where nobody is named, for who
#: asks by name may say it too, and it is passed over.
_UNIQUE: Final = ("resident_code", "individual_number", "of")
_NAMES: Final = ("name", "furigana")
_DIGEST: Final = 64
_DIGESTS: Final = re.compile(r"[0-9a-f]*", re.ASCII)
_WORDS: Final = ("affair", "office", "operator", "terminal", "reason")
#: What an ask is in JSON.
_FORM: Final = {
    **dict.fromkeys((*_WORDS, "method", "what"), str),
    **dict.fromkeys(("history", "holds"), bool),
    "questions": list,
}


class What(StrEnum):
    """What is wanted of a provider (照会の種類)."""

    #: The items that the law lets be told (照会).
    ASK = "ask"
    #: Yes or no to each item that somebody wrote (照合).
    VERIFY = "verify"
    #: The items of one of the candidates that an earlier answer showed (候補の確定).
    CONFIRM = "confirm"


class Ask(NamedTuple):
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
    #: JSON forms: `LookUp.to_dict()`; the same with ``verify``, a list of items; or ``envelope``, the id of an earlier
    #: one, ``of``, the commitment of one of its rows in hexadecimal, and ``candidate``, a number in that row's answer.
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
    #: Salt of its row.
    salt: bytes
    #: How long the provider keeps its record of it (保存区分).
    retention: str


class Answers(NamedTuple):
    """The body of a reply: answers in the order of the questions, when they were recorded, and the promise."""

    answered: tuple[Answered, ...]
    #: When the provider recorded them: the time of the leaf.
    at: datetime
    #: Salt of the journal's row about all of them.
    salt: bytes
    #: The signed document `Promises` about that row.
    promise: bytes = b""


def weight(question: Mapping[str, Any]) -> int:
    """What a question weighs in its envelope (照会の重み): one person at most, or as many as bear a name.

    >>> weight({"resident_code": "71334917066"}), weight({"name": "小島正郎", "birth_date": "1966-05-22"})
    (1, 8)
    """
    by_name = any(question.get(key) for key in _NAMES)
    return 1 if any(question.get(key) for key in (_UNIQUE[:-1] if by_name else _UNIQUE)) else BY_NAME


def write_asks(asks: Iterable[Ask]) -> bytes:
    """The body of ``provide``."""
    return orjson.dumps({"asks": [ask.to_dict() for ask in asks]})


def read_asks(raw: bytes) -> tuple[Ask, ...]:
    """Read what `write_asks` wrote; the questions' items are not read yet.

    Raises:
        BadEnvelope: incomplete or malformed, without a question, or heavier than an envelope may be.
    """
    asks = tuple(map(_from_dict, Items(raw).take("asks", list)))
    if not 1 <= sum(ask.weight for ask in asks) <= MOST_WEIGHT:
        raise BadEnvelope(f"an envelope has a question, and weighs at most {MOST_WEIGHT}")
    return asks


def write_answers(answers: Answers) -> bytes:
    """The body of a reply: a line about the answers, the promise, and a line for each answer."""
    told = answers.answered
    head = {
        "persons": [one.persons for one in told],
        "retentions": [one.retention for one in told],
        "salts": to_base64(b"".join([answers.salt, *[one.salt for one in told]])),
        "time": leaf_time(answers.at),
    }
    return b"\n".join([orjson.dumps(head), answers.promise, *[one.answer for one in told]])


def read_answers(raw: bytes) -> Answers:
    """Read what `write_answers` wrote; the answers stay bytes.

    Raises:
        BadEnvelope: incomplete or malformed.
    """
    head, *lines = raw.split(b"\n")
    items = Items(head)
    persons, retentions, salts = (
        items.take("persons", list),
        items.take("retentions", list),
        items.raw("salts"),
    )
    count = len(persons)
    if (len(lines), len(retentions), len(salts)) != (count + 1, count, SALT_SIZE * (count + 1)):
        raise BadEnvelope("there are not as many answers as the first line says")
    _check_told(persons, retentions)
    own, *each = [salts[start : start + SALT_SIZE] for start in range(0, len(salts), SALT_SIZE)]
    promise, *answers = lines
    answered = tuple(map(Answered, answers, map(tuple, persons), each, retentions))
    return Answers(answered, items.time("time"), own, promise)


def _from_dict(items: Any) -> Ask:
    if not isinstance(items, dict):
        raise BadEnvelope("not a JSON object")
    for name, kind in _FORM.items():
        if type(items.get(name)) is not kind:
            raise BadEnvelope(f"missing or malformed: {name}")
    if any("\0" in items[name] for name in _WORDS):
        raise BadEnvelope("U+0000 is the one character that no book can hold")
    if not all(isinstance(question, dict) for question in items["questions"]):
        raise BadEnvelope("missing or malformed: questions")
    _check_writable(items["questions"])
    try:
        method, what = Method(items["method"]), What(items["what"])
    except ValueError as error:
        raise BadEnvelope("missing or malformed: method, what") from error
    given = {name: items[name] for name in _FORM}
    return Ask(**given | {"method": method, "what": what, "questions": tuple(items["questions"])})


def _check_writable(questions: Sequence[Any]) -> None:
    """Return only where what was read can be written again, as it is in each question's row.

    Raises:
        BadEnvelope: a question nests deeper.
    """
    try:
        orjson.dumps(questions)
    except TypeError as error:
        raise BadEnvelope("a question nests deeper than its row can say") from error


def _check_told(persons: Sequence[Any], retentions: Sequence[Any]) -> None:
    """Return only where there are lists of digests, and texts.

    Raises:
        BadEnvelope: there are not.
    """
    try:
        digests = [digest for one in persons for digest in one]
        sound = all(type(one) is list for one in persons) and all(len(one) == _DIGEST for one in digests)
        sound = sound and _DIGESTS.fullmatch("".join(digests)) is not None
    except TypeError as error:
        raise BadEnvelope("missing or malformed: persons") from error
    if not sound or not all(type(one) is str for one in retentions):
        raise BadEnvelope("missing or malformed: persons, retentions")
