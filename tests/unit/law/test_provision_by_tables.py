# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Who is told what under the tables, ordinances and what stands beside them: the cases of the law."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.config import CENTRE, JST, Kind
from openjuki.law import refusals
from openjuki.law.basis import Basis, Key, Method
from openjuki.law.book import Book, packaged
from openjuki.law.decision import Grant, Request, Road, decide, roads, uncovered
from openjuki.refusal import Refusal

BOOK = Book.load()
NOON = datetime(2026, 7, 1, 12, 0, tzinfo=JST)
OLD = datetime(2023, 12, 1, 12, 0, tzinfo=JST)
TOKYO, SHIZUOKA, HOKKAIDO, FUKUSHIMA = "130001", "220001", "010006", "070009"
CHIYODA, OTARU, HAMAMATSU, SAPPORO = "131016", "012033", "221309", "011002"
COLUMNS = "affair,basis,row,recipient,law,title,government\n"
NAME_AND_BIRTH = frozenset({Key.NAME, Key.BIRTH_DATE})
NUMBER = frozenset({Key.INDIVIDUAL_NUMBER})


def ask(node: str, kind: Kind, affair: str, provider: str = CENTRE, **more) -> Request:
    """A system of a node asks a provider, by name and birth date unless more is said."""
    kinds = {CENTRE: Kind.CENTRE, CHIYODA: Kind.MUNICIPALITY, OTARU: Kind.MUNICIPALITY}
    prefecture = {CHIYODA: TOKYO, OTARU: HOKKAIDO, HAMAMATSU: SHIZUOKA}.get(node)
    request = Request(
        recipient_kind=kind,
        recipient=node,
        prefecture=prefecture,
        office="kakari",
        holds=True,
        operator="system-1",
        terminal="system-1",
        affair=affair,
        reason="令和8年度 123号",
        keys=NAME_AND_BIRTH,
        provider_kind=kinds.get(provider, Kind.PREFECTURE),
        provider=provider,
        method=Method.ONLINE,
    )
    return replace(request, **more)


PENSIONS = ask("agency-nenkin", Kind.AGENCY, "state-118")
#: A ward asks for municipal taxes, through its governor.
TAXES = ask(CHIYODA, Kind.MUNICIPALITY, "city-011", through=TOKYO)
#: The tax office of Tokyo has a gateway of its own.
AT_THE_CENTRE = ask("agency-tokyo-zei", Kind.AGENCY, "prefecture-010")
AT_HOME = ask("agency-tokyo-zei", Kind.AGENCY, "prefecture-010", TOKYO)
ORDINANCE = ask(OTARU, Kind.MUNICIPALITY, "hokkaido-1-01", HOKKAIDO)


def resolved(request: Request, prefecture: str | None, at: datetime = NOON) -> Basis | Refusal:
    """What carries for a person whom that prefecture notified."""
    decision = decide(request, BOOK, at)
    return decision.basis_for(prefecture) if isinstance(decision, Grant) else decision


# Per person: table, provider, route


