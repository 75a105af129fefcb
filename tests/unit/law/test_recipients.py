# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Whom the law names, and which nodes they are."""

from __future__ import annotations

from datetime import date

import pytest

from openjuki.codes.local_government import prefecture_of
from openjuki.config import Kind
from openjuki.law.book import Book, packaged

BOOK = Book.load()
NEW = date(2026, 6, 14)
AFFAIRS = BOOK.at(NEW).affairs
CHIYODA, KOMAE, HINOHARA, SHIZUOKA_CITY, HAKODATE = "131016", "132195", "133078", "221007", "012025"
HIROSHIMA, OTARU, YOICHI = "341002", "012033", "014087"
TOKYO, HOKKAIDO, FUKUSHIMA, OSAKA = "130001", "010006", "070009", "270008"
CITY, GOVERNOR, STATE = Kind.MUNICIPALITY, Kind.PREFECTURE, Kind.AGENCY


@pytest.mark.parametrize(
    ("node", "name", "borne"),
    [
        pytest.param(HINOHARA, "市町村長", True, id="a village has a mayor"),
        pytest.param(CHIYODA, "市長", True, id="a special ward counts as a city"),
        pytest.param(HINOHARA, "市長", False, id="a village is no city"),
        pytest.param(
            HINOHARA,
            "町村長（福祉事務所を管理する町村長を除く。）",
            True,
            id="a village without a welfare office",
        ),
        pytest.param(KOMAE, "町村長（福祉事務所を管理する町村長を除く。）", False, id="a city is no village"),
        pytest.param(SHIZUOKA_CITY, "指定都市の長", True, id="a designated city"),
        pytest.param(KOMAE, "指定都市の長", False, id="a city that is not designated"),
        pytest.param(
            SHIZUOKA_CITY, "市町村長（指定都市の長を除く。）", False, id="a designated city is excepted"
        ),
        pytest.param(HAKODATE, "中核市の長", True, id="a core city"),
        pytest.param(
            HAKODATE, "保健所を設置する市又は特別区の長", True, id="a core city has a health centre"
        ),
        pytest.param(CHIYODA, "保健所を設置する市又は特別区の長", True, id="so has a ward"),
        pytest.param(OTARU, "保健所を設置する市又は特別区の長", True, id="and a city that an order names"),
        pytest.param(KOMAE, "保健所を設置する市又は特別区の長", False, id="and no other city"),
        pytest.param(HIROSHIMA, "広島市又は長崎市の長", True, id="Hiroshima"),
        pytest.param(SHIZUOKA_CITY, "広島市又は長崎市の長", False, id="not Shizuoka"),
        pytest.param(YOICHI, "教育委員会", True, id="a town's own node asks for all its bodies"),
        pytest.param(YOICHI, "救助実施市の長", False, id="who is designated by others, the network says"),
    ],
)
def test_a_municipality_bears_the_names_of_what_it_is(node: str, name: str, borne):
    """A municipality's code says which names of the tables are its own."""
    assert (name in BOOK.body(node, CITY, None).names) is borne


@pytest.mark.parametrize(
    ("node", "name", "borne"),
    [
        pytest.param(TOKYO, "都道府県知事", True, id="every governor"),
        pytest.param(TOKYO, "都県知事", True, id="around the capital"),
        pytest.param(OSAKA, "府県知事", True, id="around Osaka"),
        pytest.param(TOKYO, "府県知事", False, id="Tokyo is not around Osaka"),
        pytest.param(HOKKAIDO, "都府県知事", False, id="Hokkaido is no 都府県"),
        pytest.param(FUKUSHIMA, "福島県知事", True, id="Fukushima"),
        pytest.param(TOKYO, "福島県知事", False, id="and nobody else"),
        pytest.param(TOKYO, "市町村長", False, id="a governor is no mayor"),
    ],
)
def test_a_prefecture_bears_the_names_of_what_it_is(node: str, name: str, borne):
    """The same of prefectures."""
    assert (name in BOOK.body(node, GOVERNOR, None).names) is borne


