# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Days out of texts (年月日の読取り), in columns: nearly all are read digit by digit, the others one by one."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Final, NamedTuple, Self

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from openjuki.errors import BadInput
from openjuki.residents.dates import RecordedDate
from openjuki.store.bulk.columns import bounds, content

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from openjuki.store.bulk.columns import Column

#: How a day is written: YYYY-MM-DD.
_SIZE: Final = 10
_HYPHENS: Final = (4, 7)
_NINE: Final = 9
#: The years of a table of all days, and what a year of it has room for.
_FIRST_YEAR, _END_YEAR = 1800, 2200
_MONTHS, _DAYS = 12, 31
_NONE: Final = int(np.iinfo(np.int32).min)
_EPOCH: Final = 719_163
#: Other texts of which it is kept what they mean.
_KEPT: Final = 65_536


class Days(NamedTuple):
    """Dates that were read (年月日)."""

    #: The days that they are sorted by; null for what is no date.
    days: Column
    #: Which are written as a day of the calendar is recorded.
    plain: NDArray[np.bool_]

    @classmethod
    def of(cls, texts: Column) -> Self:
        """Read dates in any form that registers write."""
        found = _of_calendar(texts)
        plain = found != _NONE
        others = np.flatnonzero(~plain)
        if len(others):
            coded = texts.take(pa.array(others)).dictionary_encode()
            each = np.array([*map(_day, coded.dictionary.to_pylist()), _NONE], np.int32)
            found[others] = each[pc.fill_null(coded.indices, len(each) - 1).to_numpy()]
        return cls(pa.array(found, mask=found == _NONE).cast(pa.date32()), plain)


def _of_calendar(texts: Column) -> NDArray[np.int32]:
    """The days of texts that are written YYYY-MM-DD and are days of the calendar; of others none."""
    figures, plain = _figures(texts)
    for place in _HYPHENS:
        plain &= figures[place] == ord("-")
    digits = figures - np.uint8(ord("0"))
    century, year, month, day = (_two(digits, first, plain) for first in (0, 2, 5, 8))
    years = century.astype(np.int32) * 100 + year - _FIRST_YEAR
    months, days_ = month - np.uint8(1), day - np.uint8(1)
    plain &= (years >= 0) & (years < _END_YEAR - _FIRST_YEAR) & (months < _MONTHS) & (days_ < _DAYS)
    found: NDArray[np.int32] = _calendar().take((years * _MONTHS + months) * _DAYS + days_, mode="clip")
    return np.where(plain, found, np.int32(_NONE))


def _figures(texts: Column) -> tuple[NDArray[np.uint8], NDArray[np.bool_]]:
    """The first bytes of all texts, then the second ones and so on; and which texts have as many as a day."""
    raw, ends = content(texts), bounds(texts)
    plain: NDArray[np.bool_] = (np.diff(ends) == _SIZE) & _is_there(texts)
    if not plain.all():
        starts = np.where(plain, ends[:-1], 0)
        raw = np.resize(raw, max(_SIZE, len(raw)))[starts[:, np.newaxis] + np.arange(_SIZE)]
    return np.ascontiguousarray(raw.reshape(-1, _SIZE).T), plain


def _is_there(texts: Column) -> NDArray[np.bool_]:
    found: NDArray[np.bool_] = texts.is_valid().to_numpy(zero_copy_only=False)
    return found


def _two(digits: NDArray[np.uint8], first: int, plain: NDArray[np.bool_]) -> NDArray[np.uint8]:
    """Two digits as a number; a text is not plain where they are none."""
    tens, ones = digits[first : first + 2]
    plain &= (tens <= _NINE) & (ones <= _NINE)
    found: NDArray[np.uint8] = tens * np.uint8(10) + ones
    return found


@cache
def _calendar() -> NDArray[np.int32]:
    """Every day by its year, month and day."""
    every = np.arange(f"{_FIRST_YEAR}-01-01", f"{_END_YEAR}-01-01", dtype="datetime64[D]")
    months = every.astype("datetime64[M]")
    places = (months - months[0]).astype(int) * _DAYS + (every - months).astype(int)
    found = np.full((_END_YEAR - _FIRST_YEAR) * _MONTHS * _DAYS, _NONE, np.int32)
    found[places] = every.astype(int)
    return found


@lru_cache(_KEPT)
def _day(text: str) -> int:
    try:
        return RecordedDate.parse(text).sort.toordinal() - _EPOCH
    except BadInput:
        return _NONE
