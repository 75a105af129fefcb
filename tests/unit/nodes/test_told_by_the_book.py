# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""No answer holds what the law does not grant: every affair of both texts, asked by everybody whom it names, and others.

What the Act says of the code and the number is written here once more, from its text and not from the book's: a
definition of ours that let either out would be found.
"""

from __future__ import annotations

import csv
import re
import tomllib
from datetime import date, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.codes.local_government import municipalities, prefecture_of
from openjuki.config import CENTRE, JST, Kind
from openjuki.law import refusals
from openjuki.law.basis import ITEMS, Basis, Key, Method
from openjuki.law.book import Book, packaged
from openjuki.law.decision import Grant, Request, Road, decide, roads
from openjuki.nodes import deliberating
from openjuki.nodes.answering import Told, Window, with_history
from openjuki.nodes.asking import planning
from openjuki.refusal import Refusal
from openjuki.residents.look_up import Claim, Hit, Result
from openjuki.residents.look_up.result import TELLING
from openjuki.store import credentials, offices

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

BOOK = Book.load()
DAYS = (date(2023, 12, 1), date(2026, 6, 14))
TOKYO, SHIZUOKA, HOKKAIDO = "130001", "220001", "010006"
CHIYODA, OTARU, SHIZUOKA_CITY, RISHIRI = "131016", "012033", "221007", "015199"

#: 住民票コード: 法30条の9の2, 法30条の10第1項第4号, 法30条の11第1項第3号, 法30条の12第1項第4号, and one's own register.
WITH_CODE: Final = frozenset({"own-register", "30-9-2", "30-10-1-4", "30-11-1-3", "30-12-1-4"})
#: 個人番号を除く: provision under ordinances, to the Digital Agency, by consent and for statistics.
WITHOUT_NUMBER: Final = frozenset(
    {
        "30-9-2",
        "30-13-1",
        "30-13-2",
        "30-13-3",
        "30-14",
        "30-15-1-2",
        "30-15-1-3",
        "30-15-1-4",
        "30-15-2-2",
    }
)
#: 番号法9条1項: only for affairs under laws that are listed for the kind of recipient.
BY_THE_NUMBER_ACT: Final = frozenset(
    {"30-9", "30-10-1-1", "30-11-1-1", "30-12-1-1", "30-15-1-1", "30-15-2-1"}
)
#: A basis of the Act, and not of an ordinance, says this of whom it is about.
OWN, OTHERS, EVERYBODY = "own prefecture", "other prefectures", "everybody"
ABOUT: Final[Mapping[str, str]] = {
    "30-9": EVERYBODY,
    "30-9-2": EVERYBODY,
    "30-10-1-1": OWN,
    "30-10-1-4": OWN,
    "30-11-1-1": OTHERS,
    "30-11-1-3": OTHERS,
    "30-12-1-1": OTHERS,
    "30-12-1-4": OTHERS,
    "30-13-1": OWN,
    "30-15-1-1": OWN,
    "30-15-1-2": OWN,
    "30-15-2-1": OWN,
    "30-15-2-2": OWN,
}
KEYS: Final = (
    frozenset({Key.RESIDENT_CODE}),
    frozenset({Key.INDIVIDUAL_NUMBER}),
    frozenset({Key.NAME, Key.BIRTH_DATE}),
    frozenset({Key.NAME, Key.ADDRESS, Key.SEX}),
)

#: Node: kind, and the prefecture that the node directory names.
ASKERS: Final[Mapping[str, tuple[Kind, str | None]]] = {
    **dict.fromkeys(tomllib.loads(packaged()["bodies.toml"]), (Kind.AGENCY, None)),
    "agency-of-nobody": (Kind.AGENCY, None),
    TOKYO: (Kind.PREFECTURE, None),
    HOKKAIDO: (Kind.PREFECTURE, None),
    CHIYODA: (Kind.MUNICIPALITY, TOKYO),
    OTARU: (Kind.MUNICIPALITY, HOKKAIDO),
    RISHIRI: (Kind.MUNICIPALITY, HOKKAIDO),
    SHIZUOKA_CITY: (Kind.MUNICIPALITY, SHIZUOKA),
}


def person(municipality: str, holder: int = 1) -> Hit:
    """Somebody of whom everything is recorded."""
    return Hit(
        question=0,
        is_current=True,
        holder=holder,
        state="resident",
        reason="moved_in",
        date_of_change=date(2025, 4, 1),
        resident_code="12345678904",
        individual_number="123456789018",
        name="渡邉　葵",
        furigana="ワタナベ　アオイ",
        former_surname="山田",
        former_surname_furigana="ヤマダ",
        alias="渡辺",
        birth_date="1990-01-01",
        sex="female",
        municipality=municipality,
        address="一番町1番地",
    )


#: Somebody of each prefecture.
PERSONS: Final = {
    TOKYO: person(CHIYODA),
    HOKKAIDO: person(OTARU, holder=2),
    SHIZUOKA: person(SHIZUOKA_CITY, holder=3),
}


def asked(node: str, affair: str, keys: frozenset[Key], method: Method, **more: Any) -> Request:
    """A question for which nothing is missing."""
    kind, prefecture = ASKERS[node]
    request = {
        "recipient_kind": kind,
        "recipient": node,
        "prefecture": prefecture,
        "office": "kakari",
        "holds": True,
        "operator": "op-1",
        "terminal": "t-1",
        "affair": affair,
        "reason": "令和8年度 123号",
        "keys": keys,
        "provider_kind": Kind.CENTRE,
        "provider": CENTRE,
        "method": method,
    }
    return Request(**{**request, **more})


def moment(day: date) -> datetime:
    """Noon of a day in Japan."""
    return datetime(day.year, day.month, day.day, 12, tzinfo=JST)


@cache
def laws() -> Mapping[tuple[date, str, str], str]:
    """The laws of every row of the tables, straight from the files: by day of the text, affair and basis."""
    found: dict[tuple[date, str, str], str] = {}
    for path, text in packaged().items():
        if path.startswith("affairs/table-"):
            day = date.fromisoformat(path.rsplit("/", 1)[1].removesuffix(".csv"))
            for row in csv.DictReader(text.splitlines()):
                place = (day, row["affair"], row["basis"])
                found[place] = f"{found[place]};{row['law']}" if place in found else row["law"]
    return found


@cache
def permitted(kind: str) -> Mapping[str, date]:
    """Laws under which a kind of recipient may use the number."""
    return tomllib.loads(packaged()["number_act.toml"])[kind]


def check_items(items: set[str], basis: Basis, affair: str, text: date) -> None:
    """What is told of a person lies within the basis, and within what the Act says of code and number."""
    assert items <= set(basis.items) <= ITEMS
    if "resident_code" in items:
        assert basis.id in WITH_CODE
    if "resident_number" in items:
        assert basis.id == "own-register"
    if "individual_number" in items:
        assert basis.id not in WITHOUT_NUMBER
        if basis.id in BY_THE_NUMBER_ACT:
            listed = permitted(basis.recipient.value)
            of_it = laws()[text, affair, basis.id].split(";")
            assert any(law in listed and listed[law] <= text for law in of_it)


def check_area(basis: Basis, home: str | None, prefecture: str) -> None:
    """A person is told of under a basis that is about them."""
    about = ABOUT.get(basis.id)
    assert about != OWN or prefecture == home
    assert about != OTHERS or prefecture != home
    assert basis.government is None or basis.government == prefecture == home


def check_refusal(refusal: Refusal) -> None:
    """It says by which rule and article, and in two languages."""
    assert re.fullmatch(r"JK-(LAW|OFFICE|CREDENTIAL|PROVISION|ASKING)-\d{4}", refusal.code)
    assert refusal.rule
    assert re.match(r"[法令]\d+条", refusal.article or "")
    assert refusal.message_ja.endswith("。")
    assert refusal.message_en.endswith(".")


def check_told(told: Told, request: Request, home: str | None, text: date) -> None:
    """Everything in an answer about persons of every prefecture."""
    answer = told.answer
    if answer.refusal is not None:
        check_refusal(answer.refusal)
        assert (answer.hits, answer.candidates, answer.items) == ((), None, None)
        return
    for hit, basis in told.persons:
        check_area(basis, home, next(code for code, one in PERSONS.items() if one.holder == hit.holder))
        assert basis.article in answer.articles
    for shown, (_, basis) in zip(answer.hits, told.persons, strict=False):
        check_items(set(shown) - {"history"}, basis, request.affair, text)
        assert ("history" not in shown) or basis.history
        for past in shown.get("history", ()):
            check_items(set(past), basis, request.affair, text)
            assert not {"resident_code", "individual_number", "resident_number"} & set(past)
    for candidate, (_, basis) in zip(answer.candidates or (), told.persons, strict=False):
        assert set(candidate) - {"candidate"} <= set(TELLING)
        check_items(set(candidate) - {"candidate"}, basis, request.affair, text)


def answers(road: Road, day: date) -> Iterator[Told]:
    """What is told on a road of each person, and of several; then yes and no to what was written."""
    window = Window(day, 20)
    histories = {int(one.holder): [one] for one in PERSONS.values()}
    for hit in PERSONS.values():
        told = window.told(road.grant, [hit])
        yield told
        yield with_history(told, histories, day)
        yield window.verified([road.grant], WRITTEN, [hit])
    yield window.told(road.grant, list(PERSONS.values()))
    yield Window(day, 1).told(road.grant, list(PERSONS.values()))


WRITTEN: Final = Claim.from_dict(
    {
        "name": "渡邉 葵",
        "birth_date": "1990-01-02",
        "individual_number": "123456789018",
        "verify": ["birth_date", "individual_number"],
    }
)


@pytest.mark.parametrize("day", DAYS, ids=str)
@pytest.mark.parametrize("node", ASKERS)
def test_whoever_is_named_is_told_what_the_act_lets_out_and_no_more(node: str, day: date):
    """Every affair of the text, by every kind of key, persons of three prefectures."""
    kind, prefecture = ASKERS[node]
    body, told = BOOK.body(node, kind, prefecture), 0
    for affair in BOOK.at(day).affairs.values():
        if not affair.is_for(kind, body):
            found = roads(asked(node, affair.id, KEYS[2], Method.ONLINE), BOOK, moment(day))
            assert isinstance(found, Refusal)
            check_refusal(found)
            continue
        methods = {method for basis in affair.bases for method in basis.methods}
        for keys in KEYS:
            request = asked(node, affair.id, keys, max(methods))
            found = roads(request, BOOK, moment(day))
            if isinstance(found, Refusal):
                check_refusal(found)
                continue
            for road in found:
                for one in answers(road, day):
                    check_told(one, request, body.prefecture, day)
                    told += bool(one.answer.hits)
    assert bool(told) is (node != "agency-of-nobody")


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_yes_and_no_are_said_only_of_items_that_may_be_told(day: date):
    """A yes to a number tells the number."""
    for node, affair in (("agency-tokyo-ryoken", "prefecture-013"), ("agency-hokkaido-zei", "hokkaido-2-02")):
        found = roads(asked(node, affair, KEYS[2], Method.ONLINE), BOOK, moment(day))
        assert isinstance(found, tuple)
        for road in found:
            body = road.grant.body
            told = Window(day, 20).verified([road.grant], WRITTEN, [PERSONS[body.prefecture or ""]])
            assert told.answer.items == {"birth_date": False}
            assert told.answer.result is Result.MISMATCH


# Whatever is asked, by whomever, on whatever day


@st.composite
def requests(draw: st.DrawFn) -> Request:
    """Anybody asks anybody for anything; most of it is lawful, so that something is told."""
    node = draw(st.sampled_from([*ASKERS, *sorted(municipalities())]))
    kind, prefecture = ASKERS[node] if node in ASKERS else (Kind.MUNICIPALITY, prefecture_of(node))
    provider = draw(
        st.sampled_from(
            [
                (Kind.CENTRE, CENTRE),
                (Kind.PREFECTURE, TOKYO),
                (Kind.PREFECTURE, HOKKAIDO),
                (Kind.MUNICIPALITY, node),
            ]
        )
    )
    return Request(
        recipient_kind=kind,
        recipient=node,
        prefecture=prefecture,
        office="kakari",
        holds=draw(st.sampled_from((True, True, True, False))),
        operator=draw(st.sampled_from(("op-1", "op-1", "system:x", ""))),
        terminal=draw(st.sampled_from(("t-1", "t-1", "system:x", ""))),
        affair=draw(st.sampled_from(sorted(BOOK.known))),
        reason=draw(st.sampled_from(("令和8年度 123号", "令和8年度 123号", " ", ""))),
        keys=draw(st.sampled_from(KEYS) | st.frozensets(st.sampled_from(Key))),
        provider_kind=provider[0],
        provider=provider[1],
        through=draw(st.sampled_from((None, prefecture, TOKYO))),
        method=draw(st.sampled_from(Method)),
        history=draw(st.sampled_from((False, False, True))),
        verify=draw(st.frozensets(st.sampled_from(sorted(ITEMS)), max_size=2)),
        persons=draw(st.integers(1, 256)),
        quota=draw(st.sampled_from((None, 0, 100, 1000))),
    )


days = st.dates(date(2011, 4, 1), date(2040, 1, 1)) | st.sampled_from(
    [DAYS[0], DAYS[1], date(2026, 6, 13), date(2015, 10, 4), date(2015, 10, 5)]
)


@given(requests(), days)
def test_whatever_is_asked_is_refused_by_a_rule_or_told_within_the_basis(request: Request, day: date):
    """And what the affair rests on that day is all it can be told under."""
    decision = decide(request, BOOK, moment(day))
    if isinstance(decision, Refusal):
        check_refusal(decision)
        return
    standing = BOOK.at(day).affairs[request.affair].bases
    assert all(basis in standing and basis.is_in_force(day) for basis in decision.bases)
    assert all(request.verify <= set(basis.items) for basis in decision.bases)
    assert not request.history or all(basis.history for basis in decision.bases)
    assert request.quota is None or request.persons <= request.quota
    road = Road(
        provider_kind=request.provider_kind,
        provider=request.provider,
        through=request.through,
        grant=decision,
    )
    text = max((text for text in DAYS if text <= day), default=DAYS[0])
    for one in answers(road, day):
        check_told(one, request, decision.body.prefecture, text)


@given(requests(), days)
def test_one_thing_missing_and_nothing_is_told(request: Request, day: date):
    """Who does not hold the affair, names nobody, gives no reason, or has asked enough, is refused always."""
    if not isinstance(decide(request, BOOK, moment(day)), Grant):
        return
    for missing in (
        {"holds": False},
        {"operator": ""},
        {"terminal": ""},
        {"reason": "　"},
        {"keys": frozenset()},
        {"quota": request.persons - 1},
        {"prefecture": "470007"},
        {"affair": "no-such-affair"},
    ):
        fields = {name: getattr(request, name) for name in Request.__dataclass_fields__}
        refused = decide(Request(**{**fields, **missing}), BOOK, moment(day))
        if missing == {"prefecture": "470007"} and isinstance(refused, Grant):
            assert refused.body.prefecture == "470007"  # a body that only the directory places
            continue
        assert isinstance(refused, Refusal), missing
        check_refusal(refused)


@pytest.mark.parametrize("module", [refusals, offices, credentials, deliberating, planning])
def test_every_refusal_that_an_answer_can_hold_names_its_article(module: ModuleType):
    """Whoever is refused learns by which article, wherever the rule stands."""
    found = [value for value in vars(module).values() if isinstance(value, Refusal)]

    assert found
    for refusal in found:
        check_refusal(refusal)
