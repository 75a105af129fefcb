# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""What is erased is gone wherever it stood, and nothing else is."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import orjson
import pytest

from fixtures.disclosing import furnish
from fixtures.network import CHIYODA, TOKYO
from fixtures.notices import code_of, number_of
from fixtures.provided_parts import provided
from openjuki.errors import Overtaken, Refused
from openjuki.nodes.erasing import NOT_ERASING, STILL_KEPT, Order
from openjuki.nodes.forgetting import NOBODY_THERE, forget
from openjuki.residents.changes import Reason
from openjuki.store import journal, snapshot
from openjuki.store.snapshot import places

if TYPE_CHECKING:
    from pathlib import Path

    from fixtures.offices import Country
    from openjuki.nodes.node import Node

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

GOES, STAYS = code_of(1), code_of(2)
YEARS_150 = 150 * 366 * 86_400


@pytest.fixture
async def tokyo(country: Country, tmp_path: Path) -> Node:
    """Tokyo knows somebody who died and somebody who lives, and has a snapshot of both."""
    await country.enter(CHIYODA, individual_number=number_of(1))
    await country.enter(CHIYODA, name="鈴木　実", furigana="スズキ　ミノル")
    await country.record(CHIYODA, Reason.DIED, resident_code=GOES)
    await country.settle(CHIYODA, TOKYO)
    await country.sequence(TOKYO)
    node = await country.node(TOKYO)
    node.settings = replace(node.settings, snapshot=tmp_path / "snapshot")
    async with node.pool.connection() as connection:
        await snapshot.build(connection, node.settings.snapshot_folder, node.clock())
    return node


@pytest.fixture
async def order(tokyo: Node) -> Order:
    """Somebody at Tokyo whose work is to erase has been told to."""
    by = await furnish(tokyo, "kiroku", "erasure")
    return Order(by=by, reason="消去 3", order="裁決 令8第3号")


def traces(country: Country, word: str) -> set[str]:
    """Tables of Tokyo's book in which a word stands, plainly or in bytes."""
    tables = country.rows(TOKYO, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'")
    like = f"'%{word}%', '%{word.encode().hex()}%'"
    query = (
        "SELECT count(*) FROM {0} AS line WHERE line::text LIKE ANY (ARRAY[" + like.replace("%", "%%") + "])"
    )
    return {name for (name,) in tables if country.rows(TOKYO, query.format(name))[0][0]}


async def found(node: Node, *codes: str) -> list[bool]:
    """Whether the snapshot leads somewhere from these codes."""
    async with node.pool.connection() as connection:
        state = await snapshot.current(connection, node.settings.snapshot_folder)
    return (state.by_code(np.array([int(code) for code in codes])).positions >= 0).tolist()


async def test_a_person_is_gone_everywhere(country: Country, tokyo: Node, order: Order):
    """Code, number and name stand in no table and in no generation; the neighbour is where they were."""
    before = traces(country, STAYS)
    assert {"record", "code_succession", "journal"} <= traces(country, GOES)
    assert await found(tokyo, GOES, STAYS) == [True, True]

    assert await forget(tokyo, GOES, order) == 2

    # what was passed on to the Centre, sealed, is erased some weeks after it arrived there
    assert [traces(country, word) for word in (GOES, number_of(1), "渡辺　葵")] == [set(), set(), set()]
    assert traces(country, STAYS) == before
    assert await found(tokyo, GOES, STAYS) == [False, True]
    assert len(places.generations(tokyo.settings.snapshot_folder)) == 1


async def test_the_journal_is_what_it_was(country: Country, tokyo: Node, order: Order):
    """Every leaf stays, and says that somebody was erased by order, and not who."""
    rows = await tokyo.read(journal.read)
    await forget(tokyo, GOES, order)
    await country.sequence(TOKYO)
    after = await tokyo.read(journal.read)

    assert [row.leaf for row in after[: len(rows)]] == [row.leaf for row in rows]
    for row in after:
        row.verify()
    said = orjson.loads(after[-1].payload)
    assert (after[-1].kind, said["notices"], said["order"]) == ("person.erased", 2, "裁決 令8第3号")
    assert GOES.encode() not in after[-1].payload


async def test_what_was_provided_is_another_record(tokyo: Node, order: Order):
    """It has a time of its own, and is erased for itself."""
    await tokyo.transact(lambda book: provided(book, [int(GOES)]))
    await forget(tokyo, GOES, order)

    assert (await tokyo.read(lambda book: book.execute("SELECT rows FROM provision_part"))).rowcount == 1


async def test_a_person_is_kept_for_150_years_after_they_left(country: Country, tokyo: Node, order: Order):
    """Without an order nobody goes before, and nobody who lives here ever."""
    unordered = replace(order, order=None)
    with pytest.raises(Refused) as refused:
        await forget(tokyo, GOES, unordered)
    assert refused.value.refusal == STILL_KEPT

    country.clock.advance(seconds=YEARS_150)
    with pytest.raises(Refused) as refused:
        await forget(tokyo, STAYS, unordered)
    assert refused.value.refusal == STILL_KEPT
    assert await forget(tokyo, GOES, unordered) == 2


async def test_who_may_not_or_is_not_there_is_refused(country: Country, tokyo: Node, order: Order):
    """Another office, another code, or a notice that came in this very second."""
    other = replace(order, by=replace(order.by, affairs=frozenset()))
    for code, asked, refusal in ((GOES, other, NOT_ERASING), (code_of(9), order, NOBODY_THERE)):
        with pytest.raises(Refused) as refused:
            await forget(tokyo, code, asked)
        assert refused.value.refusal == refusal
    country.rows(
        TOKYO,
        "INSERT INTO journal_pending (kind, recorded_at, commitment, salt, payload, recipients)"
        " SELECT kind, recorded_at, sha256(leaf), salt, payload, '{}' FROM journal WHERE kind = 'notice.applied'",
    )
    with pytest.raises(Overtaken):
        await forget(tokyo, GOES, order)
