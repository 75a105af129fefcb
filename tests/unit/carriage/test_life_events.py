# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Life events as forms (異動届)."""

from dataclasses import fields
from datetime import date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.carriage import faults
from openjuki.carriage.importing import read_register
from openjuki.carriage.life_events import ChangeRequest, read_changes
from openjuki.carriage.reasons import CHANGE, FORMS
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.codes.resident import ResidentCode
from openjuki.config import JST
from openjuki.errors import BadAddress, BadCode, BadDate, BadHeader, BadInput, BadName
from openjuki.residents.changes import Destination, MunicipalReason, Predecessor, Reason
from openjuki.residents.record import Sex

CHIYODA = LocalGovernmentCode("131016")
DEATH = {"reason": "D03", "resident_number": "0000000019", "date_of_change": "2026-04-01"}
BIRTH = {
    "reason": "出生",
    "date_of_change": "2026-04-01",
    "notified_on": "2026-04-10",
    "name": "渡邉　陽",
    "furigana": "ワタナベ　ハル",
    "birth_date": "2026-04-01",
    "sex": "男",
    "town": "千代田一丁目",
    "block": "1番1号",
    "household_number": "27",
    "relationship": "子",
}
MOVE = {
    "reason": "M01",
    "resident_code": "24727059608",
    "date_of_change": "2026-04-01",
    "town": "丸の内二丁目",
}


@pytest.fixture
def record(write, right):
    """A resident's record."""
    (row,) = next(read_register(write(right | {"building": "ハイツ101", "postal_code": "1000001"}))).rows
    return row.record


def least(reason):
    """A form of this reason with no more than it needs."""
    form = FORMS[reason]
    examples = {column.name: column.example for column in CHANGE}
    given = {group[0]: examples[group[0]] for group in form.needs}
    if form.corrects:
        given |= {"relationship": "妻"}
    return {"reason": reason.value, "resident_number": "19", "date_of_change": "2026-04-01", **given}


@pytest.mark.parametrize("reason", [*Reason, *MunicipalReason], ids=lambda reason: reason.japanese)
def test_every_reason_has_a_form(reason):
    """All twenty of 規則11条, and those of the municipality."""
    request = ChangeRequest.from_dict(least(reason))

    assert request.reason is reason
    assert request.date_of_change == date(2026, 4, 1)


def test_no_reason_is_without_form_and_no_form_without_reason():
    """The table is whole."""
    assert set(FORMS) == {*Reason, *MunicipalReason}


@pytest.mark.parametrize("form", FORMS.values(), ids=[reason.japanese for reason in FORMS])
def test_a_form_asks_only_for_columns_there_are(form):
    """No misspelt item in the table."""
    assert form.items | set(form.clears) <= {column.name for column in CHANGE}


def test_a_death():
    """The record stays as it is."""
    request = ChangeRequest.from_dict(DEATH | {"schema": "openjuki/change/1"})

    assert (request.resident_number, request.items, request.notified_on) == ("0000000019", {}, None)


def test_japanese_names_and_eras_do_as_well():
    """People at a counter write them."""
    form = {"異動事由": "死亡", "宛名番号": 19, "異動年月日": "令和8年4月1日", "届出年月日": "令和8年4月3日"}

    request = ChangeRequest.from_dict(form)

    assert (request.reason, request.resident_number) == (Reason.DIED, "19")
    assert request.notified_on == date(2026, 4, 3)


def test_a_birth_makes_a_record():
    """The code comes from the stock, the number from the municipality; the day of birth is that of becoming a resident."""
    request = ChangeRequest.from_dict(BIRTH)

    record = request.enter(
        resident_number="35", resident_code=ResidentCode("24727059608"), municipality=CHIYODA
    )

    assert (record.resident_number, record.resident_code) == ("35", "24727059608")
    assert (record.name.recorded, record.sex) == ("渡邉　陽", Sex.MALE)
    assert record.address.municipality == CHIYODA
    assert record.became_resident_on.sort == date(2026, 4, 1)
    assert record.notified_on is None


def test_moving_in_records_its_notification_and_names_the_stay_before():
    """届出の年月日 is an item of whoever moves in (法7条8号)."""
    form = BIRTH | {"reason": "国内転入", "predecessor_municipality": "141003", "predecessor_stay": "2"}

    request = ChangeRequest.from_dict(form)
    record = request.enter(
        resident_number="35", resident_code=ResidentCode("24727059608"), municipality=CHIYODA
    )

    assert request.predecessor == Predecessor(municipality=LocalGovernmentCode("141003"), stay=2)
    assert record.notified_on.sort == date(2026, 4, 10)


