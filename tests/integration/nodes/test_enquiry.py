# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Look-ups beyond the own book: town, own prefecture, Centre; each records its part, and the asker keeps a promise."""

from __future__ import annotations

import asyncio
from base64 import b64decode
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures.ground import NISHIIZU, SHIZUOKA
from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from fixtures.notices import code_of
from fixtures.offices import SOMEBODY, day, envelope, request
from fixtures.terminals import COLLECTOR, DESK, asked, furnish, rows
from openjuki.errors import (
    BadEnvelope,
    IntegrityFailure,
    MisaddressedEnvelope,
    PeerUnavailable,
    ReplayedEnvelope,
)
from openjuki.nodes import carrying, enquiry, provision
from openjuki.nodes.carrying import Told
from openjuki.nodes.enquiry import Enquiry
from openjuki.nodes.old_providing import Providing
from openjuki.residents.changes import Reason
from openjuki.residents.look_up import Result
from openjuki.wire import post
from openjuki.wire.document import Items
from openjuki.wire.promise import read_promise

if TYPE_CHECKING:
    from fixtures.offices import Country
    from openjuki.nodes.provision import Answer, Case

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

BORN = "1990-01-01"
WITHIN, BEYOND = "法30条の10第1項第4号", "法30条の12第1項第4号"


def vouch(country: Country) -> None:
    """The Centre's journal is signed and confirmed."""
    zero = bytes(32)
    signed = "INSERT INTO checkpoint (size, root, note, signed_at) VALUES (0, %s, '', %s)"
    country.rows(CENTRE, signed, zero, country.clock())
    cosigned = "INSERT INTO cosignature (size, witness, line, cosigned_at) VALUES (0, %s, '', %s)"
    country.rows(CENTRE, cosigned, TOKYO, country.clock())
    heard = "INSERT INTO testimony (witness, size, heard_at) VALUES (%s, 0, %s)"
    country.rows(CENTRE, heard, TOKYO, country.clock())


@pytest.fixture
async def nation(country: Country) -> Country:
    """千代田区 with its terminals; somebody lives in 中央区, somebody else in 西伊豆町, and the Centre knows both."""
    await furnish(country, CHIYODA)
    await country.enter(CHUO)
    await country.enter(NISHIIZU, **_without(SOMEBODY), name="鈴木　実", furigana="スズキ　ミノル")
    for node in (CHIYODA, TOKYO, CENTRE):
        await country.connected(node)
    await country.settle(CHUO, NISHIIZU, TOKYO, SHIZUOKA, CENTRE)
    vouch(country)
    return country


def _without(form: Any) -> dict[str, str]:
    return {name: value for name, value in form.items() if name not in {"name", "furigana"}}


async def look_up(country: Country, **items: Any) -> Answer:
    return await Enquiry(await country.node(CHIYODA)).look_up(asked(**items))


@pytest.mark.parametrize(
    ("items", "code", "article"),
    [
        pytest.param({"resident_code": str(code_of(1))}, 1, WITHIN, id="own prefecture, by code"),
        pytest.param({"name": "渡邊 葵", "birth_date": BORN}, 1, WITHIN, id="by name and birth date"),
        pytest.param({"name": "渡辺 葵", "address": "一番町1-"}, 1, WITHIN, id="by name and address"),
        pytest.param(
            {"name": "渡辺 葵", "address": "一番町1番地", "municipality": CHUO}, 1, WITHIN, id="of a town"
        ),
        pytest.param({"resident_code": str(code_of(2))}, 2, BEYOND, id="another prefecture, by code"),
        pytest.param({"name": "鈴木 実", "birth_date": BORN}, 2, BEYOND, id="another, by name"),
    ],
)
async def test_the_centre_answers_under_the_basis_that_is_about_the_person(
    nation: Country, items: Any, code: int, article: str
):
    """Of the own prefecture under Art. 30-10, of another under Art. 30-12: the clerk need not know which."""
    answer = await look_up(nation, **items)

    assert (answer.result, answer.count, answer.articles) == (Result.MATCHED, 1, (article,))
    (hit,) = answer.hits
    assert hit["resident_code"] == code_of(code)
    assert hit["state"] == "resident"
    assert "resident_number" not in hit


