# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Asking beyond the own book: who is asked on which way, what is kept before anything is shown, and what is not believed."""

from __future__ import annotations

import asyncio
from contextlib import nullcontext
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import orjson
import pytest

from fixtures import providers
from fixtures.agencies import CLERK, PENSION, RELIEF, TAX, asked, furnished, line_of
from fixtures.ground import PENSIONS, SHIZUOKA, TAX_OFFICE, WELFARE
from fixtures.network import CENTRE, TOKYO
from fixtures.notices import code_of
from fixtures.providers import answer, not_permitted
from openjuki.errors import (
    BadEnvelope,
    BadQuestion,
    IntegrityFailure,
    PeerRefused,
    PeerUnavailable,
    StoreUnavailable,
)
from openjuki.law.book import Book, packaged
from openjuki.nodes.asking import Asking, AtTerminal, Confirmation
from openjuki.nodes.asking.merging import Way
from openjuki.refusal import Where
from openjuki.residents.look_up import Claim, LookUp, Result
from openjuki.store import ledger
from openjuki.wire.leaf import commitment
from openjuki.wire.merkle import verify_inclusion
from openjuki.wire.promise import read_promises
from openjuki.wire.provided import ENVELOPE, Envelope, path
from openjuki.wire.provision import MOST_WEIGHT, What

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from fixtures.offices import Country
    from fixtures.providers import Heard, StandIns
    from openjuki.nodes.node import Node
    from openjuki.store.ledger import Line
    from openjuki.wire.provision import Answered, Answers

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

SOMEBODY = {"name": "渡邉　葵", "birth_date": "1990-01-01", "sex": "female", "address": "一番町1番地"}
NAMED = {"name": "渡邉 葵", "birth_date": "1990-01-01"}
CODE = {"resident_code": str(code_of(1))}


async def newest(node: Node) -> Line:
    """The newest line of the ledger."""
    (found,) = await node.read(lambda connection: ledger.search(connection, limit=1))
    return found


def rows(country: Country, node: str, kind: str) -> list[dict[str, Any]]:
    """What the rows of one kind in a node's journal say."""
    return [orjson.loads(payload or b"null") for payload in country.journal(node, kind)]


async def test_an_answer_is_kept_with_its_promise_before_it_is_shown(country: Country, stand_in: StandIns):
    """The line says who asked what and was answered what; the promise is the provider's, about this envelope."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.says = lambda _: answer("matched", SOMEBODY, articles=["法30条の9"])

    outcome = await Asking(node).ask(asked(PENSION, CODE))

    assert [one.result for one in outcome.answers] == [Result.MATCHED]
    assert outcome.answers[0].hits == (SOMEBODY,)
    line = await line_of(node, outcome)
    assert (line.office, line.operator, line.terminal, line.affair) == ("desk", *CLERK, PENSION)
    assert (line.reason, line.what, line.method, line.persons) == ("2026-0012", "ask", "terminal", 1)
    assert (line.results, line.articles, line.routes) == (("matched",), ("法30条の9",), ("centre",))
    assert (line.keys, line.questions) == (("resident_code",), ({**CODE, "matching": "variant"},))
    assert line.answers == (orjson.loads(outcome.told[0]),)
    ((told,),) = line.told
    envelopes = await node.read(lambda connection: ledger.envelopes(connection, [told["envelope"]]))
    kept = envelopes[told["envelope"]]
    promise = read_promises(kept.promise, directory=node.directory, at=country.clock())
    assert promise.origin == node.directory.origin(CENTRE)
    assert promise.rows == ((ENVELOPE, commitment(kept.salt, kept.payload)),)


async def test_of_an_envelope_is_kept_what_shows_each_of_its_rows(country: Country, stand_in: StandIns):
    """With salt, payload and leaves an asker proves any one of its questions, and shows nothing of the others."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.says = lambda _: answer("matched", SOMEBODY)

    outcome = await Asking(node).ask(asked(PENSION, CODE, NAMED, CODE))

    tellings = [told for (told,) in (await line_of(node, outcome)).told]
    (kept,) = (
        await node.read(lambda connection: ledger.envelopes(connection, [tellings[0]["envelope"]]))
    ).values()
    said = Envelope.from_bytes(kept.payload)
    assert said.carried == (PENSIONS, kept.id, None)
    assert (said.at, said.questions, said.refused) == (kept.told_at, 3, 0)
    leaves = [kept.leaves[start : start + 32] for start in range(0, len(kept.leaves), 32)]
    assert [told["place"] for told in tellings] == [0, 1, 2]
    for told in tellings:
        leaf = bytes.fromhex(told["commitment"])
        assert leaves[told["place"]] == leaf
        verify_inclusion(leaf, told["place"], said.questions, path(leaves, told["place"]), said.root)


