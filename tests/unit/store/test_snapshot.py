# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import base64
import hashlib
import json
from datetime import date
from itertools import product
from pathlib import Path

import numpy as np
import orjson
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fixtures.generations import ROOT, generation, payloads, person, state, told
from fixtures.notices import RECEIVED, code_changed, code_of, moved_in, notice, number_of
from openjuki.codes.local_government import LocalGovernmentCode
from openjuki.errors import BadInput, IntegrityFailure
from openjuki.residents.changes import Action, Reason
from openjuki.residents.dates import RecordedDate
from openjuki.residents.look_up import Hit, LookUp
from openjuki.residents.record import Sex
from openjuki.residents.search import variant_key
from openjuki.store.database import queries
from openjuki.store.snapshot import SCHEMA, Generation, layout, places, write_generation
from openjuki.store.snapshot.folding import Fold, columns
from openjuki.store.snapshot.keys import hashed
from openjuki.store.snapshot.merging import write
from openjuki.store.snapshot.searching import ascending_order, place_of, runs_of
from openjuki.store.snapshot.sorting import Pairs, Sorter, mapped

ITEMS = layout.ITEMS
SAMPLES = json.loads((Path(__file__).parents[2] / "samples/v1/snapshot.json").read_text(encoding="utf-8"))


@pytest.fixture(autouse=True)
def _unsynced(monkeypatch):
    """Nobody pulls a plug here."""
    monkeypatch.setattr("openjuki.store.snapshot.writing._sync", lambda path: path)


def codes(*persons):
    return np.array([int(code_of(one)) for one in persons], np.int64)


def shown(state, *persons, items=("name", "address", "state")):
    """What a state tells of persons, by their codes."""
    return state.take(state.by_code(codes(*persons)).positions, items).to_pylist()


@settings(max_examples=50, deadline=None)
@given(keys=st.lists(st.integers(0, 50), unique=True), asked=st.lists(st.integers(0, 60)))
def test_many_keys_are_found_as_one_after_the_other(keys, asked):
    """Every key is found where it stands, whatever the order of the questions."""
    kept = sorted(keys)
    expected = [kept.index(one) if one in kept else -1 for one in asked]

    assert place_of(np.array(kept, np.int64), np.array(asked, np.int64)).tolist() == expected


def test_keys_are_found_in_every_stretch_of_many():
    """More are asked for than are searched for at once, some of them twice, below the first key and above the last."""
    chance = np.random.default_rng(1)
    kept = np.unique(chance.integers(100, 20_000, 6000))
    asked = chance.integers(0, 20_100, 9000)
    places = {key: place for place, key in enumerate(kept.tolist())}

    assert place_of(kept, asked).tolist() == [places.get(one, -1) for one in asked.tolist()]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(-1, 2**62)), st.integers(0, 2))
def test_places_ascend_as_their_values_do(values, repeated):
    """Of equal ones the first comes first, also where not all bits of a value have room beside its place."""
    values = np.array(values * (repeated + 1) + [0], np.int64)
    order = ascending_order(values)

    expected = np.argsort(values, kind="stable")
    assert (np.arange(len(values)) if order is None else order).tolist() == expected.tolist()


@settings(max_examples=50, deadline=None)
@given(keys=st.lists(st.integers(0, 9)), asked=st.lists(st.integers(0, 9)))
def test_a_key_that_stands_several_times_is_found_as_often(keys, asked):
    """Whoever bears a name is a candidate, all of them for every question."""
    kept = sorted(keys)
    expected = [(row, at) for row, one in enumerate(asked) for at, key in enumerate(kept) if key == one]
    rows, found = runs_of(np.array(kept, np.uint64), np.array(asked, np.uint64))

    assert sorted(zip(rows.tolist(), found.tolist(), strict=True)) == expected


