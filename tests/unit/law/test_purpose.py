# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is said to who is about to ask: from whom, by what, and what will come back."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from openjuki.config import CENTRE, JST, Kind
from openjuki.law import refusals
from openjuki.law.basis import Key, Method
from openjuki.law.book import Book
from openjuki.law.decision import Grant, Request, decide, roads
from openjuki.law.purpose import Purpose, in_english, offered, purpose
from openjuki.refusal import Refusal

BOOK = Book.load()
EDITIONS = [BOOK.at(day) for day in (date(2023, 12, 1), date(2026, 7, 1))]
EDITION = EDITIONS[-1]
TOKYO, CHIYODA, OTARU = "130001", "131016", "012033"
NODES = [
    ("agency-nenkin", Kind.AGENCY, None),
    ("agency-tokyo-ryoken", Kind.AGENCY, TOKYO),
    ("agency-hokkaido-kyoiku", Kind.AGENCY, "010006"),
    ("agency-chiyoda-fukushi", Kind.AGENCY, None),
    ("agency-x", Kind.AGENCY, None),
    (TOKYO, Kind.PREFECTURE, None),
    (CHIYODA, Kind.MUNICIPALITY, TOKYO),
    (OTARU, Kind.MUNICIPALITY, "010006"),
]


def said(node: str, kind: Kind, affair: str, prefecture: str | None = None) -> Purpose:
    """What a node is told of an affair of the new text."""
    return purpose(EDITION.affairs[affair], BOOK.body(node, kind, prefecture), kind)


@pytest.mark.parametrize(
    ("node", "kind", "affair", "sentence"),
    [
        pytest.param(
            "agency-nenkin",
            Kind.AGENCY,
            "state-118",
            "全国の住民は機構から（法30条の9・別表第1の77の項）本人確認情報の提供を受けます。"
            "ほかの目的には使えません（法30条の29）。",
            id="pensions: the nation",
        ),
        pytest.param(
            "agency-tokyo-ryoken",
            Kind.AGENCY,
            "prefecture-013",
            "都道府県内の住民は知事の記録から（法30条の15第1項第1号・別表第5の6の項）本人確認情報の提供を受けます。"
            "ほかの目的には使えません（法30条の25）。",
            id="passports: the governor's own records",
        ),
        pytest.param(
            CHIYODA,
            Kind.MUNICIPALITY,
            "register-work",
            "自らの住民は自らの住民基本台帳から（法5条）、都道府県内の住民は機構から（法30条の10第1項第4号）、"
            "他の都道府県の住民は知事を経て機構から（法30条の12第1項第4号）本人確認情報の提供を受けます。"
            "ほかの目的には使えません（法30条の29）。",
            id="the register: three bases",
        ),
        pytest.param(
            "agency-nenkin",
            Kind.AGENCY,
            "city-011",
            refusals.RECIPIENT_NOT_LISTED.message_ja,
            id="somebody else's affair",
        ),
    ],
)
def test_a_sentence_says_about_whom_from_whom_and_under_what(
    node: str, kind: Kind, affair: str, sentence: str
):
    """Audits found wrong bases chosen; a clerk reads this before asking."""
    assert said(node, kind, affair, TOKYO).sentence_ja == sentence


def test_the_same_is_said_in_english():
    """With the articles as engineers read them."""
    assert said(CHIYODA, Kind.MUNICIPALITY, "city-011", TOKYO).sentence_en == (
        "Residents of the prefecture: from the Centre (Art. 30-10(1)(i), Table 2, row 2-2); "
        "Residents of other prefectures: from the Centre, through the governor "
        "(Art. 30-12(1)(i), Table 4, row 1-14). For nothing else (Art. 30-29)."
    )
    assert (
        said("agency-nenkin", Kind.AGENCY, "city-011").sentence_en == refusals.RECIPIENT_NOT_LISTED.message_en
    )


def test_it_says_what_will_come_back():
    """Keys in their order, items in the order of an answer, and nothing of rows that name others."""
    pensions = said("agency-nenkin", Kind.AGENCY, "state-118")

    assert pensions.keys == (
        (Key.RESIDENT_CODE,),
        (Key.INDIVIDUAL_NUMBER,),
        (Key.NAME, Key.BIRTH_DATE),
        (Key.NAME, Key.ADDRESS),
    )
    assert pensions.narrowing == (Key.SEX,)
    assert pensions.items[:2] == ("individual_number", "name")
    assert "resident_code" not in pensions.items
    assert pensions.history
    assert said("agency-chiyoda-fukushi", Kind.AGENCY, "quasi-01").articles == (
        "法30条の15の2第1項・省令49号1条の表の1の項",
    )
    passports = said("agency-tokyo-ryoken", Kind.AGENCY, "prefecture-013")
    assert (passports.methods, passports.history) == ({Method.TERMINAL, Method.ONLINE}, False)
    assert "individual_number" not in passports.items
    assert not {"reason", "date_of_change"} & set(passports.items)