@pytest.mark.parametrize(
    ("request_", "prefecture", "article"),
    [
        pytest.param(
            PENSIONS, SHIZUOKA, "法30条の9・別表第1の77の項", id="the nation's own, wherever one lives"
        ),
        pytest.param(
            TAXES, TOKYO, "法30条の10第1項第1号・別表第2の2の2の項", id="a ward, its own prefecture: table 2"
        ),
        pytest.param(
            TAXES, SHIZUOKA, "法30条の12第1項第1号・別表第4の1の14の項", id="a ward, elsewhere: table 4"
        ),
        pytest.param(
            AT_HOME, TOKYO, "法30条の15第1項第1号・別表第5の4の3の項", id="a governor, his own: table 5"
        ),
        pytest.param(
            AT_THE_CENTRE,
            SHIZUOKA,
            "法30条の11第1項第1号・別表第3の4の3の項",
            id="a governor, elsewhere: table 3",
        ),
        pytest.param(
            ask(TOKYO, Kind.PREFECTURE, "prefecture-010", TOKYO),
            TOKYO,
            "法30条の15第1項第1号・別表第5の4の3の項",
            id="a governor's own terminal",
        ),
        pytest.param(
            ask("agency-hokkaido-kyoiku", Kind.AGENCY, "prefecture-072", HOKKAIDO),
            HOKKAIDO,
            "法30条の15第2項第1号・別表第6",
            id="another body of the prefecture: table 6",
        ),
        pytest.param(
            ORDINANCE,
            HOKKAIDO,
            "法30条の13第1項・北海道住民基本台帳法施行条例2条・別表第1",
            id="an ordinance, for towns",
        ),
        pytest.param(
            ask("agency-hokkaido-zei", Kind.AGENCY, "hokkaido-2-02", HOKKAIDO),
            HOKKAIDO,
            "法30条の15第1項第2号・北海道住民基本台帳法施行条例4条・別表第2",
            id="an ordinance, for the governor",
        ),
        pytest.param(
            ask("agency-hokkaido-kyoiku", Kind.AGENCY, "quasi-07", HOKKAIDO),
            HOKKAIDO,
            "法30条の15の2第3項・省令49号3条の表の1の項",
            id="a quasi-statutory affair of a board of education",
        ),
        pytest.param(
            ask("agency-hokkaido-kyoiku", Kind.AGENCY, "quasi-07"),
            TOKYO,
            "法30条の15の2第1項・省令49号1条の表の7の項",
            id="the same about somebody elsewhere",
        ),
        pytest.param(
            ask(TOKYO, Kind.PREFECTURE, "governors-cooperation", method=Method.TERMINAL),
            SHIZUOKA,
            "法30条の11第1項第3号",
            id="a governor who helps a town",
        ),
        pytest.param(
            ask("agency-digital", Kind.AGENCY, "digital-agency-code", keys=NUMBER),
            TOKYO,
            "法30条の9の2第1項",
            id="the Digital Agency",
        ),
        pytest.param(
            ask(CHIYODA, Kind.MUNICIPALITY, "cards-abroad"),
            SHIZUOKA,
            "法30条の12第1項第3号",
            id="cards: directly",
        ),
    ],
)
def test_per_person_the_book_resolves_table_and_provider(request_: Request, prefecture: str, article: str):
    """The operator picks an affair; whose notice brought the person decides under which row."""
    basis = resolved(request_, prefecture)

    assert isinstance(basis, Basis), basis
    assert basis.article.startswith(article)


@pytest.mark.parametrize(
    ("request_", "prefecture", "refusal"),
    [
        pytest.param(
            replace(TAXES, through=None),
            SHIZUOKA,
            refusals.THROUGH_THE_GOVERNOR,
            id="table 4 past the governor",
        ),
        pytest.param(
            replace(TAXES, through=SHIZUOKA),
            SHIZUOKA,
            refusals.THROUGH_THE_GOVERNOR,
            id="through another governor",
        ),
        pytest.param(
            AT_THE_CENTRE, TOKYO, refusals.PROVIDER_NOT_COMPETENT, id="table 5 is not the Centre's to answer"
        ),
        pytest.param(AT_HOME, SHIZUOKA, refusals.PROVIDER_NOT_COMPETENT, id="table 3 is not the governor's"),
        pytest.param(
            ORDINANCE, TOKYO, refusals.OUTSIDE_THE_AREA, id="an ordinance reaches its own prefecture"
        ),
        pytest.param(PENSIONS, None, refusals.OUTSIDE_THE_AREA, id="somebody whom no prefecture notified"),
    ],
)
def test_a_person_may_be_outside(request_: Request, prefecture: str | None, refusal: Refusal):
    """The question is granted for others; why not for this person is said."""
    assert isinstance(decide(request_, BOOK, NOON), Grant)
    assert resolved(request_, prefecture) is refusal


# Refusals