@settings(max_examples=15, deadline=None)
@given(keys=st.lists(st.lists(st.integers(0, 2**64 - 1), max_size=20), max_size=4))
def test_keys_come_out_sorted(keys, tmp_path_factory):
    """Whatever comes in lies in the files in order, with where it leads."""
    folder = tmp_path_factory.mktemp("index")
    sorter, pairs = Sorter(folder, "some", 1 << 64), []
    for part in keys:
        rows = np.arange(len(pairs), len(pairs) + len(part))
        sorter.add(Pairs.of(np.array(part, np.uint64), rows))
        pairs += zip(part, rows.tolist(), strict=True)
    sorter.finish()
    found = mapped(folder, "some")

    assert sorted(pairs) == list(zip(found.keys.tolist(), found.rows.tolist(), strict=True))
    assert [path.name for path in sorted(folder.iterdir())] == ["some.keys", "some.rows"]


def test_a_name_becomes_bits_that_no_library_decides():
    """The first 64 bits of SHA-256 over key, U+001F and date, as the specification says."""
    (bits,) = hashed(pa.array(["渡辺葵"]), pa.array([date(1990, 1, 1)]))
    digest = hashlib.sha256("渡辺葵\x1f1990-01-01".encode()).digest()

    assert int(bits) == int.from_bytes(digest[:8])


def test_the_statements_name_the_reasons_of_the_law():
    """Which reasons enter and delete stands in SQL too: the same ones."""
    deleting = {reason.value for reason in Reason if reason.action is Action.DELETION}
    entering = {reason.value for reason in Reason if reason.action is Action.ENTRY}
    statements = queries("snapshot", package="openjuki.store.snapshot")

    assert all(f"'{reason}'" in statements["persons"] for reason in deleting)
    assert {reason.value for reason in Reason if reason.value[0] in "AD"} == deleting | entering
    assert {reason[0] for reason in deleting} == {"D"}


def test_persons_are_found_by_code_and_by_number(tmp_path):
    """Whoever is asked for is found, in any order, and nobody else."""
    some = generation(tmp_path, person(1), person(3, individual_number=None), person(5))
    now = state(some)

    assert now.by_code(codes(5, 2, 1, 5)).positions.tolist() == [2, -1, 0, 2]
    numbers = np.array([int(number_of(one)) for one in (5, 3, 1)])
    assert now.by_number(numbers).positions.tolist() == [2, -1, 0]
    assert now.codes(np.array([2, 0])).tolist() == codes(5, 1).tolist()
    assert now.prefectures(np.array([0])).tolist() == [13]


def test_items_are_told_as_an_answer_has_them(tmp_path):
    """Texts as they are recorded, codes and numbers without zeros, and a day as a day; in the order asked for."""
    leaving = {"closing": "D02", "reason": "D02", "sex": "unknown", "municipality": 11011}
    some = generation(
        tmp_path,
        person(1),
        person(2, birth_date=date(1989, 1, 15), birth_date_recorded="昭和64年1月頃", **leaving),
    )
    told_of = state(some).take(np.array([1, 0]), ITEMS)

    assert told_of.to_pylist() == [
        {
            "state": "abroad",
            "reason": "D02",
            "date_of_change": date(2026, 11, 20),
            "resident_code": int(code_of(2)),
            "individual_number": int(number_of(2)),
            "name": "渡邉　葵",
            "furigana": "ワタナベ　アオイ",
            "former_surname": None,
            "former_surname_furigana": None,
            "alias": None,
            "birth_date": "昭和64年1月頃",
            "sex": "unknown",
            "municipality": "011011",
            "address": "千代田一丁目1番1号",
        },
        {
            "state": "resident",
            "reason": "A03",
            "date_of_change": date(2026, 11, 20),
            "resident_code": int(code_of(1)),
            "individual_number": int(number_of(1)),
            "name": "渡邉　葵",
            "furigana": "ワタナベ　アオイ",
            "former_surname": None,
            "former_surname_furigana": None,
            "alias": None,
            "birth_date": "1990-01-01",
            "sex": "female",
            "municipality": "131016",
            "address": "千代田一丁目1番1号",
        },
    ]


