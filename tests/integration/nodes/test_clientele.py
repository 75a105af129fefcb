# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Changes for a clientele, from the counter of a town to the agency's table: each once, recorded first, no list kept."""

from __future__ import annotations

import os
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import orjson
import pytest

from fixtures.agencies import CLERK, PENSION, furnished
from fixtures.ground import PENSIONS
from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from fixtures.notices import code_of
from fixtures.offices import Clock
from fixtures.provisions import vouch
from openjuki.errors import (
    BadEnvelope,
    BadInput,
    IntegrityFailure,
    Overtaken,
    PeerRefused,
    PeerUnavailable,
    Refused,
)
from openjuki.law import refusals
from openjuki.nodes import exchange
from openjuki.nodes.clientele import asking, listing, putting
from openjuki.nodes.clientele.meaning import CURSOR_TOO_OLD, KEY_IS_FOREIGN_TO_CURSOR
from openjuki.nodes.clientele.putting import By, Wish
from openjuki.nodes.clientele.recording import REFUSED
from openjuki.residents.changes import Reason
from openjuki.store import clientele, offices
from openjuki.store.clientele import Clientele
from openjuki.wire.bulk import KeyKind
from openjuki.wire.clientele import (
    CLIENTELE,
    CLIENTELE_KEYS,
    RECEIPTED,
    TOLD,
    Meaning,
    State,
    Told,
    Turn,
    Wanted,
)
from openjuki.wire.leaf import commitment

if TYPE_CHECKING:
    from collections.abc import Sequence

    from fixtures.offices import Country
    from openjuki.nodes.node import Node, Office
    from openjuki.store.database import Connection
    from openjuki.wire.key_list import Keys

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

LIST = "pensioners"


async def put(node: Node, keys: Sequence[int], **items: Any) -> Clientele:
    """Put a list of persons, named by their codes."""
    written = listing.write(node, listing.sorted_keys([np.array(keys, np.int64)]))
    whole = {
        "name": LIST,
        "office": "desk",
        "affair": PENSION,
        "reason": "受給権者の異動",
        "operator": CLERK.operator,
        "terminal": CLERK.terminal,
        "kind": "resident_code",
        "keys": written.keys,
        "digest": written.digest,
        "every": 0,
        "put_at": node.clock(),
        **items,
    }
    one = Clientele(**whole)
    assert await node.read(lambda connection: clientele.put(connection, one))
    return one


@pytest.fixture
async def agency(country: Country) -> Node:
    """Three live in 千代田区; the pension service lists the first two of them, and was told until now."""
    for _ in range(3):
        await country.enter(CHIYODA)
    await country.settle(CHIYODA, TOKYO, CENTRE)
    vouch(country)
    node = await furnished(country, PENSIONS, PENSION)
    await put(node, [int(code_of(1)), int(code_of(2))])
    (begun,) = await asking.ask(node, LIST)
    assert begun == (CENTRE, 0, False, True)
    return node


async def happens(country: Country, person: int, reason: Reason, **form: Any) -> None:
    """Something happens to somebody at 千代田区, and the Centre takes it in."""
    await country.record(CHIYODA, reason, resident_code=code_of(person), **form)
    await country.settle(CHIYODA, TOKYO, CENTRE)


async def told(node: Node) -> list[Told]:
    """Everything that the list was told."""
    kept = await node.read(lambda connection: clientele.changes(connection, LIST))
    assert [one.seq for one in kept] == list(range(1, len(kept) + 1))
    return [Told.from_bytes(one.told) for one in kept]


async def test_each_change_of_somebody_on_the_list_is_told_once(country: Country, agency: Node):
    """A death and a move of the listed; nothing of the third person, and nothing again."""
    await happens(country, 1, Reason.DIED)
    await happens(country, 2, Reason.MOVED_WITHIN, town="九段南", block="2番1号")
    await happens(country, 3, Reason.DIED)

    (first,) = await asking.ask(agency, LIST)
    (again,) = await asking.ask(agency, LIST)

    assert (first.changes, again.changes) == (2, 0)
    died, moved = await told(agency)
    assert (died.key, died.meaning, died.items["state"]) == (code_of(1), Meaning.DIED, "died")
    assert (moved.key, moved.meaning, moved.changed) == (code_of(2), Meaning.MOVED_WITHIN, ("address",))
    assert moved.items["address"].startswith("九段南")
    assert moved.article == "法30条の9・別表第1の74の項"


