# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which change may follow which (異動の可否, 令7条–13条).

Rules of this file:

1. Everything that decides whether a change may follow stands here, as tables. What is not in a table
   may not happen, and has a refusal that says why.
2. The tables know no clock. A person who has given notice of moving out is a resident until the day of
   departure; so the changes that only a resident can make are in `UNTIL_DEPARTURE`, and `history`
   compares the dates.
3. The upper tiers hold notices to the same table: `VERSIONS` is computed from it, not written twice.

Theory of operation: a record is entered (記載), corrected (修正) and deleted (消除). A deleted record
(除票) is still corrected ex officio where it errs, and a deletion is undone only by cancellation
(異動の取消し（増）), which continues the same stay. Any other entry after a deletion begins the next stay.
Moving out within the country takes two steps: the person's notification (転出届) with a planned day, then
the destination's notice (転入通知, 法9条1項).

`docs/spec/transitions.md` is drawn from these tables.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Final

from openjuki.refusal import Refusal
from openjuki.residents.changes import Action, MunicipalReason, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class State(StrEnum):
    """Where a person stands in one municipality's register (住民状態)."""

    #: Never recorded here.
    NOT_RECORDED = "not_recorded"
    #: 住民.
    RESIDENT = "resident"
    #: 転出届 given: a resident until the planned day, and not yet confirmed by the destination.
    MOVE_OUT_PLANNED = "move_out_planned"
    #: 転出確定: the destination has told us.
    MOVED_OUT = "moved_out"
    #: 国外転出: nobody confirms it; a resident until the planned day.
    MOVED_ABROAD = "moved_abroad"
    #: 死亡.
    DIED = "died"
    #: Deleted as a foreign resident on becoming Japanese; the entry as Japanese follows (令8条の2).
    NATURALISED = "naturalised"
    #: Deleted as Japanese on losing nationality; the entry as foreign resident may follow (令8条の2).
    NATIONALITY_LOST = "nationality_lost"
    #: 職権消除, or an entry that was cancelled.
    DELETED = "deleted"


type AnyReason = Reason | MunicipalReason

#: Only a resident can make these.
_RESIDENTS_CORRECTIONS: Final[tuple[AnyReason, ...]] = (
    Reason.MOVED_WITHIN,
    Reason.MINOR_CORRECTION,
    Reason.NUMBER_CHANGED_ON_REQUEST,
    Reason.CODE_CHANGED_ON_REQUEST,
    MunicipalReason.REVISED_DELETION,
    MunicipalReason.REVISED_ENTRY,
    MunicipalReason.RESTORED_DELETION,
    MunicipalReason.RESTORED_ENTRY,
    MunicipalReason.HOUSEHOLD_SPLIT,
    MunicipalReason.HOUSEHOLDS_MERGED,
    MunicipalReason.HOUSEHOLD_CHANGED,
    MunicipalReason.HEAD_CHANGED,
    MunicipalReason.FORMER_SURNAME_ENTERED,
    MunicipalReason.FORMER_SURNAME_CHANGED,
    MunicipalReason.FORMER_SURNAME_REMOVED,
    MunicipalReason.ALIAS_ENTERED,
    MunicipalReason.ALIAS_REMOVED,
)
#: The mayor makes these of a deleted record too, where it errs (除票の修正).
_EX_OFFICIO_CORRECTIONS: Final[tuple[AnyReason, ...]] = (
    Reason.CORRECTED_EX_OFFICIO,
    Reason.NUMBER_CORRECTED_EX_OFFICIO,
    Reason.NUMBER_ENTERED_EX_OFFICIO,
    Reason.CODE_ENTERED_EX_OFFICIO,
    MunicipalReason.CLERICAL_CORRECTION,
    MunicipalReason.CORRECTION_BY_CANCELLATION,
)
#: The state a deletion leads to.
_DELETIONS: Final[Mapping[AnyReason, State]] = {
    Reason.MOVED_OUT: State.MOVE_OUT_PLANNED,
    Reason.MOVED_ABROAD: State.MOVED_ABROAD,
    Reason.DIED: State.DIED,
    Reason.DELETED_ON_NATURALISATION: State.NATURALISED,
    Reason.DELETED_ON_LOSS_OF_NATIONALITY: State.NATIONALITY_LOST,
    Reason.DELETED_EX_OFFICIO: State.DELETED,
}
#: Entries of somebody who was recorded before: the next stay.
_RETURNS: Final[Mapping[AnyReason, State]] = dict.fromkeys(
    (Reason.MOVED_IN, Reason.MOVED_IN_FROM_ABROAD, Reason.ENTERED_EX_OFFICIO), State.RESIDENT
)
#: The same stay goes on, as if nothing had been deleted.
_CANCELLATION: Final[Mapping[AnyReason, State]] = {MunicipalReason.ENTRY_BY_CANCELLATION: State.RESIDENT}


