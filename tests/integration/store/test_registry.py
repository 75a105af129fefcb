# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The Centre's registry: a code is designated once, a number generated once, and asking twice gets the same."""

from __future__ import annotations

from datetime import UTC, datetime
from itertools import chain, cycle
from typing import TYPE_CHECKING

import pytest

from fixtures.notices import CHIYODA, CHUO, NOON, code_of, number_of
from openjuki.codes.individual import IndividualNumber, derive
from openjuki.errors import Refused
from openjuki.store import registry

if TYPE_CHECKING:
    from collections.abc import Iterable

    from openjuki.codes.resident import ResidentCode
    from openjuki.store.database import Connection

pytestmark = pytest.mark.postgres

KEY = bytes(32)
AT = datetime(2026, 11, 21, tzinfo=UTC)


async def designate(
    connection: Connection, *people: int, to: str = CHIYODA, request: str = "1", count: int | None = None
) -> list[str]:
    """Designate codes, of which the draw gives those of these people, over and over."""
    drawn = cycle(map(code_of, people))
    return await registry.designate(
        connection, to, request, len(people) if count is None else count, lambda: next(drawn), AT
    )


async def generate(connection: Connection, *people: int, previous: str | None = None) -> dict[str, str]:
    """Generate numbers for the codes of these people."""
    return await registry.generate(connection, {code_of(one): previous for one in people}, KEY, AT)


def codes(people: Iterable[int]) -> set[str]:
    """The codes of these people."""
    return set(map(code_of, people))


async def test_as_many_codes_as_were_asked_for_are_designated(centre: Connection):
    """What is drawn goes to the municipality that asked."""
    assert set(await designate(centre, 1, 2, 3)) == codes([1, 2, 3])
    cursor = await centre.execute("SELECT DISTINCT municipality FROM code_designation")
    assert await cursor.fetchall() == [(CHIYODA,)]


async def test_a_repeated_request_gets_the_same_codes(centre: Connection):
    """A lost answer costs no code: the request's name leads to what it got."""
    first = await designate(centre, 1, 2, 3)

    assert set(await designate(centre, 4, 5, 6)) == set(first)
    cursor = await centre.execute("SELECT count(*) FROM code_designation")
    assert await cursor.fetchone() == (3,)


async def test_another_request_gets_other_codes(centre: Connection):
    """The next request of the same town gets codes that it has not."""
    first = await designate(centre, 1, 2)

    assert set(await designate(centre, 3, 4, request="2")).isdisjoint(first)


async def test_a_request_of_another_town_under_the_same_name_is_its_own(centre: Connection):
    """A request's name is the town's own."""
    await designate(centre, 1, 2)

    assert set(await designate(centre, 3, 4, to=CHUO)) == codes([3, 4])


async def test_no_code_is_designated_twice(centre: Connection):
    """A draw that hits a code of another town is drawn again."""
    await designate(centre, 1, 2)

    assert set(await designate(centre, 1, 2, 3, 4, to=CHUO, count=2)) == codes([3, 4])


async def test_a_code_that_somebody_bears_is_not_designated(centre: Connection):
    """People who were here before this registry keep their codes for themselves."""
    await centre.execute(
        "INSERT INTO code_succession (resident_code, person_id, since) VALUES (%s, 1, %s)", [code_of(1), NOON]
    )

    assert await designate(centre, 1, 2, count=1) == [code_of(2)]


async def test_a_number_is_derived_from_the_code(centre: Connection):
    """The first attempt of the keyed one-way derivation is the number, and it is kept."""
    await designate(centre, 1)

    assert await generate(centre, 1) == {code_of(1): derive(code_of(1), KEY)}
    cursor = await centre.execute("SELECT individual_number, resident_code, attempt FROM number_generation")
    assert await cursor.fetchall() == [(derive(code_of(1), KEY), code_of(1), 0)]


