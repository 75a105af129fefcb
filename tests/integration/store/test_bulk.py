# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import psycopg
import pytest

from fixtures.notices import (
    CHIYODA,
    CHUO,
    NOON,
    RECEIVED,
    code_of,
    moved_in,
    notice,
    number_of,
    table,
    take_in,
)
from openjuki.codes.individual import derive
from openjuki.config import Kind
from openjuki.errors import BadInput, IntegrityFailure, StoreUnavailable
from openjuki.residents.changes import Reason
from openjuki.residents.dates import RecordedDate
from openjuki.store import journal
from openjuki.store.bulk import load, loading, preparing
from openjuki.store.database import connect
from openjuki.store.links import origin_marks
from openjuki.store.sequencer import read_tree, sequence
from openjuki.wire.merkle import Tree, leaf_hash

pytestmark = pytest.mark.postgres

KEY = bytes(range(32))
TOLD = (
    notice(1, reason=Reason.ENTERED_EX_OFFICIO),
    moved_in(2, stay=4),
    notice(3, birth_date=RecordedDate.parse("昭和60年月日不詳"), furigana=None, alias="アオイ"),
    moved_in(4, recorded_at=NOON + timedelta(microseconds=250)),
    notice(5, name="高橋　花", former_surname="髙橋", former_surname_furigana="タカハシ"),
    notice(6, name="LI PING　李　萍", furigana=None, alias="木村　花"),
    notice(7, name="加藤　花", former_surname="髙橋", former_surname_furigana="タカハシ"),
    notice(8, name="加藤 花", former_surname="髙橋", former_surname_furigana="タカハシ"),
    notice(9, name="LI PING 李 萍", furigana=None),
    notice(10, name="LI　PING　李　萍", furigana=None),
)


class Books(NamedTuple):
    """Two centres: one that is loaded, one that takes in notice by notice."""

    owner: str
    loaded: str
    taken: str


@pytest.fixture
def books(postgres):
    """Two empty centres."""
    loaded = postgres.create_database("loaded", Kind.CENTRE)
    yield Books(postgres.owner_url("loaded"), loaded, postgres.create_database("taken", Kind.CENTRE))
    postgres.drop_database("loaded")
    postgres.drop_database("taken")


def contents(url: str) -> dict[str, list[tuple]]:
    """Everything that is known of persons, under codes instead of ids."""
    with psycopg.connect(url) as connection:
        whose = dict(connection.execute("SELECT person_id, resident_code FROM code_succession").fetchall())
        found = {}
        for name in ("record", "person", "other_name", "code_succession", "number_succession"):
            cursor = connection.execute(f"SELECT * FROM {name}")
            columns = [column.name for column in cursor.description]
            place = columns.index("holder" if "holder" in columns else "person_id")
            found[name] = sorted(
                (
                    tuple(whose[value] if at == place else value for at, value in enumerate(row))
                    for row in cursor
                ),
                key=str,
            )
    return found


def indexes(url: str) -> list[tuple]:
    """Every index of a database, as it is defined, and whether it can be used."""
    with psycopg.connect(url) as connection:
        return connection.execute(
            "SELECT indexdef FROM pg_indexes WHERE schemaname = 'public' ORDER BY indexname"
        ).fetchall()


@pytest.mark.parametrize(
    "chunk", [pytest.param(1 << 16, id="in one chunk"), pytest.param(2, id="in many chunks")]
)
async def test_a_load_leaves_what_taking_in_one_by_one_leaves(books, monkeypatch, chunk):
    """Records, pointers, keys and successions are the same, item by item."""
    monkeypatch.setattr(preparing, "CHUNK", chunk)
    monkeypatch.setattr(preparing, "SECTION", 2 * chunk)
    done = load(books.owner, table(*TOLD), at=RECEIVED)
    async with await connect(books.taken) as connection:
        await take_in(connection, *TOLD)

    assert (done.persons, done.generated) == (len(TOLD), 0)
    assert contents(books.loaded) == contents(books.taken)
    assert indexes(books.loaded) == indexes(books.taken)


async def test_everybody_is_journalled(books, monkeypatch):
    """Each notice is a row of the journal that verifies, and the tree is over them."""
    monkeypatch.setattr(preparing, "CHUNK", 2)
    done = load(books.owner, table(*TOLD), at=RECEIVED)

    async with await connect(books.loaded) as connection:
        rows = await journal.read(connection)
        tree = await read_tree(connection)
        marks = await origin_marks(connection, [CHIYODA, CHUO])
    for row in rows:
        row.verify()
    assert tree == done.tree == Tree.EMPTY.append(leaf_hash(row.leaf) for row in rows)
    places = [(1, CHIYODA), (1, CHUO), (2, CHIYODA), (2, CHUO), *((seq, CHIYODA) for seq in range(3, 9))]
    assert [row.payload for row in rows] == [
        b'{"notice":%b,"origin":"%b","seq":%d}' % (one.to_bytes(), origin.encode(), seq)
        for one, (seq, origin) in zip(TOLD, places, strict=True)
    ]
    assert marks == {CHIYODA: 8, CHUO: 2}