def test_a_body_of_a_government_is_not_its_head():
    """The board of education asks as the board of education."""
    board, head = (
        BOOK.body("agency-hokkaido-kyoiku", STATE, None),
        BOOK.body("agency-hokkaido-zei", STATE, None),
    )

    assert (board.kind, board.prefecture) == (head.kind, head.prefecture) == (GOVERNOR, HOKKAIDO)
    assert board.names == {"教育委員会", "都道府県の執行機関", "都道府県知事以外の執行機関"}
    assert "都道府県知事" in head.names
    assert not {"教育委員会", "都道府県知事以外の執行機関"} & head.names


def test_a_welfare_office_is_of_its_city():
    """A gateway in a city's welfare office asks as the mayor, from the city's prefecture."""
    body = BOOK.body("agency-chiyoda-fukushi", STATE, None)

    assert (body.kind, body.prefecture) == (CITY, TOKYO)
    assert "市長" in body.names


@pytest.mark.parametrize(
    ("node", "kind", "affair", "named"),
    [
        pytest.param(
            "agency-nenkin", STATE, "state-118", True, id="the pension service, one of two in the row"
        ),
        pytest.param("agency-gaimu", STATE, "state-054", True, id="a ministry"),
        pytest.param("agency-gaimu", STATE, "state-118", False, id="a ministry, another's affair"),
        pytest.param("agency-nobody", STATE, "state-054", False, id="an agency that is not listed"),
        pytest.param(CHIYODA, CITY, "city-011", True, id="a ward, municipal taxes"),
        pytest.param(CHIYODA, CITY, "prefecture-013", False, id="a ward, a governor's affair"),
        pytest.param(TOKYO, GOVERNOR, "city-011", False, id="a governor, a mayor's affair"),
        pytest.param("agency-tokyo-ryoken", STATE, "prefecture-013", True, id="the passport office"),
        pytest.param("agency-tokyo-ryoken", STATE, "state-054", False, id="which is not the ministry"),
        pytest.param("agency-chiyoda-fukushi", STATE, "city-027", True, id="a welfare office"),
        pytest.param("agency-chiyoda-fukushi", STATE, "register-work", False, id="which keeps no register"),
        pytest.param(OTARU, CITY, "hokkaido-1-01", True, id="a city, its prefecture's ordinance"),
        pytest.param(CHIYODA, CITY, "hokkaido-1-01", False, id="a city elsewhere"),
        pytest.param("agency-hokkaido-kyoiku", STATE, "quasi-07", True, id="a board of education"),
        pytest.param(
            YOICHI, CITY, "prefecture-072", False, id="a town's board of education is not the prefecture's"
        ),
    ],
)
def test_the_law_names_who_asks_or_does_not(node: str, kind: Kind, affair: str, named):
    """An affair is for those whom a row of it names, in words that a table divides."""
    prefecture = prefecture_of(node) if node.isdigit() else None

    assert AFFAIRS[affair].is_for(kind, BOOK.body(node, kind, prefecture)) is named


def test_words_that_no_table_divides_are_one_name():
    """Whom nobody entered, nobody is."""
    text = "公害健康被害の補償等に関する法律第四条第三項の政令で定める市の長"

    assert Book.read({"bases.toml": "", "defaults.toml": ""})._tables.recipients.names(text) == {text}


def test_a_network_lists_its_own_agencies():
    """An entry of the home's folder is as good as the program's, and says it anew."""
    added = {
        "bodies.toml": '[agency-x]\nkind = "agency"\nnames = ["外務省"]\n[agency-nenkin]\nkind = "agency"\n'
    }
    base = Book.load()._tables
    book = Book.read(packaged(), added)

    assert base.recipients.body("agency-x", STATE, None).names == frozenset()
    assert book.body("agency-x", STATE, None).names == {"外務省"}
    assert book.body("agency-nenkin", STATE, None).names == frozenset()
