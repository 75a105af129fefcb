# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Recorded dates (年月日, 標準仕様書 1.1.8)."""

import json
import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from openjuki.errors import BadDate
from openjuki.residents.dates import ERAS, Precision, RecordedDate, to_wareki

SAMPLES = Path(__file__).parents[2] / "samples" / "v1" / "recorded-date.json"
SAMPLE_VALUES = json.loads(SAMPLES.read_text(encoding="utf-8"))["values"]

PAGE = (Path(__file__).parents[3] / "docs" / "spec" / "dates.md").read_text(encoding="utf-8")
PAGE_ROWS = re.findall(r"^\| (.+) \| (\w+) \| (\d{4}-\d\d-\d\d) \|$", PAGE, re.MULTILINE)

#: Two days on both sides of every border between eras.
BORDERS = [era.first_day + timedelta(days=days) for era in ERAS for days in (-2, -1, 0, 1)]

#: The fourteen kinds of the standard specification, in its order, and their companions.
VAGUE = [
    pytest.param("令和6年頃", Precision.YEAR, date(2024, 1, 1), id="about a year"),
    pytest.param("令和6年5月頃", Precision.MONTH, date(2024, 5, 1), id="about a month"),
    pytest.param("令和6年5月6日頃", Precision.ABOUT_DAY, date(2024, 5, 6), id="about a day"),
    pytest.param("推定令和6年5月6日", Precision.ABOUT_DAY, date(2024, 5, 6), id="an estimated day"),
    pytest.param("推定令和6年5月", Precision.MONTH, date(2024, 5, 1), id="an estimated month"),
    pytest.param("令和6年春", Precision.SEASON, date(2024, 3, 1), id="a season"),
    pytest.param("令和6年5月上旬", Precision.TEN_DAYS, date(2024, 5, 1), id="the first ten days"),
    pytest.param("令和6年5月中旬頃", Precision.TEN_DAYS, date(2024, 5, 11), id="about the middle of a month"),
    pytest.param("年月日不詳", Precision.UNKNOWN, date(1, 1, 1), id="nothing is known"),
    pytest.param("令和6年　月日不詳", Precision.YEAR, date(2024, 1, 1), id="only the year is known"),
    pytest.param("令和6年5月　日不詳", Precision.MONTH, date(2024, 5, 1), id="only the month is known"),
    pytest.param(
        "令和6年5月28日から6月2日頃までの間",
        Precision.PERIOD,
        date(2024, 5, 28),
        id="between days of two months",
    ),
    pytest.param(
        "令和6年5月推定6日から9日までの間",
        Precision.PERIOD,
        date(2024, 5, 6),
        id="between two days, estimated",
    ),
    pytest.param(
        "令和6年5月6日頃から9日までの間",
        Precision.PERIOD,
        date(2024, 5, 6),
        id="from about one day to another",
    ),
    pytest.param(
        "令和5年12月30日から令和6年1月3日頃までの間",
        Precision.PERIOD,
        date(2023, 12, 30),
        id="between days of two years",
    ),
    pytest.param("令和6年5月下旬", Precision.TEN_DAYS, date(2024, 5, 21), id="the last ten days"),
    pytest.param("令和6年冬頃", Precision.SEASON, date(2024, 12, 1), id="about a winter"),
    pytest.param("推定昭和20年", Precision.YEAR, date(1945, 1, 1), id="an estimated year"),
    pytest.param("昭和20年８月ごろ", Precision.MONTH, date(1945, 8, 1), id="about, in kana"),
    pytest.param("1965年3月", Precision.MONTH, date(1965, 3, 1), id="a foreign passport's month"),
    pytest.param("西暦1965年", Precision.YEAR, date(1965, 1, 1), id="a foreign passport's year"),
    pytest.param("不詳", Precision.UNKNOWN, date(1, 1, 1), id="unknown, in short"),
    pytest.param("1965-03-00", Precision.MONTH, date(1965, 3, 1), id="a file's nought for the day"),
    pytest.param("19650000", Precision.YEAR, date(1965, 1, 1), id="a file's noughts for month and day"),
]

