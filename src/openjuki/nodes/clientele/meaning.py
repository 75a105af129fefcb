# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a change means to somebody who knows the person (異動の意味), if it means anything. Pure.

Rules of this file:

1. A change is what lies between how a person stood and how they stand: a late notice of an earlier stay changes
   nothing, and a stay that gives way to an earlier one changes the record.
2. A correction matters where it changed an item that the law lets be told; any other change also where it has
   another reason or day than the one before: a removal that is notified anew is news once.
3. Who lists a code or number that was replaced learns that it was, and nothing else, then or later.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from openjuki.refusal import Refusal
from openjuki.residents.changes import NUMBER_REASONS, Reason
from openjuki.residents.persons import Person, current, extend
from openjuki.wire.clientele import Meaning

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from openjuki.residents.look_up import Hit
    from openjuki.residents.persons import StaySummary
    from openjuki.store.changes import Recorded

KEY_IS_FOREIGN_TO_CURSOR: Final = Refusal(
    code="JK-CLIENTELE-0001",
    rule="cursor-of-this-journal",
    article=None,
    message_ja="提供済みの位置が、提供者の記録簿にありません。一括提供で現況を確認し、最初からやり直してください。",
    message_en="The cursor is not of the provider's journal; ask for everybody in bulk, and begin anew.",
)
CURSOR_TOO_OLD: Final = Refusal(
    code="JK-CLIENTELE-0002",
    rule="cursor-within-retention",
    article="法30条の6",
    message_ja="提供済みの位置より後の記録の一部が、保存期間を過ぎて消去されています。一括提供で現況を確認してください。",
    message_en="Some of what happened since the cursor has been erased after its time; ask for everybody in bulk.",
)


class Change(NamedTuple):
    """What became of a person (異動)."""

    meaning: Meaning
    #: How the person stands after it, and stood before; None: nobody knew them.
    after: Hit
    before: Hit | None


#: What a reason means where the stay of which it is told is the person's current one.
_MEANS: Final[Mapping[Reason, Meaning]] = {
    Reason.MOVED_IN: Meaning.MOVED_TO_OTHER,
    Reason.MOVED_IN_FROM_ABROAD: Meaning.MOVED_IN_FROM_ABROAD,
    Reason.BORN: Meaning.ENTERED,
    Reason.ENTERED_ON_NATURALISATION: Meaning.ENTERED,
    Reason.ENTERED_ON_LOSS_OF_NATIONALITY: Meaning.ENTERED,
    Reason.ENTERED_EX_OFFICIO: Meaning.ENTERED,
    Reason.MOVED_OUT: Meaning.MOVING_OUT,
    Reason.MOVED_ABROAD: Meaning.MOVED_ABROAD,
    Reason.DIED: Meaning.DIED,
    Reason.DELETED_ON_NATURALISATION: Meaning.REMOVED,
    Reason.DELETED_ON_LOSS_OF_NATIONALITY: Meaning.REMOVED,
    Reason.DELETED_EX_OFFICIO: Meaning.REMOVED,
    Reason.MOVED_WITHIN: Meaning.MOVED_WITHIN,
    **dict.fromkeys(NUMBER_REASONS, Meaning.NUMBER_CHANGED),
}
#: What is a name in an answer.
_NAMES: Final = frozenset(("name", "furigana", "former_surname", "former_surname_furigana", "alias"))
#: Items that say that something changed, and not what.
_OF_THE_CHANGE: Final = frozenset(("state", "reason", "date_of_change", "resident_number"))
#: Meanings of which nothing is told where no granted item changed.
_CORRECTING: Final = frozenset((Meaning.NAME_CHANGED, Meaning.NUMBER_CHANGED, Meaning.RECORD_CORRECTED))


def change(earlier: Iterable[Recorded], row: Recorded) -> Change | None:
    """What a row of somebody's records changed, seen with those that were received before it; None: nothing."""
    rows = [*earlier, row]
    by_version = {one.version: one for one in rows}
    before, after = _person(rows[:-1]), _person(rows)
    assert after is not None  # there is the row itself
    at, was = _version(after.current), None if before is None else _version(before.current)
    if at == was:
        return None
    stands = by_version[at].shown._replace(state=current(after).value)
    stood = None if was is None else by_version[was].shown
    return Change(_meaning(row, stands, stood, is_current=at == row.version), stands, stood)


def changed(found: Change, granted: Sequence[str], *, key: str) -> tuple[str, ...]:
    """Which of the granted items a change has changed; what it is known by, and what every change says, beside."""
    if found.before is None:
        return ()
    return tuple(
        item
        for item in granted
        if item not in _OF_THE_CHANGE
        and item != key
        and getattr(found.after, item) != getattr(found.before, item)
    )


def matters(found: Change, changed_items: Sequence[str]) -> bool:
    """Whether a change is told to who may see these of its items (異動の該当性)."""
    return bool(changed_items) or (found.meaning not in _CORRECTING and not _is_told_anew(found))


def _is_told_anew(found: Change) -> bool:
    was, now = found.before, found.after
    return was is not None and (was.reason, was.date_of_change) == (now.reason, now.date_of_change)


def _meaning(row: Recorded, after: Hit, before: Hit | None, *, is_current: bool) -> Meaning:
    reason = Reason(row.notice.reason)
    if not is_current or reason not in _MEANS:
        differs = before is not None and any(getattr(after, item) != getattr(before, item) for item in _NAMES)
        return Meaning.NAME_CHANGED if is_current and differs else Meaning.RECORD_CORRECTED
    return _MEANS[reason]


def _person(rows: Sequence[Recorded]) -> Person | None:
    """The person as these rows leave them, without asking what between their stays is alarming."""
    stays: dict[int, StaySummary] = {}
    for row in rows:
        stays[row.notice.stay] = extend(stays.get(row.notice.stay), row.notice)
    return Person(tuple(stays[ordinal] for ordinal in sorted(stays))) if stays else None


def _version(stay: StaySummary) -> tuple[int, int]:
    return stay.stay, stay.version
