# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import orjson
import pyarrow as pa
import pytest

from fixtures.notices import (
    CHUO,
    RECEIVED,
    code_changed,
    code_of,
    moved_in,
    notice,
    number_of,
    take_in,
)
from openjuki.config import Kind
from openjuki.errors import IntegrityFailure
from openjuki.residents.changes import Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up import Hit, LookUp
from openjuki.residents.record import Sex
from openjuki.residents.stays import Admitted
from openjuki.store import journal, snapshot
from openjuki.store.database import connect
from openjuki.store.looking import find
from openjuki.store.sequencer import sequence
from openjuki.store.snapshot import building

if TYPE_CHECKING:

    from openjuki.residents.notice import Notice
    from openjuki.store.database import Connection

pytestmark = pytest.mark.postgres

#: At the next municipality.
THERE = {"municipality": CHUO, "address": "築地一丁目1番1号"}
ITEMS = (
    *("state", "reason", "date_of_change", "resident_code", "individual_number", "name", "furigana"),
    *("former_surname", "former_surname_furigana", "alias", "birth_date", "sex", "municipality", "address"),
)


async def record(connection: Connection, *told: Notice, sequenced: bool = True) -> None:
    """Take notices in one after the other, as an upper tier does, with their rows of the journal."""
    for one in told:
        (decision,) = await take_in(connection, one)
        if isinstance(decision, Admitted) and not decision.duplicate:
            origin = one.identification.municipality
            payload = orjson.dumps({"notice": orjson.Fragment(one.to_bytes()), "origin": origin, "seq": 1})
            entry = journal.Entry(
                kind="notice.applied", recorded_at=RECEIVED, payload=payload, salt=bytes(32)
            )
            await journal.append(connection, [entry])
    if sequenced:
        while (await sequence(connection)).count:
            pass
    await connection.commit()


def as_asked(hit: Hit) -> dict[str, object]:
    """A hit of the database as a snapshot tells it."""
    told = {item: getattr(hit, item) for item in ITEMS}
    number = hit.individual_number
    return told | {
        "resident_code": int(hit.resident_code),
        "individual_number": None if number is None else int(number),
    }


async def same(connection: Connection, state: snapshot.State, questions: list[LookUp]) -> None:
    """Each question leads to the same persons in the state and in the tables."""
    expected = await find(connection, questions)
    await connection.rollback()
    codes = np.array([int(one.resident_code or -1) for one in questions], np.int64)
    numbers = np.array([int(one.individual_number or -1) for one in questions], np.int64)
    four = pa.table(
        {
            "name": pa.array([one.name for one in questions], pa.string()),
            "birth_date": pa.array(
                [one.birth_date and one.birth_date.text for one in questions], pa.string()
            ),
            "sex": pa.array([one.sex and one.sex.value for one in questions], pa.string()),
            "address": pa.array([one.address for one in questions], pa.string()),
        }
    )
    by_code, by_number, by_four = state.by_code(codes), state.by_number(numbers), state.by_four(four)
    for row, (question, hits) in enumerate(zip(questions, expected, strict=True)):
        found = by_code if question.resident_code else by_number if question.individual_number else by_four
        several = found.candidates[found.candidates[:, 0] == row][:, 1]
        positions = several if found.several[row] else found.positions[[row]][found.positions[[row]] >= 0]
        told = state.take(positions, ITEMS).to_pylist()
        key = lambda items: items["resident_code"]  # noqa: E731 - said once
        assert sorted(told, key=key) == sorted(map(as_asked, hits), key=key), question
        assert found.superseded[row] == any(not hit.is_current for hit in hits), question


def asked_of(persons: int) -> list[LookUp]:
    """Everything that may be asked of the fictitious persons of these tests."""
    return [
        *(LookUp(resident_code=code_of(person)) for person in range(persons)),
        *(LookUp(individual_number=number_of(person)) for person in range(persons)),
        *(
            LookUp(name=name, birth_date=RecordedDate.parse(born), sex=sex, address=address)
            for name in ("渡辺葵", "佐藤 葵", "LI PING", "アオイ")
            for born in ("1990-01-01", "1991-02-03")
            for sex in (Sex.FEMALE, None)
            for address in ("千代田1-1-1", "築地一丁目1番1号", "千代田1-1-1 コーポ101", None)
        ),
    ]


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