async def test_the_journal_commits_to_what_was_asked_and_answered(country: Country, stand_in: StandIns):
    """Persons stand in the ledger alone; the journal's rows have a digest of each line, and of what came back."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.says = lambda _: answer("matched", SOMEBODY)

    outcome = await Asking(node).ask(asked(PENSION, CODE, NAMED))

    (sent,) = rows(country, PENSIONS, "provision.asked")
    (came,) = rows(country, PENSIONS, "provision.answered")
    for row, table, key in ((sent, "ledger_line", "id"), (came, "ledger_answer", "line")):
        ((salt, content),) = country.rows(PENSIONS, f"SELECT salt, content FROM {table}")
        assert row["lines"] == [[outcome.ledger_id, sha256(salt + content).hexdigest()]]
        assert orjson.loads(content)[key] == outcome.ledger_id
        assert SOMEBODY["name"] not in str(row)
    assert (sent["affairs"], came["affairs"], came["results"]) == ({PENSION: 1}, {PENSION: 1}, {"matched": 2})


@pytest.mark.usefixtures("stand_in")
async def test_requests_that_come_together_are_one_row(country: Country):
    """However many lines are written together, the journal grows by a row; each can be shown by its own digest."""
    node = await furnished(country, PENSIONS, PENSION)
    asking = Asking(node)

    outcomes = await asyncio.gather(*(asking.ask(asked(PENSION, CODE)) for _ in range(10)))

    ids = {outcome.ledger_id for outcome in outcomes}
    for kind in ("provision.asked", "provision.answered"):
        (row,) = rows(country, PENSIONS, kind)
        assert {line for line, _ in row["lines"]} == ids
        assert len({digest for _, digest in row["lines"]}) == 10


async def test_what_the_own_book_refuses_never_leaves(country: Country, stand_in: StandIns):
    """An office that does not hold the affair is told why, in the ledger and the journal; nobody else hears of it."""
    node = await furnished(country, PENSIONS, PENSION)
    stranger = AtTerminal("stranger", "window-2")

    outcome = await Asking(node).ask(asked(PENSION, CODE, by=stranger))

    (refused,) = outcome.answers
    assert refused.refusal is not None
    assert (refused.result, refused.refusal.rule) == (Result.NOT_PERMITTED, "affair-not-held")
    line = await line_of(node, outcome)
    assert (line.office, line.persons, line.results, line.routes) == ("other", 0, ("not_permitted",), ())
    (row,) = rows(country, PENSIONS, "question.refused")
    assert (row["lines"][0][0], row["rules"]) == (line.id, {"affair-not-held": 1})
    assert rows(country, PENSIONS, "provision.asked") == stand_in.centre.heard == []


@pytest.mark.parametrize(
    ("items", "rule"),
    [
        pytest.param({"by": AtTerminal("nobody", "window-1")}, "operator-known", id="an unknown operator"),
        pytest.param({"by": AtTerminal("clerk", "window-2")}, "terminal-of-the-office", id="at another's"),
        pytest.param({"reason": " "}, "reason-given", id="without a reason"),
        pytest.param({"affair": "state-9999"}, "unknown-affair", id="for no affair"),
        pytest.param({"affair": RELIEF}, "recipient-not-listed", id="for another recipient's affair"),
    ],
)
async def test_every_refusal_names_its_rule(country: Country, stand_in: StandIns, items: Any, rule: str):
    """Whoever may not ask is told by which rule, for each question, and it is on record."""
    node = await furnished(country, PENSIONS, PENSION)

    outcome = await Asking(node).ask(replace(asked(PENSION, CODE, NAMED), **items))

    assert [one.refusal and one.refusal.rule for one in outcome.answers] == [rule, rule]
    assert (await line_of(node, outcome)).results == ("not_permitted", "not_permitted")
    assert stand_in.centre.heard == []


async def test_what_is_malformed_is_answered_beside_what_is_not(country: Country, stand_in: StandIns):
    """Of one request some questions may leave and others not; each has its own answer."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.says = lambda _: answer("matched", SOMEBODY)
    bad = BadQuestion("malformed: birth_date", where=Where(column="birth_date"))
    request = asked(PENSION, CODE, {"name": "渡邉 葵"})
    request = replace(request, questions=(bad, *request.questions))

    outcome = await Asking(node).ask(request)

    malformed, matched, wide = outcome.answers
    assert (malformed.result, malformed.malformed) == (Result.MALFORMED, "birth_date")
    assert matched.result is Result.MATCHED
    assert wide.refusal is not None
    assert wide.refusal.rule == "keys-too-wide"
    assert [heard.question for heard in stand_in.centre.heard] == [{**CODE, "matching": "variant"}]
    line = await line_of(node, outcome)
    assert (line.persons, line.results) == (1, ("malformed", "matched", "not_permitted"))


