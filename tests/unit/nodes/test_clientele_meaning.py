# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a change means to somebody who has the person on a list: each case of the Act, and what changes nothing."""

from __future__ import annotations

from datetime import date

import pytest

from fixtures.notices import CHUO, RECEIVED, code_changed, moved_in, notice, number_of
from openjuki.nodes.clientele.meaning import change, changed, matters
from openjuki.residents.changes import Reason
from openjuki.residents.look_up import Hit
from openjuki.residents.notice import Notice, digest
from openjuki.residents.persons import AdmittedNotice
from openjuki.store.changes import Recorded
from openjuki.wire.clientele import Meaning

BORN = notice()
ITEMS = ("individual_number", "name", "address", "state", "reason", "date_of_change")


def recorded(told: Notice) -> Recorded:
    """The row that a notice becomes."""
    who = told.identification
    shown = Hit(
        0,
        True,  # noqa: FBT003 - as the database has it
        0,
        "",
        told.reason.value,
        told.date_of_change,
        str(who.resident_code),
        who.individual_number,
        who.name,
        who.furigana,
        who.former_surname,
        who.former_surname_furigana,
        who.alias,
        who.birth_date.text,
        who.sex.value,
        who.municipality,
        who.address,
    )
    return Recorded(AdmittedNotice.of(told, digest(told.to_bytes())), shown, RECEIVED)


def correction(version: int = 2, **items: object) -> Notice:
    """A correction ex officio."""
    return notice(version=version, reason=Reason.CORRECTED_EX_OFFICIO, **items)


def later(version: int, reason: Reason, **items: object) -> Notice:
    """A later version of the first stay."""
    return notice(version=version, reason=reason, **items)


@pytest.mark.parametrize(
    ("told", "meaning", "items", "state"),
    [
        pytest.param(later(2, Reason.DIED), Meaning.DIED, (), "died", id="somebody dies"),
        pytest.param(
            later(2, Reason.MOVED_WITHIN, address="九段南一丁目2番1号"),
            Meaning.MOVED_WITHIN,
            ("address",),
            "resident",
            id="somebody moves within the municipality",
        ),
        pytest.param(
            moved_in(), Meaning.MOVED_TO_OTHER, ("address",), "resident", id="somebody enters elsewhere"
        ),
        pytest.param(
            later(2, Reason.MOVED_OUT),
            Meaning.MOVING_OUT,
            (),
            "moved_out_not_entered",
            id="and says so before",
        ),
        pytest.param(
            later(2, Reason.MOVED_ABROAD),
            Meaning.MOVED_ABROAD,
            (),
            "abroad",
            id="somebody leaves the country",
        ),
        pytest.param(
            later(2, Reason.DELETED_EX_OFFICIO), Meaning.REMOVED, (), "deleted", id="somebody is removed"
        ),
        pytest.param(
            correction(name="鈴木　葵"), Meaning.NAME_CHANGED, ("name",), "resident", id="a name changes"
        ),
        pytest.param(
            correction(address="千代田一丁目1番2号"),
            Meaning.RECORD_CORRECTED,
            ("address",),
            "resident",
            id="an address is corrected",
        ),
        pytest.param(
            later(
                2,
                Reason.NUMBER_CHANGED_ON_REQUEST,
                individual_number=number_of(9),
                previous_individual_number=number_of(1),
            ),
            Meaning.NUMBER_CHANGED,
            ("individual_number",),
            "resident",
            id="a number changes",
        ),
    ],
)
def test_a_change_is_named_by_what_it_means(
    told: Notice, meaning: Meaning, items: tuple[str, ...], state: str
):
    """Whoever has the person on a list reads what happened, not under which code it was notified."""
    found = change([recorded(BORN)], recorded(told))

    assert found is not None
    assert (found.meaning, found.after.state) == (meaning, state)
    assert changed(found, ITEMS, key="resident_code") == items
    assert matters(found, items)


def test_a_first_entry_is_an_entry():
    """Somebody listed before anybody knew them is entered."""
    found = change([], recorded(BORN))

    assert found is not None
    assert (found.meaning, found.before) == (Meaning.ENTERED, None)
    assert changed(found, ITEMS, key="resident_code") == ()
    assert matters(found, ())


def test_a_late_notice_of_an_earlier_stay_changes_nothing():
    """The old town's confirmation comes after the entry in the new one: the person stands where they stood."""
    rows = [recorded(BORN), recorded(moved_in())]

    assert change(rows, recorded(later(2, Reason.MOVED_OUT))) is None


def test_a_stay_that_is_cancelled_gives_way_to_the_one_before():
    """An entry that was never true is deleted ex officio, and the record is what it was."""
    rows = [recorded(BORN), recorded(moved_in())]
    cancelled = moved_in(version=2, reason=Reason.DELETED_EX_OFFICIO, predecessor=None)

    found = change(rows, recorded(cancelled))

    assert found is not None
    assert (found.meaning, found.after.municipality) == (
        Meaning.RECORD_CORRECTED,
        BORN.identification.municipality,
    )
    assert found.before is not None
    assert found.before.municipality == CHUO


def test_a_correction_of_what_may_not_be_told_means_nothing():
    """Who is not told the furigana does not learn that it was corrected."""
    found = change([recorded(BORN)], recorded(correction(furigana="ワタナベ　アヲイ")))

    assert found is not None
    assert changed(found, ITEMS, key="resident_code") == ()
    assert not matters(found, ())
    assert changed(found, (*ITEMS, "furigana"), key="resident_code") == ("furigana",)


def test_a_new_code_means_nothing_to_who_lists_it():
    """What a person is listed by is no item that changed."""
    found = change([recorded(BORN)], recorded(code_changed(1, 7)))

    assert found is not None
    assert changed(found, (*ITEMS, "resident_code"), key="resident_code") == ()
    assert not matters(found, ())


def test_a_move_that_is_notified_anew_is_news_once():
    """The same day again is nothing new; another day is."""
    rows = [recorded(BORN), recorded(later(2, Reason.MOVED_OUT))]
    again = change(rows, recorded(later(3, Reason.MOVED_OUT)))
    put_off = change(rows, recorded(later(3, Reason.MOVED_OUT, date_of_change=date(2026, 12, 24))))

    assert again is not None
    assert put_off is not None
    assert not matters(again, ())
    assert matters(put_off, ())