async def test_work_goes_on_after_a_load(books):
    """The next notice of somebody who was loaded is taken in, and so is somebody new; the journal goes on."""
    load(books.owner, table(*TOLD), at=RECEIVED)
    async with await connect(books.loaded) as connection:
        moved = replace(TOLD[0], version=2, reason=Reason.MOVED_OUT)
        await take_in(connection, moved, notice(11))
        entry = journal.Entry(kind="test.happened", recorded_at=NOON, payload=b"", salt=os.urandom(32))
        await journal.append(connection, [entry])
        sequenced = await sequence(connection)
        cursor = await connection.execute("SELECT count(DISTINCT person_id) FROM person")
        count = await cursor.fetchone()

    assert sequenced.size == len(TOLD) + 1
    assert count == (len(TOLD) + 1,)


def test_the_centre_generates_what_is_missing(books):
    """Those without a number get the one their code gives; the register of numbers has those, and only those."""
    told = (TOLD[0], notice(7, individual_number=None))
    done = load(books.owner, table(*told), at=RECEIVED, number_key=KEY)

    expected = derive(code_of(7), KEY)
    assert done.generated == 1
    with psycopg.connect(books.loaded) as connection:
        generated = connection.execute("SELECT * FROM number_generation").fetchall()
        known = connection.execute("SELECT individual_number FROM number_succession ORDER BY 1").fetchall()
        (payload,) = connection.execute("SELECT payload FROM journal WHERE index = 1").fetchone()
    assert generated == [(expected, code_of(7), 0, RECEIVED)]
    assert known == sorted([(number_of(1),), (expected,)])
    assert notice(7, individual_number=expected).to_bytes() in payload


def test_nobody_is_loaded_into_a_store_in_use(books):
    """An initial load begins with nothing; a second one changes nothing."""
    load(books.owner, table(*TOLD), at=RECEIVED)
    before = contents(books.loaded)

    with pytest.raises(IntegrityFailure, match="not empty"):
        load(books.owner, table(notice(8)), at=RECEIVED)
    assert contents(books.loaded) == before


@pytest.mark.parametrize(
    "other",
    [
        pytest.param(notice(1, individual_number=number_of(9)), id="code"),
        pytest.param(
            replace(
                notice(9), identification=replace(notice(9).identification, individual_number=number_of(1))
            ),
            id="number",
        ),
    ],
)
def test_two_persons_with_one_code_or_number_are_refused(books, other):
    """A load that would give one code or number to two people leaves nothing behind."""
    whole = indexes(books.loaded)

    with pytest.raises(IntegrityFailure, match="two persons"):
        load(books.owner, table(TOLD[0], other), at=RECEIVED)
    assert contents(books.loaded)["record"] == []
    assert indexes(books.loaded) == whole


def test_loading_nobody_is_nothing(books):
    """An empty table leaves an empty store."""
    assert load(books.owner, table(), at=RECEIVED, number_key=KEY).persons == 0
    assert contents(books.loaded)["record"] == []


def test_other_columns_are_refused(books):
    """What is not in the columns of an initial load is not guessed at."""
    with pytest.raises(BadInput):
        load(books.owner, table(*TOLD).drop_columns("alias"), at=RECEIVED)


def test_a_database_that_is_away_is_said_to_be(tmp_path):
    """No server behind the URL is a matter of trying again."""
    with pytest.raises(StoreUnavailable):
        load(f"postgresql://nobody@/nothing?host={tmp_path}", table(*TOLD), at=RECEIVED)


def test_a_failure_while_preparing_reaches_the_caller(books, monkeypatch):
    """What goes wrong in a thread that makes rows undoes what both sessions wrote."""

    def fail(*_):
        raise BadInput

    monkeypatch.setattr(loading.Preparation, "_records", fail)
    with pytest.raises(BadInput):
        load(books.owner, table(*TOLD), at=RECEIVED)
    assert contents(books.loaded)["record"] == contents(books.loaded)["person"] == []


def test_pointers_that_a_killed_load_left_are_cleared_away(books, monkeypatch):
    """A loader that died between its two commits left pointers to nothing; the load is simply done again."""

    commit, committed = psycopg.Connection.commit, []

    def die_after_one(session):
        if committed:
            raise KeyboardInterrupt
        committed.append(session)
        commit(session)

    with monkeypatch.context() as patch:
        patch.setattr(psycopg.Connection, "commit", die_after_one)
        with pytest.raises(KeyboardInterrupt):
            load(books.owner, table(*TOLD), at=RECEIVED)
    left = contents(books.loaded)
    assert left["record"] == [] != left["person"]
    assert load(books.owner, table(*TOLD), at=RECEIVED, number_key=KEY).persons == len(TOLD)
    assert len(contents(books.loaded)["person"]) == len(TOLD)