async def test_an_office_asks_about_so_many_persons_a_day(country: Country, stand_in: StandIns):
    """The limit counts persons that were asked about today, refused ones not; at midnight it begins anew."""
    node = await furnished(country, PENSIONS, PENSION, per_day=3)
    asking = Asking(node)

    async def refused(*questions: Mapping[str, Any]) -> list[str | None]:
        outcome = await asking.ask(asked(PENSION, *questions))
        return [one.refusal and one.refusal.rule for one in outcome.answers]

    assert await refused(CODE, CODE) == [None, None]
    assert await refused(CODE, CODE) == ["within-quota"] * 2
    together = await asyncio.gather(refused(CODE), refused(CODE))
    assert sorted(map(str, together)) == ["['within-quota']", "[None]"]
    country.clock.advance(hours=12)
    for one in (node, stand_in.centre.node):
        assert one.clock().hour == 0
    assert await refused(CODE, CODE, CODE) == [None] * 3


def elsewhere(home: str) -> Any:
    """Providers that know one person: of the agency's own prefecture, or of another."""

    def says(heard: Heard) -> Mapping[str, Any]:
        if heard.through is None and home == "another":
            return not_permitted("through-the-governor")
        return answer("matched", SOMEBODY, articles=[heard.through or "direct"])

    return says


@pytest.mark.parametrize(
    ("home", "ways"),
    [
        pytest.param("own", [None], id="of the own prefecture: the Centre directly"),
        pytest.param("another", [None, TOKYO], id="of another: then through the governor"),
    ],
)
async def test_a_code_is_asked_on_the_nearest_road_first(
    country: Country, stand_in: StandIns, home: str, ways: Any
):
    """Under tables 2 and 4 the governor is troubled only for persons of other prefectures."""
    node = await furnished(country, WELFARE, RELIEF)
    stand_in.centre.says = elsewhere(home)

    outcome = await Asking(node).ask(asked(RELIEF, CODE))

    assert outcome.answers[0].articles == (ways[-1] or "direct",)
    assert [heard.through for heard in stand_in.centre.heard] == ways
    line = await line_of(node, outcome)
    assert [told["through"] for told in line.told[0]] == ways
    assert [told["answer"] is None for told in line.told[0]] == [False] * (len(ways) - 1) + [True]


