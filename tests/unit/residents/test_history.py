# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""History of a resident record (異動履歴, 標準仕様書 1.2.1): what is refused, what is sent, what was true when."""

from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fixtures.lives import (
    CODE,
    NUMBER,
    OTHER_CODE,
    OTHER_NUMBER,
    A,
    B,
    C,
    after,
    at,
    change,
    coming_from,
    going_to,
    lived,
    notices,
    record,
    take_in,
)
from openjuki.residents import guards, transitions
from openjuki.residents.address import Address
from openjuki.residents.changes import Action, MunicipalReason, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.history import History
from openjuki.residents.names import PersonName
from openjuki.residents.stays import current
from openjuki.residents.transitions import TRANSITIONS, State

ELSEWHERE = Address(A, "二番町", "2番地")
FARTHER = Address(A, "三番町", "3番地")
NEW_NAME = PersonName("田中　太郎", furigana="タナカ　タロウ")

BORN = change(Reason.BORN, "2020-01-01")
MOVED_OUT = change(Reason.MOVED_OUT, "2026-05-01", recorded="2026-04-20", destination=going_to(B, "元本郷町"))
PLANNED = lived(BORN, MOVED_OUT)
CONFIRMED = after(
    PLANNED,
    change(MunicipalReason.MOVE_OUT_CONFIRMED, "2026-05-01", recorded="2026-05-10", destination=going_to(B)),
)
CAME_BACK_AND_LEFT = after(
    CONFIRMED,
    change(Reason.MOVED_IN, "2030-01-01", predecessor=coming_from(B, 2)),
    change(Reason.MOVED_ABROAD, "2030-06-01"),
)
ABROAD = lived(BORN, change(Reason.MOVED_ABROAD, "2026-05-01", recorded="2026-04-20"))
DEAD = lived(BORN, change(Reason.DIED, "2026-05-01"))


# What is refused


