# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fixtures.notices import (
    RECEIVED,
    code_changed,
    code_of,
    moved_in,
    notice,
    number_of,
)
from fixtures.snapshots import THERE, Lives, asked_of, record, same
from openjuki.config import Kind
from openjuki.errors import IntegrityFailure
from openjuki.residents.changes import Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.record import Sex
from openjuki.store import snapshot
from openjuki.store.database import connect
from openjuki.store.snapshot import building, places

pytestmark = pytest.mark.postgres


async def test_a_generation_is_the_book_at_one_size_of_the_journal(centre, tmp_path):
    """What is built from the tables answers as they do; size and root are those of the journal."""
    await record(
        centre,
        notice(1, former_surname="佐藤", former_surname_furigana="サトウ"),
        notice(2, sex=Sex.UNKNOWN, birth_date=RecordedDate.parse("昭和64年1月頃")),
        moved_in(3, individual_number=None, name="LI PING　李　萍", furigana=None, alias="アオイ"),
        code_changed(1, 4),
        notice(
            2, version=2, reason=Reason.DIED, sex=Sex.UNKNOWN, birth_date=RecordedDate.parse("昭和64年1月頃")
        ),
        moved_in(1, individual_number=number_of(5), predecessor=None, stay=3),
    )
    generation = await snapshot.build(centre, tmp_path, RECEIVED)
    state = await snapshot.current(centre, tmp_path)

    assert (generation.number, generation.size, generation.rows) == (1, 6, 3)
    assert (state.size, state.root, len(state.overlay.persons)) == (6, generation.root, 0)
    await same(centre, state, asked_of(7))


async def test_nothing_but_the_journal_is_enough_for_a_small_book(centre, tmp_path):
    """Without any generation everybody is folded from the journal."""
    await record(centre, notice(1), moved_in(2), code_changed(1, 3))
    state = await snapshot.current(centre, tmp_path)

    assert (state.generation.number, state.size, state.rows) == (0, 3, 2)
    await same(centre, state, asked_of(5))


async def test_a_state_is_followed_up(centre, tmp_path):
    """What the journal has told since joins what is known; the state from before stays what it was."""
    await record(centre, notice(1))
    before = await snapshot.current(centre, tmp_path)
    await record(
        centre, notice(1, version=2, reason=Reason.MOVED_WITHIN, address="一ツ橋二丁目3番4号"), notice(2)
    )
    after = await snapshot.current(centre, tmp_path, known=before)

    assert after.fold is before.fold
    assert (before.rows, before.size, after.rows, after.size) == (1, 1, 2, 3)
    await same(centre, after, asked_of(4))
    assert before.take(np.array([0]), ("address",))["address"].to_pylist() == ["千代田一丁目1番1号"]


async def test_the_state_of_an_earlier_size_is_found_again(centre, tmp_path):
    """A job that was interrupted goes on with the very state it began with."""
    await record(centre, notice(1))
    generation = await snapshot.build(centre, tmp_path, RECEIVED)
    await record(centre, notice(2))
    then = await snapshot.current(centre, tmp_path)
    await record(centre, notice(3))
    await snapshot.merge(centre, tmp_path, generation)
    again = await snapshot.current(centre, tmp_path, size=2)

    assert (again.size, again.root, again.rows) == (then.size, then.root, then.rows) == (2, then.root, 2)
    assert again.generation.number == 1


async def test_what_was_committed_but_not_sequenced_is_folded_once(centre, tmp_path, monkeypatch):
    """A generation may know more than the size it names; the fold passes over that."""
    sequenced = building._sequenced

    async def only_after(connection, last=None):
        if last is not None:
            await sequenced(connection, last)

    monkeypatch.setattr(building, "_sequenced", only_after)
    await record(centre, notice(1))
    await record(
        centre,
        notice(1, version=2, reason=Reason.MOVED_OUT),
        moved_in(1),
        code_changed(1, 2, stay=2, **THERE),
        sequenced=False,
    )
    generation = await snapshot.build(centre, tmp_path, RECEIVED)
    state = await snapshot.current(centre, tmp_path)

    assert (generation.size, state.size) == (1, 4)
    assert not len(state.overlay.persons)
    await same(centre, state, asked_of(4))


async def test_a_generation_of_another_journal_is_refused(centre, new_database, tmp_path):
    """After a restore from an old backup the journal may have another past: its generation says so."""
    await record(centre, notice(1))
    await snapshot.build(centre, tmp_path, RECEIVED)
    async with await connect(new_database(Kind.CENTRE)) as restored:
        await record(restored, notice(2))
        with pytest.raises(IntegrityFailure):
            await snapshot.current(restored, tmp_path)


#: What happens, to whom, and which of several things it is about; the last three kinds look and make generations.
_EVENTS = st.lists(
    st.tuples(st.integers(0, 15), st.integers(0, 3), st.integers(0, 5)), min_size=5, max_size=30
)
_BUILD, _MERGE, _LOOK = 13, 14, 15


@settings(max_examples=6, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(events=_EVENTS)
async def test_generation_and_overlay_are_the_tables(events, new_database, tmp_path_factory):
    """Whatever happens, and whenever generations are made: the state at the journal's size is what the tables say."""
    folder, lives, known = tmp_path_factory.mktemp("snapshot"), Lives(), None
    async with await connect(new_database(Kind.CENTRE)) as book:
        for what, who, which in events:
            newest = places.newest(folder)
            if what == _BUILD or (what == _MERGE and newest is None):
                await snapshot.build(book, folder, RECEIVED)
            elif what == _MERGE:
                await snapshot.merge(book, folder, newest)
            elif what == _LOOK:
                known = await snapshot.current(book, folder, known=known)
                await same(book, known, asked_of(lives.given + 1))
            else:
                await record(book, lives.tell(what, who, which))
        await same(book, await snapshot.current(book, folder, known=known), asked_of(lives.given + 1))
        await same(book, await snapshot.current(book, folder), asked_of(lives.given + 1))


async def test_an_erased_person_is_in_no_generation(centre, tmp_path):
    """Whoever is erased is gone under every code, and every older generation with them; the others stay."""
    await record(centre, notice(1), notice(2), code_changed(1, 3))
    generation = await snapshot.build(centre, tmp_path, RECEIVED)
    await record(centre, notice(4), notice(2, version=2, reason=Reason.DIED))
    left = await snapshot.erase(centre, tmp_path, [int(code_of(3)), int(code_of(4))])
    state = await snapshot.current(centre, tmp_path)

    assert left is not None
    assert (left.number, left.rows) == (2, 1)
    assert not generation.path.exists()
    codes = np.array([int(code_of(person)) for person in range(5)])
    assert (state.by_code(codes).positions >= 0).tolist() == [False, False, True, False, False]
    numbers = np.array([int(number_of(person)) for person in range(5)])
    assert (state.by_number(numbers).positions >= 0).tolist() == [False, False, True, False, False]
    assert b"\xe6\xb8\xa1" not in left.path.joinpath("stays.arrow").read_bytes()
