# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Parts of bulk provisions in a provider's book: kept, read, proved, erased, counted again."""

from __future__ import annotations

from datetime import timedelta
from functools import cache
from typing import TYPE_CHECKING

import numpy as np
import psycopg
import pytest
import pytest_asyncio

from fixtures.parts import NOON, written
from fixtures.signed_book import ORIGIN, WITNESSES, SignedBook
from openjuki.config import Kind
from openjuki.errors import BadLog, IntegrityFailure
from openjuki.pki.keys import SigningKey
from openjuki.residents.look_up.result import Result
from openjuki.store import parts
from openjuki.store.database import connect
from openjuki.store.parts import columns
from openjuki.store.parts.columns import GROUP_ROWS
from openjuki.wire.part import PartRow, resident_code
from openjuki.wire.person_proof import PersonProof

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

pytestmark = pytest.mark.postgres

#: Rows of the larger part: two row groups, and a last chunk that is not full.
LARGE = GROUP_ROWS + 1500
OTHER = "0" * 31 + "2"


@cache
def large() -> parts.Written:
    """The larger part, made once."""
    return written(range(LARGE), request=OTHER, at=NOON + timedelta(seconds=1))


@pytest_asyncio.fixture
async def book(new_database) -> AsyncIterator[SignedBook]:
    """The Centre's book with two parts, 3,000 codes and many more, that is sequenced and not signed yet."""
    url = new_database(Kind.CENTRE)
    keys = {witness: SigningKey.generate() for witness in WITNESSES}
    owner_url = url.replace("_worker", "_owner")
    async with await connect(url) as connection:
        await parts.keep(connection, written(range(10, 30_010, 10), none=7))
        await parts.keep(connection, large())
        await connection.commit()
        yield SignedBook(
            connection=connection, owner_url=owner_url, log=SigningKey.generate(), cosigning=keys
        )


async def signed(book: SignedBook) -> SignedBook:
    """The book with some more rows, signed and cosigned."""
    await book.write(300)
    await book.sign([302])
    return book


async def test_a_part_stands_in_its_table_and_waits_for_the_journal(book):
    """Both are of one transaction, and commit to the same."""
    cursor = await book.connection.execute(
        "SELECT part, asked, answered, rows, told, articles, results ->> 'none' FROM provision_part ORDER BY part"
    )
    assert (await cursor.fetchall())[0] == (
        1,
        3007,
        3007,
        3000,
        [1500, 1500],
        ["法30条の9", "法30条の10"],
        "7",
    )
    cursor = await book.connection.execute(
        "SELECT count(*) FROM journal_pending JOIN provision_part USING (commitment, salt) WHERE kind = 'provision.part'"
    )
    assert await cursor.fetchone() == (2,)


async def test_a_part_is_kept_once(book):
    """The same part of the same request a second time is refused by the database; another asker's is not."""
    await parts.keep(book.connection, written([1], asker="agency-zaimu"))

    with pytest.raises(psycopg.errors.UniqueViolation):
        await parts.keep(book.connection, written([1]))


async def test_what_is_rolled_back_was_never_kept(book):
    """Neither the part nor its row in the journal."""
    await parts.keep(book.connection, written([1], request=OTHER, number=9))
    await book.connection.rollback()

    assert len(await parts.listed(book.connection)) == 2


async def test_parts_are_listed_in_the_order_in_which_they_were_recorded(book):
    """From a number on."""
    first, second = await parts.listed(book.connection)

    assert (first.rows, second.rows, second.at - first.at) == (3000, LARGE, timedelta(seconds=1))
    assert await parts.listed(book.connection, after=first.part) == [second]
    assert (await parts.read(book.connection, [second.part]))[second.part].request == OTHER


async def test_rows_are_read_by_their_place(book):
    """Of several parts and row groups at once; place n has the n-th code."""
    lines = [(1, 0), (1, 2999), (2, 4), (2, GROUP_ROWS), (2, LARGE - 1)]
    found = await parts.rows(book.connection, lines)

    assert [found[line].code for line in lines] == [
        resident_code(code) for code in (10, 30_000, 4, GROUP_ROWS, LARGE - 1)
    ]
    assert found[2, 4] == PartRow(resident_code(4), Result.DIED, 0)


@pytest.mark.parametrize("line", [(1, 3000), (2, LARGE), (3, 0), (1, GROUP_ROWS)])
async def test_a_row_that_is_not_there_is_said_not_to_be(book, line):
    """Behind the last row, and in a part that nobody recorded."""
    with pytest.raises(IntegrityFailure):
        await parts.row(book.connection, *line)


async def test_rows_are_found_by_code(book):
    """In every part that has them, and nowhere else; of nobody there is none."""
    found = await parts.find(book.connection, [1, 2], [20, 66_000, 10**10])

    assert found == [(1, 1, 20), (2, 20, 20), (2, 66_000, 66_000)]
    assert await parts.find(book.connection, [1, 2], [5 * 10**9]) == []


async def test_a_proof_shows_a_row_to_whoever_has_the_public_keys(book):
    """From any chunk of any part, through the journal, to a cosigned checkpoint."""
    await signed(book)
    lines = [(1, 1), (1, 2047), (1, 2999), (2, 0), (2, GROUP_ROWS), (2, LARGE - 1)]
    keys = (*book.trust.log, *book.trust.witnesses)

    for line, proof in zip(lines, await parts.proofs(book.connection, book.trust, lines), strict=True):
        shown = PersonProof.from_json(proof.to_json()).verify(keys)
        assert shown.row == (await parts.row(book.connection, *line))
        assert shown.part == (await parts.read(book.connection, [line[0]]))[line[0]]
        assert (shown.proven.checkpoint.origin, len(shown.proven.cosigned)) == (ORIGIN, 2)