@pytest.mark.parametrize(
    ("history", "refused", "refusal"),
    [
        pytest.param(DEAD, change(Reason.DIED, "2026-05-02"), transitions.SECOND_DEATH, id="a second death"),
        pytest.param(
            PLANNED,
            change(Reason.MOVED_OUT, "2026-05-02"),
            transitions.MOVED_OUT_TWICE,
            id="moving out twice",
        ),
        pytest.param(
            PLANNED,
            change(Reason.DIED, "2026-05-02"),
            guards.AFTER_DEPARTURE,
            id="a death after the planned day is not of this town",
        ),
        pytest.param(
            PLANNED,
            change(Reason.MOVED_WITHIN, "2026-05-02", address=ELSEWHERE),
            guards.AFTER_DEPARTURE,
            id="moving within after having left",
        ),
        pytest.param(
            ABROAD,
            change(Reason.DIED, "2026-05-02"),
            guards.AFTER_DEPARTURE,
            id="a death abroad after having left",
        ),
        pytest.param(
            PLANNED,
            change(Reason.MOVED_IN, "2026-04-25"),
            guards.OVERLAPPING_STAYS,
            id="coming back before having left",
        ),
        *(
            pytest.param(
                lived(BORN),
                change(reason, "2019-12-31", recorded="2026-05-01", destination=going_to(B)),
                guards.BEFORE_ENTRY,
                id=f"{reason.japanese} before the birth",
            )
            for reason in Reason
            if reason.action is Action.DELETION
        ),
        pytest.param(
            PLANNED,
            change(MunicipalReason.MOVE_OUT_REDIRECTED, "2019-12-31", recorded="2026-04-21"),
            guards.BEFORE_ENTRY,
            id="a plan to have left before having come",
        ),
        pytest.param(
            PLANNED,
            change(
                MunicipalReason.MOVE_OUT_CONFIRMED,
                "2019-12-31",
                recorded="2026-05-10",
                destination=going_to(B),
            ),
            guards.BEFORE_ENTRY,
            id="a destination that says so",
        ),
        pytest.param(
            lived(change(Reason.BORN, "2020-01-01"), MOVED_OUT, change(Reason.MOVED_IN, "2026-06-01")),
            change(Reason.DIED, "2026-05-31", recorded="2026-06-02"),
            guards.BEFORE_ENTRY,
            id="a death between two stays",
        ),
        pytest.param(
            History(),
            change(Reason.MOVED_IN, "2026-05-01", birth_date=RecordedDate.parse("2026-05-02")),
            guards.BEFORE_BIRTH,
            id="moving in before the birth",
        ),
        pytest.param(
            lived(BORN),
            change(
                Reason.CORRECTED_EX_OFFICIO,
                "2020-01-05",
                birth_date=RecordedDate.parse("令和2年1月2日頃"),
            ),
            guards.BEFORE_BIRTH,
            id="a birth date that is corrected to a day after the entry",
        ),
        pytest.param(
            History(),
            change(Reason.BORN, "2026-05-02", recorded="2026-05-01"),
            guards.FUTURE_DATE,
            id="a birth tomorrow",
        ),
        pytest.param(
            lived(BORN),
            change(Reason.DIED, "2026-05-02", recorded="2026-05-01"),
            guards.FUTURE_DATE,
            id="a death tomorrow",
        ),
        pytest.param(
            lived(BORN, change(Reason.MOVED_WITHIN, "2026-05-01", address=ELSEWHERE)),
            change(Reason.DIED, "2026-04-01"),
            guards.RECORDED_OUT_OF_ORDER,
            id="recorded before what it follows",
        ),
        pytest.param(
            lived(BORN),
            change(Reason.MOVED_WITHIN, "2026-05-01", resident_code=OTHER_CODE),
            guards.CODE_AND_REASON_DISAGREE,
            id="another code without its reason",
        ),
        pytest.param(
            lived(BORN),
            change(Reason.CODE_CHANGED_ON_REQUEST, "2026-05-01"),
            guards.CODE_AND_REASON_DISAGREE,
            id="a change of code that changes nothing",
        ),
        pytest.param(
            lived(BORN),
            change(MunicipalReason.CLERICAL_CORRECTION, "2026-05-01", individual_number=OTHER_NUMBER),
            guards.NUMBER_AND_REASON_DISAGREE,
            id="another number without its reason",
        ),
        pytest.param(
            lived(BORN),
            change(Reason.NUMBER_CHANGED_ON_REQUEST, "2026-05-01"),
            guards.NUMBER_AND_REASON_DISAGREE,
            id="a change of number that changes nothing",
        ),
        pytest.param(
            CONFIRMED,
            change(Reason.MOVED_IN, "2030-01-01", stay=1),
            guards.STAY_NOT_LATER,
            id="coming back into the stay that ended",
        ),
        pytest.param(
            CAME_BACK_AND_LEFT,
            change(Reason.MOVED_IN, "2031-01-01", stay=3),
            guards.STAY_NOT_LATER,
            id="coming back into the second stay that ended",
        ),
        pytest.param(
            History(),
            change(Reason.MOVED_IN, "2030-01-01", stay=3, predecessor=coming_from(B, 3)),
            guards.STAY_NOT_LATER,
            id="a stay that is its own predecessor",
        ),
        pytest.param(
            lived(BORN),
            change(Reason.DIED, "2026-05-01", resident_number="0000002"),
            guards.ANOTHER_RESIDENT,
            id="another's death",
        ),
    ],
)
def test_what_cannot_be_is_refused(history, refused, refusal):
    """An impossible change is refused by its rule."""
    assert history.apply(refused) is refusal


def test_a_death_on_the_day_of_departure_is_of_this_town():
    """Up to and including the planned day the person may die, ask for another code, or move within."""
    died = PLANNED.apply(change(Reason.DIED, "2026-05-01"))

    assert died.state is State.DIED


@pytest.mark.parametrize("birth", ["2020-01-01", "令和2年頃", "令和元年冬", "年月日不詳"])
def test_who_may_have_been_born_by_then_is_entered(birth):
    """A vague birth date keeps nobody out of whom it is not sure."""
    born = History().apply(change(Reason.BORN, "2020-01-01", birth_date=RecordedDate.parse(birth)))

    assert born.state is State.RESIDENT


@pytest.mark.parametrize("reason", [reason for reason in Reason if reason.action is Action.DELETION])
def test_who_enters_may_leave_on_the_same_day(reason):
    """A child may die on the day of its birth: the day of the entry itself is not before it."""
    left = lived(BORN).apply(change(reason, "2020-01-01", destination=going_to(B)))

    assert left.deleted_on == date(2020, 1, 1)