async def test_a_code_that_is_asked_for_twice_has_one_number(centre: Connection):
    """A repeated request generates nothing."""
    await designate(centre, 1, 2)
    first = await generate(centre, 1)

    again = await generate(centre, 1, 2)

    assert again[code_of(1)] == first[code_of(1)]
    cursor = await centre.execute("SELECT count(*) FROM number_generation")
    assert await cursor.fetchone() == (2,)


async def test_the_next_number_is_generated_where_the_latest_is_named(centre: Connection):
    """Who names the number that is to be replaced gets the next one, and again the same if asked again."""
    await designate(centre, 1)
    (first,) = (await generate(centre, 1)).values()

    (second,) = (await generate(centre, 1, previous=first)).values()

    assert second == derive(code_of(1), KEY, 1) != first
    assert (await generate(centre, 1, previous=first))[code_of(1)] == second
    (third,) = (await generate(centre, 1, previous=second)).values()
    assert third == derive(code_of(1), KEY, 2)


async def test_a_number_that_exists_is_passed_over(centre: Connection, monkeypatch: pytest.MonkeyPatch):
    """Where two codes lead to one number, the second gets that of its next attempt."""
    await designate(centre, 1, 2)

    def colliding(code: ResidentCode, _: bytes, attempt: int = 0) -> IndividualNumber:
        return number_of(7 if attempt == 0 else int(code[:-1]))

    monkeypatch.setattr(registry, "derive", colliding)
    one, other = (await generate(centre, 1)), (await generate(centre, 2))

    assert [*chain(one.values(), other.values())] == [number_of(7), number_of(2)]
    cursor = await centre.execute(
        "SELECT resident_code, attempt FROM number_generation ORDER BY resident_code"
    )
    assert await cursor.fetchall() == [(code_of(1), 0), (code_of(2), 1)]


async def test_two_codes_of_one_request_never_share_a_number(
    centre: Connection, monkeypatch: pytest.MonkeyPatch
):
    """Of two codes that collide within one request, one is tried again."""
    await designate(centre, 1, 2)
    monkeypatch.setattr(
        registry, "derive", lambda code, _, attempt=0: number_of(7 if attempt == 0 else int(code[:-1]))
    )

    numbers = await generate(centre, 1, 2)

    assert set(numbers) == codes([1, 2])
    assert len(set(numbers.values())) == 2
    assert number_of(7) in numbers.values()


async def test_a_number_that_somebody_bears_or_bore_is_passed_over(centre: Connection):
    """Numbers of people who were here before this registry are never given again, former ones included."""
    await designate(centre, 1)
    await centre.execute(
        "INSERT INTO number_succession (individual_number, person_id, since, until) VALUES (%s, 9, %s, %s)",
        [derive(code_of(1), KEY), NOON, NOON],
    )

    assert await generate(centre, 1) == {code_of(1): derive(code_of(1), KEY, 1)}


async def test_another_key_gives_another_number(centre: Connection):
    """Without the key nobody tells the number from the code."""
    await designate(centre, 1)
    numbers = await registry.generate(centre, {code_of(1): None}, bytes(31) + b"\x01", AT)

    assert numbers[code_of(1)] != derive(code_of(1), KEY)


async def test_no_number_is_generated_for_a_code_that_was_never_designated(centre: Connection):
    """One unknown code refuses the request, and nothing is generated."""
    await designate(centre, 1)

    with pytest.raises(Refused) as caught:
        await generate(centre, 1, 2)

    assert caught.value.refusal is registry.CODE_NOT_DESIGNATED
    cursor = await centre.execute("SELECT count(*) FROM number_generation")
    assert await cursor.fetchone() == (0,)


async def test_a_code_that_somebody_bears_needs_no_designation(centre: Connection):
    """Whoever came with an imported register has a code that this Centre did not designate."""
    await centre.execute(
        "INSERT INTO code_succession (resident_code, person_id, since) VALUES (%s, 1, %s)", [code_of(1), NOON]
    )

    assert set(await generate(centre, 1)) == codes([1])


async def test_for_nobody_no_number_is_generated(centre: Connection):
    """An empty request is answered with nothing."""
    assert await generate(centre) == {}