@pytest.mark.parametrize(
    ("request_", "refusal"),
    [
        pytest.param(
            replace(PENSIONS, affair="state-054"),
            refusals.RECIPIENT_NOT_LISTED,
            id="another ministry's affair",
        ),
        pytest.param(
            replace(PENSIONS, recipient="agency-x"),
            refusals.RECIPIENT_NOT_LISTED,
            id="an agency nobody entered",
        ),
        pytest.param(
            replace(PENSIONS, affair="city-011"), refusals.RECIPIENT_NOT_LISTED, id="a mayor's affair"
        ),
        pytest.param(
            replace(TAXES, affair="state-118"), refusals.RECIPIENT_NOT_LISTED, id="a ward, the pension's"
        ),
        pytest.param(
            replace(TAXES, affair="city-016"), refusals.RECIPIENT_NOT_LISTED, id="a ward, Hiroshima's affair"
        ),
        pytest.param(
            replace(ORDINANCE, recipient=CHIYODA, prefecture=TOKYO, provider=TOKYO),
            refusals.RECIPIENT_NOT_LISTED,
            id="another prefecture's ordinance",
        ),
        pytest.param(
            ask("agency-hokkaido-zei", Kind.AGENCY, "hokkaido-3-01", HOKKAIDO),
            refusals.RECIPIENT_NOT_LISTED,
            id="the governor, the auditors' affair",
        ),
        pytest.param(
            ask(
                "agency-chiyoda-fukushi", Kind.AGENCY, "register-work", through=TOKYO, method=Method.TERMINAL
            ),
            refusals.RECIPIENT_NOT_LISTED,
            id="a welfare office does no work on the register",
        ),
        pytest.param(
            replace(ORDINANCE, affair="hokkaido-2-31"), refusals.NOT_YET_ENTERED, id="not yet entered"
        ),
        pytest.param(
            replace(ORDINANCE, affair="hokkaido-2-32"), refusals.UNKNOWN_AFFAIR, id="no row of the ordinance"
        ),
        pytest.param(
            replace(AT_THE_CENTRE, affair="prefecture-067"), refusals.NOT_IN_FORCE, id="an affair that ended"
        ),
        pytest.param(
            replace(PENSIONS, provider=TOKYO, provider_kind=Kind.PREFECTURE),
            refusals.PROVIDER_NOT_COMPETENT,
            id="a governor does not provide to the nation",
        ),
        pytest.param(
            replace(TAXES, provider=TOKYO, provider_kind=Kind.PREFECTURE),
            refusals.PROVIDER_NOT_COMPETENT,
            id="nor to towns, but by ordinance",
        ),
        pytest.param(
            replace(AT_HOME, provider=SHIZUOKA),
            refusals.PROVIDER_NOT_COMPETENT,
            id="another governor's own records",
        ),
        pytest.param(
            replace(ORDINANCE, provider=CENTRE, provider_kind=Kind.CENTRE),
            refusals.PROVIDER_NOT_COMPETENT,
            id="the Centre knows no ordinances",
        ),
        pytest.param(
            replace(PENSIONS, holds=False), refusals.AFFAIR_NOT_HELD, id="another division of the service"
        ),
        pytest.param(
            ask("agency-digital", Kind.AGENCY, "digital-agency-code", keys=NUMBER, method=Method.TERMINAL),
            refusals.METHOD_NOT_OPEN,
            id="codes are not read at terminals",
        ),
        pytest.param(
            ask("agency-tokyo-ryoken", Kind.AGENCY, "prefecture-013", TOKYO, keys=NUMBER),
            refusals.KEY_NOT_OPEN,
            id="passports by the number",
        ),
        pytest.param(replace(ORDINANCE, keys=NUMBER), refusals.KEY_NOT_OPEN, id="an ordinance by the number"),
        pytest.param(
            replace(ORDINANCE, keys=frozenset({Key.RESIDENT_CODE})),
            refusals.KEY_NOT_OPEN,
            id="an ordinance by the code",
        ),
        pytest.param(
            replace(PENSIONS, keys=frozenset({Key.BIRTH_DATE, Key.SEX})),
            refusals.KEYS_TOO_WIDE,
            id="who was born then?",
        ),
        pytest.param(
            ask(TOKYO, Kind.PREFECTURE, "prefecture-statistics", TOKYO, method=Method.BULK),
            refusals.KEY_NOT_OPEN,
            id="nobody is looked up for statistics",
        ),
        pytest.param(
            replace(PENSIONS, verify=frozenset({"name", "resident_code"})),
            refusals.ITEM_NOT_OPEN,
            id="is this the code? A yes would tell it",
        ),
        pytest.param(
            ask(
                "agency-tokyo-ryoken",
                Kind.AGENCY,
                "prefecture-013",
                TOKYO,
                verify=frozenset({"individual_number"}),
            ),
            refusals.ITEM_NOT_OPEN,
            id="nor the number at the passport counter",
        ),
        pytest.param(
            ask("agency-jasso", Kind.AGENCY, "state-070", history=True),
            refusals.HISTORY_NOT_OPEN,
            id="where a student lived before",
        ),
        pytest.param(
            replace(PENSIONS, persons=101, quota=100), refusals.QUOTA_USED_UP, id="more than is left"
        ),
    ],
)
def test_what_the_law_does_not_carry_is_refused(request_: Request, refusal: Refusal):
    """Each names its rule and its article."""
    assert decide(request_, BOOK, NOON) is refusal