def test_an_entry_that_erred_is_cancelled_whatever_the_day():
    """Cancelling says that nobody was ever here: its own day deletes nothing."""
    cancelled = lived(BORN).apply(
        change(MunicipalReason.DELETION_BY_CANCELLATION, "2019-12-31", recorded="2020-02-01")
    )

    assert cancelled.state is State.DELETED


def test_who_proves_to_have_come_earlier_may_have_left_earlier():
    """Where the day of becoming a resident was corrected, the stay began on that day."""
    came = RecordedDate.of(date(2020, 3, 1))
    history = lived(
        change(Reason.MOVED_IN, "2020-03-10"),
        change(Reason.CORRECTED_EX_OFFICIO, "2020-03-20", became_resident_on=came),
    )
    died = {
        day: history.apply(change(Reason.DIED, day, recorded="2020-04-01", became_resident_on=came))
        for day in ("2020-02-29", "2020-03-01")
    }

    assert died["2020-02-29"] is guards.BEFORE_ENTRY
    assert died["2020-03-01"].state is State.DIED


def test_a_deletion_that_was_recorded_before_its_entry_can_still_be_corrected():
    """What stands since before the rule is put right as ever: other items, the day, or all of it."""
    dead = DEAD.rows[-1]
    rows = (DEAD.rows[0], replace(dead, change=replace(dead.change, date_of_change=date(2019, 1, 1))))

    corrected = History.of(rows).apply(
        change(Reason.CORRECTED_EX_OFFICIO, "2026-05-02", name=NEW_NAME, recorded="2026-06-01")
    )

    assert corrected.rows[-1].record.name == NEW_NAME


# Stays and versions


def test_the_first_entry_is_stay_one_version_one():
    """Nobody knows of an earlier stay: the register's row begins the first."""
    row = lived(change(Reason.ENTERED_EX_OFFICIO, "2026-04-01")).rows[-1]

    assert (row.stay, row.version, row.history_number, row.state) == (1, 1, 1, State.RESIDENT)


@pytest.mark.parametrize(
    ("entry", "stay"),
    [
        pytest.param(
            change(Reason.MOVED_IN, "2026-04-01", predecessor=coming_from(B, 3)),
            4,
            id="the one after the predecessor",
        ),
        pytest.param(
            change(Reason.MOVED_IN, "2026-04-01", predecessor=coming_from(B, 3), stay=6),
            6,
            id="the one that the certificate of moving out names",
        ),
        pytest.param(
            change(Reason.MOVED_IN_FROM_ABROAD, "2026-04-01", stay=2), 2, id="the one the Centre knows"
        ),
    ],
)
def test_an_entry_begins_the_stay_it_is_told(entry, stay):
    """A stay is the n-th of a life, whoever recorded the others."""
    assert lived(entry).rows[-1].stay == stay


def test_coming_back_is_the_next_stay_under_the_same_resident_number():
    """標準仕様書 4.1.1.2: a returning resident keeps the number; the stay is a new one."""
    back = after(CONFIRMED, change(Reason.MOVED_IN, "2030-04-01", predecessor=coming_from(B, 2)))

    assert [(row.history_number, row.stay, row.version) for row in back.rows] == [
        (1, 1, 1),
        (2, 1, 2),
        (3, 1, 2),
        (4, 3, 1),
    ]
    assert (back.notice.predecessor, back.notice.version) == (coming_from(B, 2), 1)


def test_a_change_of_nationality_is_a_deletion_and_the_next_stay_of_the_same_town():
    """令8条の2: the foreigner's record is deleted, the Japanese's entered; its predecessor is our own stay."""
    history = lived(
        change(Reason.MOVED_IN_FROM_ABROAD, "2020-04-01"),
        change(Reason.DELETED_ON_NATURALISATION, "2026-04-01"),
        change(Reason.ENTERED_ON_NATURALISATION, "2026-04-01"),
    )

    assert [(notice.stay, notice.version, notice.reason.value) for notice in notices(history)] == [
        (1, 1, "A02"),
        (1, 2, "D04"),
        (2, 1, "A04"),
    ]
    assert history.notice.predecessor == coming_from(A, 1)


