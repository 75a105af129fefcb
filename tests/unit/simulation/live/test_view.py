# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What a look at the nation says."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from openjuki.simulation.agencies import AGENCIES
from openjuki.simulation.founding import planned_nodes
from openjuki.simulation.live.figures import State
from openjuki.simulation.live.hands import Damage
from openjuki.simulation.live.provisions import Provisions, Tally
from openjuki.simulation.live.reading import Alarm, Book, Cosigned, HeldNotice, Signed
from openjuki.simulation.live.view import page
from openjuki.simulation.live.watching import Lag, Sight
from openjuki.simulation.nation_plan import NATION
from openjuki.store.verification.damage import Damage as Found
from openjuki.store.verification.damage import What

NOW = datetime(2026, 4, 1, 12, tzinfo=UTC)
OTARU, HOKKAIDO, CENTRE = "012033", "010006", "centre"
NODES = tuple(planned_nodes(NATION))
CODE = "12345678901"


def before(seconds):
    """A moment before now."""
    return NOW - timedelta(seconds=seconds)


def calm():
    """A nation in which everything is in order."""
    signed = Signed(100, before(0.4), None)
    book = Book(size=100, root=bytes(range(32)), signed=signed)
    return Sight(at=NOW, nodes=NODES, books={node.id: book for node in NODES})


def with_book(sight, node, **changes):
    """The same, but for one book."""
    return replace(sight, books={**sight.books, node: replace(sight.books[node], **changes)})


def offices(shown):
    """Offices by node."""
    return {office.id: office for office in shown.offices}


def test_a_calm_nation_is_said_to_be_calm():
    """Every office in order, nothing waits, no alarm."""
    shown = page(calm())

    assert shown.state is State.OK
    assert {office.state for office in shown.offices} == {State.OK}
    assert (shown.alarms, shown.held, shown.apart, shown.damages, shown.road) == ((), (), (), (), None)
    assert [prefecture.office.name.ja for prefecture in shown.prefectures] == ["北海道", "東京都", "静岡県"]
    assert sum(len(prefecture.towns) for prefecture in shown.prefectures) == len(shown.towns) == 10


def test_what_has_just_been_written_is_not_lag():
    """Only what waits for more than a few seconds is."""
    fresh, old = (
        replace(calm(), lags={(OTARU, HOKKAIDO): Lag(count=3, since=before(age))}) for age in (1, 30)
    )

    assert page(fresh).state is State.OK
    assert offices(page(fresh))[OTARU].outgoing == 3
    assert page(old).state is State.BEHIND
    assert {node for node, office in offices(page(old)).items() if office.state is State.BEHIND} == {
        OTARU,
        HOKKAIDO,
    }


def test_a_town_that_is_cut_off_is_said_to_be():
    """Its prefecture is behind, the town is apart, and the sentence names the town."""
    cut = replace(
        calm(), apart={OTARU: before(20)}, lags={(OTARU, HOKKAIDO): Lag(count=12, since=before(18))}
    )

    shown = page(cut)

    assert shown.state is State.APART
    assert "小樽市" in shown.verdict.ja
    assert offices(shown)[OTARU].state is State.APART
    ((office, since),) = shown.apart
    assert (office.id, office.outgoing, since.en) == (OTARU, 12, "20 s")


def test_a_book_that_does_not_answer_is_silent():
    """Everything else is shown as it is."""
    sight = calm()
    shown = page(replace(sight, books={node: book for node, book in sight.books.items() if node != OTARU}))

    assert shown.state is State.SILENT
    assert offices(shown)[OTARU].entries == "–"


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        pytest.param(None, "検査しています", id="while it is checked"),
        pytest.param((Found(what=What.PAYLOAD, index=41),), "検査が見つけました", id="when it was found"),
    ],
)
def test_a_flipped_byte_comes_before_everything_else(findings, said):
    """The gravest thing is said first."""
    damage = Damage(town=OTARU, index=41, offset=6, at=before(3), findings=findings)
    shown = page(replace(calm(), damages={OTARU: damage}, apart={"131016": before(5)}))

    assert shown.state is State.BROKEN
    assert said in shown.verdict.ja
    (tampering,) = shown.damages
    assert tampering.byte == 7
    assert (tampering.findings is None) == (findings is None)
    if findings:
        assert tampering.findings[0].startswith("leaf 41  payload  記録内容")


