# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The road of one notice, from what stands in the books and what was heard on the line."""

from datetime import UTC, datetime, timedelta

from openjuki.simulation.live.ear import Heard
from openjuki.simulation.live.journey import Form, steps
from openjuki.simulation.live.reading import Book, Cosigned, Entry, Signed
from openjuki.simulation.live.road import Road, hop
from openjuki.simulation.live.words import Said

TOWN, PREFECTURE, CENTRE = "131016", "130001", "centre"
NAMES = {
    TOWN: Said("千代田区", "Chiyoda"),
    PREFECTURE: Said("東京都", "Tokyo"),
    CENTRE: Said("機構", "Centre"),
}
NOON = datetime(2026, 4, 1, 12, tzinfo=UTC)


def after(milliseconds):
    """A moment after noon."""
    return NOON + timedelta(milliseconds=milliseconds)


def pull(sender, recipient, milliseconds, size):
    """A request for what waits, and its answer a moment later."""
    return [
        Heard(at=after(milliseconds), sender=recipient, recipient=sender, message="pull", size=size),
        Heard(
            at=after(milliseconds + 5),
            sender=sender,
            recipient=recipient,
            message="pull",
            size=2 * size,
            answer=True,
        ),
    ]


def test_the_last_answer_before_a_notice_was_recorded_carried_it():
    """Earlier answers were about other notices, later ones too, and other towns' are none of ours."""
    heard = [
        *pull(TOWN, PREFECTURE, -50, 100),
        *pull(TOWN, PREFECTURE, 20, 1000),
        *pull("132195", PREFECTURE, 25, 300),
        *pull(TOWN, PREFECTURE, 60, 500),
    ]

    travelled = hop(TOWN, PREFECTURE, NOON, Entry(7, after(40)), heard)

    assert (travelled.asked.size, travelled.answered.size) == (1000, 2000)


def test_a_notice_that_still_waits_was_carried_by_nothing():
    """While a town is cut off, what goes on elsewhere is not about its notice."""
    waiting = hop(TOWN, PREFECTURE, NOON, None, pull(TOWN, PREFECTURE, 20, 1000))

    assert (waiting.asked, waiting.answered, waiting.taken) == (None, None, None)


def road(*, arrived):
    """A notice on its way, or there."""
    heard = [*pull(TOWN, PREFECTURE, 20, 1000), *pull(PREFECTURE, CENTRE, 60, 700)]
    first = hop(TOWN, PREFECTURE, NOON, Entry(70, after(40)), heard)
    second = hop(PREFECTURE, CENTRE, after(40), Entry(900, after(80)) if arrived else None, heard)
    return Road(town=TOWN, seq=3, written=Entry(5, NOON), hops=(first, second))


def test_a_road_is_told_from_book_to_book():
    """Book, line, book, line, book, and the seal over the first."""
    book = Book(
        size=8,
        root=bytes(32),
        signed=Signed(8, after(900), None),
        cosigned={PREFECTURE: Cosigned(8, after(950)), CENTRE: Cosigned(4, NOON)},
    )

    told = steps(road(arrived=True), book, NAMES)

    assert [step.form for step in told] == [Form.BOOK, Form.LINE, Form.BOOK, Form.LINE, Form.BOOK, Form.SEAL]
    assert [step.after for step in told[:-1]] == ["+0 ms", "+25 ms", "+40 ms", "+65 ms", "+80 ms"]
    assert told[1].what.en == "request 1,000\u00a0B, sealed answer 2,000\u00a0B"
    assert told[5].what.en == "signed; witnessed by Tokyo"


def test_what_has_not_happened_is_open():
    """A notice that the Centre has not recorded, in a journal that nobody has signed."""
    told = steps(road(arrived=False), Book(size=8, root=bytes(32)), NAMES)

    assert [step.done for step in told] == [True, True, True, False, False, False]
    assert told[5].what.en == "not signed yet"
