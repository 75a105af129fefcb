# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Counting what is provided."""

from datetime import UTC, datetime, timedelta

from openjuki.simulation.live.provisions import Answered, Counting, Tally

NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)
PENSIONS, WELFARE = "agency-nenkin", "agency-chiyoda-fukushi"


def answered(questions):
    """So many questions of the pension service, about somebody."""
    return Answered(PENSIONS, "state-118", "matched", through=False, in_bulk=False, questions=questions)


def after(seconds):
    """A moment after noon."""
    return NOON + timedelta(seconds=seconds)


def test_what_was_there_before_is_no_rate():
    """Somebody opens the page: what was provided in the morning is a sum, and not provided just now."""
    seen = Counting().take([answered(500)], NOON, earlier=True)

    assert (seen.all, seen.per_second, seen.lately, seen.asking) == (500, 0.0, 0, frozenset())


def test_the_rate_is_of_the_last_ten_seconds():
    """A burst is forgotten after ten seconds, and after a minute it was not lately."""
    counting = Counting()
    counting.take([], NOON, earlier=True)
    burst = counting.take([answered(40)], after(1))
    later = counting.take([], after(11))
    latest = counting.take([], after(61))

    assert (burst.per_second, burst.lately, burst.asking) == (4.0, 40, {PENSIONS})
    assert (later.per_second, later.lately, later.asking) == (0.0, 40, frozenset())
    assert (latest.per_second, latest.lately, latest.all) == (0.0, 0, 40)


def test_answers_are_counted_by_affair_and_by_class():
    """Who died was somebody; nobody of the name, too many, a refusal and a malformed code are not."""
    results = ("matched", "mismatch", "died", "superseded", "none", "too_many", "not_permitted", "malformed")
    seen = Counting().take(
        [Answered(WELFARE, "city-027", one, one == "died", one == "none", 1) for one in results], NOON
    )

    assert seen.by_affair == {"city-027": Tally(told=4, nobody=2, refused=2, through_governor=1, in_bulk=1)}
    assert seen.by_asker == {WELFARE: 8}
