# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Which notices the upper tiers take in (通知の受入れ, 法30条の6・30条の7).

Rules of this file:

1. A notice is admitted if and only if it is the next version of its stay, from the municipality whose
   stay it is, and `transitions` lets it follow.
2. What is admitted depends on the notices of that one stay alone. So notices of different stays may
   arrive in any order and with any delay.
3. What cannot be true of one stay is a refusal; what two stays say of one another is an alarm, and never
   stops a notice.
4. A notice with the digest of one that was admitted is a duplicate: no error, and no effect.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Final

from openjuki.refusal import Refusal
from openjuki.residents.changes import CODE_REASONS, NUMBER_REASONS, Action
from openjuki.residents.persons import (
    AdmittedNotice,
    Alarm,
    AlarmKind,
    Bearer,
    Person,
    PersonState,
    StaySummary,
    city_of,
    current,
    extend,
    open_predecessors,
    settle,
    state_on,
)
from openjuki.residents.transitions import STATE_OF, VERSIONS, refusal_of

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from openjuki.residents.notice import Notice

__all__ = [
    "ALARMING",
    "Admitted",
    "AdmittedNotice",
    "Alarm",
    "AlarmKind",
    "Bearer",
    "Person",
    "PersonState",
    "StaySummary",
    "admit",
    "current",
    "open_predecessors",
    "state_on",
    "unite",
]


@dataclass(frozen=True, slots=True)
class Admitted:
    """A notice was admitted (通知の受入れ)."""

    #: The person afterwards.
    person: Person
    #: Whether the notice's stay is the current one.
    is_current: bool
    #: Alarms that were not there before, and
    alarms: tuple[Alarm, ...] = ()
    #: those that are no longer there, stays left open among them whose days may not have been over.
    cleared: tuple[Alarm, ...] = ()
    #: It had been admitted before; nothing was changed.
    duplicate: bool = False


FOREIGN_ORIGIN: Final = Refusal(
    code="JK-STAY-0001",
    rule="foreign-origin",
    article="法30条の6第1項",
    message_ja="通知した市区町村の住民ではない人の通知です。",
    message_en="A municipality gives notice of its own residents only.",
)
VERSION_GAP: Final = Refusal(
    code="JK-STAY-0002",
    rule="version-gap",
    article=None,
    message_ja="更新順番号が続いていません。前の通知が届いていません。",
    message_en="The version is not the next of its stay; an earlier notice is missing.",
)
STALE_VERSION: Final = Refusal(
    code="JK-STAY-0003",
    rule="stale-version",
    article=None,
    message_ja="同じ更新順番号で内容の異なる通知を既に受け入れています。",
    message_en="Another notice with this version was admitted already.",
)
TWO_CLAIMS: Final = Refusal(
    code="JK-STAY-0004",
    rule="two-claims",
    article="法30条の2・30条の3",
    message_ja="同じ人の同じ回次の居住を、別の市区町村が既に通知しています。",
    message_en="Another municipality has claimed this stay of the person.",
)
STAY_WITHOUT_ENTRY: Final = Refusal(
    code="JK-STAY-0005",
    rule="stay-without-entry",
    article="令7条1項",
    message_ja="居住の最初の通知が記載の通知ではありません。",
    message_en="A stay begins with an entry.",
)
STAY_NOT_AFTER_PREDECESSOR: Final = Refusal(
    code="JK-STAY-0006",
    rule="stay-not-after-predecessor",
    article=None,
    message_ja="居住回次が従前の住所地の回次より後になっていません。",
    message_en="The stay is not later than its predecessor.",
)
CODE_NOT_ANNOUNCED: Final = Refusal(
    code="JK-STAY-0007",
    rule="code-not-announced",
    article="令30条の5第5号",
    message_ja="住民票コードが直前の通知と続いていません。",
    message_en="The resident code, or the previous one named, is not that of the version before.",
)
NUMBER_NOT_ANNOUNCED: Final = Refusal(
    code="JK-STAY-0008",
    rule="number-not-announced",
    article="令30条の5第4号",
    message_ja="個人番号が直前の通知と続いていません。",
    message_en="The individual number, or the previous one named, is not that of the version before.",
)
ANOTHERS_NUMBER: Final = Refusal(
    code="JK-STAY-0009",
    rule="anothers-number",
    article="法30条の3",
    message_ja="住民票コード又は個人番号が、生年月日か性別の異なる別の人のものです。",
    message_en="The code or number leads to somebody of another birth date or sex.",
)

#: Refusals that are alarms too: holding the notice is not enough.
ALARMING: Final[Mapping[Refusal, AlarmKind]] = {
    TWO_CLAIMS: AlarmKind.TWO_CLAIMS,
    ANOTHERS_NUMBER: AlarmKind.ANOTHERS_NUMBER,
}