@pytest.mark.parametrize(
    ("history", "following"),
    [
        pytest.param(History(), 1, id="nobody yet"),
        pytest.param(lived(BORN), 2, id="a resident"),
        pytest.param(PLANNED, 2, id="moving out"),
        pytest.param(CONFIRMED, 3, id="the destination has begun stay 2"),
        pytest.param(CAME_BACK_AND_LEFT, 4, id="back for stay 3, and gone again"),
        pytest.param(
            after(
                CONFIRMED,
                change(
                    MunicipalReason.MOVE_OUT_CONFIRMED,
                    "2026-05-02",
                    recorded="2026-05-12",
                    destination=going_to(B, "元本郷町三丁目"),
                ),
            ),
            3,
            id="the destination told us twice",
        ),
        pytest.param(
            after(
                CONFIRMED,
                change(
                    MunicipalReason.MOVE_OUT_CONFIRMED,
                    "2026-05-02",
                    recorded="2026-05-12",
                    destination=going_to(C),
                ),
            ),
            4,
            id="it cancelled the entry, and another destination told us",
        ),
        pytest.param(
            after(
                CONFIRMED,
                change(MunicipalReason.ENTRY_BY_CANCELLATION, "2026-05-20"),
                change(Reason.MOVED_OUT, "2026-06-01", destination=going_to(B)),
                change(MunicipalReason.MOVE_OUT_CONFIRMED, "2026-06-02", destination=going_to(B)),
            ),
            4,
            id="it cancelled the entry, the move was cancelled, and there was another to the same town",
        ),
        pytest.param(
            lived(
                BORN,
                change(Reason.DELETED_EX_OFFICIO, "2026-05-01"),
                change(MunicipalReason.DESTINATION_LEARNED, "2026-05-10", destination=going_to(B)),
            ),
            3,
            id="deleted ex officio, and then the destination told us",
        ),
        pytest.param(
            lived(
                BORN,
                change(Reason.MOVED_ABROAD, "2026-05-01"),
                change(
                    MunicipalReason.DESTINATION_LEARNED,
                    "2026-05-10",
                    destination=going_to(None, "ベルリン"),
                ),
            ),
            2,
            id="gone abroad to a place that no municipality told",
        ),
    ],
)
def test_the_certificate_of_moving_out_names_the_next_stay(history, following):
    """No two destinations are ever told the same ordinal."""
    assert history.next_stay == following


# What is sent


@pytest.mark.parametrize(
    ("told", "sent"),
    [
        pytest.param(
            change(Reason.MOVED_WITHIN, "2026-04-01", address=ELSEWHERE), "M01", id="moving within is sent"
        ),
        pytest.param(
            change(MunicipalReason.FORMER_SURNAME_ENTERED, "2026-04-01", name=NEW_NAME),
            "M03",
            id="a municipal reason is sent as the statutory one",
        ),
        pytest.param(
            change(MunicipalReason.HEAD_CHANGED, "2026-04-01", relationship="妻"),
            None,
            id="the household is nobody else's business",
        ),
        pytest.param(
            change(Reason.CORRECTED_EX_OFFICIO, "2026-04-01", registered_domicile="京都府京都市"),
            None,
            id="a correction of an item that never leaves is not sent",
        ),
        pytest.param(change(Reason.DIED, "2026-04-01"), "D03", id="a death is sent although no item changes"),
        pytest.param(
            change(MunicipalReason.DELETION_BY_CANCELLATION, "2026-04-01"),
            "D06",
            id="a cancelled entry is sent",
        ),
    ],
)
def test_what_touches_identification_information_is_sent(told, sent):
    """法30条の6第1項: entry, deletion, and the correction of an item of identification information."""
    history = after(lived(BORN), told)

    assert (history.notice and history.notice.reason.value) == sent
    assert history.rows[-1].version == (1 if sent is None else 2)


def test_versions_have_no_gap_where_something_was_not_sent():
    """更新順番号 counts notices, not rows."""
    history = lived(
        BORN,
        change(MunicipalReason.HEAD_CHANGED, "2026-04-01", relationship="妻"),
        change(Reason.MOVED_WITHIN, "2026-04-02", address=ELSEWHERE),
    )

    assert [notice.version for notice in notices(history)] == [1, 2]


def test_nobody_is_told_of_an_empty_history():
    """Without a change there is no notice."""
    assert History().notice is None


def test_another_code_is_sent_with_the_old_one():
    """令30条の5第5号: the previous code goes with the new one, and only then."""
    history = lived(BORN, change(Reason.CODE_CHANGED_ON_REQUEST, "2026-04-01", resident_code=OTHER_CODE))
    later = after(history, change(Reason.DIED, "2026-05-01", resident_code=OTHER_CODE))

    assert history.notice.previous_resident_code == CODE
    assert history.notice.previous_individual_number is None
    assert later.notice.previous_resident_code is None