async def test_a_name_is_asked_on_every_road_that_no_other_covers(country: Country, stand_in: StandIns):
    """Through the governor the Centre tells of everybody; directly it is not asked besides."""
    node = await furnished(country, WELFARE, RELIEF)

    await Asking(node).ask(asked(RELIEF, NAMED))

    assert [heard.through for heard in stand_in.centre.heard] == [TOKYO]


@pytest.mark.parametrize(
    ("own", "other", "told", "asked_too"),
    [
        pytest.param(answer("matched", SOMEBODY), answer(), "matched", 0, id="the own governor knows"),
        pytest.param(answer("died", SOMEBODY), answer(), "died", 0, id="who has died is known"),
        pytest.param(answer(), answer("matched", SOMEBODY), "matched", 1, id="the Centre knows"),
        pytest.param(
            answer("moved_out", SOMEBODY), answer("matched", SOMEBODY), "matched", 1, id="moved away"
        ),
        pytest.param(
            answer("left_the_country", SOMEBODY),
            answer("matched", SOMEBODY),
            "matched",
            1,
            id="came back from abroad to another prefecture",
        ),
        pytest.param(
            answer("removed", SOMEBODY),
            answer("matched", SOMEBODY),
            "matched",
            1,
            id="was removed, and is entered elsewhere",
        ),
        pytest.param(
            answer("left_the_country", SOMEBODY),
            not_permitted("outside-the-area"),
            "left_the_country",
            1,
            id="is still abroad",
        ),
        pytest.param(
            answer("moved_out", SOMEBODY),
            not_permitted("outside-the-area"),
            "moved_out",
            1,
            id="moved out and not yet entered",
        ),
        pytest.param(answer(), answer(), "none", 1, id="nobody knows"),
        pytest.param(answer(), not_permitted("outside-the-area"), "not_permitted", 1, id="not to be told"),
    ],
)
async def test_a_governors_office_asks_its_governor_and_then_the_centre(
    country: Country, stand_in: StandIns, own: Any, other: Any, told: str, asked_too: int
):
    """Tables 5 and 3: the first answer about the person ends it, and a refusal is not hidden behind nobody."""
    node = await furnished(country, TAX_OFFICE, TAX)
    stand_in.shizuoka.says, stand_in.centre.says = lambda _: own, lambda _: other

    outcome = await Asking(node).ask(asked(TAX, CODE))

    assert outcome.answers[0].result == told
    assert (len(stand_in.shizuoka.heard), len(stand_in.centre.heard)) == (1, asked_too)
    assert (await line_of(node, outcome)).routes == (SHIZUOKA, CENTRE)[: 1 + asked_too]


async def test_persons_of_several_roads_are_candidates(country: Country, stand_in: StandIns):
    """One whom the governor shows and two whom the Centre does are three to choose from, by what tells them apart."""
    node = await furnished(country, TAX_OFFICE, TAX)
    shown = {**SOMEBODY, "state": "resident"}
    several = [{"candidate": 1, **SOMEBODY}, {"candidate": 2, **SOMEBODY}]
    stand_in.shizuoka.says = lambda _: answer("matched", shown, articles=["五"])
    stand_in.centre.says = lambda _: answer("several", count=2, candidates=several, articles=["三"])

    outcome = await Asking(node).ask(asked(TAX, NAMED))

    (merged,) = outcome.answers
    assert (merged.result, merged.count, merged.hits, merged.articles) == (
        Result.SEVERAL,
        3,
        (),
        ("五", "三"),
    )
    assert merged.candidates == tuple({"candidate": number, **SOMEBODY} for number in (1, 2, 3))


