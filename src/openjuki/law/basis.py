# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Bases (提供の根拠): the provisions under which information may be told, as values.

What the Act says of a basis cannot be said otherwise anywhere: whom it names, who provides, about whom, by
which road, and whether the resident code or the individual number may go out. The keys, items and methods
are our own definition, within that.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import StrEnum
from typing import TYPE_CHECKING, Final

from openjuki.residents.record import IdentificationInformation

if TYPE_CHECKING:
    from datetime import date

    from openjuki.config import Kind
    from openjuki.law.recipients import Body


class Key(StrEnum):
    """What a person is looked up by (照会条件)."""

    RESIDENT_CODE = "resident_code"
    INDIVIDUAL_NUMBER = "individual_number"
    #: The name as recorded, or its furigana.
    NAME = "name"
    BIRTH_DATE = "birth_date"
    ADDRESS = "address"
    SEX = "sex"


class Method(StrEnum):
    """How information is asked for (提供の方法)."""

    #: One person at a terminal, seen by an operator.
    TERMINAL = "terminal"
    #: System to system, answered at once (即時提供).
    ONLINE = "online"
    #: A file in, a file out, over the line (一括提供、電気通信回線).
    BULK = "bulk"
    #: The same on a medium that is handed over (一括提供、磁気ディスク等).
    MEDIA = "media"


class Area(StrEnum):
    """Whose information a basis opens, seen from who asks (対象の範囲)."""

    OWN_REGISTER = "own-register"
    SAME_PREFECTURE = "same-prefecture"
    OTHER_PREFECTURE = "other-prefecture"
    NATION = "nation"
    #: Whom the node that is asked records itself, or of whom it notified.
    PROVIDER = "provider"


class Route(StrEnum):
    """The road that question and answer take (提供の経路)."""

    WITHIN = "within"
    DIRECT = "direct"
    #: Through the governor of who asks.
    GOVERNOR = "governor"


class NumberRule(StrEnum):
    """Whether the individual number may be told (個人番号の提供の可否)."""

    NEVER = "never"
    #: Where the recipient may use it (番号法9条1項).
    NUMBER_ACT = "number-act"
    ALWAYS = "always"


#: What a basis takes from the defaults and an affair may say otherwise: our own definitions.
OWN_DEFINITIONS: Final = ("keys", "narrowing", "items", "methods", "history", "retention")
CODE: Final = "resident_code"
NUMBER: Final = "individual_number"
#: A municipality's own number of a person (宛名番号); in upper tiers, the book's own name for them.
OWN_NAME: Final = "resident_number"
#: What an answer may hold: identification information, what became of the person, a municipality's own number.
ITEMS: Final = frozenset(
    {field.name for field in fields(IdentificationInformation)}
    | {"state", "reason", "date_of_change", OWN_NAME}
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Basis:
    """A provision under which information may be told (提供の根拠), for an affair that rests on it."""

    id: str
    #: 根拠条文, with the row of the table where there is one.
    article: str
    title_ja: str
    title_en: str
    #: What kind of body may ask.
    recipient: Kind
    #: What kind of node answers.
    provider: Kind
    #: About whom.
    area: Area
    #: By which road.
    route: Route
    #: The first day in force.
    since: date
    #: The first day no longer in force.
    until: date | None = None
    #: Whether the Act lets the resident code out.
    code: bool = False
    #: Whether, and when, the Act lets the individual number out.
    number: NumberRule = NumberRule.NEVER
    #: The table of the Act (別表) that lists its affairs.
    table: int | None = None
    #: The row of that table (項), or the place in an ordinance.
    row: str = ""
    #: The recipient as the law writes it; empty: every node of the kind.
    listed: str = ""
    #: The names that stand in it.
    names: frozenset[str] = frozenset()
    #: Whose ordinance it is; None: the Act.
    government: str | None = None
    #: Combinations of keys, one of which a question must give (our own definition).
    keys: frozenset[frozenset[Key]] = frozenset()
    #: Keys that may be added, and find nobody by themselves (our own definition).
    narrowing: frozenset[Key] = frozenset()
    #: What an answer may hold, by the names of a notice, in this order (our own definition).
    items: tuple[str, ...] = ()
    #: How the question may be put (our own definition).
    methods: frozenset[Method] = frozenset()
    #: Whether an answer may hold what was recorded before (履歴; our own definition).
    history: bool = False
    #: How long its provisions stay on record, as a kind of the table of retentions (our own definition).
    retention: str = "provision"

    def is_in_force(self, on: date) -> bool:
        """Whether it is law on that day."""
        return self.since <= on and (self.until is None or on < self.until)

    def is_for(self, node: Kind, body: Body) -> bool:
        """Whether the law names who asks: by a name of the row, or every node of a kind (別表の上欄).

        An ordinance names bodies of its own prefecture, a town's those of the town; where it lets others be told by whose
        it is (法30条の13第2項, 法30条の14), bodies of theirs.
        """
        if not self.names:
            return node is self.recipient
        return (
            body.kind is self.recipient
            and not self.names.isdisjoint(body.names)
            and (self.area is Area.PROVIDER or self.government in {None, body.prefecture, body.government})
        )

    def opens(self, keys: frozenset[Key]) -> bool:
        """Whether none of these keys is closed to its affairs (使える照会条件)."""
        return keys <= self.narrowing.union(*self.keys)

    def suffices(self, keys: frozenset[Key]) -> bool:
        """Whether a question by these keys is not too wide (照会条件の限定)."""
        return any(combination <= keys for combination in self.keys)