@pytest.mark.parametrize(
    ("node", "listed", "agreed"),
    [
        pytest.param("agency-tokyo-zei", None, True, id="the directory names none"),
        pytest.param("agency-tokyo-zei", TOKYO, True, id="both say the same"),
        pytest.param("agency-tokyo-zei", SHIZUOKA, False, id="the directory names another"),
        pytest.param(TOKYO, SHIZUOKA, False, id="a governor of somewhere else"),
    ],
)
def test_directory_and_book_must_agree_whose_body_asks(node: str, listed: str | None, agreed: bool):  # noqa: FBT001
    """Otherwise a question could come through one governor and be granted for another's persons."""
    kind = Kind.AGENCY if node.startswith("agency") else Kind.PREFECTURE
    asked = ask(node, kind, "prefecture-010", prefecture=listed)

    decision = decide(asked, BOOK, NOON)

    assert isinstance(decision, Grant) if agreed else decision is refusals.BODY_NOT_AGREED


@pytest.mark.parametrize("quota", [None, 100, 101])
def test_a_quota_is_used_to_its_last_person(quota: int | None):
    """What is left is enough for as many, and no count is no limit."""
    assert isinstance(decide(replace(PENSIONS, persons=100, quota=quota), BOOK, NOON), Grant)


@pytest.mark.parametrize(
    ("affair", "old", "new"),
    [
        pytest.param("state-205", refusals.NOT_IN_FORCE, Grant, id="an affair of the new text"),
        pytest.param("prefecture-067", Grant, refusals.NOT_IN_FORCE, id="an affair of the old"),
    ],
)
def test_a_text_changes_at_midnight(affair: str, old, new):
    """The last moment under the old text, the first under the new (2026-06-14)."""
    request = replace(AT_THE_CENTRE, affair=affair)
    if affair.startswith("state"):
        request = ask("agency-nyukan", Kind.AGENCY, affair)
    added = {"bodies.toml": '[agency-nyukan]\nkind = "agency"\nnames = ["出入国在留管理庁"]\n'}
    book = Book.read(packaged(), added)
    midnight = datetime(2026, 6, 14, tzinfo=JST)
    moments = (midnight.replace(day=13, hour=23, minute=59, second=59), midnight)

    for at, expected in zip(moments, (old, new), strict=True):
        decision = decide(request, book, at)
        assert decision is expected or (expected is Grant and isinstance(decision, Grant)), decision


