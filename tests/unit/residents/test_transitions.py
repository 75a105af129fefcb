# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The table of transitions (異動の可否, 令7条–13条), its refusals, and the page drawn from it."""

import runpy
from pathlib import Path

import pytest

from openjuki.refusal import Refusal
from openjuki.residents import guards, transitions
from openjuki.residents.changes import Action, MunicipalReason, Reason
from openjuki.residents.transitions import (
    ALREADY_RECORDED,
    BEGINNINGS,
    DEAD,
    ENTRY_DOES_NOT_FOLLOW,
    MOVED_OUT_TWICE,
    NOT_MOVING_OUT,
    NOT_RECORDED,
    RECORD_CLOSED,
    SECOND_DEATH,
    STATE_OF,
    TRANSITIONS,
    UNTIL_DEPARTURE,
    VERSIONS,
    State,
    follow,
)

ROOT = Path(__file__).parents[3]
PAGE = ROOT / "docs/spec/transitions.md"
REASONS = (*Reason, *MunicipalReason)
CLOSED = [state for state in State if state not in {State.NOT_RECORDED, State.RESIDENT}]
REFUSALS = {
    refusal
    for room in (transitions, guards)
    for refusal in vars(room).values()
    if isinstance(refusal, Refusal)
}

ALLOWED = [
    pytest.param(State.NOT_RECORDED, Reason.BORN, State.RESIDENT, id="a child is born"),
    pytest.param(State.NOT_RECORDED, Reason.MOVED_IN, State.RESIDENT, id="somebody moves in"),
    pytest.param(
        State.NOT_RECORDED, Reason.ENTERED_ON_NATURALISATION, State.RESIDENT, id="a register's row says 帰化"
    ),
    pytest.param(State.RESIDENT, Reason.MOVED_WITHIN, State.RESIDENT, id="a resident moves within"),
    pytest.param(
        State.RESIDENT, Reason.MOVED_OUT, State.MOVE_OUT_PLANNED, id="moving out is a plan at first"
    ),
    pytest.param(State.RESIDENT, Reason.MOVED_ABROAD, State.MOVED_ABROAD, id="a resident goes abroad"),
    pytest.param(State.RESIDENT, Reason.DIED, State.DIED, id="a resident dies"),
    pytest.param(
        State.RESIDENT, MunicipalReason.DELETION_BY_CANCELLATION, State.DELETED, id="an entry is cancelled"
    ),
    pytest.param(
        State.MOVE_OUT_PLANNED,
        MunicipalReason.MOVE_OUT_CONFIRMED,
        State.MOVED_OUT,
        id="the move is confirmed",
    ),
    pytest.param(
        State.MOVE_OUT_PLANNED,
        MunicipalReason.MOVE_OUT_REDIRECTED,
        State.MOVE_OUT_PLANNED,
        id="another destination or day",
    ),
    pytest.param(
        State.MOVE_OUT_PLANNED,
        MunicipalReason.ENTRY_BY_CANCELLATION,
        State.RESIDENT,
        id="the plan is cancelled",
    ),
    pytest.param(State.MOVE_OUT_PLANNED, Reason.DIED, State.DIED, id="death comes before the planned day"),
    pytest.param(State.MOVE_OUT_PLANNED, Reason.MOVED_ABROAD, State.MOVED_ABROAD, id="abroad after all"),
    pytest.param(State.MOVED_ABROAD, Reason.MOVED_OUT, State.MOVE_OUT_PLANNED, id="not abroad after all"),
    pytest.param(
        State.MOVED_OUT, MunicipalReason.MOVE_OUT_CONFIRMED, State.MOVED_OUT, id="the notice is sent again"
    ),
    pytest.param(
        State.DELETED,
        MunicipalReason.DESTINATION_LEARNED,
        State.DELETED,
        id="somebody deleted ex officio has moved in elsewhere",
    ),
    pytest.param(
        State.DIED, MunicipalReason.ENTRY_BY_CANCELLATION, State.RESIDENT, id="the death was an error"
    ),
    pytest.param(
        State.NATURALISED, Reason.ENTERED_ON_NATURALISATION, State.RESIDENT, id="the new Japanese is entered"
    ),
    pytest.param(
        State.NATIONALITY_LOST,
        Reason.ENTERED_ON_LOSS_OF_NATIONALITY,
        State.RESIDENT,
        id="the new foreign resident is entered",
    ),
    pytest.param(State.DELETED, Reason.ENTERED_EX_OFFICIO, State.RESIDENT, id="the missing is found"),
]