async def test_each_of_the_three_records_its_part(nation: Country):
    """The town what it sent and what it was answered, the prefecture that it passed it on, the Centre what it told."""
    await look_up(nation, resident_code=str(code_of(2)))

    (sent,) = rows(nation, CHIYODA, carrying.SENT)
    (answered,) = rows(nation, CHIYODA, carrying.ANSWERED)
    (passed,) = rows(nation, TOKYO, carrying.PASSED)
    (told,) = rows(nation, CENTRE, provision.GRANTED)
    assert sent["question"] == told["question"] == {"resident_code": code_of(2), "matching": "variant"}
    assert (told["asker"], told["through"], told["office"]) == (CHIYODA, TOKYO, "counter")
    assert (told["who"], told["result"]) == ([code_of(2)], "matched")
    assert passed.keys() == {"asker", "envelope"}
    assert passed["asker"] == CHIYODA
    assert answered["answer"]["hits"][0]["resident_code"] == code_of(2)


async def test_the_promise_that_the_town_keeps_is_of_the_centres_row(nation: Country):
    """What the town keeps commits to the row in the Centre's journal, and is signed by the Centre."""
    await look_up(nation, resident_code=str(code_of(2)))

    (answered,) = rows(nation, CHIYODA, carrying.ANSWERED)
    town = await nation.node(CHIYODA)
    promise = read_promise(b64decode(answered["promise"]), directory=town.directory, at=nation.clock())
    ((kind, recorded_at, promised),) = nation.rows(
        CENTRE, "SELECT kind, recorded_at, commitment FROM journal_pending WHERE kind = %s", provision.GRANTED
    )
    assert (promise.kind, promise.time, promise.commitment) == (kind, recorded_at, promised)
    assert promise.origin == town.directory.origin(CENTRE)


async def test_what_the_town_may_not_ask_does_not_leave_it(nation: Country):
    """An office that does not hold the affair is refused at home; nobody else hears of it."""
    answer = await look_up(nation, resident_code=str(code_of(2)), operator=COLLECTOR, terminal=DESK)

    assert answer.refusal is not None
    assert answer.refusal.rule == "affair-not-held"
    assert [row["rule"] for row in rows(nation, CHIYODA, provision.REFUSED)] == ["affair-not-held"]
    assert rows(nation, TOKYO, carrying.PASSED) == []
    assert rows(nation, CENTRE, provision.GRANTED) == []


async def test_the_centre_refuses_what_a_town_should_not_have_asked(nation: Country):
    """The Centre decides by its own book: a town that asks by a name alone is refused, and the refusal is recorded."""
    town = await nation.node(CHIYODA)
    enquiring = Enquiry(town)
    (case,) = await enquiring._send([asked(name="鈴木 実", birth_date=BORN)])
    wider = replace(case, asked=asked(name="鈴木 実"))

    (told,) = await enquiring._ask([wider])

    assert isinstance(told, Told)
    assert told.answer.result is Result.NOT_PERMITTED
    assert told.answer.refusal is not None
    assert told.answer.refusal.rule == "keys-too-wide"
    assert [row["rule"] for row in rows(nation, CENTRE, provision.REFUSED)] == ["keys-too-wide"]


def body(*cases: Case) -> bytes:
    return orjson.dumps({"questions": [enquiry._question(case) for case in cases]})


async def direct(nation: Country, **items: Any) -> Told:
    """A question that the town puts to the Centre without its governor."""
    town = await nation.node(CHIYODA)
    centre = await nation.node(CENTRE)
    (case,) = await Enquiry(town)._send([asked(**items)])
    message = request(CHIYODA, CENTRE, carrying.DIRECT, body(case))
    raw = envelope(message, nation.directory, town.identity.keys)
    reply = await Providing(centre).direct(CHIYODA, raw)
    read = partial(post.read_reply, keys=town.identity.keys, directory=town.directory, at=nation.clock())
    return Told.from_items(Items(read(reply, request=message, sent=raw).body).list("told")[0])