def test_items_that_are_not_asked_for_are_not_opened(tmp_path, monkeypatch):
    """Only columns of items that were granted are read."""
    some = generation(tmp_path, person(1))
    opened = []
    reader = type(some.persons)._reader
    monkeypatch.setattr(
        type(some.persons), "_reader", lambda table, names: opened.extend(names) or reader(table, names)
    )
    state(some).take(np.array([0]), ("address", "state"))

    assert opened == ["address", "closing"]


@pytest.mark.parametrize("name", SAMPLES["names"], ids=lambda name: name["name"])
def test_names_of_every_release_lead_where_they_led(name):
    """The bits of a name and a birth date are those of the first release."""
    assert variant_key(name["name"]) == name["key"]
    (bits,) = hashed(pa.array([name["key"]]), pa.array([date.fromisoformat(name["birth_date"])]))
    assert f"{int(bits):016x}" == name["bits"]


def test_a_generation_of_every_release_can_be_read(tmp_path):
    """What an earlier release wrote is opened, searched and told as it was then."""
    for name, content in SAMPLES["files"].items():
        (tmp_path / name).write_bytes(base64.b64decode(content))
    now = state(Generation.open(tmp_path))
    found = now.by_code(np.array([int(one["code"]) for one in SAMPLES["codes"]]))
    told_of = [
        row | {"date_of_change": row["date_of_change"].isoformat()}
        for row in now.take(np.arange(now.rows), ITEMS).to_pylist()
    ]

    assert list(now.generation.manifest.damaged(tmp_path)) == []
    assert found.positions.tolist() == [one["row"] for one in SAMPLES["codes"]]
    assert found.superseded.tolist() == [one["replaced"] for one in SAMPLES["codes"]]
    assert told_of == SAMPLES["persons"]


def test_many_batches_are_one_book(tmp_path, monkeypatch):
    """Whatever batch somebody stands in, they are found and told; of overlay and generation together, too."""
    for module in ("writing", "generation"):
        monkeypatch.setattr(f"openjuki.store.snapshot.{module}.BATCH", 3)
    some = generation(tmp_path, *(person(one, address=f"一番町{one}番地") for one in range(1, 11)))
    now = told(some, notice(4, version=2, reason=Reason.MOVED_WITHIN, address="二番町"), notice(20))
    asked = (9, 4, 1, 20, 2, 10)

    assert [row["address"] for row in shown(now, *asked)] == [
        "一番町9番地",
        "二番町",
        "一番町1番地",
        "千代田一丁目1番1号",
        "一番町2番地",
        "一番町10番地",
    ]
    merged = state(write(tmp_path, now))
    assert shown(merged, *asked) == shown(now, *asked)
    assert merged.rows == now.rows == 11


@pytest.mark.parametrize(
    "order",
    [
        pytest.param((2, 1), id="not in the order of their codes"),
        pytest.param((1, 1), id="one of them twice"),
    ],
)
def test_persons_come_in_the_order_of_their_codes(tmp_path, order):
    """A generation that could not be searched is not written, and leaves nothing behind."""
    with pytest.raises(BadInput):
        generation(tmp_path, *map(person, order))

    assert list(tmp_path.iterdir()) == []


def test_other_columns_are_refused(tmp_path):
    """Only the columns of a snapshot make one."""
    with pytest.raises(BadInput):
        write_generation(tmp_path, 1, [pa.record_batch({"resident_code": [1]})], 0, ROOT, RECEIVED)


NAMES = ("渡邉　葵", "渡辺葵", "佐藤　葵", "LI PING　李　萍", "李萍", "木村　萍", "")
ADDRESSES = ("千代田一丁目1番1号", "千代田1-1-1　コーポ桜101", "千代田1-1", "千代田一丁目", "築地1-1-1", None)