@pytest.mark.parametrize(("before", "reason", "after"), ALLOWED)
def test_what_the_orders_allow_follows(before, reason, after):
    """令7条 to 13条: each of these changes may follow, and leads where it should."""
    assert follow(before, reason) is after


@pytest.mark.parametrize(
    ("before", "reason", "refusal"),
    [
        pytest.param(State.NOT_RECORDED, Reason.DIED, NOT_RECORDED, id="a stranger's death"),
        pytest.param(State.NOT_RECORDED, Reason.MOVED_WITHIN, NOT_RECORDED, id="a stranger moves within"),
        pytest.param(
            State.NOT_RECORDED, MunicipalReason.ENTRY_BY_CANCELLATION, NOT_RECORDED, id="nothing to cancel"
        ),
        pytest.param(State.RESIDENT, Reason.MOVED_IN, ALREADY_RECORDED, id="a resident moves in"),
        pytest.param(State.RESIDENT, Reason.BORN, ALREADY_RECORDED, id="a resident is born"),
        pytest.param(
            State.RESIDENT,
            MunicipalReason.ENTRY_BY_CANCELLATION,
            ALREADY_RECORDED,
            id="no deletion to cancel",
        ),
        pytest.param(
            State.RESIDENT, MunicipalReason.MOVE_OUT_CONFIRMED, NOT_MOVING_OUT, id="confirmed without a plan"
        ),
        pytest.param(
            State.RESIDENT,
            MunicipalReason.MOVE_OUT_REDIRECTED,
            NOT_MOVING_OUT,
            id="redirected without a plan",
        ),
        pytest.param(
            State.RESIDENT, MunicipalReason.DESTINATION_LEARNED, NOT_MOVING_OUT, id="a resident's destination"
        ),
        pytest.param(State.MOVE_OUT_PLANNED, Reason.MOVED_OUT, MOVED_OUT_TWICE, id="moving out twice"),
        pytest.param(State.MOVE_OUT_PLANNED, Reason.BORN, ENTRY_DOES_NOT_FOLLOW, id="born while moving out"),
        pytest.param(
            State.MOVED_OUT, Reason.MOVED_OUT, MOVED_OUT_TWICE, id="moving out after having moved out"
        ),
        pytest.param(
            State.MOVED_OUT, Reason.MOVED_ABROAD, MOVED_OUT_TWICE, id="abroad after having moved out"
        ),
        pytest.param(State.MOVED_OUT, Reason.DIED, RECORD_CLOSED, id="death where one no longer lives"),
        pytest.param(
            State.MOVED_OUT, Reason.MOVED_WITHIN, RECORD_CLOSED, id="moving where one no longer lives"
        ),
        pytest.param(
            State.MOVED_OUT, MunicipalReason.REVISED_ENTRY, RECORD_CLOSED, id="a closed record is not revised"
        ),
        pytest.param(
            State.MOVED_OUT,
            MunicipalReason.RESTORED_ENTRY,
            RECORD_CLOSED,
            id="a closed record is not restored",
        ),
        pytest.param(State.MOVED_ABROAD, Reason.MOVED_ABROAD, MOVED_OUT_TWICE, id="abroad twice"),
        pytest.param(State.DIED, Reason.DIED, SECOND_DEATH, id="a second death"),
        pytest.param(State.DIED, Reason.MOVED_IN, DEAD, id="the dead move in"),
        pytest.param(State.DIED, Reason.MOVED_OUT, DEAD, id="the dead move out"),
        pytest.param(State.DIED, Reason.CODE_CHANGED_ON_REQUEST, DEAD, id="the dead ask for another code"),
        pytest.param(
            State.NATURALISED,
            Reason.ENTERED_ON_LOSS_OF_NATIONALITY,
            ENTRY_DOES_NOT_FOLLOW,
            id="nationality is not lost by gaining it",
        ),
        pytest.param(
            State.DELETED,
            Reason.ENTERED_ON_NATURALISATION,
            ENTRY_DOES_NOT_FOLLOW,
            id="帰化 without its deletion",
        ),
        pytest.param(State.DELETED, Reason.DELETED_EX_OFFICIO, RECORD_CLOSED, id="deleted twice"),
    ],
)
def test_what_cannot_be_is_refused_with_its_reason(before, reason, refusal):
    """Each impossible change is refused by the rule that forbids it."""
    assert follow(before, reason) is refusal


