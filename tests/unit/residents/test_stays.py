# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What the upper tiers take in, and where a person then stands (通知の受入れ, 法30条の6・30条の7)."""

from dataclasses import replace
from datetime import date

import pytest

from fixtures.lives import (
    CHUO,
    CODE,
    KITA,
    NUMBER,
    OTHER_CODE,
    OTHER_NUMBER,
    SAPPORO,
    A,
    B,
    C,
    after,
    attempt,
    change,
    coming_from,
    going_to,
    lived,
    notices,
    take_in,
)
from openjuki.refusal import Refusal
from openjuki.residents import stays, transitions
from openjuki.residents.address import Address
from openjuki.residents.changes import MunicipalReason, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.names import PersonName
from openjuki.residents.notice import digest
from openjuki.residents.record import Sex
from openjuki.residents.stays import (
    ALARMING,
    Admitted,
    AdmittedNotice,
    Alarm,
    AlarmKind,
    Person,
    PersonState,
    admit,
    current,
    open_predecessors,
    state_on,
    unite,
)

BORN = change(Reason.BORN, "2020-01-01")
AT_A = lived(BORN)
LEFT_A = after(AT_A, change(Reason.MOVED_OUT, "2026-05-01", recorded="2026-04-20", destination=going_to(B)))
DEAD_AT_A = lived(BORN, change(Reason.DIED, "2026-05-01"))


def entered(town=B, stay=2, day="2026-05-03", came_from=None, **items):
    """The notice of moving into a town."""
    notice = lived(change(Reason.MOVED_IN, day, town=town, **items)).notice
    return replace(notice, stay=stay, predecessor=came_from or coming_from(A, 1))


def told(*histories):
    """The person after all notices of these histories."""
    return take_in(None, *(notice for history in histories for notice in notices(history)))


# What is admitted


def test_the_first_notice_makes_a_person():
    """Nobody knew the code; after the notice somebody bears it, and stands where the notice says."""
    outcome = attempt(None, AT_A.notice)

    assert (outcome.is_current, outcome.duplicate, outcome.alarms, outcome.cleared) == (True, False, (), ())
    assert outcome.person.current.municipality == A
    assert current(outcome.person) is PersonState.RESIDENT


def test_a_first_notice_may_be_of_a_later_stay():
    """The stay before may be of another prefecture, or still be on its way."""
    outcome = attempt(None, entered())

    assert (outcome.is_current, outcome.alarms) == (True, ())


def test_a_late_version_of_an_earlier_stay_goes_into_history():
    """The entry at B is current at once; A's deletion, a week late, changes nothing of it."""
    person = take_in(told(AT_A), entered())

    outcome = attempt(person, LEFT_A.notice)

    assert not outcome.is_current
    assert outcome.person.current == person.current
    assert outcome.person.stay(1).closing is Reason.MOVED_OUT


@pytest.mark.parametrize("number", [0, 1, 2])
def test_a_notice_told_again_is_a_duplicate_and_changes_nothing(number):
    """標準仕様書 7.1.1.1: notices are sent again; whichever it was, nothing happens and nobody complains."""
    history = after(LEFT_A, change(MunicipalReason.ENTRY_BY_CANCELLATION, "2026-04-28"))
    person = take_in(told(history), entered())

    outcome = attempt(person, notices(history)[number])

    assert outcome == Admitted(person, is_current=False, duplicate=True)
    assert attempt(person, entered()) == Admitted(person, is_current=True, duplicate=True)