IMPOSSIBLE = [
    pytest.param("平成31年2月29日", date(2019, 2, 28), id="29 February of a common year"),
    pytest.param("2023-02-29", date(2023, 2, 28), id="the same in ISO"),
    pytest.param("20230230", date(2023, 2, 28), id="30 February in eight digits"),
    pytest.param("昭和25年4月31日", date(1950, 4, 30), id="31 April"),
    pytest.param("明治5年10月10日", date(1872, 10, 10), id="a day of the lunisolar calendar"),
    pytest.param("明治元年2月30日", date(1868, 2, 29), id="a day only the lunisolar calendar had"),
]

EXACT = [
    pytest.param("1989-01-07", date(1989, 1, 7), id="ISO"),
    pytest.param("昭和64年1月7日", date(1989, 1, 7), id="the last day of Showa"),
    pytest.param("平成元年1月8日", date(1989, 1, 8), id="the first day of Heisei"),
    pytest.param("平成1年1月8日", date(1989, 1, 8), id="the first year as a figure"),
    pytest.param("平成31年4月30日", date(2019, 4, 30), id="the last day of Heisei"),
    pytest.param("令和元年5月1日", date(2019, 5, 1), id="the first day of Reiwa"),
    pytest.param("明治45年7月29日", date(1912, 7, 29), id="the day before Taisho"),
    pytest.param("大正元年7月30日", date(1912, 7, 30), id="the first day of Taisho"),
    pytest.param("大正15年12月24日", date(1926, 12, 24), id="the day before Showa"),
    pytest.param("昭和元年12月25日", date(1926, 12, 25), id="the first day of Showa"),
    pytest.param("明治6年1月1日", date(1873, 1, 1), id="the first day of our calendar"),
    pytest.param("令和６年　５月　６日", date(2024, 5, 6), id="full-width digits and spaces"),
    pytest.param("令和06年05月06日", date(2024, 5, 6), id="leading noughts"),
    pytest.param("R6.5.6", date(2024, 5, 6), id="a letter for the era"),
    pytest.param("S64/01/07", date(1989, 1, 7), id="a letter and slashes"),
    pytest.param("1965年3月9日", date(1965, 3, 9), id="a foreign resident's year"),
    pytest.param("西暦1965年3月9日", date(1965, 3, 9), id="with its word"),
    pytest.param("1965/3/9", date(1965, 3, 9), id="slashes"),
    pytest.param("19650309", date(1965, 3, 9), id="eight digits"),
]

UNREADABLE = [
    pytest.param("", id="nothing"),
    pytest.param("昨日", id="a word"),
    pytest.param("令和6年13月1日", id="a thirteenth month"),
    pytest.param("令和6年5月32日", id="a thirty-second day"),
    pytest.param("令和0年5月6日", id="a year nought"),
    pytest.param("0000-00-00", id="noughts, which may mean unknown or nothing entered"),
    pytest.param("0000年5月", id="a year nought of our era"),
    pytest.param("2024-W19-1", id="a week, though ISO knows it"),
    pytest.param("2024-05/06", id="mixed separators"),
    pytest.param("2024-05-06T00:00", id="a time"),
    pytest.param("令和元年4月30日", id="the day before Reiwa"),
    pytest.param("平成元年1月7日", id="the day before Heisei"),
    pytest.param("令和元年4月頃", id="the month before Reiwa"),
    pytest.param("令和元年4月31日", id="no day, before Reiwa"),
    pytest.param("昭和75年1月1日", id="an era counted on too long"),
    pytest.param("令和1000年1月1日", id="an era that will not last"),
    pytest.param("慶応3年1月1日", id="an era before the register"),
    pytest.param("٢٠٢٤-٠٥-٠٦", id="digits of another script"),
    pytest.param("٢٠٢٤-05-06", id="a year in digits of another script"),
    pytest.param("2024-05-06\n", id="a line break"),
]


