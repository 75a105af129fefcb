# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Dates as registers record them (年月日, 標準仕様書 1.1.8): eras, unknown parts, days no calendar has.

Rules of this file:

1. A date that says no more than its day is kept as that day: 昭和64年1月7日 and 1989-01-07 are one value.
2. A date that says less (令和6年5月頃) or something else (平成31年2月29日, 明治45年7月30日) is kept as it was
   written, with how exact it is and a real date to sort by.
3. The sort date is the first day that may be meant. It orders; it never stands in for the date
   (みなし生年月日 are not made).

>>> RecordedDate.parse("昭和64年1月7日")
RecordedDate(text='1989-01-07', precision=<Precision.DAY: 'day'>, sort=datetime.date(1989, 1, 7))
>>> RecordedDate.parse("令和６年５月中旬頃").to_json()
{'text': '令和６年５月中旬頃', 'precision': 'ten_days', 'sort': '2024-05-11'}
>>> RecordedDate.parse("明治45年7月30日").wareki, RecordedDate.parse("1912-07-30").wareki
('明治45年7月30日', '大正元年7月30日')
"""

from __future__ import annotations

import re
from calendar import monthrange
from contextlib import suppress
from dataclasses import dataclass
from datetime import MAXYEAR, date
from enum import StrEnum
from itertools import pairwise
from typing import TYPE_CHECKING, Final, NamedTuple, Self

from openjuki.errors import BadDate

if TYPE_CHECKING:
    from collections.abc import Mapping


class Precision(StrEnum):
    """How exact a recorded date is (不詳日の種類, 標準仕様書 1.1.8)."""

    #: A day of the calendar (暦上日).
    DAY = "day"
    #: A day, but 頃 or 推定.
    ABOUT_DAY = "about_day"
    #: Somewhere between two days (から…までの間).
    PERIOD = "period"
    #: 上旬, 中旬 or 下旬 of a month.
    TEN_DAYS = "ten_days"
    #: A month: 日不詳, 頃 or 推定.
    MONTH = "month"
    #: 春, 夏, 秋 or 冬 of a year.
    SEASON = "season"
    #: A year: 月日不詳, 頃 or 推定.
    YEAR = "year"
    #: 年月日不詳.
    UNKNOWN = "unknown"
    #: Recorded in full, but no such day (暦上日以外の年月日), as 29 February of a common year.
    NOT_IN_CALENDAR = "not_in_calendar"


class Era(NamedTuple):
    """Era (元号)."""

    name: str
    #: As forms abbreviate it.
    letter: str
    #: Its first day; of 明治, the first day of our calendar (明治6年1月1日).
    first_day: date
    #: The year whose count is 元.
    first_year: int


#: A new era is a new row.
ERAS: Final = (
    Era("明治", "M", date(1873, 1, 1), 1868),
    Era("大正", "T", date(1912, 7, 30), 1912),
    Era("昭和", "S", date(1926, 12, 25), 1926),
    Era("平成", "H", date(1989, 1, 8), 1989),
    Era("令和", "R", date(2019, 5, 1), 2019),
)
_MEIJI: Final = ERAS[0]
_BY_NAME: Final = {key: era for era in ERAS for key in (era.name, era.letter)}

#: Counts are printed ahead of an era's end (平成33年 on a card of 2018): so many years are still read.
_PRINTED_AHEAD: Final = 10
_LAST_COUNT: Final = {
    era: following.first_year - era.first_year + 1 + _PRINTED_AHEAD for era, following in pairwise(ERAS)
}

#: Sort date of 年月日不詳: before everybody.
_BEFORE_ALL: Final = date.min
_FIRST_MONTH: Final = {"春": "3", "夏": "6", "秋": "9", "冬": "12"}
_FIRST_DAY: Final = {"上旬": "1", "中旬": "11", "下旬": "21"}

#: What is read is a copy in ASCII digits without spaces.
_READABLE: Final = str.maketrans("０１２３４５６７８９／．－", "0123456789/.-", " \u3000")

_COUNT = rf"(?P<era>{'|'.join(_BY_NAME)})(?P<count>元|[1-9]\d{{0,2}}|0[1-9])"
_AD = r"(?P<year>(?!0000)\d{4})"
_MONTH, _DAY = r"(?P<month>1[0-2]|0?[1-9])", r"(?P<day>3[01]|[12]\d|0?[1-9])"
_Y = rf"(?:{_COUNT}|(?:西暦)?{_AD})年"
_YM = rf"{_Y}{_MONTH}月"
_YMD = rf"{_YM}{_DAY}日"
_ABOUT = "(?:頃|ころ|ごろ)"
_UNTIL = rf"から(?:(?:{_COUNT}年)?{_MONTH}月)?{_DAY}日{_ABOUT}?までの間".replace("?P<", "?P<until_")

_END = re.compile(_UNTIL, re.ASCII)
_MONTHS: Final = 12

#: The forms of 標準仕様書 1.1.8, and those of files: separators, eight digits, zeros for what is unknown.
_FORMS: Final = tuple(
    (precision, re.compile(form, re.ASCII))
    for precision, form in (
        (Precision.DAY, _YMD),
        (Precision.DAY, rf"(?:{_COUNT}|{_AD})(?P<by>[-/.]){_MONTH}(?P=by){_DAY}"),
        (Precision.DAY, rf"{_AD}(?P<month>1[0-2]|0[1-9])(?P<day>3[01]|[12]\d|0[1-9])"),
        (Precision.ABOUT_DAY, rf"{_YMD}{_ABOUT}"),
        (Precision.ABOUT_DAY, rf"推定{_YMD}{_ABOUT}?"),
        (Precision.PERIOD, rf"{_YM}(?:推定)?{_DAY}日{_ABOUT}?{_UNTIL}"),
        (Precision.TEN_DAYS, rf"(?:推定)?{_YM}(?P<ten_days>[上中下]旬){_ABOUT}?"),
        (Precision.MONTH, rf"(?:推定)?{_YM}(?:{_ABOUT}|日不詳)?"),
        (Precision.MONTH, rf"{_AD}(?P<by>-?)(?P<month>1[0-2]|0[1-9])(?P=by)00"),
        (Precision.SEASON, rf"(?:推定)?{_Y}(?P<season>[春夏秋冬]){_ABOUT}?"),
        (Precision.YEAR, rf"(?:推定)?{_Y}(?:{_ABOUT}|月日不詳)?"),
        (Precision.YEAR, rf"{_AD}(?P<by>-?)00(?P=by)00"),
        (Precision.UNKNOWN, "(?:年月日)?不詳"),
    )
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordedDate:
    """Date as recorded (年月日, 標準仕様書 1.1.8)."""

    #: ISO where it is just a day; else as it was written.
    text: str
    #: How exact it is.
    precision: Precision
    #: A real date to sort by.
    sort: date

    @classmethod
    def of(cls, day: date) -> Self:
        """A day of the calendar (暦上日)."""
        return cls(text=day.isoformat(), precision=Precision.DAY, sort=day)

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a date in any form registers write.

        Raises:
            BadDate: none of the forms, or an era that had not begun or was long over.
        """
        if len(text) == 10 and text[4] == text[7] == "-":  # noqa: PLR2004 - YYYY-MM-DD, as nearly all are
            with suppress(ValueError):
                return cls.of(date.fromisoformat(text))
        kept, precision, sort = _read(text)
        return cls(text=kept, precision=precision, sort=sort)

    @property
    def is_exact(self) -> bool:
        """Whether it is just a day."""
        return self.text == self.sort.isoformat()

    @property
    def last(self) -> date:
        """The last day that may be meant, as `sort` is the first; of 年月日不詳, the last of all days.

        >>> RecordedDate.parse("昭和41年5月頃").last, RecordedDate.parse("昭和41年冬").last
        (datetime.date(1966, 5, 31), datetime.date(1967, 2, 28))
        """
        return self.sort if self.is_exact else _last(self)

    def may_be(self, other: RecordedDate) -> bool:
        """Whether there is a day that both may mean."""
        return self.sort <= other.last and other.sort <= self.last

    @property
    def wareki(self) -> str:
        """As people read it: with its era (和暦), or as it was written."""
        return to_wareki(self.sort) if self.is_exact else self.text

    def to_json(self) -> str | dict[str, str]:
        """ISO where it is just a day; else text, precision and sort date (docs/spec/dates.md)."""
        if self.is_exact:
            return self.text
        return {"text": self.text, "precision": self.precision.value, "sort": self.sort.isoformat()}

    @classmethod
    def from_json(cls, value: str | Mapping[str, str]) -> Self:
        """Read what `to_json` wrote.

        Raises:
            BadDate: another form, or a precision or sort date that is not the text's.
        """
        try:
            recorded = cls.parse(value if isinstance(value, str) else value["text"])
        except (KeyError, TypeError, AttributeError) as error:
            raise BadDate("not the JSON of a recorded date") from error
        if recorded.to_json() != value:
            raise BadDate("precision or sort date is not that of the text")
        return recorded