@pytest.mark.parametrize("state", State)
@pytest.mark.parametrize("reason", REASONS)
def test_every_change_in_every_state_is_answered(state, reason):
    """There is no change to which the table has no answer: a state, or a refusal that is documented."""
    answer = follow(state, reason)

    assert isinstance(answer, State) or answer in REFUSALS


@pytest.mark.parametrize("reason", REASONS)
def test_every_reason_is_good_for_something(reason):
    """A reason that no state allows would be a dead letter."""
    assert any(reason in changes for changes in TRANSITIONS.values())


@pytest.mark.parametrize("state", CLOSED)
def test_the_mayor_corrects_a_closed_record_and_it_stays_closed(state):
    """除票の修正: ex-officio and clerical corrections of a closed record never open it."""
    for reason in (Reason.CORRECTED_EX_OFFICIO, MunicipalReason.CLERICAL_CORRECTION):
        assert follow(state, reason) is state


@pytest.mark.parametrize("state", CLOSED)
def test_every_deletion_can_be_cancelled(state):
    """標準仕様書 4.6.0.1: whatever deleted the record, its cancellation makes a resident again."""
    assert follow(state, MunicipalReason.ENTRY_BY_CANCELLATION) is State.RESIDENT


def test_a_correction_never_changes_the_state():
    """修正 leaves a resident a resident and a closed record closed; only the confirmation of a move does more."""
    moved = {
        reason
        for before, changes in TRANSITIONS.items()
        for reason, after in changes.items()
        if reason.action is Action.CORRECTION and after is not before
    }

    assert moved == {MunicipalReason.MOVE_OUT_CONFIRMED}


def test_an_entry_begins_a_stay_unless_it_cancels_a_deletion():
    """The six statutory entries begin stays; 改製 and 再製 rewrite a record, 異動の取消し goes on with it."""
    assert {reason for reason in Reason if reason.action is Action.ENTRY} == BEGINNINGS


@pytest.mark.parametrize("state", UNTIL_DEPARTURE)
def test_what_needs_no_resident_is_not_limited_to_the_time_before_departure(state):
    """After the day of departure remain: correcting the closed record, news of the move, and entries."""
    news = {
        MunicipalReason.MOVE_OUT_CONFIRMED,
        MunicipalReason.MOVE_OUT_REDIRECTED,
        MunicipalReason.DESTINATION_LEARNED,
    }
    remaining = TRANSITIONS[state].keys() - UNTIL_DEPARTURE[state]

    assert remaining - news - BEGINNINGS == TRANSITIONS[State.DIED].keys()


@pytest.mark.parametrize("closing", list(STATE_OF))
def test_the_upper_tiers_allow_what_the_municipality_may_send(closing):
    """Whatever a municipality may do next in a stay, its notice is one the upper tiers take in, and no other."""
    states = {STATE_OF[closing]} | ({State.MOVE_OUT_PLANNED} if closing is Reason.MOVED_OUT else set())
    sent = {
        reason.statutory
        for state in states
        for reason in TRANSITIONS[state]
        if reason not in BEGINNINGS and reason.statutory is not None
    }

    assert sent == VERSIONS[closing]


def test_every_state_of_a_record_has_its_closing_reason():
    """The upper tiers tell the states apart by the reason of deletion; planned and confirmed are one."""
    assert set(STATE_OF.values()) == set(State) - {State.NOT_RECORDED, State.MOVE_OUT_PLANNED}


def test_refusals_have_codes_of_their_own_and_stand_on_the_page():
    """Each refusal has its own code, and docs/spec/transitions.md says what it means."""
    page = PAGE.read_text(encoding="utf-8")

    assert len({refusal.code for refusal in REFUSALS}) == len(REFUSALS)
    for refusal in REFUSALS:
        assert f"| {refusal.code} {refusal.rule} |" in page


def test_the_page_is_drawn_from_the_table():
    """docs/spec/transitions.md is what scripts/draw_transitions.py makes of the tables as they are."""
    draw = runpy.run_path(str(ROOT / "scripts/draw_transitions.py"))["draw"]
    page = PAGE.read_text(encoding="utf-8")

    assert draw(page) == page, "run scripts/draw_transitions.py"


def test_the_page_explains_every_state():
    """Each state is in the diagram and in the list."""
    page = PAGE.read_text(encoding="utf-8")

    for state in State:
        assert f"| `{state.name}` |" in page
        assert f" {state.name}" in page.split("```mermaid")[1].split("```")[0]
