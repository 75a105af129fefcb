# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.notices import CHIYODA, CHUO, code_of, number_of
from openjuki.errors import BadQuestion
from openjuki.residents.look_up import Hit, LookUp, Matching, Result, result

TODAY = date(2026, 11, 21)


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


def question(**items) -> LookUp:
    return LookUp.from_dict(items)


@pytest.mark.parametrize(
    ("asked", "matching"),
    [
        pytest.param("渡邉　葵", Matching.STRICT, id="as recorded, strictly"),
        pytest.param("渡邉 葵", Matching.STRICT, id="a narrow space, strictly"),
        pytest.param("渡邉葵", Matching.FOLDED, id="without a space, folded"),
        pytest.param("渡邊葵", Matching.VARIANT, id="a variant"),
        pytest.param("渡邉\U000e0103　葵", Matching.VARIANT, id="a variation sequence"),
    ],
)
def test_a_name_is_recognised(asked, matching):
    """What is the same name under a way of matching selects the person."""
    assert question(name=asked, matching=matching).selects(hit())


@pytest.mark.parametrize(
    ("asked", "matching"),
    [
        pytest.param("渡邉葵", Matching.STRICT, id="without its space, strictly"),
        pytest.param("渡邊　葵", Matching.STRICT, id="a variant, strictly"),
        pytest.param("渡邉\U000e0103　葵", Matching.STRICT, id="a variation sequence, strictly"),
        pytest.param("渡邊　葵", Matching.FOLDED, id="a variant, folded"),
        pytest.param("渡部　葵", Matching.VARIANT, id="another name"),
    ],
)
def test_another_name_is_not_taken_for_it(asked, matching):
    """What is another name under a way of matching selects nobody."""
    assert not question(name=asked, matching=matching).selects(hit())


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        pytest.param("霞ヶ関１－１２－３コーポ桜１０１", True, id="the whole, written otherwise"),
        pytest.param("霞が関1-12-3", True, id="to the number, without the building"),
        pytest.param("霞が関一丁目", True, id="to the 丁目"),
        pytest.param("霞が関1-1", False, id="a number cut short"),
        pytest.param("霞が関", False, id="no number"),
        pytest.param("霞が関1-12-3コーポ", False, id="half a building"),
        pytest.param("永田町1-12-3", False, id="another town"),
    ],
)
def test_an_address_may_end_behind_a_number(asked, found):
    """The building may be left out; a part of a number is not a beginning."""
    assert question(name="渡邉 葵", address=asked).selects(hit()) is found


@pytest.mark.parametrize(
    ("recorded", "asked", "found"),
    [
        pytest.param("霞が関一丁目12番3号", "霞が関1-12-3 コーポ桜101", True, id="a building"),
        pytest.param("霞が関一丁目12番3号", "霞が関1-12-3-101", True, id="a room behind 丁目, 番 and 号"),
        pytest.param("本町1234番地", "本町1234-5", False, id="another number of the block"),
        pytest.param("本町1234番地5", "本町1234-56", False, id="a longer number"),
        pytest.param("本町", "本町1234", False, id="a number where none is recorded"),
        pytest.param("霞が関一丁目12番3号　コーポ桜", "霞が関1-12-3 ハイツ桜", False, id="another building"),
    ],
)
def test_an_address_may_go_on_behind_what_is_recorded(recorded, asked, found):
    """Who writes the building writes more than registers have; another number is another address."""
    assert question(name="渡邉 葵", address=asked).selects(hit(address=recorded)) is found


def test_a_strict_address_is_whole():
    """Strictly, an address is the one that is recorded."""
    whole = hit().address
    assert question(address=whole.replace("　", " "), matching="strict").selects(hit())
    assert not question(address="霞が関一丁目12番3号", matching="strict").selects(hit())


@pytest.mark.parametrize(
    ("items", "found"),
    [
        pytest.param({"sex": "female"}, True, id="the sex"),
        pytest.param({"sex": "male"}, False, id="another sex"),
        pytest.param({"birth_date": "平成2年1月1日"}, True, id="the birth date"),
        pytest.param({"birth_date": "1990-01-02"}, False, id="another birth date"),
        pytest.param({"municipality": CHIYODA}, True, id="the municipality"),
        pytest.param({"municipality": CHUO}, False, id="another municipality"),
        pytest.param({"individual_number": number_of(1)}, True, id="the number"),
        pytest.param({"individual_number": number_of(2)}, False, id="somebody else's number"),
    ],
)
def test_every_item_must_agree(items, found):
    """What is given beside a code narrows."""
    assert question(resident_code=code_of(1), **items).selects(hit()) is found


@pytest.mark.parametrize("recorded", ["昭和41年5月頃", "昭和41年5月1日頃", "昭和41年5月1日から9日までの間"])
def test_who_was_born_at_about_that_time_is_found(recorded: str):
    """The sort date finds; a register that does not know the day contradicts nobody who does."""
    asked = question(name="渡邉 葵", birth_date="1966-05-01")

    assert asked.selects(hit(birth_date=recorded))
    assert not question(name="渡邉 葵", birth_date="1966-06-01").selects(hit(birth_date=recorded))