def test_provision_by_another_prefectures_ordinance_names_whose():
    """法30条の13第2項: a prefecture may let others ask; they are told of its own persons, and of nobody else."""
    row = f"{COLUMNS}x-1,30-13-2,条例9条,都道府県知事,静岡県条例,道路の管理,{SHIZUOKA}\n"
    book = Book.read(packaged(), {"affairs/ordinance-220001/2026-01-01.csv": row})
    request = ask(TOKYO, Kind.PREFECTURE, "x-1", SHIZUOKA)

    decision = decide(request, book, NOON)
    assert isinstance(decision, Grant)
    assert isinstance(decision.basis_for(SHIZUOKA), Basis)
    assert decision.basis_for(TOKYO) is refusals.OUTSIDE_THE_AREA
    for other in (TOKYO, HOKKAIDO):
        assert decide(replace(request, provider=other), book, NOON) is refusals.PROVIDER_NOT_COMPETENT
    (road,) = _roads(replace(request, provider="centre"), book)
    assert (road.provider, road.through) == (SHIZUOKA, None)
    own = ask(SHIZUOKA, Kind.PREFECTURE, "x-1", SHIZUOKA)
    assert decide(own, book, NOON) is refusals.PROVIDER_NOT_COMPETENT


def test_provision_by_another_municipalitys_ordinance():
    """法30条の14: a mayor provides from the own register."""
    row = f"{COLUMNS}x-1,30-14,条例1条,市町村長,小樽市条例,墓地の管理,{OTARU}\n"
    book = Book.read(packaged(), {"affairs/ordinance-012033/2026-01-01.csv": row})
    request = ask(CHIYODA, Kind.MUNICIPALITY, "x-1", OTARU)

    decision = decide(request, book, NOON)
    assert isinstance(decision, Grant)
    assert isinstance(decision.basis_for(HOKKAIDO), Basis)
    for other in (CHIYODA, SAPPORO):
        assert decide(replace(request, provider=other), book, NOON) is refusals.PROVIDER_NOT_COMPETENT


@pytest.mark.parametrize(
    ("asker", "listed"),
    [
        pytest.param(CHIYODA, True, id="whose it is"),
        pytest.param("agency-chiyoda-fukushi", True, id="a body of whose it is"),
        pytest.param("131024", False, id="its neighbour"),
    ],
)
def test_a_number_ordinance_is_for_the_bodies_of_the_town_whose_it_is(asker: str, listed: bool):  # noqa: FBT001 - the case
    """法30条の10第1項第2号: 番号利用条例 of 千代田区 lets its own bodies be told."""
    row = f"{COLUMNS}x-1,30-10-1-2,条例1条,市町村長,千代田区条例,子どもの医療費,{CHIYODA}\n"
    book = Book.read(packaged(), {"affairs/ordinance-131016/2026-01-01.csv": row})
    kind = Kind.AGENCY if asker.startswith("agency") else Kind.MUNICIPALITY
    request = replace(ask(asker, kind, "x-1"), prefecture=TOKYO)

    decision = decide(request, book, NOON)

    assert isinstance(decision, Grant) is listed, decision
    assert listed or decision is refusals.RECIPIENT_NOT_LISTED


# Roads


def _roads(request: Request, book: Book = BOOK) -> tuple[Road, ...]:
    found = roads(request, book, NOON)
    assert isinstance(found, tuple), found
    return found


@pytest.mark.parametrize(
    ("request_", "ways"),
    [
        pytest.param(PENSIONS, [(CENTRE, None)], id="the nation asks the Centre"),
        pytest.param(
            replace(TAXES, through=None),
            [(CENTRE, None), (CENTRE, TOKYO)],
            id="a ward asks about its prefecture directly, then through its governor",
        ),
        pytest.param(
            AT_THE_CENTRE, [(TOKYO, None), (CENTRE, None)], id="a governor's office: at home, then elsewhere"
        ),
        pytest.param(
            ask("agency-tokyo-ryoken", Kind.AGENCY, "prefecture-013"),
            [(TOKYO, None)],
            id="passports: at home only",
        ),
        pytest.param(replace(ORDINANCE, provider=""), [(HOKKAIDO, None)], id="an ordinance: the governor"),
        pytest.param(
            ask("agency-chiyoda-fukushi", Kind.AGENCY, "city-027"),
            [(CENTRE, None), (CENTRE, TOKYO)],
            id="a city's welfare office asks as the city does",
        ),
        pytest.param(
            ask(CHIYODA, Kind.MUNICIPALITY, "register-work", method=Method.TERMINAL),
            [(CHIYODA, None), (CENTRE, None), (CENTRE, TOKYO)],
            id="the register: the own, then the network",
        ),
        pytest.param(
            ask(CHIYODA, Kind.MUNICIPALITY, "quasi-01"),
            [(CENTRE, None)],
            id="rows of the same affair that name others lead nowhere",
        ),
    ],
)
def test_the_book_says_whom_to_ask(request_: Request, ways: list[tuple[str, str | None]]):
    """Provider and way follow from the affair and who asks; each comes with its grant."""
    found = _roads(request_)

    assert [(road.provider, road.through) for road in found] == ways
    for road in found:
        assert road.grant.request.provider_kind is road.provider_kind
        asked = replace(
            request_, provider=road.provider, provider_kind=road.provider_kind, through=road.through
        )
        decision = decide(asked, BOOK, NOON)
        assert isinstance(decision, Grant)
        assert decision.bases == road.grant.bases


