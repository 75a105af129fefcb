# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Where persons stand (本人確認情報の現在の位置), and the search keys that lead there (令30条の6)."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import orjson

from openjuki.residents.look_up import NamesToFind
from openjuki.residents.search import address_key
from openjuki.residents.stays import current
from openjuki.store.database import copy_rows, queries
from openjuki.store.looking import Named, keep_names

if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import date

    from openjuki.residents.notice import Notice
    from openjuki.residents.stays import Person
    from openjuki.store.database import Connection

_SQL = queries("pointers")
_TYPES = ("int8", "int4", "int4", "text", "text", "date", "text", "text", "text")


class Moved(NamedTuple):
    """Somebody whose current version is another now."""

    person_id: int
    person: Person
    #: The notice that told it; None where it came earlier, and an earlier stay is current again.
    told: Notice | None
    #: Whether nobody knew the person before.
    is_new: bool


class _Items(NamedTuple):
    """The items that search keys are made of."""

    names: NamesToFind
    address: str
    birth_date: date


class _Pointer(NamedTuple):
    """A row of `person`."""

    person_id: int
    stay: int
    version: int
    state: str
    municipality: str
    birth_date: date
    name_key: str
    kana_key: str | None
    address_key: str


async def point(connection: Connection, moved: Sequence[Moved]) -> None:
    """Move the pointers of these persons, and their search keys with them."""
    stored = await _stored_items(connection, [one for one in moved if one.told is None])
    new = [_pointer(one, stored) for one in moved if one.is_new]
    await copy_rows(connection, _SQL["add"], _TYPES, new)
    old = [_pointer(one, stored)._asdict() for one in moved if not one.is_new]
    if old:
        await connection.execute(_SQL["move"], {"persons": orjson.dumps(old).decode()})
    await keep_names(connection, (_named(one, stored) for one in moved))


async def _stored_items(connection: Connection, moved: Sequence[Moved]) -> dict[int, _Items]:
    """The items of current versions that came before this batch."""
    if not moved:
        return {}
    values = {
        "persons": [one.person_id for one in moved],
        "stays": [one.person.current.stay for one in moved],
        "versions": [one.person.current.version for one in moved],
    }
    cursor = await connection.execute(_SQL["items"], values)
    return {
        person_id: _Items(NamesToFind._make(names), address, birth_date)
        for person_id, address, birth_date, *names in await cursor.fetchall()
    }


def _pointer(moved: Moved, stored: dict[int, _Items]) -> _Pointer:
    stay = moved.person.current
    items = _items_of(moved, stored)
    return _Pointer(
        moved.person_id,
        stay.stay,
        stay.version,
        current(moved.person).value,
        stay.municipality,
        items.birth_date,
        items.names.name_key,
        items.names.kana_key,
        address_key(items.address),
    )


def _named(moved: Moved, stored: dict[int, _Items]) -> Named:
    items = _items_of(moved, stored)
    return Named(moved.person_id, items.names, items.birth_date, moved.is_new)


def _items_of(moved: Moved, stored: dict[int, _Items]) -> _Items:
    if moved.told is None:
        return stored[moved.person_id]
    who = moved.told.identification
    names = NamesToFind(who.name, who.furigana, who.former_surname, who.former_surname_furigana, who.alias)
    return _Items(names, who.address, who.birth_date.sort)