async def test_what_is_told_is_on_record_at_the_centre(country: Country, agency: Node):
    """A part of the provision log has a row for each person, its row and the turn's stand in the journal."""
    await happens(country, 1, Reason.DIED)

    await asking.ask(agency, LIST)

    ((row,),) = country.rows(CENTRE, "SELECT manifest FROM provision_part")
    (basis,) = orjson.loads(row)["bases"]
    assert (basis["change"], basis["rows"]) == ("died", 1)
    (turn,) = map(orjson.loads, country.journal(CENTRE, TOLD))
    assert (turn["asker"], turn["changes"], turn["keys"]) == (PENSIONS, 1, 2)
    assert str(code_of(1)).encode() not in country.journal(CENTRE, TOLD)[0]
    ((committed, receipted),) = country.rows(CENTRE, "SELECT commitment, receipted_at FROM clientele_told")
    ((salt,),) = country.rows(CENTRE, "SELECT salt FROM journal_pending WHERE kind = %s", TOLD)
    assert committed == commitment(salt, country.journal(CENTRE, TOLD)[0])
    assert receipted is not None
    assert len(country.journal(CENTRE, RECEIPTED)) == 1


async def test_nobodys_list_stands_at_the_centre(country: Country, agency: Node):
    """Of two on the list one has changed: of the other the Centre's new rows say nothing."""
    before = country.books()[CENTRE]
    await happens(country, 1, Reason.DIED)

    await asking.ask(agency, LIST)

    after = country.books()[CENTRE]
    new = [row for table, rows in after.items() for row in rows if row not in before[table]]
    assert new
    assert not [row for row in new if code_of(2) in row]


async def test_who_lists_a_replaced_code_learns_that_it_was(country: Country, agency: Node):
    """The new code is not told; what happens under it later is nobody's on the list."""
    (fresh,) = await country.stock(CHIYODA, 1)
    change = {"resident_code": code_of(1), "new_resident_code": fresh}
    await country.record(CHIYODA, Reason.CODE_CHANGED_ON_REQUEST, **change)
    await country.record(CHIYODA, Reason.DIED, resident_code=fresh)
    await country.settle(CHIYODA, TOKYO, CENTRE)

    await asking.ask(agency, LIST)

    (superseded,) = await told(agency)
    assert (superseded.key, superseded.meaning) == (code_of(1), Meaning.KEY_SUPERSEDED)
    assert superseded.items == {}


async def test_somebody_who_announces_a_move_is_moving_out(country: Country, agency: Node):
    """The notice of moving out comes before anybody has entered them elsewhere."""
    await happens(country, 1, Reason.MOVED_OUT, destination_municipality=CHUO)

    await asking.ask(agency, LIST)

    assert [one.meaning for one in await told(agency)] == [Meaning.MOVING_OUT]


async def test_a_list_that_grows_is_told_from_where_it_stood(country: Country, agency: Node):
    """Whoever is added is told about what happens afterwards, or happened since the last turn."""
    await put(agency, [int(code_of(1)), int(code_of(3))])
    await happens(country, 2, Reason.DIED)
    await happens(country, 3, Reason.DIED)

    await asking.ask(agency, LIST)

    assert [one.key for one in await told(agency)] == [code_of(3)]


async def test_a_cursor_of_another_journal_is_refused(country: Country, agency: Node):
    """After the Centre began its journal anew nobody guesses where a list stood."""
    country.rows(PENSIONS, "UPDATE clientele_cursor SET size = 1000000")

    with pytest.raises(Refused) as caught:
        await asking.ask(agency, LIST)

    assert caught.value.refusal == KEY_IS_FOREIGN_TO_CURSOR
    codes = country.rows(PENSIONS, "SELECT code FROM clientele_turn WHERE code IS NOT NULL")
    assert codes == [(KEY_IS_FOREIGN_TO_CURSOR.code,)]


async def test_what_was_erased_is_not_passed_over(country: Country, agency: Node):
    """Where a notice is gone after its time, the agency is told to ask for everybody instead."""
    await happens(country, 1, Reason.DIED)
    country.rows(CENTRE, "UPDATE journal SET salt = NULL, payload = NULL WHERE kind = 'notice.applied'")

    with pytest.raises(Refused) as caught:
        await asking.ask(agency, LIST)

    assert caught.value.refusal == CURSOR_TOO_OLD