@pytest.mark.parametrize(("text", "day"), EXACT)
def test_a_full_date_is_kept_as_its_day(text, day):
    """However it was spelled, it is one value."""
    recorded = RecordedDate.parse(text)

    assert recorded == RecordedDate.of(day)
    assert recorded.is_exact
    assert recorded.to_json() == day.isoformat()


@pytest.mark.parametrize(("text", "precision", "sort"), VAGUE)
def test_a_vague_date_is_kept_as_written_and_sorted_by_the_first_day_meant(text, precision, sort):
    """The fourteen kinds of unknown dates."""
    recorded = RecordedDate.parse(text)

    assert (recorded.text, recorded.precision, recorded.sort) == (text, precision, sort)
    assert not recorded.is_exact
    assert recorded.wareki == text


def test_blanks_around_a_date_are_no_part_of_it():
    """Files pad their columns; blanks inside are kept as written."""
    assert RecordedDate.parse(" 令和6年　月日不詳　").text == "令和6年　月日不詳"


@pytest.mark.parametrize(("text", "sort"), IMPOSSIBLE)
def test_a_day_no_calendar_has_is_kept_and_sorted_by_a_day_that_is(text, sort):
    """The koseki says so, and the register must agree with it."""
    recorded = RecordedDate.parse(text)

    assert (recorded.text, recorded.precision, recorded.sort) == (text, Precision.NOT_IN_CALENDAR, sort)


@pytest.mark.parametrize("text", UNREADABLE)
def test_anything_else_is_refused_without_being_quoted(text):
    """A date is personal data."""
    with pytest.raises(BadDate) as caught:
        RecordedDate.parse(text)

    assert not text or text not in str(caught.value)


@pytest.mark.parametrize(
    ("text", "day", "today"),
    [
        pytest.param("明治45年7月30日", date(1912, 7, 30), "大正元年7月30日", id="the day Meiji ended"),
        pytest.param("大正15年12月25日", date(1926, 12, 25), "昭和元年12月25日", id="the day Taisho ended"),
        pytest.param("M45.7.30", date(1912, 7, 30), "大正元年7月30日", id="the same in short"),
        pytest.param(
            "平成33年3月31日", date(2021, 3, 31), "令和3年3月31日", id="printed ahead on a card of 2018"
        ),
        pytest.param("昭和74年12月31日", date(1999, 12, 31), "平成11年12月31日", id="ten years ahead"),
        pytest.param("昭和64年1月8日", date(1989, 1, 8), "平成元年1月8日", id="one day too late"),
    ],
)
def test_a_day_recorded_under_the_elder_era_keeps_it(text, day, today):
    """It is that day, but it is not written as we would write it today."""
    recorded = RecordedDate.parse(text)

    assert (recorded.precision, recorded.sort) == (Precision.DAY, day)
    assert recorded != RecordedDate.of(day)
    assert not recorded.is_exact
    assert recorded.wareki == recorded.text != today == RecordedDate.of(day).wareki
    assert recorded == RecordedDate.parse(recorded.text)


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        pytest.param("令和元年頃", date(2019, 5, 1), id="the first year begins with the era"),
        pytest.param("令和元年春", date(2019, 5, 1), id="a season may end in the era"),
        pytest.param("平成元年1月頃", date(1989, 1, 8), id="the month the era began in"),
        pytest.param("平成元年1月上旬", date(1989, 1, 8), id="the ten days the era began in"),
        pytest.param("明治4年頃", date(1871, 1, 1), id="before our calendar, the numbers as they are"),
    ],
)
def test_a_vague_date_is_sorted_no_earlier_than_its_era(text, sort):
    """The first day that may be meant lies in the era."""
    assert RecordedDate.parse(text).sort == sort


