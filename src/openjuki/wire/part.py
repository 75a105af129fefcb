# SPDX-FileCopyrightText: The OpenJuki contributors
# SPDX-License-Identifier: Apache-2.0
"""Part of a bulk provision (一括提供の部分): what its row in the provider's journal says, and the rows it counts. Pure.

Rules of this file, specified in ``docs/spec/bulk-log.md``:

1. A part has a row for each key that led to somebody who was told about, in ascending order of resident code. Keys
   that led to nobody have none; they are counted.
2. A row is ten bytes, and its leaf is SHA-256(0x00 ‖ salt ‖ row). The leaves are those of an RFC 6962 tree, whose
   root the part states.
3. What a part states names nobody: it is the payload of a row of the journal, and may be shown to each person whose row
   it counts.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, ClassVar, Final, NamedTuple, Self

import orjson

from openjuki.codes.resident import ResidentCode
from openjuki.errors import BadEnvelope
from openjuki.law.basis import Method
from openjuki.residents.look_up.result import Result
from openjuki.wire.bulk import MOST_PART_ROWS, NO_ARTICLE, RESULT_BYTES, RESULTS, StateAt, read_counts
from openjuki.wire.document import Items
from openjuki.wire.leaf import leaf_time
from openjuki.wire.merkle import Tree, leaf_hash

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

#: Most bases of a part: a row names its own in a byte.
MOST_BASES: Final = NO_ARTICLE
#: Bytes of a row's salt.
SALT_SIZE: Final = 32
#: A code, a result, and the place of a basis.
_ROW: Final = struct.Struct(">QBB")
#: Results that are no provision.
_UNANSWERED: Final = frozenset((Result.NOT_PERMITTED, Result.MALFORMED))
#: Bytes of a row.
ROW_SIZE: Final = _ROW.size


class Carried(NamedTuple):
    """What some of a part's rows rest on (提供の根拠), and what is told under it."""

    #: 根拠条文.
    article: str
    #: Items that are told of somebody who is found.
    items: tuple[str, ...]
    #: What is said to have happened, where a part tells of changes: its name.
    change: str | None = None


class PartRow(NamedTuple):
    """Row of a part (提供の記録の行): somebody who was told about."""

    #: 住民票コード, the one that was in force.
    code: str
    result: Result
    #: Place in `Part.bases`.
    basis: int

    def to_bytes(self) -> bytes:
        """What its leaf commits to."""
        return _ROW.pack(int(self.code), RESULT_BYTES[self.result], self.basis)

    @classmethod
    def from_bytes(cls, raw: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            BadEnvelope: it did not.
        """
        try:
            code, result, basis = _ROW.unpack(raw)
            return cls(resident_code(code), RESULTS[result], basis)
        except (struct.error, KeyError) as error:
            raise BadEnvelope("these bytes are not a row of a part") from error

    def leaf(self, salt: bytes) -> bytes:
        """Hash of its leaf."""
        return leaf_hash(salt + self.to_bytes())


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    """Part of a bulk provision (一括提供の部分), as the provider's journal has it."""

    EMPTY_ROOT: ClassVar = Tree.EMPTY.root

    #: Id of the request, 32 hexadecimal digits.
    request: str
    #: Which part of its answer, from 0.
    number: int
    #: The node that asked, and the prefecture through which it did (都道府県知事を経て).
    asker: str
    through: str | None
    affair: str
    office: str
    operator: str
    terminal: str
    method: Method
    #: Digest of the reason that was given; nobody computes it again, and whoever has it can try short ones out.
    reason: bytes
    #: By what was looked for: ``resident_code``, ``individual_number``, ``four_items``.
    key: str
    #: What its rows rest on; a row names one by its place.
    bases: tuple[Carried, ...]
    #: How long it is kept (保存区分).
    retention: str
    state: StateAt
    #: When it was recorded.
    at: datetime
    #: How many keys came to which result: all of them, also those that led to nobody.
    results: Mapping[Result, int] = field(default_factory=dict)
    #: How many rows rest on each basis, in their order.
    told: tuple[int, ...] = ()
    #: Root over the leaves of its rows.
    root: bytes = EMPTY_ROOT

    @property
    def articles(self) -> tuple[str, ...]:
        """The article of each basis (根拠条文)."""
        return tuple(one.article for one in self.bases)

    @property
    def items(self) -> tuple[str, ...]:
        """Every item that is told under one basis or another (提供した項目), the first basis' first."""
        return tuple(dict.fromkeys(item for one in self.bases for item in one.items))

    @property
    def asked(self) -> int:
        """How many keys it answers."""
        return sum(self.results.values())

    @property
    def answered(self) -> int:
        """How many keys were answered, whoever was found or nobody: all but those that were refused or malformed."""
        return sum(count for result, count in self.results.items() if result not in _UNANSWERED)

    @property
    def rows(self) -> int:
        """How many rows it has."""
        return sum(self.told)

    def items_of(self, row: PartRow) -> tuple[str, ...]:
        """Which items were told of somebody: of who is found under a replaced code, none."""
        return () if row.result is Result.SUPERSEDED else self.bases[row.basis].items

    def to_bytes(self) -> bytes:
        """The payload of its row in the journal: canonical JSON."""
        payload: dict[str, Any] = {
            "affair": self.affair,
            "asker": self.asker,
            "bases": [
                {"article": one.article, "change": one.change, "items": one.items, "rows": rows}
                for one, rows in zip(self.bases, self.told, strict=True)
            ],
            "key": self.key,
            "method": self.method,
            "number": self.number,
            "office": self.office,
            "operator": self.operator,
            "reason": self.reason.hex(),
            "request": self.request,
            "results": {result.value: count for result, count in self.results.items() if count},
            "retention": self.retention,
            "root": self.root.hex(),
            "state": self.state.to_dict(),
            "terminal": self.terminal,
            "through": self.through,
            "time": leaf_time(self.at),
        }
        return orjson.dumps(payload, option=orjson.OPT_SORT_KEYS)

    @classmethod
    def from_bytes(cls, payload: bytes) -> Self:
        """Read what `to_bytes` wrote.

        Raises:
            BadEnvelope: it did not.
        """
        items = Items(payload)
        bases = items.list("bases")
        try:
            method = Method(items.take("method", str))
        except ValueError as error:
            raise BadEnvelope("missing or malformed: method") from error
        if len(bases) > MOST_BASES:
            raise BadEnvelope(f"a part has at most {MOST_BASES} bases")
        return cls(
            request=items.id("request"),
            number=items.count("number"),
            asker=items.node("asker"),
            through=items.maybe("through", items.node),
            affair=items.take("affair", str),
            office=items.take("office", str),
            operator=items.take("operator", str),
            terminal=items.take("terminal", str),
            method=method,
            reason=items.digest("reason"),
            key=items.take("key", str),
            bases=tuple(map(_carried, bases)),
            retention=items.take("retention", str),
            state=StateAt.from_items(items.inner("state")),
            at=items.time("time"),
            results=read_counts(items.inner("results")),
            told=tuple(one.count("rows", most=MOST_PART_ROWS) for one in bases),
            root=items.digest("root"),
        )


def resident_code(number: int) -> ResidentCode:
    """A code from the number that a part keeps of it.

    >>> resident_code(1334917064)
    '01334917064'
    """
    return ResidentCode(f"{number:011}")


def _carried(items: Items) -> Carried:
    told = items.take("items", list)
    if not all(isinstance(one, str) for one in told):
        raise BadEnvelope("missing or malformed: items")
    change = items.maybe("change", lambda name: items.take(name, str))
    return Carried(items.take("article", str), tuple(told), change)
