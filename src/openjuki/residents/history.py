# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""History of one person in one municipality's register (異動履歴, 標準仕様書 1.2.1).

Rules of this file:

1. A change adds a row; nothing is ever overwritten. The row with the highest history number is the
   present one, and holds the whole record.
2. Whether a change may follow is asked of `transitions` first and of `guards` after. Either refuses
   with a reason, and then nothing has changed.
3. A row is sent if and only if it tells the upper tiers something: it has a statutory reason, and a
   correction touches identification information (法30条の6). Each row that is sent has the next version
   (更新順番号) of its stay; one that is not sent keeps the version of the row before it.
4. Two times: `date_of_change` says since when a thing was so, `recorded_at` since when we knew.

>>> History().state
<State.NOT_RECORDED: 'not_recorded'>
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from itertools import groupby, pairwise
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Final

from openjuki.refusal import Refusal
from openjuki.residents.changes import Action, MunicipalReason, Predecessor
from openjuki.residents.guards import refuse
from openjuki.residents.notice import Notice
from openjuki.residents.record import ResidentRecord
from openjuki.residents.transitions import BEGINNINGS, State, follow

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import date, datetime

    from openjuki.residents.changes import Change, Reason

#: Sent as moving out once more, with the day of deletion that now holds (令13条).
_RESTATEMENTS: Final = frozenset((MunicipalReason.MOVE_OUT_REDIRECTED, MunicipalReason.MOVE_OUT_CONFIRMED))

