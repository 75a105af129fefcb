# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What an applicant wrote is held against one person, and yes or no is told for each item."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.notices import CHIYODA, CHUO, code_of, number_of
from openjuki.errors import BadQuestion
from openjuki.residents.look_up import VERIFIABLE, Claim, Hit, Result, arranged, candidates, compare, verdict

TODAY = date(2026, 11, 21)
WRITTEN = {
    "name": "渡辺 葵",
    "furigana": "わたなべ あおい",
    "birth_date": "平成2年1月1日",
    "sex": "female",
    "address": "霞が関1-12-3",
    "individual_number": str(number_of(1)),
}


def hit(**items) -> Hit:
    """Somebody as a book has them."""
    known = {
        "question": 0,
        "is_current": True,
        "holder": "0000000019",
        "state": "resident",
        "reason": "A06",
        "date_of_change": date(2026, 4, 1),
        "resident_code": code_of(1),
        "individual_number": number_of(1),
        "name": "渡邉　葵",
        "furigana": "ワタナベ　アオイ",
        "former_surname": None,
        "former_surname_furigana": None,
        "alias": None,
        "birth_date": "1990-01-01",
        "sex": "female",
        "municipality": CHIYODA,
        "address": "霞が関一丁目12番3号　コーポ桜101",
    }
    return Hit(**known | items)


def claim(*verify: str, **items) -> Claim:
    """A claim with these items to be verified; those that are None were not written."""
    return Claim.from_dict({**WRITTEN, **items, "verify": list(verify)})


def searched(one: Claim) -> list[set[str]]:
    """What each search has."""
    return [search.to_dict().keys() - {"matching"} for search in one.searches]


@pytest.mark.parametrize(
    ("one", "expected"),
    [
        pytest.param(
            claim("birth_date", "address", individual_number=None, furigana=None, sex=None),
            [{"name", "birth_date"}, {"name", "address"}],
            id="a birth date and an address that may be wrong",
        ),
        pytest.param(
            claim(*VERIFIABLE),
            [
                {"individual_number"},
                {"name", "birth_date"},
                {"name", "address"},
                {"furigana", "birth_date"},
                {"furigana", "address"},
            ],
            id="everything may be wrong",
        ),
        pytest.param(
            claim("address", individual_number=None, furigana=None),
            [{"name", "birth_date", "sex"}],
            id="only the address may be wrong: the rest must agree",
        ),
        pytest.param(
            claim("name", "birth_date", resident_code=str(code_of(1)), furigana=None, individual_number=None),
            [{"resident_code", "sex", "address"}],
            id="a code leads",
        ),
        pytest.param(
            claim("sex", birth_date=None, address=None, individual_number=None),
            [{"name", "furigana", "sex"}],
            id="too little: one question, as it was written, for the law to refuse",
        ),
        pytest.param(
            claim(
                "address", "birth_date", municipality=CHIYODA, furigana=None, sex=None, individual_number=None
            ),
            [{"name", "birth_date"}, {"name", "address", "municipality"}],
            id="a municipality goes with its address",
        ),
    ],
)
def test_lawful_combinations_of_what_was_written_are_tried_in_order(one, expected):
    """Items to be verified may be left out of a search, others may not."""
    assert searched(one) == expected


@pytest.mark.parametrize(
    "items",
    [
        pytest.param({"verify": ["name"]}, id="an item that was not written"),
        pytest.param({**WRITTEN, "verify": []}, id="nothing"),
        pytest.param({**WRITTEN}, id="nothing said"),
        pytest.param({**WRITTEN, "verify": "name"}, id="not a list"),
        pytest.param({**WRITTEN, "verify": [["name"]]}, id="not a list of items"),
        pytest.param(
            {**WRITTEN, "resident_code": str(code_of(1)), "verify": ["resident_code"]}, id="the code"
        ),
        pytest.param({**WRITTEN, "verify": ["state"]}, id="what nobody writes"),
    ],
)
def test_what_cannot_be_verified_is_malformed(items):
    """Only what was written and is an item of an application is verified."""
    with pytest.raises(BadQuestion) as caught:
        Claim.from_dict(items)

    assert caught.value.where.column == "verify"