async def test_who_lost_the_affair_is_refused_at_home(country: Country, agency: Node):
    """Nothing leaves the office once its own book says no."""
    await agency.read(
        lambda connection: offices.withdraw_affair(connection, "desk", PENSION, country.clock())
    )

    with pytest.raises(Refused) as caught:
        await asking.ask(agency, LIST)

    assert caught.value.refusal == refusals.AFFAIR_NOT_HELD


@pytest.mark.usefixtures("agency")
async def test_a_list_is_shown_to_nobody_who_was_not_asked(country: Country):
    """The Centre pulls chunks of a turn that is under way, and of no other."""
    centre = await country.connected(CENTRE)

    with pytest.raises(PeerRefused) as caught:
        await exchange.ask(centre, PENSIONS, CLIENTELE_KEYS, Wanted("f" * 32, 0).to_bytes())

    assert caught.value.peer_code == "JK-PEER-0010"


async def test_a_list_that_was_changed_on_the_disk_is_not_shown(country: Country, agency: Node):
    """What the office has not put is not what the Centre is asked about."""
    await happens(country, 1, Reason.DIED)
    (path,) = listing.folder(agency).glob("*.keys")
    path.write_bytes(path.read_bytes()[:-1] + b"\0")

    with pytest.raises(PeerRefused):
        await asking.ask(agency, LIST)

    path.unlink()
    with pytest.raises(IntegrityFailure):
        await asking.ask(agency, LIST)


async def test_who_says_that_there_is_more_goes_on(agency: Node, monkeypatch):
    """A provider that stays where it is and always has more would be asked for ever, and no other list ever again."""
    asked_for = []

    async def more(_: Node, asked: asking.Asked) -> tuple[Turn, list[bytes]]:
        asked_for.append(asked.ask.id)
        assert len(asked_for) == 1
        return Turn(state=State.NOTHING, cursor=asked.ask.cursor, more=True), []

    monkeypatch.setattr(asking, "_answered", more)
    with pytest.raises(BadEnvelope):
        await asking.ask(agency, LIST)


@pytest.mark.parametrize("member", ["affair", "office", "operator", "terminal", "reason"])
async def test_what_no_book_can_hold_is_malformed(country: Country, agency: Node, member: str):
    """U+0000 in what an asker says of itself: no turn begins, and nothing of it is written down."""
    await happens(country, 1, Reason.DIED)
    asked = await agency.transact(lambda connection: asking._write(agency, connection, LIST, CENTRE))
    wrong = replace(asked.ask, **{member: "a\0b"})

    with pytest.raises(PeerRefused) as caught:
        await exchange.ask(agency, CENTRE, CLIENTELE, wrong.to_bytes())
    assert caught.value.peer_code == BadEnvelope.code
    assert country.journal(CENTRE, REFUSED) == []


async def test_of_two_that_ask_at_once_one_keeps_what_was_told(country: Country, agency: Node, monkeypatch):
    """The slower process finds the cursor gone on, and keeps nothing."""
    await happens(country, 1, Reason.DIED)
    answered, went = asking._answered, []

    async def slow(node: Node, asked: asking.Asked):
        if not went:
            went.append(True)
            await asking.ask(node, LIST)
        return await answered(node, asked)

    monkeypatch.setattr(asking, "_answered", slow)
    with pytest.raises(Overtaken):
        await asking.ask(agency, LIST)

    assert len(await told(agency)) == 1


async def test_a_list_keeps_its_file_whoever_sweeps_meanwhile(agency: Node, monkeypatch):
    """Between its file and its row another list was put or dropped, and swept away what no list had."""
    write, swept = listing.write, []

    def slow(office: Office, keys: Keys) -> listing.Listing:
        written = write(office, keys)
        if not swept:
            swept.append(True)
            listing.sweep(office, [])
        return written

    monkeypatch.setattr(listing, "write", slow)
    wish = Wish("another", PENSION, "受給権者の異動", By(*CLERK), KeyKind.RESIDENT_CODE)
    one = await putting.put(agency, wish, np.array([int(code_of(3))], np.int64))

    assert listing.read(agency, one.digest).keys == 1
    await putting.drop(agency, "another", By(*CLERK))
    assert not listing.is_there(agency, one.digest)