def test_who_changes_nationality_was_a_resident_before():
    """住民となった年月日 is what it was, and has to be given (令8条の2)."""
    request = ChangeRequest.from_dict(BIRTH | {"reason": "A04", "became_resident_on": "2010-04-01"})
    record = request.enter(
        resident_number="35", resident_code=ResidentCode("24727059608"), municipality=CHIYODA
    )

    assert record.became_resident_on.sort == date(2010, 4, 1)


def test_moving_within_replaces_the_address_whole(record):
    """No building of the old address stands at the new one; it is settled on the day of the move."""
    revised = ChangeRequest.from_dict(MOVE).revise(record)

    assert revised.address.text == "丸の内二丁目"
    assert revised.address.postal_code is None
    assert revised.address.municipality == record.address.municipality
    assert revised.address_settled_on.sort == date(2026, 4, 1)
    assert revised.became_resident_on == record.became_resident_on


def test_the_day_an_address_was_settled_may_be_told(record):
    """Where it is another than that of the change."""
    revised = ChangeRequest.from_dict(MOVE | {"address_settled_on": "令和8年3月下旬"}).revise(record)

    assert revised.address_settled_on.text == "令和8年3月下旬"


def test_a_correction_touches_only_what_it_names(record):
    """The rest of the row stands."""
    form = DEATH | {"reason": "M03", "furigana": "ワタベ　アオイ"}

    revised = ChangeRequest.from_dict(form).revise(record)

    assert revised.name.furigana == "ワタベ　アオイ"
    assert revised.name.recorded == record.name.recorded
    assert revised.address == record.address


def test_null_empties_an_item(record):
    """A correction may take away."""
    request = ChangeRequest.from_dict(DEATH | {"reason": "M03", "furigana": None})

    assert request.revise(record).name.furigana is None


def test_removing_an_alias_needs_no_more_words(record):
    """The reason says it."""
    entered = ChangeRequest.from_dict(DEATH | {"reason": "通称の記載", "alias": "木村　花"}).revise(record)
    removed = ChangeRequest.from_dict(DEATH | {"reason": "通称の削除"}).revise(entered)

    assert entered.name.alias == "木村　花"
    assert removed == record


def test_a_new_code_may_come_from_elsewhere(record):
    """From the register of another system; else the node draws it."""
    drawn = ChangeRequest.from_dict(DEATH | {"reason": "C01"})
    given = ChangeRequest.from_dict(DEATH | {"reason": "C01", "new_resident_code": "24846016224"})

    assert drawn.revise(record) == record
    assert given.revise(record).resident_code == "24846016224"


def test_moving_out_has_a_destination():
    """A municipality, an address, or both."""
    form = DEATH | {"reason": "国内転出", "destination_municipality": "141003", "destination_address": "中区"}

    assert ChangeRequest.from_dict(form).destination == Destination(
        municipality=LocalGovernmentCode("141003"), address="中区"
    )
    assert ChangeRequest.from_dict(DEATH | {"reason": "国外転出"}).destination is None


def test_a_request_becomes_a_change(record):
    """With the row as it stands afterwards, and the time at which it was recorded."""
    at = datetime(2026, 4, 3, 9, 0, tzinfo=JST)
    request = ChangeRequest.from_dict(MOVE | {"notified_on": "2026-04-03"})

    change = request.change(request.revise(record), at)

    assert (change.reason, change.recorded_at) == (Reason.MOVED_WITHIN, at)
    assert change.record.address.town == "丸の内二丁目"
    assert change.notified_on == date(2026, 4, 3)