@given(st.lists(st.sampled_from(VERIFIABLE), min_size=1, unique=True))
def test_the_json_form_of_a_claim_comes_back(verify):
    """What is written is read again."""
    one = claim(*verify)

    assert Claim.from_dict(one.to_dict()) == one


@pytest.mark.parametrize(
    ("recorded", "wrong"),
    [
        pytest.param({}, set(), id="all is as recorded"),
        pytest.param({"name": "渡部　葵"}, {"name"}, id="another name"),
        pytest.param({"furigana": "ワタベ　アオイ"}, {"furigana"}, id="another reading"),
        pytest.param({"birth_date": "1990-01-02"}, {"birth_date"}, id="another birth date"),
        pytest.param({"sex": "male"}, {"sex"}, id="another sex"),
        pytest.param({"address": "永田町一丁目1番"}, {"address"}, id="another address"),
        pytest.param({"individual_number": number_of(2)}, {"individual_number"}, id="another number"),
        pytest.param({"sex": "male", "birth_date": "1990-01-02"}, {"sex", "birth_date"}, id="two"),
    ],
)
def test_yes_or_no_is_told_for_each_item(recorded, wrong):
    """What differs is no, what agrees is yes."""
    items = compare(claim(*VERIFIABLE).written, hit(**recorded), VERIFIABLE)

    assert items == {item: item not in wrong for item in VERIFIABLE}
    assert verdict([hit(**recorded)], items, most=9, on=TODAY) is (
        Result.MISMATCH if wrong else Result.MATCHED
    )


def test_nothing_is_said_of_what_is_not_recorded():
    """Nobody is told that something differs from nothing; nor is what was not written."""
    written = claim("name", birth_date=None).written

    assert compare(written, hit(furigana=None, sex="unknown", individual_number=None), VERIFIABLE) == {
        "name": True,
        "address": True,
    }
    assert compare(written, hit(), ["resident_code", "state"]) == {}


def test_an_address_is_verified_with_its_municipality():
    """The same street of another town is another address."""
    assert compare(claim("address", municipality=CHUO).written, hit(), ["address"]) == {"address": False}


def test_a_name_is_any_under_which_somebody_is_known():
    """Former surname and alias stand on applications too (令30条の13・30条の16)."""
    known = hit(former_surname="佐藤", former_surname_furigana="サトウ", alias="青木　葵")

    for name in ("渡邊葵", "佐藤 葵", "青木葵"):
        assert compare(claim("name", name=name).written, known, ["name"]) == {"name": True}
    assert compare(claim("furigana", furigana="サトーアオイ").written, known, ["furigana"]) == {
        "furigana": True
    }
    assert compare(claim("name", name="葵").written, known, ["name"]) == {"name": False}


