# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Passkeys, the codes by which they are enrolled, and sessions: each opens for its time, and once."""

from __future__ import annotations

from datetime import timedelta

import psycopg
import pytest
import pytest_asyncio

from fixtures.notices import NOON
from openjuki.store import offices, passkeys, sessions
from openjuki.store.offices import Office, Operator, Terminal
from openjuki.store.passkeys import Invitation, Passkey

pytestmark = pytest.mark.postgres

QUARTER = timedelta(minutes=15)
HANA = Passkey(credential=b"credential", operator="op-1", public_key=b"public", uses=0)
TOKEN, OTHER = b"t" * 32, b"o" * 32


@pytest_asyncio.fixture
async def book(municipality):
    """A node with one office, two operators and a terminal."""
    await offices.add_office(municipality, Office(id="ryoken", name="旅券課"), NOON)
    for operator in ("op-1", "op-2"):
        await offices.add_operator(
            municipality, Operator(id=operator, office="ryoken", name="旅券　花", since=NOON)
        )
    await offices.add_terminal(municipality, Terminal(id="t-1", office="ryoken", since=NOON))
    return municipality


@pytest_asyncio.fixture
async def invited(book):
    """The same, with a code for op-1."""
    await passkeys.invite(book, b"SECRET", Invitation(operator="op-1", terminal="t-1"), NOON, NOON + QUARTER)
    return book


async def signed_in(book, token=TOKEN, operator="op-1"):
    return await sessions.open_(book, token, operator, "t-1", NOON, NOON + timedelta(hours=10))


async def test_a_code_is_good_once(invited):
    """Looking at it uses nothing up; using it does."""
    for _ in range(2):
        found = await passkeys.invitation(invited, b"SECRET", NOON)
        assert found == Invitation(operator="op-1", terminal="t-1")

    assert await passkeys.use_invitation(invited, b"SECRET", NOON) == found
    assert await passkeys.use_invitation(invited, b"SECRET", NOON) is None
    assert await passkeys.invitation(invited, b"SECRET", NOON) is None


@pytest.mark.parametrize(
    ("secret", "at"),
    [
        pytest.param(b"SECRET", NOON + QUARTER, id="a quarter of an hour is over"),
        pytest.param(b"SECRET", NOON - timedelta(seconds=1), id="before it was made"),
        pytest.param(b"secret", NOON, id="another code"),
        pytest.param(b"", NOON, id="no code"),
    ],
)
async def test_a_code_is_good_for_a_time(invited, secret, at):
    """Afterwards it opens nothing, and it is not used up by trying."""
    assert await passkeys.invitation(invited, secret, at) is None
    assert await passkeys.use_invitation(invited, secret, at) is None
    assert await passkeys.use_invitation(invited, b"SECRET", NOON) is not None


async def test_a_challenge_is_signed_once_by_the_browser_that_was_asked(book):
    """Who overheard a signature can do nothing with it."""
    until = NOON + timedelta(minutes=5)
    await passkeys.challenge(book, b"c" * 32, b"visit", NOON, until)

    assert not await passkeys.use_challenge(book, b"c" * 32, b"another", NOON)
    assert not await passkeys.use_challenge(book, b"c" * 32, b"visit", until)
    assert await passkeys.use_challenge(book, b"c" * 32, b"visit", NOON)
    assert not await passkeys.use_challenge(book, b"c" * 32, b"visit", NOON)


async def test_old_challenges_are_swept_away(book):
    """Nobody fills the book by opening the page again and again."""
    for number in range(3):
        at = NOON + timedelta(minutes=10 * number)
        await passkeys.challenge(book, bytes([number]) * 32, b"visit", at, at + timedelta(minutes=5))

    assert await (await book.execute("SELECT count(*) FROM passkey_challenge")).fetchone() == (1,)


async def test_a_passkey_is_one_operator_s(book):
    """It is found while it is not withdrawn, and is never given to somebody else."""
    assert await passkeys.enrol(book, HANA, NOON)
    assert not await passkeys.enrol(book, Passkey(**{**fields(HANA), "operator": "op-2"}), NOON)
    await passkeys.used(book, HANA.credential, 7, NOON)

    assert await passkeys.find(book, HANA.credential) == Passkey(**{**fields(HANA), "uses": 7})
    assert await passkeys.credentials(book, "op-1") == [HANA.credential]
    assert await passkeys.withdraw(book, "op-1", NOON) == 1
    assert await passkeys.withdraw(book, "op-1", NOON) == 0
    assert await passkeys.find(book, HANA.credential) is None
    assert await passkeys.credentials(book, "op-1") == []


