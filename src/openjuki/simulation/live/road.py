# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The road of one notice (通知の道のり): from the town's book to the prefecture's to the Centre's. Pure.

What stands in the books says when a notice was recorded where; what was heard on the line says how it got there.
A link has one puller, so the answer that carried a notice is the last one before it was recorded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from openjuki.simulation.live.ear import Heard
    from openjuki.simulation.live.reading import Entry


@dataclass(frozen=True, slots=True, kw_only=True)
class Hop:
    """From one book to the next (一区間)."""

    sender: str
    recipient: str
    #: When the recipient asked, and how large its envelope was; None where it was not heard.
    asked: Heard | None
    answered: Heard | None
    #: Where the recipient recorded it; None while it has not.
    taken: Entry | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Road:
    """The whole road (通知の道のり)."""

    town: str
    #: The town's number for it.
    seq: int
    written: Entry
    hops: tuple[Hop, ...]

    @property
    def arrived(self) -> datetime | None:
        """When the last book had it."""
        last = self.hops[-1].taken
        return None if last is None else last.at


def hop(sender: str, recipient: str, since: datetime, taken: Entry | None, heard: Iterable[Heard]) -> Hop:
    """How a notice recorded at the sender since then came to the recipient."""
    asked = answered = None
    for one in heard:
        if one.message != "pull" or one.at < since or taken is None or one.at > taken.at:
            continue
        if (one.sender, one.recipient, one.answer) == (sender, recipient, True):
            answered = one
    for one in heard:
        if answered is None or one.message != "pull" or one.answer or one.at > answered.at:
            continue
        if (one.sender, one.recipient) == (recipient, sender):
            asked = one
    return Hop(sender=sender, recipient=recipient, asked=asked, answered=answered, taken=taken)