def test_four_items_mean_whom_they_mean_in_the_database(tmp_path):
    """Name, birth date, sex and address, in columns, select as `LookUp` does, question by question."""
    persons = [
        person(number, name=name, address=address, sex=sex, **more)
        for number, (name, address, sex, more) in enumerate(
            product(
                ("渡邉　葵", "LI PING　李　萍"),
                ADDRESSES[:5],
                ("female", "unknown"),
                ({}, {"former_surname": "佐藤", "former_surname_furigana": "サトウ"}, {"alias": "木村　萍"}),
            )
        )
    ]
    questions = [
        LookUp(
            name=name,
            birth_date=RecordedDate.parse("平成2年1月1日"),
            sex=sex,
            address=address,
            municipality=town,
        )
        for name, sex, address, town in product(NAMES, (*Sex, None), ADDRESSES, (None, "131016", "011011"))
    ]
    asked = pa.table(
        {
            "name": pa.array([one.name for one in questions]),
            "birth_date": pa.array(["平成2年1月1日"] * len(questions)),
            "sex": pa.array([one.sex and one.sex.value for one in questions], pa.string()),
            "address": pa.array([one.address for one in questions], pa.string()),
            "municipality": pa.array([one.municipality for one in questions], pa.string()),
        }
    )
    book = state(generation(tmp_path, *persons))
    found = book.by_four(asked)
    hits = list(map(as_hit, persons))
    for row, question in enumerate(questions):
        expected = [
            place for place, hit in enumerate(hits) if variant_key(question.name) and question.selects(hit)
        ]
        several = found.candidates[found.candidates[:, 0] == row][:, 1].tolist()
        assert several == (expected if len(expected) > 1 else []), question
        assert found.several[row] == (len(expected) > 1)
        assert found.positions[row] == (expected[0] if len(expected) == 1 else -1)
    for item in ("name", "sex", "address"):
        alone = np.flatnonzero(found.positions >= 0)
        recorded = book.take(found.positions[alone], [item])[item].to_pylist()
        same = [
            one == other for one, other in zip(recorded, asked[item].take(alone).to_pylist(), strict=True)
        ]
        assert found.alike[item][alone].tolist() == same
        assert np.count_nonzero(found.alike[item]) == sum(same)


def test_what_is_recorded_as_it_was_asked_is_said_of_whoever_was_meant(tmp_path):
    """Not of a namesake elsewhere, of whom other items are recorded so."""
    there, elsewhere = ADDRESSES[0], ADDRESSES[4]
    some = generation(
        tmp_path,
        person(1, address=there, sex="unknown"),
        person(2, address=elsewhere, sex="female"),
    )
    asked = pa.table(
        {
            "name": [person(1)["name"]] * 2,
            "birth_date": ["1990-01-01", "平成2年1月1日"],
            "sex": ["female"] * 2,
            "address": [there, elsewhere],
        }
    )
    found = state(some).by_four(asked)

    assert found.positions.tolist() == [0, 1]
    assert {item: rows.tolist() for item, rows in found.alike.items()} == {
        "name": [True, True],
        "birth_date": [True, False],
        "sex": [False, True],
        "address": [True, True],
    }


def as_hit(one):
    """A person of a generation as the database finds them."""
    fixed = {"question": 0, "is_current": True, "holder": 0, "state": "resident"}
    written = {"birth_date": "1990-01-01", "municipality": f"{one['municipality']:06d}"}
    items = fixed | one | written
    return Hit(**{name: items[name] for name in Hit._fields})


def test_a_date_that_is_none_leads_to_nobody(tmp_path):
    """What is no date, or no name, is nobody's; an impossible day that was recorded is somebody's."""
    some = generation(
        tmp_path,
        person(1, birth_date=RecordedDate.parse("1990-02-30").sort, birth_date_recorded="1990-02-30"),
    )
    asked = pa.table(
        {
            "name": ["渡辺葵", "渡辺葵", None, "渡辺葵"],
            "birth_date": ["1990-02-30", "never", "1990-02-30", None],
            "sex": pa.nulls(4, pa.string()),
            "address": pa.nulls(4, pa.string()),
        }
    )

    assert state(some).by_four(asked).positions.tolist() == [0, -1, -1, -1]


