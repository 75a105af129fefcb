# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a system sends, read strictly (要求の読取り): whatever the description does not know, or has once, is an error.

A misspelt item that was passed over would make a question wider than it was meant, so nothing is passed
over. What an item says (a code, a date) is judged with the question: that somebody asked so is recorded.
"""

from __future__ import annotations

import re
from itertools import count
from typing import TYPE_CHECKING, Any, Final

import orjson

from openjuki.errors import BadQuestion
from openjuki.gateway.errors import BadRequest, NotJson, OversizedRequest
from openjuki.law.basis import Method
from openjuki.nodes.asking import Asked, Confirmation, Machine
from openjuki.refusal import Where
from openjuki.residents.look_up import VERIFIABLE, Claim, LookUp, Matching
from openjuki.residents.record import Sex
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from openjuki.store.credentials import Shown

    type Question = LookUp | Claim | Confirmation | BadQuestion

#: Most questions of one request.
MOST: Final = 1_000
#: Longest text of an item, and of a reason.
LONGEST: Final = 300
#: Highest number of a question or a candidate.
MOST_COUNTED: Final = 999_999_999
#: Items of a question, in any order.
ITEMS: Final = (
    "resident_code",
    "individual_number",
    "name",
    "furigana",
    "birth_date",
    "municipality",
    "address",
    "sex",
    "matching",
)
#: Items that say one of a few words.
WORDS: Final[Mapping[str, frozenset[str]]] = {
    "sex": frozenset(Sex),
    "matching": frozenset(Matching),
}
#: A text of one line: without control characters (PostgreSQL takes no U+0000), whatever ends a line, and the mark of a
#: character that was lost on the way.
LINE: Final = r"^[^\u0000-\u001F\u007F-\u009F\u2028\u2029\uFFFD]*$"
#: An affair, a line of the ledger.
PLAIN: Final = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
_LINE: Final = re.compile(LINE)
#: Texts of JSON.
_TEXTS: Final = re.compile(rb'"(?:[^"\\]|\\.)*"', re.DOTALL)
_PLAIN: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}", re.ASCII)


def provision(raw: bytes, by: Shown) -> Asked:
    """Read a request to be told about persons (照会).

    Raises:
        BadRequest: it is not of its form; `where` names row and item, rows being counted from 1.
    """
    return _asked(raw, by, What.ASK, _look_up)


def verification(raw: bytes, by: Shown) -> Asked:
    """Read a request to hold what applicants wrote against the record (照合).

    Raises:
        BadRequest: as `provision`.
    """
    return _asked(raw, by, What.VERIFY, _claim)


def confirmation(raw: bytes, by: Shown) -> Asked:
    """Read a request to be told about one of several candidates (候補の確定).

    Raises:
        BadRequest: as `provision`.
    """
    return _asked(raw, by, What.CONFIRM, _confirmation)


def _asked(raw: bytes, by: Shown, what: What, question: Callable[[Any, int], Question]) -> Asked:
    items, known = _json(raw), _MEMBERS[what]
    if not isinstance(items, dict) or not _REQUIRED <= items.keys() <= known:
        raise _misshapen(items, _REQUIRED, known)
    questions = items["questions"]
    if not isinstance(questions, list) or not questions:
        raise _bad("questions", "a list of one question at least")
    if len(questions) > MOST:
        raise OversizedRequest(f"a request holds {MOST:,} questions at most", where=Where(column="questions"))
    asked = Asked(
        by=Machine(by.system, by.credential),
        affair=plain(items["affair"], "affair"),
        reason=_line(items["reason"], "reason"),
        what=what,
        history=_flag(items.get("history", False), "history"),
        method=Method.ONLINE,
        questions=tuple(map(question, questions, count(1))),
    )
    _check_each_once(raw, len(items) + sum(map(len, questions)))
    return asked


def _look_up(items: Any, row: int) -> Question:
    if not _fits(items):
        raise _misfit(items, _NOTHING, row)
    try:
        return LookUp.from_dict(items)
    except BadQuestion as error:
        return error


def _claim(items: Any, row: int) -> Question:
    if not isinstance(items, dict) or not _fits({item: items[item] for item in items if item != "verify"}):
        raise _misfit(items, frozenset({"verify"}), row)
    verify = items.get("verify")
    if not isinstance(verify, list) or not verify or any(item not in VERIFIABLE for item in verify):
        raise _bad("verify", "a list of items that can be verified", row)
    if len(set(verify)) != len(verify):
        raise _bad("verify", "each item once", row)
    try:
        return Claim.from_dict(items)
    except BadQuestion as error:
        return error


def _confirmation(items: Any, row: int) -> Question:
    if not isinstance(items, dict) or items.keys() != _CHOICE:
        raise _misshapen(items, _CHOICE, _CHOICE, row)
    return Confirmation(
        ledger=plain(items["ledger"], "ledger", row),
        question=_count(items["question"], 0, Where(row=row, column="question")),
        candidate=_count(items["candidate"], 1, Where(row=row, column="candidate")),
    )


def _fits(items: Any) -> bool:
    """Whether a question has known items only, each a text that is not too long, or one of a few words.

    Of a thousand questions each comes this way, so nothing is said here of what is wrong.
    """
    if not isinstance(items, dict):
        return False
    for item, value in items.items():
        words = _KNOWN.get(item, _NOTHING)
        if not isinstance(value, str) or len(value) > LONGEST or (words is not None and value not in words):
            return False
    return True


def _misfit(items: Any, required: frozenset[str], row: int) -> BadRequest:
    """What is wrong with a question that does not fit."""
    known = required | _ITEMS
    if not isinstance(items, dict) or not required <= items.keys() <= known:
        return _misshapen(items, required, known, row)
    for item in _KNOWN.keys() & items.keys():
        if not isinstance(items[item], str) or len(items[item]) > LONGEST:
            return _bad(item, f"a text of {LONGEST} characters at most", row)
    item = next(item for item, words in WORDS.items() if item in items and items[item] not in words)
    return _bad(item, f"one of {', '.join(sorted(WORDS[item]))}", row)


def _misshapen(
    items: Any, required: frozenset[str], known: Collection[str], row: int | None = None
) -> BadRequest:
    """What is wrong with the members of an object; a stranger's name is not quoted."""
    if not isinstance(items, dict):
        return BadRequest("an object is expected", where=Where(row=row, column="questions" if row else None))
    for name in sorted(required - items.keys()):
        return BadRequest(f"{name} is missing", where=Where(row=row, column=name))
    return BadRequest(f"there is a member besides {', '.join(sorted(known))}", where=Where(row=row))


