# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who may be told what: the cases of the law for work on the register."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.config import CENTRE, JST, Kind
from openjuki.law import refusals
from openjuki.law.book import Basis, Book, Key, Method
from openjuki.law.decision import CONDITIONS, Condition, Grant, Request, decide
from openjuki.refusal import Refusal

BOOK = Book.load()
NOON = datetime(2026, 4, 1, 12, 0, tzinfo=JST)
#: 空家等対策の推進に関する特別措置法, which is no law of the Number Act's.
EMPTY_HOUSES = "city-066"
TOKYO, SHIZUOKA, CHIYODA, CHUO = "130001", "220001", "131016", "131024"
PAGE = (Path(__file__).parents[3] / "docs/spec/statute-book.md").read_text(encoding="utf-8")

#: A clerk of Chiyoda asks the Centre through the governor of Tokyo.
ASKED = Request(
    recipient_kind=Kind.MUNICIPALITY,
    recipient=CHIYODA,
    prefecture=TOKYO,
    office="jumin",
    holds=True,
    operator="jumin-1",
    terminal="jumin-t1",
    affair="register-work",
    reason="転入届 2026-0401-17",
    keys=frozenset({Key.NAME, Key.BIRTH_DATE}),
    provider_kind=Kind.CENTRE,
    provider=CENTRE,
    through=TOKYO,
)
#: A clerk of Chiyoda looks into Chiyoda's register.
AT_HOME = replace(ASKED, provider_kind=Kind.MUNICIPALITY, provider=CHIYODA, through=None)


def granted(request: Request, at: datetime = NOON) -> Grant:
    """The grant of a request that is granted."""
    decision = decide(request, BOOK, at)
    assert isinstance(decision, Grant), decision
    return decision


# Which basis carries


@pytest.mark.parametrize(
    ("request_", "prefecture", "article"),
    [
        pytest.param(AT_HOME, TOKYO, "法5条", id="one's own register"),
        pytest.param(
            AT_HOME, None, "法5条", id="one's own register, of somebody no governor was told of yet"
        ),
        pytest.param(ASKED, TOKYO, "法30条の10第1項第4号", id="a person of one's own prefecture"),
        pytest.param(
            ASKED, SHIZUOKA, "法30条の12第1項第4号", id="a person of another, through one's governor"
        ),
        pytest.param(
            replace(ASKED, through=None),
            TOKYO,
            "法30条の10第1項第4号",
            id="one's own prefecture, asked directly",
        ),
    ],
)
def test_per_person_the_book_resolves_the_basis(request_: Request, prefecture: str | None, article: str):
    """The operator picks an affair; the prefecture that notified the person decides under which article."""
    basis = granted(request_).basis_for(prefecture)

    assert isinstance(basis, Basis)
    assert basis.article == article


def test_a_grant_names_every_article_it_may_rest_on():
    """Before anybody is found, the journal can say under which articles was asked."""
    assert granted(AT_HOME).articles == ("法5条",)
    assert granted(ASKED).articles == ("法30条の10第1項第4号", "法30条の12第1項第4号")
    assert granted(replace(ASKED, through=None)).articles == ("法30条の10第1項第4号",)


@pytest.mark.parametrize(
    ("through", "prefecture", "refusal"),
    [
        pytest.param(None, SHIZUOKA, refusals.THROUGH_THE_GOVERNOR, id="past the governor"),
        pytest.param(SHIZUOKA, SHIZUOKA, refusals.THROUGH_THE_GOVERNOR, id="through another's governor"),
        pytest.param(TOKYO, None, refusals.OUTSIDE_THE_AREA, id="somebody whom no prefecture notified"),
    ],
)
def test_a_person_may_be_outside_a_grant(through: str | None, prefecture: str | None, refusal: Refusal):
    """The question is granted, this person is not told of: why, is said per person."""
    assert granted(replace(ASKED, through=through)).basis_for(prefecture) is refusal


def test_who_has_no_prefecture_has_no_persons_in_it():
    """Nothing is no prefecture that two could share."""
    nobody = replace(ASKED, prefecture=None, through=None)

    assert granted(nobody).basis_for(None) is refusals.OUTSIDE_THE_AREA
    assert granted(nobody).basis_for(TOKYO) is refusals.OUTSIDE_THE_AREA


def test_a_basis_that_was_struck_out_says_why_per_person():
    """Where only one basis bears a key, persons under the other are refused for the key, not for the area."""
    narrow = Condition(refusals.KEYS_TOO_WIDE, lambda *asked: asked[-1].id != "30-12-1-4")

    decision = decide(ASKED, BOOK, NOON, (*CONDITIONS, narrow))

    assert isinstance(decision, Grant)
    assert decision.articles == ("法30条の10第1項第4号",)
    assert decision.basis_for(SHIZUOKA) is refusals.KEYS_TOO_WIDE