@pytest.mark.parametrize(
    ("person", "notice", "refusal"),
    [
        pytest.param(None, LEFT_A.notice, stays.VERSION_GAP, id="the second version of a stay nobody began"),
        pytest.param(
            told(AT_A),
            replace(LEFT_A.notice, version=3),
            stays.VERSION_GAP,
            id="the third version after the first",
        ),
        pytest.param(
            told(LEFT_A),
            replace(LEFT_A.notice, stay=2),
            stays.VERSION_GAP,
            id="the second version of the next stay",
        ),
        pytest.param(
            told(AT_A),
            replace(AT_A.notice, date_of_change=date(2020, 1, 2)),
            stays.STALE_VERSION,
            id="the first version once more, with another day",
        ),
        pytest.param(
            told(LEFT_A),
            replace(AT_A.notice, date_of_change=date(2020, 1, 2)),
            stays.STALE_VERSION,
            id="an older version once more, with another day",
        ),
        pytest.param(
            None,
            replace(LEFT_A.notice, version=1),
            stays.STAY_WITHOUT_ENTRY,
            id="a stay that begins with its end",
        ),
        pytest.param(
            told(AT_A), entered(stay=1), stays.TWO_CLAIMS, id="another municipality's entry for the same stay"
        ),
        pytest.param(
            told(AT_A),
            replace(entered(stay=1), version=2, reason=Reason.DIED),
            stays.TWO_CLAIMS,
            id="another municipality's version of the stay",
        ),
        pytest.param(
            None,
            entered(stay=2, came_from=coming_from(A, 2)),
            stays.STAY_NOT_AFTER_PREDECESSOR,
            id="a stay that is its own predecessor",
        ),
        pytest.param(
            told(DEAD_AT_A),
            replace(DEAD_AT_A.notice, version=3, date_of_change=date(2026, 5, 2)),
            transitions.SECOND_DEATH,
            id="a second death",
        ),
        pytest.param(
            told(DEAD_AT_A),
            replace(DEAD_AT_A.notice, version=3, reason=Reason.MOVED_WITHIN),
            transitions.DEAD,
            id="the dead move",
        ),
        pytest.param(
            told(AT_A),
            replace(AT_A.notice, version=2, reason=Reason.ENTERED_EX_OFFICIO),
            transitions.ALREADY_RECORDED,
            id="an entry of somebody recorded",
        ),
    ],
)
def test_what_cannot_be_of_one_stay_is_refused(person, notice, refusal):
    """A notice that is not the next version of its stay, or cannot follow, is refused by its rule."""
    assert attempt(person, notice) is refusal


@pytest.mark.parametrize(
    ("reason", "code", "previous", "refusal"),
    [
        pytest.param(Reason.MOVED_WITHIN, OTHER_CODE, None, stays.CODE_NOT_ANNOUNCED, id="unannounced"),
        pytest.param(
            Reason.CODE_CHANGED_ON_REQUEST,
            OTHER_CODE,
            None,
            stays.CODE_NOT_ANNOUNCED,
            id="without the old one",
        ),
        pytest.param(
            Reason.CODE_CHANGED_ON_REQUEST,
            OTHER_CODE,
            OTHER_CODE,
            stays.CODE_NOT_ANNOUNCED,
            id="another's old one",
        ),
        pytest.param(
            Reason.CODE_CHANGED_ON_REQUEST, CODE, CODE, stays.CODE_NOT_ANNOUNCED, id="the same again"
        ),
        pytest.param(Reason.CODE_CHANGED_ON_REQUEST, OTHER_CODE, CODE, None, id="announced"),
        pytest.param(Reason.CODE_ENTERED_EX_OFFICIO, OTHER_CODE, CODE, None, id="announced, ex officio"),
    ],
)
def test_a_code_changes_only_where_the_notice_names_the_old_one(reason, code, previous, refusal):
    """令30条の5第5号: another code comes under a reason for codes and with the code it replaces."""
    notice = replace(
        AT_A.notice,
        version=2,
        reason=reason,
        previous_resident_code=previous,
        identification=replace(AT_A.notice.identification, resident_code=code),
    )
    outcome = attempt(told(AT_A), notice)

    assert outcome is refusal or (
        refusal is None and outcome.person.current.latest.resident_code == OTHER_CODE
    )