@pytest.mark.parametrize(
    ("text", "last"),
    [
        pytest.param("令和6年5月6日", "2024-05-06", id="a day"),
        pytest.param("令和6年5月6日頃", "2024-05-06", id="about a day"),
        pytest.param("平成31年2月29日", "2019-02-28", id="a day that there was not"),
        pytest.param("明治45年7月30日", "1912-07-30", id="a day under the elder era"),
        pytest.param("令和6年2月上旬", "2024-02-10", id="the first ten days"),
        pytest.param("令和6年2月中旬頃", "2024-02-20", id="the second"),
        pytest.param("令和6年2月下旬", "2024-02-29", id="the rest of a leap year's February"),
        pytest.param("平成元年1月上旬", "1989-01-10", id="days of which the first were of another era"),
        pytest.param("令和5年2月　日不詳", "2023-02-28", id="a month"),
        pytest.param("令和6年春", "2024-05-31", id="spring"),
        pytest.param("令和6年夏", "2024-08-31", id="summer"),
        pytest.param("令和6年秋", "2024-11-30", id="autumn"),
        pytest.param("令和5年冬", "2024-02-29", id="a winter, into a leap year"),
        pytest.param("令和元年春", "2019-05-31", id="what was left of a spring"),
        pytest.param("令和6年頃", "2024-12-31", id="a year"),
        pytest.param("年月日不詳", "9999-12-31", id="nothing"),
        pytest.param("9999年冬", "9999-12-31", id="the last winter"),
        pytest.param("令和6年5月28日から6月2日頃までの間", "2024-06-02", id="into the next month"),
        pytest.param("令和6年5月推定6日から9日までの間", "2024-05-09", id="within a month"),
        pytest.param("令和6年12月28日から1月3日までの間", "2025-01-03", id="into the next year"),
        pytest.param("令和6年12月28日から3日までの間", "2025-01-03", id="the same, without its month"),
        pytest.param("昭和63年12月28日から平成元年1月9日までの間", "1989-01-09", id="into the next era"),
        pytest.param(
            "令和6年5月6日から令和5年1月9日までの間", "2024-05-06", id="an end before its beginning"
        ),
        pytest.param("令和6年1月30日から2月30日までの間", "2024-02-29", id="an end that there was not"),
    ],
)
def test_the_last_day_that_may_be_meant(text, last):
    """A vague date ends somewhere; a day ends on itself."""
    assert RecordedDate.parse(text).last == date.fromisoformat(last)


@pytest.mark.parametrize("day", BORDERS)
def test_days_around_a_change_of_era_are_read_as_they_are_written(day):
    """Both sides of every border."""
    assert RecordedDate.parse(to_wareki(day)) == RecordedDate.of(day)


@pytest.mark.parametrize(
    ("day", "wareki"),
    [
        (date(1872, 12, 31), "西暦1872年12月31日"),
        (date(1912, 7, 29), "明治45年7月29日"),
        (date(1912, 7, 30), "大正元年7月30日"),
        (date(1926, 12, 24), "大正15年12月24日"),
        (date(1926, 12, 25), "昭和元年12月25日"),
        (date(1989, 1, 7), "昭和64年1月7日"),
        (date(1989, 1, 8), "平成元年1月8日"),
        (date(2019, 4, 30), "平成31年4月30日"),
        (date(2019, 5, 1), "令和元年5月1日"),
        (date(2020, 1, 1), "令和2年1月1日"),
    ],
)
def test_a_day_is_written_with_its_era(day, wareki):
    """The first year of an era is 元年."""
    assert to_wareki(day) == wareki


@given(st.dates(min_value=date(1000, 1, 1), max_value=date(2999, 12, 31)))
def test_every_day_survives_being_written_with_its_era(day):
    """Also those before our calendar, which are written with their year, and those long after us."""
    assert RecordedDate.parse(to_wareki(day)) == RecordedDate.parse(day.isoformat()) == RecordedDate.of(day)