def _at(state: State, *reasons: Iterable[AnyReason]) -> dict[AnyReason, State]:
    """Changes that leave the state as it is."""
    return {reason: state for group in reasons for reason in group}


def _but(changes: Mapping[AnyReason, State], *reasons: AnyReason) -> dict[AnyReason, State]:
    return {reason: state for reason, state in changes.items() if reason not in reasons}


TRANSITIONS: Final[Mapping[State, Mapping[AnyReason, State]]] = {
    State.NOT_RECORDED: {
        **_RETURNS,
        Reason.BORN: State.RESIDENT,
        Reason.ENTERED_ON_NATURALISATION: State.RESIDENT,
        Reason.ENTERED_ON_LOSS_OF_NATIONALITY: State.RESIDENT,
    },
    State.RESIDENT: {
        **_DELETIONS,
        MunicipalReason.DELETION_BY_CANCELLATION: State.DELETED,
        **_at(State.RESIDENT, _RESIDENTS_CORRECTIONS, _EX_OFFICIO_CORRECTIONS),
    },
    State.MOVE_OUT_PLANNED: {
        **_but(_DELETIONS, Reason.MOVED_OUT),
        MunicipalReason.MOVE_OUT_CONFIRMED: State.MOVED_OUT,
        MunicipalReason.MOVE_OUT_REDIRECTED: State.MOVE_OUT_PLANNED,
        **_at(State.MOVE_OUT_PLANNED, _RESIDENTS_CORRECTIONS, _EX_OFFICIO_CORRECTIONS),
        **_CANCELLATION,
        **_RETURNS,
    },
    State.MOVED_OUT: {
        MunicipalReason.MOVE_OUT_CONFIRMED: State.MOVED_OUT,
        **_at(State.MOVED_OUT, _EX_OFFICIO_CORRECTIONS),
        **_CANCELLATION,
        **_RETURNS,
    },
    State.MOVED_ABROAD: {
        **_but(_DELETIONS, Reason.MOVED_ABROAD),
        MunicipalReason.DESTINATION_LEARNED: State.MOVED_ABROAD,
        **_at(State.MOVED_ABROAD, _RESIDENTS_CORRECTIONS, _EX_OFFICIO_CORRECTIONS),
        **_CANCELLATION,
        **_RETURNS,
    },
    State.DIED: {
        **_at(State.DIED, _EX_OFFICIO_CORRECTIONS),
        **_CANCELLATION,
    },
    State.NATURALISED: {
        Reason.ENTERED_ON_NATURALISATION: State.RESIDENT,
        **_at(State.NATURALISED, _EX_OFFICIO_CORRECTIONS),
        **_CANCELLATION,
        **_RETURNS,
    },
    State.NATIONALITY_LOST: {
        Reason.ENTERED_ON_LOSS_OF_NATIONALITY: State.RESIDENT,
        **_at(State.NATIONALITY_LOST, _EX_OFFICIO_CORRECTIONS),
        **_CANCELLATION,
        **_RETURNS,
    },
    State.DELETED: {
        Reason.BORN: State.RESIDENT,
        MunicipalReason.DESTINATION_LEARNED: State.DELETED,
        **_at(State.DELETED, _EX_OFFICIO_CORRECTIONS),
        **_CANCELLATION,
        **_RETURNS,
    },
}

#: Of the changes above, those open only up to the day of departure.
UNTIL_DEPARTURE: Final[Mapping[State, frozenset[AnyReason]]] = {
    state: frozenset((*_RESIDENTS_CORRECTIONS, *_DELETIONS))
    for state in (State.MOVE_OUT_PLANNED, State.MOVED_ABROAD)
}

#: Entries that begin a stay; the one entry that does not is the cancellation of a deletion.
BEGINNINGS: Final = frozenset(
    reason for reason in TRANSITIONS[State.NOT_RECORDED] if reason.action is Action.ENTRY
)

#: How a deleted record stands, by the reason for which it was deleted; None: not deleted.
STATE_OF: Final[Mapping[Reason | None, State]] = {
    None: State.RESIDENT,
    Reason.MOVED_OUT: State.MOVED_OUT,
    Reason.MOVED_ABROAD: State.MOVED_ABROAD,
    Reason.DIED: State.DIED,
    Reason.DELETED_ON_NATURALISATION: State.NATURALISED,
    Reason.DELETED_ON_LOSS_OF_NATIONALITY: State.NATIONALITY_LOST,
    Reason.DELETED_EX_OFFICIO: State.DELETED,
}


def _versions() -> dict[Reason | None, frozenset[Reason]]:
    """What may be sent as the next version of a stay, by the reason for which the record was deleted.

    Whether the destination has confirmed a move is not told to the upper tiers: to them the two states of
    moving out are one.
    """
    return {
        closing: frozenset(
            sent
            for one in ((State.MOVE_OUT_PLANNED, state) if state is State.MOVED_OUT else (state,))
            for reason in TRANSITIONS[one]
            if reason not in BEGINNINGS and (sent := reason.statutory) is not None
        )
        for closing, state in STATE_OF.items()
    }