@pytest.mark.parametrize(
    ("reason", "had", "number", "previous", "refusal"),
    [
        pytest.param(
            Reason.MOVED_WITHIN, NUMBER, OTHER_NUMBER, None, stays.NUMBER_NOT_ANNOUNCED, id="unannounced"
        ),
        pytest.param(Reason.MOVED_WITHIN, NUMBER, None, None, stays.NUMBER_NOT_ANNOUNCED, id="lost"),
        pytest.param(
            Reason.NUMBER_CHANGED_ON_REQUEST,
            NUMBER,
            OTHER_NUMBER,
            None,
            stays.NUMBER_NOT_ANNOUNCED,
            id="without the old one",
        ),
        pytest.param(
            Reason.NUMBER_CHANGED_ON_REQUEST,
            NUMBER,
            NUMBER,
            NUMBER,
            stays.NUMBER_NOT_ANNOUNCED,
            id="the same again",
        ),
        pytest.param(
            Reason.NUMBER_ENTERED_EX_OFFICIO,
            None,
            NUMBER,
            OTHER_NUMBER,
            stays.NUMBER_NOT_ANNOUNCED,
            id="an old one where there was none",
        ),
        pytest.param(Reason.NUMBER_ENTERED_EX_OFFICIO, None, NUMBER, None, None, id="the first"),
        pytest.param(
            Reason.NUMBER_CORRECTED_EX_OFFICIO, OTHER_NUMBER, NUMBER, OTHER_NUMBER, None, id="announced"
        ),
    ],
)
def test_a_number_changes_only_where_the_notice_names_the_old_one(reason, had, number, previous, refusal):
    """令30条の5第4号: another number comes under a reason for numbers and with the number it replaces."""
    born = lived(change(Reason.BORN, "2020-01-01", individual_number=had))
    notice = replace(
        born.notice,
        version=2,
        reason=reason,
        previous_individual_number=previous,
        identification=replace(born.notice.identification, individual_number=number),
    )
    outcome = attempt(told(born), notice)

    assert outcome is refusal or (
        refusal is None and outcome.person.current.latest.individual_number == NUMBER
    )


@pytest.mark.parametrize(
    ("town", "origin", "admitted"),
    [
        pytest.param(A, A, True, id="its own resident"),
        pytest.param(A, B, False, id="another town's resident"),
        pytest.param(CHUO, SAPPORO, True, id="a resident of one of its wards"),
        pytest.param(SAPPORO, CHUO, False, id="a ward for the city"),
        pytest.param(CHUO, KITA, False, id="a ward for another"),
    ],
)
def test_a_municipality_speaks_of_its_own_residents_only(town, origin, admitted):
    """法30条の6第1項: the mayor gives notice of the city's residents; a designated city speaks for its wards."""
    notice = lived(change(Reason.BORN, "2026-04-01", town=town)).notice
    outcome = admit(None, notice, origin, digest(notice.to_bytes()))

    assert isinstance(outcome, Admitted) is admitted
    assert admitted or outcome is stays.FOREIGN_ORIGIN


def test_moving_to_another_ward_of_the_city_may_go_on_with_the_stay():
    """法38条: wards stand for municipalities, but between the wards of one city the stay may go on."""
    history = lived(
        change(Reason.BORN, "2026-04-01", town=CHUO),
        change(Reason.MOVED_WITHIN, "2026-05-01", address=Address(KITA, "北七条西", "1番1号")),
    )

    assert told(history).current.municipality == KITA


@pytest.mark.parametrize("refusal", ALARMING)
def test_some_refusals_are_alarms_too(refusal):
    """Two claims and another's number are for people to look at, not only to hold."""
    assert isinstance(refusal, Refusal)
    assert ALARMING[refusal] in AlarmKind


# Where the person stands


@pytest.mark.parametrize(
    ("ending", "state"),
    [
        pytest.param(
            change(Reason.MOVED_OUT, "2026-04-01"), PersonState.MOVED_OUT_NOT_ENTERED, id="moved out"
        ),
        pytest.param(change(Reason.MOVED_ABROAD, "2026-04-01"), PersonState.ABROAD, id="abroad"),
        pytest.param(change(Reason.DIED, "2026-04-01"), PersonState.DIED, id="dead"),
        pytest.param(
            change(Reason.DELETED_ON_NATURALISATION, "2026-04-01"), PersonState.DELETED, id="naturalised"
        ),
        pytest.param(
            change(Reason.DELETED_ON_LOSS_OF_NATIONALITY, "2026-04-01"),
            PersonState.DELETED,
            id="nationality lost",
        ),
        pytest.param(
            change(Reason.DELETED_EX_OFFICIO, "2026-04-01"), PersonState.DELETED, id="deleted ex officio"
        ),
        pytest.param(
            change(MunicipalReason.DELETION_BY_CANCELLATION, "2026-04-01"), PersonState.DELETED, id="annulled"
        ),
    ],
)
def test_the_reason_of_deletion_says_where_the_person_stands(ending, state):
    """Each deletion of the current stay leads to its state, and a correction afterwards does not change it."""
    history = after(AT_A, ending)
    corrected = after(
        history,
        change(MunicipalReason.CLERICAL_CORRECTION, "2026-06-01", name=PersonName("山田　太朗")),
    )

    assert current(told(history)) is state
    assert current(told(corrected)) is state
    assert told(corrected).current.version == 3


