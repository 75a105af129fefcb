# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import psycopg
import pytest

from fixtures.notices import CHIYODA, CHUO, NOON, code_of, number_of
from openjuki.codes.individual import derive
from openjuki.errors import Refused
from openjuki.store import registry

pytestmark = pytest.mark.postgres

KEY = bytes(range(32))


async def designate(centre, count, *, municipality=CHIYODA, request_id="r", drawn=None):
    draws = iter(drawn or [code_of(person) for person in range(1, 50)])
    return await registry.designate(centre, municipality, request_id, count, lambda: next(draws), NOON)


async def bear(centre, table, value):
    """Somebody came with this code, or number, from a register that was there before the network."""
    await centre.execute(f"INSERT INTO {table} VALUES (%s, 1, %s)", [value, NOON])


class TestCodes:
    async def test_a_repeated_request_gets_the_same_codes(self, centre):
        """Asking again under the same id designates nothing more (法30条の2)."""
        first = await designate(centre, 3)

        assert first == [code_of(1), code_of(2), code_of(3)]
        assert await designate(centre, 3, drawn=[code_of(9)]) == first

    async def test_no_code_is_designated_twice(self, centre):
        """What another municipality was given, or somebody bears, is drawn again."""
        await designate(centre, 2)
        await bear(centre, "code_succession", code_of(3))

        assert await designate(centre, 2, municipality=CHUO) == [code_of(4), code_of(5)]

    async def test_a_designation_is_never_taken_back(self, centre):
        """The worker cannot delete or change a designation."""
        await designate(centre, 1)

        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            await centre.execute("UPDATE code_designation SET municipality = '131024'")


class TestNumbers:
    async def test_a_number_follows_from_its_code(self, centre):
        """Each designated code gets the number derived from it, and the same when asked again (番号法施行令6条)."""
        codes = await designate(centre, 2)
        wanted = dict.fromkeys(codes)

        numbers = await registry.generate(centre, wanted, KEY, NOON)
        assert numbers == {code: derive(code, KEY) for code in codes}
        assert await registry.generate(centre, wanted, KEY, NOON) == numbers

    async def test_a_changed_number_is_the_next_one(self, centre):
        """For a code whose number is to be replaced, the next attempt; the old one stays registered (番号法7条2項)."""
        (code,) = await designate(centre, 1)
        first = (await registry.generate(centre, {code: None}, KEY, NOON))[code]

        second = (await registry.generate(centre, {code: first}, KEY, NOON))[code]
        assert second == derive(code_of(1), KEY, 1)
        assert await registry.generate(centre, {code: first}, KEY, NOON) == {code: second}
        rows = await (await centre.execute("SELECT attempt FROM number_generation ORDER BY 1")).fetchall()
        assert rows == [(0,), (1,)]

    async def test_a_number_that_anybody_has_is_passed_over(self, centre):
        """A derived number that somebody came with is not given again."""
        (code,) = await designate(centre, 1)
        await bear(centre, "number_succession", derive(code_of(1), KEY))

        assert await registry.generate(centre, {code: None}, KEY, NOON) == {code: derive(code_of(1), KEY, 1)}

    async def test_a_number_generated_for_another_code_is_passed_over(self, centre, monkeypatch):
        """Two codes whose first numbers collide get different ones."""
        codes = await designate(centre, 2)
        monkeypatch.setattr(
            registry, "derive", lambda code, _key, attempt: number_of(attempt and int(code[-4:]))
        )

        numbers = await registry.generate(centre, dict.fromkeys(codes), KEY, NOON)
        assert len(set(numbers.values())) == 2

    async def test_codes_from_before_the_network_have_numbers_too(self, centre):
        """A code that somebody came with needs no designation."""
        await bear(centre, "code_succession", code_of(8))

        assert await registry.generate(centre, {code_of(8): None}, KEY, NOON) == {
            code_of(8): derive(code_of(8), KEY)
        }

    async def test_an_undesignated_code_gets_no_number(self, centre):
        """A code nobody designated and nobody bears is refused, and nothing is generated (番号法8条1項)."""
        (code,) = await designate(centre, 1)

        with pytest.raises(Refused) as raised:
            await registry.generate(centre, {code: None, code_of(30): None}, KEY, NOON)
        assert raised.value.refusal == registry.CODE_NOT_DESIGNATED
        assert await (await centre.execute("SELECT * FROM number_generation")).fetchall() == []
