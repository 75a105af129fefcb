# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a system sends is read strictly: what a misspelt item leaves out would make a question wider."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import orjson
import pytest

from openjuki.errors import BadQuestion
from openjuki.gateway import reading
from openjuki.gateway.errors import BadRequest, NotJson, OversizedRequest
from openjuki.law.basis import Method
from openjuki.nodes.asking import Asked, Confirmation, Machine
from openjuki.residents.look_up import Claim, LookUp
from openjuki.store.credentials import Shown
from openjuki.wire.provision import What

if TYPE_CHECKING:
    from collections.abc import Callable

    type Read = Callable[[bytes, Shown], Asked]

BY = Shown(system="batch", credential="0" * 12, office="desk")
CODE = {"resident_code": "71334917066"}
WRITTEN = {"name": "渡邉　葵", "verify": ["name"]}
CHOICE = {"ledger": "0" * 32, "question": 0, "candidate": 1}
WHOLE: dict[str, Any] = {"affair": "state-115", "reason": "受付 1"}


def read(how: Read, *questions: Any, **items: Any) -> Asked:
    """A request as it is read."""
    return how(orjson.dumps({**WHOLE, "questions": list(questions), **items}), BY)


def test_a_request_to_be_told_is_read():
    """Who asks is whose credential was shown; the method is that of systems."""
    assert read(reading.provision, CODE, history=True) == Asked(
        by=Machine(system="batch", credential="0" * 12),
        affair="state-115",
        reason="受付 1",
        what=What.ASK,
        history=True,
        method=Method.ONLINE,
        questions=(LookUp.from_dict(CODE),),
    )


def test_a_claim_and_a_choice_are_read():
    """To verify, and to confirm; 2.0 is the number that 2 is."""
    verified = read(reading.verification, WRITTEN)
    confirmed = read(reading.confirmation, {**CHOICE, "candidate": 2.0})

    assert (verified.what, verified.questions) == (What.VERIFY, (Claim.from_dict(WRITTEN),))
    assert confirmed.what is What.CONFIRM
    assert confirmed.questions == (Confirmation(ledger="0" * 32, question=0, candidate=2),)


@pytest.mark.parametrize(
    ("how", "question", "item"),
    [
        pytest.param(reading.provision, {"resident_code": "1"}, "resident_code", id="a code too short"),
        pytest.param(reading.provision, {"birth_date": "きのう"}, "birth_date", id="a date that is none"),
        pytest.param(
            reading.verification, {"name": "葵", "verify": ["sex"]}, "verify", id="what was not written"
        ),
    ],
)
def test_what_an_item_says_is_judged_with_the_question(how: Read, question: dict[str, Any], item: str):
    """It is of the form, and malformed: that somebody asked so is recorded."""
    (found,) = read(how, question).questions

    assert isinstance(found, BadQuestion)
    assert found.where.column == item


@pytest.mark.parametrize(
    ("how", "items", "where"),
    [
        pytest.param(
            reading.provision, {"affair": None}, {"column": "affair"}, id="an affair that is no text"
        ),
        pytest.param(
            reading.provision, {"affair": "a\0"}, {"column": "affair"}, id="an affair that is no id"
        ),
        pytest.param(reading.provision, {"reason": "1\n2"}, {"column": "reason"}, id="a reason of two lines"),
        pytest.param(reading.provision, {"reason": "1\0"}, {"column": "reason"}, id="a reason with U+0000"),
        pytest.param(reading.provision, {"reason": "1\x85"}, {"column": "reason"}, id="a reason with U+0085"),
        pytest.param(
            reading.provision, {"reason": "1\u2028"}, {"column": "reason"}, id="a line of Unicode's"
        ),
        pytest.param(
            reading.provision, {"reason": "1\ufffd"}, {"column": "reason"}, id="a character that was lost"
        ),
        pytest.param(reading.provision, {"reason": "1" * 301}, {"column": "reason"}, id="a reason too long"),
        pytest.param(reading.provision, {"history": 1}, {"column": "history"}, id="history that is a number"),
        pytest.param(reading.provision, {"questions": []}, {"column": "questions"}, id="no question"),
        pytest.param(reading.provision, {"questions": {}}, {"column": "questions"}, id="no list"),
        pytest.param(reading.provision, {"hurry": True}, {}, id="a member that nobody knows"),
        pytest.param(reading.verification, {"history": True}, {}, id="history when verifying"),
    ],
)
def test_a_request_that_is_not_of_its_form_is_refused(
    how: Read, items: dict[str, Any], where: dict[str, Any]
):
    """`where` names the member, and never quotes it."""
    with pytest.raises(BadRequest) as caught:
        read(how, CODE, **items)

    assert caught.value.where.to_dict() == where