@pytest.mark.parametrize(
    ("candidate", "provider", "number"),
    [
        pytest.param(1, "shizuoka", 1, id="the governor's"),
        pytest.param(3, "centre", 2, id="the Centre's second"),
    ],
)
async def test_a_candidate_is_confirmed_where_it_was_shown(
    country: Country, stand_in: StandIns, candidate: int, provider: str, number: int
):
    """The provider that showed it is asked, under its own number for it and by the row that it promised."""
    node = await furnished(country, TAX_OFFICE, TAX)
    asking = Asking(node)
    several = [{"candidate": 1, **SOMEBODY}, {"candidate": 2, **SOMEBODY}]
    stand_in.shizuoka.says = lambda _: answer("matched", SOMEBODY)
    stand_in.centre.says = lambda _: answer("several", count=2, candidates=several)
    first = await asking.ask(asked(TAX, NAMED))
    ways = {told["provider"]: told for told in (await line_of(node, first)).told[0]}
    one = getattr(stand_in, provider)
    one.says = lambda _: answer("matched", SOMEBODY)

    choice = Confirmation(first.ledger_id, 0, candidate)
    outcome = await asking.ask(replace(asked(TAX), what=What.CONFIRM, questions=(choice,)))

    assert [answered.result for answered in outcome.answers] == [Result.MATCHED]
    heard = one.heard[-1]
    shown = ways[one.node.id]
    assert heard.question == {"envelope": shown["envelope"], "of": shown["commitment"], "candidate": number}
    assert heard.ask.what is What.CONFIRM
    line = await line_of(node, outcome)
    assert (line.what, line.keys) == ("confirm", ("name", "birth_date"))
    assert line.questions[0]["ledger"] == first.ledger_id


@pytest.mark.parametrize(
    "choice",
    [
        pytest.param({"ledger": "0" * 32}, id="of no line"),
        pytest.param({"question": 1}, id="of no question"),
        pytest.param({"question": -1}, id="before the first question"),
        pytest.param({"candidate": 0}, id="before the first candidate"),
        pytest.param({"candidate": 3}, id="behind the last candidate"),
        pytest.param({"by": AtTerminal("stranger", "window-2")}, id="of another office"),
        pytest.param({"affair": "state-118"}, id="for another affair"),
    ],
)
async def test_a_candidate_that_was_not_shown_is_not_confirmed(
    country: Country, stand_in: StandIns, choice: Any
):
    """Only what an answer to this office showed may be chosen from."""
    node = await furnished(country, PENSIONS, PENSION)
    asking = Asking(node)
    several = [{"candidate": 1, **SOMEBODY}, {"candidate": 2, **SOMEBODY}]
    stand_in.centre.says = lambda _: answer("several", count=2, candidates=several)
    first = await asking.ask(asked(PENSION, NAMED))
    stand_in.centre.heard.clear()

    named = {name: choice[name] for name in choice if name in Confirmation._fields}
    wrong = Confirmation(first.ledger_id, 0, 1)._replace(**named)
    others = {name: choice[name] for name in choice if name not in named}
    outcome = await asking.ask(replace(asked(PENSION), what=What.CONFIRM, questions=(wrong,), **others))

    assert [one.refusal and one.refusal.rule for one in outcome.answers] == ["candidate-shown"]
    assert stand_in.centre.heard == []


async def test_a_candidate_is_not_confirmed_on_a_road_that_the_law_has_closed(
    country: Country, stand_in: StandIns
):
    """At midnight table 3 loses the affair: who was shown by the Centre before is nobody's to ask for there any more."""
    table, tomorrow = "affairs/table-3", country.clock().date() + timedelta(days=1)
    lines = packaged()[f"{table}/2026-06-14.csv"].splitlines(keepends=True)
    without = "".join(line for line in lines if not line.startswith(f"{TAX},"))
    book = Book.read(packaged(), {f"{table}/{tomorrow}.csv": without})
    node = await furnished(country, TAX_OFFICE, TAX)
    asking = Asking(node, book)
    stand_in.shizuoka.says = stand_in.centre.says = lambda _: answer("matched", SOMEBODY)
    first = await asking.ask(asked(TAX, NAMED))
    for one in (stand_in.shizuoka, stand_in.centre):
        one.heard.clear()
    country.clock.advance(hours=12)

    async def rule(candidate: int) -> str | None:
        choice = Confirmation(first.ledger_id, 0, candidate)
        (said,) = (await asking.ask(replace(asked(TAX), what=What.CONFIRM, questions=(choice,)))).answers
        return said.refusal and said.refusal.rule

    assert [await rule(1), await rule(2)] == [None, "candidate-shown"]
    assert (len(stand_in.shizuoka.heard), stand_in.centre.heard) == (1, [])