@pytest.mark.parametrize(
    ("reason", "day", "state"),
    [
        pytest.param(Reason.MOVED_OUT, "2026-04-30", PersonState.MOVE_OUT_PLANNED, id="on the eve"),
        pytest.param(Reason.MOVED_OUT, "2026-05-01", PersonState.MOVED_OUT_NOT_ENTERED, id="on the day"),
        pytest.param(
            Reason.MOVED_ABROAD, "2026-04-30", PersonState.MOVE_OUT_PLANNED, id="on the eve, abroad"
        ),
        pytest.param(Reason.MOVED_ABROAD, "2026-05-01", PersonState.ABROAD, id="on the day, abroad"),
    ],
)
def test_until_the_day_of_departure_moving_out_is_a_plan(reason, day, state):
    """令30条の5第2号: the notice comes with a day ahead, until which the person is a resident."""
    person = told(after(AT_A, change(reason, "2026-05-01", recorded="2026-04-20")))

    assert state_on(person, date.fromisoformat(day)) is state


@pytest.mark.parametrize("person", [told(AT_A), told(DEAD_AT_A)])
def test_without_a_departure_every_day_is_the_same(person):
    """Residents and the dead stand where they stand."""
    assert state_on(person, date(2020, 1, 1)) is current(person)


CANCELLED_AT_B = lived(
    change(Reason.MOVED_IN, "2026-05-03", town=B, predecessor=coming_from(A, 1)),
    change(MunicipalReason.DELETION_BY_CANCELLATION, "2026-05-20", town=B),
)
BACK_AT_A = after(LEFT_A, change(MunicipalReason.ENTRY_BY_CANCELLATION, "2026-05-21"))


@pytest.mark.parametrize(
    ("histories", "stay", "state"),
    [
        pytest.param((LEFT_A, CANCELLED_AT_B), 2, PersonState.DELETED, id="nowhere, until A enters again"),
        pytest.param((BACK_AT_A, CANCELLED_AT_B), 1, PersonState.RESIDENT, id="at A again"),
        pytest.param((AT_A, CANCELLED_AT_B), 1, PersonState.RESIDENT, id="at A, who had never left"),
        pytest.param((DEAD_AT_A, CANCELLED_AT_B), 2, PersonState.DELETED, id="not at A: dead"),
    ],
)
def test_a_cancelled_entry_gives_way_to_an_open_stay_before_it(histories, stay, state):
    """B cancels an entry that was an error: whoever still or again lives at A is a resident of A."""
    person = told(*histories)

    assert (person.current.stay, current(person)) == (stay, state)


def test_death_never_gives_way():
    """Somebody who died at B does not live on at A because A has not yet heard of the move."""
    died = lived(
        change(Reason.MOVED_IN, "2026-05-03", town=B, predecessor=coming_from(A, 1)),
        change(Reason.DIED, "2026-05-20", town=B),
    )

    assert current(told(AT_A, died)) is PersonState.DIED


def test_a_cancelled_entry_does_not_reach_past_a_later_move():
    """A stay left open long ago is not where somebody lives who has moved on since."""
    moved_on = lived(
        change(Reason.MOVED_IN, "2026-05-03", town=B, predecessor=coming_from(A, 1)),
        change(Reason.MOVED_OUT, "2026-06-01", town=B),
    )
    cancelled = lived(
        change(Reason.MOVED_IN, "2026-06-03", town=C, predecessor=coming_from(B, 2)),
        change(MunicipalReason.DELETION_BY_CANCELLATION, "2026-06-20", town=C),
    )
    person = told(AT_A, moved_on, cancelled)

    assert (person.current.stay, current(person)) == (3, PersonState.DELETED)


# Alarms


@pytest.mark.parametrize(
    ("items", "kind"),
    [
        pytest.param(
            {"birth_date": RecordedDate.of(date(1980, 1, 3))},
            AlarmKind.BIRTH_DATE_DIFFERS,
            id="another birth date",
        ),
        pytest.param({"sex": Sex.FEMALE}, AlarmKind.SEX_DIFFERS, id="another sex"),
        pytest.param({"resident_code": OTHER_CODE}, AlarmKind.CODE_DIFFERS, id="another code"),
        pytest.param({"individual_number": OTHER_NUMBER}, AlarmKind.NUMBER_DIFFERS, id="another number"),
    ],
)
def test_stays_that_disagree_are_an_alarm_and_not_a_refusal(items, kind):
    """A move never waits for a clerk: what does not fit is admitted, and somebody is told."""
    outcome = attempt(told(LEFT_A), entered(**items))

    assert outcome.alarms == (Alarm(kind, 2, 1),)
    assert outcome.is_current


