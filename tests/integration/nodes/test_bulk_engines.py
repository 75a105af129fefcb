# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Both engines of bulk provision say of everybody what one question at a time is answered, and the same bytes."""

from __future__ import annotations

from collections import Counter
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pyarrow as pa
import pytest
from pyarrow import ipc

from fixtures.notices import CHUO, NOON, code_changed, code_of, notice, number_of
from fixtures.snapshots import as_asked, record
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.config import CENTRE, JST, Kind
from openjuki.errors import BadQuestion
from openjuki.law.basis import Area, Basis, Method, Route
from openjuki.law.decision import Grant, Request
from openjuki.law.recipients import Body
from openjuki.nodes.answering import Window
from openjuki.nodes.bulk import by_database, engine
from openjuki.nodes.bulk.engine import AnswerPart, Question
from openjuki.nodes.bulk.reading import STANDING
from openjuki.residents.changes import Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up import LookUp, Result
from openjuki.residents.record import Sex
from openjuki.store import looking, snapshot
from openjuki.wire.bulk import NO_ARTICLE, RESULT_BYTES, RESULTS, KeyKind
from openjuki.wire.columns import KEY_SCHEMAS

if TYPE_CHECKING:
    from openjuki.residents.look_up import Hit
    from openjuki.store.database import Connection

pytestmark = pytest.mark.postgres

AT = datetime(2026, 11, 23, 9, 0, tzinfo=JST)
ON = AT.date()
OSAKA, TOKYO = LocalGovernmentCode("271004"), "130001"
TWIN = {"name": "鈴木　実", "furigana": "スズキ　ミノル"}
#: Somebody whose name another person bears, born on the same day, at an address that is written the same.
FOUR = {"name": "鈴木実", "birth_date": "1990-01-01", "sex": "female", "address": "千代田一丁目1番1号"}
#: The same, character by character as it is recorded.
RECORDED = FOUR | {"name": TWIN["name"]}
FAR = {"municipality": OSAKA}
PEOPLE = (
    notice(1),
    notice(2, **TWIN),
    notice(3, **TWIN, **FAR),
    notice(4, name="山田　花子", **FAR, individual_number=None, furigana=None, alias="花"),
    notice(5),
    notice(5, version=2, reason=Reason.DIED),
    notice(6),
    notice(6, version=2, reason=Reason.MOVED_OUT, date_of_change=ON + timedelta(days=1)),
    notice(7, birth_date=RecordedDate.parse("昭和64年1月頃"), sex=Sex.UNKNOWN),
    notice(8),
    notice(8, version=2, reason=Reason.MOVED_ABROAD, date_of_change=ON),
    notice(9, **FAR),
    code_changed(9, 10, **FAR),
    notice(11, municipality=CHUO, address="築地一丁目1番1号", **TWIN),
    notice(12),
    notice(12, version=2, reason=Reason.DELETED_EX_OFFICIO),
)


def basis(area: Area, *items: str) -> Basis:
    """A basis for the prefecture of Tokyo."""
    return Basis(
        id=area.value,
        article=f"法30条の{len(items)}",
        title_ja="",
        title_en="",
        recipient=Kind.PREFECTURE,
        provider=Kind.CENTRE,
        area=area,
        route=Route.DIRECT,
        since=date(2020, 1, 1),
        items=items,
    )


HOME = basis(
    Area.SAME_PREFECTURE,
    "name",
    "address",
    "birth_date",
    "state",
    "individual_number",
    "municipality",
    "alias",
)
ELSEWHERE = basis(Area.OTHER_PREFECTURE, "name", "reason", "resident_code", "date_of_change")
EVERYWHERE = basis(Area.NATION, "furigana", "sex", "state")


def granted(*bases: Basis) -> Grant:
    """What the law granted Tokyo."""
    request = Request(
        recipient_kind=Kind.PREFECTURE,
        recipient=TOKYO,
        prefecture=TOKYO,
        office="tax",
        holds=True,
        operator="clerk",
        terminal="one",
        affair="prefecture-001",
        reason="調査",
        keys=frozenset(),
        provider_kind=Kind.CENTRE,
        provider=CENTRE,
        method=Method.BULK,
    )
    body = Body(kind=Kind.PREFECTURE, prefecture=TOKYO, names=frozenset())
    affair: Any = None
    return Grant(request=request, body=body, affair=affair, bases=bases)