async def test_a_token_marks_a_terminal(book):
    """One browser, one mark; a terminal may have several."""
    await passkeys.mark_terminal(book, TOKEN, "t-1", NOON)

    assert await passkeys.terminal(book, TOKEN) == "t-1"
    assert await passkeys.terminal(book, OTHER) is None


async def test_a_session_says_who_and_where(book):
    """By its token, until it ends or is over."""
    number = await signed_in(book)

    found = await sessions.find(book, TOKEN, NOON)
    assert found is not None
    assert (found.id, found.operator, found.operator_name) == (number, "op-1", "旅券　花")
    assert (found.terminal, found.office, found.office_name) == ("t-1", "ryoken", "旅券課")
    assert await sessions.find(book, OTHER, NOON) is None
    assert await sessions.find(book, TOKEN, NOON + timedelta(hours=10)) is None
    assert await sessions.end(book, number, "op-2", NOON) is None
    assert await sessions.end(book, number, "op-1", NOON) == "t-1"
    assert await sessions.end(book, number, "op-1", NOON) is None
    assert await sessions.find(book, TOKEN, NOON) is None


async def test_a_locked_session_goes_on_under_a_new_token(book):
    """Only the operator unlocks it, at the same terminal; who kept the old token has nothing."""
    number = await signed_in(book)
    await sessions.lock(book, number, NOON)
    await sessions.lock(book, number, NOON + QUARTER)

    found = await sessions.find(book, TOKEN, NOON)
    assert found is not None
    assert found.locked_at == NOON
    assert not await sessions.resume(book, TOKEN, OTHER, "op-2", "t-1", NOON)
    assert not await sessions.resume(book, TOKEN, OTHER, "op-1", "t-2", NOON)
    assert await sessions.resume(book, TOKEN, OTHER, "op-1", "t-1", NOON + QUARTER)
    assert await sessions.find(book, TOKEN, NOON) is None
    unlocked = await sessions.find(book, OTHER, NOON)
    assert unlocked is not None
    assert (unlocked.id, unlocked.locked_at, unlocked.seen_at) == (number, None, NOON + QUARTER)


async def test_an_operator_sees_where_they_are_signed_in(book):
    """The latest first, and nobody else's."""
    await signed_in(book)
    second = await sessions.open_(book, OTHER, "op-1", "t-1", NOON + QUARTER, NOON + timedelta(hours=10))
    await signed_in(book, b"3" * 32, "op-2")
    await sessions.seen(book, second, NOON + 2 * QUARTER)

    places = await sessions.of_operator(book, "op-1", NOON + QUARTER)
    assert [(place.terminal, place.opened_at, place.seen_at) for place in places] == [
        ("t-1", NOON + QUARTER, NOON + 2 * QUARTER),
        ("t-1", NOON, NOON),
    ]
    assert await sessions.end_all(book, "op-1", NOON) == 2
    assert await sessions.of_operator(book, "op-1", NOON) == []
    assert len(await sessions.of_operator(book, "op-2", NOON)) == 1


async def test_a_copy_of_the_book_opens_nothing(invited):
    """Neither codes nor tokens stand in it."""
    await signed_in(invited)
    await passkeys.mark_terminal(invited, OTHER, "t-1", NOON)

    for table in ("passkey_invitation", "session", "terminal_token"):
        (row,) = await (await invited.execute(f"SELECT digest FROM {table}")).fetchall()
        assert row[0] not in {b"SECRET", TOKEN, OTHER}
        assert len(row[0]) == 32


@pytest.mark.parametrize(
    "statement",
    [
        pytest.param("DELETE FROM passkey", id="that there was a passkey stays known"),
        pytest.param("UPDATE passkey SET operator = 'op-2'", id="a passkey changes hands never"),
        pytest.param("UPDATE passkey SET public_key = ''", id="nor its key"),
        pytest.param("UPDATE passkey_invitation SET expires_at = now()", id="a code lasts no longer"),
        pytest.param("UPDATE session SET operator = 'op-2'", id="nobody becomes somebody else"),
        pytest.param("UPDATE session SET expires_at = now()", id="nor stays for longer"),
        pytest.param("UPDATE terminal_token SET terminal = 't-2'", id="a mark stays with its terminal"),
    ],
)
async def test_the_worker_can_only_end_things(book, statement):
    """Who could sign in when is not rewritten."""
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        await book.execute(statement)


def fields(passkey):
    return {name: getattr(passkey, name) for name in Passkey.__slots__}