async def test_a_list_that_is_dropped_while_it_is_asked_about_keeps_none_waiting(
    country: Country, agency: Node, monkeypatch
):
    """In its first turn: nothing is kept of it, and the lists after it are asked about."""
    answered = asking._answered

    async def slow(node: Node, asked: asking.Asked):
        said = await answered(node, asked)
        if asked.of.name == "a-first":
            await putting.drop(node, "a-first", By(*CLERK))
        return said

    for name in ("a-first", "b-second"):
        wish = Wish(name, PENSION, "受給権者の異動", By(*CLERK), KeyKind.RESIDENT_CODE, every=10)
        await putting.put(agency, wish, np.array([int(code_of(3))], np.int64))
    monkeypatch.setattr(asking, "_answered", slow)
    await asking.due(agency)

    turns = country.rows(PENSIONS, "SELECT clientele, code FROM clientele_turn ORDER BY clientele")
    assert turns == [("a-first", BadInput.code), ("b-second", None), (LIST, None)]
    begun = country.rows(PENSIONS, "SELECT clientele FROM clientele_cursor ORDER BY clientele")
    assert begun == [("b-second",), (LIST,)]


async def test_a_provider_that_is_away_holds_no_others_changes_back(
    country: Country, agency: Node, monkeypatch: pytest.MonkeyPatch
):
    """What the other tells is kept and receipted, also where the first owes an answer to an old receipt."""
    through, owed = exchange.ask, "a" * 32

    async def away(node: Node, to: str, message: str, body: bytes) -> bytes:
        if to == TOKYO:
            raise PeerUnavailable
        return await through(node, to, message, body)

    async def both(*_: Any) -> Sequence[str]:
        return TOKYO, CENTRE

    async def owe(connection: Connection) -> None:
        await clientele.ask(connection, owed, LIST, TOKYO, bytes(32), agency.clock())
        turned = clientele.Turned(1, None, b"{}", bytes(32), b"")
        await clientele.answer(connection, owed, turned, agency.clock())

    await agency.read(owe)
    await happens(country, 1, Reason.DIED)
    monkeypatch.setattr(exchange, "ask", away)
    monkeypatch.setattr(asking, "_providers", both)

    with pytest.raises(PeerUnavailable):
        await asking.ask(agency, LIST)

    assert [one.meaning for one in await told(agency)] == [Meaning.DIED]
    ((receipted,),) = country.rows(CENTRE, "SELECT receipted_at FROM clientele_told")
    assert receipted is not None


async def test_a_list_is_shown_for_no_turn_of_a_process_that_was_killed(country: Country, agency: Node):
    """Its turn is never answered, and over after a while all the same."""
    (one,) = await agency.read(lambda connection: clientele.lists(connection, LIST))
    request, centre = "b" * 32, await country.node(CENTRE)
    await agency.read(
        lambda connection: clientele.ask(connection, request, LIST, CENTRE, one.digest, agency.clock())
    )
    wanted = Wanted(request, 0).to_bytes()

    assert await exchange.ask(centre, PENSIONS, CLIENTELE_KEYS, wanted)
    country.clock.advance(hours=1)
    with pytest.raises(PeerRefused):
        await exchange.ask(centre, PENSIONS, CLIENTELE_KEYS, wanted)


async def test_what_a_killed_process_has_left_of_a_list_is_swept_away(agency: Node):
    """Not what somebody writes at just now."""
    where, now = listing.folder(agency), agency.clock().timestamp()
    for name, at in (("left.new", now - 7_200), ("being-written.new", now)):
        (where / name).write_bytes(b"")
        os.utime(where / name, (at, at))

    listing.sweep(agency, set())

    assert [path.name for path in where.iterdir()] == ["being-written.new"]


async def test_an_unknown_list_is_bad_input(agency: Node):
    """A name that was never put, or was dropped."""
    with pytest.raises(BadInput):
        await asking.ask(agency, "strangers")


async def test_lists_are_asked_about_when_their_time_comes(country: Country, agency: Node):
    """Every ten seconds means every ten seconds."""
    await put(agency, [int(code_of(1))], every=10)
    await happens(country, 1, Reason.DIED)
    await asking.due(agency)
    assert await told(agency) == []

    assert isinstance(country.clock, Clock)
    country.clock.advance(seconds=11)
    await asking.due(agency)

    assert [one.meaning for one in await told(agency)] == [Meaning.DIED]