async def test_what_an_applicant_wrote_is_verified(country: Country, stand_in: StandIns):
    """A claim goes as it is written, with what is to be verified; yes and no come back."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.says = lambda _: answer("mismatch", count=1, items={"birth_date": True, "address": False})
    claim = Claim.from_dict({**NAMED, "address": "一番町2番地", "verify": ["birth_date", "address"]})

    outcome = await Asking(node).ask(replace(asked(PENSION), what=What.VERIFY, questions=(claim,)))

    (told,) = outcome.answers
    assert (told.result, told.items) == (Result.MISMATCH, {"birth_date": True, "address": False})
    assert stand_in.centre.heard[0].question == claim.to_dict()
    assert stand_in.centre.heard[0].ask.what is What.VERIFY


async def test_what_comes_together_goes_in_one_envelope(country: Country, stand_in: StandIns):
    """Requests of many terminals share an envelope and its promise; each has its own line."""
    node = await furnished(country, PENSIONS, PENSION)
    asking = Asking(node)

    outcomes = await asyncio.gather(*(asking.ask(asked(PENSION, CODE)) for _ in range(30)))

    assert len({heard.envelope for heard in stand_in.centre.heard}) == 1
    assert len({outcome.ledger_id for outcome in outcomes}) == 30
    kept = country.rows(PENSIONS, "SELECT id FROM ledger_envelope")
    assert kept == [(stand_in.centre.heard[0].envelope,)]


async def test_an_envelope_carries_what_its_answers_have_room_for(country: Country, stand_in: StandIns):
    """A question by name weighs more than one by code; a request may need several envelopes."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.says = lambda heard: answer("none", articles=[str(heard.question)])
    questions = [NAMED if number % 2 else CODE for number in range(100)]

    outcome = await Asking(node).ask(asked(PENSION, *questions))

    weights: dict[str, int] = {}
    for heard in stand_in.centre.heard:
        weights[heard.envelope] = weights.get(heard.envelope, 0) + (
            1 if "resident_code" in heard.question else 8
        )
    assert len(weights) == 2
    assert max(weights.values()) <= MOST_WEIGHT
    assert [one.articles[0] for one in outcome.answers] == [
        str(LookUp.from_dict(question).to_dict()) for question in questions
    ]
    assert (await line_of(node, outcome)).persons == 100


async def test_a_governor_who_is_away_holds_up_nobody_else(country: Country, stand_in: StandIns):
    """Each way is a way of its own: what goes to the Centre directly does not wait for a prefecture."""
    node = await furnished(country, WELFARE, RELIEF)
    asking, away = Asking(node), asyncio.Event()
    stand_in.centre.says = lambda _: answer("matched", SOMEBODY)

    async def never(_: bytes) -> bytes:
        await away.wait()
        raise PeerUnavailable

    asking._way(Way(CENTRE, TOKYO))._delivered = never  # type: ignore[method-assign]
    slow = asyncio.create_task(asking.ask(asked(RELIEF, NAMED)))
    quick = await asking.ask(asked(RELIEF, CODE))

    assert (quick.answers[0].result, slow.done()) == (Result.MATCHED, False)
    away.set()
    with pytest.raises(PeerUnavailable):
        await slow


