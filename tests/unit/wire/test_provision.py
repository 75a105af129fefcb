# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Questions and answers on the wire, and what both ends write of them: as specified, sample by sample."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.config import JST
from openjuki.errors import BadEnvelope, IntegrityFailure
from openjuki.law.basis import Method
from openjuki.pki.keys import PublicKey
from openjuki.wire.directory import read_directory
from openjuki.wire.document import Items
from openjuki.wire.leaf import commitment
from openjuki.wire.merkle import Tree, leaf_hash, verify_inclusion
from openjuki.wire.promise import read_promises
from openjuki.wire.provided import (
    ENVELOPE,
    Carried,
    Envelope,
    Written,
    items_of,
    path,
    person_digest,
    row_commitment,
    rows,
    written,
)
from openjuki.wire.provision import (
    BY_NAME,
    MOST_WEIGHT,
    SALT_SIZE,
    Answered,
    Answers,
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
    return usual._replace(**other)


def answered(said: Any, **other: Any) -> Answered:
    answer = orjson.dumps(said, option=orjson.OPT_SORT_KEYS)
    return Answered(answer, (), bytes(32), "provision")._replace(**other)


def record(
    asks: list[Ask], answers: list[Answered], *, at: datetime = AT, salt: bytes = bytes(32), **road: Any
) -> Written:
    """What is written of an envelope that usually comes directly from ``a``."""
    return written(asks, Answers(tuple(answers), at, salt), Carried("a", "1" * 32, None)._replace(**road))


def carried(case: Any) -> Carried:
    return Carried(case["asker"], case["envelope"], case["through"])


@cases("read")
def test_what_is_written_of_a_sample_is_built_byte_for_byte(case: Any):
    """What was asked and what came back make the rows, and over them the journal's, which is promised."""
    asks = read_asks(base64.b64decode(case["request"]))
    reply = read_answers(base64.b64decode(case["reply"]))

    built = written(asks, reply, carried(case))

    assert [row.payload.decode() for row in built.rows] == [row["payload"] for row in case["rows"]]
    assert [row.commitment.hex() for row in built.rows] == [row["commitment"] for row in case["rows"]]
    journal = {"kind": ENVELOPE, "payload": built.payload.decode(), "commitment": built.commitment.hex()}
    assert journal == case["journal"]
    promise = read_promises(reply.promise, directory=DIRECTORY, at=reply.at)
    assert (promise.time, promise.rows) == (reply.at, ((ENVELOPE, built.commitment),))


@cases("read")
def test_the_journal_says_of_a_sample_who_asked_how_much_and_nothing_else(case: Any):
    """Asker, road and time stand there, and in no row; questions, answers and persons in rows, and not there."""
    said = Envelope.from_bytes(case["journal"]["payload"].encode())
    told = [json.loads(row["payload"])["told"] for row in case["rows"]]

    assert said.to_bytes() == case["journal"]["payload"].encode()
    assert said.carried == carried(case)
    assert said.questions == len(case["rows"])
    assert said.refused == sum(one["rule"] is not None or one["malformed"] is not None for one in told)
    leaves = [bytes.fromhex(row["commitment"]) for row in case["rows"]]
    assert said.root == Tree.EMPTY.append(leaves).root
    for row in case["rows"]:
        assert json.loads(row["payload"]).keys() == {"answer", "ask", "persons", "question", "told"}
        assert case["asker"] not in row["payload"]


@cases("read")
def test_a_sample_is_written_as_it_was_read(case: Any):
    """Reading and writing lose nothing."""
    request, reply = base64.b64decode(case["request"]), base64.b64decode(case["reply"])

    assert write_asks(read_asks(request)) == request
    assert write_answers(read_answers(reply)) == reply


@cases("envelopes_refused")
def test_a_row_of_the_journal_that_says_something_else_is_not_read(case: Any):
    """Every member has its form, an envelope a question, and a root is one."""
    with pytest.raises(BadEnvelope, check=lambda error: error.code == case["code"]):
        Envelope.from_bytes(case["payload"].encode())


def test_persons_of_the_samples_are_named_by_their_digests():
    """Who has the salt of a person and the code sees of whom a row is; the rows of the samples name nobody else."""
    digests = {person_digest(bytes.fromhex(one["salt"]), one["resident_code"]) for one in SAMPLES["persons"]}
    named = {
        digest
        for case in SAMPLES["read"]
        for row in case["rows"]
        for digest in json.loads(row["payload"])["persons"]
    }

    assert digests == {one["digest"] for one in SAMPLES["persons"]} == named


@cases("refused")
def test_a_request_that_is_none_is_refused(case: Any):
    """Whatever is missing or malformed, or too much, is refused as a whole."""
    with pytest.raises(BadEnvelope, check=lambda error: error.code == case["code"]):
        read_asks(base64.b64decode(case["request"]))


@cases("replies_refused")
def test_a_reply_that_is_none_is_refused(case: Any):
    """A reply says how many answers it has, and has them, with a salt for each and one for the journal's row."""
    with pytest.raises(BadEnvelope, check=lambda error: error.code == case["code"]):
        read_answers(base64.b64decode(case["reply"]))


@pytest.mark.parametrize(
    ("question", "weighs"),
    [
        pytest.param({"resident_code": "1"}, 1, id="by code"),
        pytest.param({"individual_number": "1"}, 1, id="by number"),
        pytest.param({"envelope": "0", "of": "00", "candidate": 1}, 1, id="a confirmation"),
        pytest.param({"name": "a", "birth_date": "b"}, BY_NAME, id="by name"),
        pytest.param({}, BY_NAME, id="by nothing"),
        pytest.param({"resident_code": None, "name": "a"}, BY_NAME, id="by name, with null for a code"),
        pytest.param(
            {"individual_number": "", "name": "a"}, BY_NAME, id="by name, with nothing for a number"
        ),
        pytest.param({"of": "1", "name": "a"}, BY_NAME, id="by name, as if it were a candidate"),
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
        read_asks(write_asks([*most, ask({"envelope": "0", "of": "00", "candidate": 1})]))


def nested(depth: int) -> dict[str, Any]:
    """A question that nests so deep: itself, and lists within lists."""
    within: Any = 1
    for _ in range(depth - 1):
        within = [within]
    return {"individual_number": "1", "later": within}


def test_a_question_is_no_deeper_than_its_row_can_say():
    """JSON can be read four times as deep as it can be written: what nobody could record is refused before all else."""
    (deepest,) = read_asks(write_asks([ask(nested(250))]))
    assert deepest.questions == (nested(250),)
    assert b"later" in record([ask(nested(253))], [answered(MATCHED)]).rows[0].payload

    request = write_asks([ask({"individual_number": "1", "later": "@"})])
    with pytest.raises(BadEnvelope):
        read_asks(request.replace(b'"@"', b"[" * 253 + b"]" * 253))
    read_asks(request.replace(b'"@"', b"[" * 252 + b"]" * 252))


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

    (row,), (another,) = (rows([it], [answered(MATCHED)]) for it in (one, other))

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

    (row,), (another,) = (rows([question], [one]) for one in (told, told._replace(**change)))

    assert row.commitment != another.commitment


@pytest.mark.parametrize("count", [True, 1.0], ids=["true", "a fraction"])
def test_a_row_is_about_the_bytes_that_were_answered(count: Any):
    """JSON tells 1, 1.0 and true apart, and so do the rows that are built of them, in whatever order they come."""
    question = ask({"individual_number": "1"})

    written = [rows([question], [answered(MATCHED | {"count": one})])[0].payload for one in (1, count, 1)]

    assert [
        b'"count":%b,' % orjson.dumps(said) in row for row, said in zip(written, (1, count, 1), strict=True)
    ] == [True] * 3
    assert written[0] == written[2]


def test_the_journal_commits_to_asker_envelope_road_and_time():
    """The same question of another node or envelope, by another road, at another time is another record."""
    question, told = ask({"individual_number": "1"}), answered(MATCHED)
    changes = (
        {},
        {"asker": "b"},
        {"envelope": "2" * 32},
        {"through": "130001"},
        {"at": AT.replace(second=1)},
        {"salt": b"\x01" * 32},
    )

    found = [record([question], [told], **change) for change in changes]

    assert len({one.commitment for one in found}) == len(changes)
    assert all(one.rows == found[0].rows for one in found)


@pytest.mark.parametrize("place", range(3))
def test_the_journal_commits_to_every_row_in_its_place(place: int):
    """Another answer to any of the questions is another root, and so are the same answers in another order."""
    asks = [ask({"individual_number": "1"}, {"individual_number": "2"}), ask({"individual_number": "1"})]
    told = [answered(MATCHED, salt=bytes([number]) * 32) for number in range(3)]
    changed = [*told]
    changed[place] = answered(MATCHED | {"count": 2}, salt=told[place].salt)
    turned = [*told[place:], *told[:place]]

    usual, other, moved = (record(asks, one) for one in (told, changed, turned))

    assert usual.commitment != other.commitment
    assert (usual.commitment == moved.commitment) is (place == 0)


def test_what_is_refused_is_counted():
    """A rule that said no, and a question that cannot be read; nobody found is an answer like another."""
    nobody = MATCHED | {"result": "none", "count": 0, "hits": []}
    refused = nobody | {"result": "not_permitted", "refusal": {"rule": "keys-too-wide"}}
    malformed = nobody | {"result": "malformed", "malformed": "birth_date"}
    asks = [ask(*[{"individual_number": "1"}] * 4)]

    built = record(asks, [answered(one) for one in (MATCHED, refused, nobody, malformed)])

    assert [row.refused for row in built.rows] == [False, True, False, True]
    said = Envelope.from_bytes(built.payload)
    assert (said.questions, said.refused) == (4, 2)


def test_who_wrote_the_answer_need_not_read_it():
    """The provider builds the same rows from what it said."""
    question, told = ask({"individual_number": "1"}), answered(MATCHED)

    read, said = rows([question], [told]), rows([question], [told], said=[MATCHED])

    assert read == said
    assert read[0].commitment == row_commitment(told.salt, read[0].payload)
    assert read[0].commitment == leaf_hash(told.salt + read[0].payload)


def test_a_row_of_the_journal_commits_with_the_salt_of_the_reply():
    """Whoever has payload and salt can hold them against the leaf, as of every row of a journal."""
    built = record([ask({"individual_number": "1"})], [answered(MATCHED)], salt=b"\x07" * 32)

    assert built.commitment == commitment(b"\x07" * 32, built.payload)


@pytest.mark.parametrize("count", [0, 2])
def test_there_are_as_many_answers_as_questions(count: int):
    """Neither more nor fewer."""
    with pytest.raises(BadEnvelope):
        record([ask({"individual_number": "1"})], [answered(MATCHED)] * count)


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
        rows([ask({"individual_number": "1"})], [answered(said)])


def test_an_answer_that_is_not_json_has_no_row():
    """Likewise bytes that are no JSON."""
    with pytest.raises(BadEnvelope):
        rows([ask({"individual_number": "1"})], [answered({}, answer=b"{")])


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


_words = st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))
_questions = st.dictionaries(st.sampled_from(("resident_code", "individual_number")), st.text(), min_size=1)


@given(asks=st.lists(st.builds(ask, _questions, reason=_words, holds=st.booleans()), min_size=1, max_size=8))
def test_what_is_asked_survives_the_wire(asks: list[Ask]):
    """Whatever texts a question has."""
    assert read_asks(write_asks(asks)) == tuple(asks)


_digests = st.binary(min_size=32, max_size=32)
_lines = st.text().map(orjson.dumps)  # whatever an answer is, it has no line feed
_answered = st.builds(
    Answered, _lines, st.lists(_digests.map(bytes.hex), max_size=3).map(tuple), _digests, st.text()
)
_answers = st.builds(
    Answers,
    st.lists(_answered, max_size=8).map(tuple),
    st.datetimes(timezones=st.just(JST), min_value=datetime(1900, 1, 1), max_value=datetime(2999, 1, 1)),  # noqa: DTZ001 - hypothesis wants bounds without a zone
    _digests,
    _lines,
)


@given(answers=_answers)
def test_what_is_answered_survives_the_wire(answers: Answers):
    """Whoever was told about, however long it is kept, whatever the answers say."""
    assert read_answers(write_answers(answers)) == answers


def test_salts_stand_behind_one_another_the_journals_first():
    """Thirty-two bytes each, in one text."""
    told = [answered(MATCHED, salt=bytes([number]) * SALT_SIZE) for number in (1, 2)]
    head = orjson.loads(write_answers(Answers(tuple(told), AT, bytes(32), b"{}")).partition(b"\n")[0])

    assert base64.b64decode(head["salts"]) == b"".join(bytes([number]) * 32 for number in range(3))


@given(leaves=st.lists(_digests, min_size=1, max_size=MOST_WEIGHT, unique=True), data=st.data())
def test_any_row_of_an_envelope_proves_under_its_root_and_no_other_does(leaves: list[bytes], data: Any):
    """Each row has a path of its own to the root: another row has it not, nor has the row in another place."""
    size, root = len(leaves), Tree.EMPTY.append(leaves).root
    place, other = (data.draw(st.integers(0, size - 1)) for _ in range(2))
    proof = path(leaves, place)

    verify_inclusion(leaves[place], place, size, proof, root)
    if other != place:
        for leaf, at in ((leaves[other], place), (leaves[place], other)):
            with pytest.raises(IntegrityFailure):
                verify_inclusion(leaf, at, size, proof, root)


def test_every_row_of_the_largest_envelope_proves_under_its_root():
    """Two hundred and fifty-six questions are as many leaves, eight hashes deep."""
    asks = [ask(*[{"individual_number": str(number)} for number in range(MOST_WEIGHT)])]
    told = [answered(MATCHED, salt=number.to_bytes(32)) for number in range(MOST_WEIGHT)]
    built = record(asks, told)
    leaves = [row.commitment for row in built.rows]
    said = Envelope.from_bytes(built.payload)

    for place, leaf in enumerate(leaves):
        proof = path(leaves, place)
        assert len(proof) == 8
        verify_inclusion(leaf, place, said.questions, proof, said.root)
