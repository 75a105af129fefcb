# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Questions and answers on the wire, and the rows that both ends build of them: as specified, sample by sample."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.config import JST
from openjuki.errors import BadEnvelope
from openjuki.law.basis import Method
from openjuki.pki.keys import PublicKey
from openjuki.wire.directory import read_directory
from openjuki.wire.document import Items
from openjuki.wire.leaf import commitment
from openjuki.wire.promise import read_promises
from openjuki.wire.provided import items_of, person_digest, rows
from openjuki.wire.provision import (
    BY_NAME,
    MOST_WEIGHT,
    Answered,
    Ask,
    What,
    read_answers,
    read_asks,
    weight,
    write_answers,
    write_asks,
)

SAMPLES = json.loads((Path(__file__).parents[2] / "samples/v1/provision.json").read_text(encoding="utf-8"))
_document = base64.b64decode(SAMPLES["directory"])
DIRECTORY = read_directory(
    _document,
    roots=[PublicKey(bytes.fromhex(key)) for key in SAMPLES["roots"]],
    at=Items(base64.b64decode(json.loads(_document)["payload"])).time("issued"),
)
AT = datetime(2026, 11, 22, 12, tzinfo=JST)
MATCHED = {
    "result": "matched",
    "count": 1,
    "hits": [{"name": "小島　正郎", "sex": "male"}],
    "articles": ["法30条の9"],
    "refusal": None,
    "malformed": None,
    "items": None,
    "candidates": None,
}


def cases(kind: str) -> Any:
    return pytest.mark.parametrize("case", [pytest.param(case, id=case["name"]) for case in SAMPLES[kind]])


def ask(*questions: dict[str, Any], **other: Any) -> Ask:
    usual = Ask(
        affair="state-115",
        office="records",
        operator="system:a",
        terminal="system:a",
        reason="案件1",
        method=Method.ONLINE,
        what=What.ASK,
        history=False,
        holds=True,
        questions=questions,
    )
    return replace(usual, **other)


def answered(said: Any, **other: Any) -> Answered:
    answer = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return Answered(answer, (), bytes(32), "provision")._replace(**other)


@cases("read")
def test_the_rows_of_a_sample_are_built_byte_for_byte(case: Any):
    """What was asked and what came back make the rows, and these are what the promise is about."""
    asks = read_asks(base64.b64decode(case["request"]))
    reply = read_answers(base64.b64decode(case["reply"]))

    built = rows(asks, reply.answered, asker=case["asker"], through=case["through"], at=reply.at)

    assert [row.kind for row in built] == [row["kind"] for row in case["rows"]]
    assert [row.payload.decode() for row in built] == [row["payload"] for row in case["rows"]]
    assert [row.commitment.hex() for row in built] == [row["commitment"] for row in case["rows"]]
    promise = read_promises(reply.promise, directory=DIRECTORY, at=reply.at)
    assert (promise.time, promise.rows) == (reply.at, tuple((row.kind, row.commitment) for row in built))


@cases("read")
def test_a_sample_is_written_as_it_was_read(case: Any):
    """Reading and writing lose nothing."""
    request, reply = base64.b64decode(case["request"]), base64.b64decode(case["reply"])

    assert write_asks(read_asks(request)) == request
    assert write_answers(*read_answers(reply)) == reply


@cases("refused")
def test_a_request_that_is_none_is_refused(case: Any):
    """Whatever is missing or malformed, or too much, is refused as a whole."""
    with pytest.raises(BadEnvelope, check=lambda error: error.code == case["code"]):
        read_asks(base64.b64decode(case["request"]))


@cases("replies_refused")
def test_a_reply_that_is_none_is_refused(case: Any):
    """A reply says how many answers it has, and has them."""
    with pytest.raises(BadEnvelope, check=lambda error: error.code == case["code"]):
        read_answers(base64.b64decode(case["reply"]))


@pytest.mark.parametrize(
    ("question", "weighs"),
    [
        pytest.param({"resident_code": "1"}, 1, id="by code"),
        pytest.param({"individual_number": "1"}, 1, id="by number"),
        pytest.param({"of": "00", "candidate": 1}, 1, id="a confirmation"),
        pytest.param({"name": "a", "birth_date": "b"}, BY_NAME, id="by name"),
        pytest.param({}, BY_NAME, id="by nothing"),
        pytest.param({"name": "a", "resident_code": "1"}, 1, id="by code, narrowed by name"),
    ],
)
def test_a_question_weighs_as_much_as_it_may_bring(question: Any, weighs: int):
    """One person at most, or as many as bear a name."""
    assert weight(question) == weighs


def test_an_envelope_carries_so_much_and_no_more():
    """The weights of all purposes count together."""
    most = [ask(*[{"individual_number": "1"}] * (MOST_WEIGHT - BY_NAME)), ask({"name": "a"})]

    assert sum(one.weight for one in read_asks(write_asks(most))) == MOST_WEIGHT
    with pytest.raises(BadEnvelope):
        read_asks(write_asks([*most, ask({"of": "00", "candidate": 1})]))


