# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Until when must be answered (開示の期限, 法30条の33). Pure.

>>> from datetime import date
>>> due_on(date(2026, 4, 1))
datetime.date(2026, 4, 30)
"""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

#: The day on which a request is received is the first of so many (受理した日から起算して30日).
DAYS: Final = 30


def due_on(received_on: date) -> date:
    """The last day on which a request may be answered without a word (法30条の33第1項)."""
    return received_on + timedelta(DAYS - 1)


def is_late(today: date, due: date) -> bool:
    """Whether the time is over, for answering and for saying that it takes longer (法30条の33第2項)."""
    return today > due
