# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a provider tells, and what it records: a row for each question, a promise for each envelope, and who was told about."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest

from fixtures.ground import NISHIIZU, PENSIONS, SHIZUOKA, TAX_OFFICE
from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from fixtures.notices import code_of
from fixtures.offices import SOMEBODY, day, envelope, request
from fixtures.provisions import REASON, ask, one_told, put, vouch
from openjuki.errors import BadEnvelope, LogNotSigned, MisaddressedEnvelope, ReplayedEnvelope
from openjuki.law.basis import Method
from openjuki.nodes.deliberating import CANDIDATE_NOT_OFFERED
from openjuki.nodes.providing import Providing
from openjuki.residents.changes import Reason
from openjuki.residents.look_up import Result
from openjuki.store import erasures
from openjuki.wire.merkle import Tree, verify_inclusion
from openjuki.wire.provided import ENVELOPE, path, person_digest, row_commitment
from openjuki.wire.provision import (
    MOST_WEIGHT,
    PROVIDE,
    PROVIDE_THROUGH,
    What,
    write_asks,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from fixtures.offices import Country
    from fixtures.provisions import Told
    from openjuki.store.database import Connection

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

BORN = "1990-01-01"
WITHIN, BEYOND = "法30条の10第1項第4号", "法30条の12第1項第4号"
#: 国民年金, of table 1; a prefecture's tax on motor cars, of tables 5 and 3.
PENSION_AFFAIR, TAX_AFFAIR = "state-118", "prefecture-010"


@pytest.fixture
async def nation(country: Country) -> Country:
    """Somebody lives in 中央区, somebody else in 西伊豆町, and the Centre and their prefectures know them."""
    await country.enter(CHUO)
    await country.enter(NISHIIZU, **_without(SOMEBODY), name="鈴木　実", furigana="スズキ　ミノル")
    await country.settle(CHUO, NISHIIZU, TOKYO, SHIZUOKA, CENTRE)
    vouch(country)
    vouch(country, SHIZUOKA)
    return country


def _without(form: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in form.items() if name not in {"name", "furigana"}}


def journal(country: Country, node: str = CENTRE) -> list[tuple[str, bytes]]:
    """Kind and commitment of every row about provisions."""
    query = "SELECT kind, commitment FROM journal_pending WHERE kind LIKE 'provision.%%' ORDER BY id"
    return country.rows(node, query)


def provided(country: Country, columns: str, node: str = CENTRE) -> list[tuple[Any, ...]]:
    joined = "provision JOIN provision_envelope AS envelope ON envelope_id = envelope.id"
    return country.rows(node, f"SELECT {columns} FROM {joined} ORDER BY at, envelope, place")


def rule(told: Told) -> str | None:
    return told.answer.refusal and told.answer.refusal.rule


@pytest.mark.parametrize(
    ("items", "code", "article"),
    [
        pytest.param({"resident_code": str(code_of(1))}, 1, WITHIN, id="own prefecture, by code"),
        pytest.param({"name": "渡邊 葵", "birth_date": BORN}, 1, WITHIN, id="by name and birth date"),
        pytest.param({"name": "渡辺 葵", "address": "一番町1-"}, 1, WITHIN, id="by name and address"),
        pytest.param({"resident_code": str(code_of(2))}, 2, BEYOND, id="another prefecture, by code"),
        pytest.param({"name": "鈴木 実", "birth_date": BORN}, 2, BEYOND, id="another, by name"),
    ],
)
async def test_the_centre_tells_under_the_basis_that_is_about_the_person(
    nation: Country, items: Any, code: int, article: str
):
    """Of the own prefecture under Art. 30-10, of another under Art. 30-12: whoever asks need not know which."""
    told = await one_told(nation, **items)

    assert (told.answer.result, told.answer.count, told.answer.articles) == (Result.MATCHED, 1, (article,))
    (hit,) = told.answer.hits
    assert hit["resident_code"] == code_of(code)
    assert "resident_number" not in hit


async def test_every_question_is_a_row_under_the_promised_root_of_its_envelope(nation: Country):
    """Several purposes and questions share an envelope; each is decided, answered and shown to be recorded by itself."""
    known, nobody, wide = (
        {"resident_code": str(code_of(1))},
        {"resident_code": str(code_of(9))},
        {"name": "鈴木 実"},
    )

    told = await put(
        nation, CHIYODA, ask(known, nobody), ask(wide, reason="別件"), ask(known, holds=False), through=TOKYO
    )

    assert [one.answer.result for one in told] == [
        Result.MATCHED,
        Result.NONE,
        Result.NOT_PERMITTED,
        Result.NOT_PERMITTED,
    ]
    assert list(map(rule, told)) == [None, None, "keys-too-wide", "affair-not-held"]
    assert [one.row.refused for one in told] == [False, False, True, True]
    assert journal(nation) == [(ENVELOPE, told[0].written.commitment)]
    said = told[0].of_envelope
    assert (said["asker"], said["envelope"], said["through"]) == (CHIYODA, told[0].envelope, TOKYO)
    assert (said["questions"], said["refused"]) == (4, 2)
    leaves = [one.row.commitment for one in told]
    assert said["root"] == Tree.EMPTY.append(leaves).root.hex()
    for place, leaf in enumerate(leaves):
        verify_inclusion(leaf, place, len(leaves), path(leaves, place), bytes.fromhex(said["root"]))
    (promise,) = {one.promise for one in told}
    assert promise


async def test_what_is_written_of_a_question_is_kept_under_its_salt(nation: Country):
    """The book has what each leaf commits to, one by one, in the order of the questions."""
    told = await put(nation, CHUO, ask({"resident_code": str(code_of(1))}, {"resident_code": "1"}))

    assert provided(nation, "place, provision.commitment, salt, payload") == [
        (place, one.row.commitment, one.answered.salt, one.row.payload) for place, one in enumerate(told)
    ]
    assert [row_commitment(one.answered.salt, one.row.payload) for one in told] == [
        one.row.commitment for one in told
    ]


async def test_a_row_says_who_asked_what_and_why_and_what_was_told(nation: Country):
    """Asker, office, operator, affair, reason, keys, result, article, items: and of whom, by a digest alone."""
    told = await one_told(nation, resident_code=str(code_of(2)))

    said, of = told.said, told.of_envelope
    put_for, answered = said["ask"], said["told"]
    assert (of["asker"], of["through"], put_for["office"]) == (CHIYODA, TOKYO, "counter")
    assert (put_for["operator"], put_for["terminal"], put_for["method"]) == ("clerk", "window-1", "terminal")
    assert (put_for["affair"], put_for["reason"], put_for["what"]) == ("register-work", REASON, "ask")
    assert said["question"] == {"resident_code": str(code_of(2))}
    assert (answered["result"], answered["articles"]) == ("matched", [BEYOND])
    assert answered["items"] == sorted(told.answer.hits[0])
    (digest,) = said["persons"]
    ((number, salt),) = nation.rows(CENTRE, "SELECT number, salt FROM provision_person")
    assert (number, digest) == (1, person_digest(salt, code_of(2)))


async def test_the_tables_say_the_same_as_the_row(nation: Country):
    """What was provided is found by person, and names the row that commits to it."""
    told = await one_told(nation, resident_code=str(code_of(2)))

    columns = (
        "provision.commitment, place, affair, office, operator, method, what, keys, result, articles, items"
    )
    (found,) = provided(nation, columns)
    put_for, answered = told.said["ask"], told.said["told"]
    of_row = [put_for[name] for name in ("affair", "office", "operator", "method", "what")]
    assert found[:7] == (told.row.commitment, 0, *of_row)
    assert found[7:] == (["resident_code"], *(answered[name] for name in ("result", "articles", "items")))
    (envelope_,) = provided(nation, "asker, envelope, through, questions, envelope.commitment, receipted_at")
    assert envelope_ == (CHIYODA, told.envelope, TOKYO, 1, told.written.commitment, None)


async def test_without_the_governor_only_persons_of_the_own_prefecture_are_told(nation: Country):
    """Art. 30-10 lets a town ask the Centre itself, about persons of whom its own prefecture notified."""
    questions = [{"resident_code": str(code_of(number))} for number in (1, 2)]

    own, other = await put(nation, CHIYODA, ask(*questions))

    assert own.answer.result is Result.MATCHED
    assert rule(other) == "through-the-governor"
    assert nation.rows(CENTRE, "SELECT count(*) FROM provision_person") == [(1,)]


async def test_a_corporation_is_told_what_its_table_grants(nation: Country):
    """Table 1 is about everybody in the nation, and lets no resident code out."""
    (told,) = await put(
        nation,
        PENSIONS,
        ask({"name": "鈴木 実", "birth_date": BORN}, affair=PENSION_AFFAIR, method=Method.ONLINE),
    )

    assert told.answer.result is Result.MATCHED
    assert told.answer.articles[0].startswith("法30条の9")
    assert "resident_code" not in told.answer.hits[0]


async def test_an_affair_that_the_law_gives_to_others_is_refused(nation: Country):
    """A governor's tax office is no recipient of what the pension service is told."""
    (told,) = await put(
        nation, TAX_OFFICE, ask({"name": "鈴木 実", "birth_date": BORN}, affair=PENSION_AFFAIR)
    )

    assert rule(told) == "recipient-not-listed"
    assert told.answer.refusal is not None
    assert told.answer.refusal.article


async def test_a_prefecture_provides_from_its_own_records(nation: Country):
    """Under table 5 a governor's office learns of whom the prefecture notified itself, and of nobody else."""
    questions = [{"name": name, "birth_date": BORN} for name in ("鈴木 実", "渡辺 葵")]

    own, other = await put(nation, TAX_OFFICE, ask(*questions, affair=TAX_AFFAIR), provider=SHIZUOKA)

    assert (own.answer.result, other.answer.result) == (Result.MATCHED, Result.NONE)
    assert own.written == other.written
    assert journal(nation, SHIZUOKA) == [(ENVELOPE, own.written.commitment)]
    assert journal(nation) == []


async def test_of_several_only_what_tells_them_apart_is_shown(nation: Country):
    """Two of a name and a birth date become candidates; one of them is asked about anew, under its own row."""
    await nation.enter(CHIYODA, town="二番町", block="2番地")
    await nation.settle(CHIYODA, TOKYO, CENTRE)

    several = await one_told(nation, name="渡辺 葵", birth_date=BORN)

    assert (several.answer.result, several.answer.count, several.answer.hits) == (Result.SEVERAL, 2, ())
    shown = several.answer.candidates or ()
    assert [one["candidate"] for one in shown] == [1, 2]
    told_apart = {"candidate", "name", "furigana", "birth_date", "sex", "municipality", "address"}
    assert all(one.keys() <= told_apart for one in shown)
    for candidate in shown:
        chosen = several.chosen(candidate["candidate"])
        (told,) = await put(nation, CHIYODA, ask(chosen, what=What.CONFIRM), through=TOKYO)
        assert told.answer.result is Result.MATCHED
        assert told.answer.hits[0]["municipality"] == candidate["municipality"]
        assert told.answer.hits[0]["resident_code"] in {code_of(1), code_of(3)}
    assert provided(nation, "what, keys") == [
        ("ask", ["name", "birth_date"]),
        *[("confirm", ["name", "birth_date"])] * 2,
    ]


@pytest.mark.parametrize(
    ("chosen", "about"),
    [
        pytest.param({"candidate": 2}, {}, id="nobody of that number was shown"),
        pytest.param({"of": "00" * 32}, {}, id="there is no such row"),
        pytest.param({"envelope": "0" * 32}, {}, id="there is no such envelope"),
        pytest.param({}, {"affair": "city-027"}, id="for another affair"),
    ],
)
async def test_only_whom_an_answer_showed_can_be_chosen(nation: Country, chosen: Any, about: Any):
    """Nobody is reached through a number that was not offered, nor for another affair than was asked for."""
    told = await one_told(nation, resident_code=str(code_of(1)))
    question = told.chosen(1) | chosen

    (refused,) = await put(nation, CHIYODA, ask(question, what=What.CONFIRM, **about), through=TOKYO)

    assert refused.answer.refusal == CANDIDATE_NOT_OFFERED


async def test_whoever_was_forgotten_cannot_be_chosen(nation: Country):
    """An answer showed them, and nothing is held about them any more: nobody is reached, and nobody else kept waiting."""
    told = await one_told(nation, resident_code=str(code_of(1)))

    async def forget(book: Connection) -> None:
        who = await erasures.bearer(book, code_of(1))
        assert who is not None
        await erasures.forget(book, who)

    await (await nation.node(CENTRE)).transact(forget)

    (refused,) = await put(nation, CHIYODA, ask(told.chosen(1), what=What.CONFIRM), through=TOKYO)
    assert refused.answer.refusal == CANDIDATE_NOT_OFFERED


async def test_a_candidate_of_somebody_elses_answer_cannot_be_chosen(nation: Country):
    """Who was shown to one town is not reached by another that learns of the row."""
    told = await one_told(nation, resident_code=str(code_of(1)))

    (refused,) = await put(nation, CHUO, ask(told.chosen(1), what=What.CONFIRM), through=TOKYO)

    assert refused.answer.refusal == CANDIDATE_NOT_OFFERED


async def test_a_candidate_is_chosen_by_the_envelope_that_showed_it(nation: Country):
    """Neither a row of somebody else's under one's own envelope nor one of one's own under another leads to anybody."""
    code = {"resident_code": str(code_of(1))}
    own, later = [await one_told(nation, **code) for _ in range(2)]
    (others,) = await put(nation, CHUO, ask(code))
    wrong = [
        own.chosen(1) | {"envelope": later.envelope},
        own.chosen(1) | {"envelope": others.envelope},
        others.chosen(1) | {"envelope": own.envelope},
    ]

    told = await put(nation, CHIYODA, ask(own.chosen(1), *wrong, what=What.CONFIRM), through=TOKYO)

    assert [one.answer.refusal for one in told] == [None, *[CANDIDATE_NOT_OFFERED] * 3]
    assert told[0].answer.result is Result.MATCHED


@pytest.mark.parametrize(
    ("written", "result", "items"),
    [
        pytest.param({}, Result.MATCHED, {"birth_date": True}, id="as recorded"),
        pytest.param({"birth_date": "1990-01-02"}, Result.MISMATCH, {"birth_date": False}, id="a slip"),
        pytest.param({"resident_code": str(code_of(9))}, Result.NONE, None, id="nobody"),
    ],
)
async def test_who_verifies_is_told_yes_and_no(nation: Country, written: Any, result: Result, items: Any):
    """The smallest disclosure that serves: no item of the record leaves."""
    claim = {"resident_code": str(code_of(1)), "birth_date": BORN, "verify": ["birth_date"], **written}

    told = await one_told(nation, **claim, about={"what": What.VERIFY})

    assert (told.answer.result, told.answer.items, told.answer.hits) == (result, items, ())
    assert told.answer.candidates is None
    assert told.said["told"]["items"] == sorted(items or ())


async def test_a_dead_persons_record_says_so(nation: Country):
    """The result says that the person has died."""
    await nation.record(CHUO, Reason.DIED, resident_code=code_of(1), date_of_change=day(0))
    await nation.settle(CHUO, TOKYO, CENTRE)

    told = await one_told(nation, resident_code=str(code_of(1)))

    assert (told.answer.result, told.answer.hits[0]["state"]) == (Result.DIED, "died")


async def test_a_replaced_code_is_not_told_by_whom_it_was_replaced(nation: Country):
    """Neither answer nor row names the new code, nor can the person be chosen; that they were asked about is recorded."""
    new = code_of(50)
    change = {"resident_code": code_of(1), "new_resident_code": new}
    await nation.record(CHUO, Reason.CODE_CHANGED_ON_REQUEST, **change)
    await nation.settle(CHUO, TOKYO, CENTRE)

    told = await one_told(nation, resident_code=str(code_of(1)))

    assert (told.answer.result, told.answer.hits) == (Result.SUPERSEDED, ())
    assert new.encode() not in told.row.payload + told.answered.answer
    assert nation.rows(CENTRE, "SELECT count(*) FROM provision_person") == [(1,)]
    (refused,) = await put(nation, CHIYODA, ask(told.chosen(1), what=What.CONFIRM), through=TOKYO)
    assert refused.answer.refusal == CANDIDATE_NOT_OFFERED


async def test_nothing_is_provided_while_nobody_vouches_for_the_journal(nation: Country):
    """A Centre whose signer is silent tells nothing."""
    nation.rows(CENTRE, "DELETE FROM checkpoint")

    with pytest.raises(LogNotSigned):
        await one_told(nation, resident_code=str(code_of(2)))

    assert journal(nation) == []


async def test_an_envelope_is_answered_once(nation: Country):
    """A question that is played again is refused: it would be recorded as asked twice."""
    town, providing = await nation.node(CHIYODA), Providing(await nation.node(CENTRE))
    message = request(CHIYODA, CENTRE, PROVIDE, write_asks([ask({"resident_code": str(code_of(1))})]))
    raw = envelope(message, nation.directory, town.identity.keys)

    together = await asyncio.gather(
        *(providing.direct(CHIYODA, raw) for _ in range(2)), return_exceptions=True
    )

    assert sorted(type(one) for one in together if not isinstance(one, bytes)) == [ReplayedEnvelope]
    with pytest.raises(ReplayedEnvelope):
        await providing.direct(CHIYODA, raw)
    assert len(journal(nation)) == 1


async def test_an_id_of_an_answered_envelope_is_never_another_s(nation: Country):
    """Whoever uses one again when envelopes of that age are forgotten is refused, and nobody beside them."""
    town, providing = await nation.node(CHIYODA), Providing(await nation.node(CENTRE))
    body = write_asks([ask({"resident_code": str(code_of(1))})])
    first, fresh = (request(CHIYODA, CENTRE, PROVIDE, body) for _ in range(2))
    used = replace(first, issued=first.issued + timedelta(seconds=1))
    await providing.direct(CHIYODA, envelope(first, nation.directory, town.identity.keys))
    nation.rows(CENTRE, "DELETE FROM seen_envelope")

    again = [envelope(one, nation.directory, town.identity.keys) for one in (used, fresh)]
    came = await asyncio.gather(*(providing.direct(CHIYODA, raw) for raw in again), return_exceptions=True)

    assert [type(one) for one in came] == [ReplayedEnvelope, bytes]
    assert len(journal(nation)) == 2


async def test_envelopes_that_come_together_are_told_apart(nation: Country):
    """Two towns ask at one moment; each gets its own answers, under its own envelope."""
    providing = Providing(await nation.node(CENTRE))
    questions = [{"resident_code": str(code_of(number))} for number in (1, 2)]

    one, other = await asyncio.gather(
        put(nation, CHIYODA, ask(*questions), through=TOKYO, providing=providing),
        put(nation, CHUO, ask(*reversed(questions)), providing=providing),
    )

    assert [told.answer.result for told in one] == [Result.MATCHED, Result.MATCHED]
    assert [rule(told) for told in other] == ["through-the-governor", None]
    assert [told[0].of_envelope["asker"] for told in (one, other)] == [CHIYODA, CHUO]
    assert sorted(journal(nation)) == sorted((ENVELOPE, told[0].written.commitment) for told in (one, other))
    for told in (one, other):
        rows = provided(nation, "asker, provision.commitment")
        assert [row for asker, row in rows if asker == told[0].of_envelope["asker"]] == [
            each.row.commitment for each in told
        ]


async def test_a_malformed_question_is_answered_as_malformed(nation: Country):
    """The provider reads every item itself, and records who sent what it cannot read."""
    earlier = {"envelope": "0" * 32, "of": "00" * 32, "candidate": 1}
    questions: Sequence[tuple[What, Mapping[str, Any]]] = [
        (What.ASK, {"resident_code": "123"}),
        (What.VERIFY, {"resident_code": str(code_of(1)), "verify": ["colour"]}),
        (What.CONFIRM, {**earlier, "of": "12"}),
        (What.CONFIRM, {**earlier, "envelope": 1}),
        (What.CONFIRM, {**earlier, "candidate": 0}),
    ]

    told = await put(nation, CHIYODA, *(ask(question, what=what) for what, question in questions))

    assert [one.answer.malformed for one in told] == [
        "resident_code",
        "verify",
        "of",
        "envelope",
        "candidate",
    ]
    assert all(one.row.refused for one in told)
    assert (told[0].of_envelope["questions"], told[0].of_envelope["refused"]) == (5, 5)
    assert journal(nation) == [(ENVELOPE, told[0].written.commitment)]


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(write_asks([]), id="no purpose"),
        pytest.param(write_asks([ask()]), id="no question"),
        pytest.param(write_asks([ask(*[{"resident_code": "1"}] * (MOST_WEIGHT + 1))]), id="too many"),
        pytest.param(write_asks([ask(*[{"name": "1"}] * (MOST_WEIGHT // 8 + 1))]), id="too many by name"),
        pytest.param(b"{}", id="nothing"),
    ],
)
async def test_an_envelope_that_cannot_be_read_as_questions_is_refused(nation: Country, body: bytes):
    """What is no question is not recorded as one."""
    town, centre = await nation.node(CHIYODA), await nation.node(CENTRE)
    raw = envelope(request(CHIYODA, CENTRE, PROVIDE, body), nation.directory, town.identity.keys)

    with pytest.raises(BadEnvelope):
        await Providing(centre).direct(CHIYODA, raw)

    assert journal(nation) == []


async def test_a_question_comes_through_the_askers_own_prefecture(nation: Country):
    """Another prefecture cannot carry it."""
    with pytest.raises(MisaddressedEnvelope):
        await put(nation, CHIYODA, ask({"resident_code": str(code_of(1))}), through=SHIZUOKA)
    assert journal(nation) == []


async def test_the_governor_passes_on_and_learns_nothing(nation: Country):
    """Over the line: the prefecture records that it passed something on, and whose it was."""
    town = await nation.connected(CHIYODA)
    for node in (TOKYO, CENTRE):
        await nation.connected(node)
    own = request(CHIYODA, CENTRE, PROVIDE, write_asks([ask({"resident_code": str(code_of(2))})]))
    sent = envelope(own, nation.directory, town.identity.keys)
    carrier = request(CHIYODA, TOKYO, PROVIDE_THROUGH, sent)

    await town.transport.deliver(
        TOKYO, PROVIDE_THROUGH, envelope(carrier, nation.directory, town.identity.keys)
    )

    (passed,) = nation.journal(TOKYO, "provision.passed")
    assert passed is not None
    assert code_of(2).encode() not in passed
    assert CHIYODA.encode() in passed
    assert [kind for kind, _ in journal(nation)] == [ENVELOPE]