# Refusals


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        pytest.param({"affair": "passports"}, refusals.UNKNOWN_AFFAIR, id="an affair of no law"),
        pytest.param({"recipient_kind": Kind.AGENCY}, refusals.RECIPIENT_NOT_LISTED, id="a pension office"),
        pytest.param({"recipient_kind": Kind.PREFECTURE}, refusals.RECIPIENT_NOT_LISTED, id="a governor"),
        pytest.param({"holds": False}, refusals.AFFAIR_NOT_HELD, id="the tax division of the same city"),
        pytest.param({"operator": ""}, refusals.NOBODY_ASKS, id="no operator"),
        pytest.param({"terminal": ""}, refusals.NOBODY_ASKS, id="no terminal"),
        pytest.param({"reason": ""}, refusals.NO_REASON, id="no reason"),
        pytest.param({"reason": " 　\t"}, refusals.NO_REASON, id="a reason of spaces"),
        pytest.param(
            {"provider_kind": Kind.PREFECTURE, "provider": TOKYO},
            refusals.PROVIDER_NOT_COMPETENT,
            id="the governor may not answer from his own records",
        ),
        pytest.param(
            {"provider_kind": Kind.MUNICIPALITY, "provider": CHUO},
            refusals.PROVIDER_NOT_COMPETENT,
            id="nor may another mayor",
        ),
        pytest.param({"method": Method.BULK}, refusals.METHOD_NOT_OPEN, id="a file of a thousand"),
        pytest.param({"method": Method.ONLINE}, refusals.METHOD_NOT_OPEN, id="a system without an operator"),
        pytest.param({"keys": frozenset({Key.NAME})}, refusals.KEYS_TOO_WIDE, id="a name alone"),
        pytest.param({"keys": frozenset()}, refusals.KEYS_TOO_WIDE, id="no keys"),
        pytest.param(
            {"keys": frozenset({Key.BIRTH_DATE, Key.SEX})}, refusals.KEYS_TOO_WIDE, id="birth date and sex"
        ),
    ],
)
@pytest.mark.parametrize("asked", [pytest.param(ASKED, id="centre"), pytest.param(AT_HOME, id="at home")])
def test_what_the_law_does_not_carry_is_refused(asked: Request, change: dict, refusal: Refusal):
    """One thing is wrong; the refusal names its rule and its article."""
    assert decide(replace(asked, **change), BOOK, NOON) is refusal


@pytest.mark.parametrize(
    ("at", "decision"),
    [
        pytest.param(
            datetime(1967, 11, 9, 23, 59, 59, tzinfo=JST), refusals.NOT_IN_FORCE, id="the eve of the Act"
        ),
        pytest.param(datetime(1967, 11, 10, tzinfo=JST), "法5条", id="its first midnight"),
        pytest.param(datetime(1967, 11, 9, 15, tzinfo=UTC), "法5条", id="midnight is Japan's"),
        pytest.param(datetime(1967, 11, 9, 14, 59, tzinfo=UTC), refusals.NOT_IN_FORCE, id="and not before"),
    ],
)
def test_a_text_takes_effect_at_midnight_in_japan(at: datetime, decision: Refusal | str):
    """The day of a question is the day in Japan, wherever the machine stands."""
    found = decide(AT_HOME, BOOK, at)

    assert (found.articles == (decision,)) if isinstance(found, Grant) else (found is decision)


def test_the_centre_provided_nothing_before_its_chapter():
    """On the eve of the new chapter the affair existed, but not this provider."""
    assert decide(ASKED, BOOK, datetime(2015, 10, 4, 23, 59, tzinfo=JST)) is refusals.PROVIDER_NOT_COMPETENT
    assert isinstance(decide(ASKED, BOOK, datetime(2015, 10, 5, tzinfo=JST)), Grant)


def test_without_conditions_nothing_is_granted():
    """An empty composition refuses; it does not wave through."""
    assert decide(ASKED, BOOK, NOON, ()) is refusals.NO_CONDITIONS