def keys(kind: KeyKind) -> pa.Table:
    """Everything that may be asked of these people, in no order, some of it twice, and some that cannot be read."""
    order = [9, 0, 1, 12, 2, 5, 4, 3, 8, 7, 1, 10, 6, 13, 11, 99]
    if kind is KeyKind.RESIDENT_CODE:
        rows: list[dict[str, Any]] = [{"resident_code": int(code_of(person))} for person in order]
    elif kind is KeyKind.INDIVIDUAL_NUMBER:
        rows = [{"individual_number": int(number_of(person))} for person in order]
    else:
        rows = [
            FOUR,
            RECORDED,
            RECORDED | {"address": "千代田1-1-1"},
            FOUR | {"name": "渡邊葵"},
            FOUR | {"birth_date": "平成2年1月1日", "address": "千代田1-1-1"},
            FOUR | {"birth_date": "1990-13-01"},
            FOUR | {"sex": "other"},
            FOUR | {"name": " "},
            FOUR | {"address": "x" * 301},
            FOUR | {"name": "鈴木\n実"},
            FOUR | {"sex": None},
            FOUR | {"name": "山田花子"},
            FOUR | {"address": "築地一丁目1番1号"},
        ]
    nobody = dict.fromkeys(KEY_SCHEMAS[kind].names)
    return pa.Table.from_pylist([*rows, nobody], schema=KEY_SCHEMAS[kind])


async def led_to(connection: Connection, kind: KeyKind, table: pa.Table) -> list[list[Hit] | None]:
    """Whom each row leads to, asked alone; None: it cannot be read."""
    found: list[list[Hit] | None] = []
    for row in table.to_pylist():
        if kind is KeyKind.FOUR_ITEMS:
            try:
                asked = LookUp.from_dict(row)
            except BadQuestion:
                asked = None
        else:
            width, (item, value) = (11 if kind is KeyKind.RESIDENT_CODE else 12), next(iter(row.items()))
            asked = None if value is None else LookUp(**{item: f"{value:0{width}}"})
        complete = asked is not None and all(
            value is not None and str(value).strip() for value in row.values()
        )
        found.append((await looking.find(connection, [asked]))[0] if asked and complete else None)
    return found


def expected(grant: Grant, items: tuple[str, ...], hits: list[Hit] | None) -> dict[str, Any]:
    """What one question at a time is answered, as a row of an answer part."""
    empty = {"result": 0, "article": NO_ARTICLE} | dict.fromkeys(items)
    if hits is None:
        return empty | {"result": RESULT_BYTES[Result.MALFORMED]}
    told = Window(on=ON, most=1000).told(grant, hits)
    row = empty | {"result": RESULT_BYTES[told.answer.result]}
    if len(told.persons) == 1:
        ((hit, under),) = told.persons
        row["article"] = grant.bases.index(under)
        if told.answer.hits:
            shown = as_asked(hit) | {"state": hit.standing(ON)}
            row |= {item: shown[item] for item in items if item in under.items}
    return row


def rows(part: AnswerPart) -> list[dict[str, Any]]:
    """An answer part, row by row."""
    return ipc.open_stream(part.stream).read_all().to_pylist()


GRANTS = [
    pytest.param(granted(HOME, ELSEWHERE), id="two bases with different items"),
    pytest.param(granted(HOME), id="nobody of another prefecture"),
    pytest.param(granted(EVERYWHERE), id="everybody alike"),
]


@pytest.mark.parametrize("grant", GRANTS)
async def test_each_row_is_answered_as_if_it_were_asked_alone(centre, grant):
    """By every kind of key: result, article, and the items that the basis about the person grants, no other."""
    await record(centre, *PEOPLE)
    for kind in KeyKind:
        table = keys(kind)
        (part,) = await by_database.answer(centre, [Question(kind, table, grant)], AT)
        hits = await led_to(centre, kind, table)

        assert rows(part) == [expected(grant, part.items, one) for one in hits]
        assert sum(part.results.values()) == table.num_rows
        assert part.articles == grant.articles


@pytest.mark.parametrize("grant", GRANTS)
async def test_the_snapshot_says_the_same_bytes_as_the_database(centre, tmp_path, grant):
    """From a generation, from what the journal has told since, and from both."""
    questions = [Question(kind, keys(kind), grant) for kind in KeyKind]
    await record(centre, *PEOPLE[:8])
    await snapshot.build(centre, tmp_path, NOON)
    await record(centre, *PEOPLE[8:])
    state = await snapshot.current(centre, tmp_path, at=AT)
    small = await by_database.answer(centre, questions, AT)
    large = engine.answer(state, questions, ON)

    for one, other in zip(small, large, strict=True):
        assert one.stream == other.stream
        assert (one.results, one.items, one.state) == (other.results, other.items, other.state)
        for of_one, of_other in ((one.codes, other.codes), (one.log_results, other.log_results)):
            assert of_one.tolist() == of_other.tolist()


async def test_requests_that_are_answered_together_are_answered_as_alone(centre, tmp_path):
    """Each its own items under its own grant, whatever the others may be told."""
    await record(centre, *PEOPLE)
    state = await snapshot.current(centre, tmp_path)
    questions = [Question(kind, keys(kind), grant.values[0]) for kind in KeyKind for grant in GRANTS]

    together = engine.answer(state, questions, ON)
    assert [one.stream for one in together] == [
        one.stream for question in questions for one in engine.answer(state, [question], ON)
    ]


