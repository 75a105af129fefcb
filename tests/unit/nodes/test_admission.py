# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is decided about notices before anything is written: whatever the order and the batches, all is taken in once."""

from __future__ import annotations

import base64
from typing import TYPE_CHECKING

import orjson
from hypothesis import given
from hypothesis import strategies as st

from fixtures.notices import CHIYODA, code_changed, notice, number_of
from openjuki.errors import BadNotice
from openjuki.nodes.admission import Arrival, _Decisions
from openjuki.residents.changes import Reason
from openjuki.store.records import Persons

if TYPE_CHECKING:
    from openjuki.residents.notice import Notice

#: A person's life in one town: for each version after the entry, whether the code changes.
lives = st.lists(st.booleans(), min_size=1, max_size=6)


def told(person: int, changes: list[bool]) -> list[Notice]:
    """A person's notices in their order; their codes are those of persons numbered by tens."""
    known, who = [notice(10 * person)], {"individual_number": number_of(10 * person)}
    code = 10 * person
    for version, changes_code in enumerate(changes, 2):
        if changes_code:
            known.append(code_changed(code, code + 1, version=version, **who))
            code += 1
        else:
            reason = Reason.CORRECTED_EX_OFFICIO
            known.append(notice(code, version=version, reason=reason, alias=f"通称{version}", **who))
    return known


def wrong(right: Notice) -> Notice:
    """The same version under a number that nobody announced."""
    return notice(
        int(right.identification.resident_code[:-1]),
        version=right.version,
        reason=right.reason,
        individual_number=number_of(999),
        previous_resident_code=right.previous_resident_code,
    )


class Desk:
    """A shelf and what is known of people, without a database."""

    def __init__(self) -> None:
        self.persons = Persons({}, {})
        self.shelf: list[Arrival] = []
        self.applied: list[Notice | None] = []
        self.seq = 0

    def take(self, batch: list[bytes]) -> None:
        arrivals = [Arrival.of(CHIYODA, self.seq + place, raw) for place, raw in enumerate(batch, 1)]
        self.seq += len(batch)
        decisions = _Decisions(self.persons, self.shelf)
        for arrival in arrivals:
            decisions.decide(arrival)
        still = decisions.still_held()
        self.shelf = [arrival for arrival in (*self.shelf, *arrivals) if arrival.place in still]
        self.applied += [arrival.notice for arrival in decisions.applied]


@st.composite
def deliveries(draw: st.DrawFn) -> tuple[list[list[Notice]], list[list[bytes]]]:
    """Lives of two people, and their notices in any order and any batches, some first told wrongly, some twice."""
    people = [told(person, draw(lives)) for person in (1, 2)]
    stream = draw(st.permutations([one.to_bytes() for life in people for one in life]))
    places = {raw: place for place, raw in enumerate(stream)}
    spoilt = draw(st.lists(st.sampled_from([one for life in people for one in life[1:]]), max_size=4))
    before = [(draw(st.integers(0, places[one.to_bytes()])), wrong(one).to_bytes()) for one in spoilt]
    again = [(len(stream), draw(st.sampled_from(stream))) for _ in range(draw(st.integers(0, 2)))]
    mixed = sorted([*((place + 0.5, raw) for place, raw in enumerate(stream)), *before, *again])
    arriving = [raw for _, raw in mixed]
    cuts = sorted(draw(st.sets(st.integers(1, len(arriving) - 1), max_size=4)))
    return people, [arriving[start:end] for start, end in zip([0, *cuts], [*cuts, None], strict=True)]


@given(deliveries())
def test_in_whatever_order_and_batches_everything_is_taken_in_once(delivery):
    """Every right version is applied once, each person's in their order, no wrong one ever, and the shelf is empty."""
    people, batches = delivery
    desk = Desk()

    for batch in batches:
        desk.take(batch)

    assert desk.shelf == []
    for life in people:
        assert [one for one in desk.applied if one in life] == life
    assert len(desk.applied) == sum(map(len, people))


@given(deliveries(), st.data())
def test_what_is_missing_holds_its_person_alone(delivery, data):
    """Without one version nothing after it is applied, and everything of the other person is."""
    (held, free), batches = delivery
    missing = data.draw(st.sampled_from(held))
    desk = Desk()

    for batch in batches:
        desk.take([raw for raw in batch if raw != missing.to_bytes()])

    assert [one for one in desk.applied if one in held] == held[: missing.version - 1]
    assert [one for one in desk.applied if one in free] == free


def test_a_notice_that_cannot_be_read_arrives_with_its_error():
    """It says nothing of anybody, and is kept in the journal as it came."""
    arrival = Arrival.of(CHIYODA, 7, b"\x00")

    assert (arrival.notice, arrival.error, arrival.resident_code) == (None, BadNotice.code, None)
    assert arrival.codes() == set()
    payload = orjson.loads(arrival.payload())
    assert base64.b64decode(payload.pop("unreadable")) == b"\x00"
    assert payload == {"origin": CHIYODA, "seq": 7}


def test_a_change_of_code_waits_under_the_code_before_it():
    """Whoever is known under the old code is looked for there; what follows is found under the new one."""
    arrival = Arrival.of(CHIYODA, 7, code_changed(1, 2).to_bytes())

    assert arrival.resident_code == notice(1).identification.resident_code
    assert arrival.codes() == {notice(person).identification.resident_code for person in (1, 2)}
