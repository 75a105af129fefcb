# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A new text of the law reaches a running node."""

from __future__ import annotations

import os
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from openjuki.config import JST
from openjuki.errors import BadConfiguration
from openjuki.law.shelf import LOOK_EVERY, Shelf

if TYPE_CHECKING:
    from pathlib import Path

EVENING = datetime(2026, 12, 31, 23, 59, 59, 500_000, tzinfo=JST)
ROW = "affair,basis,row,recipient,law,title\n{},30-9,1,外務省,旅券法,旅券の発給\n"


def put(folder: Path, affair: str, day: str = "2027-01-01") -> Path:
    """A text in the folder."""
    file = folder / "affairs" / "p" / f"{day}.csv"
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(ROW.format(affair), encoding="utf-8")
    return file


def test_a_text_takes_effect_at_midnight_in_a_running_node(tmp_path: Path):
    """It lies there before its day; at midnight it is law, and nobody does anything."""
    put(tmp_path, "x-1")
    shelf = Shelf(tmp_path)
    midnight = EVENING + timedelta(milliseconds=500)

    assert shelf.book(EVENING).affair("x-1", EVENING.date()) is None
    assert shelf.book(midnight).affair("x-1", midnight.date()) is not None


def test_a_text_that_comes_while_the_node_runs_is_taken_up(tmp_path: Path):
    """Into a folder that was not there; at the next look."""
    shelf = Shelf(tmp_path / "law")
    day = date(2027, 1, 1)

    assert shelf.book(EVENING).affair("x-1", day) is None
    put(tmp_path / "law", "x-1")
    assert shelf.book(EVENING + LOOK_EVERY / 2).affair("x-1", day) is None
    assert shelf.book(EVENING + LOOK_EVERY).affair("x-1", day) is not None


def test_a_text_that_changes_or_goes_is_noticed(tmp_path: Path):
    """A file of the same length and another time is another file."""
    file, day = put(tmp_path, "x-1"), date(2027, 1, 1)
    shelf = Shelf(tmp_path)
    put(tmp_path, "x-2")
    os.utime(file, ns=(1, 1))

    assert shelf.book(EVENING).affair("x-2", day) is not None
    file.unlink()
    assert shelf.book(EVENING + LOOK_EVERY).affair("x-2", day) is None


def test_a_text_of_the_same_time_and_length_is_noticed(tmp_path: Path):
    """As a copy that keeps times is put there, or as a file's permission is changed after it could not be read."""
    file, day = put(tmp_path, "x-1"), date(2027, 1, 1)
    os.utime(file, ns=(1, 1))
    shelf = Shelf(tmp_path)
    put(tmp_path, "x-2")
    os.utime(file, ns=(1, 1))

    assert shelf.book(EVENING).affair("x-2", day) is not None


def test_the_same_folder_is_not_read_again(tmp_path: Path):
    """Looking costs a look."""
    put(tmp_path, "x-1")
    shelf = Shelf(tmp_path)

    assert shelf.book(EVENING) is shelf.book(EVENING + 9 * LOOK_EVERY)


def test_a_text_that_cannot_be_read_changes_nothing(tmp_path: Path):
    """The node goes on with the book it has, and says what is wrong; mended, all is well."""
    file, day = put(tmp_path, "x-1"), date(2027, 1, 1)
    shelf = Shelf(tmp_path)
    file.write_text("affair\n", encoding="utf-8")

    assert shelf.book(EVENING).affair("x-1", day) is not None
    assert isinstance(shelf.fault, BadConfiguration)
    assert shelf.fault.where.file == str(file)

    put(tmp_path, "x-22")
    assert shelf.book(EVENING + LOOK_EVERY).affair("x-22", day) is not None
    assert shelf.fault is None


def test_a_folder_that_may_not_be_listed_changes_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Somebody took the right to it away: no question fails for it, and the alarm names the folder."""
    file, day = put(tmp_path, "x-1"), date(2027, 1, 1)
    shelf = Shelf(tmp_path)
    put(tmp_path, "x-22")

    def refused(folder: Path) -> None:
        raise PermissionError(13, "Permission denied", str(folder))

    with monkeypatch.context() as patched:
        patched.setattr(type(tmp_path), "iterdir", refused)
        assert shelf.book(EVENING).affair("x-1", day) is not None
        assert shelf.fault is not None
        assert shelf.fault.where.file == str(tmp_path)

    os.utime(file, ns=(1, 1))
    assert shelf.book(EVENING + LOOK_EVERY).affair("x-22", day) is not None
    assert shelf.fault is None


def test_a_node_does_not_begin_with_half_a_law(tmp_path: Path):
    """At the start a folder that cannot be read is an error."""
    put(tmp_path, "旅券")

    with pytest.raises(BadConfiguration):
        Shelf(tmp_path)


def test_a_clock_that_goes_back_is_no_reason_not_to_look(tmp_path: Path):
    """After the clock was set back an hour, a new text is not an hour late."""
    shelf = Shelf(tmp_path)
    shelf.book(EVENING)
    put(tmp_path, "x-1")

    assert shelf.book(EVENING - timedelta(hours=1)).affair("x-1", date(2027, 1, 1)) is not None