@pytest.mark.parametrize("before", [pytest.param(NUMBER, id="another"), pytest.param(None, id="the first")])
def test_another_number_is_sent_with_the_old_one(before):
    """令30条の5第4号: the previous number goes with the new one, if there was one."""
    history = lived(
        change(Reason.BORN, "2020-01-01", individual_number=before),
        change(Reason.NUMBER_ENTERED_EX_OFFICIO, "2026-04-01", individual_number=OTHER_NUMBER),
    )

    assert history.notice.previous_individual_number == before
    assert history.notice.identification.individual_number == OTHER_NUMBER
    assert history.notice.previous_resident_code is None


def test_moving_out_is_sent_with_the_planned_day():
    """令30条の5第2号: when the notification is made, with a day that may lie ahead."""
    assert PLANNED.notice.date_of_change == date(2026, 5, 1)
    assert PLANNED.notice.recorded_at == at("2026-04-20")


@pytest.mark.parametrize(
    ("moved_in", "sent"),
    [
        pytest.param("2026-05-01", None, id="on the planned day: nothing new"),
        pytest.param("2026-04-28", date(2026, 4, 28), id="earlier: the record was deleted that day"),
        pytest.param("2026-05-04", None, id="later: the planned day stands (標準仕様書 1.1.5)"),
    ],
)
def test_the_confirmation_is_sent_where_it_moves_the_day_of_deletion(moved_in, sent):
    """令13条: the destination's notice tells the day of moving in; the earlier day deletes the record."""
    history = after(
        PLANNED,
        change(MunicipalReason.MOVE_OUT_CONFIRMED, moved_in, recorded="2026-05-10", destination=going_to(B)),
    )

    assert (history.notice and history.notice.date_of_change) == sent
    assert history.deleted_on == (sent or date(2026, 5, 1))
    assert history.state is State.MOVED_OUT


@pytest.mark.parametrize(
    ("first", "again", "sent"),
    [
        pytest.param("2026-04-26", "2026-04-28", date(2026, 4, 28), id="a day later than it first said"),
        pytest.param("2026-04-28", "2026-04-26", date(2026, 4, 26), id="a day earlier"),
        pytest.param("2026-04-26", "2026-05-04", date(2026, 5, 1), id="a day after the planned one"),
        pytest.param("2026-04-28", "2026-04-28", None, id="the same day"),
    ],
)
def test_a_notice_of_moving_in_that_is_sent_again_puts_the_day_right(first, again, sent):
    """The day that the destination told last counts, never later than the planned one; a slip of its pen does not stay."""
    told, corrected = (
        change(MunicipalReason.MOVE_OUT_CONFIRMED, day, recorded=recorded, destination=going_to(B))
        for day, recorded in ((first, "2026-05-10"), (again, "2026-05-12"))
    )
    erred = change(MunicipalReason.CLERICAL_CORRECTION, "2026-05-11", relationship="子")

    history = after(PLANNED, told, erred, corrected)

    assert (history.notice and history.notice.date_of_change) == sent
    assert history.deleted_on == min(date.fromisoformat(again), date(2026, 5, 1))


def test_a_confirmed_destination_stands_beside_the_planned_one():
    """標準仕様書 4.1.3.1.1: what was planned is never overwritten by what was confirmed."""
    history = after(
        PLANNED,
        change(
            MunicipalReason.MOVE_OUT_CONFIRMED,
            "2026-05-01",
            recorded="2026-05-10",
            destination=going_to(C, "小川町"),
        ),
    )

    assert [row.change.destination for row in history.rows[1:]] == [
        going_to(B, "元本郷町"),
        going_to(C, "小川町"),
    ]


def test_another_planned_day_is_sent_as_moving_out_once_more():
    """The upper tiers hear D01 again, with the day that now holds; another destination alone is not sent."""
    later = after(PLANNED, change(MunicipalReason.MOVE_OUT_REDIRECTED, "2026-06-01", recorded="2026-04-25"))
    elsewhere = after(
        PLANNED,
        change(
            MunicipalReason.MOVE_OUT_REDIRECTED, "2026-05-01", recorded="2026-04-25", destination=going_to(C)
        ),
    )

    assert (later.notice.reason, later.notice.date_of_change) == (Reason.MOVED_OUT, date(2026, 6, 1))
    assert elsewhere.notice is None


