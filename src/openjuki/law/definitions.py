# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Our own definitions (独自の定め): what the Act leaves open, within what it does not.

Keys, items, methods, history and retention are ours to define per basis and per affair. No definition can let the
resident code or the individual number out where the Act does not: it is refused when the book is read, and
where the number depends on the Number Act it is taken away from affairs that have no permission.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any, Final

from openjuki.law.basis import (
    CODE,
    ITEMS,
    NUMBER,
    OWN_DEFINITIONS,
    OWN_NAME,
    Area,
    Basis,
    Key,
    Method,
    NumberRule,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

_LIKE: Final = "like"
#: What every default says; no history is told, and records are kept like others, where it does not say so.
_SAID_BY_DEFAULT: Final = ("keys", "narrowing", "items", "methods")
#: What a person is never looked for by less than (照会条件の限定).
_LEAST: Final = tuple(
    map(
        frozenset,
        (
            {Key.RESIDENT_CODE},
            {Key.INDIVIDUAL_NUMBER},
            {Key.NAME, Key.BIRTH_DATE},
            {Key.NAME, Key.ADDRESS},
        ),
    )
)


def _items(items: Any) -> tuple[str, ...]:
    unknown = [item for item in items if item not in ITEMS]
    if unknown:
        raise ValueError(f"no such item: {', '.join(map(str, unknown))}")
    if len(set(items)) != len(items):
        raise ValueError("an item stands twice")
    return tuple(items)


def _name(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("a retention is named")
    return value


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise TypeError("history is true or false")
    return value


_READERS: Final[Mapping[str, Callable[[Any], Any]]] = {
    "keys": lambda combinations: frozenset(frozenset(map(Key, keys)) for keys in combinations),
    "narrowing": lambda keys: frozenset(map(Key, keys)),
    "items": _items,
    "methods": lambda methods: frozenset(map(Method, methods)),
    "history": _flag,
    "retention": _name,
}


def default(name: str, defaults: Mapping[str, Mapping[str, Any]]) -> Mapping[str, Any]:
    """What the defaults say of a basis; where it is `like` another, what that one's say besides.

    Raises:
        KeyError: the defaults do not have it, or not all of it.
        ValueError: it says what is no definition, or is like one that is like another.
    """
    table = defaults[name]
    other = defaults[table[_LIKE]] if _LIKE in table else {}
    said = read(other) | read({key: value for key, value in table.items() if key != _LIKE})
    for member in _SAID_BY_DEFAULT:
        if member not in said:
            raise KeyError(member)
    return said


def said_anew(before: Mapping[str, Any], entry: Mapping[str, Any]) -> Mapping[str, Any]:
    """A default of which some members are said anew; one that is like another says everything.

    Raises:
        TypeError: it is no table.
    """
    return entry if _LIKE in entry else {**before, **entry}


def read(table: Mapping[str, Any]) -> dict[str, Any]:
    """What a table says of what the Act leaves open.

    Raises:
        ValueError: it says what is no definition, or names a key, item or method that there is not.
    """
    unknown = table.keys() - _READERS.keys()
    if unknown:
        raise ValueError(f"no such definition: {', '.join(sorted(unknown))}")
    return {name: _READERS[name](table[name]) for name in OWN_DEFINITIONS if name in table}


def check(basis: Basis) -> Basis:
    """The basis, whose definitions let nothing out that the Act does not, and nobody be looked for by less than must be.

    Raises:
        ValueError: they let out the code or the number (住民票コードを除く, 個人番号を除く), or what a book calls a person
            by itself (宛名番号) beyond that book; or a combination of keys is too wide (照会条件の限定).
    """
    if CODE in basis.items and not basis.code:
        raise ValueError(f"the Act does not let {CODE} out under {basis.id}")
    if basis.number is NumberRule.NEVER and NUMBER in basis.items:
        raise ValueError(f"the Act does not let {NUMBER} out under {basis.id}")
    if OWN_NAME in basis.items and basis.area is not Area.OWN_REGISTER:
        raise ValueError(f"{OWN_NAME} is nobody else's business under {basis.id}")
    if not all(any(least <= keys for least in _LEAST) for keys in basis.keys):
        raise ValueError(f"a combination of keys is too wide under {basis.id}")
    return basis


def without_number(basis: Basis) -> Basis:
    """The basis for an affair in which the number may not be used (番号法9条1項): neither told nor asked by."""
    return replace(
        basis,
        keys=frozenset(keys for keys in basis.keys if Key.INDIVIDUAL_NUMBER not in keys),
        narrowing=basis.narrowing - {Key.INDIVIDUAL_NUMBER},
        items=tuple(item for item in basis.items if item != NUMBER),
    )