@pytest.mark.parametrize(
    ("request_", "ways"),
    [
        pytest.param(PENSIONS, [(CENTRE, None)], id="one road"),
        pytest.param(TAXES, [(CENTRE, TOKYO)], id="the governor's road leads to the own prefecture too"),
        pytest.param(AT_THE_CENTRE, [(TOKYO, None), (CENTRE, None)], id="two books, two roads"),
        pytest.param(
            ask(CHIYODA, Kind.MUNICIPALITY, "register-work", method=Method.TERMINAL),
            [(CHIYODA, None), (CENTRE, TOKYO)],
            id="the own register is in no other book",
        ),
    ],
)
def test_to_find_everybody_one_goes_the_roads_that_no_other_covers(request_: Request, ways: list):
    """A question by name asks nobody twice under the same basis."""
    found = _roads(request_)

    assert [(road.provider, road.through) for road in uncovered(found)] == ways
    assert set().union(*(road.bases for road in uncovered(found))) == set().union(
        *(road.bases for road in found)
    )


def test_the_direct_road_is_for_the_own_prefecture_only():
    """Who asks there about somebody else is sent to the governor, and that road is the next."""
    direct, governor = _roads(TAXES)

    assert (direct.bases, governor.bases) == ({"30-10-1-1"}, {"30-10-1-1", "30-12-1-1"})
    assert (governor.covers(direct), direct.covers(governor), direct.covers(direct)) == (True, False, False)
    assert isinstance(direct.grant.basis_for(TOKYO), Basis)
    assert direct.grant.basis_for(SHIZUOKA) is refusals.THROUGH_THE_GOVERNOR
    assert isinstance(governor.grant.basis_for(SHIZUOKA), Basis)


@pytest.mark.parametrize(
    ("change", "refusal"),
    [
        pytest.param({"affair": "nothing"}, refusals.UNKNOWN_AFFAIR, id="no affair"),
        pytest.param({"holds": False}, refusals.AFFAIR_NOT_HELD, id="not held"),
        pytest.param({"recipient": "agency-x"}, refusals.RECIPIENT_NOT_LISTED, id="not listed"),
        pytest.param({"keys": frozenset({Key.NAME})}, refusals.KEYS_TOO_WIDE, id="a name alone"),
    ],
)
def test_where_there_is_no_road_the_reason_is_told(change: dict, refusal: Refusal):
    """Before anything is asked, the office learns why it may not."""
    assert roads(replace(AT_HOME, **change), BOOK, NOON) is refusal


# Whatever is asked

AFFAIRS = sorted(BOOK.known)
NODES = {
    "agency-nenkin": (Kind.AGENCY, None),
    "agency-gaimu": (Kind.AGENCY, None),
    "agency-digital": (Kind.AGENCY, None),
    "agency-tokyo-zei": (Kind.AGENCY, None),
    "agency-hokkaido-kyoiku": (Kind.AGENCY, None),
    "agency-chiyoda-fukushi": (Kind.AGENCY, None),
    "agency-x": (Kind.AGENCY, None),
    TOKYO: (Kind.PREFECTURE, TOKYO),
    HOKKAIDO: (Kind.PREFECTURE, None),
    CHIYODA: (Kind.MUNICIPALITY, TOKYO),
    OTARU: (Kind.MUNICIPALITY, HOKKAIDO),
}
PROVIDERS = {
    CENTRE: Kind.CENTRE,
    TOKYO: Kind.PREFECTURE,
    HOKKAIDO: Kind.PREFECTURE,
    CHIYODA: Kind.MUNICIPALITY,
    OTARU: Kind.MUNICIPALITY,
}