def test_the_journal_moves_persons(tmp_path):
    """A move, a death and a birth since the generation: the overlay has them, the generation's rows do not hold."""
    some = generation(tmp_path, person(1), person(2), person(3))
    now = told(
        some,
        notice(1, version=2, reason=Reason.MOVED_WITHIN, address="二番町"),
        notice(3, version=2, reason=Reason.DIED),
        notice(4),
    )

    assert [row["state"] for row in shown(now, 1, 2, 3, 4)] == ["resident", "resident", "died", "resident"]
    assert shown(now, 1)[0]["address"] == "二番町"
    assert now.rows == 4


def test_a_replaced_code_leads_to_whom_it_led(tmp_path):
    """After a change of code both codes lead to the person, the old one as a replaced one."""
    some = generation(tmp_path, person(1))
    now = told(some, code_changed(1, 2))
    found = now.by_code(codes(1, 2))

    assert found.positions[0] == found.positions[1] >= 0
    assert found.superseded.tolist() == [True, False]


def test_a_cancelled_entry_gives_way_to_the_stay_before(tmp_path):
    """The generation keeps what may become current again without a notice that says how."""
    some = generation(tmp_path, person(1))
    entered = told(some, moved_in(1))
    next_one = write(tmp_path, entered)
    cancelled = told(next_one, moved_in(1, version=2, reason=Reason.DELETED_EX_OFFICIO, predecessor=None))

    assert shown(state(next_one), 1)[0]["address"] == "築地一丁目1番1号"
    assert shown(cancelled, 1)[0]["address"] == "千代田一丁目1番1号"


def test_a_stay_whose_items_are_missing_is_a_failure(tmp_path):
    """A generation that lacks what it must have says so, and nothing is made up."""
    some = generation(tmp_path, person(1, stay=2))
    fold = Fold(some)
    fold.take(payloads([moved_in(1, version=2, reason=Reason.DELETED_EX_OFFICIO, predecessor=None)]))
    (standing,) = fold.standings()
    standing.stays[1] = standing.stays[2]._replace(stay=1, closing=None)

    with pytest.raises(IntegrityFailure):
        standing.row()


def test_what_is_known_changes_nothing(tmp_path):
    """The same notices again leave the fold as it was: a generation may be further than its size."""
    some = generation(tmp_path, person(1))
    fold = Fold(some)
    notices = [notice(1, version=2, reason=Reason.MOVED_OUT), moved_in(1)]

    assert fold.take(payloads(notices))
    assert not fold.take(payloads(notices))


def test_what_cannot_be_read_is_passed_over(tmp_path):
    """A row of the journal without a notice that can be read says nothing."""
    fold = Fold(generation(tmp_path, person(1)))

    assert not fold.take([orjson.dumps({"origin": "131016", "seq": 1, "unreadable": ""})])


def test_two_who_turn_out_to_be_one_are_one(tmp_path):
    """Two rows of the generation become one person of the next, to whom every code leads, named or not."""
    some = generation(tmp_path, person(1), person(2, individual_number=None, stay=2))
    now = told(some, code_changed(1, 2))
    merged = state(write(tmp_path, now))

    for each in (now, merged):
        found = each.by_code(codes(1, 2))
        assert found.positions[0] == found.positions[1]
        assert (each.rows, found.superseded.tolist()) == (1, [True, False])


def test_a_code_that_nobody_named_leads_on(tmp_path):
    """Two are one by a number; the other's code leads to them in the next generation, though no notice spoke of it."""
    some = generation(tmp_path, person(1, stay=2), person(2))
    change = {"reason": Reason.NUMBER_CHANGED_ON_REQUEST, "previous_individual_number": number_of(1)}
    now = told(some, notice(1, stay=2, version=2, individual_number=number_of(2), **change))
    merged = state(write(tmp_path, now))

    for each in (now, merged):
        found = each.by_code(codes(1, 2))
        assert found.positions[0] == found.positions[1] >= 0
        assert found.superseded.tolist() == [False, False]
        assert each.by_number(np.array([int(number_of(one)) for one in (1, 2)])).superseded.tolist() == [
            True,
            False,
        ]