MOVED = hit(address="永田町一丁目1番", holder="1")
OTHER = hit(address="永田町一丁目1番", sex="male", individual_number=number_of(3), holder="2")
RETYPED = hit(birth_date="1990-10-01", holder="3")


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        pytest.param([[]], (), id="nobody"),
        pytest.param([[], []], (), id="nobody, twice"),
        pytest.param(
            [[OTHER]], (OTHER,), id="the first combination may lead to somebody of whom much differs"
        ),
        pytest.param([[], [RETYPED]], (RETYPED,), id="a further one to whom one item differs"),
        pytest.param([[], [OTHER]], (), id="and not to a namesake"),
        pytest.param([[], [OTHER], [RETYPED]], (RETYPED,), id="but it does not end there"),
        pytest.param([[OTHER, MOVED]], (MOVED,), id="of several the one of whom least differs"),
        pytest.param([[MOVED, MOVED]], (MOVED, MOVED), id="of whom as much differs, nobody can say"),
    ],
)
def test_a_claim_is_held_against_one_person(found, expected):
    """One wrong item is told as such, two leave it open whether it is the person at all."""
    assert claim(*VERIFIABLE).held_against(found) == expected


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        pytest.param([], Result.NONE, id="nobody"),
        pytest.param([hit(), hit()], Result.SEVERAL, id="several"),
        pytest.param([hit(state="moved_out_not_entered")], Result.MISMATCH, id="somebody between two towns"),
        pytest.param([hit(state="died")], Result.DIED, id="somebody dead"),
        pytest.param([hit(is_current=False)], Result.SUPERSEDED, id="under a replaced number"),
    ],
)
def test_a_difference_is_told_of_the_living_only(hits, expected):
    """That somebody died, left or cannot be told apart comes before any difference."""
    assert verdict(hits, {"name": False}, most=9, on=TODAY) is expected


def test_candidates_show_what_tells_them_apart():
    """Neither codes nor numbers, nor what is not granted, numbered in an order that comes again."""
    young, old = hit(birth_date="2000-01-01"), hit(birth_date="1930-01-01", sex="male")

    told = candidates(
        [(one, ("resident_code", "name", "birth_date", "state")) for one in arranged([young, old])], TODAY
    )

    assert told == (
        {"candidate": 1, "name": old.name, "birth_date": old.shown(["birth_date"], TODAY)["birth_date"]},
        {"candidate": 2, "name": young.name, "birth_date": young.shown(["birth_date"], TODAY)["birth_date"]},
    )
    assert arranged([old, young]) == arranged([young, old])


@pytest.mark.parametrize(
    ("recorded", "written", "told"),
    [
        pytest.param("1990-01-01", "平成2年1月1日", True, id="a day, in another form"),
        pytest.param("平成31年5月1日", "令和元年5月1日", True, id="a day counted in the era before"),
        pytest.param("1989-01-07", "昭和64年1月7日", True, id="the last day of an era"),
        pytest.param("昭和41年5月頃", "昭和41年5月頃", True, id="a month, as it is recorded"),
        pytest.param("昭和41年5月頃", "昭和41年5月日不詳", True, id="a month, in another form"),
        pytest.param("昭和41年5月頃", "1966-05-01", None, id="a day, of which the register says the month"),
        pytest.param("昭和41年", "昭和41年1月頃", None, id="a month, of which it says the year"),
        pytest.param("年月日不詳", "0001-01-01", None, id="a day, of which it says nothing"),
        pytest.param("1991-02-29", "1991-02-28", None, id="a day, of which it says one that there was not"),
        pytest.param("1991-02-29", "1991-02-29", True, id="that day itself"),
        pytest.param("1991-02-29", "1991-02-30", None, id="another that there was not"),
        pytest.param(
            "昭和41年5月1日から9日までの間", "昭和41年5月1日から5日までの間", None, id="other periods"
        ),
        pytest.param("昭和41年5月頃", "1966-05-15", None, id="another day of the month that it says"),
        pytest.param("1966-05-15", "昭和41年5月頃", None, id="a month, of which it says the day"),
        pytest.param("昭和41年春", "昭和41年5月頃", None, id="a month of the season that it says"),
        pytest.param("推定昭和41年5月1日", "1966-05-02", False, id="the day after one that is about"),
        pytest.param("昭和41年5月頃", "1966-06-01", False, id="another month"),
        pytest.param("1990-01-01", "1990-01-02", False, id="another day"),
    ],
)
def test_a_birth_date_is_the_same_where_it_is_as_exact(recorded: str, written: str, told):
    """みなし生年月日 are not made: nobody is told yes to a day that the register does not have."""
    one = claim("birth_date", birth_date=written)

    said = compare(one.written, hit(birth_date=recorded), one.verify)

    assert said == ({} if told is None else {"birth_date": told})