def test_who_is_found_under_a_replaced_number_was_meant():
    """That the number recorded now is another is what has to be told; a number that is not known contradicts none."""
    assert question(individual_number=number_of(2)).selects(hit(is_current=False))
    assert question(resident_code=code_of(1), individual_number=number_of(2)).selects(
        hit(individual_number=None)
    )


def test_somebody_of_unknown_sex_is_not_passed_over():
    """A record without the sex does not contradict a question with it."""
    assert question(name="渡邉 葵", sex="male").selects(hit(sex="unknown"))


@pytest.mark.parametrize(
    ("item", "value"),
    [
        pytest.param("resident_code", "12345678901", id="a wrong check digit"),
        pytest.param("individual_number", "123", id="a short number"),
        pytest.param("name", "  ", id="a blank name"),
        pytest.param("name", "渡\x00邉", id="a control character"),
        pytest.param("name", "渡\udc88", id="half a surrogate pair"),
        pytest.param("name", "あ" * 301, id="an endless name"),
        pytest.param("name", 7, id="not text"),
        pytest.param("birth_date", "1990-13-01", id="no date"),
        pytest.param("municipality", "131017", id="no municipality"),
        pytest.param("address", "\t", id="a blank address"),
        pytest.param("sex", "f", id="no sex"),
        pytest.param("matching", "loose", id="no way of matching"),
    ],
)
def test_a_malformed_item_is_named_without_its_value(item, value):
    """The error says which item it is, and does not repeat what stood there."""
    with pytest.raises(BadQuestion) as caught:
        LookUp.from_dict({item: value})

    assert caught.value.where.column == item
    assert str(caught.value) == f"malformed: {item}"


def test_empty_items_were_not_given():
    """A form sends what was left empty."""
    assert LookUp.from_dict({"name": "", "sex": None, "unheard_of": 1}) == LookUp()
    assert LookUp().items == ()


@given(
    st.fixed_dictionaries(
        {},
        optional={
            "resident_code": st.just(str(code_of(7))),
            "individual_number": st.just(str(number_of(7))),
            "name": st.sampled_from(["渡邉　葵", "Ann Smith"]),
            "birth_date": st.sampled_from(["1990-01-01", "昭和60年月日不詳"]),
            "municipality": st.just(str(CHIYODA)),
            "address": st.just("一番町1"),
            "sex": st.sampled_from(["male", "female", "unknown"]),
            "matching": st.sampled_from([one.value for one in Matching]),
        },
    )
)
def test_the_json_form_comes_back(items):
    """What is written is read again, and only what was given is written."""
    asked = LookUp.from_dict(items)

    assert LookUp.from_dict(asked.to_dict()) == asked
    assert asked.to_dict() == {"matching": "variant"} | items
    assert set(asked.items) == items.keys() - {"municipality", "matching"}


@pytest.mark.parametrize(
    ("hits", "expected"),
    [
        pytest.param([], Result.NONE, id="nobody"),
        pytest.param([hit()], Result.MATCHED, id="a resident"),
        pytest.param([hit(), hit()], Result.SEVERAL, id="two"),
        pytest.param([hit()] * 3, Result.TOO_MANY, id="more than may be shown"),
        pytest.param([hit(state="died")], Result.DIED, id="died"),
        pytest.param([hit(state="abroad")], Result.LEFT_THE_COUNTRY, id="abroad, at the Centre"),
        pytest.param([hit(state="moved_abroad")], Result.LEFT_THE_COUNTRY, id="abroad, in a register"),
        pytest.param([hit(state="deleted")], Result.REMOVED, id="removed ex officio"),
        pytest.param([hit(state="naturalised")], Result.REMOVED, id="deleted on naturalisation"),
        pytest.param([hit(state="nationality_lost")], Result.REMOVED, id="deleted on loss of nationality"),
        pytest.param([hit(state="moved_out_not_entered")], Result.MOVED_OUT, id="between two towns"),
        pytest.param([hit(state="moved_out")], Result.MOVED_OUT, id="moved out of a register"),
        pytest.param([hit(is_current=False)], Result.SUPERSEDED, id="under a replaced code"),
        pytest.param([hit(is_current=False, state="died")], Result.SUPERSEDED, id="replaced, then died"),
        pytest.param(
            [hit(state="moved_abroad", reason="D02", date_of_change=date(2026, 12, 1))],
            Result.MATCHED,
            id="leaving on a day to come",
        ),
    ],
)
def test_an_answer_has_one_class(hits, expected):
    """Who was found, and how they stand, gives one result."""
    assert result(hits, most=2, on=TODAY) is expected


def test_only_granted_items_are_shown():
    """Items are shown in the order of the grant, and no other is."""
    told = hit(birth_date="昭和60年月日不詳").shown(
        ("resident_number", "name", "birth_date", "state", "date_of_change"), TODAY
    )

    assert told == {
        "resident_number": "0000000019",
        "name": "渡邉　葵",
        "birth_date": {"text": "昭和60年月日不詳", "precision": "year", "sort": "1985-01-01"},
        "state": "resident",
        "date_of_change": "2026-04-01",
    }
    assert list(told) == ["resident_number", "name", "birth_date", "state", "date_of_change"]