@pytest.mark.parametrize(
    ("error", "raised"),
    [
        pytest.param(PeerUnavailable(), PeerUnavailable, id="who does not answer"),
        pytest.param(IntegrityFailure(), PeerRefused, id="who answers with a problem"),
    ],
)
async def test_a_provider_that_does_not_answer_is_said_so(
    country: Country, stand_in: StandIns, error: Exception, raised: Any
):
    """The line says that it was asked and why it was not answered; the question is not lost."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.error = error

    with pytest.raises(raised) as caught:
        await Asking(node).ask(asked(PENSION, CODE))

    line = await newest(node)
    assert (line.code, line.persons, line.results) == (caught.value.code, 1, ())
    assert [row["codes"] for row in rows(country, PENSIONS, "provision.failed")] == [{caught.value.code: 1}]
    assert rows(country, PENSIONS, "provision.answered") == []


_REFUSAL = not_permitted("outside-the-area")["refusal"]


@pytest.mark.parametrize(
    "said",
    [
        pytest.param(answer("matched", SOMEBODY, articles=["法30条の9\0"]), id="an article no book can hold"),
        pytest.param(answer("matched", SOMEBODY, articles=["x" * 2000]), id="an article longer than any"),
        pytest.param(answer("found"), id="a result that there is none of"),
        pytest.param(answer("matched", count="many"), id="a count that is none"),
        pytest.param(
            answer("several", candidates=[{"candidate": 1}], malformed=1), id="an item that is none"
        ),
        pytest.param(answer("matched", refusal=_REFUSAL), id="what is told and refused"),
        pytest.param(answer("not_permitted"), id="what is refused by no rule"),
        pytest.param(answer("not_permitted", refusal={"rule": "no"}), id="a refusal that says nothing"),
        pytest.param(answer("not_permitted", refusal=_REFUSAL | {"code": "JK-\0"}), id="a code that is none"),
        pytest.param(
            answer("not_permitted", refusal=_REFUSAL | {"message_ja": "\0"}), id="a sentence with NUL"
        ),
    ],
)
async def test_an_answer_that_is_none_is_not_believed(country: Country, stand_in: StandIns, said: Any):
    """Its provider is told of in the line, and nobody who asked at the same time waits for it or fails with it."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.says = lambda _: said

    with pytest.raises(BadEnvelope) as caught:
        await Asking(node).ask(asked(PENSION, CODE))

    line = await newest(node)
    assert (line.code, line.results, line.articles) == (caught.value.code, (), ())


@pytest.mark.parametrize(
    ("name", "value"),
    [
        pytest.param("asker", TAX_OFFICE, id="somebody else's"),
        pytest.param("envelope", "0" * 32, id="another envelope"),
        pytest.param("through", TOKYO, id="one that came another way"),
    ],
)
async def test_a_promise_about_another_envelope_is_not_believed(
    country: Country, stand_in: StandIns, monkeypatch: Any, name: str, value: str
):
    """The promised row names whose envelope it is and how it came: the same answers to another are not an answer."""
    node = await furnished(country, PENSIONS, PENSION)
    make = providers.written
    monkeypatch.setattr(
        providers, "written", lambda asks, told, carried: make(asks, told, carried._replace(**{name: value}))
    )

    with pytest.raises(IntegrityFailure) as caught:
        await Asking(node).ask(asked(PENSION, CODE))

    assert (await newest(node)).code == caught.value.code
    assert stand_in.centre.heard