def _last(recorded: RecordedDate) -> date:
    if recorded.precision is Precision.PERIOD:
        return _end_of_period(recorded)
    if recorded.precision is Precision.UNKNOWN:
        return date.max
    year, month, day = recorded.sort.year, recorded.sort.month, recorded.sort.day
    ends = {
        Precision.TEN_DAYS: (month, next(last for last in (10, 20, 31) if day <= last)),
        Precision.MONTH: (month, 31),
        Precision.SEASON: (next(last for last in (5, 8, 11, 14) if month <= last), 31),
        Precision.YEAR: (_MONTHS, 31),
    }
    return _day_of(year, *ends.get(recorded.precision, (month, day)))


def _end_of_period(recorded: RecordedDate) -> date:
    """An end without a year, or a month, is the first such day after the beginning."""
    begun, parts = recorded.sort, _END.search(recorded.text.translate(_READABLE))
    assert parts is not None  # it is a period
    era, count, month, day = parts.groups()
    year = begun.year if era is None else _year({"era": era, "count": count})[1]
    until = _day_of(year, int(month or begun.month), int(day))
    if until >= begun or era is not None:
        return max(begun, until)
    return _day_of(year + 1, int(month), int(day)) if month else _day_of(year, begun.month + 1, int(day))


def _day_of(year: int, month: int, day: int) -> date:
    """A day; of a month after the twelfth in the next year, and the last of a month that has not so many."""
    year, month = (year, month) if month <= _MONTHS else (year + 1, month - _MONTHS)
    return date.max if year > MAXYEAR else date(year, month, min(day, monthrange(year, month)[1]))