@st.composite
def texts(draw):
    """Any text the forms can make."""
    era = draw(st.sampled_from(ERAS))
    year = draw(
        st.one_of(
            st.integers(1, 99).map(lambda count: f"{era.name}{count}年"),
            st.integers(1, 9999).map(lambda year: f"{year:04}年"),
        )
    )
    month, day = draw(st.integers(1, 12)), draw(st.integers(1, 31))
    form = draw(
        st.sampled_from(
            [
                "{y}{m}月{d}日",
                "{y}{m}月{d}日頃",
                "推定{y}{m}月{d}日",
                "{y}{m}月{d}日から{d}日までの間",
                "{y}{m}月中旬",
                "{y}{m}月頃",
                "{y}秋",
                "{y}頃",
                "{y} 月日不詳",
            ]
        )
    )
    return form.format(y=year, m=month, d=day)


@given(texts(), texts())
def test_what_may_be_meant_begins_before_it_ends(text, other):
    """A date may always be itself, and may be another exactly as the other may be it."""
    try:
        one, another = RecordedDate.parse(text), RecordedDate.parse(other)
    except BadDate:
        return
    assert one.sort <= one.last
    assert one.may_be(one)
    assert one.may_be(another) == another.may_be(one)


@given(st.one_of(texts(), st.text(max_size=30)))
def test_whatever_can_be_read_is_read_back_from_its_json(text):
    """And has a text that is read as the same value, and a real date to sort by."""
    try:
        recorded = RecordedDate.parse(text)
    except BadDate:
        return

    value = json.loads(json.dumps(recorded.to_json()))
    assert recorded == RecordedDate.from_json(value) == RecordedDate.parse(recorded.text)
    assert isinstance(recorded.sort, date)


@pytest.mark.parametrize("value", SAMPLE_VALUES, ids=str)
def test_the_json_of_the_first_day_is_read_for_ever(value):
    """Samples of version 1."""
    assert RecordedDate.from_json(value).to_json() == value


@pytest.mark.parametrize(("text", "precision", "sort"), PAGE_ROWS)
def test_the_specification_sorts_as_we_do(text, precision, sort):
    """The table of docs/spec/dates.md."""
    recorded = RecordedDate.parse(text)

    assert (recorded.precision, recorded.sort) == (precision, date.fromisoformat(sort))


def test_the_specification_knows_every_precision():
    """And a new one cannot be forgotten."""
    assert {precision for _, precision, _ in PAGE_ROWS} == set(Precision)


@pytest.mark.parametrize(
    "value",
    [
        pytest.param("昭和64年1月7日", id="a day, but not in ISO"),
        pytest.param("19890107", id="ISO without its hyphens"),
        pytest.param("令和6年5月頃", id="a vague date as a string"),
        pytest.param(
            {"text": "1989-01-07", "precision": "day", "sort": "1989-01-07"}, id="a day as an object"
        ),
        pytest.param({"text": "令和6年5月頃", "precision": "month"}, id="no sort date"),
        pytest.param({"precision": "month", "sort": "2024-05-01"}, id="no text"),
        pytest.param({"text": 5, "precision": "month", "sort": "2024-05-01"}, id="a text that is none"),
        pytest.param(
            {"text": "令和6年5月頃", "precision": "day", "sort": "2024-05-01"}, id="a false precision"
        ),
        pytest.param(
            {"text": "令和6年5月頃", "precision": "month", "sort": "1924-05-01"}, id="a false sort date"
        ),
        pytest.param(None, id="nothing"),
        pytest.param(19890107, id="a number"),
        pytest.param([], id="a list"),
    ],
)
def test_json_that_we_would_not_write_is_refused(value):
    """A peer cannot give one date two encodings, nor hide a date behind another."""
    with pytest.raises(BadDate):
        RecordedDate.from_json(value)


def test_recorded_dates_are_values():
    """They can be keys, and do not change."""
    assert len({RecordedDate.parse("1989-01-07"), RecordedDate.parse("昭和64年1月7日")}) == 1
    with pytest.raises(AttributeError):
        RecordedDate.of(date(1989, 1, 7)).text = "1989-01-08"
