# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The checker finds what was planted: one difference between the books is one person, whoever's book it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg
import pytest

from fixtures.ground import SHIZUOKA
from fixtures.network import CENTRE, CHIYODA, CHUO, TOKYO
from fixtures.notices import number_of
from fixtures.standing import check

if TYPE_CHECKING:
    from fixtures.standing import Standing

pytestmark = [pytest.mark.postgres, pytest.mark.nats]

COLUMNS = (
    "reason, date_of_change, recorded_at, previous_resident_code, previous_individual_number,"
    " predecessor_municipality, predecessor_stay, resident_code, individual_number, name, furigana,"
    " former_surname, former_surname_furigana, alias, birth_date, birth_date_recorded, sex, municipality,"
    " address, origin, received_at, digest"
)
#: One row of the person whom everything is planted on.
OURS = "resident_code = %(code)s AND version = 1"


def add(person: str, version: str) -> str:
    """Another row like our person's first."""
    return (
        f"INSERT INTO record (person_id, stay, version, {COLUMNS})"
        f" SELECT {person}, stay, {version}, {COLUMNS} FROM record WHERE {OURS}"
    )


PLANTED = [
    *(
        pytest.param(tier, f"UPDATE record SET {item} = {value} WHERE {OURS}", id=f"{name} at {where}")
        for tier, where in ((TOKYO, "the prefecture"), (CENTRE, "the Centre"))
        for item, value, name in (
            ("name", "'渡邊　葵'", "another name"),
            ("furigana", "NULL", "no furigana"),
            ("former_surname", "'佐藤'", "a former surname"),
            ("alias", "'木村'", "an alias"),
            ("birth_date", "'1990-01-02'", "another birth date"),
            ("birth_date_recorded", "'平成2年1月'", "a birth date recorded otherwise"),
            ("sex", "'male'", "another sex"),
            ("address", "'二番町'", "another address"),
            ("municipality", f"'{CHUO}'", "another municipality"),
            ("individual_number", f"'{number_of(9)}'", "another number"),
            ("reason", "'A03'", "another reason"),
            ("origin", f"'{CHUO}'", "another origin"),
            ("stay", "7", "another stay"),
        )
    ),
    pytest.param(TOKYO, f"DELETE FROM record WHERE {OURS}", id="a row less at the prefecture"),
    pytest.param(CENTRE, f"DELETE FROM record WHERE {OURS}", id="a row less at the Centre"),
    pytest.param(TOKYO, add("person_id", "9"), id="a row more at the prefecture"),
    pytest.param(CENTRE, add("person_id", "9"), id="a row more at the Centre"),
    pytest.param(
        CENTRE,
        f"{add('1', '1')}; INSERT INTO person SELECT 1, 1, 1, 'resident', municipality, birth_date, '', '', ''"
        f" FROM record WHERE {OURS} LIMIT 1",
        id="the first version of a person once more, as a person of its own",
    ),
    pytest.param(
        CENTRE,
        "UPDATE person SET version = 1 WHERE person_id = (%(person)s)",
        id="a pointer to an older version",
    ),
    pytest.param(
        CENTRE, "UPDATE person SET state = 'died' WHERE person_id = (%(person)s)", id="a wrong state"
    ),
    pytest.param(
        CENTRE, "DELETE FROM person WHERE person_id = (%(person)s)", id="a person without a pointer"
    ),
    pytest.param(
        TOKYO,
        "INSERT INTO person SELECT 1, 1, 1, 'resident', municipality, birth_date, '', '', '' FROM person LIMIT 1",
        id="a pointer without a person",
    ),
    pytest.param(
        CHIYODA, f"UPDATE resident_record SET name = '別　人' WHERE {OURS}", id="another name in the town"
    ),
    pytest.param(
        CHIYODA, f"UPDATE resident_record SET block = '2番地' WHERE {OURS}", id="another address in the town"
    ),
]


@pytest.mark.parametrize(("node", "statements"), PLANTED)
def test_a_planted_difference_is_found(standing: Standing, node, statements):
    """One person of whom one book says something else is one mismatch."""
    standing.plant(node, statements)

    found = check(standing.country)

    assert (found.mismatches, found.duplicates, found.held) == (1, 0, 0)


def test_without_a_difference_none_is_found(standing: Standing):
    """The nation on which everything is planted agrees with itself."""
    found = check(standing.country)

    assert (found.mismatches, found.duplicates, found.held) == (0, 0, 0)


@pytest.mark.parametrize("moved", [pytest.param(False, id="too"), pytest.param(True, id="instead")])
def test_a_person_in_the_wrong_prefecture_is_found(standing: Standing, moved):
    """A town's person recorded at another prefecture is one mismatch, though what is said there is right."""
    urls = [standing.country.ground.owner_url(node) for node in (TOKYO, SHIZUOKA)]
    with psycopg.connect(urls[0]) as one, psycopg.connect(urls[1]) as other:
        ours = "person_id IN (SELECT person_id FROM code_succession WHERE resident_code = %s)"
        for table in ("record", "person"):
            for row in one.execute(f"SELECT * FROM {table} WHERE {ours}", [standing.code]).fetchall():
                places = ", ".join(["%s"] * len(row))
                other.execute(f"INSERT INTO {table} VALUES ({places})", [7, *row[1:]])
            if moved:
                one.execute(f"DELETE FROM {table} WHERE {ours}", [standing.code])

    assert check(standing.country).mismatches == 1


@pytest.mark.parametrize("tier", [TOKYO, CENTRE])
def test_a_notice_applied_twice_is_found(standing: Standing, tier):
    """Two lines of the journal for one notice are one duplicate, and no mismatch."""
    standing.plant(
        tier,
        "INSERT INTO journal SELECT 1000, kind, recorded_at, leaf, salt, payload FROM journal"
        " WHERE kind = 'notice.applied' LIMIT 1",
    )

    found = check(standing.country)
    assert (found.mismatches, found.duplicates) == (0, 1)
    assert found.applied_prefecture + found.applied_centre == 2 * found.sent + 1


@pytest.mark.parametrize("tier", [TOKYO, CENTRE])
def test_a_held_notice_is_counted(standing: Standing, tier):
    """What lies on a shelf is counted until it is released."""
    held = "INSERT INTO held (origin, seq, code, notice, held_at, released_at) VALUES"
    standing.plant(tier, f"{held} ('{CHIYODA}', 98, 'JK-STAY-0002', '', now(), NULL)")
    standing.plant(tier, f"{held} ('{CHIYODA}', 99, 'JK-STAY-0002', '', now(), now())")

    assert check(standing.country).held == 1