# What was true when


def known(history, day, moment="2031-01-01"):
    return history.as_of(date.fromisoformat(day), at(moment))


MOVED_WITHIN_AND_RENAMED = lived(
    BORN,
    change(Reason.MOVED_WITHIN, "2026-06-01", address=ELSEWHERE),
    change(
        Reason.CORRECTED_EX_OFFICIO, "2026-03-01", recorded="2026-07-01", address=ELSEWHERE, name=NEW_NAME
    ),
)


@pytest.mark.parametrize(
    ("day", "moment", "expected"),
    [
        pytest.param("2019-12-31", "2031-01-01", None, id="before the entry there was nothing"),
        pytest.param("2026-04-01", "2019-12-31", None, id="before we recorded anything we knew nothing"),
        pytest.param("2020-01-01", "2031-01-01", record(), id="on the day of the entry"),
        pytest.param("2026-02-01", "2031-01-01", record(), id="before either change"),
        pytest.param("2026-03-01", "2031-01-01", record(name=NEW_NAME), id="on the day of the other name"),
        pytest.param("2026-04-01", "2031-01-01", record(name=NEW_NAME), id="renamed, and not yet moved"),
        pytest.param("2026-04-01", "2026-06-15", record(), id="renamed, but we did not know"),
        pytest.param(
            "2026-06-15", "2026-06-15", record(address=ELSEWHERE), id="moved, and we did not know the name"
        ),
        pytest.param("2026-06-15", "2031-01-01", record(address=ELSEWHERE, name=NEW_NAME), id="both, by now"),
    ],
)
def test_what_was_so_and_what_we_knew_are_two_questions(day, moment, expected):
    """A name corrected late counts from its day, and does not carry a later address back in time."""
    assert known(MOVED_WITHIN_AND_RENAMED, day, moment) == expected


@pytest.mark.parametrize(
    ("history", "resident", "gone"),
    [
        pytest.param(PLANNED, "2026-04-30", "2026-05-01", id="moving out counts from the planned day"),
        pytest.param(DEAD, "2026-04-30", "2026-05-01", id="a death counts from its day"),
        pytest.param(
            after(
                PLANNED,
                change(
                    MunicipalReason.MOVE_OUT_CONFIRMED,
                    "2026-04-25",
                    recorded="2026-05-10",
                    destination=going_to(B),
                ),
            ),
            "2026-04-24",
            "2026-04-25",
            id="an earlier confirmed day deletes",
        ),
        pytest.param(
            after(PLANNED, change(MunicipalReason.MOVE_OUT_REDIRECTED, "2026-06-01", recorded="2026-04-25")),
            "2026-05-31",
            "2026-06-01",
            id="a later planned day deletes later",
        ),
        pytest.param(
            after(PLANNED, change(Reason.DIED, "2026-04-28")),
            "2026-04-27",
            "2026-04-28",
            id="death comes first",
        ),
        pytest.param(
            after(PLANNED, change(MunicipalReason.CLERICAL_CORRECTION, "2026-05-20", name=NEW_NAME)),
            "2026-04-30",
            "2026-05-20",
            id="a correction of the closed record opens nothing",
        ),
    ],
)
def test_the_record_ends_on_the_day_of_deletion(history, resident, gone):
    """On the eve the person is a resident, on the day no longer."""
    assert known(history, resident) is not None
    assert known(history, gone) is None


def test_before_the_deletion_was_recorded_it_was_not_known():
    """As we knew it in March, the person would still be a resident in May."""
    assert known(PLANNED, "2026-05-02", "2026-03-01") == record()


def test_a_cancelled_deletion_never_was():
    """異動の取消し（増）: the person was a resident throughout, although we thought otherwise for a while."""
    history = after(
        PLANNED,
        change(MunicipalReason.ENTRY_BY_CANCELLATION, "2026-05-05"),
        change(Reason.DIED, "2026-06-01"),
    )

    assert known(history, "2026-05-02") == record()
    assert known(history, "2026-05-02", "2026-05-03") is None
    assert [notice.version for notice in notices(history)] == [1, 2, 3, 4]
    assert notices(history)[2].reason is Reason.ENTERED_EX_OFFICIO


