# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A person as the upper tiers know them (本人, 法30条の6・30条の7): their stays, folded from notices.

Rules of this file:

1. A life is a sequence of stays (居住回次: 1, 2, 3 …, whichever municipality recorded them), a stay a
   gapless sequence of versions (更新順番号).
2. Where a person stands, and what is alarming, depends only on the set of stays: not on the order in
   which they became known.
3. A later stay is current at once. The exception is a stay deleted ex officio, as an entry that was
   cancelled is: it gives way to an earlier one that is open (again).
4. A correction after the deletion is a version of the deleted stay, and never opens it again.

The state is loaded from rows of admitted notices, all versions, ordered by stay and version
(`Person.of`), so that what was folded once and what is folded anew cannot differ.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from openjuki.codes.local_government import municipalities
from openjuki.config import JST
from openjuki.residents.changes import Action, Reason

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date, datetime

    from openjuki.residents.notice import Notice


class AdmittedNotice(NamedTuple):
    """What of an admitted notice the fold needs: one row of the store (通知の行), columns in this order."""

    stay: int
    version: int
    municipality: str
    reason: str
    date_of_change: date
    recorded_at: datetime
    resident_code: str
    individual_number: str | None
    #: The sort date of the birth date.
    birth_date: date
    sex: str
    predecessor_municipality: str | None
    predecessor_stay: int | None
    #: SHA-256 of the notice's bytes (`notice.digest`).
    digest: bytes

    @classmethod
    def of(cls, notice: Notice, digest: bytes) -> AdmittedNotice:
        """The row of a notice."""
        who, before = notice.identification, notice.predecessor
        return cls(
            notice.stay,
            notice.version,
            who.municipality,
            notice.reason,
            notice.date_of_change,
            notice.recorded_at,
            who.resident_code,
            who.individual_number,
            who.birth_date.sort,
            who.sex,
            before.municipality if before else None,
            before.stay if before else None,
            digest,
        )


class Bearer(NamedTuple):
    """What tells a person from others (同一性の確認に用いる項目)."""

    resident_code: str
    individual_number: str | None
    birth_date: date
    sex: str


class StaySummary(NamedTuple):
    """Stay (居住, 更新順番号の系列) as its notices so far leave it."""

    stay: int
    municipality: str
    #: Who was entered, and
    entered: Bearer
    #: who it is after the latest version.
    latest: Bearer
    #: When the entry was recorded.
    entered_at: datetime
    #: The municipality and ordinal of the stay before, as the entry names them.
    predecessor: tuple[str | None, int | None]
    #: The reason for which it is deleted; None: it is open.
    closing: Reason | None
    #: The day of deletion; for moving out it may lie ahead.
    closed_on: date | None
    #: Digest of every version.
    digests: tuple[bytes, ...]

    @property
    def version(self) -> int:
        """更新順番号 of the latest version."""
        return len(self.digests)


class PersonState(StrEnum):
    """Where a person stands in the nation, or in the part of it that a tier knows (住民状態)."""

    RESIDENT = "resident"
    #: 転出 notified, the day not yet come; only `state_on` tells it apart from the two below.
    MOVE_OUT_PLANNED = "move_out_planned"
    #: 転出, and no entry anywhere that we know of.
    MOVED_OUT_NOT_ENTERED = "moved_out_not_entered"
    #: 国外転出.
    ABROAD = "abroad"
    #: 死亡.
    DIED = "died"
    #: 職権消除.
    DELETED = "deleted"


#: Where somebody stands whose current stay is deleted for a reason, or open.
STATES: Final[Mapping[Reason | None, PersonState]] = {
    None: PersonState.RESIDENT,
    Reason.MOVED_OUT: PersonState.MOVED_OUT_NOT_ENTERED,
    Reason.MOVED_ABROAD: PersonState.ABROAD,
    Reason.DIED: PersonState.DIED,
    Reason.DELETED_ON_NATURALISATION: PersonState.DELETED,
    Reason.DELETED_ON_LOSS_OF_NATIONALITY: PersonState.DELETED,
    Reason.DELETED_EX_OFFICIO: PersonState.DELETED,
}


class AlarmKind(StrEnum):
    """What somebody must look at (警報の種類)."""

    #: 生年月日の不一致 between a stay and the one before.
    BIRTH_DATE_DIFFERS = "birth_date_differs"
    #: 性別の不一致.
    SEX_DIFFERS = "sex_differs"
    #: 住民票コードの不一致: not the code the stay before ended with.
    CODE_DIFFERS = "code_differs"
    #: 個人番号の不一致.
    NUMBER_DIFFERS = "number_differs"
    #: The municipality named as predecessor is not the one whose stay that is.
    PREDECESSOR_DIFFERS = "predecessor_differs"
    #: Somebody dead has a later stay.
    ENTERED_AFTER_DEATH = "entered_after_death"
    #: Days after the entry at the next municipality the stay before is still open.
    PREDECESSOR_OPEN = "predecessor_open"
    #: Two municipalities claim one stay.
    TWO_CLAIMS = "two_claims"
    #: A code or number leads to somebody who is not this person.
    ANOTHERS_NUMBER = "anothers_number"


class Alarm(NamedTuple):
    """Alarm (警報): what is wrong between two stays of a person; no personal data."""

    kind: AlarmKind
    #: The stay that shows it.
    stay: int
    #: The stay it disagrees with, if that is another one.
    earlier: int | None = None