@pytest.mark.parametrize(
    ("how", "question", "column"),
    [
        pytest.param(reading.provision, 1, "questions", id="a number"),
        pytest.param(reading.provision, {"nam": "x"}, None, id="a misspelt item"),
        pytest.param(reading.provision, {"name": 1}, "name", id="a name of figures"),
        pytest.param(reading.provision, {"name": None}, "name", id="no name by its own account"),
        pytest.param(reading.provision, {"address": "x" * 301}, "address", id="an address too long"),
        pytest.param(reading.provision, {"sex": "m"}, "sex", id="a word of its own"),
        pytest.param(
            reading.provision, {"matching": "fuzzy"}, "matching", id="a matching that we do not have"
        ),
        pytest.param(reading.provision, WRITTEN, None, id="verify when asking"),
        pytest.param(reading.verification, CODE, "verify", id="nothing to verify"),
        pytest.param(reading.verification, {"verify": []}, "verify", id="an empty list to verify"),
        pytest.param(reading.verification, {"verify": ["state"]}, "verify", id="what cannot be verified"),
        pytest.param(reading.verification, {"verify": ["name", "name"]}, "verify", id="an item twice"),
        pytest.param(reading.verification, {"verify": [{}]}, "verify", id="an item that is no word"),
        pytest.param(reading.confirmation, CODE, "candidate", id="no choice"),
        pytest.param(reading.confirmation, {**CHOICE, "candidate": 0}, "candidate", id="candidates from 1"),
        pytest.param(reading.confirmation, {**CHOICE, "question": -1}, "question", id="questions from 0"),
        pytest.param(reading.confirmation, {**CHOICE, "question": 0.5}, "question", id="half a question"),
        pytest.param(reading.confirmation, {**CHOICE, "question": True}, "question", id="a truth"),
        pytest.param(reading.confirmation, {**CHOICE, "candidate": 1e300}, "candidate", id="too many"),
        pytest.param(reading.confirmation, {**CHOICE, "ledger": " "}, "ledger", id="a line that is no id"),
        pytest.param(reading.confirmation, {**CHOICE, "name": "x"}, None, id="a choice and a name"),
    ],
)
def test_a_question_that_is_not_of_its_form_is_refused(how: Read, question: Any, column: str | None):
    """Questions are counted from 1."""
    good = {reading.provision: CODE, reading.verification: WRITTEN, reading.confirmation: CHOICE}[how]

    with pytest.raises(BadRequest) as caught:
        read(how, good, question)

    assert (caught.value.where.row, caught.value.where.column) == (2, column)
    assert type(caught.value) is BadRequest


@pytest.mark.parametrize(
    "raw",
    [
        pytest.param(b"", id="nothing"),
        pytest.param(b'{"affair": ', id="half of it"),
        pytest.param(b'{"affair": "\xff"}', id="no UTF-8"),
        pytest.param(rb'{"affair": "\ud800"}', id="half a character"),
        pytest.param(b'{"affair": 1e999}', id="more than a number"),
    ],
)
def test_what_is_not_json_is_refused_as_such(raw: bytes):
    """Before anything in it is looked at."""
    with pytest.raises(NotJson):
        reading.provision(raw, BY)


QUESTION = '{"affair":"state-115","reason":"受付 1","questions":[{"resident_code":"71334917066"}]}'


@pytest.mark.parametrize(
    ("once", "twice"),
    [
        pytest.param('"affair":', '"affair":"state-116","affair":', id="an affair"),
        pytest.param('{"resident_code":', '{"resident_code":"1","resident_code":', id="a key"),
        pytest.param(
            '{"resident_code":', '{"resident_code" : "1",\n"resident_\\u0063ode"\t:', id="written otherwise"
        ),
        pytest.param(
            '"questions":', '"questions":[{"name":"x","sex":"male"}],"questions":', id="all questions"
        ),
        pytest.param(
            '{"resident_code":', '{"resident_code":{"a":1},"resident_code":', id="an object before it"
        ),
        pytest.param('受付 1","que', '1:2","reason":"3\\":4","que', id="a reason, with colons in texts"),
    ],
)
def test_a_member_that_stands_twice_is_refused(once: str, twice: str):
    """The last would count, and nobody knows that the sender meant that one (RFC 7493)."""
    assert reading.provision(QUESTION.encode(), BY).affair == "state-115"
    raw = QUESTION.replace(once, twice).encode()
    assert orjson.loads(raw)["questions"] == [CODE]

    with pytest.raises(BadRequest, match="twice"):
        reading.provision(raw, BY)


@pytest.mark.parametrize(
    "reason",
    [
        pytest.param("受付 12:30", id="a time of day"),
        pytest.param('":":":', id="colons and quotes"),
        pytest.param('\\":', id="a quote behind a backslash"),
        pytest.param("\\", id="a backslash at the end"),
    ],
)
def test_colons_in_a_text_are_no_members(reason: str):
    """Whatever a reason is made of."""
    assert read(reading.provision, CODE, reason=reason).reason == reason


def test_a_list_or_a_text_is_no_request():
    """A request is an object."""
    for raw in (b"[]", b'"x"', b"null"):
        with pytest.raises(BadRequest):
            reading.provision(raw, BY)


def test_more_than_a_thousand_questions_are_too_many():
    """A thousand are not."""
    assert len(read(reading.provision, *([CODE] * 1_000)).questions) == 1_000
    with pytest.raises(OversizedRequest):
        read(reading.provision, *([CODE] * 1_001))
