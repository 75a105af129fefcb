# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""The Centre's registry (住民票コードの指定, 法30条の2; 個人番号の生成, 番号法8条2項).

Rules of this file: a code is designated once, to one municipality; a number is generated once and
never again, also not after it was changed. Asking twice for the same thing gets the same answer.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from openjuki.codes.individual import derive
from openjuki.errors import Refused
from openjuki.refusal import Refusal
from openjuki.store.database import queries

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from datetime import datetime

    from openjuki.codes.resident import ResidentCode
    from openjuki.store.database import Connection

CODE_NOT_DESIGNATED = Refusal(
    code="JK-NUMBER-0001",
    rule="code-not-designated",
    article="番号法8条1項",
    message_ja="指定されていない住民票コードです。個人番号を生成できません。",
    message_en="The resident code was never designated; no number is generated for it.",
)
NOT_YOUR_RESIDENT = Refusal(
    code="JK-NUMBER-0002",
    rule="not-your-resident",
    article="番号法8条1項",
    message_ja="この市区町村に指定された住民票コードではなく、この市区町村の住民のものでもありません。",
    message_en="The code was designated to another municipality, and its bearer does not live in this one.",
)

_SQL = queries("registry")


async def designate(
    connection: Connection,
    municipality: str,
    request_id: str,
    count: int,
    draw: Callable[[], ResidentCode],
    at: datetime,
) -> list[str]:
    """Designate codes at random (法30条の2, 規則9条1項); the same request gets the same codes again."""
    request = {"municipality": municipality, "request_id": request_id, "at": at}
    cursor = await connection.execute(_SQL["designated"], request)
    codes = [code for (code,) in await cursor.fetchall()]
    while len(codes) < count:
        drawn = dict.fromkeys(str(draw()) for _ in range(count - len(codes)))
        cursor = await connection.execute(_SQL["designate"], request | {"codes": list(drawn)})
        new = {code for (code,) in await cursor.fetchall()}
        codes += [code for code in drawn if code in new]  # in the order of the draw, whatever the database's
    return codes


async def undesignated(connection: Connection, codes: Iterable[ResidentCode]) -> set[str]:
    """Those of the codes that were never designated and that nobody bears."""
    cursor = await connection.execute(_SQL["undesignated"], {"codes": list(codes)})
    return {code for (code,) in await cursor.fetchall()}


async def strangers(connection: Connection, municipality: str, codes: Iterable[ResidentCode]) -> set[str]:
    """Those of the codes for which a municipality may not ask: numbers go to where the person lives."""
    values = {"codes": list(codes), "municipality": municipality}
    cursor = await connection.execute(_SQL["strangers"], values)
    return {code for (code,) in await cursor.fetchall()}


async def generate(
    connection: Connection, previous: Mapping[ResidentCode, str | None], key: bytes, at: datetime
) -> dict[str, str]:
    """Generate a number for each code (番号法施行令8条); where `previous` is the latest, the next one.

    Raises:
        Refused: a code was never designated (番号法8条1項).
    """
    if await undesignated(connection, previous):
        raise Refused(CODE_NOT_DESIGNATED)
    cursor = await connection.execute(_SQL["generated"], {"codes": list(previous)})
    latest = {code: (attempt, number) for code, attempt, number in await cursor.fetchall()}
    numbers: dict[str, str] = {
        str(code): latest[code][1]
        for code in previous
        if code in latest and latest[code][1] != previous[code]
    }
    attempts = {
        code: latest[code][0] + 1 if code in latest else 0 for code in previous if str(code) not in numbers
    }
    while attempts:
        derived = {code: str(derive(code, key, attempt)) for code, attempt in attempts.items()}
        kept = await _keep(connection, derived, attempts, at)
        numbers |= {str(code): number for code, number in derived.items() if code in kept}
        attempts = {code: attempt + 1 for code, attempt in attempts.items() if code not in kept}
    return numbers


async def _keep(
    connection: Connection,
    derived: Mapping[ResidentCode, str],
    attempts: Mapping[ResidentCode, int],
    at: datetime,
) -> set[str]:
    """Register the numbers that are new, and return whose they are; the others collided."""
    values = {
        "numbers": list(derived.values()),
        "codes": list(derived),
        "attempts": [attempts[code] for code in derived],
        "at": at,
    }
    cursor = await connection.execute(_SQL["generate"], values)
    return {code for (code,) in await cursor.fetchall()}