@pytest.mark.parametrize(
    "items",
    [
        pytest.param({"sex": Sex.UNKNOWN}, id="sex not known there"),
        pytest.param({"individual_number": None}, id="no number yet"),
        pytest.param({"name": PersonName("田中　太郎")}, id="another name: people marry"),
    ],
)
def test_what_is_not_known_or_may_change_is_no_alarm(items):
    """Nothing is alarming where nothing is contradicted."""
    assert attempt(told(LEFT_A), entered(**items)).alarms == ()


def test_a_correction_at_the_next_town_is_no_alarm():
    """B corrects the birth date it was told: the stays began in agreement."""
    corrected = lived(
        change(Reason.MOVED_IN, "2026-05-03", town=B, predecessor=coming_from(A, 1)),
        change(
            Reason.CORRECTED_EX_OFFICIO, "2026-06-01", town=B, birth_date=RecordedDate.of(date(1980, 1, 3))
        ),
        change(
            Reason.CODE_CHANGED_ON_REQUEST,
            "2026-07-01",
            town=B,
            birth_date=RecordedDate.of(date(1980, 1, 3)),
            resident_code=OTHER_CODE,
        ),
    )

    assert told(LEFT_A, corrected).alarms == ()


def test_an_alarm_is_cleared_when_the_stays_agree():
    """B entered another birth date, and corrects it."""
    wrong = RecordedDate.of(date(1980, 1, 3))
    history = lived(
        change(Reason.MOVED_IN, "2026-05-03", town=B, predecessor=coming_from(A, 1), birth_date=wrong),
        change(Reason.CORRECTED_EX_OFFICIO, "2026-06-01", town=B),
    )
    entry, correction = notices(history)
    person = take_in(told(LEFT_A), entry)

    outcome = attempt(person, correction)

    assert person.alarms == outcome.cleared == (Alarm(AlarmKind.BIRTH_DATE_DIFFERS, 2, 1),)
    assert outcome.person.alarms == outcome.alarms == ()


@pytest.mark.parametrize(
    ("items", "kinds"),
    [
        pytest.param({"resident_code": OTHER_CODE}, [], id="codes change"),
        pytest.param({"individual_number": OTHER_NUMBER}, [], id="numbers change"),
        pytest.param(
            {"birth_date": RecordedDate.of(date(1980, 1, 3))},
            [AlarmKind.BIRTH_DATE_DIFFERS],
            id="birth dates do not",
        ),
        pytest.param({"sex": Sex.FEMALE}, [AlarmKind.SEX_DIFFERS], id="nor does the sex between two stays"),
    ],
)
def test_across_a_missing_stay_only_what_does_not_change_is_compared(items, kinds):
    """What happened in a stay that another prefecture keeps is not known here."""
    outcome = attempt(told(LEFT_A), entered(stay=3, came_from=coming_from(C, 2), **items))

    assert outcome.alarms == tuple(Alarm(kind, 3, 1) for kind in kinds)


def test_a_stay_after_death_is_an_alarm():
    """Somebody is dead at A and moves into B."""
    assert attempt(told(DEAD_AT_A), entered()).alarms == (Alarm(AlarmKind.ENTERED_AFTER_DEATH, 2, 1),)


@pytest.mark.parametrize(
    ("home", "named", "alarms"),
    [
        pytest.param(A, A, (), id="the town itself"),
        pytest.param(A, C, (Alarm(AlarmKind.PREDECESSOR_DIFFERS, 2, 1),), id="another town"),
        pytest.param(CHUO, SAPPORO, (), id="the ward's city"),
    ],
)
def test_a_predecessor_must_be_the_town_whose_stay_it_is(home, named, alarms):
    """B says the person came from a town that never had them."""
    person = told(lived(change(Reason.BORN, "2020-01-01", town=home)))

    assert attempt(person, entered(came_from=coming_from(named, 1))).alarms == alarms


def test_a_predecessor_that_comes_later_raises_its_alarm_then():
    """Order does not matter: the alarm is of the set of stays."""
    person = take_in(None, entered(came_from=coming_from(C, 1)))

    assert attempt(person, AT_A.notice).alarms == (Alarm(AlarmKind.PREDECESSOR_DIFFERS, 2, 1),)