def test_a_cancelled_entry_never_was():
    """異動の取消し（減）: nobody moved in, although we thought so for a while."""
    history = lived(
        change(Reason.MOVED_IN, "2026-04-01"), change(MunicipalReason.DELETION_BY_CANCELLATION, "2026-04-20")
    )

    assert known(history, "2026-04-10") is None
    assert known(history, "2026-04-10", "2026-04-15") == record()


def test_a_cancelled_correction_never_was():
    """異動の取消し（修正）: the record stands as before, from the day the correction counted from."""
    history = lived(
        BORN,
        change(Reason.MOVED_WITHIN, "2026-04-01", address=ELSEWHERE),
        change(MunicipalReason.CORRECTION_BY_CANCELLATION, "2026-04-20"),
    )

    assert known(history, "2026-04-10") == record()
    assert known(history, "2026-04-10", "2026-04-15") == record(address=ELSEWHERE)


def test_a_cancellation_reaches_back_over_what_was_recorded_since():
    """The move never was, although the relationship was corrected between it and its cancellation."""
    history = lived(
        BORN,
        change(Reason.MOVED_WITHIN, "2026-04-01", address=ELSEWHERE),
        change(MunicipalReason.HEAD_CHANGED, "2026-04-15", address=ELSEWHERE, relationship="子"),
        change(MunicipalReason.CORRECTION_BY_CANCELLATION, "2026-04-20", relationship="子"),
    )

    assert known(history, "2026-04-10") == record()
    assert known(history, "2026-04-17") == record(relationship="子")
    assert known(history, "2026-04-10", "2026-04-16") == record(address=ELSEWHERE)


def test_a_cancellation_that_corrects_counts_from_the_day_of_what_it_cancels():
    """What the move was recorded as never was; where the person really went, they went on that day."""
    history = lived(
        BORN,
        change(Reason.MOVED_WITHIN, "2026-04-01", address=ELSEWHERE),
        change(MunicipalReason.CORRECTION_BY_CANCELLATION, "2026-04-20", address=FARTHER),
    )

    assert known(history, "2026-03-31") == record()
    assert known(history, "2026-04-10") == record(address=FARTHER)


def test_between_two_stays_there_is_nothing():
    """Who moved out and came back was no resident in between, and each stay has its own record."""
    history = after(
        CONFIRMED, change(Reason.MOVED_IN, "2030-04-01", address=ELSEWHERE, predecessor=coming_from(B, 2))
    )

    assert known(history, "2026-04-30") == record()
    assert known(history, "2028-01-01") is None
    assert known(history, "2030-05-01") == record(address=ELSEWHERE)


def test_a_history_is_stored_as_rows_and_read_back():
    """What the rows of the store say is the history."""
    assert History.of(iter(CONFIRMED.rows)) == CONFIRMED


# What holds of every chain of corrections and cancellations

ITEMS = ("relationship", "previous_address")


class Ledger:
    """The naive model: every row knows what it cancels, and counts unless a row that counts cancels it."""

    def __init__(self):
        #: Item, day, value; or for a cancellation, item, day, number of the row that it cancels.
        self.rows = []

    def counts(self, number):
        return not any(
            of == number and self.counts(later)
            for later, (_, _, of) in enumerate(self.rows)
            if isinstance(of, int)
        )

    def so(self, item, day):
        """What counts of an item on a day: of what had begun, what was recorded last."""
        values = [
            value
            for number, (of, since, value) in enumerate(self.rows)
            if of == item and isinstance(value, str) and since <= day and self.counts(number)
        ]
        return values[-1] if values else getattr(record(), item)

    def cancellable(self):
        """Of each item the last correction that counts, and the last row, if it is a cancellation that does."""
        for item in ITEMS:
            counting = [
                number for number, row in enumerate(self.rows) if row[0] == item and self.counts(number)
            ]
            corrections = [number for number in counting if isinstance(self.rows[number][2], str)]
            yield from {*corrections[-1:], *counting[-1:]}


