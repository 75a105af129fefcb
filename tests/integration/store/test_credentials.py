# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""A system is known by a credential that is good now; of the secret only a digest is kept."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
import pytest_asyncio

from fixtures.notices import NOON
from openjuki.config import Kind
from openjuki.store import credentials, offices
from openjuki.store.credentials import (
    CREDENTIAL_OUT_OF_TIME,
    UNKNOWN_CREDENTIAL,
    Credential,
    Secret,
    Shown,
    System,
)
from openjuki.store.database import connect
from openjuki.store.offices import Office, Standing

pytestmark = pytest.mark.postgres

EARLIER, LATER = NOON - timedelta(hours=1), NOON + timedelta(hours=1)
SECRET = Secret.draw(lambda size: bytes(range(size)))
OTHER = Secret.draw(lambda size: bytes(range(100, 100 + size)))


@pytest_asyncio.fixture
async def book(new_database):
    """An agency with one office that holds an affair, and a system of it with one credential."""
    async with await connect(new_database(Kind.AGENCY)) as connection:
        await offices.add_office(connection, Office(id="ryoken", name="旅券課"), EARLIER)
        await offices.grant_affair(connection, "ryoken", "passports", EARLIER, 100)
        await credentials.add_system(
            connection, System(id="uketsuke", office="ryoken", name="受付", since=EARLIER)
        )
        new = Credential(id=SECRET.id, system="uketsuke", since=EARLIER)
        assert await credentials.add(connection, new, SECRET.digest)
        yield connection


async def standing(book, system="uketsuke", credential=SECRET.id, at=NOON):
    (found,) = await credentials.find_all(book, [(system, credential)], at)
    return found


async def test_a_system_stands_for_its_office_with_the_affairs_that_it_holds(book):
    """In a row its name stands where an operator and a terminal would."""
    assert await standing(book) == Standing(
        operator="system:uketsuke",
        terminal="system:uketsuke",
        office="ryoken",
        affairs=frozenset({"passports"}),
        limits={"passports": 100},
    )


async def test_who_asks_about_some_affairs_hears_of_these_alone(book):
    """An office may hold hundreds, and a question is for one."""
    await offices.grant_affair(book, "ryoken", "state-115", EARLIER)

    (found,) = await credentials.find_all(
        book, [("uketsuke", SECRET.id)], NOON, affairs={"state-115", "state-001"}
    )

    assert isinstance(found, Standing)
    assert (found.affairs, found.limits) == (frozenset({"state-115"}), {})


@pytest.mark.parametrize(
    ("system", "credential"),
    [
        pytest.param("uketsuke", "", id="none was shown"),
        pytest.param("uketsuke", OTHER.id, id="one that nobody issued"),
        pytest.param("hoka", SECRET.id, id="one of another system"),
    ],
)
async def test_an_unknown_credential_is_refused(book, system, credential):
    """A credential is good for its own system only."""
    assert await standing(book, system, credential) is UNKNOWN_CREDENTIAL


async def test_a_credential_that_was_ended_is_refused_from_that_moment_on(book):
    """The moment at which it ends is no longer within."""
    assert await credentials.end(book, "uketsuke", NOON) == [SECRET.id]

    assert await standing(book) is CREDENTIAL_OUT_OF_TIME
    assert isinstance(await standing(book, at=NOON - timedelta(seconds=1)), Standing)
    assert await standing(book, at=EARLIER - timedelta(seconds=1)) is CREDENTIAL_OUT_OF_TIME


async def test_ending_is_never_put_off(book):
    """What ends at noon cannot be made to end later."""
    await credentials.end(book, "uketsuke", NOON)

    assert await credentials.end(book, "uketsuke", LATER) == []
    assert await standing(book) is CREDENTIAL_OUT_OF_TIME


async def test_all_but_one_may_end(book):
    """While one credential is exchanged for another, the new one is left alone."""
    new = Credential(id=OTHER.id, system="uketsuke", since=EARLIER, until=LATER)
    await credentials.add(book, new, OTHER.digest)

    assert await credentials.end(book, "uketsuke", NOON, but=OTHER.id) == [SECRET.id]
    assert isinstance(await standing(book, credential=OTHER.id), Standing)
    assert await credentials.end(book, "uketsuke", NOON, only=SECRET.id) == []
    assert await credentials.end(book, "uketsuke", NOON, only=OTHER.id) == [OTHER.id]


async def test_a_secret_leads_to_its_system(book):
    """Whose it is, said by the digest of the whole, also when it is not good any more."""
    whose = {SECRET.digest: Shown(system="uketsuke", credential=SECRET.id, office="ryoken")}
    assert await credentials.known(book) == whose

    await credentials.end(book, "uketsuke", NOON)

    assert await credentials.known(book) == whose
    assert Secret(SECRET.id, SECRET.text[:-1] + "x").digest not in whose


async def test_the_secret_is_nowhere_in_the_book(book):
    """Whoever reads the table learns nothing that could be shown."""
    rows = await (await book.execute("SELECT credential::text FROM credential")).fetchall()

    assert SECRET.text not in str(rows)
    assert SECRET.text.rpartition("-")[2] not in str(rows)


async def test_no_system_no_credential(book):
    """A credential belongs to a system that is registered."""
    new = Credential(id=OTHER.id, system="hoka", since=NOON)

    assert not await credentials.add(book, new, OTHER.digest)
    assert not await credentials.add_system(
        book, System(id="uketsuke", office="ryoken", name="x", since=NOON)
    )


async def test_systems_and_credentials_are_listed(book):
    """Everything that ever was, so that a row of the journal can be read."""
    assert [(one.id, one.office, one.name) for one in await credentials.systems(book)] == [
        ("uketsuke", "ryoken", "受付")
    ]
    assert await credentials.credentials(book) == [Credential(id=SECRET.id, system="uketsuke", since=EARLIER)]


async def test_the_worker_cannot_change_a_digest_or_delete(book):
    """The login of the node may end a credential, and no more."""
    for statement in ("UPDATE credential SET digest = sha256('x')", "DELETE FROM credential"):
        async with book.transaction():
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                async with book.transaction():
                    await book.execute(statement)


@pytest.mark.parametrize(
    "text",
    [
        pytest.param("", id="nothing"),
        pytest.param("juki-", id="the beginning alone"),
        pytest.param(SECRET.text + "=", id="padded"),
        pytest.param(SECRET.text + "\n", id="with a line's end"),
        pytest.param(SECRET.text.upper(), id="in capitals"),
        pytest.param("juki-００0102030405-" + "A" * 43, id="with wide figures"),
    ],
)
def test_what_is_no_secret_of_ours_is_not_read(text):
    """The form says it before a book is opened."""
    assert Secret.read(text) is None


def test_a_secret_has_256_bits():
    """What was drawn is read again, and holds all that was drawn."""
    assert Secret.read(SECRET.text) == SECRET
    assert len(SECRET.text.rpartition("-")[2]) * 6 >= 256
    assert SECRET != OTHER