def test_its_json_form_is_plain():
    """Strings, lists and a flag, in order."""
    form = said("agency-nenkin", Kind.AGENCY, "state-118").to_dict()

    assert form["affair"] == "state-118"
    assert form["keys"] == [
        ["resident_code"],
        ["individual_number"],
        ["name", "birth_date"],
        ["name", "address"],
    ]
    assert form["narrowing"] == ["sex"]
    assert form["methods"] == ["terminal", "online", "bulk", "media"]
    assert form["articles"] == ["法30条の9・別表第1の77の項"]
    assert (form["history"], form["items"][-1]) == (True, "date_of_change")
    assert form["title_ja"].startswith("国民年金法")
    assert form["law"] == "国民年金法"
    assert form["title_en"] == "Work under row 77 of Table 1"


@pytest.mark.parametrize("edition", EDITIONS, ids=["2023", "2026"])
@pytest.mark.parametrize("node", NODES, ids=lambda node: node[0])
def test_whatever_is_said_will_come_back_is_what_a_grant_gives(edition, node):
    """For every affair of the book, roads grant neither an item nor a key nor a method beyond what was said."""
    name, kind, prefecture = node
    body = BOOK.body(name, kind, prefecture)
    at = datetime.combine(edition.since, datetime.min.time(), JST)
    for affair in edition.affairs.values():
        told = purpose(affair, body, kind)
        assert told.sentence_ja.endswith("。")
        assert told.sentence_en.endswith(".")
        assert bool(told.articles) is affair.is_for(kind, body)
        for keys in told.keys:
            for method in told.methods:
                found = roads(asked(name, kind, body.prefecture, affair.id, keys, method), BOOK, at)
                bases = (
                    [] if isinstance(found, Refusal) else [one for road in found for one in road.grant.bases]
                )
                assert {item for basis in bases for item in basis.items} <= set(told.items)
                assert {basis.article for basis in bases} <= set(told.articles)


def asked(
    node: str, kind: Kind, prefecture: str | None, affair: str, keys: tuple[Key, ...], method: Method
) -> Request:
    """A question for which nothing is missing."""
    return Request(
        recipient_kind=kind,
        recipient=node,
        prefecture=prefecture,
        office="kakari",
        holds=True,
        operator="op-1",
        terminal="t-1",
        affair=affair,
        reason="令和8年度 123号",
        keys=frozenset(keys),
        provider_kind=Kind.CENTRE,
        provider=CENTRE,
        method=method,
    )


def test_a_key_that_is_offered_is_open():
    """What the page offers, the decision takes."""
    for keys in said("agency-nenkin", Kind.AGENCY, "state-118").keys:
        request = asked("agency-nenkin", Kind.AGENCY, None, "state-118", keys, Method.ONLINE)
        assert isinstance(decide(request, BOOK, datetime(2026, 7, 1, tzinfo=JST)), Grant)


# What an office is offered


@pytest.mark.parametrize(
    ("held", "words", "found"),
    [
        pytest.param({"prefecture-013", "state-118"}, "パスポート", ["prefecture-013"], id="a clerk's word"),
        pytest.param({"state-118"}, "パスポート", [], id="not held, not offered"),
        pytest.param(
            {"state-118", "state-115"}, "", ["state-115", "state-118"], id="no words: all that is held"
        ),
        pytest.param({"state-118", "state-115"}, "  ", ["state-115", "state-118"], id="spaces are no words"),
        pytest.param({"state-118", "state-070"}, "日本年金機構", ["state-118"], id="whom the law names"),
        pytest.param({"prefecture-067"}, "", [], id="no longer in force"),
        pytest.param({"no-such-affair"}, "", [], id="of no law"),
    ],
)
def test_an_office_is_offered_what_it_holds(held: set[str], words: str, found: list[str]):
    """Searched by words, the law's or a clerk's."""
    assert [affair.id for affair in offered(EDITION, held, words)] == found


@pytest.mark.parametrize(
    ("article", "english"),
    [
        ("法5条", "Art. 5"),
        ("法30条の9", "Art. 30-9"),
        ("法30条の9の2第1項", "Art. 30-9-2(1)"),
        ("法30条の12第1項第4号", "Art. 30-12(1)(iv)"),
        ("法30条の32第1項第19号", "Art. 30-32(1)(xix)"),
        ("法30条の9・別表第1の41の項", "Art. 30-9, Table 1, row 41"),
        ("法30条の10第1項第1号・別表第2の5の14の項", "Art. 30-10(1)(i), Table 2, row 5-14"),
        ("法30条の13第1項・北海道条例2条", "Art. 30-13(1)・北海道条例2条"),
    ],
)
def test_citations_in_english(article: str, english: str):
    """As lawyers abroad write them."""
    assert in_english(article) == english


@pytest.mark.parametrize("edition", EDITIONS, ids=["2023", "2026"])
def test_every_citation_of_the_tables_is_in_english(edition):
    """No sign of the Japanese form is left, but for what ordinances and ministries call theirs."""
    for affair in edition.affairs.values():
        for basis in affair.bases:
            if basis.table:
                assert in_english(basis.article).isascii(), basis.article