@st.composite
def requests(draw) -> Request:
    """Anybody asks anybody for anything."""
    node = draw(st.sampled_from(sorted(NODES)))
    kind, prefecture = NODES[node]
    provider = draw(st.sampled_from(sorted(PROVIDERS)))
    base = ask(node, kind, draw(st.sampled_from(AFFAIRS)), provider)
    return replace(
        base,
        prefecture=prefecture,
        provider_kind=PROVIDERS[provider],
        holds=draw(st.sampled_from([True, True, True, False])),
        keys=draw(st.sampled_from([NAME_AND_BIRTH, NUMBER]) | st.frozensets(st.sampled_from(Key))),
        method=draw(st.sampled_from(Method)),
        through=draw(st.sampled_from([None, TOKYO, HOKKAIDO])),
        persons=draw(st.integers(1, 3)),
        quota=draw(st.sampled_from([None, 2])),
    )


days = st.dates(date(2011, 1, 1), date(2030, 1, 1))
prefectures = st.sampled_from([TOKYO, HOKKAIDO, SHIZUOKA, None])


@given(requests(), days, prefectures)
def test_nothing_is_told_that_the_book_does_not_grant(request_: Request, day: date, prefecture: str | None):
    """A grant rests on a row in force that names who asks; a refusal names rule and article."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=JST)
    decision = decide(request_, BOOK, at)
    found = decision.basis_for(prefecture) if isinstance(decision, Grant) else decision
    if isinstance(found, Refusal):
        assert found.rule
        assert re.match(r"[法令]\d+条", found.article or "")
        assert found.message_ja.endswith("。")
        assert found.message_en.endswith(".")
        return
    body = BOOK.body(request_.recipient, request_.recipient_kind, request_.prefecture)
    home = body.prefecture
    assert found in BOOK.at(day).affairs[request_.affair].bases
    assert found.is_in_force(day)
    assert request_.holds
    assert request_.quota is None or request_.persons <= request_.quota
    assert request_.method in found.methods
    assert any(keys <= request_.keys for keys in found.keys)
    assert found.provider is request_.provider_kind
    assert (body.kind, bool(found.names & body.names)) == (found.recipient, bool(found.names))
    assert found.government in {None, home, body.government}
    assert found.area.value != "same-prefecture" or prefecture == home
    assert found.area.value != "other-prefecture" or prefecture != home
    assert found.route.value != "governor" or request_.through == home
    if "resident_code" in found.items:
        assert found.id in {"own-register", "30-9-2", "30-10-1-4", "30-11-1-3", "30-12-1-4"}
    if Key.INDIVIDUAL_NUMBER in request_.keys and found.id != "30-9-2":
        assert "individual_number" in found.items


@given(requests(), days)
def test_a_road_leads_to_a_grant(request_: Request, day: date):
    """Whom the book says to ask, is asked lawfully; where it names nobody, nobody grants."""
    at = datetime(day.year, day.month, day.day, 12, tzinfo=JST)
    found = roads(request_, BOOK, at)
    decision = decide(request_, BOOK, at)
    if isinstance(found, Refusal):
        assert isinstance(decision, Refusal)
        return
    assert len({(road.provider, road.through) for road in found}) == len(found)
    if isinstance(decision, Grant):
        of_it = [road for road in found if road.provider == request_.provider]
        assert {basis.id for basis in decision.bases} <= set().union(*(road.bases for road in of_it))
    for road in found:
        assert road in uncovered(found) or any(other.bases >= road.bases for other in uncovered(found))