@pytest.mark.parametrize(
    ("form", "error", "column", "fault"),
    [
        pytest.param({}, BadInput, "reason", faults.EMPTY, id="nothing"),
        pytest.param(
            DEATH | {"reason": "D99"}, BadInput, "reason", faults.NOT_A_CHOICE, id="no reason of ours"
        ),
        pytest.param(DEATH | {"date_of_change": ""}, BadInput, "date_of_change", faults.EMPTY, id="no day"),
        pytest.param(
            DEATH | {"date_of_change": "令和8年4月頃"},
            BadDate,
            "date_of_change",
            faults.NOT_A_DAY,
            id="no exact day",
        ),
        pytest.param(
            DEATH | {"resident_number": ""}, BadInput, "resident_number", faults.NOBODY_NAMED, id="nobody"
        ),
        pytest.param(
            DEATH | {"resident_code": "24727059609"},
            BadCode,
            "resident_code",
            faults.BAD_CHECK_DIGIT,
            id="a wrong code",
        ),
        pytest.param(
            DEATH | {"town": "丸の内"}, BadInput, "town", faults.NOT_FOR_REASON, id="a death that moves"
        ),
        pytest.param(MOVE | {"town": ""}, BadInput, "town", faults.NEEDED_FOR_REASON, id="a move to nowhere"),
        pytest.param(
            MOVE | {"town": "丸\u200b内"}, BadAddress, "town", faults.BAD_ADDRESS, id="an invisible town"
        ),
        pytest.param(
            MOVE | {"individual_number": "123456789018"},
            BadInput,
            "individual_number",
            faults.NOT_FOR_REASON,
            id="a move that renumbers",
        ),
        pytest.param(
            BIRTH | {"name": ""}, BadInput, "name", faults.NEEDED_FOR_REASON, id="a child without name"
        ),
        pytest.param(
            BIRTH | {"furigana": "陽"}, BadName, "furigana", faults.BAD_KANA, id="kanji as furigana"
        ),
        pytest.param(BIRTH | {"name": "陽\ue000"}, BadInput, "name", faults.PRIVATE_CHARACTER, id="gaiji"),
        pytest.param(
            BIRTH | {"predecessor_stay": "1"},
            BadInput,
            "predecessor_stay",
            faults.NOT_FOR_REASON,
            id="a birth with a past",
        ),
        pytest.param(
            BIRTH | {"reason": "A01", "predecessor_stay": "1"},
            BadInput,
            "predecessor_municipality",
            faults.NEEDED_FOR_REASON,
            id="half a predecessor",
        ),
        pytest.param(
            DEATH | {"reason": "M03"},
            BadInput,
            "reason",
            faults.NOTHING_CHANGED,
            id="a correction of nothing",
        ),
        pytest.param(
            DEATH | {"reason": "M03", "name": None},
            BadInput,
            "name",
            faults.NOT_CLEARABLE,
            id="a name taken away",
        ),
        pytest.param(
            DEATH | {"reason": "M03", "cleared": "alias", "alias": "花"},
            BadInput,
            "alias",
            faults.NOT_CLEARABLE,
            id="given and taken away",
        ),
        pytest.param(
            DEATH | {"reason": "M03", "cleared": "備考"},
            BadInput,
            "cleared",
            faults.UNKNOWN_ITEM,
            id="an unknown item emptied",
        ),
        pytest.param(DEATH | {"備考": "x"}, BadInput, "備考", faults.UNKNOWN_ITEM, id="an unknown item"),
        pytest.param(
            DEATH | {"schema": "openjuki/change/2"},
            BadInput,
            "schema",
            faults.UNKNOWN_ITEM,
            id="another schema",
        ),
        pytest.param(
            DEATH | {"notified_on": ["2026-04-01"]}, BadInput, "notified_on", faults.NOT_TEXT, id="a list"
        ),
        pytest.param(
            DEATH | {"resident_number": True}, BadInput, "resident_number", faults.NOT_TEXT, id="a truth"
        ),
        pytest.param(DEATH | {"備考": {}}, BadInput, "備考", faults.NOT_TEXT, id="an unknown object"),
        pytest.param(
            DEATH | {"reason": "C01", "new_resident_code": "1"},
            BadCode,
            "new_resident_code",
            faults.BAD_DIGITS,
            id="a wrong new code",
        ),
    ],
)
def test_a_wrong_form_is_refused_by_name(form, error, column, fault):
    """The item and what to do are told, never the value."""
    with pytest.raises(BadInput) as caught:
        ChangeRequest.from_dict(form)

    assert type(caught.value) is error
    assert caught.value.where.column == column
    assert fault.remedy_en.partition("{")[0] in str(caught.value)


def test_all_that_is_wrong_is_told_at_once():
    """Whoever mends the form mends it once."""
    with pytest.raises(BadInput) as caught:
        ChangeRequest.from_dict(BIRTH | {"sex": "f", "birth_date": "いつか", "postal_code": "1"})

    assert all(name in str(caught.value) for name in ("sex", "birth_date", "postal_code"))


def test_an_item_by_both_its_names_is_refused():
    """Which one would count?"""
    with pytest.raises(BadHeader, match="twice"):
        ChangeRequest.from_dict(DEATH | {"異動事由": "死亡"})


def test_items_that_make_no_record_are_refused_late(record):
    """Only beside the record is seen that nobody's nationality is missing."""
    request = ChangeRequest.from_dict(DEATH | {"reason": "M03", "residence_status": "永住者"})

    with pytest.raises(BadInput, match="nationality"):
        request.revise(record)