async def test_without_the_governor_only_persons_of_the_own_prefecture_are_told(nation: Country):
    """Art. 30-10 lets a town ask the Centre itself, about persons of whom its own prefecture notified."""
    own = await direct(nation, resident_code=str(code_of(1)))
    other = await direct(nation, resident_code=str(code_of(2)))

    assert own.answer.result is Result.MATCHED
    assert other.answer.result is Result.NOT_PERMITTED
    assert other.answer.refusal is not None
    assert other.answer.refusal.rule == "through-the-governor"
    assert code_of(2) not in str(rows(nation, CENTRE, provision.REFUSED)[0]["who"])


async def test_a_dead_persons_record_says_so(nation: Country):
    """The Centre classes as the town does: the result says that the person has died."""
    await nation.record(CHUO, Reason.DIED, resident_code=code_of(1), date_of_change=day(0))
    await nation.settle(CHUO, TOKYO, CENTRE)

    answer = await look_up(nation, resident_code=str(code_of(1)))

    assert (answer.result, answer.hits[0]["state"]) == (Result.DIED, "died")


async def test_a_replaced_code_is_not_told_by_whom_it_was_replaced(nation: Country):
    """Neither the answer nor the row that is promised names the new code."""
    new = code_of(50)
    change = {"resident_code": code_of(1), "new_resident_code": new}
    await nation.record(CHUO, Reason.CODE_CHANGED_ON_REQUEST, **change)
    await nation.settle(CHUO, TOKYO, CENTRE)

    answer = await look_up(nation, resident_code=str(code_of(1)))

    assert (answer.result, answer.hits) == (Result.SUPERSEDED, ())
    assert new not in str(rows(nation, CHIYODA, carrying.ANSWERED))
    assert new not in str(rows(nation, CENTRE, provision.GRANTED))
    assert (await look_up(nation, resident_code=new)).result is Result.MATCHED


async def test_nothing_is_provided_while_nobody_vouches_for_the_journal(nation: Country):
    """A Centre whose signer is silent tells nothing, and says that it is for now; the own book goes on."""
    nation.rows(CENTRE, "DELETE FROM checkpoint")

    with pytest.raises(PeerUnavailable):
        await look_up(nation, resident_code=str(code_of(2)))

    assert rows(nation, CENTRE, provision.GRANTED) == []
    own = await provision.look_up(await nation.node(CHIYODA), asked(resident_code=str(code_of(2))))
    assert own.result is Result.NONE


async def test_an_envelope_is_answered_once(nation: Country):
    """A question that is played again is refused: it would be recorded as asked twice."""
    town, centre = await nation.node(CHIYODA), await nation.node(CENTRE)
    (case,) = await Enquiry(town)._send([asked(resident_code=str(code_of(1)))])
    message = request(CHIYODA, CENTRE, carrying.DIRECT, body(case))
    raw = envelope(message, nation.directory, town.identity.keys)
    providing = Providing(centre)

    together = await asyncio.gather(
        *(providing.direct(CHIYODA, raw) for _ in range(2)), return_exceptions=True
    )

    assert sorted(type(one) for one in together if not isinstance(one, bytes)) == [ReplayedEnvelope]
    with pytest.raises(ReplayedEnvelope):
        await providing.direct(CHIYODA, raw)
    assert len(rows(nation, CENTRE, provision.GRANTED)) == 1


def _about_another(told: Told) -> Told:
    said = orjson.loads(told.row.payload) | {"question": {}}
    return replace(told, row=replace(told.row, payload=orjson.dumps(said)))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda told: replace(told, answer=replace(told.answer, count=7)), id="another answer"),
        pytest.param(lambda told: replace(told, row=replace(told.row, salt=bytes(32))), id="another salt"),
        pytest.param(lambda told: replace(told, row=replace(told.row, kind="other")), id="another kind"),
        pytest.param(_about_another, id="a row about another question"),
    ],
)
async def test_an_answer_without_the_promise_of_its_row_is_not_believed(
    nation: Country, monkeypatch: Any, spoil: Any
):
    """What the Centre will not stand by is not shown."""
    read = Told.from_items
    monkeypatch.setattr(Told, "from_items", lambda items: spoil(read(items)))

    with pytest.raises(IntegrityFailure):
        await look_up(nation, resident_code=str(code_of(2)))

    assert rows(nation, CHIYODA, carrying.ANSWERED) == []