async def test_a_proof_says_nothing_of_the_neighbours(book):
    """Not the salt, the code or the result of any other row: only hashes, of which each hides a salted row or more."""
    await signed(book)
    proof = await parts.proof(book.connection, book.trust, 1, 1)
    text = proof.to_json().decode()

    assert resident_code(20) in text
    assert resident_code(10) not in text
    assert resident_code(30) not in text
    assert len(proof.path) == 12


async def test_a_proof_waits_for_the_journal(book):
    """Before the part is sequenced, and before it is signed, there is nothing to show."""
    with pytest.raises(BadLog, match="no place"):
        await parts.proof(book.connection, book.trust, 1, 1)
    await book.write(1)
    with pytest.raises(BadLog, match="no signed checkpoint"):
        await parts.proof(book.connection, book.trust, 1, 1)


async def test_nothing_is_proved_of_nobody(book):
    """No lines, no proofs."""
    assert await parts.proofs(book.connection, book.trust, []) == []


async def test_an_erased_row_is_gone_and_the_others_are_proved_as_before(book):
    """The code is nowhere in the table, no secret gives its salt, and no hash has changed."""
    await signed(book)
    keys = book.trust.log
    neighbours = [(1, 0), (1, 2), (1, 1500)]
    before = await parts.proofs(book.connection, book.trust, neighbours)

    assert await parts.erase(book.connection, 1, 1)
    assert await parts.erase(book.connection, 1, 3)
    assert not await parts.erase(book.connection, 1, 1)

    assert await parts.row(book.connection, 1, 1) is None
    assert await parts.find(book.connection, [1], [20]) == []
    assert parts.codes(await parts.log(book.connection, 1))[:4].tolist() == [10, -1, 30, -1]
    after = await parts.proofs(book.connection, book.trust, neighbours)
    assert [proof.verify(keys).row for proof in after] == [proof.verify(keys).row for proof in before]
    assert [proof.path for proof in after] == [proof.path for proof in before]
    with pytest.raises(BadLog, match="erased"):
        await parts.proof(book.connection, book.trust, 1, 1)
    cursor = await book.connection.execute(
        "SELECT substring(secrets FOR 32) FROM provision_part WHERE part = 1"
    )
    assert await cursor.fetchone() == (bytes(32),)


async def test_a_row_that_is_not_there_cannot_be_erased(book):
    """Nothing is written."""
    for line in ((1, 3000), (9, 0)):
        with pytest.raises(IntegrityFailure):
            await parts.erase(book.connection, *line)


async def test_a_sound_part_adds_up_also_when_rows_were_erased(book):
    """Counts and root, from the rows that are there and the leaves of those that are not."""
    assert (await parts.check(book.connection, 2)).faults == ()

    for row in (0, 1, GROUP_ROWS, LARGE - 1):
        await parts.erase(book.connection, 2, row)
    check = await parts.check(book.connection, 2)

    assert (check.erased, check.faults) == (4, ())
    with pytest.raises(IntegrityFailure):
        await parts.check(book.connection, 9)


@pytest.mark.parametrize(
    ("damage", "faults"),
    [
        pytest.param("secrets = overlay(secrets PLACING '\\x00' FROM 40)", {"roots"}, id="a secret"),
        pytest.param(
            "roots = overlay(roots PLACING '\\x00' FROM 40)", {"roots", "root"}, id="a root of a chunk"
        ),
        pytest.param(
            "salt = decode(repeat('01', 32), 'hex')", {"commitment"}, id="the salt of the journal's row"
        ),
        pytest.param(
            "log = (SELECT log FROM provision_part WHERE part = 3)", {"roots"}, id="a row of another person"
        ),
        pytest.param(
            "log = (SELECT log FROM provision_part WHERE part = 4)",
            {"rows", "bases", "results", "secrets"},
            id="rows that were added",
        ),
    ],
)
async def test_a_part_that_was_tampered_with_does_not_add_up(book, damage, faults):
    """Whoever has the database and no key changes something: it is said what."""
    await parts.keep(book.connection, written([11, *range(20, 30_010, 10)], number=1))
    await parts.keep(book.connection, written(range(10, 60_010, 10), number=2))
    await book.connection.commit()
    book.plant(f"UPDATE provision_part SET {damage} WHERE part = 1")

    assert set((await parts.check(book.connection, 1)).faults) == faults


async def test_the_worker_cannot_change_what_was_signed(book):
    """It may take away who was told about, and nothing else."""
    for column in ("manifest", "roots", "rows", "commitment"):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await book.connection.execute(f"UPDATE provision_part SET {column} = {column}")
        await book.connection.rollback()


async def test_a_proof_reads_little_of_a_part(book):
    """A row group and a chunk, not the whole: what is read is counted."""
    read: list[int] = []
    original = columns.Slices.add

    def counted(self: columns.Slices, start: int, part: bytes) -> None:
        read.append(len(part))
        original(self, start, part)

    strangers = np.random.default_rng(7).choice(10**11, LARGE, replace=False)
    part = await parts.keep(book.connection, written(strangers, number=1))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(columns.Slices, "add", counted)
        await parts.row(book.connection, part, LARGE - 1)

    assert sum(read) < len(await parts.log(book.connection, part)) / 5