def admit(person: Person | None, notice: Notice, origin: str, digest: bytes) -> Admitted | Refusal:
    """Take in one notice of identification information (法30条の6・30条の7).

    Args:
        person: whom the notice's code, its previous code or its number leads to; None: nobody yet.
            Where they lead to several, `unite` them first.
        notice: the notice.
        origin: the municipality that signed it.
        digest: of its bytes as they were received.
    """
    row = AdmittedNotice.of(notice, digest)
    if origin != row.municipality and origin != city_of(row.municipality):
        return FOREIGN_ORIGIN
    known = None if person is None else person.stay(row.stay)
    if known is None:
        refusal = _refuse_entry(person, notice)
    elif row.version <= known.version and digest == known.digests[row.version - 1]:
        assert person is not None  # it has the stay
        return Admitted(person, person.current is known, duplicate=True)
    else:
        refusal = _refuse_version(known, notice)
    return refusal or _take_in(person, known, row)


def _refuse_entry(person: Person | None, notice: Notice) -> Refusal | None:
    if notice.version != 1:
        return VERSION_GAP
    if notice.reason.action is not Action.ENTRY:
        return STAY_WITHOUT_ENTRY
    if notice.predecessor is not None and notice.predecessor.stay >= notice.stay:
        return STAY_NOT_AFTER_PREDECESSOR
    if person is not None and not _may_be(person, notice):
        return ANOTHERS_NUMBER
    return _refuse_old_numbers(notice)


def _refuse_old_numbers(notice: Notice) -> Refusal | None:
    """An old code or number is named with a reason that ends it, and nowhere else: it would make one person of two."""
    if notice.previous_resident_code is not None and notice.reason not in CODE_REASONS:
        return CODE_NOT_ANNOUNCED
    if notice.previous_individual_number is not None and notice.reason not in NUMBER_REASONS:
        return NUMBER_NOT_ANNOUNCED
    return None


def _may_be(person: Person, notice: Notice) -> bool:
    """By the code, or by what a number alone leads to: somebody of that birth date and sex."""
    who = notice.identification
    return any(
        bearer.resident_code == who.resident_code
        or (bearer.birth_date == who.birth_date.sort and bearer.sex == who.sex)
        for bearer in person.bearers()
    )


def _refuse_version(known: StaySummary, notice: Notice) -> Refusal | None:
    municipality = notice.identification.municipality
    if municipality != known.municipality and city_of(municipality) != city_of(known.municipality):
        return TWO_CLAIMS
    if notice.version != known.version + 1:
        return STALE_VERSION if notice.version <= known.version else VERSION_GAP
    if notice.reason not in VERSIONS[known.closing]:
        return refusal_of(STATE_OF[known.closing], notice.reason)
    return _refuse_old_numbers(notice) or _refuse_numbers(known, notice)


def _refuse_numbers(known: StaySummary, notice: Notice) -> Refusal | None:
    """A code or number stays as it is, or changes under a reason for it that names the old one."""
    who, was = notice.identification, known.latest
    if notice.reason in CODE_REASONS:
        follows = notice.previous_resident_code == was.resident_code != who.resident_code
    else:
        follows = who.resident_code == was.resident_code
    if not follows:
        return CODE_NOT_ANNOUNCED
    if notice.reason in NUMBER_REASONS:
        follows = notice.previous_individual_number == was.individual_number != who.individual_number
    else:
        follows = who.individual_number == was.individual_number
    return None if follows else NUMBER_NOT_ANNOUNCED


def _take_in(person: Person | None, known: StaySummary | None, row: AdmittedNotice) -> Admitted:
    summary = extend(known, row)
    if person is None:
        return Admitted(Person((summary,)), is_current=True)
    after = settle((*[stay for stay in person.stays if stay is not known], summary))
    stand = _standing(after)
    return Admitted(
        after,
        after.current is summary,
        tuple(alarm for alarm in after.alarms if alarm not in person.alarms),
        tuple(alarm for alarm in _standing(person) if alarm not in stand),
    )


def _standing(person: Person) -> tuple[Alarm, ...]:
    """Every alarm that may have been raised; of a stay left open the days may not be over yet."""
    return (*person.alarms, *open_predecessors(person, date.max))


def unite(persons: Iterable[Person]) -> Person | Refusal:
    """One person of several (同一人の統合), where a later notice shows that they are the same.

    A notice of moving in under a new code may arrive before the notice of the change of code. The alarms are those of
    each: which others there are among all stays is said with the notice that unites them.
    """
    known, *others = persons
    for other in others:
        ordinals = {summary.stay for summary in known.stays}
        if any(summary.stay in ordinals for summary in other.stays):
            return TWO_CLAIMS
        described = {(bearer.birth_date, bearer.sex) for bearer in known.bearers()}
        if not any((bearer.birth_date, bearer.sex) in described for bearer in other.bearers()):
            return ANOTHERS_NUMBER
        alarms = (*_standing(known), *_standing(other))
        known = Person(settle((*known.stays, *other.stays)).stays, alarms)
    return known