async def test_many_questions_share_envelopes(nation: Country):
    """Questions of many terminals go together, and each gets its own answer, its own rows, its own promise."""
    enquiring = Enquiry(await nation.node(CHIYODA))
    count = carrying.TOGETHER + 7
    questions = [asked(resident_code=str(code_of(1 + number % 3))) for number in range(count)]
    refused = asked(resident_code=str(code_of(1)), operator=COLLECTOR, terminal=DESK)

    *answers, last = await asyncio.gather(*map(enquiring.look_up, [*questions, refused]))

    found = [[hit["resident_code"] for hit in answer.hits] for answer in answers]
    assert found == ([[code_of(1)], [code_of(2)], []] * count)[:count]
    assert last.result is Result.NOT_PERMITTED
    assert len(rows(nation, TOKYO, carrying.PASSED)) == 2
    assert len(rows(nation, CENTRE, provision.GRANTED)) == count
    kept = [row["promise"] for row in rows(nation, CHIYODA, carrying.ANSWERED)]
    assert len(set(kept)) == len(kept) == count


async def test_a_lost_envelope_is_lost_for_its_questions_only(nation: Country, monkeypatch: Any):
    """Where the line is cut, whoever was granted is told to try later, and whoever was refused is told why."""

    async def cut(*_: Any) -> bytes:
        raise PeerUnavailable

    monkeypatch.setattr(enquiry.exchange, "ask", cut)
    enquiring = Enquiry(await nation.node(CHIYODA))
    questions = [asked(resident_code=str(code_of(2))), asked(name="鈴木 実")]

    lost, refused = await asyncio.gather(*map(enquiring.look_up, questions), return_exceptions=True)

    assert isinstance(lost, PeerUnavailable)
    assert not isinstance(refused, BaseException)
    assert refused.result is Result.NOT_PERMITTED
    assert len(rows(nation, CHIYODA, carrying.SENT)) == 1


@pytest.mark.parametrize(
    "questions",
    [
        pytest.param([], id="no question"),
        pytest.param([{}], id="an empty one"),
        pytest.param([{"question": {}}] * (carrying.TOGETHER + 1), id="too many"),
    ],
)
async def test_an_envelope_without_its_questions_is_refused(nation: Country, questions: Any):
    """What cannot be read as questions is not recorded as one."""
    town, centre = await nation.node(CHIYODA), await nation.node(CENTRE)
    message = request(CHIYODA, CENTRE, carrying.DIRECT, orjson.dumps({"questions": questions}))

    with pytest.raises(BadEnvelope):
        await Providing(centre).direct(CHIYODA, envelope(message, nation.directory, town.identity.keys))

    assert rows(nation, CENTRE, provision.REFUSED) == []


async def test_a_malformed_question_is_answered_as_malformed(nation: Country):
    """The Centre reads every item itself, and records who sent what it cannot read."""
    town, centre = await nation.node(CHIYODA), await nation.node(CENTRE)
    (case,) = await Enquiry(town)._send([asked(resident_code=str(code_of(1)))])
    question = enquiry._question(case) | {"question": {"resident_code": "123"}}
    message = request(CHIYODA, CENTRE, carrying.DIRECT, orjson.dumps({"questions": [question]}))
    raw = envelope(message, nation.directory, town.identity.keys)

    await Providing(centre).direct(CHIYODA, raw)

    assert [row["malformed"] for row in rows(nation, CENTRE, provision.REFUSED)] == ["resident_code"]


async def test_a_question_comes_through_the_askers_own_prefecture(nation: Country):
    """Another prefecture cannot carry it."""
    town, centre = await nation.node(CHIYODA), await nation.node(CENTRE)
    (case,) = await Enquiry(town)._send([asked(resident_code=str(code_of(1)))])
    raw = envelope(
        request(CHIYODA, CENTRE, carrying.DIRECT, body(case)), nation.directory, town.identity.keys
    )
    shizuoka = await nation.node(SHIZUOKA)
    carried = envelope(
        request(SHIZUOKA, CENTRE, carrying.THROUGH, raw), nation.directory, shizuoka.identity.keys
    )

    with pytest.raises(MisaddressedEnvelope):
        await Providing(centre).through(SHIZUOKA, carried)