async def test_parts_that_follow_one_another_are_answered_as_alone(centre, tmp_path):
    """In the order of the book no row is moved, and no byte of a part is of somebody in the next."""
    await record(centre, *PEOPLE)
    state = await snapshot.current(centre, tmp_path)
    ascending = keys(KeyKind.RESIDENT_CODE).sort_by("resident_code")
    questions = [
        Question(KeyKind.RESIDENT_CODE, ascending.slice(first, 5), granted(HOME, ELSEWHERE))
        for first in range(0, ascending.num_rows, 5)
    ]

    together = engine.answer(state, questions, ON)
    assert [one.stream for one in together] == [
        one.stream for question in questions for one in engine.answer(state, [question], ON)
    ]


async def test_the_log_has_who_was_told_about_and_nobody_else(centre, tmp_path):
    """Under the code that is in force, also where a replaced one was asked; not who is several, malformed or not open."""
    await record(centre, *PEOPLE)
    state = await snapshot.current(centre, tmp_path)
    (part,) = engine.answer(
        state, [Question(KeyKind.RESIDENT_CODE, keys(KeyKind.RESIDENT_CODE), granted(HOME, ELSEWHERE))], ON
    )

    told = Counter(zip(part.codes.tolist(), map(RESULTS.get, part.log_results.tolist()), strict=True))
    assert told[int(code_of(10)), Result.SUPERSEDED] == told[int(code_of(10)), Result.MATCHED] == 1
    assert told[int(code_of(1)), Result.MATCHED] == 2
    assert told.total() == sum(
        count for result, count in part.results.items() if result not in {Result.NONE, Result.MALFORMED}
    )
    (closed,) = engine.answer(
        state, [Question(KeyKind.RESIDENT_CODE, keys(KeyKind.RESIDENT_CODE), granted(HOME))], ON
    )
    assert not {int(code_of(person)) for person in (3, 4, 9, 10)} & set(closed.codes.tolist())
    assert closed.results[Result.NOT_PERMITTED] == 4


class Watched:
    """A book of which is noted who is read, by item."""

    def __init__(self, state: snapshot.State) -> None:
        self.size, self.root, self.at = state.size, state.root, state.at
        self.codes, self.prefectures, self._state = state.codes, state.prefectures, state
        self.read: dict[str, set[int]] = {}

    def take(self, positions, items):
        for item in items:
            self.read.setdefault(item, set()).update(self.codes(positions).tolist())
        return self._state.take(positions, items)


async def test_nobody_is_read_who_is_not_told(centre, tmp_path):
    """Of an item only those are taken out of the book to whom it is granted: not those under another basis."""
    await record(centre, *PEOPLE)
    state = await snapshot.current(centre, tmp_path)
    codes = keys(KeyKind.RESIDENT_CODE)
    question = Question(KeyKind.RESIDENT_CODE, codes, granted(HOME, ELSEWHERE))
    found = state.by_code(codes[0].fill_null(-1).to_numpy())
    book: Any = Watched(state)
    list(engine.told(book, [question], [found], ON))

    far = {int(code_of(person)) for person in (3, 4, 10)}
    assert not book.read["address"] & far
    assert book.read["resident_code"] == far
    assert "furigana" not in book.read
    assert "sex" not in book.read


async def test_what_a_key_says_as_it_is_recorded_is_not_read(centre, tmp_path):
    """The answer has it out of the key; of whoever is asked for otherwise it is read, and of nobody else."""
    await record(centre, *PEOPLE)
    state = await snapshot.current(centre, tmp_path)
    elsewhere = {"name": "山田　花子", "address": "千代田一丁目1番1号"}
    asked = [RECORDED | {"address": "築地1-1-1"}, RECORDED | elsewhere, dict.fromkeys(FOUR)]
    table = pa.Table.from_pylist(asked, schema=KEY_SCHEMAS[KeyKind.FOUR_ITEMS])
    question, book = Question(KeyKind.FOUR_ITEMS, table, granted(basis(Area.NATION, *FOUR))), Watched(state)
    (part,) = engine.told(book, [question], [state.by_four(table)], ON)

    assert book.read == {"address": {int(code_of(11))}} | {
        item: {int(code_of(person)) for person in (4, 11)} for item in STANDING
    }
    assert [tuple(row[item] for item in FOUR) for row in rows(part)] == [
        ("鈴木　実", "1990-01-01", "female", "築地一丁目1番1号"),
        ("山田　花子", "1990-01-01", "female", "千代田一丁目1番1号"),
        (None,) * 4,
    ]


async def test_an_empty_book_knows_nobody(centre, tmp_path):
    """Every key that can be read leads to nobody, and the log is empty."""
    state = await snapshot.current(centre, tmp_path)
    questions = [Question(kind, keys(kind), granted(HOME)) for kind in KeyKind]

    for part, of_database in zip(
        engine.answer(state, questions, ON), await by_database.answer(centre, questions, AT), strict=True
    ):
        assert set(part.results) <= {Result.NONE, Result.MALFORMED}
        assert len(part.codes) == 0
        assert part.stream == of_database.stream