def each(change: Callable[[Answered], Answered]) -> Callable[[Answers], Answers]:
    """A reply of which every answer is another."""
    return lambda told: told._replace(answered=tuple(map(change, told.answered)))


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(each(lambda one: one._replace(salt=bytes(32))), id="another salt"),
        pytest.param(each(lambda one: one._replace(persons=("00" * 32,))), id="another person"),
        pytest.param(each(lambda one: one._replace(retention="ever")), id="another retention"),
        pytest.param(
            each(lambda one: one._replace(answer=one.answer.replace(b"none", b"died"))), id="another answer"
        ),
        pytest.param(
            lambda told: told._replace(answered=told.answered[::-1]), id="the answers in another order"
        ),
        pytest.param(lambda told: told._replace(answered=told.answered[:-1]), id="an answer too few"),
        pytest.param(lambda told: told._replace(salt=bytes(32)), id="another salt of the envelope"),
        pytest.param(lambda told: told._replace(at=told.at + timedelta(seconds=1)), id="another time"),
    ],
)
async def test_an_answer_without_the_promise_of_its_row_is_not_believed(
    country: Country, stand_in: StandIns, spoil: Any
):
    """What a provider will not stand by is not shown; the line says that the books do not add up."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.spoil = spoil

    with pytest.raises((IntegrityFailure, BadEnvelope)) as caught:
        await Asking(node).ask(asked(PENSION, CODE, CODE))

    assert (await newest(node)).code == caught.value.code


@pytest.mark.parametrize(
    ("ahead", "believed"),
    [
        pytest.param(30, True, id="as far ahead as clocks differ"),
        pytest.param(31, False, id="further ahead"),
        pytest.param(-90, True, id="as old as an envelope may be"),
        pytest.param(-91, False, id="older"),
    ],
)
async def test_a_provider_does_not_choose_the_time_of_its_record(
    country: Country, stand_in: StandIns, ahead: int, *, believed: bool
):
    """A record that is properly promised, and dated at another time than it was made, is none."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.ahead = timedelta(seconds=ahead)

    with nullcontext() if believed else pytest.raises(IntegrityFailure):
        await Asking(node).ask(asked(PENSION, CODE))

    assert ((await newest(node)).code is None) is believed


async def test_what_was_recorded_before_is_shown_where_it_was_granted(country: Country, stand_in: StandIns):
    """Pensions follow a person's moves: earlier records come with the answer."""
    node = await furnished(country, PENSIONS, PENSION)
    past = {**SOMEBODY, "date_of_change": "2020-04-01"}
    stand_in.centre.says = lambda _: answer("matched", {**SOMEBODY, "history": [past]})

    outcome = await Asking(node).ask(asked(PENSION, CODE, history=True))

    assert outcome.answers[0].hits[0]["history"] == [past]
    assert stand_in.centre.heard[0].ask.history


@pytest.mark.parametrize(
    "told",
    [
        pytest.param({**SOMEBODY, **CODE}, id="the resident code"),
        pytest.param({**SOMEBODY, "history": [{**SOMEBODY, **CODE}]}, id="the code of before"),
        pytest.param({**SOMEBODY, "history": [1]}, id="something before that is none"),
    ],
)
async def test_an_answer_with_more_than_was_granted_is_not_shown(
    country: Country, stand_in: StandIns, told: Any
):
    """Table 1 tells no resident code: who asked does not take it, and keeps what was told as evidence."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.says = lambda _: answer("matched", told)

    with pytest.raises(IntegrityFailure):
        await Asking(node).ask(asked(PENSION, CODE))

    line = await node.read(lambda connection: ledger.search(connection, limit=1))
    whole = await node.read(lambda connection: ledger.line(connection, line[0].id))
    assert whole is not None
    assert whole.answers == (None,)
    assert [told["result"] for told in whole.told[0]] == ["matched"]


async def test_nothing_is_shown_that_is_not_kept(country: Country, stand_in: StandIns, monkeypatch: Any):
    """Where the ledger cannot be written, what came back is not shown."""
    node = await furnished(country, PENSIONS, PENSION)
    stand_in.centre.says = lambda _: answer("matched", SOMEBODY)

    async def full(*_: Any) -> None:
        raise StoreUnavailable

    monkeypatch.setattr(ledger, "answer", full)
    with pytest.raises(StoreUnavailable):
        await Asking(node).ask(asked(PENSION, CODE))