@pytest.mark.parametrize("condition", CONDITIONS, ids=lambda condition: condition.refusal.rule)
def test_every_condition_counts(condition: Condition):
    """Leave one out, and something is granted that it alone refuses."""
    wrong = {
        "recipient-not-listed": {"recipient_kind": Kind.PREFECTURE, "prefecture": None},
        "body-agreed": {
            "recipient_kind": Kind.AGENCY,
            "recipient": "agency-chiyoda-fukushi",
            "prefecture": SHIZUOKA,
            "affair": "city-022",
        },
        "provider-not-competent": {"provider_kind": Kind.PREFECTURE, "provider": TOKYO},
        "affair-not-held": {"holds": False},
        "operator-and-terminal-named": {"operator": ""},
        "reason-given": {"reason": ""},
        "method-not-open": {"method": Method.BULK},
        "key-not-open": {
            "affair": EMPTY_HOUSES,
            "keys": frozenset({Key.NAME, Key.ADDRESS, Key.INDIVIDUAL_NUMBER}),
        },
        "keys-too-wide": {"keys": frozenset({Key.SEX})},
        "item-not-open": {"affair": "city-011", "verify": frozenset({"resident_code"})},
        "history-not-open": {"affair": "city-021", "history": True},
        "within-quota": {"persons": 2, "quota": 1},
        "through-the-governor": {"through": None},
    }
    rest = tuple(one for one in CONDITIONS if one is not condition)
    request = replace(ASKED, **wrong[condition.refusal.rule])

    with_it, without = decide(request, BOOK, NOON), decide(request, BOOK, NOON, rest)

    assert isinstance(without, Grant)
    assert not isinstance(with_it, Grant) or with_it.bases != without.bases


# Whatever is asked

requests = st.builds(
    Request,
    recipient_kind=st.sampled_from(Kind),
    recipient=st.sampled_from([CHIYODA, CHUO, TOKYO, CENTRE]),
    prefecture=st.sampled_from([TOKYO, SHIZUOKA, None]),
    office=st.just("jumin"),
    holds=st.booleans(),
    operator=st.sampled_from(["", "jumin-1"]),
    terminal=st.sampled_from(["", "jumin-t1"]),
    affair=st.sampled_from(["register-work", "passports"]),
    reason=st.sampled_from(["", " ", "転入届"]),
    keys=st.frozensets(st.sampled_from(Key)),
    provider_kind=st.sampled_from(Kind),
    provider=st.sampled_from([CHIYODA, CHUO, TOKYO, CENTRE]),
    through=st.sampled_from([TOKYO, SHIZUOKA, None]),
    method=st.sampled_from(Method),
)
moments = st.datetimes(datetime(1960, 1, 1), datetime(2200, 1, 1), timezones=st.just(JST))  # noqa: DTZ001


@given(requests, moments, st.sampled_from([TOKYO, SHIZUOKA, None]))
def test_whatever_is_asked_is_granted_by_the_book_or_refused_by_a_rule(request_, at, prefecture):
    """No answer rests on anything but a basis in force, and every refusal names rule, article and sentences."""
    decision = decide(request_, BOOK, at)
    if isinstance(decision, Grant):
        assert request_.holds
        assert all((request_.operator, request_.terminal, request_.reason.strip()))
        standing = BOOK.at(at.date()).affairs[request_.affair].bases
        assert set(map(id, decision.bases)) <= set(map(id, standing))
        assert all(basis.recipient is request_.recipient_kind for basis in decision.bases)
        assert all(basis.provider is request_.provider_kind for basis in decision.bases)
        assert all(basis.suffices(request_.keys) for basis in decision.bases)
        decision = decision.basis_for(prefecture)
    if isinstance(decision, Refusal):
        assert decision.rule
        assert re.match(r"[法令]\d+条", decision.article or "")
        assert decision.message_ja.endswith("。")
        assert decision.message_en.endswith(".")
    else:
        assert decision.is_in_force(at.date())
        assert decision.id != "30-10-1-4" or prefecture == request_.prefecture is not None
        assert decision.id != "30-12-1-4" or request_.through == request_.prefecture not in (None, prefecture)


@given(requests, st.integers(0, 86_399_999_999))
def test_a_decision_is_the_same_all_day(request_, microseconds):
    """Within a day nothing but the request decides."""
    midnight = datetime(2026, 4, 1, tzinfo=JST)
    at = midnight + timedelta(microseconds=microseconds)

    assert decide(request_, BOOK, at) == decide(request_, BOOK, midnight)


# The page


def test_the_page_says_how_is_decided():
    """Conditions stand on the page in the order in which they are asked, under their rules."""
    table = PAGE.split("| condition | carries where | else |")[1].split("\n\n")[0]

    assert re.findall(r"`([\w-]+)` \|$", table, re.MULTILINE) == [one.refusal.rule for one in CONDITIONS]


def test_every_refusal_of_the_law_is_on_the_page():
    """Whoever implements it again finds every rule."""
    rules = {value.rule for value in vars(refusals).values() if isinstance(value, Refusal)}

    assert {rule for rule in rules if f"`{rule}`" not in PAGE} == set()