@dataclass(frozen=True, slots=True)
class Person:
    """Person (本人) as the notices admitted so far tell: their stays, and what does not fit."""

    #: At least one; by ordinal.
    stays: tuple[StaySummary, ...]
    alarms: tuple[Alarm, ...] = ()

    @classmethod
    def of(cls, rows: Iterable[AdmittedNotice]) -> Person:
        """The person whose admitted notices these are, by stay and version."""
        stays: dict[int, StaySummary] = {}
        for row in rows:
            stays[row.stay] = extend(stays.get(row.stay), row)
        return settle(tuple(stays.values()))

    def stay(self, ordinal: int) -> StaySummary | None:
        """The stay with this ordinal, if known."""
        for summary in self.stays:
            if summary.stay == ordinal:
                return summary
        return None

    @property
    def current(self) -> StaySummary:
        """The stay that says where the person stands (rule 3)."""
        for summary in reversed(self.stays):
            if summary.closing is None:
                return summary
            if summary.closing is not Reason.DELETED_EX_OFFICIO:
                break
        return self.stays[-1]

    def place(self, alarm: Alarm) -> dict[str, Any]:
        """Where to look for what an alarm says: the code under which the stay that shows it was entered, and the stays.

        It is the same for as long as the alarm stands, whatever code the person bears by then.
        """
        shows = next(summary for summary in self.stays if summary.stay == alarm.stay)
        return {
            "resident_code": str(shows.entered.resident_code),
            "stay": alarm.stay,
            "earlier": alarm.earlier,
        }

    def bearers(self) -> Iterator[Bearer]:
        """Everybody the person has been recorded as."""
        for summary in self.stays:
            yield summary.entered
            yield summary.latest


def extend(known: StaySummary | None, row: AdmittedNotice) -> StaySummary:
    """The stay with one more version."""
    bearer = Bearer(row.resident_code, row.individual_number, row.birth_date, row.sex)
    if known is None:
        before = (row.predecessor_municipality, row.predecessor_stay)
        return StaySummary(
            row.stay, row.municipality, bearer, bearer, row.recorded_at, before, None, None, (row.digest,)
        )
    closing, closed_on = known.closing, known.closed_on
    reason = Reason(row.reason)
    if reason.action is Action.DELETION:
        closing, closed_on = reason, row.date_of_change
    elif reason.action is Action.ENTRY:
        closing, closed_on = None, None
    return StaySummary(
        row.stay,
        row.municipality,
        known.entered,
        bearer,
        known.entered_at,
        known.predecessor,
        closing,
        closed_on,
        (*known.digests, row.digest),
    )


def settle(stays: tuple[StaySummary, ...]) -> Person:
    """The person with these stays, and the alarms among them."""
    if len(stays) == 1:
        return Person(stays)
    stays = tuple(sorted(stays, key=lambda summary: summary.stay))
    return Person(stays, tuple(_alarms(stays)))


def _alarms(stays: tuple[StaySummary, ...]) -> Iterator[Alarm]:
    """What the stays say of one another that cannot all be true."""
    for earlier, later in pairwise(stays):
        for kind in _differences(earlier, later):
            yield Alarm(kind, later.stay, earlier.stay)
        if earlier.closing is Reason.DIED:
            yield Alarm(AlarmKind.ENTERED_AFTER_DEATH, later.stay, earlier.stay)
    whose = {summary.stay: summary.municipality for summary in stays}
    for summary in stays:
        named, ordinal = summary.predecessor
        actual = whose.get(ordinal) if ordinal else None
        if actual and named and actual != named and city_of(actual) != city_of(named):
            yield Alarm(AlarmKind.PREDECESSOR_DIFFERS, summary.stay, ordinal)


#: What is compared between two stays: the alarm, the item of `Bearer`, what stands for "not known", and
#: whether it is compared where a stay between the two is missing, in which it may have changed.
_COMPARED: Final = (
    (AlarmKind.CODE_DIFFERS, 0, None, False),
    (AlarmKind.NUMBER_DIFFERS, 1, None, False),
    (AlarmKind.BIRTH_DATE_DIFFERS, 2, None, True),
    (AlarmKind.SEX_DIFFERS, 3, "unknown", True),
)


def _differences(earlier: StaySummary, later: StaySummary) -> Iterator[AlarmKind]:
    """An item differs where the later stay neither began with it nor has come to agree since."""
    told, began, became = earlier.latest, later.entered, later.latest
    if told == began:
        return
    adjacent = earlier.stay + 1 == later.stay
    for kind, item, unknown, always in _COMPARED:
        known = told[item] != unknown != began[item]
        if (adjacent or always) and known and told[item] not in {began[item], became[item]}:
            yield kind


def city_of(municipality: str) -> str:
    """The designated city of a ward (指定都市, 法38条), or the municipality itself."""
    bearer = municipalities().get(municipality)
    return municipality if bearer is None or bearer.designated_city is None else bearer.designated_city


def current(person: Person) -> PersonState:
    """Where the person stands, whatever the day: what a store may keep beside the person."""
    return STATES[person.current.closing]


def state_on(person: Person, on: date) -> PersonState:
    """Where the person stands on a day: until the day of departure, moving out is only planned."""
    stay = person.current
    if (
        stay.closing in {Reason.MOVED_OUT, Reason.MOVED_ABROAD}
        and stay.closed_on is not None
        and on < stay.closed_on
    ):
        return PersonState.MOVE_OUT_PLANNED
    return current(person)


def open_predecessors(person: Person, on: date, days: int = 14) -> tuple[Alarm, ...]:
    """Stays still open although a later one was entered more than `days` days ago (未処理の転出)."""
    reached = person.current.stay
    return tuple(
        Alarm(AlarmKind.PREDECESSOR_OPEN, later.stay, earlier.stay)
        for earlier, later in pairwise(person.stays)
        if earlier.closing is None
        and later.stay <= reached
        and later.entered_at.astimezone(JST).date() + timedelta(days) < on
    )