def test_members_of_later_versions_are_passed_over():
    """A newer node may write more."""
    later = orjson.loads(write_asks([ask({"individual_number": "1"})]))
    later["asks"][0]["urgent"] = True
    later["later"] = 1

    assert read_asks(orjson.dumps(later)) == (ask({"individual_number": "1"}),)


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"affair": "state-116"}, id="for another affair"),
        pytest.param({"operator": "system:b"}, id="by somebody else"),
        pytest.param({"reason": "案件2"}, id="for another reason"),
        pytest.param({"method": Method.TERMINAL}, id="in another way"),
        pytest.param({"what": What.VERIFY}, id="to verify"),
        pytest.param({"history": True}, id="with what was before"),
        pytest.param({"questions": ({"individual_number": "2"},)}, id="about somebody else"),
    ],
)
def test_a_row_commits_to_everything_that_was_asked(change: Any):
    """Whoever changes a part of the question builds another row."""
    one, other = ask({"individual_number": "1"}), ask({"individual_number": "1"}, **change)

    (row,), (another,) = (
        rows([it], [answered(MATCHED)], asker="a", through=None, at=AT) for it in (one, other)
    )

    assert row.commitment != another.commitment


@pytest.mark.parametrize(
    "change",
    [
        pytest.param({"answer": answered(MATCHED | {"count": 2}).answer}, id="another answer"),
        pytest.param({"persons": ("00" * 32,)}, id="another person"),
        pytest.param({"salt": b"\x01" * 32}, id="another salt"),
        pytest.param({"retention": "other"}, id="kept otherwise"),
    ],
)
def test_a_row_commits_to_everything_that_was_answered(change: Any):
    """Whoever changes a part of the answer builds another row."""
    question = ask({"individual_number": "1"})
    told = answered(MATCHED)

    (row,), (another,) = (
        rows([question], [one], asker="a", through=None, at=AT) for one in (told, told._replace(**change))
    )

    assert row.commitment != another.commitment


def test_a_row_commits_to_asker_road_and_time():
    """The same question by another node, by another road, at another time is another row."""
    question, told = ask({"individual_number": "1"}), answered(MATCHED)
    usual = {"asker": "a", "through": None, "at": AT}
    changes = ({}, {"asker": "b"}, {"through": "130001"}, {"at": AT.replace(second=1)})

    found = [rows([question], [told], **{**usual, **change})[0].commitment for change in changes]

    assert len(set(found)) == len(changes)


def test_who_wrote_the_answer_need_not_read_it():
    """The provider builds the same rows from what it said."""
    question, told = ask({"individual_number": "1"}), answered(MATCHED)

    read = rows([question], [told], asker="a", through=None, at=AT)
    said = rows([question], [told], asker="a", through=None, at=AT, said=[MATCHED])

    assert read == said
    assert read[0].commitment == commitment(told.salt, read[0].payload)


@pytest.mark.parametrize("count", [0, 2])
def test_there_are_as_many_answers_as_questions(count: int):
    """Neither more nor fewer."""
    with pytest.raises(BadEnvelope):
        rows([ask({"individual_number": "1"})], [answered(MATCHED)] * count, asker="a", through=None, at=AT)


@pytest.mark.parametrize(
    "said",
    [
        pytest.param([], id="a list"),
        pytest.param({}, id="nothing"),
        pytest.param({**MATCHED, "hits": None}, id="no hits"),
        pytest.param({**MATCHED, "refusal": {"code": "JK-LAW-0001"}}, id="a refusal without its rule"),
    ],
)
def test_an_answer_that_is_none_has_no_row(said: Any):
    """What cannot be read as an answer is not believed."""
    with pytest.raises(BadEnvelope):
        rows([ask({"individual_number": "1"})], [answered(said)], asker="a", through=None, at=AT)


def test_an_answer_that_is_not_json_has_no_row():
    """Likewise bytes that are no JSON."""
    with pytest.raises(BadEnvelope):
        rows(
            [ask({"individual_number": "1"})],
            [answered({}, answer=b"{")],
            asker="a",
            through=None,
            at=AT,
        )


def test_the_items_that_were_told_are_those_of_all_persons():
    """Of persons, of candidates without their numbers, of what was verified."""
    assert items_of(MATCHED) == ("name", "sex")
    assert items_of({**MATCHED, "hits": [], "candidates": [{"candidate": 1, "name": "a"}]}) == ("name",)
    assert items_of({**MATCHED, "hits": [], "items": {"birth_date": False}}) == ("birth_date",)


def test_a_person_is_named_by_a_digest_of_their_own():
    """Two provisions about one person cannot be told to be about one person."""
    one, other = (person_digest(salt, "71334917066") for salt in (bytes(32), b"\x01" * 32))

    assert one != other
    assert len(bytes.fromhex(one)) == 32


_questions = st.dictionaries(st.sampled_from(("resident_code", "individual_number")), st.text(), min_size=1)


@given(
    asks=st.lists(st.builds(ask, _questions, reason=st.text(), holds=st.booleans()), min_size=1, max_size=8)
)
def test_what_is_asked_survives_the_wire(asks: list[Ask]):
    """Whatever texts a question has."""
    assert read_asks(write_asks(asks)) == tuple(asks)