def to_wareki(day: date) -> str:
    """With its era (和暦); a day before our calendar came, with its year (西暦).

    >>> to_wareki(date(2019, 5, 1)), to_wareki(date(2019, 4, 30)), to_wareki(date(1872, 12, 31))
    ('令和元年5月1日', '平成31年4月30日', '西暦1872年12月31日')
    """
    for era in reversed(ERAS):
        if era.first_day <= day:
            return _spell(era, day)
    return f"西暦{day.year}年{day.month}月{day.day}日"


def _spell(era: Era, day: date) -> str:
    count = day.year - era.first_year + 1
    return f"{era.name}{'元' if count == 1 else count}年{day.month}月{day.day}日"


type _Parts = Mapping[str, str | None]


def _read(text: str) -> tuple[str, Precision, date]:
    readable = text.translate(_READABLE)
    for precision, form in _FORMS:
        if match := form.fullmatch(readable):
            return _interpret(text.strip(), precision, match.groupdict())
    raise BadDate


def _interpret(text: str, precision: Precision, parts: _Parts) -> tuple[str, Precision, date]:
    """What to keep of a date in one of the forms."""
    if precision is Precision.UNKNOWN:
        return text, precision, _BEFORE_ALL
    era, year = _year(parts)
    month = int(parts.get("month") or _FIRST_MONTH.get(parts.get("season") or "", "1"))
    day = int(parts.get("day") or _FIRST_DAY.get(parts.get("ten_days") or "", "1"))
    sort = _day_of(year, month, day)
    if era is not None:
        sort = _not_before(era, sort, precision)
    if precision is not Precision.DAY:
        return text, precision, sort
    if sort.day != day or (era is _MEIJI and sort < _MEIJI.first_day):
        return text, Precision.NOT_IN_CALENDAR, sort
    if era is None or _spell(era, sort) == to_wareki(sort):
        return sort.isoformat(), Precision.DAY, sort
    return _spell(era, sort), Precision.DAY, sort


def _year(parts: _Parts) -> tuple[Era | None, int]:
    """The era the year is counted in, if any, and the year of our calendar."""
    name, count = parts.get("era"), parts.get("count")
    if name is None or count is None:
        return None, int(parts["year"] or "")
    era, number = _BY_NAME[name], 1 if count == "元" else int(count)
    if number > _LAST_COUNT.get(era, number):
        raise BadDate("the era did not last so long")
    return era, era.first_year + number - 1


def _not_before(era: Era, sort: date, precision: Precision) -> date:
    """A date of an era lies in the era, and a vague one is sorted no earlier than its first day.

    明治1年 to 5年 counted by another calendar, which we do not convert: their numbers are taken as they are.
    """
    if era is _MEIJI or sort >= era.first_day:
        return sort
    may_mean_later = precision in {Precision.YEAR, Precision.SEASON} or (
        precision is not Precision.DAY and sort.month == era.first_day.month
    )
    if not may_mean_later:
        raise BadDate("the era had not begun")
    return era.first_day