def test_a_row_of_changes_that_makes_no_record_is_rejected(write, record):
    """One bad row never stops the file."""
    (row,), _, _ = changes(write, DEATH | {"reason": "M03", "residence_status": "永住者"})

    with pytest.raises(BadInput) as caught:
        row.request.revise(record)
    finding = row.rejected(caught.value)

    assert (finding.row, finding.column, finding.fault) == (2, "nationality", faults.NO_RECORD)


@given(st.sampled_from([*Reason, *MunicipalReason]), st.sets(st.sampled_from(CHANGE[4:-1])))
def test_a_form_is_read_or_every_fault_is_named(reason, columns):
    """Right values in any columns: only a place may be wrong, and it is told."""
    form = least(reason) | {column.name: column.example for column in columns}
    surplus = {column.name for column in columns} - FORMS[reason].items - {"notified_on"}

    if surplus:
        with pytest.raises(BadInput) as caught:
            ChangeRequest.from_dict(form)
        assert all(name in str(caught.value) for name in surplus)
    elif ("predecessor_stay" in form) == ("predecessor_municipality" in form):
        assert ChangeRequest.from_dict(form).reason is reason


# Files of changes


def changes(write, *rows, **kwargs):
    header = list(dict.fromkeys(name for row in rows for name in row))
    chunks = list(read_changes(write(*rows, header=header, **kwargs)))
    return tuple(
        [one for chunk in chunks for one in getattr(chunk, part)] for part in ("rows", "rejected", "alerts")
    )


def test_a_file_of_changes_is_read_in_its_order(write):
    """One row, one change; an empty cell leaves its item as it is."""
    rows, rejected, alerts = changes(write, BIRTH, DEATH, MOVE)

    assert (rejected, alerts) == ([], [])
    assert [(row.row, row.request) for row in rows] == [
        (number, ChangeRequest.from_dict(form)) for number, form in enumerate((BIRTH, DEATH, MOVE), 2)
    ]


def test_a_column_names_the_items_to_be_emptied(write, record):
    """By either name, with blanks or commas between."""
    correction = DEATH | {"reason": "M03", "cleared": "furigana、郵便番号 building"}

    (row,), _, _ = changes(write, correction)

    assert dict(row.request.items) == {"furigana": None, "postal_code": None, "building": None}
    assert row.request.revise(record).address.building == ""


def test_a_wrong_row_of_changes_is_rejected(write):
    """With every fault, and the rest goes on."""
    rows, rejected, _ = changes(write, DEATH | {"town": "丸の内", "date_of_change": "x"}, DEATH)

    assert [row.row for row in rows] == [3]
    assert {(one.row, one.column, one.fault) for one in rejected} == {
        (2, "town", faults.NOT_FOR_REASON),
        (2, "date_of_change", faults.BAD_DATE),
    }


def test_broken_rows_and_unknown_columns_of_changes_are_told(write):
    """As in a register."""
    text = "reason,resident_number,date_of_change,備考\nD03,1,2026-04-01,x\nD03,1\n"

    chunks = list(read_changes(write(text)))

    assert [(one.row, one.fault) for one in chunks[0].rejected] == [(3, faults.WRONG_WIDTH)]
    assert [one.fault for one in chunks[0].alerts] == [faults.UNKNOWN_COLUMN]
    assert chunks[0].bytes_read == chunks[0].bytes_total == len(text.encode())


def test_undecodable_bytes_reject_their_change(write):
    """Wherever they stand."""
    content = (
        "reason,resident_number,date_of_change,備考\nD03,1,2026-04-01,葵##\nD03,2,2026-04-01,蓮\n".encode()
    )

    chunk, _ = read_changes(write(content.replace(b"##", b"\xff")))

    assert [row.row for row in chunk.rows] == [3]
    assert [(one.row, one.column, one.fault) for one in chunk.rejected] == [(2, "備考", faults.BAD_ENCODING)]


def test_a_file_without_changes_still_tells_its_columns(write):
    """Nothing to do, something to look at."""
    (chunk,) = read_changes(write("reason,date_of_change,備考\n"))

    assert (chunk.rows, len(chunk.alerts)) == ((), 1)
    assert chunk.bytes_read == chunk.bytes_total


def test_a_file_of_changes_names_reason_and_day(write):
    """Without them, no row can be read."""
    with pytest.raises(BadHeader, match="date_of_change"):
        list(read_changes(write("reason,resident_number\nD03,1\n")))


def test_a_request_says_everything_a_form_may():
    """No column of the form is lost on the way."""
    named = {field.name for field in fields(ChangeRequest)} | {"predecessor_municipality", "predecessor_stay"}
    named |= {"destination_municipality", "destination_address", "cleared"}

    assert {column.name for column in CHANGE[:11]} <= named
