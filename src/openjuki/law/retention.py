# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""How long what was provided stays on record (提供の記録の保存期間): kinds of records, in years, as data."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True, kw_only=True)
class Retention:
    """Kind of record that is kept for so many years (保存期間の種類)."""

    id: str
    title_ja: str
    title_en: str
    years: int

    def until(self, since: date) -> date:
        """The first day on which a record of that day may be erased.

        >>> kept = Retention(id="provision", title_ja="提供の記録", title_en="Record of a provision", years=7)
        >>> kept.until(date(2026, 6, 14))
        datetime.date(2033, 6, 14)
        >>> kept.until(date(2024, 2, 29))
        datetime.date(2031, 3, 1)
        """
        try:
            return since.replace(year=since.year + self.years)
        except ValueError:  # the 29th of February, in a year that has none
            return date(since.year + self.years, 3, 1)