def test_an_erased_person_is_nowhere(tmp_path):
    """The next generation has neither the rows nor the keys of whoever is erased."""
    some = generation(tmp_path, person(1), person(2, name="山田　太郎"), person(3))
    now = told(some, notice(3, version=2, reason=Reason.DIED), notice(4, name="鈴木　一郎"))
    left = state(write(tmp_path, now, codes(2, 4, 9)))

    assert left.by_code(codes(1, 2, 3, 4)).positions.tolist() == [0, -1, 1, -1]
    assert left.by_number(np.array([int(number_of(one)) for one in (2, 4)])).positions.tolist() == [-1, -1]
    assert len(left.generation.names.keys) == 2


def test_a_damaged_file_is_told_by_its_name(tmp_path):
    """Every file has its digest in the manifest."""
    some = generation(tmp_path, person(1))
    assert list(some.manifest.damaged(some.path)) == []
    with (some.path / "names.rows").open("r+b") as file:
        file.write(b"\x02")

    assert list(some.manifest.damaged(some.path)) == ["names.rows"]


@pytest.mark.parametrize(
    "damage",
    [
        pytest.param(lambda path: (path / "manifest.json").unlink(), id="without a manifest"),
        pytest.param(lambda path: (path / "manifest.json").write_text("{}"), id="with another manifest"),
        pytest.param(
            lambda path: (path / "manifest.json").write_bytes(
                (path / "manifest.json").read_bytes().replace(b"snapshot/1", b"snapshot/9")
            ),
            id="of a later kind",
        ),
        pytest.param(lambda path: (path / "names.keys").unlink(), id="without a file"),
        pytest.param(
            lambda path: (path / "persons.codes").write_bytes(bytes(16)), id="with a file of another length"
        ),
    ],
)
def test_a_generation_that_is_not_whole_is_not_opened(tmp_path, damage):
    """What does not add up is an integrity failure, and not an answer."""
    some = generation(tmp_path, person(1))
    damage(some.path)

    with pytest.raises(IntegrityFailure):
        Generation.open(some.path)


def test_the_last_two_generations_are_kept(tmp_path):
    """Older ones are deleted; who has one open goes on reading it."""
    first = generation(tmp_path, person(1))
    for number in (2, 3):
        generation(tmp_path, person(1), number=number)

    assert places.forget(tmp_path) == [1]
    assert [path.name for path in places.generations(tmp_path)] == ["00000002", "00000003"]
    assert places.newest(tmp_path).number == 3
    assert places.newest(tmp_path, size=6) is None
    assert shown(state(first), 1)[0]["state"] == "resident"


def test_what_a_killed_writer_left_behind_is_cleared_away(tmp_path):
    """A draft has no name of a generation; the next writer removes it."""
    (tmp_path / ".draft-00000001").mkdir()
    (tmp_path / ".draft-00000001" / "persons.arrow").write_bytes(b"half")
    generation(tmp_path, person(1))

    assert [path.name for path in tmp_path.iterdir()] == ["00000001"]


def test_an_unknown_word_of_a_closed_set_is_a_failure():
    """A reason that this release does not know is not made into another."""
    items = person(1, reason="Z99")
    with pytest.raises(IntegrityFailure):
        columns([tuple(items[name] for name in SCHEMA.names)], SCHEMA)


def test_days_beyond_the_usual_are_told_too(tmp_path):
    """Somebody born before 1850 has a birth date like everybody else."""
    some = generation(tmp_path, person(1, birth_date=date(1801, 2, 3)))

    assert state(some).take(np.array([0]), ("birth_date",)).to_pylist() == [{"birth_date": "1801-02-03"}]


def test_places_are_local_government_codes():
    """Six digits lead to a prefecture by the first two."""
    towns = np.array([int(LocalGovernmentCode("011002")), 131016], np.int32)

    assert layout.prefectures(towns).tolist() == [1, 13]