#: Closing reason of a stay (None: open): the statutory reasons its next version may have.
VERSIONS: Final[Mapping[Reason | None, frozenset[Reason]]] = _versions()


NOT_RECORDED: Final = Refusal(
    code="JK-CHANGE-0001",
    rule="not-recorded",
    article="令8条・9条",
    message_ja="住民票に記載されていない人です。修正・消除はできません。",
    message_en="The person has never been recorded here; there is nothing to correct or delete.",
)
ALREADY_RECORDED: Final = Refusal(
    code="JK-CHANGE-0002",
    rule="already-recorded",
    article="令7条1項",
    message_ja="既に住民票に記載されています。重ねて記載することはできません。",
    message_en="The person is recorded here already; a second entry is refused.",
)
SECOND_DEATH: Final = Refusal(
    code="JK-CHANGE-0003",
    rule="second-death",
    article="令8条",
    message_ja="既に死亡により消除されています。",
    message_en="The record was deleted on death already.",
)
MOVED_OUT_TWICE: Final = Refusal(
    code="JK-CHANGE-0004",
    rule="moved-out-twice",
    article="法24条・令8条",
    message_ja="既に転出届が出ています。予定が変わった場合は「転出予定の変更」又は「異動の取消し」で処理してください。",
    message_en="Moving out was notified already; change the plan or cancel it instead.",
)
DEAD: Final = Refusal(
    code="JK-CHANGE-0005",
    rule="dead",
    article="令8条",
    message_ja="死亡により消除された住民票です。除票の修正又は異動の取消しのほかは処理できません。",
    message_en="The person has died; the record is only corrected, or its deletion cancelled.",
)
RECORD_CLOSED: Final = Refusal(
    code="JK-CHANGE-0006",
    rule="record-closed",
    article="令8条・9条",
    message_ja="消除された住民票（除票）です。この異動は住民でなければ処理できません。",
    message_en="The record is closed; this change needs a resident.",
)
ENTRY_DOES_NOT_FOLLOW: Final = Refusal(
    code="JK-CHANGE-0007",
    rule="entry-does-not-follow",
    article="令7条・8条の2",
    message_ja="直前の消除の事由からは、この事由で記載することはできません。",
    message_en="An entry for this reason does not follow the last deletion.",
)
NOT_MOVING_OUT: Final = Refusal(
    code="JK-CHANGE-0008",
    rule="not-moving-out",
    article="令13条",
    message_ja="国内への転出届が出ていません。",
    message_en="Nobody has notified a move within the country; there is nothing to confirm or change.",
)

#: Why a change that is in no table may not follow: by its reason, else by its action.
_REFUSALS: Final[Mapping[State, Mapping[AnyReason | Action, Refusal]]] = {
    State.NOT_RECORDED: dict.fromkeys(Action, NOT_RECORDED),
    State.RESIDENT: {Action.ENTRY: ALREADY_RECORDED},
    State.MOVE_OUT_PLANNED: {Reason.MOVED_OUT: MOVED_OUT_TWICE},
    State.MOVED_OUT: {Reason.MOVED_OUT: MOVED_OUT_TWICE, Reason.MOVED_ABROAD: MOVED_OUT_TWICE},
    State.MOVED_ABROAD: {Reason.MOVED_ABROAD: MOVED_OUT_TWICE},
    State.DIED: {Reason.DIED: SECOND_DEATH, **dict.fromkeys(Action, DEAD)},
}
_ANYWHERE: Final[Mapping[AnyReason | Action, Refusal]] = {
    MunicipalReason.MOVE_OUT_CONFIRMED: NOT_MOVING_OUT,
    MunicipalReason.MOVE_OUT_REDIRECTED: NOT_MOVING_OUT,
    MunicipalReason.DESTINATION_LEARNED: NOT_MOVING_OUT,
    MunicipalReason.REVISED_ENTRY: RECORD_CLOSED,
    MunicipalReason.RESTORED_ENTRY: RECORD_CLOSED,
    Action.ENTRY: ENTRY_DOES_NOT_FOLLOW,
    Action.DELETION: RECORD_CLOSED,
    Action.CORRECTION: RECORD_CLOSED,
}


def refusal_of(state: State, reason: AnyReason) -> Refusal:
    """Why a change for this reason may not follow."""
    here, action = _REFUSALS.get(state, {}), reason.action
    return here.get(reason) or here.get(action) or _ANYWHERE.get(reason) or _ANYWHERE[action]


def follow(state: State, reason: AnyReason) -> State | Refusal:
    """The state after a change for this reason, or why there is none."""
    after = TRANSITIONS[state].get(reason)
    return refusal_of(state, reason) if after is None else after