@pytest.mark.parametrize(
    ("histories", "day", "days", "alarming"),
    [
        pytest.param((AT_A,), "2026-05-17", 14, False, id="fourteen days are not yet too long"),
        pytest.param((AT_A,), "2026-05-18", 14, True, id="the fifteenth is"),
        pytest.param((AT_A,), "2026-05-11", 7, True, id="the number of days is configured"),
        pytest.param((LEFT_A,), "2026-12-31", 14, False, id="A has deleted the record"),
        pytest.param((), "2026-12-31", 14, False, id="A is not known here"),
    ],
)
def test_a_predecessor_left_open_is_an_alarm_after_days(histories, day, days, alarming):
    """B entered the person on 3 May; A says nothing."""
    person = take_in(told(*histories), entered())

    assert open_predecessors(person, date.fromisoformat(day), days) == (
        (Alarm(AlarmKind.PREDECESSOR_OPEN, 2, 1),) if alarming else ()
    )


def test_a_stay_that_took_over_again_is_not_left_open():
    """B's entry was cancelled: that A is open is as it should be."""
    assert open_predecessors(told(AT_A, CANCELLED_AT_B), date(2027, 1, 1)) == ()


# Who it is


def test_a_number_alone_leads_to_somebody_of_the_same_birth_date_and_sex():
    """B's entry under a new code comes before A's notice of the change: the number says who it is."""
    outcome = attempt(told(AT_A), entered(resident_code=OTHER_CODE))

    assert outcome.alarms == (Alarm(AlarmKind.CODE_DIFFERS, 2, 1),)


@pytest.mark.parametrize("items", [{"sex": Sex.FEMALE}, {"birth_date": RecordedDate.of(date(1999, 9, 9))}])
def test_a_number_alone_never_leads_to_somebody_else(items):
    """A mistyped number must not make one person of two."""
    assert attempt(told(AT_A), entered(resident_code=OTHER_CODE, **items)) is stays.ANOTHERS_NUMBER


def test_two_that_prove_one_are_united():
    """B's entry made a person of its own under the new code; A's change of code shows who it was."""
    at_b = take_in(None, entered(resident_code=OTHER_CODE))
    united = unite([told(AT_A), at_b])
    recoded = after(AT_A, change(Reason.CODE_CHANGED_ON_REQUEST, "2026-04-30", resident_code=OTHER_CODE))

    assert [summary.stay for summary in united.stays] == [1, 2]
    assert attempt(united, recoded.notice).person.alarms == ()
    assert unite([at_b]) is at_b


@pytest.mark.parametrize(
    ("others", "refusal"),
    [
        pytest.param(
            take_in(None, lived(change(Reason.BORN, "2020-01-01", resident_code=OTHER_CODE)).notice),
            stays.TWO_CLAIMS,
            id="both have a first stay",
        ),
        pytest.param(
            take_in(None, entered(resident_code=OTHER_CODE, sex=Sex.FEMALE)),
            stays.ANOTHERS_NUMBER,
            id="they are of different sex",
        ),
    ],
)
def test_two_that_cannot_be_one_are_not_united(others, refusal):
    """Two lives that overlap, or two that were never described alike, stay two."""
    assert unite([told(AT_A), others]) is refusal


# What the store keeps


def test_a_person_is_loaded_from_the_rows_of_admitted_notices():
    """Folded anew from its rows, a person is what was folded notice by notice."""
    histories = (BACK_AT_A, CANCELLED_AT_B)
    rows = [
        AdmittedNotice.of(notice, digest(notice.to_bytes()))
        for history in histories
        for notice in notices(history)
    ]

    assert Person.of(rows) == told(*histories)
    assert Person.of([AdmittedNotice(*map(plain, row)) for row in rows]) == told(*histories)


def plain(value):
    """The value as a database hands it back: text for codes and reasons."""
    return str(value) if isinstance(value, str) else value


def test_a_stay_that_is_not_known_is_none():
    """Only stays that were told are known."""
    assert told(AT_A).stay(2) is None


def test_every_refusal_has_a_code_of_its_own():
    """A clerk tells refusals apart by their codes."""
    refusals = {value for value in vars(stays).values() if isinstance(value, Refusal)}

    assert len({refusal.code for refusal in refusals}) == len(refusals) == 9