_NOTHING: Final[frozenset[str]] = frozenset()
_REQUIRED: Final = frozenset(("affair", "reason", "questions"))
#: Members of a request; history is asked for, and not verified.
_MEMBERS: Final[Mapping[What, frozenset[str]]] = {
    What.ASK: _REQUIRED | {"history"},
    What.VERIFY: _REQUIRED,
    What.CONFIRM: _REQUIRED | {"history"},
}
_CHOICE: Final = frozenset(("ledger", "question", "candidate"))
#: Items of a question; None: any text.
_KNOWN: Final[Mapping[str, frozenset[str] | None]] = {item: WORDS.get(item) for item in ITEMS}
_ITEMS: Final = frozenset(ITEMS)


def _check_each_once(raw: bytes, members: int) -> None:
    """Check that no member of a request stands twice, of which the last would count in silence (RFC 7493).

    There are as many members as there are colons outside of texts, and so no fewer colons; hardly any text has one.
    """
    if raw.count(b":") > members and _TEXTS.sub(b"", raw).count(b":") > members:
        raise BadRequest("a member stands twice")


def _json(raw: bytes) -> Any:
    try:
        return orjson.loads(raw)
    except orjson.JSONDecodeError:
        raise NotJson from None


def plain(value: Any, column: str, row: int | None = None) -> str:
    """Read an id.

    Raises:
        BadRequest: it is none.
    """
    if not isinstance(value, str) or not _PLAIN.fullmatch(value):
        raise _bad(column, "an id: letters, figures, dots, dashes and underlines, 64 at most", row)
    return value


def is_line(text: str, longest: int) -> bool:
    r"""Whether a text is of one line, and not too long.

    >>> is_line("受付 1", 300), is_line("受付\n1", 300), is_line("受付\0", 300)
    (True, False, False)
    """
    return len(text) <= longest and _LINE.fullmatch(text) is not None


def _line(value: Any, column: str) -> str:
    if not isinstance(value, str) or not is_line(value, LONGEST):
        raise _bad(column, f"a text of one line, {LONGEST} characters at most")
    return value


def _flag(value: Any, column: str) -> bool:
    if not isinstance(value, bool):
        raise _bad(column, "true or false")
    return value


def _count(value: Any, least: int, where: Where) -> int:
    """Read a whole number; JSON does not tell 2 from 2.0."""
    if not isinstance(value, int | float) or isinstance(value, bool) or value != int(value):
        raise BadRequest("a whole number is expected", where=where)
    if not least <= value <= MOST_COUNTED:
        raise BadRequest(f"a number from {least} to {MOST_COUNTED:,} is expected", where=where)
    return int(value)


def _bad(column: str, expected: str, row: int | None = None) -> BadRequest:
    return BadRequest(f"expected: {expected}", where=Where(row=row, column=column))