#: The destination's notice of moving in came (転入通知, 法9条1項).
_TOLD_BY_DESTINATION: Final = frozenset(
    (MunicipalReason.MOVE_OUT_CONFIRMED, MunicipalReason.DESTINATION_LEARNED)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class HistoryRow:
    """Row of a history (異動履歴の行): one change and what it made of the record."""

    change: Change
    #: 履歴番号: 1, 2, 3 … per resident number (標準仕様書 1.2.1).
    history_number: int
    #: The stay it belongs to.
    stay: int
    #: 更新順番号 of the last notice sent of this stay, this row's own if it was sent.
    version: int
    #: Where the person stands after it.
    state: State

    @property
    def record(self) -> ResidentRecord:
        """The whole record after the change."""
        return self.change.record

    @property
    def recorded_at(self) -> datetime:
        """When we knew (処理日時)."""
        return self.change.recorded_at


@dataclass(frozen=True, slots=True)
class History:
    """History (異動履歴, 標準仕様書 1.2.1) of one resident number, oldest row first."""

    rows: tuple[HistoryRow, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[HistoryRow]) -> History:
        """The history that these rows, in order of their history numbers, were stored from."""
        return cls(tuple(rows))

    @property
    def state(self) -> State:
        """Where the person stands (住民状態)."""
        return self.rows[-1].state if self.rows else State.NOT_RECORDED

    @property
    def stay(self) -> tuple[HistoryRow, ...]:
        """The rows of the last stay here."""
        return tuple(row for row in self.rows if row.stay == self.rows[-1].stay)

    @property
    def begun_on(self) -> date | None:
        """The day on which the last stay began: of its entry, or an earlier one, where the record was corrected to it."""
        if not self.rows:
            return None
        entry, became = self.stay[0], self.rows[-1].record.became_resident_on
        if became is None or became == entry.record.became_resident_on:
            return entry.change.date_of_change
        return min(entry.change.date_of_change, became.sort)

    @property
    def deleted_on(self) -> date | None:
        """The day on which the record of the last stay is deleted (消除の日); None: it is not."""
        return _deleted_on(self.stay)

    @property
    def next_stay(self) -> int:
        """The ordinal of the person's next stay, for the certificate of moving out (転出証明書情報).

        Every destination that has sent its notice has used one up, even if it cancelled the entry since, and even if
        the record had been deleted here for another reason. After the move was cancelled here, the same one may use up
        another.
        """
        cancelled, entries = 0, set[tuple[int, str]]()
        for row in self.stay:
            cancelled += row.change.reason is MunicipalReason.ENTRY_BY_CANCELLATION
            where = row.change.destination.municipality if row.change.destination else None
            if row.change.reason in _TOLD_BY_DESTINATION and where is not None:
                entries.add((cancelled, where))  # who tells the same again corrects what was told
        return (self.rows[-1].stay if self.rows else 0) + len(entries) + 1

    def apply(self, change: Change) -> History | Refusal:
        """The history after one more change, or why it may not happen (令7条–13条)."""
        after = follow(self.state, change.reason)
        if isinstance(after, Refusal):
            return after
        row = self._row(change, after)
        return refuse(self, row) or History((*self.rows, row))

    @property
    def notice(self) -> Notice | None:
        """The notice of the last change (法30条の6第1項); None: the upper tiers are told nothing."""
        stay = self.stay
        if len(stay) > 1:
            sent = stay[-1].version > stay[-2].version
            return _version(stay[-1], stay[-2].record, self.deleted_on) if sent else None
        return _entry(stay[0], self.rows[-2] if self.rows[:-1] else None) if stay else None

    def as_of(self, valid: date, recorded: datetime) -> ResidentRecord | None:
        """The record as it was on the day `valid`, as far as we knew at `recorded`; None: there was none.

        What a change altered counts from its date of change. Where two changes altered one item, the one
        recorded later prevails. What was cancelled never counted (異動の取消し（修正）), unless the cancellation was
        cancelled. The day of deletion itself no longer counts.
        """
        known = (row for row in self.rows if row.recorded_at <= recorded)
        for _, stay in groupby(known, attrgetter("stay")):
            rows = tuple(stay)
            deleted_on = _deleted_on(rows)
            if rows[0].change.date_of_change <= valid and (deleted_on is None or valid < deleted_on):
                return _fold(rows, valid)
        return None

    def _row(self, change: Change, after: State) -> HistoryRow:
        if change.reason in BEGINNINGS:
            stay, version = _stay_begun(self, change), 1
        else:
            rows = self.stay
            stay, version = rows[-1].stay, rows[-1].version + _tells(rows, change)
        number = len(self.rows) + 1
        return HistoryRow(change=change, history_number=number, stay=stay, version=version, state=after)


def _stay_begun(history: History, change: Change) -> int:
    """Which stay of the person's life an entry begins."""
    if change.stay is not None:
        return change.stay
    if change.predecessor is not None:
        return change.predecessor.stay + 1
    return history.next_stay


def _tells(stay: Sequence[HistoryRow], change: Change) -> bool:
    """Whether the change tells the upper tiers anything (法30条の6第1項)."""
    if change.statutory_reason is None:
        return False
    if change.reason in _RESTATEMENTS:
        planned_on, before = _departure(stay)
        return _deletes_on(change, planned_on, before) != before
    if change.action is Action.CORRECTION:
        return change.record.identification() != stay[-1].record.identification()
    return True


def _deleted_on(stay: Iterable[HistoryRow]) -> date | None:
    """The day from which the rows of a stay say that the record is deleted."""
    return _departure(stay)[1]


def _departure(stay: Iterable[HistoryRow]) -> tuple[date | None, date | None]:
    """The day for which the deletion was last notified or planned, and the day from which it counts."""
    begun_on, planned_on, deleted_on = None, None, None
    for row in stay:
        change = row.change
        begun_on = begun_on or change.date_of_change
        if row.state is State.RESIDENT:
            planned_on = deleted_on = None
        elif change.reason is MunicipalReason.DELETION_BY_CANCELLATION:
            deleted_on = begun_on
        else:
            deleted_on = _deletes_on(change, planned_on, deleted_on)
            planned_on = change.date_of_change if _deletes(change) else planned_on
    return planned_on, deleted_on


def _deletes_on(change: Change, planned_on: date | None, before: date | None) -> date | None:
    """The day of deletion after a change.

    Moving out deletes on the planned day, or on the day of moving in if that is earlier (標準仕様書 1.1.5); of
    several days that destinations told, the last counts, for a notice that erred is sent again.
    """
    if _deletes(change):
        return change.date_of_change
    if change.reason is MunicipalReason.MOVE_OUT_CONFIRMED and planned_on is not None:
        return min(planned_on, change.date_of_change)
    return before


def _deletes(change: Change) -> bool:
    """Whether the record is deleted on the change's own day."""
    deletes = change.action is Action.DELETION and change.statutory_reason is not None  # not 改製, 再製
    return deletes or change.reason is MunicipalReason.MOVE_OUT_REDIRECTED


def _entry(row: HistoryRow, before: HistoryRow | None) -> Notice:
    """The first notice of a stay; where no predecessor was named, the stay before it here is one."""
    predecessor = row.change.predecessor
    if predecessor is None and before is not None:
        predecessor = Predecessor(municipality=before.record.address.municipality, stay=before.stay)
    return Notice(
        stay=row.stay,
        version=row.version,
        reason=_sent_as(row),
        date_of_change=row.change.date_of_change,
        recorded_at=row.recorded_at,
        identification=row.record.identification(),
        predecessor=predecessor,
    )


def _version(row: HistoryRow, before: ResidentRecord, deleted_on: date | None) -> Notice:
    """A later notice of a stay, with the code or number that it replaces (令30条の5第4号・5号)."""
    code, number = before.resident_code, before.individual_number
    return Notice(
        stay=row.stay,
        version=row.version,
        reason=_sent_as(row),
        date_of_change=(row.change.reason in _RESTATEMENTS and deleted_on) or row.change.date_of_change,
        recorded_at=row.recorded_at,
        identification=row.record.identification(),
        previous_resident_code=None if code == row.record.resident_code else code,
        previous_individual_number=None if number == row.record.individual_number else number,
    )


def _sent_as(row: HistoryRow) -> Reason:
    reason = row.change.statutory_reason
    assert reason is not None  # rule 3
    return reason


#: What an item was, and since when, in the order in which that was recorded.
type _Course = tuple[tuple[date, Any], ...]


def _fold(rows: Sequence[HistoryRow], valid: date) -> ResidentRecord:
    """The record of a stay on a day: of every item what was recorded last of those that had begun by then."""
    entry, begun_on = rows[0].record, rows[0].change.date_of_change
    courses: dict[str, list[_Course]] = {item: [((begun_on, getattr(entry, item)),)] for item in _ITEMS}
    for before, after in pairwise(rows):
        for item, new in _altered(before.record, after.record).items():
            courses[item].append(_course(courses[item], after.change, new))
    return replace(entry, **{item: _on(valid, known[-1]) for item, known in courses.items() if known[1:]})


def _course(known: Sequence[_Course], change: Change, new: Any) -> _Course:
    """The course of an item after a change, given what it was known to be after those before.

    A cancellation takes the item back to how it was known when it last had this value; where it never had, what it has
    now never was, and the new value takes its place.
    """
    if change.reason is not MunicipalReason.CORRECTION_BY_CANCELLATION:
        return (*known[-1], (change.date_of_change, new))
    *before, (since, _) = known[-1]
    restored = next((course for course in reversed(known) if course[-1][1] == new), None)
    return restored or (*before, (min(since, change.date_of_change), new))


def _on(valid: date, course: _Course) -> Any:
    return next(value for since, value in reversed(course) if since <= valid)


_ITEMS: Final = tuple(field.name for field in fields(ResidentRecord))


def _altered(before: ResidentRecord, after: ResidentRecord) -> dict[str, Any]:
    return {item: new for item in _ITEMS if (new := getattr(after, item)) != getattr(before, item)}