def test_the_nodes_own_alarm_is_shown_with_its_place():
    """When, where, what, and which leaf."""
    alarm = Alarm(1, "journal-damaged", {"index": 41, "what": "payload"}, before(2))
    shown = page(with_book(calm(), OTARU, alarms=(alarm,)))

    assert shown.state is State.BROKEN
    assert [(row.where.ja, row.what.en, row.detail) for row in shown.alarms] == [
        ("小樽市", "Journal damaged", "index 41, what payload")
    ]


def test_an_alarm_that_names_a_person_does_not_on_the_page():
    """転出未処理 names a resident code; the page does not."""
    alarm = Alarm(1, "open-predecessor", {"resident_code": CODE, "stay": 2}, before(2))
    held = HeldNotice(OTARU, 8, "JK-CHANGE-0003", before(9))
    shown = page(with_book(calm(), CENTRE, alarms=(alarm,), held=(held,), held_count=1))

    assert CODE not in repr(shown)
    assert shown.held[0].what.ja == "小樽市の通知 第8号"


def test_unsigned_entries_and_witnesses_are_told_by_age():
    """How old the oldest entry is that no checkpoint covers, and when each witness last cosigned."""
    shown = page(
        with_book(
            calm(),
            OTARU,
            signed=Signed(90, before(1.2), before(0.8)),
            cosigned={CENTRE: Cosigned(90, before(7)), HOKKAIDO: Cosigned(80, before(9))},
        )
    )

    otaru = offices(shown)[OTARU]
    assert (otaru.signed, otaru.unsigned.en) == ("90", "0.8 s")
    assert [(witness.name.ja, witness.ago.en) for witness in otaru.witnesses] == [
        ("機構", "7.0 s"),
        ("北海道", "9.0 s"),
    ]
    assert next(figure.value for figure in shown.figures if "unsigned" in figure.label.en) == "0.8 s"


def test_figures_of_a_nation_nobody_has_measured_yet_are_empty():
    """No notice has arrived since the page stands."""
    values = {figure.label.en: figure.value for figure in page(calm()).figures}

    assert values["Town to Centre"] == "–"
    assert values["Oldest unsigned entry"] == "0 s"


def test_agencies_are_drawn_with_whom_they_ask():
    """The State's asks the Centre, a governor's the governor and the Centre; who was just answered is seen to ask."""
    nodes = tuple(planned_nodes(NATION, AGENCIES))
    books = {node.id: calm().books[CENTRE] for node in nodes}
    provisions = Provisions(by_asker={"agency-tokyo-ryoken": 1200}, asking=frozenset({"agency-tokyo-ryoken"}))
    shown = page(replace(calm(), nodes=nodes, books=books, provisions=provisions))

    agencies = {agency.office.id: agency for agency in shown.agencies}
    assert len(agencies) == 10
    assert agencies["agency-nenkin"].asks == ("機構", "Centre")
    assert agencies["agency-tokyo-ryoken"].asks == ("東京都・機構", "Tokyo, Centre")
    assert [agencies["agency-tokyo-ryoken"].asked, agencies["agency-tokyo-ryoken"].asking] == ["1,200", True]
    assert not agencies["agency-nenkin"].asking
    assert sum(len(prefecture.towns) for prefecture in shown.prefectures) == len(shown.towns) == 10


def test_purposes_come_with_their_law_the_most_asked_first():
    """An affair that the book does not know on that day is called by its id."""
    tallies = {"hokkaido-2-31": Tally(refused=1), "state-118": Tally(told=1500, nobody=2, in_bulk=1400)}
    later = NOW.replace(month=11)
    shown = page(replace(calm(), at=later, provisions=Provisions(by_affair=tallies)))

    assert [purpose.affair for purpose in shown.purposes] == ["state-118", "hokkaido-2-31"]
    assert [purpose.name.ja for purpose in shown.purposes] == ["国民年金法", "hokkaido-2-31"]
    assert shown.purposes[0].in_bulk == "1,400"
    assert (shown.purposes[0].told, shown.purposes[0].nobody, shown.purposes[1].refused) == (
        "1,500",
        "2",
        "1",
    )