@given(
    st.lists(
        st.tuples(st.booleans(), st.sampled_from(ITEMS), st.integers(0, 300), st.integers(0, 9)),
        min_size=2,
        max_size=14,
    )
)
def test_what_was_cancelled_never_was_and_a_cancelled_cancellation_neither(steps):
    """Through any chain, every day is as the corrections that count in the end say, and so it was known then."""
    ledger, history, recorded = Ledger(), lived(BORN), date(2024, 1, 1)
    for number, (corrects, item, days, choice) in enumerate(steps):
        recorded += timedelta(1)
        day = date(2020, 6, 1) + timedelta(days)
        targets = sorted(ledger.cancellable())
        if corrects or not targets:
            ledger.rows.append((item, day, f"{number}"))
            reason = MunicipalReason.CLERICAL_CORRECTION
        else:
            target = targets[choice % len(targets)]
            ledger.rows.append((ledger.rows[target][0], day, target))
            reason = MunicipalReason.CORRECTION_BY_CANCELLATION
        after_all = {item: ledger.so(item, date.max) for item in ITEMS}
        history = after(history, change(reason, day.isoformat(), recorded=recorded.isoformat(), **after_all))

        for days_on in range(0, 320, 20):
            on = date(2020, 5, 25) + timedelta(days_on)
            expected = record(**{item: ledger.so(item, on) for item in ITEMS})
            assert history.as_of(on, at("2100-01-01")) == expected


# What holds of every life

PLACES = st.sampled_from([Address(A, "一番町", "1番地"), ELSEWHERE])
NAMES = st.sampled_from([record().name, NEW_NAME])
#: Which of the reasons that the table allows, and how many days before or after it is recorded.
STEPS = st.lists(st.tuples(st.integers(0, 40), st.integers(-40, 40), PLACES, NAMES), min_size=8, max_size=40)


def live(steps):
    """A history of whatever of these steps is possible: one a month, dated around it."""
    history = lived(BORN)
    moment = date(2024, 1, 1)
    for choice, days, address, name in steps:
        moment += timedelta(30)
        allowed = list(TRANSITIONS[history.state])
        reason = allowed[choice % len(allowed)]
        last = history.rows[-1].record
        outcome = history.apply(
            change(
                reason,
                (moment + timedelta(days)).isoformat(),
                recorded=moment.isoformat(),
                address=address,
                name=name,
                destination=going_to(B),
                resident_code=swap(last.resident_code, (CODE, OTHER_CODE), reason.value[0] == "C"),
                individual_number=swap(
                    last.individual_number, (NUMBER, OTHER_NUMBER), reason.value[0] == "N"
                ),
            )
        )
        history = outcome if isinstance(outcome, History) else history
    return history


def swap(value, values, do):
    return next(other for other in values if other != value) if do else value


@given(STEPS)
def test_whatever_a_municipality_records_the_upper_tiers_take_in(steps):
    """No history that the municipality allows sends a notice that the tiers above refuse."""
    history = live(steps)
    person = take_in(None, *notices(history))

    assert (current(person) == "resident") == (history.state is State.RESIDENT)
    assert person.current.stay == history.rows[-1].stay
    assert person.current.latest.resident_code == history.rows[-1].record.resident_code
    if MunicipalReason.DELETION_BY_CANCELLATION not in {row.change.reason for row in history.stay}:
        assert person.current.closed_on == history.deleted_on


@given(STEPS)
def test_the_last_row_is_what_is_known_now(steps):
    """As of the end of time, the record is the last row's, or there is none."""
    history = live(steps)
    expected = history.rows[-1].record if history.deleted_on is None else None

    assert history.as_of(date.max, at("2100-01-01")) == expected
    assert (history.deleted_on is None) == (history.state is State.RESIDENT)


@given(STEPS, st.integers(0, 40))
def test_what_we_knew_then_is_what_the_rows_of_then_say(steps, cut):
    """A later row never changes what was known before it: nothing is overwritten."""
    history = live(steps)
    then = History(history.rows[: cut + 1])
    moment = then.rows[-1].recorded_at

    for day in (date(2020, 6, 1), date(2024, 6, 1), date(2026, 1, 1)):
        assert history.as_of(day, moment) == then.as_of(day, at("2100-01-01"))


@given(STEPS)
def test_history_numbers_and_versions_are_dense(steps):
    """履歴番号 counts rows from 1, 更新順番号 the notices of each stay from 1, and stays only grow."""
    history = live(steps)
    sent = [(notice.stay, notice.version) for notice in notices(history)]

    assert [row.history_number for row in history.rows] == list(range(1, len(history.rows) + 1))
    assert sent == sorted(set(sent))
    for stay in {stay for stay, _ in sent}:
        versions = [version for other, version in sent if other == stay]
        assert versions == list(range(1, len(versions) + 1))
